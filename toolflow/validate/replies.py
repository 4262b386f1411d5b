"""Rules on what is said where the plan leaves it to words: the assistant answers from a result, or says that it cannot;
the user says which item of a list is meant.

Refusals and superlatives are known by their words, in English; of another language nothing is said.
"""

import re
from collections.abc import Iterator

from toolflow.choice import choice_in
from toolflow.effort import Effort
from toolflow.heard import fold
from toolflow.schema import FromOutput, Kind, Request
from toolflow.trace import Trace
from toolflow.validate.finding import Finding
from toolflow.validate.reading import Dialogue, Message
from toolflow.validate.sources import Matching, with_requests

_REFUSES = re.compile(
    r"\b(?:ca(?:n't|nnot)|can not|(?:could|wo|do|does|is|are)n't|not (?:able|possible|something|available|one of)"
    r"|unable|un(?:fortunately|available)|sorry|afraid|beyond (?:me|my)|no (?:way|tool|means|access|option)|outside"
    r"|lack|only (?:help|able)|wish i could)\b"
)
_ENGLISH = frozenset("the you your for and i to of with".split())
_LEAST_ENGLISH = 2
"""So many of these words make a reply English."""


def _is_english(dialogue: Dialogue, text: str) -> bool:
    """Whether a text is, by what the record says and by its small words."""
    return dialogue.in_english and len(_ENGLISH & set(re.findall(r"[a-z]+", fold(text)))) >= _LEAST_ENGLISH


def unmet_wish(dialogue: Dialogue) -> Iterator[Finding]:
    """To a wish that no tool can meet, the assistant says that it cannot."""
    for message, request in dialogue.once(with_requests):
        if request.kind is not Kind.UNAVAILABLE or message.role != "assistant" or message.has_calls:
            continue
        if _is_english(dialogue, message.text) and not _REFUSES.search(fold(message.text)):
            yield Finding(f"{message.where}.content", "no tool can do this, and the reply does not say so")


def follow_up_answer(dialogue: Dialogue) -> Iterator[Finding]:
    """A question about an earlier result is answered with what stands there."""
    if dialogue.plan is None:
        return
    matching, effort = dialogue.once(Matching), Effort()
    for message, request in dialogue.once(with_requests):
        if request.about is None or message.role != "assistant" or message.has_calls:
            continue
        kinds = (str, int, float) if dialogue.in_english else (int, float)  # others have their own words for words
        told = [value for value in matching.expected(request.about) if isinstance(value, kinds)]
        effort.spend(len(message.text) + 100 * len(told))
        reply = Trace()
        reply.hear(message.text)
        if told and not isinstance(told[0], bool) and all(reply.source(value) is None for value in told):
            yield Finding(f"{message.where}.content", f"the result says {told[0]!r}, and the reply does not tell it")


def choice_stated(dialogue: Dialogue) -> Iterator[Finding]:
    """Where an item is to be chosen, the user says by what: the cheapest, the best-rated."""
    effort = Effort()
    said: dict[int, tuple[Request, list[Message]]] = {}
    for message, request in dialogue.once(with_requests):
        if message.role == "user":
            said.setdefault(id(request), (request, []))[1].append(message)
    for request, messages in said.values():
        text = " ".join(message.text for message in messages)
        for source in (source for call in request.calls for source in call.arguments.values()):
            chosen = choice_in(source.path) if isinstance(source, FromOutput) else None
            effort.spend(1 + len(text) if chosen else 1)
            if chosen and _is_english(dialogue, text) and not chosen[1].is_stated(text):
                why = f"{chosen[1].of('item')} is to be chosen, and the user never says so"
                yield Finding(f"{messages[0].where}.content", why)
