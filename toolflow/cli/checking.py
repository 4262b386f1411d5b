"""``--check-edges``: asks a model about the doubtful flows of a graph, says so before and after, ends in one line."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from toolflow.check_edges import ROLE, Outcome, check_edges, doubtful, read_check_prompt
from toolflow.cli.asking import Asking, Options, Told
from toolflow.cli.summary import money
from toolflow.config import Config
from toolflow.errors import RunError
from toolflow.graph import ToolGraph, graph_stats
from toolflow.llm.chat import Model
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt


class Checking:
    """Models that are ready to be asked; `ConfigError` when they are not, before any graph is built."""

    def __init__(self, options: Options, config: Config, folder: Path | None) -> None:
        self._reasks = config.llm.reasks
        self._asking = Asking(ROLE, options, config, folder)
        self._prompt: Prompt = read_check_prompt(self._asking.reader)

    def run(self, graph: ToolGraph, output: Path) -> Outcome:
        """The checked graph; `RunError` when it was stopped before the end, and no graph is to be written."""
        asked = doubtful(graph)
        typer.echo(f"check-edges: questions to ask about doubtful flows: {len(asked):,}", err=True)
        if not asked:
            return Outcome(graph, 0, 0)

        async def ask(models: ModelPool[Model], concurrency: int, stop: asyncio.Event, told: Told) -> Outcome:
            return await check_edges(
                *(graph, asked, models, self._prompt, self._reasks), concurrency=concurrency, stop=stop, progress=told
            )

        outcome = self._asking.run(ask, "checking edges", output)
        if outcome.stopped is not None:
            raise self._asking.stopped(f"{output}: not written", outcome.stopped, outcome.answered, outcome.asked)
        return outcome

    def as_json(self, outcome: Outcome) -> dict[str, Any]:
        """For programs: how much was asked and answered, and what it cost."""
        counts = {"questions": outcome.asked, "answered": outcome.answered}
        return {**counts, "models": self._asking.name, "spending": self._asking.ledger.report()}

    def said(self, outcome: Outcome) -> Iterator[str]:
        """For people, a line each."""
        stats = graph_stats(outcome.graph)
        yield f"checked flows: yes {stats.confirmed:,}, no {stats.refused:,}"
        if outcome.unanswered is not None:
            yield f"without an answer: {outcome.asked - outcome.answered:,}; the first: {outcome.unanswered}"
        yield f"spent: {money(self._asking.ledger.report())}"


def check(outcome: Outcome, output: Path) -> None:
    """`RunError` when there were questions, and not one was answered."""
    if outcome.asked and not outcome.answered:
        raise RunError(
            f"{output}: written, with nothing checked: none of {outcome.asked:,} questions was answered as it should "
            f"be; the first: {outcome.unanswered}"
        )
