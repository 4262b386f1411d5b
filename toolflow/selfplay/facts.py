"""What a dialogue has established about the things in its world, by their identifiers."""

from collections.abc import Iterator, Sequence
from typing import Any

from toolflow.cast import Answered
from toolflow.selfplay.names import is_identifier, words

Facts = dict[tuple[str, str], dict[str, Any]]
"""(an identifier's name, its value) → what is known of that thing, by field."""


def known_facts(history: Sequence[Answered]) -> Facts:
    """What the calls so far and their results say.

    A listed thing goes by its first identifier; a whole result by the first one that the call did not
    give (what was created), else by the first one (what was looked up). Another thing it mentions gets
    what its name says is its own: a booking knows the ``hotel_name`` of its ``hotel_id``.
    """
    facts: Facts = {}
    for answered in history:
        for thing in _things(answered.result):
            if thing is answered.result:
                _note(facts, answered.arguments | thing, _identifier_of_result(answered.arguments, thing))
            else:
                _note(facts, thing, own_identifier(thing))
    return facts


def own_identifier(fields: dict[str, Any]) -> str | None:
    """The identifier of the listed things themselves: the first one among their fields."""
    return next((name for name in fields if is_identifier(name)), None)


def same_thing(one: Any, other: Any, strict: bool) -> bool:
    """Whether two listed items would be taken for the same thing; ``strict`` also by their name alone."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    own = own_identifier(one)
    if own is not None and one[own] == other.get(own):
        return True
    if not strict:
        return one == other
    endings = (["name"], ["title"], ["label"])
    named = next((name for name in one if words(name)[-1:] in endings and isinstance(one[name], str)), None)
    return named is not None and bool(one[named] == other.get(named))


def _identifier_of_result(arguments: dict[str, Any], result: dict[str, Any]) -> str | None:
    identifiers = [name for name in result if is_identifier(name)]
    looked_up = any(is_identifier(name) and name in result for name in arguments)
    created = [name for name in identifiers if name not in arguments]
    return next(iter(identifiers if looked_up else created or identifiers), None)


def _note(facts: Facts, thing: dict[str, Any], own: str | None) -> None:
    """Remember a thing by its own identifier, and those it mentions by theirs."""
    if own is not None and isinstance(thing[own], str | int):
        facts.setdefault((own, str(thing[own])), {}).update(thing)
    for name, value in thing.items():
        if name != own and name.endswith("_id") and isinstance(value, str | int):
            about = {key: thing[key] for key in thing if key.startswith(name.removesuffix("id"))}
            facts.setdefault((name, str(value)), {}).update(about)


def _things(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a result, the outer ones last."""
    if isinstance(value, dict):
        for below in value.values():
            yield from _things(below)
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _things(item)
