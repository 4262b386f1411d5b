"""Stopping: gently at first, then at once."""

import asyncio
import os
import signal

from toolflow.cli.stopping import Stop, stop_on_signals


def test_the_first_signal_asks_and_waits() -> None:
    """Twice the same within a moment is one; what is under way comes to its end."""

    async def go() -> None:
        stop = stop_on_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.asked.wait()
        task = asyncio.create_task(asyncio.sleep(0, "done"))
        await stop.wait([task])
        assert task.result() == "done"

    asyncio.run(go())


def test_another_signal_waits_for_nothing() -> None:
    """What never ends is left; a third signal would end the process."""

    async def go() -> None:
        stop = Stop()
        stop.listen_for_another()
        endless = asyncio.create_task(asyncio.Event().wait())
        waiting = asyncio.create_task(stop.wait([endless]))
        os.kill(os.getpid(), signal.SIGINT)
        await waiting
        assert not endless.done()
        endless.cancel()
        assert not asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)

    asyncio.run(go())
