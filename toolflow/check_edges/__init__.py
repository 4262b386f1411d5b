"""Check edges: an LLM is asked about the flows of a tool graph of which the score knows least.

What is doubtful is found by `doubtful`, asked for as a typed question for each flow (`question`), and the answers are
worked into the graph by `check`: what a model says no to is taken out, what it says yes to is marked, and both stand
in the graph with the reason. Ours; the paper's graph is as its cosine makes it.

The judge has to be able. A model of half a billion parameters, tried on a few flows, called each of them useful, right
or wrong; asked for the order of the tools as yes or no, it had said no to each.
"""

from toolflow.check_edges.check import Outcome, check_edges
from toolflow.check_edges.doubtful import Question, doubtful
from toolflow.check_edges.question import ROLE, read_check_prompt

__all__ = ["ROLE", "Outcome", "Question", "check_edges", "doubtful", "read_check_prompt"]
