"""The samplers: from a start and a number, the tools of one dialogue in the order they were met.

- ``walk`` is the paper's Algorithm 1: from the last tool, go to a uniformly random neighbour, add it when it is
  new, stop when there are enough. As printed it never ends when every neighbour of the last tool is taken.
  Ours draws among those not yet taken (the same distribution, since taken ones are only drawn again), and
  when there are none goes on from the tool before, back to the start.
- ``scatter`` is the paper's ablation without the graph.
- The others are ours, and follow what feeds what: ``flow`` a line of producers and consumers, ``fan_out`` one
  producer and several of its consumers, ``fan_in`` several producers of one consumer. Where the graph has no more
  of them they go on as a walk does, so that a sampler finds as many tools as a walk.

In ours a step to a tool that can be reached from many others is often drawn again (Metropolis and Hastings'
correction: taken with the probability own choices / the other's), so that hubs are not in every dialogue.
"""

from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import Protocol

TRIES = 8
"""Draws of a step; the last one counts, however many others lead to it."""


class Rows(Protocol):
    """For each tool a list of others."""

    def __getitem__(self, tool: int, /) -> Sequence[int]:
        """Those of one tool."""
        ...


class Graph(Protocol):
    """What sampling needs of a tool graph."""

    @property
    def ties(self) -> Rows:
        """The neighbours of each tool."""
        ...

    @property
    def consumers(self) -> Rows:
        """Those that the result of each tool can feed."""
        ...

    @property
    def producers(self) -> Rows:
        """Those whose result can feed each tool."""
        ...

    def __len__(self) -> int:
        """Number of tools."""
        ...


Sampler = Callable[[Graph, int, int, Random], list[int]]
"""(graph, start, size, random source): up to ``size`` distinct tools, the start among them."""


def walk(graph: Graph, start: int, size: int, rng: Random) -> list[int]:
    """Algorithm 1."""
    tools = [start]
    _go_on(tools, size, lambda last: fresh(graph.ties[last], tools, rng))
    return tools


def scatter(graph: Graph, start: int, size: int, rng: Random) -> list[int]:
    """The start and other tools, drawn uniformly."""
    tools = [start]
    while len(tools) < min(size, len(graph)):
        tool = int(rng.random() * len(graph))
        if tool not in tools:
            tools.append(tool)
    return tools


def flow(graph: Graph, start: int, size: int, rng: Random) -> list[int]:
    """A line along which each tool can feed the next; the start stands anywhere in it."""
    tools = [start]
    while len(tools) < size:
        for at_end in (True, False) if rng.random() < 0.5 else (False, True):
            if at_end:
                tool = damped(graph.consumers, graph.producers, tools[-1], tools, rng)
            else:
                tool = damped(graph.producers, graph.consumers, tools[0], tools, rng)
            if tool is not None:
                tools.insert(len(tools) if at_end else 0, tool)
                break
        else:
            break
    return _filled(graph, tools, size, rng)


def fan_out(graph: Graph, start: int, size: int, rng: Random) -> list[int]:
    """A producer and several of its consumers; the start is the producer if it can be, else a consumer."""
    return _filled(graph, _fan(graph.consumers, graph.producers, start, size, rng), size, rng)


def fan_in(graph: Graph, start: int, size: int, rng: Random) -> list[int]:
    """Several producers and a consumer of theirs; the start is the consumer if it can be, else a producer."""
    tools = _fan(graph.producers, graph.consumers, start, size, rng)
    return _filled(graph, tools[::-1], size, rng)


def _fan(spokes: Rows, hubs: Rows, start: int, size: int, rng: Random) -> list[int]:
    """A hub, and as many as are wanted of those it leads to."""
    hub = start if spokes[start] or size < 2 else damped(hubs, spokes, start, (), rng)
    tools = [start] if hub is None or hub == start else [hub, start]
    while hub is not None and len(tools) < size:
        spoke = damped(spokes, hubs, hub, tools, rng)
        if spoke is None:
            break
        tools.append(spoke)
    return tools


def _filled(graph: Graph, tools: list[int], size: int, rng: Random) -> list[int]:
    """The tools, and further ones in their neighbourhood until there are enough."""
    if len(tools) < size:
        _go_on(tools, size, lambda last: damped(graph.ties, graph.ties, last, tools, rng))
    return tools


def _go_on(tools: list[int], size: int, step: Callable[[int], int | None]) -> None:
    """Add steps from the last tool, or from one before where none is left."""
    trail = list(tools)
    while trail and len(tools) < size:
        tool = step(trail[-1])
        if tool is None:
            trail.pop()
        else:
            tools.append(tool)
            trail.append(tool)


def damped(onward: Rows, back: Rows, last: int, taken: Collection[int], rng: Random) -> int | None:
    """A tool after ``last`` that is not taken, the less likely the more tools it can be reached from."""
    choices = onward[last]
    tool = None
    for _ in range(TRIES):
        tool = fresh(choices, taken, rng)
        if tool is None or rng.random() * len(back[tool]) < len(choices):
            break
    return tool


def fresh(choices: Sequence[int], taken: Collection[int], rng: Random) -> int | None:
    """One of those not taken, uniformly; None when there is none."""
    if len(choices) > 2 * len(taken):  # at least half of them are free: drawing again soon ends
        while True:
            tool = choices[int(rng.random() * len(choices))]
            if tool not in taken:
                return tool
    free = [tool for tool in choices if tool not in taken]
    return free[int(rng.random() * len(free))] if free else None
