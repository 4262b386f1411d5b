"""Sampling: Algorithm 1 of the paper, our samplers, and our rules where it is silent."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.config import Config, SampleConfig, find_config, read_config
from toolflow.graph import ToolGraph, packaged_graph
from toolflow.sample import Subset, draw_subset
from toolflow.sample.distractors import draw_distractors
from toolflow.sample.draw import SAMPLERS
from toolflow.sample.samplers import fan_in, fan_out, flow, fresh, scatter, walk
from toolflow.schema import Tool


class Graph:
    """A tool graph with nothing but tools, ties and flows; a flow is a tie as well."""

    def __init__(
        self, tools: int, edges: Sequence[tuple[int, int]], flows: Sequence[tuple[int, int]] = (), names: str = ""
    ) -> None:
        spelled = names.split() or [f"do_{number}" for number in range(tools)]
        self.tools = tuple(Tool(name=name, description="", parameters={"type": "object"}) for name in spelled)
        self.ties: list[list[int]] = [[] for _ in range(tools)]
        self.consumers: list[list[int]] = [[] for _ in range(tools)]
        self.producers: list[list[int]] = [[] for _ in range(tools)]
        for one, other in (*edges, *flows):
            if other not in self.ties[one]:
                self.ties[one].append(other)
                self.ties[other].append(one)
        for producer, consumer in dict.fromkeys(flows):
            self.consumers[producer].append(consumer)
            self.producers[consumer].append(producer)

    def __len__(self) -> int:
        return len(self.tools)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    tools = draw(st.integers(1, 12))
    pairs = [(one, other) for one in range(tools) for other in range(tools) if one != other]
    if not pairs:
        return Graph(tools, [])
    some = st.lists(st.sampled_from(pairs), max_size=20)
    return Graph(tools, draw(some), draw(some))


def component(graph: Graph, start: int) -> set[int]:
    found, pending = {start}, [start]
    while pending:
        fresh = set(graph.ties[pending.pop()]) - found
        found |= fresh
        pending += fresh
    return found


@pytest.mark.parametrize("sampler", [walk, flow, fan_out, fan_in])
@given(graph=graphs(), size=st.integers(1, 6), seed=st.integers())
def test_tools_are_distinct_and_connected_and_enough(sampler, graph: Graph, size: int, seed: int) -> None:
    """The start and others that can be reached from it, as many as were asked for or as there are."""
    start = seed % len(graph)
    tools = sampler(graph, start, size, Random(seed))
    reached = component(graph, start)
    assert start in tools
    assert set(tools) <= reached
    assert len(set(tools)) == len(tools) == min(size, len(reached))


@given(graphs(), st.integers(1, 6), st.integers())
def test_a_walk_begins_at_its_start_and_each_tool_is_tied_to_an_earlier_one(graph: Graph, size: int, seed: int) -> None:
    """As in Algorithm 1."""
    tools = walk(graph, seed % len(graph), size, Random(seed))
    assert tools[0] == seed % len(graph)
    assert all(set(graph.ties[tool]) & set(tools[:at]) for at, tool in enumerate(tools) if at)


def test_a_walk_goes_on_from_the_last_tool() -> None:
    """Along a line the walk keeps its direction: the last tool's only fresh neighbour is the next one."""
    line = Graph(5, [(at, at + 1) for at in range(4)])
    assert walk(line, 0, 4, Random(1)) == [0, 1, 2, 3]


def test_a_walk_steps_back_from_a_dead_end() -> None:
    """Of a star every leaf is a dead end; the walk goes on from the middle."""
    star = Graph(5, [(0, leaf) for leaf in range(1, 5)])
    assert set(walk(star, 1, 5, Random(3))) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(("choices", "taken"), [(range(4), ()), (range(8), (1, 3, 5, 7)), (range(5), (1,))])
def test_a_step_is_drawn_uniformly(choices: range, taken: tuple[int, ...]) -> None:
    """Every tool that is not taken is as likely as every other, however many are taken."""
    free = set(choices) - set(taken)
    rng = Random(5)
    drawn = Counter(fresh(choices, taken, rng) for _ in range(1_000 * len(free)))
    assert set(drawn) == free
    assert all(880 < count < 1_120 for count in drawn.values())


def test_a_hub_is_not_in_every_subset() -> None:
    """Ours take a step to a tool that all others lead to less often than a walk does."""
    ring = [(at, at % 20 + 1) for at in range(1, 21)]
    wheel = Graph(21, [], [*((0, leaf) for leaf in range(1, 21)), *((leaf, 0) for leaf in range(1, 21)), *ring])
    seen = {
        sampler: sum(0 in sampler(wheel, start, 3, Random(start)) for start in range(1, 21)) for sampler in (walk, flow)
    }
    assert seen[flow] < seen[walk]


@pytest.mark.parametrize("start", range(4))
def test_a_flow_is_a_line_around_its_start(start: int) -> None:
    """Each tool feeds the next, wherever the line was begun."""
    line = Graph(4, [(0, 3)], [(at, at + 1) for at in range(3)])
    for seed in range(20):
        tools = flow(line, start, 3, Random(seed))
        assert list(pairwise(tools)) == [(at, at + 1) for at in range(tools[0], tools[0] + 2)]


@pytest.mark.parametrize("start", range(4))
def test_fans_have_one_hub(start: int) -> None:
    """One producer of all the others comes first; one consumer of all the others comes last."""
    leaves = range(1, 4)
    assert fan_out(Graph(4, [], [(0, leaf) for leaf in leaves]), start, 3, Random(start))[0] == 0
    assert fan_in(Graph(4, [], [(leaf, 0) for leaf in leaves]), start, 3, Random(start))[-1] == 0


def test_scattered_tools_need_no_edges() -> None:
    """The ablation without the graph draws from all tools."""
    assert len(set(scatter(Graph(6, []), 2, 4, Random(0)))) == 4
    assert len(set(scatter(Graph(3, []), 2, 4, Random(0)))) == 3


@given(graphs(), st.integers(0, 400), st.sampled_from([*SAMPLERS, None]))
def test_a_subset_depends_on_seed_and_index_alone(graph: Graph, index: int, mode: str | None) -> None:
    """Drawn twice, in whatever order, record ``index`` gets the same tools; distractors are others."""
    config = SampleConfig.model_validate({"mode": mode} if mode else {})
    subset = draw_subset(graph, config, 3, 7, index, Random(f"7:{index}"))
    draw_subset(graph, config, 3, 7, index + 1, Random(0))
    assert draw_subset(graph, config, 3, 7, index, Random(f"7:{index}")) == subset
    assert subset.mode in config.mode
    assert not set(subset.tools) & set(subset.distractors)
    assert len(set(subset.distractors)) == len(subset.distractors)


@pytest.mark.parametrize("seed", [0, 1])
def test_starts_cover_the_catalog_evenly(seed: int) -> None:
    """Every pass over the catalog starts once at every tool."""
    graph = Graph(10, [])
    starts = [draw_subset(graph, SampleConfig(), 3, seed, index, Random(index)).tools[0] for index in range(30)]
    assert [sorted(starts[at : at + 10]) for at in (0, 10, 20)] == [list(range(10))] * 3
    assert starts[:10] != starts[10:20]


@pytest.mark.parametrize(
    ("chosen", "other", "rival"),
    [
        ("find_flights", "search_direct_flights", True),
        ("get_weather", "fetch_weather", True),
        ("book_flight", "book_return_flight", True),
        ("book_flight", "cancel_flight", False),
        ("find_flights", "book_flight", False),
        ("find_flights", "find_hotels", False),
        ("get_flight_status", "get_flight_price", False),
    ],
)
@pytest.mark.parametrize("near", [0.0, 1.0])
def test_no_distractor_could_do_the_work_of_a_chosen_tool(chosen: str, other: str, rival: bool, near: float) -> None:
    """Near or far: with a rival the plan would have two right answers."""
    graph = Graph(2, [(0, 1)], names=f"{chosen} {other}")
    assert draw_distractors(graph, [0], 1, near, Random(0)) == ([] if rival else [1])


def test_distractors_are_near_or_far() -> None:
    """``near_distractors`` is the share of those that are neighbours; a chosen tool without any gets far ones."""
    graph = Graph(100, [(0, 1), (0, 2), (0, 3)])
    drawn = {
        near: Counter(draw_distractors(graph, [0], 1, near, Random(at))[0] for at in range(200)) for near in (0, 1)
    }
    assert set(drawn[1]) == {1, 2, 3}
    assert len(drawn[0]) > 50
    assert draw_distractors(graph, [50], 2, 1.0, Random(0))


@pytest.mark.parametrize("mode", [["walk"], {"stroll": 1}, {}, {"walk": 0}, {"walk": -1, "flow": 2}, "stroll"])
def test_a_mix_needs_known_samplers_with_weights(mode: object) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="mode"):
        SampleConfig.model_validate({"mode": mode})


def test_one_name_is_a_mix_of_one() -> None:
    """``mode: walk``; the paper's preset has its Algorithm 1 and nothing else."""
    assert SampleConfig.model_validate({"mode": "walk"}).mode == {"walk": 1.0}
    assert read_config(find_config("paper")).sample.mode == {"walk": 1.0}


@pytest.fixture(scope="module")
def packaged() -> ToolGraph:
    return packaged_graph(Config())


def subsets(graph: ToolGraph, seed: int, mode: str | None = None, number: int = 8_000) -> list[Subset]:
    config = SampleConfig.model_validate({"mode": mode} if mode else {})
    draws = ((2 + index % 3, seed, index, Random(f"{seed}:{index}")) for index in range(number))
    return [draw_subset(graph, config, *draw) for draw in draws]


@pytest.mark.parametrize("seed", range(3))
def test_every_tool_of_the_packaged_catalog_has_its_share(packaged: ToolGraph, seed: int) -> None:
    """In 8,000 subsets no tool with an edge comes less than a third or more than three times as often as the mean.

    That counts the chosen tools. As distractors none comes more than three times as often as the mean either.
    """
    drawn = subsets(packaged, seed)
    tied = [tool for tool, degree in enumerate(packaged.degrees().tolist()) if degree]
    chosen = Counter(tool for subset in drawn for tool in subset.tools)
    mean = sum(chosen[tool] for tool in tied) / len(tied)
    assert all(mean / 3 <= chosen[tool] <= 3 * mean for tool in tied)
    beside = Counter(tool for subset in drawn for tool in subset.distractors)
    assert max(beside.values()) <= 3 * beside.total() / len(packaged)


@pytest.mark.parametrize(("mode", "share"), [("flow", 0.95), ("fan_out", 0.95), ("fan_in", 0.95), (None, 0.9)])
def test_subsets_of_the_packaged_catalog_have_flows(packaged: ToolGraph, mode: str | None, share: float) -> None:
    """A chain can be planned in nearly all of them."""
    drawn = subsets(packaged, 0, mode, 500)
    feeds = sum(any(set(packaged.consumers[tool]) & set(subset.tools) for tool in subset.tools) for subset in drawn)
    assert feeds / len(drawn) >= share


def test_producers_and_consumers_are_those_with_a_flow(packaged: ToolGraph) -> None:
    """The directed lists say what `ToolGraph.flows` says."""
    for tool in range(0, len(packaged), 7):
        others = packaged.neighbours(tool).tolist()
        assert list(packaged.consumers[tool]) == [other for other in others if packaged.flows(tool, other)]
        assert list(packaged.producers[tool]) == [other for other in others if packaged.flows(other, tool)]
        assert list(packaged.ties[tool]) == others
