"""The circuit breaker: whether an endpoint is down, when to try it next, and when it is gone for good.

Pure state: nothing waits here, and the time comes in as a number. It opens after `ROUNDS` round trips in a row
without an answer, where all that were under way together count as one. While it is open, one request at a time
goes out as a probe, after pauses that double up to half a minute; any answer closes it. It never ends by itself: the
endpoint is gone when there was no answer for the patience set, or when it could not even be connected to from
the start.
"""

from random import Random

ROUNDS = 3
FIRST = 2.0
LONGEST = 30.0
UNREACHED = 1.0
"""Seconds of refused connections after which an endpoint that never answered is not there."""


class Breaker:
    """Counts what one endpoint leaves unanswered."""

    def __init__(self, patience: float, jitter: Random) -> None:
        self._patience = patience
        self._jitter = jitter
        self._rounds = 0
        self._seen = 0
        self._pause = FIRST
        self._answered = False
        self.silent_since: float | None = None
        """When the first request left that got no answer, none having come since."""
        self.probe_at: float | None = None
        """While it is open: when the next probe may go."""

    @property
    def is_open(self) -> bool:
        """Whether only probes may go."""
        return self.probe_at is not None

    def silent_for(self, now: float) -> float:
        """Seconds without an answer."""
        return 0.0 if self.silent_since is None else now - self.silent_since

    def last_chance(self, now: float) -> float:
        """When the patience ends, if nothing is answered."""
        return (now if self.silent_since is None else self.silent_since) + self._patience

    def answered(self) -> None:
        """The endpoint is there."""
        self._rounds, self._pause = 0, FIRST
        self._answered = True
        self.silent_since = self.probe_at = None

    def failed(self, number: int, latest: int, sent: float, now: float) -> None:
        """Request ``number`` got no answer; ``latest`` is the last one that is on its way as well."""
        if self.silent_since is None:
            self.silent_since = sent
        if number <= self._seen:
            return
        self._seen = latest
        self._rounds += 1
        if self._rounds >= ROUNDS:
            self.probe_at = min(now + self._jitter.uniform(self._pause / 2, self._pause), self.last_chance(now))
            self._pause = min(2 * self._pause, LONGEST)

    def is_gone(self, now: float, *, unreachable: bool) -> bool:
        """Whether nothing more is to be hoped for."""
        if unreachable and not self._answered and self._rounds >= ROUNDS and self.silent_for(now) >= UNREACHED:
            return True
        return now >= self.last_chance(now) and self.silent_since is not None
