"""What a rule finds."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One break of a rule: where, why, and how bad when it is not as bad as the rule says."""

    where: str
    why: str
    severity: Severity | None = None


def strict(ours: bool) -> Severity:
    """An error in a dialogue of our own making, a warning in anybody else's."""
    return "error" if ours else "warning"
