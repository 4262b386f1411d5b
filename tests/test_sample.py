"""Sampling: Algorithm 1 of the paper, and our rules where it is silent."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.config import SampleConfig
from toolflow.sample import draw_subset, scatter, walk


class Graph:
    """A tool graph with nothing but neighbours."""

    def __init__(self, tools: int, edges: Sequence[tuple[int, int]]) -> None:
        self.adjacent: list[list[int]] = [[] for _ in range(tools)]
        for one, other in edges:
            if other not in self.adjacent[one]:
                self.adjacent[one].append(other)
                self.adjacent[other].append(one)

    def __len__(self) -> int:
        return len(self.adjacent)

    def neighbours(self, tool: int) -> list[int]:
        return self.adjacent[tool]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    tools = draw(st.integers(1, 12))
    pairs = [(one, other) for one in range(tools) for other in range(one)]
    return Graph(tools, draw(st.lists(st.sampled_from(pairs), max_size=30)) if pairs else [])


def component(graph: Graph, start: int) -> set[int]:
    found, pending = {start}, [start]
    while pending:
        fresh = set(graph.neighbours(pending.pop())) - found
        found |= fresh
        pending += fresh
    return found


@given(graphs(), st.integers(1, 6), st.integers())
def test_a_walk_visits_distinct_connected_tools_until_it_has_enough(graph: Graph, size: int, seed: int) -> None:
    """Distinct tools, each tied to an earlier one, as many as were asked for or as can be reached."""
    start = seed % len(graph)
    tools = walk(graph, start, size, Random(seed))
    assert tools[0] == start
    assert len(set(tools)) == len(tools) == min(size, len(component(graph, start)))
    assert all(set(graph.neighbours(tool)) & set(tools[:at]) for at, tool in enumerate(tools) if at)


def test_a_walk_goes_on_from_the_last_tool() -> None:
    """Along a line the walk keeps its direction: the last tool's only fresh neighbour is the next one."""
    line = Graph(5, [(at, at + 1) for at in range(4)])
    assert walk(line, 0, 4, Random(1)) == [0, 1, 2, 3]


def test_a_walk_steps_back_from_a_dead_end() -> None:
    """Of a star every leaf is a dead end; the walk goes on from the middle."""
    star = Graph(5, [(0, leaf) for leaf in range(1, 5)])
    assert set(walk(star, 1, 5, Random(3))) == {0, 1, 2, 3, 4}


def test_neighbours_are_drawn_uniformly() -> None:
    """Every neighbour of the last tool is as likely as every other."""
    star = Graph(5, [(0, leaf) for leaf in range(1, 5)])
    rng = Random(5)
    seconds = Counter(walk(star, 0, 2, rng)[1] for _ in range(4_000))
    assert all(900 < count < 1_100 for count in seconds.values())


def test_scattered_tools_need_no_edges() -> None:
    """The ablation without the graph draws from all tools."""
    assert len(set(scatter(Graph(6, []), 2, 4, Random(0)))) == 4


@given(graphs(), st.integers(0, 400), st.sampled_from(["walk", "random"]))
def test_a_subset_depends_on_seed_and_index_alone(graph: Graph, index: int, mode: str) -> None:
    """Drawn twice, in whatever order, record ``index`` gets the same tools; distractors are others."""
    config = SampleConfig.model_validate({"mode": mode})
    subset = draw_subset(graph, config, 7, index, Random(f"7:{index}"))
    draw_subset(graph, config, 7, index + 1, Random(0))
    assert draw_subset(graph, config, 7, index, Random(f"7:{index}")) == subset
    assert not set(subset.tools) & set(subset.distractors)
    assert len(set(subset.distractors)) == len(subset.distractors)


@pytest.mark.parametrize("seed", [0, 1])
def test_starts_cover_the_catalog_evenly(seed: int) -> None:
    """Every pass over the catalog starts once at every tool."""
    graph = Graph(10, [])
    config = SampleConfig()
    starts = [draw_subset(graph, config, seed, index, Random(index)).tools[0] for index in range(30)]
    assert [sorted(starts[at : at + 10]) for at in (0, 10, 20)] == [list(range(10))] * 3
    assert starts[:10] != starts[10:20]
