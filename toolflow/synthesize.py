"""Synthesis: the stages applied to one record, and a run over many.

One record is a function of the recipe (settings, graph, cast, seed) and its index, and of nothing else;
which process makes it, beside which others and in which order, never shows. The run asks for records
until enough of them are kept, and never has more under way than are still needed, so that nothing is
paid for in vain.

The one broad guard of the package stands here, around one record: whatever goes wrong while it is made
sets this record aside with its reason, unless it is an error that stops the run.

It knows no file format (`toolflow.records`), no prompt and no endpoint. Ours: the simulated date is drawn
for each record.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from toolflow import __version__
from toolflow.cast import Cast, CastMaker, cast_source
from toolflow.config import Config
from toolflow.dialogue import act_out
from toolflow.errors import BudgetReached, RecordError, RunError
from toolflow.graph import ToolGraph
from toolflow.plan import make_plan
from toolflow.records import Identity, Records, Tally
from toolflow.sample import weighted
from toolflow.scene import draw_planned_scene, draw_scene
from toolflow.schema import End, FailedAnswer, Message, Meta, Plan, Record, Tool, Verdict
from toolflow.validate import check

LEAST_DRAWS = 100
"""A run may always make as many records, however few of them are kept."""
WINDOW = 4
"""In an ordered run, finished records wait for at most this many times the concurrency of earlier ones."""
INTERRUPTED = "interrupted"
MAX_WHY = 1_000
"""Characters of the reason that a failed record is set aside for."""

Making = asyncio.Task[Record]
WindUp = Callable[[Collection[Making]], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """All that a record is a function of, but for its index."""

    config: Config
    graph: ToolGraph
    make_cast: CastMaker
    seed: int

    def identity(self) -> Identity:
        """What the manifest remembers of the recipe."""
        cast = self.make_cast(Random(0))
        return Identity(
            toolflow=__version__,
            cast=cast.name,
            models=cast.pools or cast.models,
            prompts=cast.prompts,
            seed=self.seed,
            graph=self.graph.digest,
            config=self.config.model_dump(mode="json", by_alias=True),
        )


@dataclass
class _Draft:
    """A record in the making; what it holds when something goes wrong is what the reject will show."""

    cast: Cast | None = None
    tools: Sequence[Tool] = ()
    plan: Plan | None = None
    messages: tuple[Message, ...] = ()
    today: date | None = None
    end: End = End.FAILED
    turns: tuple[int, ...] = ()
    verdicts: list[Verdict] = field(default_factory=list)
    history: Sequence[FailedAnswer] = ()

    def reject(self, rule: str, why: str) -> None:
        """Set the record aside; what a failing speaker said may hold anything, half a surrogate pair too."""
        readable = why[:MAX_WHY].encode(errors="replace").decode()
        self.verdicts.append(Verdict(rule=rule, severity="error", where="", why=readable))

    def record(self, recipe: Recipe, index: int) -> Record:
        cast = self.cast or recipe.make_cast(Random(0))
        return Record(
            id=f"{cast.name}-{recipe.seed}-{index:06d}",
            tools=tuple(tool.function() for tool in self.tools),
            messages=self.messages,
            plan=self.plan,
            meta=Meta(
                index=index,
                seed=recipe.seed,
                cast=cast.name,
                models=cast.models,
                prompts=cast.prompts,
                graph=recipe.graph.digest,
                today=self.today,
                end=self.end,
                turns=self.turns,
                usage=cast.usage,
                verdicts=tuple(self.verdicts),
                history=tuple(self.history),
            ),
        )


async def make_record(recipe: Recipe, index: int) -> Record:
    """Record ``index``, kept or rejected with its verdicts; `RunError` when no record can be made at all."""
    draft = _Draft()
    try:
        await _fill(draft, recipe, index)
    except RunError:
        raise
    except RecordError as error:
        draft.history = error.history
        draft.reject("plan" if draft.plan is None and not draft.messages else "dialogue", str(error))
    except Exception as error:  # the one broad guard: a bug costs its record, not the run
        logger.exception("record %d", index)
        draft = _Draft(draft.cast)  # seed and index tell the rest, and it may be what cannot be written
        draft.reject("internal-error", f"{type(error).__name__}: {error}")
    return draft.record(recipe, index)


async def _fill(draft: _Draft, recipe: Recipe, index: int) -> None:
    """Sample, plan, act out, validate."""
    config, graph = recipe.config, recipe.graph
    rng = Random(f"{recipe.seed}:{index}")
    draft.today = today = _draw_day(*config.plan.today, rng)
    draft.cast = recipe.make_cast(cast_source(recipe.seed, index))
    if config.plan.mode == "plan":
        planner = draft.cast.planner
        scene, brief = draw_planned_scene(graph, config, recipe.seed, index, rng, planner, today)
        draft.tools = scene.offered
        draft.plan = await make_plan(planner, brief, config.plan)
        wanted = len(draft.plan.requests)
    else:
        scene = draw_scene(graph, config, recipe.seed, index, rng)
        draft.tools = scene.offered
        wanted = weighted(config.plan.requests, rng)

    talk = await act_out(draft.cast, draft.plan, scene.offered, scene.tools, today, wanted, config.dialogue)
    draft.messages, draft.end, draft.turns = talk.messages, talk.end, talk.turns
    if talk.end is End.FAILED:
        draft.history = talk.history
        draft.reject("dialogue", talk.failure or "a speaker could not go on")
        return
    draft.verdicts += check(draft.record(recipe, index).model_dump(mode="json"), config.validate_)


def _draw_day(first: date, last: date, rng: Random) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


async def synthesize(
    recipe: Recipe,
    records: Records,
    *,
    concurrency: int = 1,
    stop: asyncio.Event | None = None,
    progress: Callable[[Tally], None] = lambda tally: None,
    affords: Callable[[int, int], bool] = lambda draws, under_way: True,
    wind_up: WindUp | None = None,
) -> str | None:
    """Make records until as many are kept as ``records.wanted``; None then, else why the run ended before.

    Setting ``stop`` ends the run: everything finished is kept. ``wind_up`` is given what is then under way and takes
    the time that some of it deserves, to have what is paid for; what has not ended after it is abandoned.
    ``progress`` is told the counts after every record. `RunError` stops the run likewise, except that what is under
    way when a budget is reached may end, as far as the money goes. ``affords`` is asked before each record, with the
    number of those made and of those under way, whether one more can be paid for.
    """
    stopped = await _Run(recipe, records, concurrency, stop or asyncio.Event(), progress, affords, wind_up).go()
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
        concurrency: int,
        stop: asyncio.Event,
        progress: Callable[[Tally], None],
        affords: Callable[[int, int], bool],
        wind_up: WindUp | None,
    ) -> None:
        self.recipe, self.records, self.concurrency = recipe, records, concurrency
        self.stop, self.progress, self.affords, self.wind_up = stop, progress, affords, wind_up
        self.missing = records.missing()
        self.under_way: dict[Making, int] = {}
        self.waiting: dict[int, Record] = {}
        """Finished records of an ordered run that wait for an earlier one."""
        self.next = records.found
        """Index of the next record to be written, in an ordered run."""
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
            ahead = len(self.under_way) + len(self.waiting)
            if tally.kept + ready + len(self.under_way) >= self.records.wanted or ahead >= WINDOW * self.concurrency:
                return
            try:
                if not self.affords(tally.draws, len(self.under_way)):
                    return
            except BudgetReached as reached:
                self.reached = reached
                return
            index = next(self.missing)
            self.under_way[asyncio.create_task(make_record(self.recipe, index))] = index

    def _collect(self) -> None:
        """Write what is finished, then let the first error stop the run."""
        finished = sorted((index, task) for task, index in self.under_way.items() if task.done())
        error: BaseException | None = None
        for index, task in finished:
            del self.under_way[task]
            if isinstance(failed := task.exception(), BudgetReached):
                self.reached = failed
            else:
                error = error or failed
            if task.exception() is None:
                self._finished(index, task.result())
        if error is not None:
            raise error

    def _finished(self, index: int, record: Record) -> None:
        if not self.records.ordered:
            self._write(record)
            return
        self.waiting[index] = record
        while self.next in self.waiting:
            self._write(self.waiting.pop(self.next))
            self.next += 1

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
