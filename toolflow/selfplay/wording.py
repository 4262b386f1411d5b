"""How the selfplay user puts a call in words: the tool's deed, with the values where they belong.

"Search for hotels with free rooms in a city" and a city and two dates become "search for hotels with free
rooms in Lisbon, checking in on 3 May and checking out on 7 May". A value takes the place of the noun it
stands for where the deed has one (`toolflow.selfplay.slots`), else it follows as a phrase chosen by its
name (`toolflow.selfplay.prepositions`), else as a sentence of its own.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.figures import spans
from toolflow.selfplay.names import entity, is_credential, is_dictated, is_identifier, label, words
from toolflow.selfplay.phrases import Deed, deed, on, plural
from toolflow.selfplay.pointing import reference_words
from toolflow.selfplay.prepositions import phrase_of
from toolflow.selfplay.remarks import NARROWS, QUOTED_FROM, is_structured, remarks, said_value, where
from toolflow.selfplay.slots import drop_announcements, fill, without
from toolflow.selfplay.speech import LONG, Speech
from toolflow.verbs import CHANGES, LISTS, SENDS

_MOST_INLINE = 3
"""So many phrases follow a deed; what comes after gets sentences."""
_COORDINATES = re.compile(r"at (latitude|lat) (\S+) at (longitude|lon|lng|long) ")
_MARKS = re.compile(r"( with the [^,]{1,80}?) with the (?!first|second)")
_SET_OFF = re.compile(r" (checking in|leaving|coming back) ")


@dataclass(slots=True)
class Clause:
    """One deed in words."""

    main: str
    """Without capital and stop: ``book a table at the first restaurant for four people``."""
    more: list[str] = field(default_factory=list)
    """Sentences that say the rest."""


def clause(
    tool: Tool,
    intent: Intent,
    speech: Speech,
    withheld: tuple[str, ...] = (),
    heard: Collection[str] = (),
    again: Collection[str] = (),
) -> Clause:
    """The deed of ``intent`` with everything it says; ``withheld`` arguments stay unsaid.

    Those ``heard`` in the same breath do as well, and days and hours said last, ``again``, are "the same".
    """
    doing = deed(tool).meant(intent.given.values())
    unsaid = {*withheld, *heard, *again}
    told = {name: value for name, value in intent.given.items() if name not in unsaid}
    filled = fill(doing.phrase, tool, told, intent.referred, speech)
    told, phrase = filled.told, filled.phrase
    if intent.given or intent.referred or withheld:
        phrase = drop_announcements(phrase, [*told, *filled.referred])
    phrase = _meant(phrase, withheld, doing)
    inline = [f"to {text}" for name in list(told) if (text := _new(name, told, phrase, doing, tool, speech))]
    inline += [_pointer(name, reference, doing) for name, reference in filled.referred.items()]
    rest: dict[str, Any] = {}
    for earlier, later in spans(told).items():
        if told[earlier][:10] == told[later][:10]:
            inline.append(_span(told.pop(earlier), told.pop(later), speech))
    for name, value in told.items():
        if name == "currency" and isinstance(told.get("amount"), int | float):
            continue  # said with the amount
        schema = tool.properties.get(name) or {}
        text = _inline(name, value, schema, doing, speech, told)
        if text is None and doing.seeks and name in tool.required and not inline:
            text = _looked_up(name, value, schema, speech)
        if text is not None and len(inline) < _MOST_INLINE:
            inline.append(text)
        else:
            rest[name] = value
    if again:
        inline.append(_same(again, intent.given))
    main = _punctuated(" ".join([phrase, *dict.fromkeys(inline)]))
    return Clause(main, remarks(rest, tool.properties, speech, doing.verb in LISTS))


def _meant(phrase: str, withheld: tuple[str, ...], doing: Deed) -> str:
    """``convert a quote`` → ``convert one of my quotes`` where the user has one in mind and does not say which."""
    for name in withheld:
        head = re.escape(entity(name).split()[-1])
        noun = re.search(rf"\ban? ((?:(?!of|in|to|for)[a-z'-]+ ){{0,2}}{head})\b(?!['-])", phrase)
        if noun is not None and is_identifier(name):
            mine = f"a particular {noun.group(1)}" if doing.seeks else f"one of my {plural(noun.group(1), 2)}"
            phrase = phrase[: noun.start()] + mine + phrase[noun.end() :]
        elif not is_identifier(name):
            phrase = without(phrase, name)
    return phrase


def _new(name: str, told: dict[str, Any], phrase: str, doing: Deed, tool: Tool, speech: Speech) -> str | None:
    """The new value of what a deed sets, taken from ``told``: of "set the volume of a speaker", the volume."""
    what, value = label(name).removeprefix("new "), told[name]
    sets = doing.verb in CHANGES and re.search(rf"\b(?:the|my|its|their) {re.escape(what)}\b", phrase)
    if not sets or isinstance(value, bool | dict | list):
        return None
    del told[name]
    return said_value(name, value, tool.properties.get(name) or {}, speech)


def _same(names: Collection[str], given: Mapping[str, Any]) -> str:
    """``for the same days``: a time that was said last, whatever it was."""
    several = len(names) > 1
    if all(len(str(given[name])) == len("2026-05-14") for name in names):
        return "for the same days" if several else "on the same day"
    return "at the same time"


def _span(start: str, end: str, speech: Speech) -> str:
    """``from 1:45 pm to 3:15 pm on the 2nd of July``."""
    day, begins = speech.value(start, {}).rsplit(" at ", 1)
    return f"from {begins} to {speech.value(end, {}).rsplit(' at ', 1)[1]} {on(day)}"


def _punctuated(main: str) -> str:
    """With what is said of two coordinates, or of coming and going, drawn together."""
    main = _COORDINATES.sub(r"at \1 \2 and \3 ", main)
    main = _MARKS.sub(r"\1 and the ", main)
    main = _SET_OFF.sub(r", \1 ", main, count=1)
    return main.replace(" checking out ", " and checking out ")


def _pointer(name: str, reference: Reference, doing: Deed) -> str:
    """A reference with the preposition that its parameter calls for: ``from the first station``."""
    pointer = reference_words(name, reference)
    parts = words(name)
    some = set(parts)
    if {"from", "origin", "source"} & some:
        return f"from {pointer}"
    if parts[-1] in ("email", "phone") or parts[-2:] == ["phone", "number"]:
        return f"to {pointer}" if doing.verb in SENDS else f"with {pointer}"
    if {"to", "destination", "recipient"} & some:
        return f"to {pointer}"
    if "address" in some:
        return f"at {pointer}"
    if parts[0] == "parent":
        return f"in {pointer.replace('parent ', '')}"
    if {"latitude", "longitude"} & some:
        return "at those coordinates"
    return f"with {pointer}" if {"file", "attachment"} & some else f"for {pointer}"


def _inline(
    name: str, value: Any, schema: Mapping[str, Any], doing: Deed, speech: Speech, told: Mapping[str, Any]
) -> str | None:
    """The phrase for one argument; None when it needs a sentence of its own."""
    if isinstance(value, bool) or is_structured(value):
        return None
    said = said_value(name, value, schema, speech)
    whole = " " in said and said.endswith((".", "!", "?"))
    if whole or len(said) > LONG or is_credential(words(name)) or (is_dictated(name) and "enum" not in schema):
        return None
    phrase = phrase_of(words(name), value, said, schema, doing, told) or where(name, value, said)
    return phrase or (_marked(name, value, said) if doing.seeks else None)


def _marked(name: str, value: Any, said: str) -> str | None:
    """What a lookup goes by beside: ``with the specialty pediatrics``."""
    narrows = words(name)[-1] in NARROWS
    what = label(name).removesuffix(" name")
    return f"with the {what} {said}" if isinstance(value, str) and not narrows and said[:1].isalnum() else None


def inline(name: str, value: Any, schema: Mapping[str, Any], doing: Deed, speech: Speech) -> str | None:
    """One argument alone as a phrase: ``in Rome``, ``for three guests``; None when it needs a sentence."""
    return _inline(name, value, schema, doing, speech, {name: value})


def _looked_up(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str | None:
    """What a lookup goes by, in one word: ``for the ticker KO``."""
    said = said_value(name, value, schema, speech)
    by_word = (
        isinstance(value, str)
        and not is_credential(words(name))
        and " " not in said
        and len(said) <= QUOTED_FROM
        and not is_dictated(name)
    )
    return f"for the {label(name)} {said}" if by_word and "enum" not in schema else None
