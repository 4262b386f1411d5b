"""What an endpoint says in its headers: how long to wait, and how much it still allows.

Read: ``retry-after-ms`` and ``retry-after``; ``x-ratelimit-remaining-requests`` and its like as OpenAI writes
them (``6m0s``, ``120ms``), Anthropic's with dates, and the IETF draft's ``ratelimit-remaining``. A header says
what was left when its request was counted; what was sent since is taken off, and what flows back until the
reset is added.

Headers are claims of a stranger: what cannot be read is not there, and no claim holds anything up for longer
than `TRUSTED` seconds (an answer to a 429 is another matter, see `toolflow.llm.gate`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from toolflow.llm.caps import Need

TRUSTED = 30.0
"""Seconds after which an allowance is old news."""
MAX_HEADER = 60
"""Characters; a longer value is no number, duration or date."""

_NAMES = {
    "requests": ("x-ratelimit-{}-requests", "anthropic-ratelimit-requests-{}", "ratelimit-{}"),
    "tokens": ("x-ratelimit-{}-tokens", "anthropic-ratelimit-tokens-{}"),
}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|us|µs|ns|d|h|m|s)")
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

Headers = Mapping[str, str]
"""Names in any case."""


@dataclass(slots=True)
class _Left:
    """What is left of one limit."""

    remaining: float
    per_second: float
    """How fast it flows back."""
    reset: float
    """When all of it is back."""
    limit: float | None
    heard: float

    def wait(self, amount: float, now: float) -> float:
        amount = amount if self.limit is None else min(amount, self.limit)
        missing = amount - self.remaining - self.per_second * (now - self.heard)
        if missing <= 0:
            return 0.0
        until = now + missing / self.per_second if self.per_second > 0 else self.reset
        return max(0.0, min(until, self.reset, self.heard + TRUSTED) - now)


class Allowance:
    """What is left of the limits that an endpoint speaks of."""

    def __init__(self) -> None:
        self._left: dict[str, _Left] = {}
        self._sent = {"requests": 0, "tokens": 0}

    def wait(self, need: Need, now: float) -> float:
        """Seconds until a request is likely to be let in."""
        if not self._left:
            return 0.0
        amounts = _amounts(need)
        return max(left.wait(amounts[kind], now) for kind, left in self._left.items())

    def sent(self, need: Need) -> Mapping[str, int]:
        """A request leaves; the account that `heard` wants of it later."""
        for kind, amount in _amounts(need).items():
            self._sent[kind] += amount
            if kind in self._left:
                self._left[kind].remaining -= amount
        return dict(self._sent)

    def heard(self, headers: Headers, since: Mapping[str, int], now: float) -> None:
        """Take over what the headers of an answer say."""
        for kind, names in _NAMES.items():
            for name in names:
                remaining = _number(headers.get(name.format("remaining")))
                reset = _until(headers.get(name.format("reset")), headers)
                if remaining is None or reset is None:
                    continue
                limit = _number(headers.get(name.format("limit")))
                flow = (limit - remaining) / reset if limit is not None and limit > remaining and reset > 0 else 0.0
                later = self._sent[kind] - since[kind]
                self._left[kind] = _Left(remaining - later, flow, now + reset, limit, now)
                break


def retry_after(headers: Headers) -> float | None:
    """Seconds that the endpoint asks for: as seconds, milliseconds (OpenAI's own header) or a date."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        seconds = _number(headers.get(name))
        if seconds is not None:
            return seconds * unit
    said = headers.get("retry-after", "")[:MAX_HEADER]
    try:
        when = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    return _seconds_until(when, headers)


def _amounts(need: Need) -> dict[str, int]:
    """Endpoints count the longest possible answer at once."""
    return {"requests": 1, "tokens": need.input + need.output}


def _number(text: str | None) -> float | None:
    """A number that is not negative."""
    try:
        number = float(text[:MAX_HEADER]) if text else -1.0
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _until(text: str | None, headers: Headers) -> float | None:
    """Seconds, a duration or a date, as seconds."""
    if not text or len(text) > MAX_HEADER:
        return None
    seconds = _number(text)
    if seconds is not None:
        return seconds
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return float(sum(float(number) * _UNITS[unit] for number, unit in parts))
    try:
        return _seconds_until(datetime.fromisoformat(text), headers)
    except ValueError:
        return None


def _seconds_until(when: datetime, headers: Headers) -> float | None:
    """By the clock of whoever wrote the date, where the headers show it."""
    try:
        now = parsedate_to_datetime(headers.get("date", "")[:MAX_HEADER])
    except (ValueError, TypeError):
        now = datetime.now(UTC)
    try:
        return max(0.0, (_aware(when) - _aware(now)).total_seconds())
    except OverflowError:
        return None


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
