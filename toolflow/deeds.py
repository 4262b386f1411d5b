"""What a text says was done: "I've booked the table", "your order has been cancelled"; and which tools do anything.

`deeds` reads the claims off an English text; `acts` says of a tool's name whether calling it may have done something,
or only found something out. Ours, and careful: what is told in other words ("All set!") is not seen.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from toolflow.heard import fold
from toolflow.verbs import SEEKS, base_form, participle

_CLAIMED = (
    "add apply approve archive assign block book buy cancel create delete deposit disable donate enable enroll extend "
    "forward install invite lock order pay place play post publish purchase redirect refund register remove rename "
    "renew reschedule reserve reset schedule send ship submit subscribe transfer unlock unsubscribe upgrade upload "
    "withdraw"
).split()
"""What is done by a call or not at all."""
_DONE = "|".join(["canceled", *map(participle, _CLAIMED)])
_BY_THE_WAY = r"(?: (?:now|just|also|successfully|gone ahead and))*"
_DEED = re.compile(
    rf"\b(?:i|we)(?:'ve| have| went ahead and| just)(?: already)?{_BY_THE_WAY} ({_DONE})\b"
    rf"|\b(?:has|have){_BY_THE_WAY} been{_BY_THE_WAY} ({_DONE})\b(?! already)"
)
_FINDS_OUT = SEEKS - set("open report convert download extract generate test verify validate solve provide".split())
_SUPPOSED = re.compile(r"\b(?:once|after|when|whenever|if|unless|until|as soon as|whether|before)\b[^.!?;]*$")
_ASKED = re.compile(r"[^.!?]*\?")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_READ = 200
"""Letters of a name that are looked at."""


def deeds(text: str) -> Iterator[tuple[str, str]]:
    """(verb, how it is said) of what an English text says was done: ``("booked", "i've booked")``; nothing of what is
    only supposed or asked."""
    folded = fold(text)
    for match in _DEED.finditer(folded):
        if not _SUPPOSED.search(folded[: match.start()]) and not _ASKED.match(folded, match.end()):
            yield match[1] or match[2], match[0]


@lru_cache(maxsize=4_096)
def acts(name: str) -> bool:
    """Whether a tool of this name may do something: its first verb is not one of finding out."""
    verbs = (base_form(word.lower()) for word in _WORDS.findall(name[:_READ]))
    return next((verb for verb in verbs if verb), None) not in _FINDS_OUT
