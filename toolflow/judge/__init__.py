"""Judge: an LLM says how natural, coherent, helpful and accurate sampled dialogues are, and how rounds hang together.

The paper (§4.2) has GPT-4 score 200 dialogues of each set from 1 to 5 (NAT, COH, HELP, ACC) and a trained NLI model say
which requests are entailed by the round before (EnR). Ours, since neither prompt nor model is published: what the
scores mean (``prompts/judge.md``), a rationale before each score, and the judge as NLI model. So figures compare sets
that the same judge has seen; beside the paper's they are a hint. The judge has to be able: a model of half a billion
parameters, tried on ten dialogues, gave answers of the right form to all questions, with reasons that named none.

Each dialogue and each round is a question of its own (`question`), whose answer depends on nothing else (`judge`).
"""

from toolflow.judge.judge import Outcome, judge
from toolflow.judge.question import ROLE, Question, questions, read_judge_prompt

__all__ = ["ROLE", "Outcome", "Question", "judge", "questions", "read_judge_prompt"]
