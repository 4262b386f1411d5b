"""Questions: what was asked is asked, and nothing else. Ours, all of it; English."""

import re

from toolflow.heard import content_words, fold, stem
from toolflow.hybrid.matter import matter, shared
from toolflow.hybrid.said import Said
from toolflow.llm.questions import Misfit

_ASKED = re.compile(r"[^.!?]*\?")
_OPEN = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have)\b")
"""Words that make a question one that wants to know."""
_BEGINS_QUESTION = re.compile(
    r"(?:\W*[\w']+){0,5}?\W*\b(?:what|which|who|whose|when|where|why|how|is|are|do|does|did|can|could|should|shall|may|would"
    r"|will|have|has|anything|something|any)\b"
)
_UNMARKED = re.compile(
    r"(?:\A|[.!?]\s+)\W*(?:what|which|who|where|when|why|how|can|could|would|may|do|does|is|are)\b[^?.!]*[.!]"
)
"""A question without its sign."""


def asks(said: Said) -> bool:
    """Whether it is a question that is to stay one."""
    questions = _ASKED.findall(fold(said.text))
    return bool(questions) and (said.speaker == "assistant" or any(map(_wants_to_know, questions)))


def check_questions(said: Said, text: str) -> None:
    """What was asked is asked, and nothing else."""
    if _UNMARKED.search(fold(text)) and not _UNMARKED.search(fold(said.text)):
        raise Misfit("it asks without a question mark")
    before, after = _ASKED.findall(fold(said.text)), _ASKED.findall(fold(text))
    if said.speaker == "user":
        open_before, open_after = (list(filter(_wants_to_know, questions)) for questions in (before, after))
        if len(after) < len(open_before):
            raise Misfit(f"it must ask {len(open_before)} question{'s' * (len(open_before) != 1)}, as it did")
        spoken = [stem(word) for word in content_words(said.text)]
        for question in open_after if not open_before else ():  # "Which flights …?" asks for a list of flights
            if len(shared(matter(question), spoken)) < len(matter(question)):
                raise Misfit(f'it asks something new: "{question.strip()}"')
        if len(open_after) > max(1, len(open_before)):
            raise Misfit("it asks too many questions; ask for the same things")
        return
    if len(before) != len(after):
        many = f"{len(before)} question{'s' * (len(before) != 1)}" if before else "no question"
        raise Misfit(f"it must ask {many}, as it did, not {len(after)}")
    if any(not _BEGINS_QUESTION.match(question) for question in after):
        raise Misfit("that is no question, though it ends like one")
    for question in before:
        wanted = matter(question)
        if wanted and not any(shared(wanted, matter(other)) for other in after):
            raise Misfit(f'it must still ask: "{question.strip()}"')


def _wants_to_know(question: str) -> bool:
    """Rather than a polite request."""
    words = re.findall(r"[\w']+", question)[:6]
    return not {"can", "could", "would", "will", "mind", "may"} & set(words) and any(map(_OPEN.match, words))
