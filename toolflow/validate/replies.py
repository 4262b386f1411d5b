"""Rules on what the assistant says where the plan has no call: it answers from a result, or says that it cannot.

A refusal is known by its words, which are looked for in English; of a reply in another language nothing is said.
"""

import re
from collections.abc import Iterator

from toolflow.heard import fold
from toolflow.schema import Kind
from toolflow.trace import Trace
from toolflow.validate.finding import Finding
from toolflow.validate.reading import Dialogue
from toolflow.validate.sources import NOTHING, Matching, with_requests

_REFUSES = re.compile(
    r"\b(?:ca(?:n't|nnot)|can not|(?:could|wo|do|does|is|are)n't|not (?:able|possible|something|available|one of)"
    r"|unable|un(?:fortunately|available)|sorry|afraid|beyond (?:me|my)|no (?:way|tool|means|access|option)|outside"
    r"|lack|only (?:help|able)|wish i could)\b"
)
_ENGLISH = frozenset("the you your for and i to of with".split())
_LEAST_ENGLISH = 2
"""So many of these words make a reply English."""


def unmet_wish(dialogue: Dialogue) -> Iterator[Finding]:
    """To a wish that no tool can meet, the assistant says that it cannot."""
    for message, request in with_requests(dialogue):
        if request.kind is Kind.UNAVAILABLE and message.role == "assistant" and not message.has_calls:
            text = fold(message.text)
            if len(_ENGLISH & set(re.findall(r"[a-z]+", text))) >= _LEAST_ENGLISH and not _REFUSES.search(text):
                yield Finding(f"{message.where}.content", "no tool can do this, and the reply does not say so")


def follow_up_answer(dialogue: Dialogue) -> Iterator[Finding]:
    """A question about an earlier result is answered with what stands there."""
    if dialogue.plan is None:
        return
    matching = Matching(dialogue)
    list(matching.missing(dialogue.plan.calls))
    for message, request in with_requests(dialogue):
        if request.about is None or message.role != "assistant" or message.has_calls:
            continue
        value = matching.expected(request.about)
        if value is NOTHING or not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        reply = Trace()
        reply.hear(message.text)
        if reply.source(value) is None:
            yield Finding(f"{message.where}.content", f"the result says {value!r}, and the reply does not tell it")
