"""The stage: questions about the doubtful flows of a graph, asked at once, and their answers worked into it.

Which answers come first never shows: the graph is a function of the one before and of what was answered.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toolflow.check_edges.doubtful import Question
from toolflow.check_edges.question import ask
from toolflow.graph import ToolGraph
from toolflow.graph.checked import with_checks
from toolflow.graph.tool_graph import Checked, Checks
from toolflow.llm.chat import Model, Usage
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt
from toolflow.llm.survey import survey


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    graph: ToolGraph
    """With the answers worked in; the one before when it was stopped."""
    asked: int
    answered: int
    unanswered: str | None = None
    """Why the first of those got no answer that fits, if any did not."""
    stopped: str | None = None
    """Why not everything was asked."""


async def check_edges(
    graph: ToolGraph,
    asked: Sequence[Question],
    models: ModelPool[Model],
    prompt: Prompt,
    reasks: int,
    *,
    concurrency: int,
    stop: asyncio.Event,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Ask the questions of `doubtful`, and work the answers in; all or, when it was stopped, none."""
    usage = Usage()
    found = await survey(
        asked,
        lambda question: ask(question, models, usage, prompt, reasks),
        concurrency,
        stop=stop,
        progress=progress,
    )
    if found.stopped is not None:
        return Outcome(graph, len(asked), found.answered, stopped=found.stopped)
    answers = {
        question.row: answer
        for question, answer in zip(asked, found.answers, strict=True)
        if isinstance(answer, Checked)
    }
    checks = Checks(models.name, prompt.digest, len(asked), tuple(answers.values()))
    return Outcome(with_checks(graph, checks, list(answers)), len(asked), len(answers), found.unanswered)
