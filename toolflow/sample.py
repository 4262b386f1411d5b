"""Sampling: which tools a dialogue gets (paper §3.2, Algorithm 1).

A subset is a random walk on the tool graph: from the last tool, go to a uniformly random neighbour,
add it when it is new, stop when there are n. The choices that the paper leaves open, and ours:

- Starts: a fresh shuffle of all tools for every pass over the catalog, so that a long run covers it
  evenly. Record ``index`` takes start ``index mod N`` of pass ``index div N``.
- Dead ends: as printed, the walk never ends when every neighbour of the last tool is taken. Ours
  draws among the neighbours not yet taken (the same distribution, since taken ones are only drawn
  again), and when there are none goes on from the tool before, back to the start.
- Isolated starts, and components smaller than n, give a smaller subset.
- n is drawn from a configured distribution; distractors are drawn uniformly from the other tools.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Protocol, TypeVar

from toolflow.config import SampleConfig

T = TypeVar("T")


class Neighbourhood(Protocol):
    """What sampling needs of a tool graph."""

    def __len__(self) -> int:
        """Number of tools."""
        ...

    def neighbours(self, tool: int) -> Iterable[int]:
        """Tools tied to this one."""
        ...


@dataclass(frozen=True, slots=True)
class Subset:
    """The tools of one dialogue, as positions in the catalog."""

    tools: tuple[int, ...]
    """In walk order."""
    distractors: tuple[int, ...]
    """Offered to the assistant as well, though the plan has no use for them."""


def draw_subset(graph: Neighbourhood, config: SampleConfig, seed: int, index: int, rng: Random) -> Subset:
    """The subset of record ``index``; ``rng`` is the record's own."""
    start = _pass_order(len(graph), seed, index // len(graph))[index % len(graph)]
    size = min(weighted(config.size, rng), len(graph))
    tools = walk(graph, start, size, rng) if config.mode == "walk" else scatter(graph, start, size, rng)
    wanted = min(weighted(config.distractors, rng), len(graph) - len(tools))
    distractors: list[int] = []
    while len(distractors) < wanted:
        tool = rng.randrange(len(graph))
        if tool not in tools and tool not in distractors:
            distractors.append(tool)
    return Subset(tuple(tools), tuple(distractors))


def walk(graph: Neighbourhood, start: int, size: int, rng: Random) -> list[int]:
    """Algorithm 1 from ``start``: up to ``size`` distinct tools, in the order they were met."""
    tools = [start]
    trail = [start]
    while trail and len(tools) < size:
        fresh = [tool for tool in graph.neighbours(trail[-1]) if tool not in tools]
        if not fresh:
            trail.pop()
            continue
        step = int(rng.choice(fresh))
        tools.append(step)
        trail.append(step)
    return tools


def scatter(graph: Neighbourhood, start: int, size: int, rng: Random) -> list[int]:
    """The ablation without the graph: ``start`` and other tools drawn uniformly."""
    tools = [start]
    while len(tools) < size:
        tool = rng.randrange(len(graph))
        if tool not in tools:
            tools.append(tool)
    return tools


def weighted(weights: Mapping[T, float], rng: Random) -> T:
    """One key, drawn by weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


@lru_cache(maxsize=4)
def _pass_order(tools: int, seed: int, number: int) -> tuple[int, ...]:
    order = list(range(tools))
    Random(f"{seed}:pass:{number}").shuffle(order)
    return tuple(order)
