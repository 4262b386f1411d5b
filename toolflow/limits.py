"""Limits: how hard a model at its endpoint may be pressed, as a config file writes it down.

Settings only; `toolflow.llm.gate` keeps them. Each model at each endpoint has limits of its own.
"""

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """For one model at one endpoint; null is no limit of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    in_flight: int | None = Field(None, ge=1, le=4096)
    """Requests at once; null: one for each dialogue under way. While the endpoint is busy there are fewer."""
    requests_per_minute: int | None = Field(None, ge=1)
    input_tokens_per_minute: int | None = Field(None, ge=1)
    """Estimated before a request is sent, and put right by what the answer says."""
    output_tokens_per_minute: int | None = Field(None, ge=1)
    """A request under way counts with the longest answer it may get."""
    patience: float = Field(600.0, gt=0)
    """Seconds without one answer after which the run ends; until then it asks again and again."""

    def with_changes(self, other: "Limits | None") -> "Limits":
        """These, with what ``other`` sets instead."""
        return self if other is None else self.model_copy(update=other.model_dump(exclude_unset=True))
