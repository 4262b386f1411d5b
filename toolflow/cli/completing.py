"""``--complete``: asks a model for what imported tools lack, says so before and after, and ends in one line."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from toolflow.cli.asking import Asking, Options, Told
from toolflow.cli.summary import money
from toolflow.complete import ROLE, Completed, Question, complete, kinds, questions, read_complete_prompt
from toolflow.config import Config
from toolflow.errors import RunError
from toolflow.importing import Imported
from toolflow.llm.chat import Model
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt

LISTED = 5
"""Of what is still lacking, shown without ``--verbose``."""


class Completing:
    """Models that are ready to be asked; `ConfigError` when they are not, before anything is imported."""

    def __init__(self, options: Options, config: Config, folder: Path | None) -> None:
        self._config = config
        self._asking = Asking(ROLE, options, config, folder)
        self._prompt: Prompt = read_complete_prompt(self._asking.reader)

    def run(self, imported: Imported, output: Path) -> Completed:
        """The completed import; `RunError` when it was stopped before the end, and the catalog is not written."""
        asked = questions(imported, self._config)
        typer.echo(_announced(imported, asked), err=True)
        if not asked:
            return Completed(imported, 0)

        async def ask(models: ModelPool[Model], concurrency: int, stop: asyncio.Event, told: Told) -> Completed:
            return await complete(
                *(imported, asked, models, self._prompt, self._config),
                concurrency=concurrency,
                stop=stop,
                progress=told,
            )

        outcome = self._asking.run(ask, "completing", output)
        if outcome.stopped is not None:
            raise self._asking.stopped(f"{output}: not written", outcome.stopped, outcome.answered, outcome.asked)
        return outcome

    def as_json(self, outcome: Completed) -> dict[str, Any]:
        """For ``--report``: what was completed, what is still lacking and why, what it cost."""
        return {**outcome.as_json(), "spending": self._asking.ledger.report()}

    def said(self, outcome: Completed, verbose: bool) -> Iterator[str]:
        """For people, a line each."""
        yield f"completed tools: {outcome.tools:,} ({_counted(outcome.counts)})"
        yield f"spent: {money(self._asking.ledger.report())}"
        if outcome.incomplete:
            yield f"still incomplete: {len({one['tool'] for one in outcome.incomplete}):,}"
        shown = outcome.incomplete if verbose else outcome.incomplete[:LISTED]
        yield from (f"  {one['tool']}: {', '.join(one['lacks'])}: {one['why']}" for one in shown)
        if len(outcome.incomplete) > len(shown):
            yield f"  … {len(outcome.incomplete) - len(shown):,} more; list them with -v"


def check(outcome: Completed, output: Path) -> None:
    """`RunError` when there were questions, and not one of them led to a completion."""
    if outcome.asked and not outcome.counts.total():
        why = outcome.incomplete[0]["why"] if outcome.incomplete else "no answer"
        raise RunError(
            f"{output}: written, with nothing completed: none of {outcome.asked:,} questions was answered as it should "
            f"be; the first: {why}"
        )


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
