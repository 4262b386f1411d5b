"""The cast: who plans and who speaks, and what each of them may see.

A cast is made fresh for every record by a `CastMaker`, so a speaker may remember its own
dialogue and nothing else. The dialogue loop hands each speaker a view; what is not in the view
cannot leak: the user sees the plan and the talk but no tool calls, the assistant sees the tools
and the talk but never the plan, the tool sees its definition, the call and what it and its
neighbours answered before.

This module knows no prompt, no endpoint and no simulator; `toolflow.selfplay`, `toolflow.llm` and
`toolflow.hybrid` implement it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Protocol

from toolflow.languages import ENGLISH
from toolflow.schema import Draw, Kind, Message, Plan, Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Flow:
    """A return field of one tool that can feed a parameter of another (a P-R edge with direction)."""

    producer: str
    path: str
    """In the producer's result, ``[]`` for array items: ``flights[].flight_id``."""
    consumer: str
    parameter: str
    """Top-level parameter of the consumer."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What the planner is asked for."""

    tools: Sequence[Tool]
    """The subset, in walk order."""
    kinds: Sequence[Kind]
    """The kinds of request wanted, in order; a planner falls back to simpler ones where the tools do not allow one."""
    flows: Sequence[Flow]
    """Field pairs of the graph inside the subset."""
    today: date
    absent: Sequence[Tool] = ()
    """Tools that the assistant will not have, for a request of kind ``unavailable``."""
    language: str = ENGLISH
    """Of the talk, as a tag (`toolflow.languages`)."""
    complaint: str | None = None
    """Why the last attempt was refused, when this is another one."""
    refused: Plan | str | None = None
    """The last attempt itself."""


@dataclass(frozen=True, slots=True)
class UserView:
    """What the user sees."""

    plan: Plan | None
    """None in the ablation without a plan; the user then improvises from `tools`."""
    tools: Sequence[Tool]
    """The subset, in the ablation without a plan only; with a plan the user knows of no tools."""
    wanted: int
    """How many requests to make."""
    talk: Sequence[tuple[str, str]]
    """(role, text) of user and assistant, spoken text only."""
    request: int
    """Position in the plan of the request under way; 0 at the start."""
    today: date
    pending: Sequence[int] = ()
    """Which of the calls planned for the request under way were not made yet, by position; the stage tells. What
    was called instead, and what came back, the user is not told."""
    language: str = ENGLISH
    """That the user speaks."""


@dataclass(frozen=True, slots=True)
class UserTurn:
    """What the user says next."""

    text: str | None
    """None when there is nothing more to ask."""
    request: int = 0
    """Position in the plan of the request this turn belongs to."""
    act: Any = None
    """What a cast of simulators agrees the words mean (dialogue self-play's acts); None from a model."""


@dataclass(frozen=True, slots=True)
class AssistantView:
    """What the assistant sees."""

    tools: Sequence[Tool]
    messages: Sequence[Message]
    acts: Sequence[Any]
    """The act of each user message so far, in order."""
    today: date
    language: str = ENGLISH
    """That the user speaks."""


@dataclass(frozen=True, slots=True)
class AssistantTurn:
    """A reply, or calls with perhaps a word beside them."""

    text: str | None
    calls: Sequence[ToolCall] = ()
    reasoning: str | None = None
    """What was thought before; no part of what is said."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One earlier call of the dialogue and its result: the state of the simulated world."""

    tool: str
    arguments: dict[str, Any]
    result: Any


@dataclass(frozen=True, slots=True)
class ToolView:
    """What the tool sees."""

    tool: Tool
    arguments: dict[str, Any]
    history: Sequence[Answered]
    today: date


class Planner(Protocol):
    """Writes the plan."""

    def allows(self, brief: Brief) -> bool:
        """Whether a plan of just the kinds wanted can be made, as far as can be told without asking anybody."""
        ...

    async def plan(self, brief: Brief) -> Plan:
        """One attempt; `PlanError` when it cannot even be read as a plan."""
        ...


class User(Protocol):
    """Speaks for the user."""

    async def speak(self, view: UserView) -> UserTurn:
        """The next turn, or one without text when all is said."""
        ...


class Assistant(Protocol):
    """Speaks and calls for the assistant."""

    async def reply(self, view: AssistantView) -> AssistantTurn:
        """The next message."""
        ...


@dataclass(frozen=True, slots=True)
class Executed:
    """A result that the tool itself gave, rather than a simulator; it need not fit ``returns``."""

    result: Any


class ToolSimulator(Protocol):
    """Answers calls."""

    async def answer(self, view: ToolView) -> Any:
        """The result, a JSON value that fits the tool's ``returns``; or one that was `Executed`."""
        ...


@dataclass(frozen=True)
class Cast:
    """The four speakers of one record."""

    name: str
    planner: Planner
    user: User
    assistant: Assistant
    tool: ToolSimulator
    models: dict[str, str] = field(default_factory=dict)
    """Who plays each role in this record …"""
    pools: dict[str, str] = field(default_factory=dict)
    """… and what they were drawn from, where anything is drawn."""
    prompts: dict[str, str] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    """Filled while the dialogue goes on: by role, calls and tokens …"""
    wording: dict[str, dict[str, int]] = field(default_factory=dict)
    """… and by speaker, turns that were reworded and turns that stood, where one cast rewords another's."""


CastMaker = Callable[[Random], Cast]
"""Makes the cast of one record from the record's own random source."""


def cast_source(seed: int, draw: Draw) -> Random:
    """What the cast of a record is made from: its seed and draw alone, so that a record can be replayed."""
    return Random(f"{seed}:{draw.name}:cast")
