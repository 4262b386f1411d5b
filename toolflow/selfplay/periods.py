"""What is said of a period fits it: days counted in it, its extremes around their average, what comes next or is due.

Only names of fields are read: ``rainy_day_count`` counts some of the days between ``start_date`` and ``end_date``,
``days_covered`` all of them.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from toolflow.selfplay.days import is_day
from toolflow.selfplay.draft import TODAY, Draft
from toolflow.selfplay.lexicon import WEEKDAYS
from toolflow.selfplay.names import words
from toolflow.selfplay.ranges import as_number, is_number

_PERIODS = (("start_date", "end_date"), ("first_date", "last_date"))
_DAYS = frozenset("day days".split())
_ALL = frozenset("covered total number of count duration requested".split())
"""Words beside "days" for all of them; with any other word, they are some."""
_WORKING = frozenset("working business".split())
_LIMITED = frozenset("count number taken covered".split())
"""Words that make days ones of the period, rather than days left or days late."""
_LOW, _HIGH = ("coldest", "lowest", "low", "minimum", "min"), ("hottest", "highest", "high", "maximum", "max")
_MEAN = ("average", "mean")
_NEAR, _FAR = 2.0, 8.0
"""Degrees from an average temperature to its extremes."""
_DUE = ("_by", "By", "deadline", "Deadline")
"""Endings of names of deadlines."""
_LATE = ("late", "overdue")
_ARRIVES = frozenset("delivery arrival".split())
_DAYS_TO_ACT = (3, 5, 7, 10, 14)


def settle_periods(draft: Draft) -> None:
    """Make days, temperatures, deadlines and what comes next fit the dates beside them, or those of the call."""
    _settle_days(draft)
    _settle_temperatures(draft)
    _settle_deadlines(draft)
    _settle_late(draft)
    _settle_next(draft)
    _settle_previous(draft)


def _settle_days(draft: Draft) -> None:
    counts = [name for name, value in draft.values.items() if is_number(value) and "day" in name.lower()]
    period = next(filter(None, (_period(draft, *pair) for pair in _PERIODS)), None) if counts else None
    if period is None:
        return
    first, last = period
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for name in counts:
        value, parts = draft.values[name], set(words(name))
        if not parts & _DAYS:
            continue
        if parts & _WORKING:
            draft.put(name, sum(day.weekday() < 5 for day in days))
        elif parts <= _DAYS | _ALL:
            draft.put(name, len(days))
        elif parts & _LIMITED and value > len(days):
            draft.put(name, draft.rng.randint(0, len(days)))


def _period(draft: Draft, first: str, last: str) -> tuple[date, date] | None:
    """The first and the last day that an object, or the call it answers, is about."""
    begins, ends = (str(draft.values.get(name, draft.around.get(name))) for name in (first, last))
    if not is_day(begins) or not is_day(ends) or begins[:10] > ends[:10]:
        return None
    days = date.fromisoformat(begins[:10]), date.fromisoformat(ends[:10])
    return days if (days[1] - days[0]).days < 3660 else None


def _settle_temperatures(draft: Draft) -> None:
    """Bring the lowest and the highest temperature as near to their average, or to each other, as days bring them."""
    for name, low in list(draft.values.items()):
        if not name.endswith("elsius"):
            continue
        parts = words(name)
        if parts[-1] != "celsius" or parts[0] not in _LOW or not is_number(low):
            continue
        highest, mean = (_like(draft, parts, others) for others in (_HIGH, _MEAN))
        if highest is None:
            continue
        if mean is not None:
            middle = draft.values[mean]
            _put_within(draft, name, middle - draft.rng.uniform(_NEAR, _FAR))
            _put_within(draft, highest, middle + draft.rng.uniform(_NEAR, _FAR))
            if not draft.values[name] <= middle <= draft.values[highest]:
                draft.put(mean, round((draft.values[name] + draft.values[highest]) / 2, 1))
        elif draft.values[highest] - low > 2 * _FAR:
            _put_within(draft, highest, low + draft.rng.uniform(_NEAR, 2 * _FAR))
            if draft.values[highest] - low > 2 * _FAR:
                _put_within(draft, name, draft.values[highest] - draft.rng.uniform(_NEAR, 2 * _FAR))


def _put_within(draft: Draft, name: str, value: float) -> None:
    """Put a number, or the limit of the schema that is nearest to it."""
    schema = draft.properties.get(name)
    limits = schema if isinstance(schema, dict) else {}
    least, most = as_number(limits.get("minimum")), as_number(limits.get("maximum"))
    value = value if least is None else max(value, least)
    draft.put(name, round(value if most is None else min(value, most), 1))


def _like(draft: Draft, parts: list[str], others: tuple[str, ...]) -> str | None:
    """The field whose name differs from another's in its first word alone."""
    named = (name for name in draft.values if words(name)[1:] == parts[1:] and words(name)[0] in others)
    return next((name for name in named if is_number(draft.values[name])), None)


def _settle_deadlines(draft: Draft) -> None:
    """Nothing is to be collected or sent back before it arrives."""
    due = [name for name, value in draft.values.items() if name.endswith(_DUE) and is_day(value)]
    known = {**draft.around, **draft.values} if due else {}
    arrivals = [value for name, value in known.items() if _ARRIVES & set(words(name)) and is_day(value)]
    for name in due if arrivals else ():
        value = draft.values[name]
        if value[:10] < max(arrivals)[:10]:
            day = date.fromisoformat(max(arrivals)[:10]) + timedelta(days=draft.rng.choice(_DAYS_TO_ACT))
            draft.put(name, day.isoformat() + value[10:])


def _settle_late(draft: Draft) -> None:
    """What is late is by the days since it was due, and what is not due yet is not late."""
    today, due = draft.around.get(TODAY), str(draft.values.get("due_date", draft.around.get("due_date")))
    late = [name for name in draft.values if name.endswith(_LATE) and _DAYS & set(words(name))]
    if not late or not isinstance(today, date) or not is_day(due):
        return
    days = (today - date.fromisoformat(due[:10])).days
    for name in late:
        if not draft.put(name, max(days, 0)) or (days < 1 and "due_date" not in draft.fixed):
            since = today - timedelta(days=max(1, int(draft.values[name]) or draft.rng.choice(_DAYS_TO_ACT)))
            if draft.put("due_date", since.isoformat() + due[10:]):
                draft.put(name, (today - since).days)


def _settle_next(draft: Draft) -> None:
    """What comes next does so after today, on a weekday and at an hour that stand beside it."""
    today = draft.around.get(TODAY)
    if not isinstance(today, date):
        return
    for name, value in list(draft.values.items()):
        if not name.startswith("next") or words(name)[0] != "next" or not is_day(value):
            continue
        beside = {**draft.around, **draft.values}.values()
        weekdays = next((one for one in beside if _are_weekdays(one)), None)
        clock = next((at for at in map(_clock, beside) if at is not None), None) if weekdays else None
        day = date.fromisoformat(value[:10])
        if weekdays is not None:
            days = (today + timedelta(days=ahead) for ahead in range(1, 8))
            day = next(day for day in days if WEEKDAYS[day.weekday()] in weekdays)
        elif day <= today:
            day = today + timedelta(days=draft.rng.choice(_DAYS_TO_ACT))
        hour = value[10:]
        if hour and clock is not None:
            hour = f"T{clock.isoformat()}" + ("Z" if hour.endswith("Z") else "")
        draft.put(name, day.isoformat() + hour)


def _are_weekdays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(day in WEEKDAYS for day in value)


def _clock(value: Any) -> time | None:
    """A time of day without its day."""
    try:
        return time.fromisoformat(value) if isinstance(value, str) and value[2:3] == ":" else None
    except ValueError:
        return None


def _settle_previous(draft: Draft) -> None:
    """What was before a change is another value than the new one."""
    for name, before in list(draft.values.items()):
        if not name.startswith("previous_"):
            continue
        now = name.removeprefix("previous_")
        if draft.values.get(now) != before:
            continue
        for changed, sign in ((name, -1), (now, 1)):
            if any(draft.put(changed, other) for other in _others(draft, changed, before, sign)):
                break


def _others(draft: Draft, name: str, value: Any, sign: int) -> Iterator[Any]:
    """Other values that a field may hold: another day for a moment, another of its choices."""
    schema = draft.properties.get(name)
    options = schema.get("enum") if isinstance(schema, dict) else None
    if is_day(value):
        day = datetime.fromisoformat(value[:10]) + sign * timedelta(days=draft.rng.choice(_DAYS_TO_ACT))
        yield day.date().isoformat() + value[10:]
    elif isinstance(options, list):
        others = [option for option in options if option != value]
        draft.rng.shuffle(others)
        yield from others
