"""A run over many records (`toolflow.making` makes each).

The run asks for records until enough of them are kept, and never has more under way than are still needed, so that
nothing is paid for in vain. A reject is made again: another attempt at its index, which keeps its place in the mix
(`toolflow.plan.deal`), so that what is kept has the shares that were dealt, however much harder some kinds are than
others. An index that failed too often is given up. It knows no file format (`toolflow.records`), no prompt and no
endpoint.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import Any

from toolflow.errors import BudgetReached, RunError
from toolflow.making import Recipe, make_record
from toolflow.records import Records, Tally
from toolflow.schema import Draw, Record

LEAST_DRAWS = 100
"""A run may always make as many records, however few of them are kept."""
WINDOW = 4
"""In an ordered run, finished records wait for at most this many times the concurrency of earlier ones."""
INTERRUPTED = "interrupted"

Making = asyncio.Task[Record]
WindUp = Callable[[Collection[Making]], Awaitable[None]]


async def synthesize(
    recipe: Recipe,
    records: Records,
    *,
    make: Callable[[Draw], Coroutine[Any, Any, Record]] | None = None,
    concurrency: int = 1,
    stop: asyncio.Event | None = None,
    progress: Callable[[Tally], None] = lambda tally: None,
    affords: Callable[[int, int], bool] = lambda draws, under_way: True,
    wind_up: WindUp | None = None,
) -> str | None:
    """Make records until as many are kept as ``records.wanted``; None then, else why the run ended before.

    ``make`` makes the record of a draw where this process is not to make it itself (`toolflow.workers`).
    Setting ``stop`` ends the run: everything finished is kept. ``wind_up`` is given what is then under way and takes
    the time that some of it deserves, to have what is paid for; what has not ended after it is abandoned.
    ``progress`` is told the counts after every record. `RunError` stops the run likewise, except that what is under
    way when a budget is reached may end, as far as the money goes. ``affords`` is asked before each record, with the
    number of those made and of those under way, whether one more can be paid for.
    """
    make = make or partial(make_record, recipe)
    stopped = await _Run(recipe, records, make, concurrency, stop or asyncio.Event(), progress, affords, wind_up).go()
    if stopped is None:
        records.finish()
    else:
        records.stop(stopped)
    return stopped


class _Run:
    """What is under way in a run."""

    def __init__(
        self,
        recipe: Recipe,
        records: Records,
        make: Callable[[Draw], Coroutine[Any, Any, Record]],
        concurrency: int,
        stop: asyncio.Event,
        progress: Callable[[Tally], None],
        affords: Callable[[int, int], bool],
        wind_up: WindUp | None,
    ) -> None:
        self.recipe, self.records, self.make, self.concurrency = recipe, records, make, concurrency
        self.stop, self.progress, self.affords, self.wind_up = stop, progress, affords, wind_up
        self.missing = records.missing()
        self.again: list[Draw] = []
        """Further attempts at indices whose last record was rejected, the first index first."""
        self.under_way: dict[Making, Draw] = {}
        self.waiting: dict[Draw, Record] = {}
        """Finished records of an ordered run that wait for an earlier one."""
        self.next = next(records.missing())
        """The next one to be written, in an ordered run."""
        self.reached: BudgetReached | None = None
        """Set when no further record can be paid for."""

    async def go(self) -> str | None:
        """Make records until enough are kept; else say why not."""
        stopping = asyncio.create_task(self.stop.wait())
        try:
            while self.records.tally.kept < self.records.wanted:
                if self.stop.is_set():
                    return INTERRUPTED
                if self._exhausted():
                    return self._too_many_draws()
                self._launch()
                if self.reached is not None and not self.under_way:
                    return str(self.reached)
                await asyncio.wait([*self.under_way, stopping], return_when=asyncio.FIRST_COMPLETED)
                self._collect()
            return None
        finally:
            if self.under_way and self.wind_up:
                await self.wind_up(self.under_way)
                with suppress(RunError):  # the first one has ended the run
                    self._collect()
            tasks = [*self.under_way, stopping]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _launch(self) -> None:
        """Start as many records as may be, and no more than can still be needed."""
        tally = self.records.tally
        while self.reached is None and len(self.under_way) < self.concurrency:
            ready = sum(record.kept for record in self.waiting.values())
            enough = tally.kept + ready + len(self.under_way) >= self.records.wanted
            if not self.again and (enough or len(self.under_way) + len(self.waiting) >= WINDOW * self.concurrency):
                return
            try:
                if not self.affords(tally.draws, len(self.under_way)):
                    return
            except BudgetReached as reached:
                self.reached = reached
                return
            draw = heapq.heappop(self.again) if self.again else next(self.missing)
            self.under_way[asyncio.create_task(self.make(draw))] = draw

    def _collect(self) -> None:
        """Write what is finished, then let the first error stop the run."""
        finished = sorted(((draw, task) for task, draw in self.under_way.items() if task.done()), key=itemgetter(0))
        error: BaseException | None = None
        for draw, task in finished:
            del self.under_way[task]
            if isinstance(failed := task.exception(), BudgetReached):
                self.reached = failed
            else:
                error = error or failed
            if task.exception() is None:
                self._finished(draw, task.result())
        if error is not None:
            raise error

    def _finished(self, draw: Draw, record: Record) -> None:
        after = self._after(draw, record)
        if after.index == draw.index:
            heapq.heappush(self.again, after)
        if not self.records.ordered:
            self._write(record)
            return
        self.waiting[draw] = record
        while self.next in self.waiting:
            record = self.waiting.pop(self.next)
            self._write(record)
            self.next = self._after(self.next, record)

    def _after(self, draw: Draw, record: Record) -> Draw:
        return draw.after(kept=record.kept, attempts=self.recipe.config.synthesize.attempts)

    def _write(self, record: Record) -> None:
        if self.records.ordered and self._exhausted():
            return  # it overtook the last record; a run without others beside it would not have begun it
        self.records.append(record)
        self.progress(self.records.tally)

    def _exhausted(self) -> bool:
        """Whether so few records were kept that the run had better stop."""
        tally = self.records.tally
        return tally.draws >= max(LEAST_DRAWS, self.recipe.config.synthesize.max_draws_per_kept * tally.kept)

    def _too_many_draws(self) -> str:
        rejected = reasons(self.records.tally.reasons)
        return (
            f"{self.records.tally.draws:,} records were made and too many rejected ({rejected}); "
            "mend the cause, or raise synthesize.max_draws_per_kept"
        )


def reasons(counts: Mapping[str, int]) -> str:
    """Why records were rejected, the most frequent reason first: ``plan 12, argument-source 3``."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{rule} {number:,}" for rule, number in ranked)
