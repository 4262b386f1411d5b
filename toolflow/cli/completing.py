"""``--complete``: asks a model for what imported tools lack, says so before and after, and ends in one line."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from toolflow.cli.endpoint import LLM_CONCURRENCY, find_endpoint
from toolflow.cli.progress import Steps, progress
from toolflow.cli.stopping import stop_on_signals
from toolflow.cli.summary import money
from toolflow.complete import Completed, Question, complete, kinds, questions, read_complete_prompt
from toolflow.config import Config
from toolflow.errors import ConfigError, OutputError, RunError
from toolflow.importing import Imported
from toolflow.llm import SoleModel
from toolflow.llm.ledger import Ledger
from toolflow.llm.prices import read_prices
from toolflow.llm.prompts import Prompt, reader

LISTED = 5
"""Of what is still lacking, shown without ``--verbose``."""


@dataclass(frozen=True)
class Options:
    """What the command line says of it."""

    complete: bool
    model: str | None
    base_url: str | None
    concurrency: int | None
    budget: float | None
    prices: Path | None
    no_cache: bool


class Completing:
    """A model that is ready to be asked; `ConfigError` when it is not, before anything is imported."""

    def __init__(self, model: str, options: Options, config: Config, folder: Path | None) -> None:
        self._config = config
        self._prompt: Prompt = read_complete_prompt(
            reader({str(name): path for name, path in config.llm.prompts.items()}, folder)
        )
        budget = config.llm.budget if options.budget is None else options.budget
        self.ledger = Ledger(read_prices(options.prices), budget)
        endpoint = find_endpoint(options.base_url, config.llm, cached=not options.no_cache)
        self._cached = endpoint.cache is not None
        self._open = SoleModel(
            model, endpoint.base_url, endpoint.key, config.llm, cache=endpoint.cache, ledger=self.ledger
        )
        self._concurrency = options.concurrency or LLM_CONCURRENCY

    def run(self, imported: Imported, output: Path) -> Completed:
        """The completed import; `RunError` when it was stopped before the end, and the catalog is not written.

        What it costs stands in a ledger beside the catalog, continuations included.
        """
        asked = questions(imported, self._config)
        typer.echo(_announced(imported, asked), err=True)
        if not asked:
            return Completed(imported, 0)
        ledger = output.with_name(f"{output.name}.ledger")
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{output}: cannot be written: {error.strerror}") from None
        self.ledger.open(ledger)
        try:
            with progress(Console(stderr=True, highlight=False)) as steps:
                outcome = asyncio.run(self._run(imported, asked, steps))
        finally:
            self.ledger.close()
        if outcome.stopped is not None:
            kept = "their answers are kept, the same command continues" if self._cached else "and no cache keeps them"
            there = f"{outcome.answered:,} of {outcome.asked:,} questions are answered; {kept}"
            raise RunError(f"{output}: not written: {outcome.stopped}; {there}")
        return outcome

    async def _run(self, imported: Imported, asked: Sequence[Question], steps: Steps) -> Completed:
        async with self._open as opened:
            return await complete(
                imported,
                asked,
                opened.model,
                self._prompt,
                self._config,
                concurrency=self._concurrency,
                stop=stop_on_signals().asked,
                progress=lambda done, total: steps("completing", done, total),
            )

    def as_json(self, outcome: Completed) -> dict[str, Any]:
        """For ``--report``: what was completed, what is still lacking and why, what it cost."""
        return {**outcome.as_json(), "spending": self.ledger.report()}

    def said(self, outcome: Completed, verbose: bool) -> Iterator[str]:
        """For people, a line each."""
        yield f"completed tools: {outcome.tools:,} ({_counted(outcome.counts)})"
        yield f"spent: {money(self.ledger.report())}"
        if outcome.incomplete:
            yield f"still incomplete: {len({one['tool'] for one in outcome.incomplete}):,}"
        shown = outcome.incomplete if verbose else outcome.incomplete[:LISTED]
        yield from (f"  {one['tool']}: {', '.join(one['lacks'])}: {one['why']}" for one in shown)
        if len(outcome.incomplete) > len(shown):
            yield f"  … {len(outcome.incomplete) - len(shown):,} more; list them with -v"


def make_completing(options: Options, config: Config, folder: Path | None) -> Completing | None:
    """What ``--complete`` needs, None without it; `ConfigError` for options that mean nothing then."""
    if options.complete:
        if options.model is None:
            raise ConfigError("--complete: needs --model, the name of the model to ask")
        return Completing(options.model, options, config, folder)
    for option, given in (
        ("--model", options.model),
        ("--base-url", options.base_url),
        ("--concurrency", options.concurrency),
        ("--budget", options.budget),
        ("--prices", options.prices),
        ("--no-cache", options.no_cache or None),
    ):
        if given is not None:
            raise ConfigError(f"{option}: needs --complete; without it no model is asked")
    return None


def _announced(imported: Imported, asked: Sequence[Question]) -> str:
    lacking: Counter[str] = Counter()
    for question in asked:
        lacking += kinds(question.paths)
    tools = len({question.name for question in asked})
    if not asked:
        return f"complete: none of {len(imported.tools):,} tools lacks anything"
    lack = f"{tools:,} of {len(imported.tools):,} tools lack something ({_counted(lacking)})"
    return f"complete: {lack}; questions to ask: {len(asked):,}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {counts[kind]:,}" for kind in sorted(counts)) or "nothing"
