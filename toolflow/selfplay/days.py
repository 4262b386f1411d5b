"""Which days a call is about."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from toolflow.selfplay.names import words

_ENDS = frozenset("end before until to out return".split())
_BEGINS = frozenset("start after since from in".split())
_LONGEST = 60
"""Days of an interval that dates are drawn from."""
_OPEN = 10
"""Days after an open "since" that dates are drawn from."""


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day a call is about, None where it says nothing; seen from ``today``."""

    first: date | None
    last: date | None
    """None as well after an open "since"."""
    today: date

    @property
    def past(self) -> bool:
        """Whether they lie, or begin, before today."""
        return any(day is not None and day < self.today for day in (self.first, self.last))

    @property
    def several(self) -> bool:
        """Whether they are known to be more than one."""
        return self.last is not None and self.first != self.last

    def draw(self, rng: Random) -> date | None:
        """One of the days; None when the call is about none."""
        if self.first is None:
            return None
        span = (self.last - self.first).days if self.last is not None else _OPEN
        day = self.first + timedelta(days=rng.randint(0, max(0, min(span, _LONGEST))))
        return min(day, self.today) if self.past and self.last is None else day


def days_spoken_of(arguments: dict[str, Any], today: date) -> Days:
    """The days that the dates among the arguments span."""
    first: date | None = None
    last: date | None = None
    for name, value in arguments.items():
        if not is_day(value):
            continue
        day = date.fromisoformat(value[:10])
        parts = set(words(name))
        if parts & _ENDS:
            last = max(day, first) if first else day
        elif parts & _BEGINS:
            first = day
        else:
            first, last = day, day
    return Days(first or (last - timedelta(days=7) if last else None), last, today)


def is_day(value: Any) -> bool:
    """Whether a value is a date, or begins with one."""
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value[:10]))
    except ValueError:
        return False
