"""Which things a list of a result holds, and how many: those that the call names, those spoken of before, a handful."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from toolflow.selfplay.belonging import belonging
from toolflow.selfplay.days import is_day
from toolflow.selfplay.names import singular, words
from toolflow.selfplay.settle import counted_by
from toolflow.selfplay.things import Thing, Things, own_identifier
from toolflow.selfplay.values import plain
from toolflow.selfplay.wanted import LIMITS, limit, satisfies, within

_COUNTED_OUT = 6
"""A list whose length is known is written out up to so many."""
_RELISTED = 2
"""So many of the things that were spoken of before are listed again at most; all that were created are."""
_MOST_NAMED = 12
_IN_WORDS = frozenset("query q keyword keywords term terms text topic mood sort order page offset".split())
"""Words for arguments that one thing may be found by as well as by others of the kind."""
_ONE_OWNER = frozenset("email phone".split())
"""Last words of what belongs to one person alone."""


def named_ones(items: Any, arguments: Mapping[str, Any], things: Things) -> list[Thing]:
    """The things that a call names one by one: of ``product_ids``, each with its ``product_id``."""
    own = own_identifier(plain(items).get("properties") or {})
    for name, values in arguments.items():
        several = isinstance(values, list) and 0 < len(values) <= _MOST_NAMED
        if own is None or not several or [singular(word) for word in words(name)] != words(own):
            continue
        if all(isinstance(value, str | int) for value in values):
            found = [(things.find(own, value) or Thing()) for value in values]
            return [Thing({**thing.known, own: value}, thing.asked) for thing, value in zip(found, values, strict=True)]
    return []


def spoken_of(items: Any, arguments: Mapping[str, Any], things: Things) -> list[Thing]:
    """The things of the dialogue that belong in a list of such items."""
    own = own_identifier(plain(items).get("properties") or {})
    if own is None or own in arguments or len(words(own)) < 2:
        return []
    fitting = [
        thing
        for thing in things.of_kind(own)
        if not thing.gone and satisfies(thing.known, thing.asked, arguments, thing.made)
    ]
    made = [thing for thing in fitting if thing.made]
    return made + [thing for thing in fitting if not thing.made][:_RELISTED]


def belongs(thing: Thing, arguments: Mapping[str, Any]) -> bool:
    """Whether a thing that was spoken of may stand in the list that a call asks for, as far as can be told."""
    dated = all(any(map(is_day, values.values())) for values in (thing.known, arguments))
    if thing.gone or dated:
        return False
    for name, value in arguments.items():
        if _IN_WORDS & set(words(name)) or "_".join(words(name)) in LIMITS:
            continue
        if thing.known.get(name, value) != value or thing.asked.get(name, value) != value:
            return False
        if name not in thing.known and belonging(name, thing.known, {}):
            return False  # of which artist it is was said by name
    return all(within(field, value, arguments) for field, value in thing.known.items())


def money_of(items: Sequence[Any]) -> dict[str, Any]:
    """The currency that other things of a list are priced in as well: that of the first, where no place tells."""
    first = items[0] if items and isinstance(items[0], dict) else {}
    placed = {"city", "country", "address"} & set(first)
    return {"currency": first["currency"]} if "currency" in first and not placed else {}


def length(
    schema: Mapping[str, Any],
    name: str,
    about: Mapping[str, Any],
    arguments: Mapping[str, Any],
    outer: bool,
    rng: Random,
) -> int:
    """How many things to list: a handful, as many as the call and the schema allow, or as are known to be.

    ``outer`` is whether the list is one that the call asked for, rather than inside one of its things.
    """
    least, most = int(schema.get("minItems") or 0), schema.get("maxItems")
    fields = plain(schema.get("items")).get("properties") or {}
    if outer and least < 2 and any(name in fields and words(name)[-1] in _ONE_OWNER for name in arguments):
        return 1
    number = rng.choice((2, 3, 3, 4) if outer else (1, 2, 2))
    counted = (value for key, value in about.items() if type(value) is int and counted_by(key, {name: ()}))
    known = next((value for value in counted if 1 < value <= _COUNTED_OUT), None) if outer else None
    number = known or number
    wanted = limit(arguments) if outer else None
    number = max(1, min(number, wanted)) if wanted else number
    return max(least, min(number, int(most)) if isinstance(most, int) else number)
