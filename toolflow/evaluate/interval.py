"""Means of a sample, and how far off they may be.

A value comes from dialogues, each with one score or with several rounds; those of one dialogue resemble each other, so
that the dialogue is the unit of the sample. The mean is that of all scores or rounds, its variance that of a ratio
(Cochran, Sampling Techniques, §6.4), which for one score each is the usual one. The interval is Student's, with one
degree of freedom less than there are dialogues; that a sample is most of its file makes it no narrower, since it speaks
of all dialogues that the same way of making them could have made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
_NORMAL = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


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
    return Interval(mean, _deviations(count - 1) * sqrt(squares * count / (count - 1)) / size, size)


def _deviations(freedom: int) -> float:
    """Standard errors to each side: Student's quantile (Abramowitz and Stegun 26.7.5), to 3 % from two degrees of
    freedom on and to 0.3 % from four; with one, which tells nothing, a quarter too small."""
    z = _NORMAL
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
