"""The plan as a person knows it: goals and values in plain words, nothing about how they are met.

It knows no prompt and no talk. Outputs of earlier calls are left out: the user learns them from the assistant.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from toolflow.llm.prompts import quoted
from toolflow.schema import FromContext, FromUser, Kind, Request

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
    return shown


def tellable(request: Request) -> Iterator[Value]:
    """What the user gives with the request."""
    for number, call in enumerate(request.calls):
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


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else quoted(value)


def shown_part(request: Request, pending: Sequence[int] | None, owed: Sequence[Value]) -> str:
    """What to say now, in two lines: what is wanted, and the values for it.

    With ``pending`` None the whole request; else what is still wanted of it: the ``owed`` values, or the calls
    that were not made.
    """
    if pending is None or not request.calls:
        told = list(tellable(request))
        wanted = request.goal
    elif owed:
        told = list(owed)
        wanted = request.goal
    else:
        calls = [request.calls[at] for at in pending]
        told = [*tellable(request.model_copy(update={"calls": tuple(calls), "withheld": ()}))]
        wanted = (
            request.goal if len(calls) == len(request.calls) else ", then ".join(plain(call.tool) for call in calls)
        )
    lines = [f"The user wants: {wanted}"]
    if told:
        lines.append("Values: " + "; ".join(dict.fromkeys(map(in_words, told))))
    return "\n".join(lines)
