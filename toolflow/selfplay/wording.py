"""How the selfplay user puts a call in words: the tool's deed, with the values where they belong.

"Search for hotels with free rooms in a city" and a city and two dates become "search for hotels with free
rooms in Lisbon, checking in on 3 May and checking out on 7 May". A value takes the place of the noun it
stands for where the deed has one (`toolflow.selfplay.slots`), else it follows as a phrase chosen by its
name (`toolflow.selfplay.prepositions`), else as a sentence of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.names import is_dictated, is_identifier, label, words
from toolflow.selfplay.phrases import Deed, are, deed, sentence
from toolflow.selfplay.pointing import reference_words
from toolflow.selfplay.prepositions import phrase_of
from toolflow.selfplay.slots import drop_announcements, fill
from toolflow.selfplay.speech import LONG, Speech

_MOST_INLINE = 3
"""So many phrases follow a deed; what comes after gets sentences."""
_QUOTED_FROM = 25
"""A text of more letters is given in quotes."""
_NARROWS = frozenset("status type category priority level genre size".split())
"""Words for what narrows a search down: "Only the open ones."."""
_COORDINATES = re.compile(r"at (latitude|lat) (\S+) at (longitude|lon|lng|long) ")
_SET_OFF = re.compile(r" (checking in|leaving|coming back) ")


@dataclass(slots=True)
class Clause:
    """One deed in words."""

    main: str
    """Without capital and stop: ``book a table at the first restaurant for four people``."""
    more: list[str] = field(default_factory=list)
    """Sentences that say the rest."""


def clause(tool: Tool, intent: Intent, speech: Speech, withheld: tuple[str, ...] = ()) -> Clause:
    """The deed of ``intent`` with everything it says; ``withheld`` arguments stay unsaid."""
    doing = deed(tool)
    told = {name: value for name, value in intent.given.items() if name not in withheld}
    filled = fill(doing.phrase, tool, told, intent.referred, speech)
    told, phrase = filled.told, filled.phrase
    if intent.given or intent.referred or withheld:
        phrase = drop_announcements(phrase, [*told, *filled.referred])
    inline = [_pointer(name, reference, doing.seeks) for name, reference in filled.referred.items()]
    more: list[str] = []
    turn = speech.rng.randrange(4)
    for name, value in told.items():
        if name == "currency" and "amount" in told:
            continue  # said with the amount
        schema = tool.properties.get(name) or {}
        text = _inline(name, value, schema, doing, speech, told)
        if text is None and doing.seeks and name in tool.required and not inline:
            text = _looked_up(name, value, schema, speech)
        if text is not None and len(inline) < _MOST_INLINE:
            inline.append(text)
        else:
            more.append(_own_sentence(name, value, schema, speech, doing.seeks, turn + len(more)))
    return Clause(_punctuated(" ".join([phrase, *dict.fromkeys(inline)])), more)


def _punctuated(main: str) -> str:
    """With what is said of two coordinates, or of coming and going, drawn together."""
    main = _COORDINATES.sub(r"at \1 \2 and \3 ", main)
    main = _SET_OFF.sub(r", \1 ", main, count=1)
    return main.replace(" checking out ", " and checking out ")


def _pointer(name: str, reference: Reference, seeks: bool) -> str:
    """A reference with the preposition that its parameter calls for: ``from the first station``."""
    pointer = reference_words(name, reference)
    parts = words(name)
    some = set(parts)
    if {"from", "origin", "source"} & some:
        return f"from {pointer}"
    if seeks and parts[-1] in ("email", "phone"):
        return f"with {pointer}"
    if {"to", "destination", "recipient"} & some or parts[-1] in ("email", "phone"):
        return f"to {pointer}"
    if "address" in some:
        return f"at {pointer}"
    if {"latitude", "longitude"} & some:
        return "at those coordinates"
    return f"with {pointer}" if {"file", "attachment"} & some else f"for {pointer}"


def _inline(
    name: str, value: Any, schema: Mapping[str, Any], doing: Deed, speech: Speech, told: Mapping[str, Any]
) -> str | None:
    """The phrase for one argument; None when it needs a sentence of its own."""
    if isinstance(value, bool) or _is_structured(value):
        return None
    said = _said(name, value, schema, speech)
    if len(said) > LONG or (is_dictated(name) and "enum" not in schema):
        return None
    return phrase_of(words(name), value, said, schema, doing, told)


def inline(name: str, value: Any, schema: Mapping[str, Any], doing: Deed, speech: Speech) -> str | None:
    """One argument alone as a phrase: ``in Rome``, ``for three guests``; None when it needs a sentence."""
    return _inline(name, value, schema, doing, speech, {name: value})


def _looked_up(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str | None:
    """What a lookup goes by, in one word: ``for the ticker KO``."""
    said = _said(name, value, schema, speech)
    by_word = isinstance(value, str) and " " not in said and len(said) <= _QUOTED_FROM and not is_dictated(name)
    return f"for the {label(name)} {said}" if by_word and "enum" not in schema else None


def _said(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str:
    """A value in words; a number that identifies something digit by digit."""
    return str(value) if type(value) is int and is_identifier(name) else speech.value(value, schema)


def _is_structured(value: Any) -> bool:
    """An object, or a list of objects."""
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _own_sentence(name: str, value: Any, schema: Mapping[str, Any], speech: Speech, seeks: bool, turn: int) -> str:
    """A sentence for a value that no phrase carries; ``turn`` picks its frame."""
    if isinstance(value, bool):
        return _switch(name, value, schema)
    if value in ({}, []):
        return f"Leave the {label(name)} empty."
    if _is_structured(value):
        return _listing(name, value, schema, speech)
    said, what = _said(name, value, schema, speech), re.sub(r" at$", " time", label(name))
    last = words(name)[-1]
    prose = isinstance(value, str) and "format" not in schema and " " in said and len(said) > _QUOTED_FROM
    if (prose or (isinstance(value, str) and is_dictated(name))) and "enum" not in schema:
        return speech.rng.choice(
            (f"The {what} should read “{said}”.", f"Use this {what}: “{said}”.", f"For the {what}, put “{said}”.")
        )
    if last in ("repeat", "recurrence", "frequency"):
        return f"It should repeat {said}."
    if last in _NARROWS and seeks and said.replace(" ", "").isalpha():
        return f"Only the {said} ones."
    several = isinstance(value, list) and len(value) > 1
    frames = [
        f"The {what} {'are' if several else are(what)} {said}.",
        f"The {what} should be {said}.",
        f"For the {what}, please use {said}.",
        f"Use {said} for the {what}." if seeks else f"Make the {what} {said}.",
    ]
    return frames[turn % len(frames)]


def _switch(name: str, value: bool, schema: Mapping[str, Any]) -> str:
    """What a boolean argument says: from "Whether to …" an order, else yes or no."""
    description = str(schema.get("description") or "").strip().rstrip(".")
    wish = re.match(r"whether to ([^.:;(]{3,80})$", description, re.IGNORECASE)
    if wish:
        return f"Please {wish.group(1)}." if value else f"Please don't {wish.group(1)}."
    return f"Set {label(name)} to {'yes' if value else 'no'}."


def _listing(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str:
    """An object told field by field, or several of them."""
    items = value if isinstance(value, list) else [value]
    below = (schema.get("items") or {}) if isinstance(value, list) else schema
    return sentence(f"{label(name)}: {'; '.join(speech.value(item, below) for item in items)}")
