"""The two questions to a judge, and how its answers are read.

A dialogue is somebody else's text: it goes in as quoted data, cut to what can be shown, and nothing of an answer is
kept but scores, yes or no, and clean lines.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from toolflow.errors import RecordError
from toolflow.evaluate.judged import ASPECTS
from toolflow.evaluate.sample import Drawn
from toolflow.evaluate.words import rounds
from toolflow.importing.text import clean, one_line
from toolflow.judge.shown import TEXT, cut, shown_messages, shown_tools
from toolflow.llm.chat import ChatRequest, Model, Usage
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Questioner, typed
from toolflow.pools import Errand

ROLE: Errand = "judge"
"""Who asks, for the account and ``llm.models``."""
LONGEST = 300
"""Characters that are kept of a rationale."""
ROUNDS = 40
"""Of one dialogue, that are asked about."""

A = TypeVar("A", bound=BaseModel)
Score = Annotated[int, Field(ge=1, le=5)]
Why = Annotated[str, Field(min_length=1)]


class Scores(BaseModel):
    """What a judge says of a dialogue; each reason stands before its score, so that it is thought of first."""

    model_config = ConfigDict(extra="forbid")

    naturalness_why: Why
    naturalness: Score
    coherence_why: Why
    coherence: Score
    helpfulness_why: Why
    helpfulness: Score
    accuracy_why: Why
    accuracy: Score


class Entailed(BaseModel):
    """What a judge says of a round."""

    model_config = ConfigDict(extra="forbid")

    why: Why
    entails: Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Scored:
    """The answer about a dialogue."""

    scores: dict[str, int]
    """By aspect."""
    rationales: dict[str, str]
    """By aspect, a line each."""


@dataclass(frozen=True, slots=True)
class Question:
    """One dialogue, or one of its rounds."""

    dialogue: int
    """Its number among those that are judged."""
    drawn: Drawn
    round: tuple[str, str] | None = None
    """(Request and reply before, request); None asks about the whole dialogue."""


def questions(drawn: Sequence[Drawn], *, entailment: bool = True) -> list[Question]:
    """About every dialogue and, for ``entailment``, about every round but the first, dialogue by dialogue."""
    return [question for number, one in enumerate(drawn) for question in _about(number, one, entailment)]


def _about(number: int, drawn: Drawn, entailment: bool) -> Iterator[Question]:
    yield Question(number, drawn)
    if entailment:
        yield from (Question(number, drawn, pair) for pair in rounds(drawn.talk)[:ROUNDS])


def read_judge_prompt(read: Reader = read_prompt) -> Prompt:
    """The prompt file, checked."""
    sections = {"dialogue_system": set[str](), "dialogue": {"tools", "conversation"}}
    return read("judge", {**sections, "round_system": set(), "round": {"premise", "hypothesis"}})


async def ask(
    question: Question, models: ModelPool[Model], usage: Usage, prompt: Prompt, reasks: int
) -> Scored | tuple[bool, str]:
    """The scores, or whether the round entails the request and why; `RecordError` when no answer fitted.

    Model and seeds come from what is shown alone: the same dialogue is judged alike in any file.
    """
    if question.round is None:
        scores = await _typed(
            *("dialogue", _conversation(question.drawn, prompt), Scores, models, usage, prompt, reasks)
        )
        rationales = {aspect: _line(getattr(scores, f"{aspect}_why")) for aspect in ASPECTS}
        return Scored({aspect: getattr(scores, aspect) for aspect in ASPECTS}, rationales)
    premise, hypothesis = (quoted(cut(text, 2 * TEXT)) for text in question.round)
    asked = prompt.render("round", premise=premise, hypothesis=hypothesis)
    answer = await _typed("round", asked, Entailed, models, usage, prompt, reasks)
    return answer.entails == "yes", _line(answer.why)


def _conversation(drawn: Drawn, prompt: Prompt) -> str:
    tools, conversation = shown_tools(drawn.dialogue), shown_messages(drawn.dialogue)
    return prompt.render("dialogue", tools=tools, conversation=conversation)


async def _typed(
    section: str, asked: str, kind: type[A], models: ModelPool[Model], usage: Usage, prompt: Prompt, reasks: int
) -> A:
    request = ChatRequest(
        ROLE,
        [{"role": "system", "content": prompt.render(f"{section}_system")}, {"role": "user", "content": asked}],
        kind.model_json_schema(),
    )
    seed = hashlib.sha256(asked.encode(errors="replace")).hexdigest()
    questioner = Questioner(models.draw(ROLE, seed), usage, reasks, Random(seed))
    return await questioner.ask(request, lambda said: typed(said, kind), RecordError)


def _line(text: str) -> str:
    return one_line(clean(text, LONGEST), LONGEST)
