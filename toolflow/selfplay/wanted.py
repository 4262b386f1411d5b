"""What a call wants of a list: which things, how many, in which order."""

import math
import re
from collections.abc import Mapping
from typing import Any

from toolflow.fields import schema_at, tool_fields
from toolflow.schema import Tool
from toolflow.selfplay.days import is_day
from toolflow.selfplay.names import is_identifier, words
from toolflow.selfplay.ranges import as_number, is_number

_ROOM = 0.25
"""Share of what a tool can return that a bound leaves out at least."""
LIMITS = frozenset("max_results limit top_n count size per_page page_size top number_of_results num_results".split())
_SORTS = frozenset("sort_by order_by sort orderby sortby sort_order".split())
_LEAST = frozenset("min minimum lowest least".split())
_MOST = frozenset("max maximum highest most".split())
_AFTER = frozenset("after from since".split())
_BEFORE = frozenset("before until to by".split())
_ONLY = frozenset("only just".split())
_IS = frozenset("is has".split())
_SHOWS = ("include", "show", "with")
_SPARE = frozenset("star celsius eur usd gbp".split())
_FALLING = re.compile(r"desc|highest|newest|latest|most|high_to_low|best|top")
_RISING = re.compile(r"asc|lowest|cheapest|oldest|low_to_high|soonest|earliest|nearest|fastest|shortest")
_BEST_FIRST = frozenset("rating score popularity relevance stars reviews views plays date_added followers".split())
_MEANS = {
    "cheapest": "price", "newest": "date", "latest": "date", "oldest": "date", "nearest": "distance",
    "fastest": "duration", "shortest": "duration", "soonest": "date", "earliest": "time", "popularity": "count",
}  # fmt: skip
"""Orders that do not name what they go by → what that is."""


def limit(arguments: Mapping[str, Any]) -> int | None:
    """How many things at most a call wants."""
    for name, value in arguments.items():
        if "_".join(words(name)) in LIMITS and isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def bounds_on(field: str, arguments: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Between which numbers a call wants a field: ``max_price`` binds ``price_per_night``."""
    parts = set(words(field))
    least: float | None = None
    most: float | None = None
    for name, value in arguments.items():
        bound, *what = words(name)
        if "radius" in words(name) and "distance" in parts and is_number(value):
            most = value
        if is_number(value) and what and set(what) <= parts | _SPARE and set(what) & parts:
            least = value if bound in _LEAST else least
            most = value if bound in _MOST else most
    return least, most


def days_on(field: str, arguments: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Between which days a call wants a field: ``due_before`` binds ``due_date``."""
    first = words(field)[0]
    after: str | None = None
    before: str | None = None
    for name, value in arguments.items():
        parts = words(name)
        if len(parts) > 1 and parts[0] == first and isinstance(value, str) and is_day(value):
            after = value[:10] if parts[-1] in _AFTER else after
            before = value[:10] if parts[-1] in _BEFORE else before
    return after, before


def is_asked_for(field: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call wants a yes in a field: ``open_now_only`` does of ``open_now``."""
    parts = [word for word in words(field) if word not in _IS]
    wanted = (words(name) for name, value in arguments.items() if value is True)
    return any(_ONLY & set(wish) and parts == [word for word in wish if word not in _ONLY | _IS] for wish in wanted)


def is_left_out(field: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call does not want a field: ``show_coupons`` that is no leaves ``coupons`` out."""
    return any(f"{word}_{field}" in arguments and arguments[f"{word}_{field}"] is False for word in _SHOWS)


def satisfies(known: Mapping[str, Any], asked: Mapping[str, Any], arguments: Mapping[str, Any], made: bool) -> bool:
    """Whether a known thing belongs in the list a call asks for.

    ``asked`` are the arguments of the call that brought it up; what neither says of it, only a thing that was
    ``made`` in this dialogue is trusted to be, and only where it is no matter of words.
    """
    for name, value in arguments.items():
        plain = "_".join(words(name))
        if plain in LIMITS or plain in _SORTS or plain in ("page", "offset", "cursor"):
            continue
        if name in known or name in asked:
            if known.get(name, asked.get(name)) != value:
                return False
        elif not _within(known, name, value) and not (made and isinstance(value, bool)):
            return False
    return True


def _within(known: Mapping[str, Any], name: str, value: Any) -> bool:
    """Whether a bound among the arguments holds for every field that it binds, and binds one."""
    bound = {name: value}
    held = [within(field, it, bound) for field, it in known.items() if _binds(field, it, bound)]
    return bool(held) and all(held)


def _binds(field: str, value: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether arguments bind the value of a field at all."""
    if is_number(value):
        return bounds_on(field, arguments) != (None, None)
    return isinstance(value, str) and is_day(value) and days_on(field, arguments) != (None, None)


def within(field: str, value: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether the value of a field lies within what the arguments bind it to; so does what they do not bind."""
    if is_number(value):
        least, most = bounds_on(field, arguments)
        return (least is None or least <= value) and (most is None or value <= most)
    if isinstance(value, str) and is_day(value):
        after, before = days_on(field, arguments)
        return (after is None or after <= value[:10]) and (before is None or value[:10] <= before)
    return True


def reachable(tool: Tool, name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a bound without the numbers that leave nothing of what the tool can return."""
    for field in tool_fields(tool):
        least, most = bounds_on(field.name, {name: 1}) if field.role == "return" else (None, None)
        returned = schema_at(tool.returns, field.path) if (least, most) != (None, None) else None
        low, high = (as_number((returned or {}).get(key)) for key in ("minimum", "maximum"))
        if low is None or high is None:
            continue
        room = (high - low) * _ROOM
        if most is not None:
            schema = {**schema, "minimum": max(as_number(schema.get("minimum")) or low, math.ceil(low + room))}
        else:
            schema = {**schema, "maximum": min(as_number(schema.get("maximum")) or high, math.floor(high - room))}
    return schema


def in_asked_order(items: list[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """The same things, sorted where the call names an order that they can be brought into."""
    wish = next((value for name, value in arguments.items() if "_".join(words(name)) in _SORTS), None)
    if not isinstance(wish, str) or not items or not all(isinstance(item, dict) for item in items):
        return items
    asked = words(wish.replace(" ", "_"))
    meant = set(asked) | {_MEANS[word] for word in asked if word in _MEANS}
    field = next((name for name in items[0] if not is_identifier(name) and meant & set(words(name))), None)
    values = [item.get(field) for item in items]
    if field is None or not (all(map(is_number, values)) or all(isinstance(value, str) for value in values)):
        return items
    text = "_".join(asked)
    falling = bool(_FALLING.search(text)) or (not _RISING.search(text) and bool(_BEST_FIRST & meant))
    return sorted(items, key=lambda item: item[field], reverse=falling)
