"""Scenes: tools that allow what is wanted, drawn until they do."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

import pytest

from tests.test_synthesize import RingGraph
from toolflow.cast import Brief
from toolflow.config import Config
from toolflow.graph import ToolGraph, packaged_graph
from toolflow.mix import dealt
from toolflow.scene import Scene, draw_planned_scene, draw_scene
from toolflow.schema import Draw, Plan
from toolflow.selfplay import make_selfplay_cast

TODAY = date(2026, 5, 14)


@pytest.fixture(scope="module")
def graph() -> ToolGraph:
    return packaged_graph(Config())


@dataclass
class Choosy:
    """A planner that allows the subset of its choice."""

    choice: int
    seen: list[Brief] = field(default_factory=list)

    def allows(self, brief: Brief) -> bool:
        self.seen.append(brief)
        return len(self.seen) == self.choice

    async def plan(self, brief: Brief) -> Plan:
        raise NotImplementedError


def scene(graph: ToolGraph, planner: Choosy, subsets: int = 20) -> tuple[Scene, Brief]:
    config = Config.model_validate({"plan": {"subsets": subsets}})
    return draw_planned_scene(graph, config, 7, Draw(3), Random("7:3"), dealt(config.mix, 7, 3), planner, TODAY)


@pytest.mark.parametrize("choice", [1, 2, 9, 20])
def test_the_first_subset_that_will_do_is_taken(graph: ToolGraph, choice: int) -> None:
    """No further one is drawn; the brief is the very one that was allowed."""
    planner = Choosy(choice)
    found, brief = scene(graph, planner)
    assert len(planner.seen) == choice
    assert brief is planner.seen[-1]
    assert found.tools == brief.tools
    assert {tool.name for tool in brief.tools} <= {tool.name for tool in found.offered}


def test_where_none_will_do_the_last_one_is_taken(graph: ToolGraph) -> None:
    """So many are drawn as the settings allow, from the tool whose turn it is and then from others."""
    planner = Choosy(0)
    _, brief = scene(graph, planner, subsets=12)
    assert len(planner.seen) == 12
    assert brief is planner.seen[-1]
    met = Counter(tool.name for one in planner.seen for tool in one.tools)
    assert met.most_common(1)[0][1] >= 6
    assert len({one.tools[0].name for one in planner.seen}) > 1


def test_fewer_tools_are_the_second_choice() -> None:
    """Asked of the planner in the second half of the subsets, when there was none of the size wanted."""
    config = Config()
    graph: Any = RingGraph()
    hand = replace(dealt(config.mix, 7, 3), tools=len(graph) + 1)
    planner = Choosy(0)
    draw_planned_scene(graph, config, 7, Draw(3), Random("7:3"), hand, planner, TODAY)
    assert len(planner.seen) == config.plan.subsets // 2
    patient = Choosy(1)
    _, brief = draw_planned_scene(graph, config, 7, Draw(3), Random("7:3"), hand, patient, TODAY)
    assert brief is patient.seen[0]


def test_a_further_attempt_begins_anywhere(graph: ToolGraph) -> None:
    """The first one begins at the tool whose turn it is, half of the time."""
    met = []
    for attempt in range(2):
        planner = Choosy(0)
        config = Config()
        draw = Draw(3, attempt)
        draw_planned_scene(graph, config, 7, draw, Random("7:3"), dealt(config.mix, 7, 3), planner, TODAY)
        tools = Counter(tool.name for brief in planner.seen for tool in brief.tools)
        met.append(tools.most_common(1)[0][1])
    assert met[0] >= 15 > met[1]


def test_the_same_record_has_the_same_scene(graph: ToolGraph) -> None:
    """Whatever was drawn before it."""
    assert scene(graph, Choosy(5)) == scene(graph, Choosy(5))
    config, hand = Config(), dealt(Config().mix, 7, 3)
    one, other = (draw_scene(graph, config, 7, Draw(3), Random(1), hand) for _ in range(2))
    assert one == other


def test_selfplay_plans_have_the_kinds_wanted(graph: ToolGraph) -> None:
    """Of 100 dialogues of the packaged catalog all but a few are just what the shares ask for."""
    met = 0
    for index in range(100):
        rng, hand = Random(f"7:{index}"), dealt(Config().mix, 7, index)
        planner = make_selfplay_cast(rng).planner
        _, brief = draw_planned_scene(graph, Config(), 7, Draw(index), rng, hand, planner, TODAY)
        made = asyncio.run(planner.plan(brief))
        met += [request.kind for request in made.requests] == list(brief.kinds)
    assert met > 90
