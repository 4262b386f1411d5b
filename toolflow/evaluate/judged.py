"""What a judge said of the sampled dialogues of one file; how it is asked is the business of `toolflow.judge`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from toolflow.evaluate.interval import Interval, interval

ASPECTS = ("naturalness", "coherence", "helpfulness", "accuracy")
"""What a judge scores from 1 to 5: the paper's NAT, COH, HELP and ACC."""


@dataclass
class Judgement:
    """What was said of one dialogue, as far as it was judged."""

    scores: dict[str, int] = field(default_factory=dict)
    """By aspect: all of them or none."""
    rationales: dict[str, str] = field(default_factory=dict)
    """One line for each score."""
    entailed: list[tuple[bool, str] | None] = field(default_factory=list)
    """For each round after the first one, whether the round before entails its request, and why; None: not judged."""
    problems: list[str] = field(default_factory=list)
    """Why questions got no answer that fits."""


@dataclass(frozen=True)
class Judged:
    """All that was said of one file."""

    judgements: Sequence[Judgement] = ()

    def mean(self, aspect: str) -> Interval | None:
        """Of the scores of an aspect."""
        return interval([(one.scores[aspect], 1) for one in self.judgements if one.scores])

    @property
    def entailment(self) -> Interval | None:
        """EnR: the share of rounds whose request the round before entails."""
        said = [[each[0] for each in one.entailed if each is not None] for one in self.judgements]
        return interval([(sum(each), len(each)) for each in said])

    @property
    def not_judged(self) -> int:
        """Questions without an answer that fits."""
        return sum(len(one.problems) for one in self.judgements)
