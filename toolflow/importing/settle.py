"""Which schemas hold at one place: references followed, ``allOf`` opened, what comes back to itself cut.

The result is a list of schemas that all apply, the first saying it first; each remembers the document in which
its own references are to be read, and what was referred to on the way to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.keywords import Note
from toolflow.importing.shelf import Shelf
from toolflow.importing.text import one_line

View = Callable[[Any], Any]
"""A subschema of a dialect as JSON Schema, one level of it."""
Step = tuple[Any, Document, frozenset[int]]
"""A schema, the document it stands in, and what was referred to on the way here."""

MAX_PARTS = 64
"""References and branches of ``allOf`` merged in one place."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A schema that stands in another document than what refers to it."""

    schema: Any
    base: Document


@dataclass(frozen=True, slots=True)
class _Seen:
    """A schema that is JSON Schema already, whatever the dialect."""

    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One schema that holds at a place."""

    schema: dict[str, Any]
    base: Document
    trail: frozenset[int]
    """What was referred to on the way here."""


class Settling:
    """Settles schemas of one dialect."""

    def __init__(self, shelf: Shelf, view: View) -> None:
        self.shelf = shelf
        self.view = view

    def settled(self, step: Step, note: Note) -> tuple[list[Part], bool]:
        """The schemas that hold at one place, references followed and branches of ``allOf`` opened."""
        pending = [step]
        parts: list[Part] = []
        nullable = False
        for _step in range(MAX_PARTS):
            if not pending:
                return parts, nullable
            schema, base, trail = pending.pop(0)
            if isinstance(schema, Elsewhere):
                schema, base = schema.schema, schema.base
            schema = schema.schema if isinstance(schema, _Seen) else self.view(schema)
            if not isinstance(schema, dict):
                if not isinstance(schema, bool):
                    note("no schema", f"{one_line(str(schema), 40)!r} constrains nothing")
                continue
            more: list[Step] = []
            for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
                if keyword in schema:
                    more += self._followed(schema[keyword], base, trail, note)
            all_of = schema.get("allOf")
            if isinstance(all_of, list):
                more += [(branch, base, trail) for branch in all_of[:MAX_PARTS]]
            alone, null = alternatives(schema)
            nullable = nullable or null
            if alone is not None and len(alone) == 1:
                more.append((alone[0], base, trail))
                schema = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
            parts.append(Part(schema, base, trail))
            pending[:0] = more
        note("cut to size", f"more than {MAX_PARTS} references and branches in one place")
        return parts, nullable

    def _followed(self, ref: Any, base: Document, trail: frozenset[int], note: Note) -> list[Step]:
        try:
            target, where = self.shelf.follow(ref, base)
        except LookupError as error:
            note("reference to nothing", str(error.args[0]))
            return []
        if id(target) not in trail:
            return [(target, where, trail | {id(target)})]
        note("recursion cut", f"{one_line(str(ref), 80)} comes back to itself")
        seen = self.view(target)
        if not isinstance(seen, dict):
            return []
        stub = {key: seen[key] for key in ("type", "title", "description") if key in seen}
        return [(_Seen({"type": "object"} | stub if "properties" in seen else stub), where, trail)]


def alternatives(schema: dict[str, Any]) -> tuple[list[Any] | None, bool]:
    """The branches of ``anyOf`` or ``oneOf`` that say more than ``null``, and whether one says that."""
    given = next((schema[key] for key in ("anyOf", "oneOf") if isinstance(schema.get(key), list)), None)
    if given is None:
        return None, False
    branches = [branch for branch in given[:1_000] if branch != {"type": "null"}]
    return branches, len(branches) < len(given[:1_000])
