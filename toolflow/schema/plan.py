"""The plan of a dialogue: what the user will ask, and where every argument comes from."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from toolflow.schema.base import Noun


class Kind(StrEnum):
    """What a request exercises."""

    SINGLE = "single"
    """One call."""
    PARALLEL = "parallel"
    """Several independent calls in one assistant message."""
    CHAIN = "chain"
    """Several steps; a later call uses an earlier output."""
    MISSING = "missing"
    """A required argument is withheld; the assistant asks, the user answers, then the call."""
    CHAT = "chat"
    """No tool is needed."""
    UNAVAILABLE = "unavailable"
    """A tool that is not in the set is needed; the assistant says so and calls nothing."""
    RECOVERY = "recovery"
    """A tool reports an error; the assistant tries again, or explains and goes on with what the user says then."""
    CORRECTION = "correction"
    """The user changes an argument after hearing the result."""
    FOLLOW_UP = "follow_up"
    """Answered from an earlier result, without a call."""

    @property
    def idle(self) -> bool:
        """Whether it leads to no call."""
        return self in (Kind.CHAT, Kind.UNAVAILABLE, Kind.FOLLOW_UP)


class Failure(StrEnum):
    """What a planned error of a tool is about; `toolflow.failures` words it."""

    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    UNAVAILABLE = "service_unavailable"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid_argument"

    @property
    def passes(self) -> bool:
        """Whether the same call may succeed a moment later."""
        return self in (Failure.TIMEOUT, Failure.RATE_LIMIT, Failure.UNAVAILABLE)


class FromUser(Noun):
    """The user says it."""

    source: Literal["user"] = "user"
    value: Any


class FromContext(Noun):
    """It follows from what both know beforehand, such as today's date."""

    source: Literal["context"] = "context"
    value: Any


class FromDefault(Noun):
    """The schema's own default, or the only value its enum allows."""

    source: Literal["default"] = "default"
    value: Any


class FromOutput(Noun):
    """An earlier call returned it."""

    source: Literal["output"] = "output"
    call: int = Field(ge=1)
    """Number of that call in the plan, counted from 1 over all requests."""
    path: str
    """Where in its result: ``flights[0].flight_id``, or ``flights[least price].flight_id`` by a choice."""


Argument = Annotated[FromUser | FromContext | FromDefault | FromOutput, Field(discriminator="source")]
"""One argument of a planned call, with its source."""


def _is_nothing(value: Any) -> bool:
    return value is None


class PlannedCall(Noun):
    """A call the request should lead to."""

    tool: str
    arguments: dict[str, Argument]
    failure: Failure | None = Field(None, exclude_if=_is_nothing)
    """The error that the tool answers with, where the plan wants one."""
    at_fault: str | None = Field(None, exclude_if=_is_nothing)
    """The argument that the error is about, where it is about one."""


class Request(Noun):
    """One thing the user wants; it may take several turns."""

    kind: Kind
    goal: str
    """What the user wants, in words and without tool names; for the user's eyes."""
    calls: tuple[PlannedCall, ...] = ()
    withheld: tuple[str, ...] = ()
    """Arguments (of the first call) that the user does not give until asked; kind ``missing``."""
    wish: PlannedCall | None = Field(None, exclude_if=_is_nothing)
    """The call that would do it, were its tool in the set; kind ``unavailable``."""
    about: FromOutput | None = Field(None, exclude_if=_is_nothing)
    """What the user wants to hear of an earlier result; kind ``follow_up``."""

    @property
    def changes(self) -> dict[str, Any]:
        """The arguments that the user gives another value, by name, with the new ones; kinds ``correction`` and
        ``recovery``."""
        if self.kind not in (Kind.CORRECTION, Kind.RECOVERY) or len(self.calls) != 2:
            return {}
        first, second = (call.arguments for call in self.calls)
        return {
            name: source.value
            for name, source in second.items()
            if first.get(name) != source and not isinstance(source, FromOutput)
        }


class Plan(Noun):
    """The user's requests, in order, fixed before the first word is spoken (paper §3.3)."""

    requests: tuple[Request, ...]

    @property
    def calls(self) -> list[PlannedCall]:
        """Every planned call in order; call number ``k`` is ``calls[k - 1]``."""
        return [call for request in self.requests for call in request.calls]
