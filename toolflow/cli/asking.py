"""What commands share that ask a model on an errand: their options, its models, the account beside what they write."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from toolflow.cli.endpoint import LLM_CONCURRENCY, find_endpoint
from toolflow.cli.progress import progress
from toolflow.cli.stopping import stop_on_signals
from toolflow.config import Config
from toolflow.errors import ConfigError, OutputError, RunError
from toolflow.llm import OpenPool, settle_errand
from toolflow.llm.chat import Model
from toolflow.llm.ledger import Ledger
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prices import read_prices
from toolflow.llm.prompts import Reader, reader
from toolflow.pools import Errand

A = TypeVar("A")

ModelName = Annotated[
    str | None, typer.Option("--model", help="Model to ask; default: that of llm.models. Reads OPENAI_API_KEY.")
]
BaseUrl = Annotated[str | None, typer.Option(help="OpenAI-compatible endpoint; default: OPENAI_BASE_URL, or OpenAI.")]
Concurrency = Annotated[int | None, typer.Option(min=1, max=4096, help="Questions under way at once (32).")]
Budget = Annotated[float | None, typer.Option(min=0, help="US dollars that the questions may cost.")]
Prices = Annotated[Path | None, typer.Option(help="Price list of your own; default: the packaged prices.yaml.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ask the model also what it answered before.")]

Told = Callable[[int, int], None]
"""Is told how many of how many questions are done."""
Errands = Callable[[ModelPool[Model], int, asyncio.Event, Told], Awaitable[A]]
"""Asks all questions, so many at once, until the event stops it."""


@dataclass(frozen=True)
class Options:
    """What the command line says of a model."""

    model: str | None
    base_url: str | None
    concurrency: int | None
    budget: float | None
    prices: Path | None
    no_cache: bool

    def refuse(self, wanted: str) -> None:
        """`ConfigError` when any is given; they mean nothing without ``wanted``."""
        for option in fields(self):
            if getattr(self, option.name) not in (None, False):
                name = f"--{option.name.replace('_', '-')}"
                raise ConfigError(f"{name}: needs {wanted}; without it no model is asked")


class Asking:
    """Models that are ready to be asked; `ConfigError` when they are not, before anything else is done."""

    def __init__(self, errand: Errand, options: Options, config: Config, folder: Path | None) -> None:
        """``folder`` is the one of the config file."""
        self.reader: Reader = reader({str(name): path for name, path in config.llm.prompts.items()}, folder)
        budget = config.llm.budget if options.budget is None else options.budget
        self.ledger = Ledger(read_prices(options.prices), budget)
        endpoint = find_endpoint(options.base_url, config.llm, cached=not options.no_cache)
        self._cached = endpoint.cache is not None
        places = settle_errand(errand, options.model, endpoint.base_url, endpoint.key, config.llm, endpoint.keys)
        self.name = places.name
        """Of the models, for people and files."""
        self._open = OpenPool(places, config.llm, cache=endpoint.cache, ledger=self.ledger)
        self._concurrency = options.concurrency or LLM_CONCURRENCY

    def run(self, ask: Errands[A], step: str, output: Path | None) -> A:
        """What ``ask`` makes of the answers; what they cost stands in a ledger beside ``output``, if there is one."""
        if output is not None:
            try:
                output.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"{output}: cannot be written: {error.strerror}") from None
            self.ledger.open(output.with_name(f"{output.name}.ledger"))
        try:
            with progress(Console(stderr=True, highlight=False)) as steps:
                return asyncio.run(self._run(ask, lambda done, total: steps(step, done, total)))
        finally:
            self.ledger.close()

    async def _run(self, ask: Errands[A], told: Told) -> A:
        async with self._open as opened:
            return await ask(opened.models, self._concurrency, stop_on_signals().asked, told)

    def stopped(self, what: str, why: str, answered: int, asked: int) -> RunError:
        """Says ``what`` was not done, why, and how it goes on."""
        kept = "their answers are kept, the same command continues" if self._cached else "and no cache keeps them"
        return RunError(f"{what}: {why}; {answered:,} of {asked:,} questions are answered; {kept}")
