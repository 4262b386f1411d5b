"""What of an object is not drawn: what the call says, what is known of the thing, and what is known around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from toolflow.conformance import fits
from toolflow.selfplay.days import Days, is_day
from toolflow.selfplay.gazetteer import city_in
from toolflow.selfplay.names import is_coordinate, words
from toolflow.selfplay.outcomes import is_state, same_state
from toolflow.selfplay.phrases import Deed
from toolflow.selfplay.places import role_of
from toolflow.selfplay.wanted import within
from toolflow.verbs import CHANGES

_COMMON = frozenset(
    "name title type status description message id value code result text label category reason".split()
)
"""Names that mean something else in every object; never carried into a nested one."""
SCHEDULED = frozenset("departure arrival start end boarding landing pickup opens closes".split())
"""Words for moments that recur from day to day."""
_MEASURES = frozenset(
    "distance duration amount price total quantity minute count score points rank position step rating percent".split()
)
_DIGITS = 16
_DAY = len("2026-05-14")


@dataclass(frozen=True, slots=True)
class Known:
    """What one call lets be known beforehand."""

    arguments: Mapping[str, Any]
    doing: Deed
    days: Days

    def settled(
        self, name: str, schema: Any, about: Mapping[str, Any], known: Mapping[str, Any], own: str | None, level: int
    ) -> Any:
        """A value that is not to be drawn: what the call says, what is known of the thing, or of what is around it.

        None when nothing is. ``about`` is what is known around the object, ``known`` what is of the thing itself,
        ``own`` the name of its identifier, ``level`` how deep in the result it stands.
        """
        if level == 0 and name in self.arguments:
            given = _as_asked(self.arguments[name], schema)
            if fits(schema, given):
                return given
        value = self.of_thing(name, schema, known)
        return self._carried(name, schema, about, own, level) if value is None else value

    def of_thing(self, name: str, schema: Any, known: Mapping[str, Any]) -> Any:
        """What is known of the thing itself, in the words of this schema; None when nothing is."""
        if name not in known or (is_nested(schema, deep=True) and not isinstance(known[name], dict)):
            return None
        value = known[name]
        if is_state(name):
            lasts = self.doing.seeks or self.doing.verb in CHANGES
            value = same_state(value, schema) if lasts else None
        if value is not None and self.arguments and self._is_another_day(name, value):
            value = self._recurring(value, known)
        return value if value is not None and fits(schema, value) else None

    def _recurring(self, value: str, known: Mapping[str, Any]) -> str | None:
        """A moment that recurs from day to day, on the day that the call is about: a flight leaves at the same hour."""
        if not self.doing.seeks or self.days.first is None or self.days.several or len(value) <= _DAY:
            return None
        days = [str(it)[:_DAY] for name, it in known.items() if is_day(it) and SCHEDULED & set(words(name))]
        later = date.fromisoformat(value[:_DAY]) - date.fromisoformat(min(days))
        return (self.days.first + later).isoformat() + value[_DAY:]

    def _is_another_day(self, name: str, value: Any) -> bool:
        """Whether a known day is not the one that the call is about."""
        if self.days.first is None or not is_day(value) or name.startswith("previous_"):
            return False
        day, last = date.fromisoformat(value[:10]), self.days.last or date.max
        return not self.doing.seeks or (bool(SCHEDULED & set(words(name))) and not self.days.first <= day <= last)

    def _carried(self, name: str, schema: Any, about: Mapping[str, Any], own: str | None, level: int) -> Any:
        """What is already known under this name, when it fits here; None when nothing is."""
        filtered = self.doing.seeks and name in self.arguments and level > 0
        if is_nested(schema, deep=True) and name not in self.arguments:
            return None
        if name not in about or name == own or (level > 0 and name in _COMMON and not filtered):
            return None
        if name == "status" and not self.doing.seeks:
            return None
        if name not in self.arguments:
            if level > 1 and _MEASURES & set(words(name)):
                return None  # each part of a thing has its own
            if level > 0 and not within(name, about[name], self.arguments):
                return None
        elif level > 0 and (is_coordinate(name) or (filtered and own and _is_known_spot(name, about[name]))):
            return None  # what is found around a spot lies beside it
        value = same_state(about[name], schema) if is_state(name) else about[name]
        if value is None or (name not in self.arguments and self._is_another_day(name, value)):
            return None
        return value if fits(schema, value) else None


def _is_known_spot(name: str, value: Any) -> bool:
    """Whether a value is an address in a city whose other addresses are known."""
    return role_of(name, value) == "address" and city_in(value) is not None


def _as_asked(value: Any, schema: Any) -> Any:
    """The same number written as a schema wants it: as a number, or in a text."""
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind == "integer" and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _DIGITS:
        return int(value)
    return str(value) if kind == "string" and type(value) is int else value


def is_nested(schema: Any, deep: bool = False) -> bool:
    """Whether a schema is one of objects or lists; ``deep`` leaves out lists of plain values."""
    if not isinstance(schema, dict) or (deep and schema.get("type") == "array"):
        items = schema.get("items") if isinstance(schema, dict) else None
        return isinstance(items, dict) and is_nested(items)
    return schema.get("type") in ("array", "object") or "properties" in schema
