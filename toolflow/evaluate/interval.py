"""Means of a sample, and how far off they may be.

A value comes from dialogues, each with one score or with several rounds; those of one dialogue resemble each other, so
that the dialogue is the unit of the sample. The mean is that of all scores or rounds, its variance that of a ratio
(Cochran, Sampling Techniques, §6.4), which for one score each is the usual one. The interval is the normal one, meant
for thirty dialogues and more; that a sample is most of its file makes it no narrower, since it speaks of all
dialogues that the same way of making them could have made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
_DEVIATIONS = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its confidence interval."""

    mean: float
    margin: float | None
    """Half the width of the interval; None when a single dialogue says nothing of it."""
    size: int
    """Scores, or rounds."""

    def times(self, factor: float) -> "Interval":
        """On another scale."""
        return Interval(self.mean * factor, None if self.margin is None else self.margin * factor, self.size)


def interval(dialogues: Sequence[tuple[float, int]]) -> Interval | None:
    """From (sum, number) of each dialogue; None when there is nothing to take the mean of."""
    size = sum(number for _, number in dialogues)
    if not size:
        return None
    mean = sum(total for total, _ in dialogues) / size
    count = sum(number > 0 for _, number in dialogues)
    if count < 2:
        return Interval(mean, None, size)
    squares = sum((total - mean * number) ** 2 for total, number in dialogues)
    return Interval(mean, _DEVIATIONS * sqrt(squares * count / (count - 1)) / size, size)
