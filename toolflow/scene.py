"""The scene of a dialogue: which tools are on offer, and what the planner is asked to make of them.

The kinds of request come first (`toolflow.plan.deal`), then tools that allow them: subsets are drawn until the
planner, who may not ask anybody for that, sees that one will do. Drawn at random instead, every second chain would
find no tool to feed another. Where none will do, the planner falls back to simpler kinds on the last subset. The
first half of the subsets begins at the tool whose turn it is (`toolflow.sample`), so that all tools come up; the
others begin anywhere.

It plans nothing itself, and knows no cast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from toolflow.absent import absent_tools
from toolflow.cast import Brief, Flow, Planner
from toolflow.config import Config
from toolflow.graph import ToolGraph
from toolflow.plan import dealt_kinds
from toolflow.sample import Subset, draw_subset
from toolflow.schema import Tool


@dataclass(frozen=True, slots=True)
class Scene:
    """The tools of one dialogue."""

    tools: Sequence[Tool]
    """The subset, in walk order."""
    offered: Sequence[Tool]
    """What the assistant sees: the subset and its distractors, in random order."""


def draw_scene(graph: ToolGraph, config: Config, seed: int, index: int, rng: Random) -> Scene:
    """Tools for a dialogue without a plan; ``rng`` is the record's own."""
    return _set(graph, draw_subset(graph, config.sample, seed, index, rng), rng)


def draw_planned_scene(
    graph: ToolGraph, config: Config, seed: int, index: int, rng: Random, planner: Planner, today: date
) -> tuple[Scene, Brief]:
    """Tools for a dialogue of the kinds that are this record's, and what the planner is to be asked."""
    kinds = dealt_kinds(config.plan, seed, index)
    for attempt in range(1, config.plan.subsets + 1):
        start = index if 2 * attempt <= config.plan.subsets + 1 else rng.randrange(len(graph))
        subset = draw_subset(graph, config.sample, seed, start, rng)
        absent = absent_tools(graph, (*subset.tools, *subset.distractors), rng)
        scene = _set(graph, subset, rng)
        brief = Brief(scene.tools, kinds, _flows(graph, subset.tools), today, absent)
        if planner.allows(brief):
            break
    return scene, brief


def _set(graph: ToolGraph, subset: Subset, rng: Random) -> Scene:
    offered = [graph.tools[tool] for tool in (*subset.tools, *subset.distractors)]
    rng.shuffle(offered)
    return Scene([graph.tools[tool] for tool in subset.tools], offered)


def _flows(graph: ToolGraph, subset: Sequence[int]) -> list[Flow]:
    """Every field pair of the graph that lets one tool of the subset feed another."""
    return [flow for one in subset for other in subset if one != other for flow in graph.flows(one, other)]
