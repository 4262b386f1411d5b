"""The program as a process of its own, at once: forked from one that has imported everything beforehand."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock

from toolflow.cli import run

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["__main__", "tests.forked"])
MOMENT = 0.003
"""Seconds between two looks at what a process does."""

_one_at_a_time = Lock()
"""multiprocessing looks after all processes in whichever thread asks for one, and loses an exit code to a second."""


class Running:
    """``toolflow ARGUMENTS``; what it says goes to two files, which grow."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
        given = (list(arguments), dict(environment), str(out), str(err))
        self._process = CONTEXT.Process(target=_command, args=given)
        with _one_at_a_time:
            self._process.start()

    @property
    def code(self) -> int | None:
        """The exit code, minus the signal that ended it; None while it runs."""
        with _one_at_a_time:
            return self._process.exitcode

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Until it has ended, or a condition holds; TimeoutError when neither comes about in time."""
        deadline = time.monotonic() + seconds
        while self.code is None and not until():
            if time.monotonic() > deadline:
                self.send(signal.SIGKILL)
                raise TimeoutError(f"still running after {seconds:g} s")
            pause(MOMENT)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended."""
        with _one_at_a_time:
            if self._process.exitcode is None and self._process.pid is not None:
                os.kill(self._process.pid, number)


def pause(seconds: float) -> None:
    """Let the other process have the processor."""
    signal.sigtimedwait([], seconds)


def _command(arguments: list[str], environment: dict[str, str], *files: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(files, start=1):
        opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.exit(run(arguments))
