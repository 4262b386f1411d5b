"""Time as the llm cast knows it: one clock and one way to wait, both from outside.

The two agree: after a wait of ten seconds the clock shows ten seconds more, also with a ``sleep`` that returns
at once. So a test hands in a ``sleep``, with a clock or without, and no wait can turn into a busy loop.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
"""Seconds since whenever, never going back."""
Sleep = Callable[[float], Awaitable[None]]


class Timer:
    """A clock that waits."""

    def __init__(self, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ahead = 0.0
        self._sleeping: set[asyncio.Future[None]] = set()
        self._hurried = False

    def now(self) -> float:
        """Seconds."""
        return self._clock() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait so long, or until somebody hurries."""
        if self._hurried:
            return
        until = self.now() + seconds
        sleeping = asyncio.ensure_future(self._sleep(seconds))
        self._sleeping.add(sleeping)
        try:
            await asyncio.wait([sleeping])
        finally:
            sleeping.cancel()
            self._sleeping.discard(sleeping)
        if not self._hurried:
            self._ahead += max(0.0, until - self.now())

    def hurry(self) -> None:
        """Nobody waits from now on; whoever does is woken."""
        self._hurried = True
        for sleeping in self._sleeping:
            sleeping.cancel()
