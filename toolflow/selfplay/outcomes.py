"""Which state a call leads to: a booking is confirmed, a cancelled order is cancelled, and little goes wrong."""

from random import Random
from typing import Any

from toolflow.selfplay.names import words
from toolflow.selfplay.phrases import Deed

_STATES = ("status", "state", "outcome", "result")
_FAILURES = frozenset(
    "failed fail error rejected declined cancelled canceled denied invalid expired unavailable unknown lost missing "
    "no none not blocked bounced closed overdue refused returned delayed unsupported unreachable insufficient".split()
)
_LED_TO = {
    "add": "add", "approve": "approv", "book": "confirm book", "cancel": "cancel", "close": "clos",
    "complete": "complet done finish", "create": "creat open active draft", "delete": "delet remov", "merge": "merg",
    "move": "moved reschedul confirm", "order": "confirm placed received", "pay": "paid complet",
    "publish": "publish releas live",
    "remove": "remov delet", "reserve": "confirm reserv", "schedule": "schedul confirm",
    "send": "sent send queued", "share": "shar sent", "submit": "submit received pending",
    "transfer": "complet transfer sent", "update": "updat chang",
}  # fmt: skip
"""Verb → beginnings of the states it leads to, the likeliest first."""


def is_state(name: str) -> bool:
    """Whether a field holds the state of something."""
    return name.endswith(_STATES)


def outcome(options: list[Any], doing: Deed, arguments: dict[str, Any], rng: Random) -> Any:
    """Of the states a field allows, the one a call that went well leads to."""
    states = [option for option in options if isinstance(option, str)] or options
    decided = [value[:5].lower() for value in arguments.values() if isinstance(value, str) and len(value) > 3]
    told = [state for state in states if not doing.seeks and str(state).lower() in doing.object.lower().split()]
    if told:  # mark a task as done
        return told[0]
    for start in (*decided, *_LED_TO.get(doing.verb, "").split()):
        for state in states:
            if str(state).lower().startswith(start):
                return state
    good = [state for state in states if not _FAILURES & set(words(str(state).lower()))] or states
    return rng.choice(good) if doing.seeks else good[0]


def same_state(state: Any, schema: Any) -> Any:
    """A known state in the words of another schema: ``cancelled`` where that says canceled; None where it cannot."""
    options = schema.get("enum") if isinstance(schema, dict) else None
    if not isinstance(options, list) or not isinstance(state, str) or state in options:
        return state
    return next((option for option in options if str(option).lower()[:5] == state.lower()[:5]), None)
