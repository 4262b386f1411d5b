"""How long a question waits between two attempts, and when it has had enough of them.

The wait doubles from one second, with full jitter so that many questions do not come back at once. Attempts and
their total time are both bounded; what a question waits at the gate is not its time.

An attempt counts against the question only when it can be its fault: when the endpoint answered somebody since
the last one, or when nobody else is asking and the failure may lie with what was asked (an endpoint that breaks
on one prompt). When an endpoint is down for everybody, or sends everybody away, no question is the worse for it:
the gate says when to go on and when to stop (`toolflow.llm.gate`).
"""

from dataclasses import dataclass
from random import Random

from tenacity import RetryCallState

from toolflow.llm.failures import Failure
from toolflow.llm.gate import Gate

FIRST = 1.0
LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Pauses:
    """The bounds of every question."""

    attempts: int
    seconds: float
    jitter: Random


class Tries:
    """The attempts at one question, as tenacity asks for them."""

    def __init__(self, pauses: Pauses, gate: Gate) -> None:
        self._pauses = pauses
        self._gate = gate
        self._signs = gate.signs
        self._counted = 0
        self._seconds = 0.0
        self._left_alone = False

    def failed(self, failure: Failure, seconds: float) -> None:
        """An attempt got no answer, after so long; the gate knows it by now."""
        others = self._gate.signs > self._signs
        alone = self._gate.asking == 1
        self._signs = self._gate.signs
        self._left_alone = failure.asked is not None or self._gate.breaker.is_open
        if others or (alone and not failure.blameless):
            self._counted += 1
            self._seconds += seconds

    def wait(self, state: RetryCallState) -> float:
        """Seconds until it stands at the gate again."""
        if self._left_alone:
            return 0.0
        longest = min(LONGEST, FIRST * 2 ** min(state.attempt_number - 1, 10))
        seconds = self._pauses.jitter.uniform(longest / 2, longest)
        self._seconds += seconds
        return seconds

    def stop(self, state: RetryCallState) -> bool:
        """Whether that was the last attempt."""
        return self._counted >= self._pauses.attempts or self._seconds > self._pauses.seconds
