"""The plan as a person knows it: goals and values in plain words, nothing about how they are met.

It knows no prompt and no talk. Outputs of earlier calls are left out: the user learns them from the assistant.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from toolflow.choice import Choice, choice_in
from toolflow.llm.prompts import quoted
from toolflow.path import split
from toolflow.schema import FromContext, FromOutput, FromUser, Kind, PlannedCall, Request

_IDENTIFIER = re.compile(r"(?:^|_)(?:id|number|code|reference|ref|sku|iban|isbn)$|(?<=[a-z])(?:Id|Number|Code|Ref)$")

_VAGUE = frozenset("results items data entries matches records rows list values".split())
"""Names of lists that say nothing of what they list."""

FIRST = "[0]"
"""Of every list on a path, the first item."""

Value = tuple[str, Any]
"""A parameter name and the value planned for it."""


def shown_request(number: int, request: Request) -> dict[str, Any]:
    """The goal and what to tell with it. Withheld values are not shown: they come up when they are asked for."""
    shown: dict[str, Any] = {"request": number, "goal": request.goal}
    tell = list(dict.fromkeys(map(in_words, tellable(request))))
    if tell:
        shown["tell"] = tell
    if request.kind is Kind.CHAT:
        shown["note"] = "small talk: ask for nothing to be looked up or done"
    if chosen := chosen_items(request):
        shown["choose"] = " and ".join(chosen)
    if request.about is not None:
        shown["ask"] = f"what the {recalled(request.about)} is, once more"
    return shown


def shown_change(number: int, request: Request) -> dict[str, Any]:
    """The same of a request whose values the user changes: the new ones."""
    return {"request": number, "goal": request.goal, "tell": list(map(in_words, request.changes.items()))}


def recalled(about: FromOutput) -> str:
    """What of an earlier result is asked about: "price of the first hotel"."""
    *holders, name = split(about.path)
    item = _one(next((holder for holder in reversed(holders) if isinstance(holder, str)), "results"))
    return f"{plain(str(name))} of the first {item}" if 0 in holders else plain(str(name))


def chosen_items(request: Request) -> list[str]:
    """Which items of lists the user wants: "the cheapest hotel", "each of the first two hotels"."""
    return list(dict.fromkeys(words for words, _ in _chosen(request)))


def unstated(request: Request, said: str) -> list[str]:
    """Those that an English text does not tell by a superlative."""
    return list(dict.fromkeys(words for words, choice in _chosen(request) if choice and not choice.is_stated(said)))


def _chosen(request: Request) -> Iterator[tuple[str, Choice | None]]:
    before: dict[str, Any] = {}
    for call in request.calls:
        for name, source in call.arguments.items():
            if not isinstance(source, FromOutput):
                continue
            if chosen := choice_in(source.path):
                yield chosen[1].of(_one(chosen[0])), chosen[1]
            first = source.path.replace("[1]", "[0]", 1)
            if first != source.path and before.get(f"{call.tool} {name}") == (source.call, first):
                yield f"each of the first two, not only the first {_one(first.partition('[')[0])}", None
            before[f"{call.tool} {name}"] = (source.call, source.path)


def _one(holder: str) -> str:
    """What an item of a list is called."""
    listed = holder.rpartition(".")[2]
    return "one" if listed in _VAGUE else plain(listed).removesuffix("s")


def is_changing(request: Request, pending: Sequence[int]) -> bool:
    """Whether it is time for the user to give another value: the first of two calls was made, the second not."""
    return bool(request.changes) and tuple(pending) == (1,)


def tellable(request: Request) -> Iterator[Value]:
    """What the user gives with the request; not what is changed later."""
    calls = [request.wish] if request.wish is not None else request.calls
    for number, call in enumerate(calls[:1] if request.changes else calls):
        for name, source in call.arguments.items():
            kept = number == 0 and name in request.withheld
            if isinstance(source, FromUser | FromContext) and not kept:
                yield name, source.value


def withheld(request: Request) -> Iterator[Value]:
    """What the user gives only when asked."""
    for name in request.withheld:
        source = request.calls[0].arguments.get(name) if request.calls else None
        if isinstance(source, FromUser):
            yield name, source.value


def in_words(value: Value) -> str:
    """``("departureDate", "2026-05-03")`` as "departure date: 2026-05-03"."""
    name, given = value
    return f"{plain(name)}: {_literal(given)}"


def plain(name: str) -> str:
    """``departureDate`` as "departure date"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).strip().lower()


def is_identifier(name: str) -> bool:
    """Whether a parameter of this name holds what nobody can make up: ``order_id``, ``trackingNumber``."""
    return _IDENTIFIER.search(name) is not None


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{plain(name)} {_literal(item)}" for name, item in value.items())
    return value if isinstance(value, str) else quoted(value)


@dataclass(frozen=True, slots=True)
class Due:
    """What to say now."""

    wanted: str
    values: list[Value]
    """What the user gives …"""
    pointed: list[str]
    """… and what of earlier outputs the user points to: "the first tracking number", "that city"."""


def due_part(request: Request, pending: Sequence[int] | None, owed: Sequence[Value]) -> Due:
    """What to say now of a request.

    With ``pending`` None the request begins; else what is still wanted of it: the ``owed`` values, or the calls that
    were not made. A chain is wanted step by step; a goal that leaves a value open is not said.
    """
    if owed:
        return Due(request.goal, list(owed), [])
    if pending is not None and is_changing(request, pending):
        return Due(request.goal, list(request.changes.items()), [])
    if request.about is not None:
        return Due(f"Ask what the {recalled(request.about)} is", [], [])
    if not request.calls or request.changes:
        return Due(request.goal, list(tellable(request)), _pointed(request.calls[:1]))
    due = range(len(request.calls)) if pending is None else pending
    calls = [request.calls[at] for at in (due[:1] if request.kind is Kind.CHAIN else due)]
    part = request if pending is None else request.model_copy(update={"withheld": ()})
    values = list(tellable(part.model_copy(update={"calls": tuple(calls)})))
    wanted = ", then ".join(plain(call.tool) for call in calls)
    if len(calls) == len(request.calls) and not any(_leaves_open(request.goal, value) for _, value in values):
        wanted = request.goal
    return Due(wanted, values, _pointed(calls))


def _leaves_open(goal: str, value: Any) -> bool:
    """Whether a goal says a value among others: "buy or sell shares"."""
    word = re.escape(value) if isinstance(value, str) else ""
    return bool(word) and re.search(rf"(?i)\b(?:{word} or|or {word})\b", goal) is not None


def _pointed(calls: Sequence[PlannedCall]) -> list[str]:
    sources = [source for call in calls for source in call.arguments.values()]
    paths = [source.path for source in sources if isinstance(source, FromOutput)]
    return [
        f"{'the first' if FIRST in path else 'that'} {plain(path.split('.')[-1].replace(FIRST, ''))}" for path in paths
    ]


def shown_part(due: Due) -> str:
    """The same in two lines."""
    lines = [f"The user wants: {due.wanted}"]
    if said := [*dict.fromkeys(map(in_words, due.values)), *due.pointed]:
        lines.append("Values: " + "; ".join(said))
    return "\n".join(lines)
