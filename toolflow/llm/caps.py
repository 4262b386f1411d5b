"""Caps set by hand: requests, input tokens and output tokens in any sixty seconds.

Pure bookkeeping: nothing waits here, and the time comes in as a number. A request is booked before it is sent,
with what it may cost at most or by estimate, and put right when that is known. It counts from its booking until
a minute after it was sent, its output until a minute after the answer: whichever minute is looked at, the
requests sent and the tokens answered in it stay below the caps. Only input that was estimated too low can pass
its cap, and what comes next waits for that.

Ours: a request that is larger than a cap goes alone, since it could never go otherwise.
"""

from collections import deque
from dataclasses import dataclass
from math import inf

from toolflow.limits import Limits

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Need:
    """What a request may cost: tokens of its prompt by estimate, tokens of its answer at most."""

    input: int
    output: int


@dataclass(slots=True)
class _Share:
    """What one request takes of a cap; ``sent`` is infinite as long as it counts whenever one looks."""

    amount: int
    sent: float = inf


class _Cap:
    """At most so much in any sixty seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._total = 0
        self._sent: deque[_Share] = deque()
        """In the order of their times."""

    def wait(self, amount: int, now: float) -> float:
        """Seconds until there is room for so much; infinite while that depends on shares without a time."""
        self._forget(now)
        over = self._total + min(amount, self._most) - self._most
        if over <= 0:
            return 0.0
        for share in self._sent:
            over -= share.amount
            if over <= 0:
                return share.sent + MINUTE - now
        return inf

    def book(self, amount: int) -> _Share:
        """A share without a time."""
        self._total += amount
        return _Share(amount)

    def send(self, share: _Share, now: float) -> None:
        """From now on it counts for a minute."""
        share.sent = now
        self._sent.append(share)

    def correct(self, share: _Share, amount: int) -> None:
        """It takes so much, as turned out."""
        if share.sent < (self._sent[0].sent if self._sent else inf):
            return  # its minute is over
        self._total += amount - share.amount
        share.amount = amount

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0].sent + MINUTE <= now:
            self._total -= self._sent.popleft().amount


class Booking:
    """What one request takes of the caps."""

    def __init__(self, caps: "Caps", need: Need) -> None:
        self._caps = caps
        self._requests = caps.requests and caps.requests.book(1)
        self._input = caps.input and caps.input.book(need.input)
        self._output = caps.output and caps.output.book(need.output)

    def sent(self, now: float) -> None:
        """It leaves now."""
        if self._caps.requests and self._requests:
            self._caps.requests.send(self._requests, now)
        if self._caps.input and self._input:
            self._caps.input.send(self._input, now)

    def ended(self, now: float, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        """It is over, at this cost; what is not known stays as it was booked."""
        if self._caps.input and self._input and input_tokens is not None:
            self._caps.input.correct(self._input, input_tokens)
        if self._caps.output and self._output:
            if output_tokens is not None:
                self._caps.output.correct(self._output, output_tokens)
            self._caps.output.send(self._output, now)

    def dropped(self) -> None:
        """It is never sent."""
        for cap, share in (
            (self._caps.requests, self._requests),
            (self._caps.input, self._input),
            (self._caps.output, self._output),
        ):
            if cap and share:
                cap.correct(share, 0)


class Caps:
    """The caps of one model at one endpoint."""

    def __init__(self, limits: Limits) -> None:
        self.requests = _cap(limits.requests_per_minute)
        self.input = _cap(limits.input_tokens_per_minute)
        self.output = _cap(limits.output_tokens_per_minute)

    def wait(self, need: Need, now: float) -> float:
        """Seconds until a request may go; infinite while that depends on how another one ends."""
        return max(
            self.requests.wait(1, now) if self.requests else 0.0,
            self.input.wait(need.input, now) if self.input else 0.0,
            self.output.wait(need.output, now) if self.output else 0.0,
        )

    def book(self, need: Need) -> Booking:
        """Room for a request that may go now."""
        return Booking(self, need)


def _cap(most: int | None) -> _Cap | None:
    return None if most is None else _Cap(most)
