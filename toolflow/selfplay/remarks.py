"""What the selfplay user adds in a sentence of its own: values that fit no phrase of the deed.

Which sentence a value gets follows from the role its field's name gives it: what narrows a search down, words to
be written, a number of something, a reason, a choice. Fields without such a role are told two at a time.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from toolflow.selfplay.figures import UNITS
from toolflow.selfplay.names import is_credential, is_dictated, is_identifier, label, words
from toolflow.selfplay.phrases import are, plural, sentence
from toolflow.selfplay.speech import Speech
from toolflow.verbs import base_form

QUOTED_FROM = 25
"""A text of more letters is given in quotes."""
NARROWS = frozenset("status type category priority level genre size severity stage direction".split())
"""Words for what narrows a search down: "Only the open ones."."""
_GRADES = frozenset("priority level severity".split())
_GRADED = frozenset("low medium high normal urgent critical minor major top".split())
"""What only a word beside it makes a kind of thing: "the low-priority ones"."""
_WHERE = frozenset("department section category sector industry league division district".split())
"""Words for what something is in: "in the travel section"."""
_ORDERS = frozenset("sort group order".split())
_PAPERS = frozenset("text body message".split())
_NARROWED = (
    "Only the {} ones.",
    "Just the {} ones.",
    "Only {} ones, please.",
    "I only care about the {} ones.",
    "Just show me {} ones.",
    "It's the {} ones I'm after.",
    "{} ones only, please.",
)
_ALL = ("All of them, please.", "I want to see all of them.", "Whatever there is.", "Don't leave any out.")
_WRITTEN = (
    "It should say “{}”.",
    "Write “{}”.",
    "Please have it say “{}”.",
    "This is what it should say: “{}”.",
    "Here is the wording: “{}”.",
    "Put it like this: “{}”.",
)
_WORDED = (
    "The {0} should read “{1}”.",
    "Use this {0}: “{1}”.",
    "For the {0}, put “{1}”.",
    "Here's the {0}: “{1}”.",
    "“{1}” will do as the {0}.",
    "Let the {0} be “{1}”.",
)
_REASONED = (
    "The reason is “{}”.",
    "The reason: {}.",
    "My reason: {}.",
    "Put down “{}” as the reason.",
    "Give “{}” as the reason.",
)
_REPEATED = ("It should repeat {}.", "Have it repeat {}.", "Make that {}.", "I'd like it {}.")
_NEVER = ("It should never repeat.", "Never repeat it, please.")
_CHOSEN = (
    "The {0} {2} {1}.",
    "The {0} should be {1}.",
    "I'd go with {1} for the {0}.",
    "Take {1} as the {0}.",
    "{0}: {1}.",
    "Use {1} for the {0}.",
    "Let's have {1} as the {0}.",
)
_BOTH = (
    "The {0} {4} {1} and the {2} {5} {3}.",
    "The {0} should be {1} and the {2} {3}.",
    "Use {1} for the {0} and {3} for the {2}.",
    "{0}: {1}, {2}: {3}.",
    "I'd go with {1} for the {0} and {3} for the {2}.",
)
_MEASURED = ("The {0} should be {1}.", "Make the {0} {1}.", "Let's say {1} for the {0}.", "{1} is right for the {0}.")
_NUMBERED = ("Make it {}.", "{}, please.", "I'd like {}.", "It's {} I need.", "Let's say {}.")
_SWITCHED_ON = ("Please {}.", "And please {}.", "Also {}, please.", "I'd like you to {}, too.")
_SWITCHED_OFF = ("Please don't {}.", "Don't {}, please.", "There's no need to {}.", "No need to {}.", "But don't {}.")


def remarks(values: Mapping[str, Any], properties: Mapping[str, Any], speech: Speech, seeks: bool) -> list[str]:
    """Sentences that say all of these values, by name; ``seeks`` when the deed lists things of a kind."""
    told: list[str] = []
    plain: list[tuple[str, str]] = []
    for name, value in values.items():
        schema = properties.get(name) or {}
        own = _own(name, value, schema, speech, seeks)
        if own is None:
            plain.append((_what(name), said_value(name, value, schema, speech)))
        else:
            told.append(own)
    frames = speech.rng.sample(_BOTH, len(_BOTH))
    for number in range(0, len(plain) - 1, 2):
        one, other = plain[number : number + 2]
        frame = frames[number // 2 % len(frames)]
        told.insert(number // 2, sentence(frame.format(*one, *other, are(one[0]), are(other[0]))))
    if len(plain) % 2:
        what, said = plain[-1]
        told.insert(len(plain) // 2, sentence(speech.rng.choice(_CHOSEN).format(what, said, are(what))))
    return told


def where(name: str, value: Any, said: str) -> str | None:
    """``in the travel section``: the phrase for what something is in."""
    last = words(name)[-1]
    return f"in the {said} {last}" if last in _WHERE and isinstance(value, str) and said.isalpha() else None


def said_value(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str:
    """A value in words; a number that identifies something digit by digit."""
    return str(value) if type(value) is int and is_identifier(name) else speech.value(value, schema)


def is_structured(value: Any) -> bool:
    """An object, or a list of objects."""
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _what(name: str) -> str:
    return re.sub(r"^from time$", "start time", re.sub(r" at$", " time", label(name)))


def _own(name: str, value: Any, schema: Mapping[str, Any], speech: Speech, seeks: bool) -> str | None:
    """The sentence for a value with a role; None when it is just a choice."""
    pick = speech.rng.choice
    if isinstance(value, bool):
        return _switch(name, value, schema, speech)
    if value in ({}, []):
        return f"Leave the {label(name)} empty."
    if is_structured(value):
        return _listing(name, value, schema, speech)
    said, what, parts = said_value(name, value, schema, speech), _what(name), words(name)
    if is_credential(parts):
        return f"My {what.replace('api', 'API')} is {said}."
    if isinstance(value, int | float):
        return _counted(parts, value, said, speech)
    if not isinstance(value, str):
        return None
    whole = len(said) > QUOTED_FROM or said.endswith((".", "!", "?"))
    prose = "format" not in schema and " " in said and whole
    if (prose or is_dictated(name)) and "enum" not in schema:
        if parts[-1] == "reason":
            return pick(_REASONED).format(said)
        return pick(_WRITTEN).format(said) if parts[-1] in _PAPERS else pick(_WORDED).format(what, said)
    if parts[-1] == "reason":
        return pick(_REASONED).format(said)
    if parts[-1] == "by" and len(parts) == 2 and base_form(parts[0]) and parts[0] not in _ORDERS:
        return sentence(f"{parts[0]} me by {said}")
    if parts[-1] in ("repeat", "recurrence", "frequency"):
        return pick(_NEVER if said == "never" else _REPEATED).format(said)
    if parts[-1] in NARROWS and seeks and said.replace(" ", "").isalpha():
        return _narrowed(parts, said, speech)
    return None


def _narrowed(parts: Sequence[str], said: str, speech: Speech) -> str:
    """``Only the low-priority ones.``"""
    if said in ("all", "any"):
        return speech.rng.choice(_ALL)
    kind = f"{said}-{parts[-1]}" if parts[-1] in _GRADES and said in _GRADED else said
    return sentence(speech.rng.choice(_NARROWED).format(kind))


def _counted(parts: Sequence[str], value: float, said: str, speech: Speech) -> str | None:
    """How many of something, or how much in some unit; None for a number of nothing known."""
    pick = speech.rng.choice
    unit = next((part for part in parts if part in UNITS and part != "percent"), None)
    if unit is not None and len(parts) > 1:
        measure = f"{said} {plural(unit, value) if UNITS[unit] == unit and unit[-1] == 's' else UNITS[unit]}"
        rest = [part for part in parts if part != unit]
        if rest[-1] in ("before", "after", "ahead"):
            return sentence(f"{' '.join(rest[:-1]).replace('remind', 'remind me')} {measure} {rest[-1]}")
        if "per" not in rest:
            return sentence(pick(_MEASURED).format(label("_".join(rest)), measure))
    if parts == ["quantity"]:
        return sentence(pick(_NUMBERED).format(said))
    if len(parts) == 1 and parts[0].endswith("s") and not parts[0].endswith(("ss", "us", "is")):
        return sentence(pick(_NUMBERED).format(f"{said} {plural(parts[0], value)}"))
    return None


def _switch(name: str, value: bool, schema: Mapping[str, Any], speech: Speech) -> str:
    """What a boolean argument says: from "Whether to …" an order, else yes or no."""
    description = str(schema.get("description") or "").strip().rstrip(".")
    wish = re.match(r"whether to ([^.:;(]{3,80})$", description, re.IGNORECASE)
    if wish is None:
        return f"Set {label(name)} to {'yes' if value else 'no'}."
    deed, only = wish.group(1), " only " in wish.group(1)
    frames = _SWITCHED_ON if value else _SWITCHED_OFF[:1] if only else _SWITCHED_OFF
    return speech.rng.choice(frames).format(deed)


def _listing(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str:
    """An object told field by field, or several of them."""
    items = value if isinstance(value, list) else [value]
    below = (schema.get("items") or {}) if isinstance(value, list) else schema
    start = speech.rng.choice(("{}: ", "here are the {}: ")) if len(items) > 1 else "{}: "
    return sentence(start.format(label(name)) + "; ".join(speech.value(item, below) for item in items))
