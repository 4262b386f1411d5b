"""Pairs of values that have an order: start and end, low and high, check-in and check-out."""

from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from toolflow.conformance import fits
from toolflow.selfplay.names import words
from toolflow.selfplay.ranges import is_number

_AFTER = {
    "end": "start", "to": "from", "until": "from", "return": "departure", "out": "in", "arrival": "departure",
    "before": "after", "high": "low", "max": "min", "maximum": "minimum", "latest": "earliest", "close": "open",
    "dropoff": "pickup", "finish": "start",
}  # fmt: skip
"""Word of the later or larger one of a pair → word of the other."""


def in_order(values: dict[str, Any], properties: Mapping[str, Any], rng: Random, close: bool = False, fixed: Container[str] = ()) -> dict[str, Any]:
    """The same values, with the end of each pair (start and end, low and high) after its beginning.

    Only what is out of order changes, and only to values that fit ``properties``, the schemas by name;
    ``close`` also brings an end to within a week, or a few hours, of its beginning. What is ``fixed`` stays.
    """
    mended = dict(values)
    for later, value in values.items():
        earlier = _partner(later, values)
        if earlier is None or later in fixed or type(values[earlier]) is not type(value):
            continue
        first = mended[earlier]
        if isinstance(value, str) and len(value) >= 10 and len(first) >= 10:
            if close or value <= first:
                mended[later] = _later(first, value, rng)
        elif is_number(value) and value < first:
            if fits(properties[later], first) and fits(properties[earlier], value):
                mended[later], mended[earlier] = first, value
    return mended


def _partner(name: str, names: dict[str, Any]) -> str | None:
    parts = words(name)
    for at, part in enumerate(parts):
        other = _AFTER.get(part)
        if other is not None:
            wanted = [*parts[:at], other, *parts[at + 1 :]]
            return next((candidate for candidate in names if words(candidate) == wanted), None)
    return None


def _later(first: str, value: str, rng: Random) -> str:
    """``value``, moved to shortly after ``first``; both ISO dates or date-times, else unchanged."""
    try:
        if len(first) == len(value) == 10:
            return (date.fromisoformat(first) + timedelta(days=rng.randint(2, 7))).isoformat()
        start = datetime.fromisoformat(first)
    except ValueError:
        return value
    end = start + timedelta(minutes=rng.choice((30, 45, 60, 90, 120)))
    return end.isoformat().replace("+00:00", "Z")
