"""Check edges: an LLM is asked about the flows of a tool graph of which the score knows least.

What is doubtful is found by `doubtful`, asked for as a typed question for each flow (`question`), and the answers are
worked into the graph by `check`: what a model says no to is taken out, what it says yes to is marked, and both stand
in the graph with the reason. Ours; the paper's graph is as its cosine makes it.

The judge has to be able: a model of half a billion parameters, tried on the flows that are least in doubt, said of most
of them that nobody would call the tools in that order.
"""

from toolflow.check_edges.check import Outcome, check_edges
from toolflow.check_edges.doubtful import Question, doubtful
from toolflow.check_edges.question import ROLE, read_check_prompt

__all__ = ["ROLE", "Outcome", "Question", "check_edges", "doubtful", "read_check_prompt"]
