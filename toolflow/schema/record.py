"""One finished dialogue with all that is known about it: one line of JSONL."""

from enum import StrEnum
from typing import Any, Literal

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


class Meta(Noun):
    """Where the dialogue comes from."""

    index: int
    """The record is a function of (config, catalog, graph, seed, index) and nothing else."""
    seed: int
    cast: str
    """``selfplay`` or ``llm``; a simulator's work is never passed off as a model's."""
    models: dict[str, str] = Field(default_factory=dict)
    """Model name by role."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """Hash of the prompt file by role."""
    graph: str = ""
    """Hash of the tool graph the tools were drawn from."""
    end: End = End.DONE
    usage: dict[str, Any] = Field(default_factory=dict)
    """Tokens and calls by role, as the endpoint counted them."""
    verdicts: tuple[Verdict, ...] = ()


class Record(Noun):
    """One line of ``dialogues.jsonl`` (kept) or ``rejected.jsonl`` (with its verdicts)."""

    id: str
    tools: tuple[dict[str, Any], ...]
    """OpenAI's format, ``returns`` beside ``parameters``."""
    messages: tuple[Message, ...]
    plan: Plan | None = None
    meta: Meta

    @property
    def kept(self) -> bool:
        """Whether no verdict is an error."""
        return not any(verdict.severity == "error" for verdict in self.meta.verdicts)
