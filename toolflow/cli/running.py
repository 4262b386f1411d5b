"""A run under way: its progress, the signals that stop it, and what is done with what is then on its way."""

import logging
from collections.abc import Callable, Collection

from toolflow.cast import CastMaker
from toolflow.cli.executing import executing
from toolflow.cli.progress import Steps
from toolflow.cli.stopping import stop_on_signals
from toolflow.cpus import cpus
from toolflow.execute import Execution
from toolflow.llm import Lineup
from toolflow.llm.ledger import Ledger
from toolflow.making import Recipe
from toolflow.records import Records, Tally
from toolflow.synthesize import Making, synthesize
from toolflow.workers import LoadGraph, Workers, workers_for

logger = logging.getLogger(__name__)


def _teller(steps: Steps, records: Records) -> Callable[[Tally], None]:
    """Shows the counts."""
    return lambda tally: steps("synthesizing", tally.kept, records.wanted, f"rejected {tally.rejected:,}")


async def run_selfplay(
    recipe: Recipe, records: Records, concurrency: int, steps: Steps, load: LoadGraph, workers: int | None
) -> str | None:
    """Synthesize until done, or until a signal asks to stop; ``workers`` goes before the setting of that name."""
    stop, tell = stop_on_signals(), _teller(steps, records)
    workers = recipe.config.synthesize.workers if workers is None else workers
    workers = workers_for(records.wanted - records.tally.kept, cpus()) if workers is None else workers
    if not workers:
        return await synthesize(recipe, records, concurrency=concurrency, stop=stop.asked, progress=tell)
    async with Workers(recipe, load, workers) as make:
        concurrency = max(concurrency, make.concurrency)
        return await synthesize(recipe, records, make=make, concurrency=concurrency, stop=stop.asked, progress=tell)


async def run_asking(
    recipe: Recipe,
    records: Records,
    concurrency: int,
    steps: Steps,
    maker: CastMaker,
    ledger: Ledger | None,
    execution: Execution | None,
) -> str | None:
    """Synthesize until done, or until a signal asks to stop; answers on their way are waited for, until a second."""
    stop = stop_on_signals()
    needed = execution if records.tally.kept < records.wanted else None
    tell = _teller(steps, records)
    if ledger is None or not isinstance(maker, Lineup):
        async with executing(needed, stop):
            return await synthesize(recipe, records, concurrency=concurrency, stop=stop.asked, progress=tell)

    async def wind_up(under_way: Collection[Making]) -> None:
        answers = maker.hold()
        if answers:
            logger.warning("waiting for %d answers that are on their way; stop again to leave them", answers)
        await stop.wait(under_way)

    try:
        async with executing(needed, stop):
            return await synthesize(
                recipe,
                records,
                concurrency=concurrency,
                stop=stop.asked,
                progress=tell,
                affords=ledger.affords,
                wind_up=wind_up,
            )
    finally:
        await maker.aclose()
