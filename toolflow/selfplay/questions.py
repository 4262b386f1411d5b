"""How the selfplay assistant asks for a missing argument, in the words of its description where they allow it."""

import re
from collections.abc import Mapping
from typing import Any

from toolflow.selfplay.names import entity, is_identifier, label, singular
from toolflow.selfplay.phrases import are, sentence

_MOST_WORDS = 12
_NO_PHRASE = re.compile(r"[<>{}\[\]_|*#`:;()\"\u0400-\uffff]|https?|\be\.g|\b(?:the|a|an) .*\b(?:is|are)\b")
"""What no short noun phrase holds: markup, examples, a verb of its own."""
_ARTICLE = re.compile("^(?:the|an?) ")
_ONE_OF_A_KIND = re.compile("(?:the )?(?:first|last|earliest|latest|start|end|new|lowest|highest|maximum|minimum) ")
_NUMBER_OF = re.compile("number of (?!the |an? )")
_PURPOSE = re.compile(
    r"(?:the )?(?P<of>identifiers? of (?:the |an? )?)?(?P<thing>.+?)"
    r" to (?!the |an? |your |my |this )(?P<deed>[a-z]+(?: [a-z ]+)?)"
)
"""``identifier of the flight to book``, ``song to play``."""
_WHEN = ("time", "date", "day")
_WHEN_TO = ("time to ", "date to ", "day to ", "date and time to ")
_OF = re.compile(r" (?:of|to|for|in|on|that|where|who|with|[a-z]{3,}ing) ")


def question(name: str, schema: Mapping[str, Any]) -> str:
    """What to ask for the argument ``name`` with its schema."""
    described = " ".join(str(schema.get("description") or "").split()).strip(" .")
    text = described[:1].lower() + described[1:] if described[1:2].islower() else described
    is_phrase = len(described.split()) <= _MOST_WORDS and not _NO_PHRASE.search(described)
    if text.startswith(_WHEN_TO) or (is_phrase and text in _WHEN):
        return f"What {text.split(' to ')[0]} would you like?"
    return (is_phrase and described and _described(text)) or _named(name)


_THE_USERS = frozenset("stay live sleep sit eat dine travel go fly drive ride depart leave arrive return work".split())
"""What the user does, and no assistant for them."""


def _described(text: str) -> str:
    """The question that a description's phrase leads to."""
    if _NUMBER_OF.match(text):
        what, _, purpose = text.removeprefix("number of ").partition(" to ")
        return f"How many {what} should I {purpose}?" if purpose else f"How many {what}?"
    purpose_of = _PURPOSE.fullmatch(text)
    if purpose_of:
        return _which(purpose_of["of"], purpose_of["thing"], purpose_of["deed"])
    if text.startswith("whether to "):
        return f"Should I {text.removeprefix('whether to ')}?"
    head = _OF.split(text, maxsplit=1)[0].split()[-1]
    the = "" if text.startswith("your ") else "the "
    return f"What {are(head)} {the}{_ARTICLE.sub('', text)}?"


def _which(of: str | None, thing: str, deed: str) -> str:
    if of:
        return f"Which {thing} should I {deed}? Please give me the ID{' of each' if are(thing) == 'are' else ''}."
    if _ONE_OF_A_KIND.match(thing):
        return f"What {are(thing)} the {_ARTICLE.sub('', thing)} to {deed}?"
    if " of " in thing:
        return f"What is the {thing} to {deed}?"
    asks = "would you like to" if deed.split(" ", 1)[0] in _THE_USERS else "should I"
    return f"Which {_ARTICLE.sub('', thing)} {asks} {deed}?"


def _named(name: str) -> str:
    """From the name alone."""
    if is_identifier(name):
        what = f"{entity(name)} ID".removeprefix("one ")
    else:
        what = label(singular(name) if name.endswith("ids") else name)
    return sentence(f"Which {what} should I use").rstrip(".") + "?"
