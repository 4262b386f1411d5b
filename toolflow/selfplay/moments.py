"""The moments of one thing in the order that their names suggest: created, opened, begun, over, due.

A date-time, or a day, that comes too early or too late for another one moves; what is settled stays.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import words

_STAGES: tuple[tuple[str, ...], ...] = (
    tuple("founded created issued registered requested placed ordered submitted posted published booked".split()),
    tuple("updated modified edited shipped sent paid approved".split()),
    tuple("before cutoff".split()),
    tuple("doors boarding".split()),
    tuple("start starts begin begins departure depart pickup".split()),
    tuple("end ends arrival finish finishes dropoff return due expiry expires expired".split()),
)
"""Words for moments, from the earliest to the latest."""
_SETTING_OUT, _BEGINNING = 2, 4
_EARLIER = {2: timedelta(days=1), 3: timedelta(minutes=45)}
"""How much earlier than the beginning what leads up to it lies."""
_ELSEWHEN = frozenset("due expiry expires expired return dropoff next last".split())
"""Words for what belongs to another day than the rest."""
_LONG_BEFORE = timedelta(minutes=75)
_LONGEST_TRIP = timedelta(days=1)
_DAYS_BEFORE = (1, 2, 3, 5, 8)
_LATER = (30, 45, 60, 90, 120)
"""Minutes from the beginning to the end."""


@dataclass(frozen=True, slots=True)
class _Moment:
    name: str
    stage: int
    value: datetime
    is_day: bool
    """Whether no hour is said."""


def settle_moments(draft: Draft) -> None:
    """Bring the moments of an object, and those of the call it answers, in the order of their stages."""
    found = [
        moment
        for name, value in {**draft.around, **draft.values}.items()
        if (moment := _moment(name, value)) is not None
    ]
    if len({moment.stage for moment in found}) < 2:
        return
    _on_one_day(draft, [moment for moment in found if moment.stage >= _BEGINNING - 1])
    found = [moment for name, value in {**draft.around, **draft.values}.items() if (moment := _moment(name, value))]
    begins = _beginning(draft, found)
    for moment in found:
        if begins is not None and _SETTING_OUT <= moment.stage < _BEGINNING:
            if begins.is_day and not moment.is_day:
                _put(draft, moment.name, datetime.combine(begins.value.date(), moment.value.time()))
            elif moment.value >= begins.value or _is_too_early(moment, begins):
                _put(draft, moment.name, begins.value - _EARLIER[moment.stage])
        elif moment.stage < _SETTING_OUT:
            latest = min((other.value for other in found if other.stage > moment.stage), default=moment.value)
            if moment.value > latest:
                _put(draft, moment.name, latest - timedelta(days=draft.rng.choice(_DAYS_BEFORE)))
        elif begins is not None and moment.stage > _BEGINNING and moment.value < begins.value:
            _put(draft, moment.name, begins.value + timedelta(minutes=draft.rng.choice(_LATER)))


def _beginning(draft: Draft, found: list[_Moment]) -> _Moment | None:
    """When it begins, by the hour where that is known; later than what is known to lead up to it."""
    begin = [moment for moment in found if moment.stage == _BEGINNING]
    begins = next((moment for moment in begin if not moment.is_day), begin[0] if begin else None)
    leads = (moment for moment in found if moment.stage == _BEGINNING - 1 and not moment.is_day)
    led = next((moment for moment in leads if moment.name not in draft.values or moment.name in draft.fixed), None)
    if begins is None or led is None or begins.is_day or begins.name in draft.fixed:
        return begins
    if led.value < begins.value and not _is_too_early(led, begins):
        return begins
    _put(draft, begins.name, led.value + _EARLIER[led.stage])
    return _moment(begins.name, draft.values.get(begins.name, "")) or begins


def _is_too_early(moment: _Moment, begins: _Moment) -> bool:
    """Whether doors open, or boarding begins, long before it is time."""
    return moment.stage == _BEGINNING - 1 and begins.value - moment.value > _LONG_BEFORE


def _on_one_day(draft: Draft, moments: list[_Moment]) -> None:
    """Bring the hours of one event to the day of the first that is settled, or of the first."""
    moments = [moment for moment in moments if not _ELSEWHEN & set(words(moment.name))]
    hours = [moment for moment in moments if len(str(draft.values.get(moment.name, ""))) > len("2026-05-14")]
    settled = [moment for moment in hours if moment.name in draft.fixed] or hours
    days = {moment.value.date() for moment in settled}
    for moment in hours if (settled and len(days) == 1) or settled is hours else ():
        day = settled[0].value.date()
        if moment.value.date() - day > _LONGEST_TRIP or moment.value.date() < day:
            _put(draft, moment.name, datetime.combine(day, moment.value.time()))


def _moment(name: str, value: Any) -> _Moment | None:
    """A named moment; None for what is no date, or has no place among others."""
    if not isinstance(value, str) or len(value) < len("2026-05-14") or (stage := _stage(name)) is None:
        return None
    try:
        return _Moment(name, stage, datetime.fromisoformat(value).replace(tzinfo=None), len(value) == len("2026-05-14"))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _stage(name: str) -> int | None:
    """Where among the stages of a thing the name of a moment stands."""
    parts = set(words(name))
    return next((number for number, stage in enumerate(_STAGES) if parts & set(stage)), None)


def _put(draft: Draft, name: str, moment: datetime) -> None:
    """Write a moment as the value before it is written: a day as a day, a moment in UTC with its Z."""
    if name not in draft.values:
        return
    before = draft.values[name]
    if len(before) == len("2026-05-14"):
        draft.put(name, date(moment.year, moment.month, moment.day).isoformat())
    else:
        draft.put(name, moment.isoformat() + ("Z" if before.endswith("Z") else ""))
