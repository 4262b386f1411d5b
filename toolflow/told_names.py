"""The names in what is told that nobody brought up. Ours; English, like `toolflow.surface`."""

import re
from collections.abc import Callable, Iterator, Sequence

from toolflow.effort import Effort
from toolflow.heard import fold
from toolflow.surface.dates import MONTHS, WEEKDAYS

_NAME = re.compile(r"(?<=[^.!?:;,\s#*•] )(?<!\n- )(?<!  - )[\"“‘(]?([A-Z][^\W\d_]{2,60})(?![\w-])")
"""A capital letter where no sentence begins, nor a heading, an item of a list, or what a label in bold print heads."""
_CALENDAR = frozenset(map(fold, [*MONTHS, *(name[:3] for name in MONTHS), *WEEKDAYS]))


def names_unheard(text: str, brought_up: Sequence[str], tools: Callable[[], str], effort: Effort) -> Iterator[str]:
    """The names in an English text that stand in none of those brought up before, nor in the ``tools`` on offer, whose
    text is made when it is needed. Looking costs steps of ``effort``: `TooMuchWork` when they are spent."""
    for name in dict.fromkeys(_NAME.findall(text)):
        folded = fold(name)
        if folded in _CALENDAR or any(_holds(earlier, name, effort) for earlier in reversed(brought_up)):
            continue
        if not any(_holds(fold(earlier), folded, effort) for earlier in [*brought_up, tools()]):
            yield name


def _holds(text: str, name: str, effort: Effort) -> bool:
    """Whether a text has a name as a word of its own."""
    effort.search(text)
    at = text.find(name)
    while at >= 0:
        effort.spend(5)
        end = at + len(name)
        end += text[end : end + 1] == "s"
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return True
        at = text.find(name, at + 1)
    return False
