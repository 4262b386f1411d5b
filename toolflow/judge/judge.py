"""The stage: questions about the sampled dialogues of several files, asked at once, their answers sorted back."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toolflow.errors import RecordError
from toolflow.evaluate.judged import Judgement
from toolflow.judge.question import Question, Scored, ask
from toolflow.llm.chat import Model, Usage
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt
from toolflow.llm.survey import survey


@dataclass(frozen=True)
class Outcome:
    """What became of it."""

    judgements: list[Judgement]
    """Of every dialogue, in their order; none when it was stopped."""
    asked: int
    answered: int
    unanswered: str | None = None
    """Why the first of those got no answer that fits, if any did not."""
    stopped: str | None = None
    """Why not everything was asked."""


async def judge(
    asked: Sequence[Question],
    models: ModelPool[Model],
    prompt: Prompt,
    reasks: int,
    *,
    concurrency: int,
    stop: asyncio.Event,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Ask the `questions`; all or, when it was stopped, nothing is judged."""
    usage = Usage()
    found = await survey(
        asked,
        lambda question: ask(question, models, usage, prompt, reasks),
        concurrency,
        stop=stop,
        progress=progress,
    )
    if found.stopped is not None:
        return Outcome([], len(asked), found.answered, stopped=found.stopped)
    judgements = [Judgement() for question in asked if question.round is None]
    for question, answer in zip(asked, found.answers, strict=True):
        judgement = judgements[question.dialogue]
        if isinstance(answer, Scored):
            judgement.scores, judgement.rationales = answer.scores, answer.rationales
        elif isinstance(answer, RecordError):
            judgement.problems.append(str(answer))
        if question.round is not None:
            judgement.entailed.append(answer if isinstance(answer, tuple) else None)
    return Outcome(judgements, len(asked), found.answered, found.unanswered)
