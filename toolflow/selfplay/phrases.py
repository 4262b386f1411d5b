"""What a tool does, as a phrase a person could use: "cancel a flight booking".

The words are the tool's own: the first sentence of its description when it says what to do, else its
name. Only grammar happens here; which values go into the phrase is `toolflow.selfplay.wording`'s.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from toolflow.ordinary import segmented
from toolflow.schema import Tool
from toolflow.selfplay.names import singular, words
from toolflow.verbs import SEEKS, base_form, participle

_CUT = re.compile(
    r"(?:[,;:(]| - | – | — | and (?:returns?|combines?|provides?|gets?) (?:it|them|the)\b"
    r"| so that | based on | according to | using |(?: in| of| for)? which | in order to | e\.g\."
    r"| (?:Args|Arguments|Parameters|Returns|Example|Examples|Note|Usage)\b).*"
)
"""Where a description goes into what a user would not say."""
_SUBJECT = re.compile(
    r"^(?:this|the)?\s*"
    r"(?:api|endpoint|tool|function|method|service|operation)?\s*"
    r"(?:will|can|allows? you to|lets you|is used to|allows users to)?\s*",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"https?:|[<>{}\[\]_|*#`]|\b(?:POST|PUT|GET) request|API reference|^link to ", re.IGNORECASE)
_DANGLING = re.compile(
    r"(?: (?:and|or|of|in|on|to|for|the|an?|with|by|from|at|as|its|their|your|that|get|get the))+$", re.IGNORECASE
)
"""Left over where a description was cut off."""
_CHECKS_IN = re.compile(
    r"check (?:in|out|off) |show around |report an? |convert (?:an?|the) (?:accepted )?(?:lead|quote|trial)\b"
)
"""Words that do what the first alone only finds out: who reports a loss files it, who reports the losses reads."""
_GERUND = re.compile(r"[a-z]+ing [^ ]", re.IGNORECASE)
_OR_ELSE = re.compile(r"^(?P<first>[a-z]+) or (?P<other>[a-z]+) (?P<rest>.+)$")
_DETERMINED = frozenset("the a an all any my your its their some each every this that one more no both".split())
_PARTICLES = frozenset("off on in out up down back away over".split())
_MASS = frozenset(
    "access advice audio code content data feedback funds help history info information inventory knowledge logs mail "
    "media memory metadata money music news permission progress research sentiment spam stock storage support text "
    "traffic trash video weather work javascript html css sql json markdown python basic detailed detail".split()
)
"""Nouns, and words before nouns, that take no article."""
_AFTER_NOUN = re.compile(
    r"(?:^| )(?:of|for|in|on|to|by|with|from|at|as|that|about|between|and|or|using|if|up|into|near|down|out|back)"
    r"(?: |$)"
)
_THE_ONE = re.compile(
    r"(?:list|number|status|price|balance|name|sum|count|history) of |(?:current|latest|next) [a-z]+\b(?<!s) "
)
"""Nouns that there is one of."""
_BRINGS = frozenset("return retrieve fetch provide obtain".split())
"""Verbs of services for what people call getting."""
_REQUESTS = frozenset("get post put patch delete fetch api".split())
"""Words before the verb proper in names of endpoints: ``postaddnewshape``."""
_CALLED = frozenset("add set list create update search find check send remove upload move read change make".split())
_LONGEST = 90
"""A deed of more letters is named after its tool instead."""
_FOR_THE_USER = re.compile(r" for the user\b")


_TWO_STOPS = re.compile(r"([.!?…])”\.(?=\s|$)")
_MINE = re.compile(r"\bmy\b")
_ME = re.compile(r"\bme\b")
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
    other: str = ""
    """A verb that it may be instead: ``unlock`` of "lock or unlock a door"."""

    def meant(self, values: Iterable[Any]) -> "Deed":
        """The deed with the verb that a value speaks of: "unlock a door" where the state is to be unlocked."""
        spoken = (value.lower() for value in values if isinstance(value, str))
        if not self.other or not any(value.startswith(self.other[:5]) for value in spoken):
            return self
        return Deed(self.other, f"{self.other} {self.object}", self.other in SEEKS)

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
    sentence = _DANGLING.sub("", _CUT.sub("", sentence))
    for text in (sentence, _without_subject(sentence)):
        either = _OR_ELSE.match(text[:1].lower() + text[1:])
        other = base_form(either["other"]) if either and base_form(either["first"]) else None
        start = f"{either['first']} {either['rest']}" if either and other else text
        verb = base_form(start.split(" ", 1)[0].lower())
        if _GERUND.match(start) and start.split(" ")[1].lower() not in _DETERMINED:
            verb = None  # a moving average moves nothing
        verb = "get" if verb in _BRINGS else verb
        rest = _one_thing(start.partition(" ")[2].strip())
        if verb and rest.startswith("of "):
            verb, rest = "get", f"the {verb} {rest}"
        if verb and rest and len(start) <= _LONGEST and not _MARKUP.search(start):
            seeks = verb in SEEKS and not _CHECKS_IN.match(f"{verb} {rest}")
            return Deed(verb, _personal(f"{verb} {_with_article(rest, seeks)}"), seeks, other or "")
    return _named(name)


def _one_thing(rest: str) -> str:
    """Without a second deed beside the first: "an error or retrieve the list of errors" → an error."""
    for second in re.finditer(r" or ([a-z]+) (?:the|an?|all|my|its) ", rest):
        if base_form(second.group(1)):
            return rest[: second.start()]
    return rest


def _with_article(rest: str, seeks: bool) -> str:
    """``user picture`` → a user picture, ``list of coins`` → the list of coins; most things stay as they are."""
    rest = rest.lower() if _is_headline(rest) else rest
    head = _AFTER_NOUN.split(rest, maxsplit=1)[0]
    parts = head.split()
    if rest.split(" ", 1)[0] in _PARTICLES:
        return rest
    if _THE_ONE.match(rest):
        return f"the {rest}"
    plain = bool(parts) and all(part.isalpha() and part.islower() for part in parts) and rest != head + " and"
    if seeks or not plain or len(parts) > 3 or parts[0] in _DETERMINED or _MASS & set(parts):
        return rest
    if any(part.endswith(("s", "ing", "ed", "ly", "ion")) for part in parts) or base_form(parts[0]) or " and " in rest:
        return rest
    return f"{_article(parts[0])} {rest}"


def _is_headline(rest: str) -> bool:
    """Whether every word begins with a capital: ``Customer Bank Account``."""
    parts = rest.split()
    return len(parts) > 1 and all(part[:1].isupper() and part[1:].islower() for part in parts)


def _article(word: str) -> str:
    """``a`` or ``an``, by the letters that a word begins with."""
    is_vowel = word[:1] in tuple("aeiou") and not word.startswith(("uni", "use", "usa", "eu", "one", "uti"))
    return "an" if is_vowel or word.startswith(("hour", "honest")) else "a"


def _without_subject(sentence: str) -> str:
    """``This endpoint returns flights`` → ``returns flights``."""
    return _SUBJECT.sub("", sentence, count=1)


def _named(name: str) -> Deed:
    """From the name alone: ``getWeatherByCity`` → get weather by city."""
    parts = [piece for part in words(name) if not part.isdigit() for piece in _pieces(part)]
    if "for" in parts[1:]:
        parts = parts[: len(parts) - parts[::-1].index("for") - 1]  # the service that offers it
    parts = [part for part in parts if part not in ("api", "v", "endpoint")]
    while len(parts) > 2 and parts[0] in _REQUESTS and base_form(parts[1]):
        parts = parts[1:]
    if not parts:
        return Deed("look", "look this up", True)
    verb = base_form(parts[0])
    if verb and len(parts) > 1:
        return Deed(verb, f"{verb} {_noun(parts[1:])}", verb in SEEKS)
    return Deed("get", f"get {_noun(parts)}", True)


def _pieces(word: str) -> tuple[str, ...]:
    """A run of words taken apart, where it reads like the name of a function: ``getuserbyid``."""
    pieces = segmented(word)
    return pieces if pieces[0] in _REQUESTS | _CALLED or {"by", "of", "all", "from"} & set(pieces) else (word,)


def _noun(parts: list[str]) -> str:
    by = next((at for at, part in enumerate(parts) if part in ("by", "from", "with", "in")), len(parts))
    text = _DANGLING.sub("", " ".join(parts[: min(max(by, 1), 6)]))
    return text if parts[0] in _DETERMINED | {"by"} or text.endswith("s") else f"the {text}"


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


def theirs(phrase: str) -> str:
    """The same in words about the user: ``my emails`` → ``their emails``."""
    return _ME.sub("them", _MINE.sub("their", phrase))


def plural(noun: str, number: int | float) -> str:
    """``1 guest``, ``2 guests``: the noun that goes with a number."""
    if number == 1:
        return _PERSONS.get(noun) or singular(noun)
    if noun in _PERSONS or noun.endswith("s"):
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou") else noun + "s"


def clauses(parts: list[str]) -> str:
    """Clauses joined, those that begin with the same "there are" as one: ``there are 3 seats and 2 rooms``."""
    told = [
        part.removeprefix("there are ") if part.startswith("there are ") and before.startswith("there are ") else part
        for before, part in zip(["", *parts], parts, strict=False)
    ]
    return joined(told)


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
    return text if text.endswith((".", "!", "?", "…", '"', ".”", "!”", "?”", "…”")) else text + "."


def stopped(text: str) -> str:
    """With one stop where a quotation brings its own: ``… in Osaka.”.`` → ``… in Osaka.”``"""
    return _TWO_STOPS.sub(r"\1”", text)


def on(day: str, preposition: str = "on") -> str:
    """``on 14 May``, but ``today``."""
    return day if day.startswith(("today", "tomorrow", "yesterday", "the day after")) else f"{preposition} {day}"
