"""Fields: the parameters and return values of a tool, and how a path finds one in a JSON value.

Nested objects and arrays of objects are walked through; what is left (scalars, arrays of scalars,
objects without known properties) is a field, and a path (`toolflow.path`) says where it is.

Ours, the paper being silent: nested fields count; a result that is a bare scalar has no name and so
gives no field; of the branches of ``anyOf``/``oneOf``/``allOf`` every one is walked and the first
to define a path wins; a type union is the one type beside ``null``, or unknown.

Nothing here validates: a schema that is odd gives fewer fields, never an error. The walk is bounded,
whatever local references do.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Literal

from toolflow.path import join, split
from toolflow.schema import Field, Tool

MAX_STEPS = 4_000
"""Subschemas visited for one tool and role; the rest of a larger schema gives no fields."""
MAX_NESTING = 40
"""Levels of objects and arrays that are walked into."""

_BRANCHES = ("allOf", "anyOf", "oneOf")


def tool_fields(tool: Tool) -> list[Field]:
    """Every parameter, then every return value of a tool, in the order of its schemas."""
    return schema_fields(tool.parameters, "parameter") + schema_fields(tool.returns, "return")


def schema_fields(schema: Any, role: Literal["parameter", "return"]) -> list[Field]:
    """The fields of one schema."""
    found: dict[str, Field] = {}
    for field in _Walk(schema, role).fields():
        found.setdefault(field.path, field)
    return list(found.values())


def json_type(schema: Any) -> str | None:
    """The one JSON type a schema allows beside ``null``; None when it says nothing or allows several."""
    if not isinstance(schema, dict):
        return None
    declared = schema.get("type")
    if isinstance(declared, str):
        return declared
    if isinstance(declared, list):
        return _only(name for name in declared if isinstance(name, str))
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list) and values:
        return _only(_type_of(value) for value in values)
    if isinstance(schema.get("properties"), dict):
        return "object"
    if "items" in schema:
        return "array"
    return None


def types_fit(produced: Any, needed: Any) -> bool:
    """Whether a value of one ``type`` may serve as one of another; unknown types are given the benefit of the doubt."""
    if produced is None or needed is None:
        return True
    have = {produced} if isinstance(produced, str) else set(produced)
    want = {needed} if isinstance(needed, str) else set(needed)
    return bool(have & want) or ("integer" in have and "number" in want)


def local_ref(root: Any, ref: str) -> Any:
    """What a local reference (``#/$defs/x``, ``#anchor``) points at; LookupError when nothing is there."""
    if not ref.startswith("#"):
        raise LookupError(f"{ref!r} is not a local reference")
    pointer = ref[1:]
    if pointer and not pointer.startswith("/"):
        return _anchor(root, pointer)
    here = root
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif isinstance(here, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(here):
            here = here[int(key[:9])]
        else:
            raise LookupError(f"{ref!r} points at nothing")
    return here


def _anchor(root: Any, name: str) -> Any:
    for holder in ("$defs", "definitions"):
        definitions = root.get(holder) if isinstance(root, dict) else None
        for definition in definitions.values() if isinstance(definitions, dict) else ():
            if isinstance(definition, dict) and name in (definition.get("$anchor"), definition.get("$dynamicAnchor")):
                return definition
    raise LookupError(f"'#{name}' points at nothing")


def schema_at(schema: Any, path: str) -> dict[str, Any] | None:
    """The subschema that describes a path (``flights[0].flight_id``) of a value; None when there is none."""
    try:
        steps = split(path)
    except ValueError:
        return None
    walk = _Walk(schema, "return")
    here: list[Any] = [schema]
    for step in steps:
        parts = [part for item in here for part in walk._branches(item)]
        if isinstance(step, str):
            tables = [part["properties"] for part in parts if isinstance(part.get("properties"), dict)]
            here = [table[step] for table in tables if step in table]
        else:
            here = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
    found = [part for item in here for part in walk._branches(item)]
    return found[0] if found and steps else None


class _Walk:
    """One bounded walk through a schema."""

    def __init__(self, root: Any, role: Literal["parameter", "return"]) -> None:
        self.root, self.role, self.steps = root, role, 0

    def fields(self) -> Iterator[Field]:
        yield from self._below(self.root, "", "", True, "", 0)

    def _below(self, schema: Any, path: str, name: str, required: bool, said: str, level: int) -> Iterator[Field]:
        """The fields at and below one subschema; ``said`` is the description it inherits."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            return
        branches = self._branches(schema)
        said = next((text for part in branches if isinstance(text := part.get("description"), str) and text), said)
        walked = False
        for part in branches:
            properties = part.get("properties")
            for key, below in properties.items() if isinstance(properties, dict) else ():
                walked = True
                listed = part.get("required")
                needed = required and isinstance(listed, list) and key in listed
                if level < MAX_NESTING:
                    yield from self._below(below, join(path, key), key, needed, "", level + 1)
        items = next((part["items"] for part in branches if isinstance(part.get("items"), dict)), None)
        if items is not None and not walked and level < MAX_NESTING and self._is_nested(items):
            yield from self._below(items, path + "[]", name, False, said, level + 1)
        elif name and not walked:
            yield self._leaf(branches, path, name, required, said, items)

    def _leaf(
        self, branches: list[dict[str, Any]], path: str, name: str, required: bool, said: str, items: Any
    ) -> Field:
        type_ = _only(kind for part in branches if (kind := json_type(part)))
        inner = self._branches(items) if items is not None else []
        formats = (text for part in branches + inner if isinstance(text := part.get("format"), str))
        return Field(
            role=self.role,
            path=path,
            name=name,
            description=said,
            type=type_,
            format=next(formats, None),
            required=required,
            items=_only(kind for part in inner if (kind := json_type(part))),
        )

    def _is_nested(self, items: Any) -> bool:
        """Whether the items of an array, or the items of those, hold fields of their own."""
        pending = [items]
        for _level in range(MAX_NESTING):
            parts = [part for item in pending for part in self._branches(item)]
            if any(isinstance(part.get("properties"), dict) and part["properties"] for part in parts):
                return True
            pending = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
        return False

    def _branches(self, schema: Any) -> list[dict[str, Any]]:
        """The schema with its references followed, and the branches it is composed of; no ``null`` branch."""
        found: list[dict[str, Any]] = []
        pending, seen = [schema], set[str]()
        while pending and self.steps <= MAX_STEPS:
            part = pending.pop(0)
            if not isinstance(part, dict) or part.get("type") == "null":
                continue
            found.append(part)
            ref = part.get("$ref")
            if isinstance(ref, str) and ref not in seen:
                seen.add(ref)
                self.steps += 1
                with suppress(LookupError):
                    pending.append(local_ref(self.root, ref))
            for keyword in _BRANCHES:
                branches = part.get(keyword)
                if isinstance(branches, list):
                    self.steps += len(branches)
                    pending.extend(branches)
        return found


def _only(types: Iterable[str]) -> str | None:
    """The one type beside ``null``; an integer is a number where both stand."""
    kinds = set(types) - {"null"}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else None


def _type_of(value: Any) -> str:
    for kind, python in (("boolean", bool), ("integer", int), ("number", float), ("string", str), ("array", list)):
        if isinstance(value, python):
            return kind
    return "null" if value is None else "object"
