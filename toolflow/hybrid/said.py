"""One sentence of a simulator, and what stands behind it. A noun: it knows neither models nor rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from toolflow.hybrid.marks import Known, Mark, marks

Speaker = Literal["user", "assistant"]


@dataclass(frozen=True)
class Said:
    """One sentence, or one turn, as the simulator said it, and what stands behind it."""

    speaker: Speaker
    text: str
    today: date
    known: Sequence[Known] = ()
    """Values that may stand in it."""
    given: Sequence[Any] = ()
    """Arguments that the user gives with it."""
    deeds: Sequence[str] = ()
    """First words of the tools it is about."""
    marks: list[Mark] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "marks", marks(self.text, self.known, self.today))
