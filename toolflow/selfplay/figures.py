"""How the selfplay assistant writes a value: figures, money with its currency, measures with their unit."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from toolflow.selfplay.names import entity, label, words
from toolflow.selfplay.phrases import joined, on, plural
from toolflow.selfplay.speech import Speech

UNITS = {
    "seconds": "seconds",
    "minutes": "minutes",
    "hours": "hours",
    "days": "days",
    "km": "km",
    "cm": "cm",
    "percent": "%",
    "celsius": "°C",
    "kmh": "km/h",
    "mm": "mm",
    "kg": "kg",
    "kwh": "kWh",
    "meters": "m",
    "sqm": "square metres",
    "grams": "g",
    "mb": "MB",
    "gb": "GB",
}
"""Last word of a field's name → the unit its number is in."""
_MONEY = frozenset("price amount fare cost total fee balance rent salary deposit refund payment value".split())
_NOT_COUNTED = frozenset("year number season code zip id".split())
_RATES = frozenset("per weekly daily monthly".split())
"""Words that a unit is not taken from."""
_PERSONAL = frozenset("full first last user display".split())
"""Words that make a name one of a person."""
_FLAT = ("%", "°C")
_AFTER = {"end": "start", "arrival": "departure", "close": "open", "until": "from", "finish": "start"}
"""Word of the later of two fields → word of the earlier one."""
_HALF = re.compile(r" ?[ap]m$")
_EXACT = 1e15
"""Up to here a whole number is exactly what its float says."""
_MOST_LISTED = 4


def figures(value: Any, name: str, whole: Mapping[str, Any], speech: Speech) -> str:
    """A value as an assistant writes it; ``whole`` is the object it stands in."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, words(name), whole)
    if isinstance(value, str):
        said = speech.value(value, {}).strip()
        prose = len(said.split()) > 4 and said[:1].isalpha() and not re.search(r" at [\dn]", said[-14:])
        said = said.rstrip(".") if " " in said else said
        return f"“{said}”" if prose and words(name)[-1:] != ["address"] else said
    if isinstance(value, list):
        return joined([figures(item, name, {}, speech) for item in value[:_MOST_LISTED]])
    if isinstance(value, dict):
        told = list(value.items())[:_MOST_LISTED]
        return ", ".join(f"{entity(key)} {figures(item, key, value, speech)}" for key, item in told)
    return "nothing"


def in_figures(value: Any, path: str, whole: Any, speech: Speech) -> str:
    """The value at the end of a path, alone; ``whole`` is the object it stands in."""
    return figures(value, path.rpartition(".")[2], whole if isinstance(whole, dict) else {}, speech)


def _number(value: float, parts: list[str], whole: Mapping[str, Any]) -> str:
    some = set(parts)
    if _NOT_COUNTED & some:
        return str(value)
    is_money = "currency" in whole and not _MONEY.isdisjoint(some)
    if abs(value) < _EXACT and float(value).is_integer():
        value = int(value)
    figure = f"{value:,.2f}" if is_money and round(value, 2) == value and value != int(value) else f"{value:,}"
    unit = "%" if parts[0] == "percent" else UNITS.get(parts[-1])
    if unit and not _RATES & set(parts[-2:-1]):
        return f"{figure}{unit}" if unit in _FLAT else f"{figure} {plural(unit, value) if unit[-1] == 's' else unit}"
    return f"{figure} {whole['currency']}" if is_money else figure


def naming(name: str) -> str:
    """A field's name as words, without the unit that is told with its value."""
    parts = words(name)
    if len(parts) > 1 and parts[-1] in UNITS and parts[-2] not in _RATES:
        parts.pop()
    if len(parts) > 1 and parts[-1] == "at":
        parts[-1] = "time"
    if len(parts) > 1 and parts[-1] == "on":
        parts[-1] = "date"
    if len(parts) > 1 and parts[-1] == "name" and parts[0] not in _PERSONAL:
        parts.pop()
    return label("_".join(parts))


def spans(whole: Mapping[str, Any]) -> dict[str, str]:
    """Fields that give a beginning, with the field that gives its end: ``start_time`` and ``end_time``."""
    found: dict[str, str] = {}
    for later in whole:
        parts = words(later)
        at = next((at for at, part in enumerate(parts) if part in _AFTER), None)
        if at is None or _moment(whole[later]) is None:
            continue
        wanted = [*parts[:at], _AFTER[parts[at]], *parts[at + 1 :]]
        earlier = next((name for name in whole if words(name) == wanted and _moment(whole[name]) is not None), None)
        if earlier is not None:
            found[earlier] = later
    return found


def span(start: str, end: str, speech: Speech) -> str:
    """``10 to 11:30 am on June 29``, or from one day to another."""
    one, other = (speech.value(moment, {}) for moment in (start, end))
    if start[:10] != end[:10] or " at " not in one or " at " not in other:
        return f"{one} to {other}"
    day, begins = one.rsplit(" at ", 1)
    ends = other.rsplit(" at ", 1)[1]
    if begins[-2:] == ends[-2:] and begins[-2:] in ("am", "pm"):
        begins = _HALF.sub("", begins)
    return f"{begins} to {ends} {on(day)}"


def _moment(value: Any) -> datetime | None:
    """A day with its hour; None for anything else."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
    except ValueError:
        return None
