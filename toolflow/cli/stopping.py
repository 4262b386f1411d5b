"""Signals that ask a command to stop: the first gently, another one at once, and a third does what it always does."""

import asyncio
import signal
from collections.abc import Collection
from contextlib import suppress
from typing import Any

SAME_SIGNAL = 1.0
"""Seconds in which a signal that comes again is the same one: ``timeout`` and shells often send it twice."""


class Stop:
    """Whether, and how urgently, a command was asked to stop."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._at_once = asyncio.Event()

    async def wait(self, tasks: Collection[asyncio.Task[Any]]) -> None:
        """Until all of these have ended, or somebody is urgent."""
        urgent = asyncio.create_task(self._at_once.wait())
        everything = asyncio.ensure_future(asyncio.wait(tasks))
        await asyncio.wait([urgent, everything], return_when=asyncio.FIRST_COMPLETED)
        for task in (urgent, everything):
            task.cancel()

    def heard(self) -> None:
        """A signal came."""
        self.asked.set()
        asyncio.get_running_loop().call_later(SAME_SIGNAL, self.listen_for_another)

    def listen_for_another(self) -> None:
        """The next signal is urgent."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._heard_again)

    def _heard_again(self) -> None:
        self._at_once.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)


def stop_on_signals() -> Stop:
    """What SIGINT and SIGTERM set from now on; to be called inside of a running loop."""
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C then stops less gently
            asyncio.get_running_loop().add_signal_handler(number, stop.heard)
    return stop
