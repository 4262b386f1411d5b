"""Pairs of values that have an order: start and end, low and high, check-in and check-out."""

from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from toolflow.conformance import fits
from toolflow.selfplay.days import is_day
from toolflow.selfplay.names import words
from toolflow.selfplay.ranges import as_number, is_number

_AFTER = {
    "end": "start", "to": "from", "until": "from", "return": "departure", "out": "in", "arrival": "departure",
    "before": "after", "high": "low", "max": "min", "maximum": "minimum", "latest": "earliest", "close": "open",
    "dropoff": "pickup", "finish": "start", "sunset": "sunrise",
}  # fmt: skip
"""Word of the later or larger one of a pair → word of the other."""
_NUMBERS = frozenset("rank minute position step".split())
_ROWS = frozenset("week episode chapter lesson step round day stage question".split())
"""What is numbered from the first one on."""
_BETWEEN = frozenset("open close last current average mean".split())
"""Words for a number that lies between the low and the high one."""


def in_order(
    values: dict[str, Any], properties: Mapping[str, Any], rng: Random, close: bool = False, fixed: Container[str] = ()
) -> dict[str, Any]:
    """The same values, with the end of each pair (start and end, low and high) after its beginning.

    Only what is out of order changes, and only to values that fit ``properties``, the schemas by name;
    ``close`` also brings an end to within a week, or a few hours, of its beginning. What is ``fixed`` stays.
    """
    mended = dict(values)
    for later, value in values.items():
        earlier = _partner(later, values)
        if (
            earlier is not None
            and later in fixed
            and earlier not in fixed
            and is_day(value)
            and is_day(values[earlier])
        ):
            mended[earlier] = _earlier(mended[earlier], value, rng)
            continue
        if earlier is None or later in fixed or type(values[earlier]) is not type(value):
            continue
        first = mended[earlier]
        if isinstance(value, str) and len(value) >= 10 and len(first) >= 10:
            if (close and "sunset" not in later) or value <= first:
                mended[later] = _later(first, value, rng)
        elif later.endswith("close"):
            continue  # a price may close below where it opened
        elif is_number(value) and value < first and fits(properties[later], first) and fits(properties[earlier], value):
            mended[later], mended[earlier] = first, value
    return _between(mended, properties, rng)


def in_date_order(items: list[Any], schema: Any) -> list[Any]:
    """Listed things in the order of their first date, where all of them have one."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    for name, below in (properties or {}).items():
        dated = isinstance(below, dict) and below.get("format") in ("date", "date-time")
        if dated and all(isinstance(item, dict) and isinstance(item.get(name), str) for item in items):
            return sorted(items, key=lambda item: str(item[name]))
    return items


def numbered(items: list[Any], schema: Any, known: bool) -> list[Any]:
    """Rows with a number of their own (weeks, episodes, ranks) counted from 1; what happens in minutes in their order.

    What goes down with the rank does. Where some are ``known``, all keep their numbers and are put in order.
    """
    properties = schema.get("properties") if isinstance(schema, dict) else None
    name = next((name for name in properties or {} if _is_numbering(words(name))), None)
    rows = [item for item in items if isinstance(item, dict) and is_number(item.get(name))]
    if name is None or len(rows) < len(items):
        return items
    if known:
        return sorted(items, key=lambda row: float(row[name]))
    minutes = words(name)[-1] == "minute"
    numbers = sorted(row[name] for row in rows) if minutes else list(range(1, len(rows) + 1))
    if not all(fits((properties or {})[name], number) for number in numbers):
        return items
    falling = sorted((row["points"] for row in rows if is_number(row.get("points"))), reverse=True)
    points = falling if words(name)[-1] == "rank" and len(falling) == len(rows) else None
    return [
        {**row, name: number, **({"points": points[at]} if points else {})}
        for at, (row, number) in enumerate(zip(rows, numbers, strict=True))
    ]


def _is_numbering(parts: list[str]) -> bool:
    """Whether a field's name is that of the number of a row."""
    return parts[-1] in _NUMBERS or (parts[-1] == "number" and bool(_ROWS & set(parts[:-1])))


def one_day_after_another(items: list[Any], name: str, start: date | None) -> list[Any]:
    """The rows of a daily list on consecutive days, from that of the first row on, or from ``start``."""
    daily = {"day", "days", "daily", "forecast", "forecasts"} & set(words(name))
    if not daily or not all(isinstance(item, dict) and is_day(item.get("date")) for item in items):
        return items
    first = start or (date.fromisoformat(items[0]["date"][:10]) if items else date.min)
    return [
        {**item, "date": (first + timedelta(days=number)).isoformat() + item["date"][10:]}
        for number, item in enumerate(items)
    ]


def _between(values: dict[str, Any], properties: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Numbers such as an opening price brought between the low and the high one beside them."""
    for name, value in values.items():
        parts = words(name)
        at = next((at for at, part in enumerate(parts) if part in _BETWEEN), None)
        if at is None or not is_number(value):
            continue
        low = as_number(values.get(_same_but(parts, at, "low", values) or ""))
        high = as_number(values.get(_same_but(parts, at, "high", values) or ""))
        if low is not None and high is not None and not low <= value <= high:
            inside = round(low + (high - low) * rng.random(), 2)
            if low <= inside <= high and fits(properties[name], inside):
                values[name] = inside
    return values


def _same_but(parts: list[str], at: int, other: str, names: Mapping[str, Any]) -> str | None:
    """The name that has ``other`` in place of one word."""
    wanted = [*parts[:at], other, *parts[at + 1 :]]
    return next((name for name in names if words(name) == wanted), None)


def _partner(name: str, names: dict[str, Any]) -> str | None:
    parts = words(name)
    for at, part in enumerate(parts):
        other = _AFTER.get(part)
        if other is not None:
            return _same_but(parts, at, other, names)
    return None


def _earlier(value: str, end: str, rng: Random) -> str:
    """``value``, moved to a few days before ``end`` where it does not lie before it; both begin with ISO dates."""
    if value < end if len(value) == len(end) else value[:10] < end[:10]:
        return value
    return (date.fromisoformat(end[:10]) - timedelta(days=rng.randint(1, 6))).isoformat() + value[10:]


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
