"""The stage: questions about all tools of an import, asked at once, and their answers written into the tools.

The tools that come out are those that went in, in their order and with their names; only what they lacked is new.
Which answers come first never shows.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from toolflow.complete.definition import Definition
from toolflow.complete.lacking import DESCRIPTION, RETURNS
from toolflow.complete.question import Answered, Question, ask, questions_about
from toolflow.config import Config
from toolflow.errors import RecordError
from toolflow.importing import Imported
from toolflow.importing.finish import Finished
from toolflow.llm.chat import Model, Usage
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt
from toolflow.llm.survey import survey


@dataclass
class Completed:
    """What became of it."""

    imported: Imported
    """With the completed tools."""
    asked: int
    """Questions."""
    tools: int = 0
    """Tools that got something."""
    counts: Counter[str] = field(default_factory=Counter)
    """Completions by kind."""
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    """What is still lacking: tool, paths and why."""
    stopped: str | None = None
    """Why not everything was asked; then nothing was written into the tools."""
    answered: int = 0
    """Questions that got an answer."""

    def as_json(self) -> dict[str, Any]:
        """For ``--report``."""
        return {
            "questions": self.asked,
            "tools": self.tools,
            "completed": dict(self.counts),
            "incomplete": self.incomplete,
        }


def kinds(paths: Sequence[str]) -> Counter[str]:
    """How many tool descriptions, parameter descriptions and results these are."""
    names = {DESCRIPTION: "description", RETURNS: "returns"}
    return Counter(names.get(path, "parameter description") for path in paths)


def questions(imported: Imported, config: Config) -> list[Question]:
    """Every question about every tool that lacks something."""
    return [question for name, tool in imported.tools for question in questions_about(name, tool, config)]


async def complete(
    imported: Imported,
    asked: Sequence[Question],
    models: ModelPool[Model],
    prompt: Prompt,
    config: Config,
    *,
    concurrency: int,
    stop: asyncio.Event,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Completed:
    """Ask the `questions`, and write what fits into the tools; all or, when it was stopped, nothing."""
    usage = Usage()
    found = await survey(
        asked,
        lambda question: ask(question, models, usage, prompt, config),
        concurrency,
        stop=stop,
        progress=progress,
    )
    outcome = Completed(imported, len(asked), stopped=found.stopped, answered=found.answered)
    if found.stopped is None:
        _write(outcome, asked, found.answers, config)
    return outcome


def _write(
    outcome: Completed,
    asked: Sequence[Question],
    answers: Sequence[Answered | RecordError | None],
    config: Config,
) -> None:
    """Write all answers into their tools."""
    definitions: dict[str, Definition] = {}
    for question, answer in zip(asked, answers, strict=True):
        if not isinstance(answer, Answered):
            _left(outcome, question.name, question.paths, str(answer))
            continue
        if question.name not in definitions:
            definitions[question.name] = Definition(question.name, question.tool, config)
        definition = definitions[question.name]
        for path in question.paths:
            if path not in answer.found:
                continue
            try:
                definition.add(path, answer.found[path])
            except ValueError as error:  # two questions about one tool may together be too much
                _left(outcome, question.name, [path], str(error))
            else:
                outcome.counts += kinds([path])
        if answer.problem is not None:
            _left(outcome, question.name, [path for path in question.paths if path not in answer.found], answer.problem)
    outcome.tools = len(definitions)
    tools = [
        (name, _kept(tool, definitions[name].tool) if name in definitions else tool)
        for name, tool in outcome.imported.tools
    ]
    outcome.imported = Imported(tools, outcome.imported.report)


def _kept(before: Finished, after: Finished) -> Finished:
    """The completed tool, with what its import remembers of it."""
    return replace(after, repairs=before.repairs, api=before.api)


def _left(outcome: Completed, tool: str, paths: Sequence[str], why: str) -> None:
    outcome.incomplete.append({"tool": tool, "lacks": list(paths), "why": why})
