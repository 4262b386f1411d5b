"""What is asked of a chat model and what it answers, whatever its endpoint supports.

Nouns only: no HTTP, no prompt. `Model.ask` is the one awaitable entry for every question of the llm cast, so
that a scheduler may stand behind it later (limits, a cache, a provider's batches) and no speaker notices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from toolflow.llm.purse import Tokens

ChatMessage = dict[str, Any]
"""One message in OpenAI's format."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to a model."""

    role: str
    """Who asks, for the account: planner, user, assistant or tool."""
    messages: Sequence[ChatMessage]
    """A system message first, then the talk."""
    schema: dict[str, Any] | None = None
    """JSON Schema of the answer, when the answer is to be JSON."""
    tools: Sequence[dict[str, Any]] = ()
    """Tools the model may call, in OpenAI's format."""
    seed: int | None = None
    """For endpoints that can repeat an answer."""
    again: bool = False
    """Whether it was asked before and the answer did not fit; for the account."""


@dataclass(frozen=True, slots=True)
class WireCall:
    """A tool call as the model wrote it; nothing about it is checked."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """What came back."""

    text: str
    calls: tuple[WireCall, ...] = ()
    finish: str = "stop"
    """``stop``, ``length``, ``content_filter`` or ``tool_calls``, whatever the endpoint calls it."""
    refusal: str | None = None
    reasoning: str | None = None
    """What the model thought before it answered, where it is told; no part of the answer."""


@dataclass(slots=True)
class Usage:
    """What the questions of one record cost, by role: every answer, failure and repeated question counted."""

    by_role: dict[str, dict[str, int]] = field(default_factory=dict)

    def answered(self, role: str, tokens: Tokens | None) -> None:
        """An answer arrived; None means that the endpoint did not say what it cost."""
        counted = tokens or Tokens(0, 0)
        self._add(role, calls=1, prompt_tokens=counted.prompt, completion_tokens=counted.completion)
        rare = {"cached_tokens": counted.cached, "reasoning_tokens": counted.reasoning, "uncounted": tokens is None}
        self._add(role, **{name: int(count) for name, count in rare.items() if count})

    def failed(self, role: str) -> None:
        """An attempt brought no answer."""
        self._add(role, failed=1)

    def reasked(self, role: str) -> None:
        """An answer did not fit and was asked for again."""
        self._add(role, reasked=1)

    def recalled(self, role: str, prompt_tokens: int, completion_tokens: int) -> None:
        """An answer was known; what it cost when it was asked for is no cost of this record."""
        self._add(role, recalled=1, saved_prompt_tokens=prompt_tokens, saved_completion_tokens=completion_tokens)

    def add(self, other: "Usage") -> None:
        """Take over another account."""
        for role, counts in other.by_role.items():
            self._add(role, **counts)

    def _add(self, role: str, **counts: int) -> None:
        account = self.by_role.setdefault(role, {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0})
        for name, count in counts.items():
            account[name] = account.get(name, 0) + count


class Model(Protocol):
    """A chat model behind one awaitable entry."""

    @property
    def name(self) -> str:
        """The model's name, as the endpoint knows it."""
        ...

    async def ask(self, request: ChatRequest, usage: Usage) -> ChatAnswer:
        """The answer; `RecordError` when this question got none, `ModelUnavailable` when none will come."""
        ...

    def hold(self) -> int:
        """Ask nothing more: `ask` raises `ModelUnavailable`. How many answers are on their way."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
