"""Time that passes when nobody has anything left to do: hours in milliseconds, and a deadlock is an error."""

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

TURNS = 40
"""Turns of the event loop in which all that can go on does; tasks here hand over to each other a few times."""


class VirtualTime:
    """A clock and a sleep that agree; `run` drives both."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, woken))
        await woken

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Until the work is done; `AssertionError` when it waits for something that never comes."""
        return asyncio.run(self._drive(work))

    async def _drive(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        while not task.done():
            for _ in range(TURNS):
                await asyncio.sleep(0)
            while not task.done():
                assert self._sleepers, "a deadlock: nobody will ever wake"
                at, _, woken = heapq.heappop(self._sleepers)
                if not woken.done():
                    self.now = max(self.now, at)
                    woken.set_result(None)
                    break
        return task.result()
