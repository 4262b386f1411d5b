"""The gate before one model at one endpoint: who may send a request, and when.

Every attempt of every question takes a slot here, first come, first served. A slot is given when the width
allows one more request (`toolflow.llm.width`), the caps set by hand have room (`toolflow.llm.caps`), the
endpoint's own headers leave some (`toolflow.llm.allowance`), nobody asked to wait, and the breaker is closed
or lets a probe through (`toolflow.llm.breaker`). While an endpoint says "wait 20 s", nothing goes out at all.

A question waits here, and not by itself, as long as the endpoint is down for everybody. When the endpoint is
gone for good, all who wait get the `ModelUnavailable` that stops the run; so they do when the run is to end, while
what is on its way, and will be billed, comes to its end.

Ours: whatever an endpoint asks for, it is tried again after `LONGEST_WAIT` seconds. A long wait is told, once.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from random import Random

from toolflow.errors import ModelUnavailable
from toolflow.limits import Limits
from toolflow.llm.allowance import Allowance, Headers
from toolflow.llm.breaker import Breaker
from toolflow.llm.caps import Booking, Caps, Need
from toolflow.llm.failures import Address, Failure, in_words
from toolflow.llm.purse import Tokens
from toolflow.llm.timer import Timer
from toolflow.llm.width import Width

logger = logging.getLogger(__name__)

LONGEST_WAIT = 300.0
"""Seconds that an endpoint is left alone at most when it asks for it."""
SHORTEST_WAIT = 0.001
WORTH_TELLING = 10.0
"""Seconds of waiting that people are told of …"""
TELL_EVERY = 60.0
"""… but not more often than this."""


class Slot:
    """Leave to send one request. Say `sent` when it goes, and how it ended; to say neither gives it back."""

    def __init__(self, gate: "Gate", need: Need, booking: Booking, *, is_probe: bool) -> None:
        self._gate = gate
        self._booking = booking
        self.need = need
        self.is_probe = is_probe
        self.number = 0
        """In the order of sending, from 1; 0 before."""
        self.sent_at = 0.0
        self._account: Mapping[str, int] = {}
        self._ended = False

    def sent(self) -> None:
        """The request goes now; `ModelUnavailable` when it may not any more."""
        self.number, self.sent_at, self._account = self._gate.departs(self.need)
        self._booking.sent(self.sent_at)

    def answered(self, tokens: Tokens | None, headers: Headers) -> None:
        """An answer came; None when it did not say what it cost."""
        known = (tokens.prompt, tokens.completion) if tokens else (None, None)
        self._gate.hears(headers, self._account)
        self._gate.answered(self)
        self._end(*known)

    def refused(self) -> None:
        """The endpoint is alive, and will not have this request."""
        self._gate.lives()
        self._end(output_tokens=0)

    def failed(self, failure: Failure) -> ModelUnavailable | None:
        """No answer came, and another time one may; the error when none will."""
        self._gate.hears(failure.headers, self._account)
        self._end(output_tokens=0 if failure.headers else None)
        return self._gate.failed(self, failure)

    def close(self) -> None:
        """It is over, however it ended."""
        if not self._ended:
            self._end()

    def _end(self, input_tokens: int | None = None, output_tokens: int | None = None) -> None:
        self._ended = True
        if self.number:
            self._booking.ended(self._gate.timer.now(), input_tokens, output_tokens)
        else:
            self._booking.dropped()


@dataclass(slots=True, eq=False)
class _Waiter:
    need: Need
    slot: asyncio.Future[Slot] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gate:
    """Shared by all questions to one model at one endpoint."""

    def __init__(self, address: Address, limits: Limits, timer: Timer, jitter: Random) -> None:
        self._address = address
        self.timer = timer
        self._jitter = jitter
        self.width = Width(float("inf") if limits.in_flight is None else limits.in_flight, address.timeout)
        self.breaker = Breaker(limits.patience, jitter)
        self._caps = Caps(limits)
        self._allowance = Allowance()
        self._until = float("-inf")
        """Nothing goes out before; somebody asked for it."""
        self._waiting: deque[_Waiter] = deque()
        self._probing = False
        self._latest = 0
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = 0.0
        self._told_at = float("-inf")
        self._down_told = False
        self._held: ModelUnavailable | None = None
        self.in_flight = 0
        """Slots given away."""
        self.asking = 0
        """Questions that want an answer, those between two attempts too."""
        self.signs = 0
        """How often the endpoint gave an answer, or a refusal."""
        self.has_answered = False

    @contextmanager
    def question(self) -> Iterator[None]:
        """Around all attempts at one question."""
        self.asking += 1
        try:
            yield
        finally:
            self.asking -= 1

    @asynccontextmanager
    async def slot(self, need: Need) -> AsyncIterator[Slot]:
        """A slot, as soon as there is one; `ModelUnavailable` when the endpoint is gone for good."""
        slot = await self._enter(need)
        try:
            yield slot
        finally:
            self._leave(slot)

    def hold(self) -> int:
        """From now on nobody goes; how many are on their way."""
        self._held = ModelUnavailable("the run ends, and nothing more is asked")
        self._turn_away(self._held)
        self.timer.hurry()
        return self.in_flight

    async def aclose(self) -> None:
        """Nobody is to be woken any more."""
        if self._alarm is not None:
            self._alarm.cancel()
            await asyncio.gather(self._alarm, return_exceptions=True)
            self._alarm = None

    async def _enter(self, need: Need) -> Slot:
        if self._held:
            raise self._held
        waiter = _Waiter(need)
        self._waiting.append(waiter)
        self._admit()
        try:
            return await waiter.slot
        except asyncio.CancelledError:
            if waiter.slot.done() and not waiter.slot.cancelled() and waiter.slot.exception() is None:
                self._leave(waiter.slot.result())
            else:
                self._admit()  # those behind it may need less
            raise

    def _leave(self, slot: Slot) -> None:
        slot.close()
        self.in_flight -= 1
        if slot.is_probe:
            self._probing = False
        self._admit()

    def _admit(self) -> None:
        """Give slots to those who wait longest, as far as there are any."""
        while self._waiting:
            waiter = self._waiting[0]
            if waiter.slot.done():  # cancelled, and not yet gone
                self._waiting.popleft()
                continue
            if self._probing if self.breaker.is_open else self.in_flight >= self.width.allowed:
                return
            now = self.timer.now()
            wait = self._wait(waiter.need, now)
            if wait > 0:
                if wait != float("inf"):
                    self._tell_wait(wait, "limits per minute", now)
                    self._wake_in(wait, now)
                return
            self._waiting.popleft()
            self.in_flight += 1
            self._probing = self.breaker.is_open
            waiter.slot.set_result(Slot(self, waiter.need, self._caps.book(waiter.need), is_probe=self._probing))

    def _wait(self, need: Need, now: float) -> float:
        """Seconds until a request may go; infinite while that depends on another one's end."""
        return max(
            self._until - now,
            (self.breaker.probe_at or now) - now,
            self._caps.wait(need, now),
            self._allowance.wait(need, now),
        )

    def _wake_in(self, seconds: float, now: float) -> None:
        at = now + max(seconds, SHORTEST_WAIT)
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = asyncio.get_running_loop().create_task(self._wake(at - now))

    async def _wake(self, seconds: float) -> None:
        await self.timer.sleep(seconds)
        self._alarm = None
        self._admit()

    def departs(self, need: Need) -> tuple[int, float, Mapping[str, int]]:
        """A request goes: its number, the time, and the account of what was sent before."""
        if self._held:
            raise self._held
        self._latest += 1
        return self._latest, self.timer.now(), self._allowance.sent(need)

    def hears(self, headers: Headers, account: Mapping[str, int]) -> None:
        """Headers came."""
        if headers:
            self._allowance.heard(headers, account, self.timer.now())

    def answered(self, slot: Slot) -> None:
        """An answer came."""
        if self._waiting or self.in_flight >= self.width.allowed:
            self.width.answered(self.timer.now() - slot.sent_at)
        self.has_answered = True
        self.lives()

    def lives(self) -> None:
        """The endpoint showed that it is there."""
        self.signs += 1
        if self.breaker.is_open:
            self.width.begin_anew()
            if self._down_told:
                self._down_told = False
                seconds = self.breaker.silent_for(self.timer.now())
                logger.warning("%s answers again, after %s", self._address.where, in_words(seconds))
        self.breaker.answered()

    def failed(self, slot: Slot, failure: Failure) -> ModelUnavailable | None:
        """A request came back without an answer; the error when there will be none."""
        now = self.timer.now()
        if failure.busy:
            self.width.overloaded(slot.number, self._latest)
        self.breaker.failed(slot.number, self._latest, slot.sent_at, now)
        if self.breaker.is_gone(now, unreachable=failure.unreachable):
            return self._give_up(failure, self.breaker.silent_for(now))
        if failure.asked is not None:
            asked = min(failure.asked, LONGEST_WAIT)
            asked += self._jitter.uniform(0, min(1.0, asked / 10))
            self._until = max(self._until, min(now + asked, self.breaker.last_chance(now)))
        self._tell_failure(failure, now)
        return None

    def _give_up(self, last: Failure, seconds: float) -> ModelUnavailable:
        """Nobody need wait any longer; whoever asks later begins anew."""
        self.breaker.silent_since = None
        error = self._address.gone(last, seconds, answered=self.has_answered)
        self._turn_away(error)
        return error

    def _turn_away(self, error: ModelUnavailable) -> None:
        """Those who wait need not any longer."""
        waiting, self._waiting = self._waiting, deque()
        for waiter in waiting:
            if not waiter.slot.done():
                waiter.slot.set_exception(error)

    def _tell_failure(self, failure: Failure, now: float) -> None:
        """Say that it takes a while, where people would take it for a hang."""
        seconds = max(self._until, self.breaker.probe_at or now) - now
        if not self.breaker.is_open:
            self._tell_wait(seconds, failure.said, now)
        elif now - self._told_at >= TELL_EVERY and self.breaker.silent_for(now) >= WORTH_TELLING:
            self._told_at, self._down_told = now, True
            left = in_words(self.breaker.last_chance(now) - now)
            text = "%s gives no answer (%s); asking again in %s, and for %s at most"
            logger.warning(text, self._address.where, failure.said, in_words(seconds), left)

    def _tell_wait(self, seconds: float, why: str, now: float) -> None:
        if seconds >= WORTH_TELLING and now - self._told_at >= TELL_EVERY:
            self._told_at = now
            logger.warning("waiting for %s, %s (%s)", self._address.where, in_words(seconds), why)
