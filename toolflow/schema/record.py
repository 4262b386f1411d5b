"""One finished dialogue with all that is known about it: one line of JSONL."""

import operator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field

from toolflow.schema.base import Noun
from toolflow.schema.message import Message
from toolflow.schema.plan import Plan


class Verdict(Noun):
    """The outcome of one rule on one place of one dialogue."""

    rule: str
    """Id of the rule, such as ``argument-source``."""
    severity: Literal["error", "warning"]
    """An error rejects the dialogue, a warning does not."""
    where: str
    """The place, as a path into the record: ``messages[3].tool_calls[0].arguments.city``."""
    why: str
    """What is wrong there, for people."""


MAX_QUESTION = 2_000
MAX_ANSWER = 4_000
MAX_PROBLEM = 1_000


class FailedAnswer(Noun):
    """One answer that did not fit, to a question that got none that did; texts are cut to a bounded length."""

    role: str
    """Who asked."""
    question: str = Field("", exclude_if=operator.not_)
    """The end of what was asked; repeats of a question leave it out."""
    answer: str | None
    """What was answered; null when nothing came."""
    problem: str
    """What is wrong with it."""

    @classmethod
    def of(cls, role: str, question: str, answer: str | None, problem: str) -> Self:
        """From texts of any length that may hold half a surrogate pair."""
        return cls(
            role=role,
            question=_cut(question, MAX_QUESTION),
            answer=None if answer is None else _cut(answer, MAX_ANSWER),
            problem=_cut(problem, MAX_PROBLEM),
        )


def _cut(text: str, most: int) -> str:
    """The text as UTF-8 can hold it, its middle left out when it is too long: beginning and end say most."""
    if len(text) > most:
        text = f"{text[: most // 2]} … {text[-(most - most // 2 - 3) :]}"
    return text.encode(errors="replace").decode()


class End(StrEnum):
    """Why a dialogue ended."""

    DONE = "done"
    """Every request of the plan is done, or the user has nothing more to ask."""
    TURN_LIMIT = "turn_limit"
    """The user spoke as often as the configuration allows."""
    STEP_LIMIT = "step_limit"
    """The assistant called tools as often for one turn as the configuration allows."""
    FAILED = "failed"
    """A speaker could not go on; the verdicts say why."""


@dataclass(frozen=True, order=True, slots=True)
class Draw:
    """Which record of a run: the index says what is wanted of the dialogue, each attempt draws it anew."""

    index: int
    attempt: int = 0

    @property
    def name(self) -> str:
        """``17``, and after two rejects ``17.2``: seeds what this record alone draws."""
        return f"{self.index}.{self.attempt}" if self.attempt else f"{self.index}"

    def after(self, *, kept: bool, attempts: int) -> "Draw":
        """The next one: another attempt after a reject, unless there were ``attempts``; else the next index."""
        if kept or self.attempt + 1 >= attempts:
            return Draw(self.index + 1)
        return Draw(self.index, self.attempt + 1)


class Meta(Noun):
    """Where the dialogue comes from."""

    index: int
    """The record is a function of (config, catalog, graph, seed, index, attempt) and nothing else."""
    attempt: int = Field(0, exclude_if=operator.not_)
    """How many dialogues of this index were rejected before."""
    seed: int
    cast: str
    """``selfplay``, ``llm`` or ``hybrid``; a simulator's work is never passed off as a model's."""
    models: dict[str, str] = Field(default_factory=dict)
    """Model name by role."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """Hash of the prompt file by role."""
    graph: str = ""
    """Hash of the tool graph the tools were drawn from."""
    subset: tuple[str, ...] = Field((), exclude_if=operator.not_)
    """Names of the tools that the dialogue is about, in walk order; the others on offer are distractors."""
    language: str = "en"
    """Tag of the language of the talk."""
    today: date | None = Field(None, exclude_if=operator.not_)
    """The simulated date."""
    end: End = End.DONE
    turns: tuple[int, ...] = ()
    """For each user message, the position in the plan of the request it belongs to."""
    executed: tuple[str, ...] = Field((), exclude_if=operator.not_)
    """Ids of the calls that a real tool answered; all other results are simulated."""
    usage: dict[str, Any] = Field(default_factory=dict)
    """Tokens and calls by role, as the endpoint counted them."""
    wording: dict[str, dict[str, int]] = Field(default_factory=dict, exclude_if=operator.not_)
    """Of a hybrid dialogue, by speaker: turns that a model ``reworded``, and turns that ``stood`` as simulated."""
    verdicts: tuple[Verdict, ...] = ()
    history: tuple[FailedAnswer, ...] = Field((), exclude_if=operator.not_)
    """The answers to the question that set a record aside; nothing in a record that is kept."""


class Record(Noun):
    """One line of ``dialogues.jsonl`` (kept) or ``rejected.jsonl`` (with its verdicts)."""

    id: str
    tools: tuple[dict[str, Any], ...]
    """OpenAI's format, ``returns`` beside ``parameters``."""
    messages: tuple[Message, ...]
    plan: Plan | None = None
    meta: Meta

    @property
    def draw(self) -> Draw:
        """Which record of its run this is."""
        return Draw(self.meta.index, self.meta.attempt)

    @property
    def kept(self) -> bool:
        """Whether no verdict is an error."""
        return not any(verdict.severity == "error" for verdict in self.meta.verdicts)
