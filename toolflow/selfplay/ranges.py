"""Which numbers are usual for a field: prices, ratings, temperatures, and what the schema allows."""

import math
from datetime import date
from typing import Any

from toolflow.selfplay.names import words

_ANY = (1.0, 20.0)
_RANGES: tuple[tuple[str, tuple[float, float]], ...] = (
    ("latitude lat", (-55.0, 65.0)),
    ("longitude lng lon long", (-120.0, 150.0)),
    ("price cost amount fee fare total salary budget balance subtotal tax revenue value", (8.0, 480.0)),
    ("rating score stars", (2.5, 5.0)),
    ("temperature temp feels celsius", (-4.0, 33.0)),
    ("percent percentage humidity probability chance ratio rate", (1.0, 100.0)),
    ("month", (1.0, 12.0)),
    ("day", (1.0, 28.0)),
    ("hour hours", (1.0, 23.0)),
    ("minute minutes duration", (10.0, 120.0)),
    ("seconds", (20.0, 600.0)),
    ("distance km miles radius", (1.0, 60.0)),
    ("age", (18.0, 75.0)),
    ("population views followers", (1000.0, 900000.0)),
    ("id number", (1000.0, 99999.0)),
    ("timestamp", (1_700_000_000.0, 1_800_000_000.0)),
    ("guests people passengers adults children seats quantity guest passenger adult child party", (1.0, 4.0)),
    ("page", (1.0, 3.0)),
    ("offset", (0.0, 20.0)),
    ("weight kg", (1.0, 90.0)),
    ("height cm", (150.0, 195.0)),
    ("speed wind", (3.0, 60.0)),
    ("pressure", (990.0, 1035.0)),
)
_BODY = frozenset("weight height age".split())
"""Words for what has a usual size, whatever a schema allows beside."""
_PARTY = frozenset("guest passenger adult child person party".split())
"""Words for those who come along, of whom there are a few."""


def bounds(schema: dict[str, Any], name: str, today: date) -> tuple[float, float]:
    """Between which numbers a field's value lies: the usual ones for its name, inside the schema's limits."""
    low, high = _usual_range(words(name), today)
    least = _limit(schema, "minimum", "exclusiveMinimum", 1)
    most = _limit(schema, "maximum", "exclusiveMaximum", -1)
    if least is not None and most is not None:
        counts = words(name)[-1:] == ["count"] and not _PARTY & set(words(name))
        inside = least <= low and high <= most and not counts
        if _BODY & set(words(name)) and max(low, least) < min(high, most):
            return max(low, least), min(high, most)
        return (low, high) if inside and (low, high) != _ANY else (least, max(least, most))
    if least is not None:
        return (max(least, low), max(least, low) + max(high - low, 1.0)) if low < least or high < least else (low, high)
    if most is not None:
        return min(low, most), min(high, most)
    return low, high


def _limit(schema: dict[str, Any], inclusive: str, exclusive: str, inward: int) -> float | None:
    limit = as_number(schema.get(inclusive, schema.get(exclusive)))
    return limit if limit is None or exclusive not in schema else limit + inward


def _usual_range(parts: list[str], today: date) -> tuple[float, float]:
    for part in reversed(parts):
        if part in ("year", "season"):
            return float(today.year - 8), float(today.year)
        for names, bounds in _RANGES:
            if part in names.split():
                return bounds
    return _ANY


def decimals(low: float, high: float) -> int:
    """How many decimals a number between these two has."""
    return 1 if high - low <= 60 else 2


def as_number(value: Any) -> float | None:
    """A finite JSON number, else None."""
    return float(value) if is_number(value) else None


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
