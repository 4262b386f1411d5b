"""Complete: an LLM writes what imported tools lack (as in the paper), each completion marked as its work.

What is lacking is found by `lacking`, asked for as a typed question for each tool (`answer`), and written into the
tools by `completion` where it passes the checks that every imported tool passes. A tool is somebody else's text: the
model reads it as data, and nothing that it answers is believed before it is checked. What did not fit stays lacking,
and is reported.
"""

from toolflow.complete.complete import Completed, complete, kinds, questions
from toolflow.complete.question import ROLE, Question, read_complete_prompt

__all__ = ["ROLE", "Completed", "Question", "complete", "kinds", "questions", "read_complete_prompt"]
