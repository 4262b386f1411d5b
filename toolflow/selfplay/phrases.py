"""What a tool does, as a phrase a person could use: "cancel a flight booking".

The words are the tool's own: the first sentence of its description when it says what to do, else its
name. Only grammar happens here; which values go into the phrase is `toolflow.selfplay.wording`'s.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from toolflow.schema import Tool
from toolflow.selfplay.names import words

_SEEKS = frozenset(
    "get list search find check show look compare calculate estimate fetch retrieve return summarize view read "
    "convert track forecast recommend screen query lookup browse determine provide display see obtain discover "
    "describe analyze detect identify compute measure validate verify translate geocode explain predict access "
    "report open download extract generate count".split()
)
_ACTS = (
    frozenset(
        "create cancel add move book send submit set schedule request start share change update transfer log post "
        "invite save delete play reserve order extend dispute pay answer close merge publish ship redirect enroll "
        "withdraw hold buy stop restore remove review approve reply forward plan place follow mute rate adjust lock "
        "unlock activate assign link mark put write upload register edit modify make turn enable disable subscribe "
        "unsubscribe apply respond react complete snooze append post revoke rename copy insert store record edit "
        "reschedule confirm accept reject mute pause resume skip block report install run execute import export "
        "archive pin tag label reset renew donate tip withdraw deposit sell trade invest bid vote join leave react".split()
    )
    - _SEEKS
)
_VERBS = _SEEKS | _ACTS

_PARTICIPLES = {
    "get": "got", "find": "found", "send": "sent", "set": "set", "put": "put", "buy": "bought", "make": "made",
    "hold": "held", "write": "written", "pay": "paid", "sell": "sold", "withdraw": "withdrawn", "show": "shown",
    "see": "seen", "run": "run", "leave": "left", "read": "read", "bid": "bid", "reset": "reset",
}  # fmt: skip

_CUT = re.compile(r"(?:[,;:(]| - | – | — | so that | based on | according to | using | which | in order to | e\.g\.).*")
_FOR_THE_USER = re.compile(r" for the user\b")
_THIRD_PERSON = re.compile(r"^([a-z]+?)(?:s|es|ies)$")


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
        verb = _verb(start.split(" ", 1)[0].lower())
        rest = start.partition(" ")[2].strip()
        if verb and rest and len(start) <= 90 and not re.search(r"https?:|[<>{}\[\]_|*#`]", start):
            return Deed(verb, _personal(f"{verb} {rest}"), verb in _SEEKS)
    return _named(name)


def _without_subject(sentence: str) -> str:
    """``This endpoint returns flights`` → ``returns flights``."""
    return re.sub(
        r"^(?:this|the)?\s*(?:api|endpoint|tool|function|method|service|operation)?\s*(?:will|can|allows? you to|lets you|is used to|allows users to)?\s*",
        "", sentence, count=1, flags=re.IGNORECASE,
    )  # fmt: skip


def _named(name: str) -> Deed:
    """From the name alone: ``getWeatherByCity`` → get weather by city."""
    parts = [part for part in words(name) if not part.isdigit()]
    if parts and parts[-2:-1] == ["for"]:
        parts = parts[:-2]
    parts = [part for part in parts if part not in ("api", "v", "endpoint")] or ["look", "this", "up"]
    verb = _verb(parts[0])
    if verb and len(parts) > 1:
        return Deed(verb, f"{verb} {_noun(parts[1:])}", verb in _SEEKS)
    return Deed("get", f"get {_noun(parts)}", True)


def _noun(parts: list[str]) -> str:
    text = " ".join(parts[:6])
    return text if parts[0] in ("the", "a", "an", "all", "my", "by") or text.endswith("s") else f"the {text}"


def _verb(word: str) -> str | None:
    """The base form, when the word is a verb of doing."""
    if word in _VERBS:
        return word
    for ending, base in (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e")):
        if word.endswith(ending) and word[: -len(ending)] + base in _VERBS:
            return word[: -len(ending)] + base
    return None


def _personal(phrase: str) -> str:
    """In the mouth of the user: ``the user's emails`` → ``my emails``."""
    phrase = _FOR_THE_USER.sub("", phrase)
    phrase = re.sub(r"\b(?:the|a|an|your) (?:current |authenticated |logged-in )?user(?:'s|s')", "my", phrase)
    phrase = re.sub(r"\bthe user is\b", "I am", phrase)
    phrase = re.sub(r"\bthe user can\b", "I can", phrase)
    phrase = re.sub(r"\bby the user\b", "by me", phrase)
    return re.sub(r"\bthe user\b", "me", phrase)


def participle(verb: str) -> str:
    """The past participle of a verb."""
    if verb in _PARTICIPLES:
        return _PARTICIPLES[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in tuple("aeiou"):
        return verb[:-1] + "ied"
    if verb in ("cancel", "log", "plan", "stop", "submit", "transfer", "pin", "tag", "ship", "skip"):
        return verb + verb[-1] + "ed"
    return verb + "ed"


def plural(noun: str, number: int | float) -> str:
    """``1 guest``, ``2 guests``: the noun that goes with a number."""
    if number == 1:
        return (
            noun[:-1]
            if noun.endswith("s") and not noun.endswith("ss")
            else {"people": "person", "children": "child"}.get(noun, noun)
        )
    if noun in ("people", "children") or noun.endswith("s"):
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou") else noun + "s"


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
