"""The scene of a dialogue: which tools are on offer, and what the planner is asked to make of them.

What the dialogue is to have comes first (`toolflow.mix`), then tools that allow it: subsets are drawn until the
planner, who may not ask anybody for that, sees that one will do. Drawn at random instead, every second chain would
find no tool to feed another. Where none will do, the planner falls back to simpler kinds on the last subset. The
first half of the subsets begins at the tool whose turn it is (`toolflow.sample`), so that all tools come up; the
others begin anywhere, and so do all of a further attempt: the tool may be why there is one.

A subset of fewer tools than wanted, which is all that some corners of a graph have, is taken in the second half only.

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
from toolflow.mix import Hand
from toolflow.sample import Subset, draw_subset
from toolflow.schema import Draw, Tool


@dataclass(frozen=True, slots=True)
class Scene:
    """The tools of one dialogue."""

    tools: Sequence[Tool]
    """The subset, in walk order."""
    offered: Sequence[Tool]
    """What the assistant sees: the subset and its distractors, in random order."""


def draw_scene(graph: ToolGraph, config: Config, seed: int, draw: Draw, rng: Random, hand: Hand) -> Scene:
    """Tools for a dialogue without a plan; ``rng`` is the record's own."""
    return _set(graph, draw_subset(graph, config.sample, hand.tools, seed, _start(graph, draw, rng), rng), rng)


def draw_planned_scene(
    graph: ToolGraph, config: Config, seed: int, draw: Draw, rng: Random, hand: Hand, planner: Planner, today: date
) -> tuple[Scene, Brief]:
    """Tools for a dialogue of this hand, and what the planner is to be asked."""
    for number in range(1, config.plan.subsets + 1):
        late = 2 * number > config.plan.subsets + 1
        start = rng.randrange(len(graph)) if late else _start(graph, draw, rng)
        subset = draw_subset(graph, config.sample, hand.tools, seed, start, rng)
        absent = absent_tools(graph, (*subset.tools, *subset.distractors), rng)
        scene = _set(graph, subset, rng)
        brief = Brief(scene.tools, hand.kinds, _flows(graph, subset.tools), today, absent, hand.language)
        if (late or len(subset.tools) == hand.tools) and planner.allows(brief):
            break
    return scene, brief


def _start(graph: ToolGraph, draw: Draw, rng: Random) -> int:
    """The tool whose turn it is; of a further attempt, any."""
    return rng.randrange(len(graph)) if draw.attempt else draw.index


def _set(graph: ToolGraph, subset: Subset, rng: Random) -> Scene:
    offered = [graph.tools[tool] for tool in (*subset.tools, *subset.distractors)]
    rng.shuffle(offered)
    return Scene([graph.tools[tool] for tool in subset.tools], offered)


def _flows(graph: ToolGraph, subset: Sequence[int]) -> list[Flow]:
    """Every field pair of the graph that lets one tool of the subset feed another."""
    return [flow for one in subset for other in subset if one != other for flow in graph.flows(one, other)]
