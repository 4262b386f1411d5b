"""How far a long step is, on stderr: a bar on a terminal, a plain line now and then anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from toolflow.cli.printable import printable

LINE_SECONDS = 5.0
"""Time between two plain lines of progress about one step."""


class Steps(Protocol):
    """Takes the state of a step; call it as often as you like."""

    def __call__(self, step: str, done: int, total: int, note: str = "") -> None:
        """``done`` of ``total``, and a few words beside it."""
        ...


@contextmanager
def progress(console: Console, *, began_at: int = 0) -> Iterator[Steps]:
    """Show steps on stderr, with rate and time left: bars on a terminal, a line now and then anywhere else.

    ``began_at`` was done before the step began, and does not count for its rate.
    """
    if not console.is_terminal:
        yield _lines(console, began_at, time.monotonic)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield _bars(bars, began_at, time.monotonic)


@contextmanager
def counter(step: str) -> Iterator[Callable[[], None]]:
    """Counts things of which nobody knows how many there are, on a terminal; call it for each."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(printable(step), total=None)
        yield lambda: bars.advance(task)


def _bars(bars: Progress, began_at: int, clock: Callable[[], float]) -> Steps:
    tasks: dict[str, tuple[TaskID, float]] = {}

    def show(step: str, done: int, total: int, note: str = "") -> None:
        now = clock()
        if step not in tasks:
            tasks[step] = (bars.add_task(printable(step), total=total, completed=began_at, note="", rate=""), now)
        task, began = tasks[step]
        bars.update(task, completed=done, total=total, note=note, rate=_rate(done - began_at, now - began))

    return show


def _lines(console: Console, began_at: int, clock: Callable[[], float]) -> Steps:
    """Progress for logs: the end of each step, and every few seconds while it goes on."""
    began: dict[str, float] = {}
    told: dict[str, float] = {}
    ended: set[str] = set()

    def show(step: str, done: int, total: int, note: str = "") -> None:
        now = clock()
        began.setdefault(step, now)
        if step in ended or (now - told.setdefault(step, now) < LINE_SECONDS and done != total):
            return
        told[step] = now
        if done == total:
            ended.add(step)
        made, seconds = done - began_at, now - began[step]
        rate = _rate(made, seconds)
        if made > 0 and seconds > 0 and done < total:
            rate += f", {_clock((total - done) * seconds / made)} left"
        parts = (f"{step}: {done:,} of {total:,}", rate, note)
        console.print(Text(printable("  ".join(part for part in parts if part))), soft_wrap=True)

    return show


def _rate(made: int, seconds: float) -> str:
    """So many a second, or a minute where they are few."""
    if made <= 0 or seconds <= 0:
        return ""
    rate = made / seconds
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s" if rate >= 1 else f"{rate * 60:.1f}/min"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
