"""Type hints as JSON Schema, read as text: nothing is evaluated or imported.

A name that the module itself defines as a class (dataclass, TypedDict, Pydantic model, Enum) becomes a
reference to it; one that means nothing to us constrains nothing.
"""

import ast
from collections.abc import Collection
from typing import Any

from toolflow.importing.keywords import type_of

MAX_TEXT = 2_000
"""Characters of one hint."""
MAX_DEPTH = 20

_SCALARS: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "NoneType": {"type": "null"},
    "bytes": {"type": "string", "format": "byte"},
    "complex": {"type": "string"},
    "Decimal": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "timedelta": {"type": "string", "format": "duration"},
    "UUID": {"type": "string", "format": "uuid"},
    "Path": {"type": "string"},
    "EmailStr": {"type": "string", "format": "email"},
    "AnyUrl": {"type": "string", "format": "uri"},
    "HttpUrl": {"type": "string", "format": "uri"},
}
_LISTS = set(
    "list List set Set frozenset FrozenSet Sequence MutableSequence Iterable Collection tuple Tuple Iterator Generator "
    "AsyncIterator AsyncGenerator AsyncIterable deque".split()
)
_MAPS = set("dict Dict Mapping MutableMapping defaultdict OrderedDict TypedDict Counter".split())
_WRAPPERS = set("Required NotRequired ReadOnly Final ClassVar Awaitable Coroutine Type".split())


def hint_schema(hint: Any, classes: Collection[str]) -> dict[str, Any]:
    """The schema of a type hint; {} for one that says nothing."""
    text = "" if hint is None else str(hint)
    return {} if not text or len(text) > MAX_TEXT else _parsed(text, classes, 0)


def enum_schema(values: list[Any]) -> dict[str, Any]:
    """One of several values, with their type where they have one in common."""
    types = {type_of(value) for value in values}
    return ({"type": types.pop()} if len(types) == 1 else {}) | {"enum": values}


def literal(text: Any) -> Any:
    """The value of a literal expression; LookupError when it is none."""
    try:
        if text is None or len(str(text)) > MAX_TEXT:
            raise LookupError
        return _as_json(ast.literal_eval(str(text)))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        raise LookupError(f"{str(text)[:40]!r} is no literal") from None


def _as_json(value: Any) -> Any:
    if isinstance(value, str | bool | float | None) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _as_json(item) for key, item in value.items()}
    raise LookupError("no value of JSON")


def _parsed(text: str, classes: Collection[str], depth: int) -> dict[str, Any]:
    try:
        return _schema(ast.parse(text.strip(), mode="eval").body, classes, depth)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _schema(node: ast.expr, classes: Collection[str], depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return {}
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _parsed(node.value, classes, depth + 1)
        return {"type": "null"} if node.value is None else {}
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], classes, depth)
    if isinstance(node, ast.Subscript):
        return _subscript(_name(node.value), node.slice, classes, depth)
    name = _name(node)
    if name in classes:
        return {"$ref": "#/classes/" + name.replace("~", "~0").replace("/", "~1")}
    if name in _LISTS:
        return {"type": "array"}
    return {"type": "object"} if name in _MAPS else dict(_SCALARS.get(name, {}))


def _subscript(name: str, inside: ast.expr, classes: Collection[str], depth: int) -> dict[str, Any]:
    parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if name in ("Optional", "Union"):
        none = [ast.Constant(None)] if name == "Optional" else []
        return _union([*parts, *none], classes, depth)
    if name == "Literal":
        return enum_schema([part.value for part in parts if isinstance(part, ast.Constant) and _is_plain(part.value)])
    if name == "Annotated" and parts:
        said = next(filter(None, (_described(part) for part in parts[1:])), None)
        schema = _schema(parts[0], classes, depth + 1)
        return {"description": said, **schema} if said else schema
    if name in _LISTS and parts:
        items = _schema(parts[0], classes, depth + 1)
        mixed = name in ("tuple", "Tuple") and len(parts) > 1 and not isinstance(parts[1], ast.Constant)
        if mixed:
            return {"type": "array", "prefixItems": [_schema(part, classes, depth + 1) for part in parts]}
        return {"type": "array", "items": items} | ({"uniqueItems": True} if name.lower() == "set" else {})
    if name in _MAPS:
        below = _schema(parts[1], classes, depth + 1) if len(parts) > 1 else {}
        return {"type": "object"} | ({"additionalProperties": below} if below else {})
    if name in _WRAPPERS and parts:
        return _schema(parts[-1], classes, depth + 1)
    return {}


def _union(parts: list[ast.expr], classes: Collection[str], depth: int) -> dict[str, Any]:
    schemas = [_schema(part, classes, depth + 1) for part in parts]
    if any(not schema for schema in schemas):
        return {}
    flat = [branch for schema in schemas for branch in (schema["anyOf"] if set(schema) == {"anyOf"} else [schema])]
    if all(set(schema) == {"type"} and isinstance(schema["type"], str) for schema in flat):
        types = list(dict.fromkeys(schema["type"] for schema in flat))
        return {"type": types[0] if len(types) == 1 else types}
    return {"anyOf": flat}


def _described(node: ast.expr) -> str | None:
    """The description in the metadata of ``Annotated``: a text, or that of ``Field(description=…)``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call):
        given = [word.value for word in node.keywords if word.arg in ("description", "help", "doc")]
        given += node.args[:1] if _name(node.func) in ("Doc", "doc") else []
        return next(
            (part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str)), None
        )
    return None


def _name(node: ast.expr) -> str:
    """The last name of ``typing.Optional``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Constant) and node.value is None:
        return "None"
    return node.id if isinstance(node, ast.Name) else ""


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, str | bool)) or (isinstance(value, int) and abs(value) < 2**63)
