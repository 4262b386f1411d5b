"""Distractors: tools that the assistant is offered and the plan has no use for (ours; the paper has none).

A near one is a neighbour of a chosen tool, so that it takes reading to tell them apart; a far one is drawn from
the whole catalog. Neither may be a rival, which could do a chosen tool's work as well: the plan would then have two
right answers, and an assistant that takes the other one would be taught it is wrong. Whether it could is told
by the names, the only thing every tool has: rivals speak of the same things, one perhaps of more of them, and both
look something up, or begin with the same verb. ``find_flights`` and ``search_direct_flights`` are rivals,
``book_flight``, ``cancel_flight`` and ``find_flights`` are not. A rule that goes by fields instead would either miss
most rivals, as many tools tell nothing of their results, or take the best distractors for rivals, which ask for
the same arguments.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random
from typing import Protocol

from toolflow.graph.names import words
from toolflow.sample.samplers import Graph, damped
from toolflow.schema import Tool

TRIES = 16
"""Draws for each distractor; where rivals are all that is found, there are fewer distractors."""

_LOOKUPS = frozenset(
    "browse check display fetch find get list look lookup query read retrieve search see show view".split()
)
_SMALL = frozenset("a all an and api by for from in info of on or the to v1 v2 v3 with your".split())


Job = tuple[str, frozenset[str]]


class GraphOfTools(Graph, Protocol):
    """A graph that knows its tools as well."""

    @property
    def tools(self) -> tuple[Tool, ...]:
        """By number."""
        ...


def draw_distractors(graph: GraphOfTools, chosen: Sequence[int], wanted: int, near: float, rng: Random) -> list[int]:
    """Up to ``wanted`` tools that are not chosen; ``near`` is the share of those near."""
    jobs = [job(graph.tools[tool].name) for tool in chosen]
    taken = list(chosen)
    for _ in range(wanted):
        is_near = rng.random() < near
        for at in range(TRIES):
            if is_near and at < TRIES // 2:
                tool = damped(graph.ties, graph.ties, chosen[int(rng.random() * len(chosen))], taken, rng)
            else:
                tool = int(rng.random() * len(graph))
            if tool is not None and tool not in taken and not _is_rival(job(graph.tools[tool].name), jobs):
                taken.append(tool)
                break
    return taken[len(chosen) :]


def _is_rival(one: Job, others: Iterable[Job]) -> bool:
    """Whether a tool could do what one of the others does."""
    verb, things = one
    return any(verb == other and (things <= about or things >= about) for other, about in others)


@lru_cache(maxsize=100_000)
def job(name: str) -> Job:
    """What a tool does, by its name: the verb, "" where it looks something up, and the things it is about."""
    said = [word for word in words(name) if word not in _SMALL]
    if not said:
        return "", frozenset()
    if said[0] in _LOOKUPS:
        return "", frozenset(said[1:])
    return said[0], frozenset(said[1:])
