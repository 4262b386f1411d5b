"""Absent tools: what a user may wish for in vain."""

from random import Random

import pytest

from toolflow.absent import absent_tools
from toolflow.config import Config
from toolflow.graph import ToolGraph, packaged_graph
from toolflow.graph.names import words


@pytest.fixture(scope="module")
def graph() -> ToolGraph:
    """The packaged catalog's."""
    return packaged_graph(Config(), lambda *step: None)


@pytest.mark.parametrize("seed", range(30))
def test_no_tool_at_hand_speaks_of_the_same_thing(graph: ToolGraph, seed: int) -> None:
    """None is offered, and none shares a noun with one that is."""
    rng = Random(seed)
    offered = rng.sample(range(len(graph)), 4)
    names = {graph.tools[tool].name for tool in offered}
    found = absent_tools(graph, offered, rng)
    assert found
    for tool in found:
        assert tool.name not in names
        assert not any(set(words(tool.name)[1:]) & set(words(name)[1:]) for name in names)


def test_the_same_source_gives_the_same_tools(graph: ToolGraph) -> None:
    """Nothing else decides."""
    assert absent_tools(graph, [1, 2], Random(5)) == absent_tools(graph, [1, 2], Random(5))


def test_when_everything_is_offered_nothing_is_absent(graph: ToolGraph) -> None:
    """Then no wish can be made."""
    assert absent_tools(graph, range(len(graph)), Random(1)) == []
