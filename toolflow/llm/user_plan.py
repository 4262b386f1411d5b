"""The plan as a person knows it: goals and values in plain words, nothing about how they are met.

It knows no prompt and no talk. Outputs of earlier calls are left out: the user learns them from the assistant.
"""

import re
from collections.abc import Iterator
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
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).strip().lower()
    return f"{plain}: {_literal(given)}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else quoted(value)
