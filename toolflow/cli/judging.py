"""``--judge``: asks a model about sampled dialogues, says so before and after, and writes what it said."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import typer

from toolflow.cli.asking import Asking, Options, Told
from toolflow.cli.summary import money
from toolflow.config import Config
from toolflow.errors import OutputError, RunError
from toolflow.evaluate import Counted
from toolflow.evaluate.judged import Judged, Judgement
from toolflow.evaluate.sample import Drawn
from toolflow.judge import ROLE, Outcome, judge, questions, read_judge_prompt
from toolflow.llm.chat import Model
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt


class Judging:
    """Models that are ready to be asked; `ConfigError` when they are not, before any file is read."""

    def __init__(self, options: Options, config: Config, folder: Path | None, output: Path | None) -> None:
        """What is said is written to ``output``, if there is one."""
        self._reasks = config.llm.reasks
        self._asking = Asking(ROLE, options, config, folder)
        self._prompt: Prompt = read_judge_prompt(self._asking.reader)
        self._output = output

    def run(self, files: Sequence[Counted], *, entailment: bool) -> list[Judged]:
        """What was said of each file, with ``entailment`` of its rounds as well; `RunError` when it was stopped before
        the end, or nothing was answered."""
        asked = questions([drawn for file in files for drawn in file.to_judge], entailment=entailment)
        rounds = sum(question.round is not None for question in asked)
        typer.echo(f"judge: questions to ask: dialogues {len(asked) - rounds:,}, rounds {rounds:,}", err=True)

        async def ask(models: ModelPool[Model], concurrency: int, stop: asyncio.Event, told: Told) -> Outcome:
            return await judge(
                *(asked, models, self._prompt, self._reasks), concurrency=concurrency, stop=stop, progress=told
            )

        outcome = self._asking.run(ask, "judging", self._output)
        if outcome.stopped is not None:
            raise self._asking.stopped("not judged", outcome.stopped, outcome.answered, outcome.asked)
        if asked and not outcome.answered:
            raise RunError(
                f"not judged: none of {outcome.asked:,} questions was answered as it should be; the first: "
                f"{outcome.unanswered}"
            )
        for line in self._said(outcome):
            typer.echo(line, err=True)
        judgements = iter(outcome.judgements)
        judged = [Judged([next(judgements) for _ in file.to_judge]) for file in files]
        if self._output is not None:
            self._write(self._output, files, judged)
        return judged

    def _said(self, outcome: Outcome) -> Iterator[str]:
        """For people, a line each."""
        if outcome.unanswered is not None:
            yield f"not judged: {outcome.asked - outcome.answered:,} questions; the first: {outcome.unanswered}"
        yield f"spent: {money(self._asking.ledger.report())}"

    def _write(self, output: Path, files: Sequence[Counted], judged: Sequence[Judged]) -> None:
        about = {"models": self._asking.name, "prompt": self._prompt.digest}
        lines = [
            orjson.dumps(_as_json(file.name, drawn, judgement) | about) + b"\n"
            for file, said in zip(files, judged, strict=True)
            for drawn, judgement in zip(file.to_judge, said.judgements, strict=True)
        ]
        try:
            output.write_bytes(b"".join(lines))
        except OSError as error:
            raise OutputError(f"{output}: cannot be written: {error.strerror}") from None


def _as_json(name: str, drawn: Drawn, judgement: Judgement) -> dict[str, Any]:
    identity = drawn.dialogue.record.get("id")
    rounds = [None if one is None else {"entails": one[0], "why": one[1]} for one in judgement.entailed]
    return {
        "file": name,
        "line": drawn.number,
        "id": identity if isinstance(identity, str) else None,
        "scores": judgement.scores or None,
        "rationales": judgement.rationales or None,
        "rounds": rounds,
        "not_judged": judgement.problems,
    }
