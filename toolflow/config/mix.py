"""Settings of the mix: what a data set is made of, and in which shares."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from toolflow.languages import Language, is_english
from toolflow.schema import Kind


def check_weights(weights: dict[Any, float], key: str, least: int | None = None) -> None:
    """Refuse weights that cannot be drawn from: ValueError with the reason."""
    if not weights or any(weight < 0 for weight in weights.values()) or not sum(weights.values()) > 0:
        raise ValueError(f"{key}: needs at least one choice, and weights that are not negative")
    if least is not None and min(weights) < least:
        raise ValueError(f"{key}: {min(weights)} is too small; the least is {least}")


class MixConfig(BaseModel):
    """What a data set is made of: shares that every hundred dialogues are dealt, and that what is kept meets (ours)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kinds: dict[Kind, float] = {
        Kind.SINGLE: 0.1,
        Kind.PARALLEL: 0.1,
        Kind.CHAIN: 0.42,
        Kind.MISSING: 0.1,
        Kind.CHAT: 0.07,
        Kind.UNAVAILABLE: 0.05,
        Kind.RECOVERY: 0.06,
        Kind.CORRECTION: 0.05,
        Kind.FOLLOW_UP: 0.05,
    }
    """Kind of a request: share of all requests."""
    requests: dict[int, float] = {2: 0.4, 3: 0.4, 4: 0.2}
    """Number of requests in a dialogue: share of the dialogues."""
    tools: dict[int, float] = {2: 0.3, 3: 0.4, 4: 0.3}
    """Number of tools in its subset (distractors come on top): share of the dialogues."""
    languages: dict[Language, float] = {"en": 1.0}
    """Language of the talk, as a tag such as ``de`` or ``pt-BR``: share of the dialogues."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        check_weights(self.kinds, "kinds")
        check_weights(self.requests, "requests", least=1)
        check_weights(self.tools, "tools", least=1)
        check_weights(self.languages, "languages")
        if not any(weight for kind, weight in self.kinds.items() if not kind.idle):
            raise ValueError("kinds: needs one that leads to a call, such as single, with a share above 0")
        return self

    @property
    def foreign(self) -> list[str]:
        """The languages that are not English."""
        return [tag for tag, share in self.languages.items() if share and not is_english(tag)]
