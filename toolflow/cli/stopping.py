"""Signals that ask a command to stop: the first sets an event, a second does not wait."""

import asyncio
import signal
from contextlib import suppress

SAME_SIGNAL = 1.0
"""Seconds in which a signal that comes again is the same one: ``timeout`` and shells often send it twice."""


def stop_on_signals() -> asyncio.Event:
    """The event that SIGINT and SIGTERM set from now on; to be called inside of a running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked_to_stop(number: signal.Signals) -> None:
        stop.set()
        loop.call_later(SAME_SIGNAL, loop.remove_signal_handler, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C then stops less gently
            loop.add_signal_handler(number, asked_to_stop, number)
    return stop
