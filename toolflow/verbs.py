"""The verbs of what tools do: which find something out, which change something, and their forms."""

import re
from functools import lru_cache

from toolflow.schema import Tool

SEEKS = frozenset(
    "get list search find check show look compare calculate estimate fetch retrieve return summarize view read "
    "convert track forecast recommend screen query lookup browse determine provide display see obtain discover "
    "describe analyze detect identify compute measure validate verify translate geocode explain predict access "
    "report open download extract generate count scrape inspect monitor resolve explore suggest examine crawl "
    "evaluate decode parse solve test investigate research enumerate locate grab".split()
)
"""Find something out."""
_ACTS = frozenset(
    "create cancel add move book send submit set schedule request start share change update transfer log post "
    "invite save delete play reserve order extend dispute pay answer close merge publish ship redirect enroll "
    "withdraw hold buy stop restore remove review approve reply forward plan place follow mute rate adjust lock "
    "unlock activate assign link mark put write upload register edit modify make turn enable disable subscribe "
    "unsubscribe apply respond react complete snooze append revoke rename copy insert store record reschedule "
    "confirm accept reject pause resume skip block install run execute import export archive pin tag label reset "
    "renew donate tip deposit sell trade invest bid vote join leave take capture click navigate press hover drag "
    "select switch deploy build commit push clone launch refresh clear sync perform process format encrypt decrypt "
    "convert train invoke trigger initialize toggle mint burn swap stake scale crop resize rotate render draw "
    "deactivate manage configure connect disconnect retry replace drop fill swipe".split()
)
"""Change something."""
_VERBS = SEEKS | _ACTS
_EITHER = frozenset("open report convert download extract generate test verify validate solve provide".split())
"""Find something out of one thing, and change another: a file is opened, and an account."""
ENDS = frozenset("cancel delete remove close stop revoke unsubscribe withdraw".split())
"""After these there is nothing left to go on with."""
DELETES = frozenset("delete remove".split())
"""After these it is not there any more."""
CHANGES = frozenset("update change edit modify set adjust extend".split())
"""These make sense only with something to change."""
LISTS = frozenset("list search find compare recommend look show browse query screen".split())
"""What these find is a list."""
SETS_UP = frozenset("create add start write save post upload register make log open".split())
"""After these, a name is the name of something new."""
MAKES = frozenset("create book reserve order schedule place register open start".split())
"""These bring something about that has an identifier of its own."""
SENDS = frozenset("send forward invite".split())
RESCHEDULES = frozenset("update change move reschedule".split())
"""After these, a time is the new one."""

_PARTICIPLES = {
    "get": "got", "take": "taken", "draw": "drawn", "burn": "burned", "build": "built", "find": "found",
    "send": "sent", "set": "set", "put": "put", "buy": "bought", "make": "made", "hold": "held", "write": "written",
    "pay": "paid", "sell": "sold", "withdraw": "withdrawn", "show": "shown", "see": "seen", "run": "run",
    "leave": "left", "read": "read", "bid": "bid", "reset": "reset",
}  # fmt: skip
_DOUBLED = frozenset("cancel log plan stop submit transfer pin tag ship skip drag drop crop swap commit grab".split())
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"))
"""Ending of an inflected verb → ending of its base form."""


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_READ = 200
"""Letters of a name or description that are looked at."""


def verb_of(tool: Tool) -> str | None:
    """The verb that a tool's name begins with, or else its description; None where neither does."""
    firsts = (_WORDS.search(text[:_READ]) for text in (tool.name, tool.description))
    verbs = (base_form(first[0].lower()) for first in firsts if first)
    return next((verb for verb in verbs if verb), None)


def looks_up(tool: Tool) -> bool:
    """Whether a tool finds something out and changes nothing, as far as its first verb tells."""
    verb = verb_of(tool)
    return verb is None or verb in SEEKS


@lru_cache(maxsize=4_096)
def may_act(name: str) -> bool:
    """Whether a tool of this name may change something: its first verb is not one that only finds out."""
    verbs = (base_form(word.lower()) for word in _WORDS.findall(name[:_READ]))
    return next((verb for verb in verbs if verb), None) not in SEEKS - _EITHER


def base_form(word: str) -> str | None:
    """The base form, when a word in lower case is a verb of doing: ``returns`` → return."""
    if word in _VERBS:
        return word
    forms = (word.removesuffix(ending) + base for ending, base in _ENDINGS if word.endswith(ending))
    return next((form for form in forms if form in _VERBS), None)


def participle(verb: str) -> str:
    """The past participle of a verb."""
    if verb in _PARTICIPLES:
        return _PARTICIPLES[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in tuple("aeiou"):
        return verb[:-1] + "ied"
    return f"{verb}{verb[-1]}ed" if verb in _DOUBLED else verb + "ed"
