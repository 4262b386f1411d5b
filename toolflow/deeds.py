"""What a text says was done: "I've booked the table", "your order has been cancelled". Ours; English, and careful: what
is told in other words ("All set!") is not seen, and whether it was done is for others to say.
"""

import re
from collections.abc import Iterator

from toolflow.heard import fold
from toolflow.verbs import participle

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
_SUPPOSED = re.compile(r"\b(?:once|after|when|whenever|if|unless|until|as soon as|whether|before)\b[^.!?;]*$")
_ASKED = re.compile(r"[^.!?]*\?")


def deeds(text: str) -> Iterator[tuple[str, str]]:
    """(verb, how it is said) of what an English text says was done: ``("booked", "i've booked")``; nothing of what is
    only supposed or asked."""
    folded = fold(text)
    for match in _DEED.finditer(folded):
        if not _SUPPOSED.search(folded[: match.start()]) and not _ASKED.match(folded, match.end()):
            yield match[1] or match[2], match[0]
