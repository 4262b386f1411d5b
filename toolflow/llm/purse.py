"""What an attempt may cost, as the client sees it: reserve before it is sent, settle when its end is known.

Protocols only; `toolflow.llm.ledger` keeps the account. Nothing here knows a price.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

Noted = Literal["recalled", "reasked"]
"""An answer known from the cache of answers; one asked for again because the one before did not fit."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an answer cost, as its endpoint counted."""

    prompt: int
    completion: int
    """Thoughts included."""
    cached: int = 0
    """Of the prompt's, those that the endpoint had in its own cache."""
    reasoning: int = 0
    """Of the completion's, those that were thought and not said."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request about to be sent, and how large it and its answer can be at most."""

    endpoint: str
    """Its address, without secrets."""
    model: str
    role: str
    prompt_bytes: int
    """Of the request's JSON: no tokenizer in use makes more tokens of a text than it has bytes."""
    max_tokens: int | None
    """The length limit that is sent with it; None when the endpoint takes none."""


class Reservation(Protocol):
    """Settled exactly once; one that is not settled counts in full."""

    def answered(self, tokens: Tokens | None) -> None:
        """An answer came, used or not; None when the endpoint did not say what it cost."""
        ...

    def refused(self) -> None:
        """The endpoint answered with an error, or was not reached: nothing is billed."""
        ...

    def lost(self) -> None:
        """The request was sent and no answer came back whole: it may be billed or not."""
        ...


class Purse(Protocol):
    """Where reservations are made."""

    async def reserve(self, attempt: Attempt) -> Reservation:
        """Room for one attempt, as soon as there is some; `BudgetReached` when there will be none."""
        ...

    def noted(self, endpoint: str, model: str, role: str, what: Noted, saved: Tokens | None = None) -> None:
        """Count an answer that cost nothing now, with what it cost once, or one that had to be asked for again."""
        ...


class _Unlimited:
    """A reservation of nobody's money."""

    def answered(self, tokens: Tokens | None) -> None: ...

    def refused(self) -> None: ...

    def lost(self) -> None: ...


class OpenPurse:
    """Lets everything through and keeps no account."""

    async def reserve(self, attempt: Attempt) -> Reservation:
        """A reservation at once."""
        return _Unlimited()

    def noted(self, endpoint: str, model: str, role: str, what: Noted, saved: Tokens | None = None) -> None:
        """Nothing."""
