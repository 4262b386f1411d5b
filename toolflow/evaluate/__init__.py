"""Evaluation: what a data set is like, in numbers that two sets can be compared by (paper §4.2 and its critics).

`evaluate` reads a file of dialogues once, ours or anybody's, and returns an `Evaluation`; `table` puts several
beside each other. `count` stops halfway, for `toolflow.judge` to have a model look at some dialogues. Nothing is judged
good or bad here: that is what `toolflow.validate` is for.
"""

from toolflow.evaluate.measures import MEASURES, Measure
from toolflow.evaluate.run import Counted, Evaluation, count, evaluate

__all__ = ["MEASURES", "Counted", "Evaluation", "Measure", "count", "evaluate"]
