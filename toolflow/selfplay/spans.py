"""Spans of time: a duration is what lies between start and end, a stay costs its nights."""

import math
from datetime import date, datetime, timedelta
from typing import Any

from toolflow.conformance import fits
from toolflow.selfplay.days import is_day
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import words
from toolflow.selfplay.ranges import is_number

_ENDS = (("start", "end"), ("departure", "arrival"), ("pickup", "dropoff"), ("starts", "ends"), ("begin", "end"))
_UNITS = {"minutes": 60, "mins": 60, "min": 60, "hours": 3600, "seconds": 1}
_STAYS = (("check_in_date", "check_out_date"), ("start_date", "end_date"), ("pickup_date", "return_date"))
_EXTRA = frozenset("extra additional added more extend extension".split())
_NEW = frozenset("new extended until".split())
_LONGEST = timedelta(hours=20)


def settle_spans(draft: Draft) -> None:
    """Make end, start and duration of an object agree, and days counted beside two dates."""
    lasting = next((name for name, value in draft.values.items() if is_number(value) and _unit(name)), None)
    for early, late in _ENDS if lasting else ():
        start = _named(draft, early)
        end = _named(draft, late)
        first, last = _moment(draft.values.get(start or "")), _moment(draft.values.get(end or ""))
        if start and end and lasting and first and last:
            _settle(draft, end, lasting, first, last)
    _settle_daylight(draft)
    for early, late in _STAYS:
        days = _days(draft.values.get(early, draft.around.get(early)), draft.values.get(late, draft.around.get(late)))
        if days:
            _settle_nights(draft, days)
    rented = [_moment(draft.values.get(name, draft.around.get(name))) for name in ("start_time", "end_time")]
    if rented[0] and rented[1] and rented[0].tzinfo == rented[1].tzinfo and rented[0] < rented[1]:
        _settle_nights(draft, math.ceil((rented[1] - rented[0]) / timedelta(days=1)))


def _settle_daylight(draft: Draft) -> None:
    """Count the minutes between sunrise and sunset; the golden hour is the last before sunset."""
    rises, sets = (_moment(draft.values.get(name)) for name in ("sunrise", "sunset"))
    if rises is None or sets is None:
        return
    for name in draft.values:
        if words(name)[0] == "daylight" and words(name)[-1] in _UNITS:
            draft.put(name, round((sets - rises).total_seconds() / _UNITS[words(name)[-1]]))
        elif words(name)[:2] == ["golden", "hour"] and is_day(draft.values[name]):
            draft.put(name, _like(sets - timedelta(hours=1), draft.values[name]))


def _settle(draft: Draft, end: str, lasting: str, first: datetime, last: datetime) -> None:
    seconds = _UNITS[_unit(lasting)]
    wanted = timedelta(seconds=draft.values[lasting] * seconds)
    until = first + wanted
    text = until.isoformat().replace("+00:00", "Z")
    if wanted <= _LONGEST and draft.put(end, text[: len(draft.values[end])]):
        return
    spent = (last - first).total_seconds() / seconds
    if spent > 0:
        draft.put(lasting, round(spent) if isinstance(draft.values[lasting], int) else round(spent, 2))


def _settle_nights(draft: Draft, days: int) -> None:
    for name in ("nights", "night_count", "number_of_nights"):
        if name in draft.values:
            draft.put(name, days)
    for unit in ("price_per_night", "nightly_rate", "price_per_day", "daily_rate"):
        for total in ("total_price", "total_cost"):
            price, sum_ = draft.values.get(unit), draft.values.get(total)
            if is_number(price) and is_number(sum_) and not draft.put(total, round(float(price or 0) * days, 2)):
                draft.put(unit, round(float(sum_ or 0) / days, 2))


def settle_extension(draft: Draft) -> None:
    """Put the new end of what was extended as much later than the old one as the call said."""
    lasting = next((name for name in draft.around if set(words(name)) & _EXTRA and _unit_of(name)), None)
    added = draft.around.get(lasting or "")
    if lasting is None or not isinstance(added, int):
        return
    ends = [name for name in draft.values if words(name)[-1] in ("until", "end", "time") and set(words(name)) & _NEW]
    known = (value for name, value in draft.around.items() if set(words(name)) & {"end", "until"} and name != lasting)
    before = max(
        (moment.replace(tzinfo=None) for value in known if (moment := _moment(value)) is not None), default=None
    )
    if before is None:
        return
    for name in ends:
        until = _like(before + timedelta(seconds=added * _UNITS[_unit_of(lasting)]), draft.values[name])
        if fits(draft.properties[name], until):
            draft.values[name] = until  # also where an earlier extension has settled another end


def _unit_of(name: str) -> str:
    return words(name)[-1] if words(name)[-1] in _UNITS else ""


def _like(moment: datetime, before: Any) -> str:
    """A moment in UTC, with its Z where the value before it has one."""
    return moment.replace(tzinfo=None).isoformat() + ("Z" if str(before).endswith("Z") else "")


def _named(draft: Draft, word: str) -> str | None:
    return next((name for name in draft.values if words(name)[0] == word and _moment(draft.values[name])), None)


def _unit(name: str) -> str:
    parts = words(name)
    return parts[-1] if parts[-1] in _UNITS and parts[0] in ("duration", "total", "travel", "runtime", "flight") else ""


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
    except ValueError:
        return None


def _days(first: Any, last: Any) -> int:
    try:
        return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days
    except (TypeError, ValueError):
        return 0
