"""An object that was drawn field by field, made to agree with itself.

Only what nobody has settled changes, and only to what its schema allows.
"""

from collections.abc import Mapping
from typing import Any

from toolflow.conformance import fits
from toolflow.selfplay.days import is_day
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.moments import settle_moments
from toolflow.selfplay.money import settle_money
from toolflow.selfplay.names import is_identifier, singular, words
from toolflow.selfplay.order import in_order
from toolflow.selfplay.periods import settle_periods
from toolflow.selfplay.persons import settle_persons
from toolflow.selfplay.places import settle_places
from toolflow.selfplay.spans import settle_extension, settle_spans
from toolflow.selfplay.sums import settle_sums

_COUNTS = frozenset("total count num number result results found matches".split())


def settle(draft: Draft, close: bool) -> dict[str, Any]:
    """The values of an object that agrees with itself; ``close`` also brings ends near to their beginnings."""
    _count(draft)
    _on_their_days(draft)
    draft.values = in_order(draft.values, draft.properties, draft.rng, close=close, fixed=draft.fixed)
    settle_moments(draft)
    settle_places(draft)
    settle_persons(draft)
    settle_money(draft)
    settle_spans(draft)
    settle_extension(draft)
    settle_periods(draft)
    settle_sums(draft)
    return draft.values


def _on_their_days(draft: Draft) -> None:
    """Put each moment on the day beside it: ``departure_time`` on ``departure_date``."""
    values = draft.values
    for name, value in values.items():
        day = values.get(name.removesuffix("time") + "date") if name.endswith("_time") else None
        if isinstance(day, str) and isinstance(value, str) and is_day(day) and is_day(value):
            draft.put(name, day[:10] + value[10:])


def _count(draft: Draft) -> None:
    """Make a total beside a list its length: ``total_results``, ``flight_count``."""
    lists = {name: value for name, value in draft.values.items() if isinstance(value, list)}
    for name, value in draft.values.items() if lists else ():
        if type(value) is not int or name in draft.fixed or not _COUNTS & set(words(name)) or is_identifier(name):
            continue
        counted = counted_by(name, lists)
        if counted is not None and fits(draft.properties[name], len(lists[counted])):
            draft.values[name] = len(lists[counted])


def counted_by(name: str, lists: Mapping[str, Any]) -> str | None:
    """The list that a total counts: the one it names, else the only one."""
    parts = words(name)
    for key in lists:
        if singular(key).split("_")[-1] in map(singular, parts):
            return key
    of_all = set(parts) <= _COUNTS | {"of", "items", "all"}
    return next(iter(lists)) if of_all and len(lists) == 1 else None
