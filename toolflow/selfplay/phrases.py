"""What a tool does, as a phrase a person could use: "cancel a flight booking".

The words are the tool's own: the first sentence of its description when it says what to do, else its
name. Only grammar happens here; which values go into the phrase is `toolflow.selfplay.wording`'s.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from toolflow.schema import Tool
from toolflow.selfplay.names import singular, words
from toolflow.selfplay.verbs import SEEKS, base_form, participle

_CUT = re.compile(r"(?:[,;:(]| - | – | — | so that | based on | according to | using | which | in order to | e\.g\.).*")
"""Where a description goes into what a user would not say."""
_SUBJECT = re.compile(
    r"^(?:this|the)?\s*"
    r"(?:api|endpoint|tool|function|method|service|operation)?\s*"
    r"(?:will|can|allows? you to|lets you|is used to|allows users to)?\s*",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"https?:|[<>{}\[\]_|*#`]")
_LONGEST = 90
"""A deed of more letters is named after its tool instead."""
_FOR_THE_USER = re.compile(r" for the user\b")


_MINE = re.compile(r"\bmy\b")
_AFTER_HEAD = re.compile(r"(?<=[a-z]) (?:(?:of|with|in) .*|[a-z]+ed)$")
"""What follows the head of a noun phrase: "years of experience", "tickets solved"."""
_PERSONS = {"people": "person", "children": "child"}


@dataclass(frozen=True, slots=True)
class Deed:
    """What a tool does."""

    verb: str
    """Base form: ``cancel``."""
    phrase: str
    """The verb and what it is done to, in the user's person: ``get my grades in a course``."""
    seeks: bool
    """Whether it finds something out rather than changing something."""

    @property
    def object(self) -> str:
        """The phrase without its verb: ``a flight booking``."""
        return self.phrase[len(self.verb) :].strip()

    @property
    def participle(self) -> str:
        """``cancelled``, ``booked``."""
        return participle(self.verb)


def deed(tool: Tool) -> Deed:
    """The deed of a tool."""
    return _deed(tool.name, tool.description[:400])


@lru_cache(maxsize=4096)
def _deed(name: str, description: str) -> Deed:
    sentence = " ".join(description.split(". ", 1)[0].split()).strip(" .!")
    sentence = _CUT.sub("", sentence)
    for start in (sentence, _without_subject(sentence)):
        verb = base_form(start.split(" ", 1)[0].lower())
        rest = start.partition(" ")[2].strip()
        if verb and rest.startswith("of "):
            verb, rest = "get", f"the {verb} {rest}"
        if verb and rest and len(start) <= _LONGEST and not _MARKUP.search(start):
            return Deed(verb, _personal(f"{verb} {rest}"), verb in SEEKS)
    return _named(name)


def _without_subject(sentence: str) -> str:
    """``This endpoint returns flights`` → ``returns flights``."""
    return _SUBJECT.sub("", sentence, count=1)


def _named(name: str) -> Deed:
    """From the name alone: ``getWeatherByCity`` → get weather by city."""
    parts = [part for part in words(name) if not part.isdigit()]
    if parts and parts[-2:-1] == ["for"]:
        parts = parts[:-2]
    parts = [part for part in parts if part not in ("api", "v", "endpoint")]
    if not parts:
        return Deed("look", "look this up", True)
    verb = base_form(parts[0])
    if verb and len(parts) > 1:
        return Deed(verb, f"{verb} {_noun(parts[1:])}", verb in SEEKS)
    return Deed("get", f"get {_noun(parts)}", True)


def _noun(parts: list[str]) -> str:
    text = " ".join(parts[:6])
    return text if parts[0] in ("the", "a", "an", "all", "my", "by") or text.endswith("s") else f"the {text}"


def _personal(phrase: str) -> str:
    """In the mouth of the user: ``the user's emails`` → ``my emails``."""
    phrase = _FOR_THE_USER.sub("", phrase)
    phrase = re.sub(r"\b(?:the|a|an|your) (?:current |authenticated |logged-in )?user(?:'s|s')", "my", phrase)
    phrase = re.sub(r"\bthe user is\b", "I am", phrase)
    phrase = re.sub(r"\bthe user can\b", "I can", phrase)
    phrase = re.sub(r"\bby the user\b", "by me", phrase)
    return re.sub(r"\bthe user\b", "me", phrase)


def yours(phrase: str) -> str:
    """What the user calls theirs, in the assistant's mouth: ``my emails`` → ``your emails``."""
    return _MINE.sub("your", phrase)


def plural(noun: str, number: int | float) -> str:
    """``1 guest``, ``2 guests``: the noun that goes with a number."""
    if number == 1:
        return _PERSONS.get(noun) or singular(noun)
    if noun in _PERSONS or noun.endswith("s"):
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou") else noun + "s"


def are(what: str) -> str:
    """The verb that goes with a noun, by its ending: "the guests are", "the status is"."""
    head = _AFTER_HEAD.sub("", what)
    is_plural = head.endswith("s") and not head.endswith(("ss", "us", "is", "news", "series"))
    return "are" if is_plural or head in _PERSONS else "is"


def joined(parts: list[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def capitalised(text: str) -> str:
    """With a capital at its beginning, unless it begins with something that is written as it is."""
    first = text.split(" ", 1)[0].rstrip(",.?!:")
    return text[:1].upper() + text[1:] if first.replace("'", "").replace("-", "").isalpha() else text


def sentence(text: str) -> str:
    """With a capital at its beginning and a stop at its end."""
    text = text.strip()
    text = capitalised(text)
    return text if text.endswith((".", "!", "?", "…", '"')) else text + "."


def on(day: str, preposition: str = "on") -> str:
    """``on 14 May``, but ``today``."""
    return day if day.startswith(("today", "tomorrow", "yesterday", "the day after")) else f"{preposition} {day}"
