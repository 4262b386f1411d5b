"""Values put where a deed has a noun for them: "a flight booking" → "flight booking BK-20931", "the first flight"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.acts import Reference
from toolflow.selfplay.names import entity, is_dictated, is_identifier, singular, words
from toolflow.selfplay.pointing import reference_words
from toolflow.selfplay.remarks import said_value
from toolflow.selfplay.speech import LONG, Speech

_SMALL_WORDS = r"(?:an?|the|of|in|to|for|with|and|or|on|at|by|from|that|who|how)\b"
_SUFFIXES = r"(?:id|ID|number|code|name)\b"
"""Words that belong to the noun before them: "a given block number"."""
_AFTER_A_NOUN = (
    "in|on|at|of|from|to|for|with|by|near|about|and|or|as|that|who|whose|which|into|under|between|until|within|after"
    "|before|during|without|through|[a-z]+ed|[a-z]+ing|sent|is|was|has|owns"
)
"""Words behind a noun that does not belong to another one: "an event", but not "an event invitation"."""
_ARTICLES = "(?:an?|the) (?:given|specific|certain|particular)|given|another|an?|the|one"
_SEVERAL = "a few|some|several|certain|specific|given|multiple|various|many|one or more|two or more|all"
"""Before the noun of what a list names."""
_CAN_STAND_ALONE = re.compile(r"(?: (?:in|at|from|to|for|near|of|on|about)|[a-z]{3,}ing) $")
"""After these a value can stand by itself: "weather in a city" → "weather in Lisbon"."""
_ENDPOINTS = frozenset("origin destination from to departure arrival".split())
_ANNOUNCEMENTS = re.compile(
    r" (?:"
    r"by (?:name|title|words in [a-z ]+)"
    r"|between two [a-z ]+"
    r"|(?:near|at|for|in) an? (?:location|period)"
    r"|at given coordinates|on a given day|at a given time"
    r"|by (?:(?:its|their|the|an?) )?(?:[a-z]+ )?(?:id|key|code|slug|hash|username|upc|isin|symbol)"
    r"|identified by (?:its|their) [a-z]+"
    r"|(?:with|for|by|containing|using|matching) (?:an? |the )?(?:given|provided|specified) (?:[a-z]+ )?"
    r"(?:keywords?|query|queries|text|terms?|properties|parameters|criteria|filters?|options|ids?|name|username|symbol)"
    r"|for a while|for a certain time|for a few (?:minutes|hours|days)|for one or more [a-z]+"
    r")$",
    re.IGNORECASE,
)
"""Half sentences that only announce what follows anyway."""
_KINDS = frozenset("type kind category".split())
_SHORT = 25
_NAMES_ITSELF = frozenset("ticker symbol coin username handle user hashtag domain word country currency city".split())
"""Last words of what needs no noun before it."""
_NUMBERS = frozenset("number code reference sku barcode".split())
_OF_ONE = re.compile(
    r"\b(?P<of>of|for|about|on) (?:an?|the) (?:given |specific |particular |certain )?[a-z]+(?: [a-z]+)?$"
)
"""The thing at the end of a phrase: "of a stock"."""
_ONE = re.compile(r"\b(?:an?) (?P<noun>[a-z]+)\b(?= (?:to|on|for|of|from|in|by|with|under)\b|$)")
_INDEFINITE = re.compile(r"\ban? ")
_SOMEONE = re.compile(r" (?:with|to) someone(?: else)?(?: by email)?$")


@dataclass(slots=True)
class Filled:
    """A deed's phrase with some values in it, and what still needs other words."""

    phrase: str
    told: dict[str, Any]
    """Arguments with their values."""
    referred: dict[str, Reference]


def fill(phrase: str, tool: Tool, told: dict[str, Any], referred: dict[str, Reference], speech: Speech) -> Filled:
    """Put values and references where the phrase has a noun for them."""
    filled = Filled(phrase, dict(told), dict(referred))
    _fill_pair(filled, tool, speech)
    for name in referred:
        _point(filled, name)
    for name in list(filled.told):
        said = said_value(name, filled.told[name], tool.properties.get(name) or {}, speech)
        if isinstance(filled.told[name], list):
            _fill_in_several(filled, name, said)
        else:
            _fill_in(filled, name, said)
    sole = [name for name in (*filled.told, *filled.referred) if name in tool.required]
    if len(sole) == 1 and sole[0] in filled.told:
        _fill_in_last(filled, sole[0], speech.value(filled.told[sole[0]], tool.properties.get(sole[0]) or {}))
    return filled


def drop_announcements(phrase: str, names: Iterable[str]) -> str:
    """Without the half sentences that only announce what follows: "by name", "between two cities"."""
    phrase = _ANNOUNCEMENTS.sub("", phrase)
    addressed = any(words(name)[-1] in ("email", "recipient") for name in names)
    return _SOMEONE.sub("", phrase) if addressed else phrase


def without(phrase: str, name: str) -> str:
    """The phrase without what somebody is still to be asked for: "restaurants in a city" → restaurants."""
    head = re.escape(entity(name).split()[-1])
    said = re.sub(rf" (?:in|near|at|for|of|on|from|to|by|with) (?:an?|the) (?:[a-z]+ )?{head}(?= |$)", "", phrase)
    return said if len(said.split()) > 1 else phrase


def _fill_pair(filled: Filled, tool: Tool, speech: Speech) -> None:
    """``between two cities`` → ``between Lisbon and Porto``."""
    ends = [name for name in tool.properties if name in filled.told and _is_endpoint(name)]
    between = re.search(r"\bbetween two ([a-z]+)", filled.phrase)
    if between and len(ends) == 2:
        one, other = (speech.value(filled.told.pop(name), tool.properties[name]) for name in ends)
        filled.phrase = filled.phrase.replace(between.group(0), f"between {one} and {other}")


def _is_endpoint(name: str) -> bool:
    return bool(_ENDPOINTS & set(words(name))) and "date" not in name and "time" not in name


def _point(filled: Filled, name: str) -> None:
    """``a hotel`` → ``the first hotel``."""
    slot = _slot(filled.phrase, name)
    if slot is None:
        slot, pointer = _numbered(filled.phrase, name), reference_words(name, filled.referred[name])
        if slot is not None and pointer == f"that {entity(name)}":
            del filled.referred[name]
            filled.phrase = _replaced(slot, f"that {slot.group('noun')}")
        return
    pointer = reference_words(name, filled.referred.pop(name))
    if pointer.endswith(entity(name)):
        pointer = pointer.removesuffix(entity(name)) + slot.group("noun")
    filled.phrase = _replaced(slot, pointer)


def _fill_in(filled: Filled, name: str, said: str) -> None:
    """``a city`` → ``Lisbon``, ``a booking`` → ``booking BK-20931``; of what is dictated, ``this message``."""
    value, slot = filled.told[name], _slot(filled.phrase, name)
    if slot is None or isinstance(value, bool | dict | list):
        return
    if slot.group().startswith("the ") and not is_identifier(name):
        return
    noun = slot.group("noun")
    if is_dictated(name) or len(said) > LONG:
        return
    if is_identifier(name) and words(name)[-1:] != ["code"]:
        filled.phrase = _replaced(slot, f"{noun} {said}")
        del filled.told[name]
    elif _CAN_STAND_ALONE.search(slot.string[: slot.start()]):
        last = noun.split()[-1]
        if isinstance(value, int | float):
            said = f"{said} {last}" if last.endswith("s") else said
        elif last in _KINDS:
            said = f"the {last} {said}"
        filled.phrase = _replaced(slot, said)
        del filled.told[name]


def _fill_in_several(filled: Filled, name: str, said: str) -> None:
    """``a few products`` → ``products PRD-11 and PRD-22``, ``certain skills`` → ``the skills baking and sewing``."""
    values = filled.told[name]
    parts = [part for part in words(name) if part not in ("id", "ids")] or words(name)
    head = re.escape(singular(parts[-1]))
    noun = rf"(?P<noun>(?:(?!{_SMALL_WORDS})[a-z'-]+ ){{0,2}}?{head}(?:s|es))"
    article = rf"(?:(?:{_SEVERAL}|the) )" + ("?" if is_identifier(name) else "")
    slot = re.search(rf"(?<= ){article}{noun}\b(?!['-])", filled.phrase)
    if slot is None or not values or any(isinstance(value, dict | list) for value in values):
        return
    what = slot.group("noun") if len(values) > 1 else singular(slot.group("noun"))
    filled.phrase = _replaced(slot, f"{what} {said}" if is_identifier(name) else f"the {what} {said}")
    del filled.told[name]


def _fill_in_last(filled: Filled, name: str, said: str) -> None:
    """The one thing that a lookup goes by: ``the price of a stock`` → ``the price of KO``, ``track parcel PX4``."""
    value, parts = filled.told[name], words(name)
    if not isinstance(value, str) or " " in said.strip() or is_dictated(name) or len(said) > _SHORT:
        return
    if parts[-1] in _NAMES_ITSELF and (slot := _OF_ONE.search(filled.phrase)):
        filled.phrase = _replaced(slot, f"{slot.group('of')} {said}")
    elif (slot := _numbered(filled.phrase, name)) is not None:
        filled.phrase = _replaced(slot, f"{slot.group('noun')} {said}")
    else:
        return
    del filled.told[name]


def _numbered(phrase: str, name: str) -> re.Match[str] | None:
    """The one thing of a phrase that a number or a code can stand for: of "track a parcel", the parcel."""
    counted = words(name)[-1] in _NUMBERS and is_identifier(name)
    return _ONE.search(phrase) if counted and len(_INDEFINITE.findall(phrase)) == 1 else None


def _replaced(slot: re.Match[str], text: str) -> str:
    """The phrase that holds the slot, with ``text`` in its place."""
    return slot.string[: slot.start()] + text + slot.string[slot.end() :]


def _slot(phrase: str, name: str) -> re.Match[str] | None:
    """The noun of the phrase that a parameter stands for: of ``flight_id`` "a flight", of ``date`` "a given day"."""
    parts = entity(name).split()
    head = re.escape(parts[-1])
    if parts[-1] == "date":
        head = "day|date"
    elif parts[-1] == "email" or (is_identifier(name) and parts in (["id"], ["one"])):
        return None  # an address is no message: "send a new email" is not "send that address"
    noun = rf"(?P<noun>(?:(?!{_SMALL_WORDS})[a-z'-]+ ){{0,2}}?(?:{head})(?: {_SUFFIXES})?)"
    return re.search(rf"\b(?:{_ARTICLES}) {noun}\b(?!['-])(?=$|,| (?:{_AFTER_A_NOUN})\b)", phrase)
