"""Estimate: what so many dialogues of the llm cast would take, before anything is sent or paid."""

from toolflow.estimate.basis import ALLOWANCE, REHEARSED, Basis, Need, rehearse, sample
from toolflow.estimate.bill import LATENCY, SPEED, Pace, compared, estimate, per_dialogue
from toolflow.estimate.rehearsal import unlocked
from toolflow.tokens import Ratio

__all__ = [
    "ALLOWANCE",
    "LATENCY",
    "REHEARSED",
    "SPEED",
    "Basis",
    "Need",
    "Pace",
    "Ratio",
    "compared",
    "estimate",
    "per_dialogue",
    "rehearse",
    "sample",
    "unlocked",
]
