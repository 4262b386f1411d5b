"""The things of a dialogue's world, by their identifiers: what calls and results have said of them so far.

A thing is known under the name of its identifier and its value, and under the value alone where that is
telling, so that ``id`` in one tool's list and ``album_id`` of another tool are the same album. What a call
changed replaces what was known; what was deleted is gone. Ours: the world is nothing but the history that
the loop hands over, so it needs no storage and can be replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toolflow.cast import Answered
from toolflow.schema import Tool
from toolflow.selfplay.belonging import belonging, described
from toolflow.selfplay.names import is_identifier, words
from toolflow.selfplay.namesakes import Names
from toolflow.selfplay.phrases import Deed, deed
from toolflow.selfplay.places import place_in
from toolflow.selfplay.refs import written_out
from toolflow.verbs import DELETES, ENDS

_TELLING = 5
"""So many letters, a digit among them, make an identifier that nothing else has."""


_SHARED = frozenset(
    "phone postal zip country language currency season episode week seat shirt version page access discount area "
    "dial status reason error".split()
)
"""Words for codes and numbers that many things have."""
_OWN_ID = frozenset("season episode week seat version".split())
"""… unless it is an ID."""


@dataclass(slots=True)
class Thing:
    """One thing."""

    known: dict[str, Any] = field(default_factory=dict)
    """Its fields."""
    asked: dict[str, Any] = field(default_factory=dict)
    """The arguments of the call that brought it up first."""
    made: bool = False
    """Whether a call of the dialogue created it."""
    ended: bool = False
    """Whether a call of the dialogue cancelled, closed … or deleted it."""
    gone: bool = False
    """Whether it was deleted."""


class Things:
    """All things that were spoken of."""

    def __init__(self) -> None:
        self._things: dict[tuple[str, str], Thing] = {}
        self.names = Names()
        self.places: dict[str, dict[str, Any]] = {}
        """By address, in calls or results, what these have said of where that is: coordinates, city, postal code …"""

    def hear(self, history: Sequence[tuple[Answered, Tool]]) -> None:
        """Take in the calls so far, each with its tool; those that failed changed nothing.

        A listed thing goes by its first identifier; a whole result by the first one that the call did not
        give (what was created), else by the first one (what was looked up). Another thing it mentions gets
        what belongs to it: a booking knows the ``hotel_name`` of its ``hotel_id``.
        """
        for answered, tool in history:
            given, result, doing = answered.arguments, answered.result, deed(tool)
            if isinstance(asked := given.get("address"), str):
                self.places.setdefault(asked, {})
            if isinstance(result, dict) and set(result) == {"error"}:
                continue
            for thing, properties in described(result, tool.returns and written_out(tool.returns)):
                self.names.hear(thing)
                if isinstance(address := thing.get("address"), str):
                    self.places.setdefault(address, {}).update(place_in(thing))
                if thing is result:
                    self._hear_whole(given, thing, properties, doing)
                else:
                    self._note(thing, properties, own_identifier(thing), given, False)
            ended = self.named(given) if doing.verb in ENDS else None
            if ended is not None:
                ended.ended, ended.gone = True, doing.verb in DELETES

    def _hear_whole(
        self, given: dict[str, Any], result: dict[str, Any], properties: Mapping[str, Any], doing: Deed
    ) -> None:
        own = _identifier_of_result(given, result)
        others = [name for name, value in result.items() if name in given and name != own and _mentions(name, value)]
        told = result if doing.seeks else _renewed(given) | result
        if doing.seeks and own in given:
            theirs = {field for name in others for field in belonging(name, result, properties)}
            told = {name: value for name, value in result.items() if name == own or name not in {*given, *theirs}}
        self._note(told, properties, own, given, not doing.seeks and own is not None and own not in given)
        for name in others:
            self._put(name, result[name], {}).known.update(belonging(name, result, properties))

    def named(self, arguments: Mapping[str, Any]) -> Thing | None:
        """The thing that the first identifier among the arguments names."""
        name = own_identifier(arguments)
        return self.find(name, arguments[name]) if name else None

    def find(self, name: str, value: Any) -> Thing | None:
        """The thing that an identifier names; None when it was never spoken of."""
        found = self._things.get((name, str(value)))
        return found or (self._things.get(("", str(value))) if _is_telling(value) else None)

    def mentioned(self, name: str, value: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of another thing that an object names, under the fields of the object that belong to it."""
        found = self.find(name, value) if name.endswith("_id") else None
        return belonging(name, found.known, properties) if found else {}

    def of_kind(self, own: str) -> list[Thing]:
        """The things with an identifier of this name, the latest created first, then as they came up."""
        found = [thing for (name, _), thing in self._things.items() if name == own and own in thing.known]
        return [thing for thing in reversed(found) if thing.made] + [thing for thing in found if not thing.made]

    def _note(
        self,
        fields: dict[str, Any],
        properties: Mapping[str, Any],
        own: str | None,
        asked: dict[str, Any],
        made: bool,
    ) -> None:
        """Remember a thing by its own identifier, and those it mentions by theirs."""
        if own is not None and isinstance(fields.get(own), str | int):
            thing = self._put(own, fields[own], asked)
            thing.known.update(fields)
            thing.made |= made
        for name, value in fields.items():
            if name != own and _mentions(name, value):
                self._put(name, value, {}).known.update(belonging(name, fields, properties))

    def _put(self, name: str, value: Any, asked: dict[str, Any]) -> Thing:
        thing = self.find(name, value) or Thing(asked=asked)
        self._things[name, str(value)] = thing
        if _is_telling(value):
            self._things["", str(value)] = thing
        return thing


def _mentions(name: str, value: Any) -> bool:
    """Whether a field names a thing by its identifier."""
    return name.endswith("_id") and isinstance(value, str | int)


def own_identifier(fields: Mapping[str, Any]) -> str | None:
    """The identifier of the listed things themselves: the first one among their fields."""
    named = [name for name, value in fields.items() if _identifies(name, value)]
    return "id" if "id" in named else next(iter(named), None)


def _identifies(name: str, value: Any) -> bool:
    """Whether a field, with its value or its schema, names one thing among its like: no ``country_code``, no list."""
    if (
        not is_identifier(name)
        or isinstance(value, list)
        or (isinstance(value, dict) and value.get("type") in (None, "object", "array"))
    ):
        return False
    shared = _SHARED - _OWN_ID if words(name)[-1] == "id" else _SHARED
    return not shared & set(words(name))


def same_thing(one: Any, other: Any, strict: bool) -> bool:
    """Whether two listed items would be taken for the same thing; ``strict`` also by their name alone."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    own = own_identifier(one)
    if own is not None and one[own] == other.get(own):
        return True
    if not strict:
        return one == other
    endings = (["name"], ["title"], ["label"], ["headline"], ["subject"])
    named = next((name for name in one if words(name)[-1:] in endings and isinstance(one[name], str)), None)
    return named is not None and bool(one[named] == other.get(named))


def _renewed(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments as fields of what they change: ``new_status`` is its status."""
    return {name.removeprefix("new_"): value for name, value in arguments.items()} | arguments


def _is_telling(value: Any) -> bool:
    text = str(value)
    return len(text) >= _TELLING and any(map(str.isdigit, text))


def _identifier_of_result(arguments: dict[str, Any], result: dict[str, Any]) -> str | None:
    identifiers = [name for name, value in result.items() if _identifies(name, value)]
    looked_up = any(is_identifier(name) and name in result for name in arguments)
    created = [name for name in identifiers if name not in arguments]
    return next(iter(identifiers if looked_up else created or identifiers), None)
