"""One schema without references, bounded in size and depth, of whatever a document defines in many places.

References and ``allOf`` are merged into the place where they stand, ``oneOf`` becomes ``anyOf`` (a cut
alternative may no longer exclude another), ``nullable`` a type. A schema that comes back to itself is cut
there. The walk is breadth first with a budget of bytes, so what is cut, when something must be, is what lies
deepest; descriptions are shortened before anything is cut. Whatever the document does, the work is bounded
by that budget.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

import orjson

from toolflow.errors import CatalogError
from toolflow.importing.document import Document
from toolflow.importing.keywords import NOT_KEPT, PLAIN, Note, plain_keywords, read_types
from toolflow.importing.settle import Elsewhere, Part, Settling, Step, View, alternatives
from toolflow.importing.shelf import Shelf
from toolflow.importing.text import clean, one_line
from toolflow.path import join

Role = Literal["parameters", "returns"]

DESCRIPTIONS = (1.0, 0.4, 0.15)
"""Shares of the longest description that are tried until everything fits."""
MANY_STEPS = 250_000
"""Schemas unfolded for one document, from which on its tools get a quarter of the room and one try …"""
MAX_STEPS = 400_000
"""… and at which the rest of it is refused."""
MAX_PROPERTIES = 1_000
MAX_ALTERNATIVES = 12
_RESERVE = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What an inlined schema may be."""

    room: int
    """Bytes, as JSON."""
    depth: int
    description: int
    """Characters of one description."""
    enum: int


@dataclass(frozen=True, slots=True)
class _Place:
    step: Step
    into: dict[str, Any]
    path: str
    name: str = ""
    level: int = 1
    branch: bool = False
    """An alternative: it may require what its parent defines."""


def inlined(
    schema: Any, base: Document, shelf: Shelf, view: View, role: Role, limits: Limits, note: Note
) -> dict[str, Any]:
    """The schema of one tool's parameters or result; repairs are noted.

    `ReferenceRefused` when something in it refers to another machine or out of the folder, `CatalogError` when
    the document as a whole unfolds into too much.
    """
    many = shelf.steps > MANY_STEPS
    if shelf.steps > MAX_STEPS:
        raise CatalogError(f"its references unfold into more than {MAX_STEPS:,} schemas; split it")
    if many:
        limits = replace(limits, room=limits.room // 4)
    for share in DESCRIPTIONS[1:2] if many else DESCRIPTIONS:
        notes: list[tuple[str, str]] = []
        once = _Inlining(Settling(shelf, view), role, limits, round(limits.description * share), notes)
        result = once.run(schema, base)
        if not once.full:
            break
    for kind, text in notes:
        note(kind, text)
    return result


@dataclass
class _Inlining:
    settling: Settling
    role: Role
    limits: Limits
    description: int
    notes: list[tuple[str, str]]
    full: bool = False
    """Something was cut for want of room."""
    queue: deque[_Place] = field(default_factory=deque)

    def run(self, schema: Any, base: Document) -> dict[str, Any]:
        self.room = self.limits.room
        top: dict[str, Any] = {}
        self.queue.append(_Place((schema, base, frozenset()), top, self.role))
        while self.queue:
            self.settling.shelf.steps += 1
            self._fill(self.queue.popleft())
        return top

    def _fill(self, place: _Place) -> None:
        """Write the schema of one place, and line up what lies below it."""

        def note(kind: str, text: str) -> None:
            self.notes.append((kind, f"{place.path}: {text}"))

        parts, nullable = self.settling.settled(place.step, note)
        merged: dict[str, tuple[Any, Part]] = {}
        for part in parts:
            for key, value in part.schema.items():
                merged.setdefault(key, (value, part))
            nullable = nullable or part.schema.get("nullable") is True or part.schema.get("x-nullable") is True
        types, format_ = read_types(merged["type"][0] if "type" in merged else None, note)
        if not types and "properties" in merged:
            types = ["object"]
        elif not types and "items" in merged:
            types = ["array"]
        plain = {key: merged[key][0] for key in merged if key in PLAIN}
        if format_:
            plain.setdefault("format", format_)
        if nullable and types and "null" not in types:
            types.append("null")
        plain = plain_keywords(plain, types, self.limits.enum, note)
        if nullable and "enum" in plain and None not in plain["enum"]:
            plain["enum"].append(None)
        into = place.into
        if types:
            self._put(into, "type", types[0] if len(types) == 1 else types)
        for key in merged:
            value = merged[key][0]
            if key == "description" or (key == "title" and "description" not in merged and " " in str(value)):
                self._describe(into, value, place)
            elif key in plain:
                self._put(into, key, plain.pop(key))
        for key, value in plain.items():
            self._put(into, key, value)
        self._below(place, parts, merged, types, nullable, note)
        left_out = [key for key in NOT_KEPT if key in merged]
        if left_out:
            note("keyword left out", ", ".join(left_out))

    def _describe(self, into: dict[str, Any], text: Any, place: _Place) -> None:
        said = clean(text, max(self.description, 40))
        if said and said.casefold().replace(" ", "").replace("_", "") != place.name.casefold().replace("_", ""):
            self._put(into, "description", said)

    def _put(self, into: dict[str, Any], key: str, value: Any) -> None:
        """Write a keyword where there is room for it; the type always."""
        size = len(orjson.dumps(value)) + len(key) + 4
        if key != "type" and size > self.room:
            self.full = True
            if ("cut to size", self.role) not in self.notes:
                self.notes.append(("cut to size", self.role))
            return
        if key not in into:
            into[key] = value
            self.room -= size

    def _below(
        self,
        place: _Place,
        parts: list[Part],
        merged: dict[str, tuple[Any, Part]],
        types: list[str],
        nullable: bool,
        note: Note,
    ) -> None:
        """Line up properties, items and alternatives."""
        children = [
            key for key in ("properties", "items", "prefixItems", "anyOf", "oneOf") if merged.get(key, [None])[0]
        ]
        if place.level >= self.limits.depth:
            if children:
                note("nested too deep", f"cut at level {self.limits.depth}")
            return
        self._properties(place, parts, note)
        extra = merged.get("additionalProperties")
        if extra is not None and isinstance(extra[0], bool):
            self._put(place.into, "additionalProperties", extra[0])
        elif extra is not None and "properties" not in place.into:
            self._child(place, place.into, "additionalProperties", *extra)
        if "items" in merged and not isinstance(merged["items"][0], list):
            self._child(place, place.into, "items", *merged["items"])
        listed = next(
            (merged[key] for key in ("prefixItems", "items") if isinstance(merged.get(key, [None])[0], list)), None
        )
        if listed is not None:
            self._list(place, "prefixItems", listed[0], listed[1], note)
        for key in ("anyOf", "oneOf"):
            if key in merged and "anyOf" not in place.into:
                branches, _null = alternatives({key: merged[key][0]})
                if branches:
                    more = [{"type": "null"}] if nullable and not types else []
                    self._list(place, "anyOf", branches + more, merged[key][1], note)

    def _child(self, place: _Place, holder: dict[str, Any], key: str, schema: Any, part: Part) -> None:
        if self.room < len(key) + _RESERVE:
            self.full = True
            return
        if schema is True:
            return
        self.room -= len(key) + _RESERVE
        holder[key] = {}
        path = place.path + "[]" if key == "items" else f"{place.path}.{key}"
        self.queue.append(_Place((schema, part.base, part.trail), holder[key], path, place.name, place.level + 1))

    def _list(self, place: _Place, key: str, schemas: list[Any], part: Part, note: Note) -> None:
        if not schemas:
            return
        fits = max(min(MAX_ALTERNATIVES, self.room // (2 * _RESERVE)), 0)
        if len(schemas) > fits:
            note("alternatives left out", f"{len(schemas) - fits} of {len(schemas)}")
        if fits < min(len(schemas), 2):  # one alternative alone would claim to be the only one
            self.full = True
            return
        place.into[key] = [{} for _schema in schemas[:fits]]
        self.room -= fits * _RESERVE
        for number, (schema, into) in enumerate(zip(schemas, place.into[key], strict=False)):
            self.queue.append(
                _Place(
                    (schema, part.base, part.trail), into, f"{place.path}.{key}[{number}]", place.name,
                    place.level + 1, key == "anyOf",
                )
            )  # fmt: skip

    def _properties(self, place: _Place, parts: list[Part], note: Note) -> None:
        """The properties of all parts together, and which of them are required."""
        found: dict[str, tuple[Any, Part]] = {}
        required: dict[str, None] = {}
        for part in parts:
            given = part.schema.get("properties")
            for name, below in islice(given.items() if isinstance(given, dict) else (), MAX_PROPERTIES):
                found.setdefault(name, (below, part))
            listed = part.schema.get("required")
            required |= dict.fromkeys(
                name for name in islice(listed if isinstance(listed, list) else (), MAX_PROPERTIES)
                if isinstance(name, str)
            )  # fmt: skip
        hidden = "readOnly" if self.role == "parameters" else "writeOnly"
        for name, (given, _part) in list(found.items()):
            below = given.schema if isinstance(given, Elsewhere) else given
            if isinstance(below, dict) and below.get(hidden) is True:
                del found[name]
                required.pop(name, None)
            elif isinstance(below, dict) and below.get("required") is True:
                required.setdefault(name)
        kept = self._affordable(found, required)
        if len(kept) < len(found):
            self.full = True
            note("cut to size", f"{len(found) - len(kept)} of {len(found)} properties left out")
        missing = [name for name in required if name not in found]
        alternatives_define = any(key in part.schema for part in parts for key in ("anyOf", "oneOf"))
        if missing and not place.branch and not alternatives_define:
            note("required mended", f"{one_line(', '.join(missing), 60)} is not defined")
            required = {name: None for name in required if name in found}
        required = {name: None for name in required if name in kept or name not in found}
        if kept or (place.level == 1 and self.role == "parameters"):
            place.into["properties"] = {name: {} for name in kept}
        if required or ("properties" in place.into and any(part.schema.get("required") == [] for part in parts)):
            self._put(place.into, "required", list(required))
        for name, (below, part) in kept.items():
            path = join(place.path, name)
            place_below = _Place(
                (below, part.base, part.trail), place.into["properties"][name], path, name, place.level + 1
            )
            self.queue.append(place_below)

    def _affordable(self, found: dict[str, tuple[Any, Part]], required: dict[str, None]) -> dict[str, tuple[Any, Part]]:
        """The properties there is room for, in their order; the required ones are chosen first."""
        chosen = set()
        for name in sorted(found, key=lambda name: name not in required):
            size = len(name.encode("utf-8", "replace")) + _RESERVE + 6
            if size > self.room:
                break
            self.room -= size
            chosen.add(name)
        return {name: below for name, below in found.items() if name in chosen}
