"""Who speaks: a user who wants something, or an assistant who has done it, and never the one as the other.

Ours, all of it; English.
"""

import re

from toolflow.heard import fold
from toolflow.hybrid.said import Said
from toolflow.llm.questions import Misfit

_OF_ASSISTANT = re.compile(
    r"\b(?:i can|i'll|i will|let me|(?:offer|for) you\b"
    r"|(?:here is|here's|here are|i have|i've|we have|we've) (?!to\b|a\b|an\b|got to\b|decided\b|no\b)"
    r"|(?:has|have) been\b|as an ai\b|(?:can|could|may|would) i (?:help|assist|get you)|(?:assist|help) you\b"
    r"|you(?:'d| would)? (?:like|want|need)\b|your (?:request|order|question|search)\b|please provide|i apologi[sz]e"
    r"|how can i|i(?:'m| am) (?!looking|trying|hoping|wondering|thinking|planning|going|checking)\w+ing\b)"
)
_OF_USER = re.compile(
    r"\b(?:i (?:need|want|would like|wanted)|i'd (?:like|love|want)|(?:can|could|would|will) you|help me|for me\b"
    r"|tell me\b|my\b|please (?:find|get|book|send|show|list|help|make|add|search)|thank you|thanks\b)"
)
_ADDRESSED = re.compile(
    r"(?<!for )(?<!to )(?<!tell )(?<!give )(?<!show )\byou\b(?! asked| wanted| said| mentioned| need| like)"
)
_FIRST = re.compile(r"\bi(?:'ve|'m)?\b")
_OWN = re.compile(r"\b(?:me|my|mine)\b")
_TAKES_OVER = re.compile(r"\byou(?:'ve| have| had| can| could)\b")
"""What the assistant did, told as done by the user."""
_WANTS = re.compile(
    r"\b(?:please|(?:can|could|would|will) (?:you|we|i)|help me|mind"
    r"|i(?:'d like|'d love| would like| want| need| don't want)"
    r"|i'm (?:looking|after|interested|trying|hoping)|i am (?:looking|after|interested|trying|hoping)|let's|go ahead"
    r"|time to|(?:i|we) (?:\w+ )?have to|i've decided|do me a favor|go for|how about|only|just|also)\b|\?"
)
"""How people say that they want something, other than by the bare verb."""
_LEAD_IN = re.compile(
    r"^(?:\W*(?:and|also|then|now|next|so|well|okay|ok|great|thanks|thank you|perfect|sure|fine|first|after that"
    r"|all right|kindly|right|good|lovely|hi|hello|hey|besides|before i forget|in addition)\b)*\W*"
)
_ORDERS = frozenset(
    "add book buy cancel change check create delete do don find get give include let list look make move open "
    "order play put read remove schedule search see send set share show start stop take tell track turn "
    "update use write".split()
)
"""Verbs that begin an order."""
_CONSENT = re.compile(r"\W*(?:sure|certainly|of course|absolutely|yes)\b")
_PLEA = re.compile(r"\b(?:please|can you|could you|would you|help me|i need|let me know)\b")
_OFFER = re.compile(
    r"\b(?:let me know|feel free|don't hesitate|if you (?:need|have|want|would|'d)|anything|tell me|just say"
    r"|happy to|glad to|here to help)\b"
)
_PROMISE = re.compile(
    r"\b(?:i'll|i will|i(?:'m| am) (?:now )?\w+ing|we'll|we will|you'll (?:get|receive)|let's|look(?:ing)? forward"
    r"|guarantee|promise|soon)\b"
)


def check_voice(said: Said, text: str) -> None:
    """The same one speaks: who asks goes on asking, and who reports, reporting."""
    before, after = fold(said.text), fold(text)
    pattern, problem = {
        "user": (_OF_ASSISTANT, "that is what the assistant would say; the user asks, and has done nothing"),
        "assistant": (_OF_USER, "that is what the user would say; the assistant answers, and asks for nothing else"),
    }[said.speaker]
    new = [found for found in pattern.findall(after) if found not in before]
    if new:
        raise Misfit(f'{problem} ("{new[0].strip()}")')
    if said.speaker == "user" and not (said.given or said.deeds) and _PLEA.search(after) and not _PLEA.search(before):
        raise Misfit("it asks for something; the user only tells it")
    agrees = _CONSENT.match(after) is not None and _CONSENT.match(before) is None
    if agrees and (said.deeds or "?" in after):
        raise Misfit("it agrees to something; say only what was said")
    if said.speaker == "user" and _orders(said, said.text) and not _orders(said, text):
        raise Misfit("it no longer asks for it; the user wants this done")
    if said.speaker == "user" and "your" in after.split() and "your" not in before.split():
        raise Misfit('the user speaks of "your", and means the own things; say "my" or "the"')
    if said.speaker == "user" and _OWN.search(before) and not re.search(rf"{_OWN.pattern}|\bi\b", after):
        raise Misfit('the user must still say "me" or "my"')
    if said.speaker == "assistant":
        turned = _FIRST.search(before) and _ADDRESSED.search(after) and not _ADDRESSED.search(before)
        if turned or (_TAKES_OVER.search(after) and not _TAKES_OVER.search(before)):
            raise Misfit('the assistant did it, not the user; say "I have", or what is done now')
        new = [found for found in _PROMISE.findall(after) if found not in before]
        new += [] if _OFFER.search(before) else _OFFER.findall(after)
        if new:
            raise Misfit(f'it offers or promises something new ("{new[0]}"); say only what was said')


def _orders(said: Said, text: str) -> bool:
    """Whether a text asks for something to be done."""
    for sentence in re.split(r"(?<=[.!?;:])\s+", fold(text)):
        first = re.match(r"\w+", _LEAD_IN.sub("", sentence))
        if _WANTS.search(sentence) or (first is not None and (first[0] in _ORDERS or first[0] in said.deeds)):
            return True
    return False
