"""What a user turn means, as the two simulators agree on it.

Dialogue self-play (Shah et al. 2018) lets user and assistant exchange acts and puts them in words
beside. An act says exactly what its sentence says, and nothing of what is still to come: the selfplay
assistant reads the acts of the turns it has heard, and never the plan.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """A value the user points at instead of saying it: "the first hotel"."""

    call: int
    """Number of the call whose result holds it, counted from 1 over the dialogue."""
    path: str
    standing: str = ""
    """Which of several calls of that tool it was: ``first``, ``last``; empty where there is no other."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing to be done with one tool."""

    tool: str
    given: dict[str, Any]
    """Arguments whose values were said, or follow from today's date."""
    referred: dict[str, Reference]


@dataclass(frozen=True, slots=True)
class Ask:
    """The user wants these things done, in order."""

    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Inform:
    """The user answers a question about the intent under way."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """The user wants the intent before once more, with these values instead."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chat:
    """The user says something that needs no tool."""

    reply: str
    """What a friendly assistant answers to it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The user asks for something that no tool at hand can do."""

    phrase: str
    """What it is, without its values: ``rent a car``."""


@dataclass(frozen=True, slots=True)
class Recall:
    """The user asks about something that an earlier result holds."""

    reference: Reference
