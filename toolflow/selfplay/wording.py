"""How the selfplay user puts a call in words: the tool's deed, with the values where they belong.

"Search for hotels with free rooms in a city" and a city and two dates become "search for hotels with free
rooms in Lisbon, checking in on 3 May and checking out on 7 May". A value takes the place of the noun it
stands for where the deed has one ("a flight booking" → "flight booking BK-20931", "the first flight"),
else it follows as a phrase chosen by its name, else as a sentence of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.names import entity, is_identifier, label, singular, words
from toolflow.selfplay.phrases import Deed, deed, joined, on, plural, sentence
from toolflow.selfplay.pointing import reference_words
from toolflow.surface import say

_LONG = 60
"""A text of more letters gets a sentence of its own."""
_TEXTS = frozenset(
    "message body text note comment reason instructions description request explanation feedback".split()
)
"""Words for what is dictated rather than mentioned."""
_ANNOUNCEMENTS = re.compile(
    r" (?:by (?:name|title|words in [a-z ]+)|between two [a-z ]+|(?:near|at|for|in) an? (?:location|period)|at given coordinates"
    r"|on a given day|at a given time|for a while|for a certain time|for one or more [a-z]+)$"
)
_SMALL_WORDS = r"(?:an?|the|of|in|to|for|with|and|or|on|at|by|from|that|who|how)\b"
_SETS_UP = frozenset("create add start write save post upload register make log open".split())


@dataclass(slots=True)
class Clause:
    """One deed in words."""

    main: str
    """Without capital and stop: ``book a table at the first restaurant for four people``."""
    more: list[str] = field(default_factory=list)
    """Sentences that say the rest."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How one speaker says values: from one random source, at one date."""

    rng: Random
    today: date
    style: int
    """Keeps one speaker to one way of writing dates and times."""

    def value(self, value: Any, schema: Mapping[str, Any]) -> str:
        """A value in words; lists are joined, objects told field by field."""
        if isinstance(value, list):
            return joined([self.value(item, schema.get("items") or {}) for item in value])
        if isinstance(value, dict):
            properties = schema.get("properties") or {}
            told = [f"{label(name)} {self.value(item, properties.get(name) or {})}" for name, item in value.items()]
            return ", ".join(told)
        return say(value, self.today, Random(self.style), schema)


def clause(tool: Tool, intent: Intent, speech: Speech, withheld: tuple[str, ...] = ()) -> Clause:
    """The deed of ``intent`` with everything it says; ``withheld`` arguments stay unsaid."""
    doing = deed(tool)
    told = {name: value for name, value in intent.given.items() if name not in withheld}
    phrase, told, referred = _fill(doing.phrase, tool, told, dict(intent.referred), speech)
    phrase = _drop_unsaid(phrase, told, bool(intent.given or intent.referred or withheld))
    inline: list[str] = []
    more: list[str] = []
    for name, reference in referred.items():
        inline.append(_pointer(name, reference, tool))
    for name, value in _amounts(told):
        text, alone = _tail(name, value, tool.properties.get(name) or {}, doing, speech, told)
        if alone or len(inline) >= 3:
            more.append(
                text if alone else _own_sentence(name, value, tool.properties.get(name) or {}, speech, doing.seeks)
            )
        else:
            inline.append(text)
    main = " ".join([phrase, *dict.fromkeys(inline)])
    main = re.sub(r"at (latitude|lat) (\S+) at (longitude|lon|lng|long) ", r"at \1 \2 and \3 ", main)
    main = re.sub(r" (checking in|leaving|coming back) ", r", \1 ", main, count=1)
    return Clause(main.replace(" checking out ", " and checking out "), more)


def _fill(
    phrase: str, tool: Tool, told: dict[str, Any], referred: dict[str, Reference], speech: Speech
) -> tuple[str, dict[str, Any], dict[str, Reference]]:
    """Put values and references where the phrase has a noun for them; what is left needs other words."""
    left, pointing = dict(told), dict(referred)
    pair = [name for name in tool.properties if name in left and _endpoint(name)]
    between = re.search(r"\bbetween two ([a-z]+)", phrase)
    if between and len(pair) == 2:
        ends = [speech.value(left.pop(name), tool.properties[name]) for name in pair]
        phrase = phrase.replace(between.group(0), f"between {ends[0]} and {ends[1]}")
    for name in list(pointing):
        slot = _slot(phrase, name)
        if slot:
            pointer = reference_words(name, pointing.pop(name))
            if pointer.endswith(entity(name)):
                pointer = pointer.removesuffix(entity(name)) + slot.group("noun")
            phrase = phrase[: slot.start()] + pointer + phrase[slot.end() :]
    for name in list(left):
        value, schema = left[name], tool.properties.get(name) or {}
        slot = _slot(phrase, name)
        if (
            slot is None
            or isinstance(value, bool | dict | list)
            or (slot.group().startswith("the ") and not is_identifier(name))
        ):
            continue
        said = speech.value(value, schema)
        if _dictated(name) or len(said) > _LONG:
            phrase = f"{phrase[: slot.start()]}this {slot.group('noun')}{phrase[slot.end() :]}"
            continue
        if is_identifier(name) and not words(name)[-1:] == ["code"]:
            phrase = f"{phrase[: slot.start()]}{slot.group('noun')} {said}{phrase[slot.end() :]}"
        elif (
            phrase[: slot.start()].endswith((" in ", " at ", " from ", " to ", " for ", " near ", " of ", " on "))
            and len(said) <= _LONG
        ):
            phrase = phrase[: slot.start()] + said + phrase[slot.end() :]
        else:
            continue
        del left[name]
    return phrase, left, pointing


def _endpoint(name: str) -> bool:
    return (
        bool({"origin", "destination", "from", "to", "departure", "arrival"} & set(words(name)))
        and "date" not in name
        and "time" not in name
    )


def _slot(phrase: str, name: str) -> re.Match[str] | None:
    """The noun of the phrase that a parameter stands for: of ``flight_id`` "a flight", of ``date`` "a given day"."""
    parts = entity(name).split()
    head = re.escape(parts[-1])
    if parts[-1] == "date":
        head = "day|date"
    elif is_identifier(name) and len(parts) == 1 and parts[0] in ("id", "one"):
        return None
    return re.search(
        rf"\b(?:an?|the given|given|a given|another|the|one) (?P<noun>(?:(?!{_SMALL_WORDS})[a-z'-]+ ){{0,2}}?(?:{head}))\b(?!['-])",
        phrase,
    )


def _drop_unsaid(phrase: str, told: dict[str, Any], follows: bool) -> str:
    """Without the half sentences that only announce what follows anyway: "by name", "between two cities"."""
    if follows:
        phrase = _ANNOUNCEMENTS.sub("", phrase)
    if any(words(name)[-1] in ("email", "recipient") for name in told):
        phrase = re.sub(r" (?:with|to) someone(?: else)?(?: by email)?$", "", phrase)
    return phrase


def _pointer(name: str, reference: Reference, tool: Tool) -> str:
    pointer = reference_words(name, reference)
    parts = words(name)
    if {"from", "origin", "source"} & set(parts):
        return f"from {pointer}"
    if {"to", "destination", "recipient"} & set(parts) or parts[-1] in ("email", "phone"):
        return f"to {pointer}"
    if {"address", "latitude", "longitude"} & set(parts):
        return "at those coordinates" if "address" not in parts else f"at {pointer}"
    return f"with {pointer}" if {"file", "attachment"} & set(parts) else f"for {pointer}"


def _amounts(told: dict[str, Any]) -> list[tuple[str, Any]]:
    """The values in the order they are said; a currency that goes with an amount is said with it."""
    return [(name, value) for name, value in told.items() if not (name == "currency" and "amount" in told)]


def _tail(
    name: str, value: Any, schema: Mapping[str, Any], doing: Deed, speech: Speech, told: dict[str, Any]
) -> tuple[str, bool]:
    """The words for one argument, and whether they are a sentence of their own."""
    if isinstance(value, bool):
        return _switch(name, value, schema)
    if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        return _listing(name, value, schema, speech), True
    said = speech.value(value, schema)
    parts = words(name)
    if len(said) > _LONG or (_dictated(name) and "enum" not in schema):
        return _own_sentence(name, value, schema, speech, doing.seeks), True
    inline = _by_name(parts, value, said, schema, doing, told)
    return (inline, False) if inline else (_own_sentence(name, value, schema, speech, doing.seeks), True)


def _by_name(
    parts: list[str], value: Any, said: str, schema: Mapping[str, Any], doing: Deed, told: dict[str, Any]
) -> str | None:
    """A phrase with the preposition that the name calls for; None when it calls for none."""
    last, first, some = parts[-1], parts[0], set(parts)
    if isinstance(value, int | float):
        return _by_number(parts, value, said, told)
    if parts in (["sort", "by"], ["group", "by"], ["order", "by"]):
        return f"{'grouped' if first == 'group' else 'sorted'} by {said}"
    format_ = str(schema.get("format") or "")
    if format_ in ("date", "date-time", "time") or (
        last in ("date", "day") and re.match(r"\d{4}-\d\d-\d\d", str(value))
    ):
        if doing.verb in ("update", "change", "move", "reschedule") and some & {"start", "new", "time", "date"}:
            return f"to {said}"
        return _by_time(parts, said, format_)
    if last == "language" and first in ("target", "to", "destination"):
        return f"into {said}"
    if last in ("unit", "units", "timezone", "format", "language", "currency"):
        return f"in {said}"
    if some & {"origin", "from", "pickup", "source"}:
        return f"from {said}"
    if some & {"destination", "to", "dropoff", "recipient"} and not is_identifier("_".join(parts[:-1])):
        return f"to {said}"
    if last in ("email", "phone") or parts[-2:] == ["phone", "number"]:
        if doing.verb == "share":
            return f"with {said}"
        return (
            f"to {said}"
            if doing.verb in ("send", "forward", "invite")
            else f"with the email {said}"
            if last == "email"
            else f"with the phone number {said}"
        )
    if last in ("emails", "recipients", "attendees"):
        return f"with {said}"
    if last in ("city", "country", "region", "state", "neighborhood", "location", "place", "county"):
        return f"in {said}"
    if last == "address":
        return f"at {said}"
    if last in ("query", "keyword", "keywords", "term", "search", "q"):
        return f"matching “{said}”"
    if last in ("topic", "subject", "topics") and doing.seeks:
        return f"about {said}"
    if last in ("name", "title") and doing.verb in _SETS_UP:
        return f"called “{said}”"
    if last in ("name", "title") and (
        len(parts) == 1
        or some & {"full", "passenger", "guest", "traveler", "person", "contact", "driver", "client", "visitor"}
    ):
        searched = doing.verb == "search" and " for " not in doing.phrase
        return f"for {said}" if searched or not doing.seeks else f"named {said}"
    if is_identifier("_".join(parts)) and first not in ("postal", "zip"):
        return f"for {entity('_'.join(parts))} {said}"
    return None


def _by_time(parts: list[str], said: str, format_: str) -> str:
    last, some = parts[-1], set(parts)
    preposition = "at" if format_ == "time" else "on"
    if "in" in parts and "check" in some:
        return f"checking in {on(said)}"
    if "out" in parts and "check" in some:
        return f"checking out {on(said)}"
    if some & {"end", "until", "to", "latest"}:
        return f"until {said}"
    if some & {"start", "from", "begin", "earliest"}:
        return f"from {said}" if format_ == "date" else f"starting {on(said, 'at' if format_ == 'time' else 'on')}"
    if "before" in some or last == "deadline":
        return f"before {said}"
    if some & {"after", "since"}:
        return f"since {said}"
    if some & {"expires", "expiry", "expiration"}:
        return f"expiring {on(said)}"
    if some & {"due"}:
        return f"due {on(said, preposition)}"
    if some & {"departure", "depart"}:
        return f"leaving {on(said, preposition)}"
    if some & {"return"}:
        return f"coming back {on(said, preposition)}"
    return on(said, preposition)


def _by_number(parts: list[str], value: float, said: str, told: dict[str, Any]) -> str | None:
    last, some, first = parts[-1], set(parts), parts[0]
    noun = " ".join(parts[:-1]) or "one"
    if parts == ["max", "results"] or last == "limit":
        return f"but no more than {said} {plural('result', value)}"
    if last in ("latitude", "longitude", "lat", "lon", "lng"):
        return f"at {last} {value}"
    if first in ("max", "maximum"):
        what = " ".join(parts[1:])
        return (
            f"for at most {said}"
            if some & {"price", "budget", "cost", "fare", "rent"}
            else f"with a maximum {what} of {said}"
        )
    if first in ("min", "minimum"):
        return f"with a minimum {' '.join(parts[1:])} of {said}"
    if last in ("minutes", "hours", "days", "nights", "weeks", "months", "years"):
        return f"for {said} {plural(last, value)}"
    if last in ("km", "miles") and "radius" in some | {first}:
        return f"within {said} {last}"
    if last == "count" and len(parts) > 1:
        return f"for {said} {plural(noun, value)}"
    if last in ("guests", "people", "passengers", "adults", "children", "tickets", "seats"):
        return f"for {said} {plural(last, value)}"
    if last == "size" and "party" in some:
        return f"for {said} {plural('people', value)}"
    if last == "amount" and len(parts) == 1:
        currency = told.get("currency")
        return f"for {value} {currency}" if currency else f"for {said}"
    if last == "year":
        return f"in {value}"
    return None


def _switch(name: str, value: bool, schema: Mapping[str, Any]) -> tuple[str, bool]:
    """What a boolean argument says: from "Whether to …" an order, from "… only" a limit."""
    description = str(schema.get("description") or "").strip().rstrip(".")
    found = re.match(r"whether to (.{3,80})$", description, re.IGNORECASE)
    if found:
        wish = found.group(1)
        return (f"Please {wish}." if value else f"Please don't {wish}."), True
    return (f"{label(name).capitalize()}: {'yes' if value else 'no'}."), True


def _listing(name: str, value: Any, schema: Mapping[str, Any], speech: Speech) -> str:
    if isinstance(value, dict):
        return sentence(f"{label(name)}: {speech.value(value, schema)}")
    items = [speech.value(item, schema.get("items") or {}) for item in value]
    return sentence(f"{label(name)}: {'; '.join(items)}")


def _own_sentence(name: str, value: Any, schema: Mapping[str, Any], speech: Speech, seeks: bool) -> str:
    """A sentence for a value that no phrase carries."""
    said, what = speech.value(value, schema), label(name)
    parts = words(name)
    if isinstance(value, str) and (len(said) > 25 or _dictated(name)) and "enum" not in schema:
        return speech.rng.choice(
            (f"The {what} should read “{said}”.", f"Use this {what}: “{said}”.", f"For the {what}, put “{said}”.")
        )
    if parts[-1] in ("repeat", "recurrence", "frequency"):
        return f"It should repeat {said}."
    if parts[-1] in ("status", "type", "category", "priority", "level", "genre", "size") and seeks:
        return f"Only the {said} ones."
    are = (
        "are"
        if (isinstance(value, list) and len(value) > 1)
        or (what.endswith("s") and not what.endswith(("ss", "us", "is")))
        else "is"
    )
    return speech.rng.choice(
        (
            f"The {what} {are} {said}.",
            f"The {what} should be {said}.",
            f"I'd like {said} for the {what}.",
            f"Make the {what} {said}.",
        )
    )


def _dictated(name: str) -> bool:
    """Whether a value is words to be written down rather than mentioned."""
    parts = words(name)
    return (
        bool(_TEXTS & set(parts)) and not is_identifier(name) and parts[-1] not in ("title", "name", "type", "language")
    )


def asked_of(name: str) -> str:
    """The plain name of a parameter for questions: ``attendee_emails`` → attendee emails."""
    return label(singular(name) if name.endswith("ids") else name)
