"""The keywords of one subschema, mended: types by their many names, values that fit, numbers that are numbers.

What has a plain meaning is kept or rewritten, and each change is noted under a kind; what says nothing about
values (``xml``, ``discriminator``, ``x-…``) goes without a word.
"""

import math
from collections.abc import Callable
from typing import Any

import orjson

from toolflow.mending import TYPES

Note = Callable[[str, str], object]
"""Takes the kind of a repair and what was done."""

MAX_PATTERN = 500
MAX_VALUE_BYTES = 300
"""A default or example that takes more is left out."""
MAX_EXAMPLES = 10

_JSON_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}
_FORMATTED = {
    "date": ("string", "date"),
    "datetime": ("string", "date-time"),
    "date-time": ("string", "date-time"),
    "timestamp": ("string", "date-time"),
    "time": ("string", "time"),
    "uuid": ("string", "uuid"),
    "email": ("string", "email"),
    "url": ("string", "uri"),
    "uri": ("string", "uri"),
    "file": ("string", "binary"),
    "binary": ("string", "binary"),
    "byte": ("string", "byte"),
    "bytes": ("string", "byte"),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
}
_MORE_TYPES = TYPES | {
    "boolen": "boolean", "char": "string", "decimal": "number", "enum": "string", "map": "object", "set": "array",
    "short": "integer", "struct": "object", "structure": "object", "varchar": "string", "bigint": "integer",
    "json": "object", "password": "string", "real": "number", "strings": "string", "vector": "array",
    "arraylist": "array", "credentials": "string", "geopoint": "string", "hashtable": "object", "queue": "array",
    "select": "string", "stack": "array",
}  # fmt: skip
_COUNTS = {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_FLAGS = {"uniqueItems", "deprecated"}
_WORDS = {"format": 50, "contentEncoding": 50, "contentMediaType": 100}
PLAIN = ("enum", "const", "default", "example", "examples", "pattern", *_COUNTS, *_BOUNDS, *_FLAGS, *_WORDS)
"""Keywords that hold no schemas, ``type`` and texts left out."""
NOT_KEPT = (
    "not", "if", "then", "else", "contains", "propertyNames", "patternProperties", "dependencies",
    "dependentSchemas", "dependentRequired", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
"""Keywords that constrain values but would need more than a bounded, reference-free schema."""
MISSING = object()


def read_types(given: Any, note: Note) -> tuple[list[str], str | None]:
    """The JSON types that a ``type`` means, none when it says nothing, and the format that goes with it."""
    names = given if isinstance(given, list) else [] if given is None else [given]
    types: list[str] = []
    found_format = None
    for name in names[:10]:
        if isinstance(name, str) and name in _JSON_TYPES:
            types.append(name)
            continue
        word = name.strip().lower() if isinstance(name, str) else ""
        word = word.split("(")[0].split("<")[0].split("[")[0].strip() if word not in _FORMATTED else word
        if word in _FORMATTED:
            type_, found_format = _FORMATTED[word]
        else:
            type_ = _MORE_TYPES.get(word) or ""
        if type_:
            types.append(type_)
            note("type mended", f"{str(name)[:40]!r} is {type_}")
        elif word in ("any", "object|any", "mixed", "unknown"):
            return [], None
        else:
            note("unknown type", f"{str(name)[:40]!r} says nothing about values")
            return [], None
    return list(dict.fromkeys(types)), found_format


def type_of(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "null" if value is None else "object"


def fitted(value: Any, types: list[str]) -> Any:
    """The value as one of these types, ``"3"`` as 3; MISSING when it is of none."""
    kind = type_of(value)
    if not types or kind in types or (kind == "integer" and "number" in types):
        return value
    if kind == "number" and "integer" in types and value == int(value):
        return int(value)
    if kind == "string":
        text = value.strip()
        if "boolean" in types and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if ("integer" in types or "number" in types) and len(text) <= 20:
            try:
                number = float(text)
            except ValueError:
                return MISSING
            if math.isfinite(number) and number == int(number) and "." not in text and "e" not in text.lower():
                return int(text)
            return number if math.isfinite(number) and "number" in types else MISSING
    if "string" in types and kind in ("integer", "number", "boolean"):
        return str(value).lower() if kind == "boolean" else str(value)
    return MISSING


def plain_keywords(given: dict[str, Any], types: list[str], max_enum: int, note: Note) -> dict[str, Any]:
    """The keywords among `PLAIN` that can be used, in the order in which they were given."""
    kept: dict[str, Any] = {}
    for key, value in given.items():
        if key == "enum":
            _enum(kept, value, types, max_enum, note)
        elif key in ("default", "const"):
            _value(kept, key, value, types, note)
        elif key in ("example", "examples"):
            _examples(kept, [value] if key == "example" else value, types)
        elif key == "pattern" and isinstance(value, str):
            if len(value) <= MAX_PATTERN:
                kept[key] = value
            else:
                note("pattern left out", f"longer than {MAX_PATTERN} characters")
        elif _is_word(key, value) or (key in _FLAGS and isinstance(value, bool)):
            kept[key] = value
        elif key in _COUNTS or key in _BOUNDS:
            _number(kept, key, value, given, note)
    return kept


def _is_word(key: str, value: Any) -> bool:
    return key in _WORDS and isinstance(value, str) and len(value) <= _WORDS[key]


def _number(kept: dict[str, Any], key: str, value: Any, given: dict[str, Any], note: Note) -> None:
    if isinstance(value, bool):
        plain = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}.get(key)
        bound = given.get(plain) if plain else None
        if value and plain and isinstance(bound, int | float):  # draft 4
            kept.pop(plain, None)
            kept[key] = bound
        return
    number = fitted(value, ["integer"] if key in _COUNTS else ["number"])
    if number is MISSING or number is None or (key in _COUNTS and number < 0) or (key == "multipleOf" and number <= 0):
        note("bound left out", f"{key}: {str(value)[:40]}")
    elif key not in ("minimum", "maximum") or given.get(f"exclusive{key.capitalize()}") is not True:
        kept[key] = number


def _enum(kept: dict[str, Any], values: Any, types: list[str], max_enum: int, note: Note) -> None:
    if not isinstance(values, list) or not values:
        note("enum left out", "is no list of values")
        return
    if len(values) > max_enum:
        note("enum left out", f"{len(values):,} values; the limit is {max_enum} (import.max_enum)")
        _examples(kept, values[:3], types)
        return
    found: dict[bytes, Any] = {}
    for value in values:
        good = fitted(value, types)
        if good is MISSING and value is None:
            continue
        if good is MISSING:
            note("enum mended", f"left out {str(value)[:40]!r}, which is no {'/'.join(types)}")
            continue
        if type_of(good) != type_of(value):
            note("enum mended", f"{str(value)[:40]!r} as {type_of(good)}")
        try:
            found.setdefault(orjson.dumps(good), good)
        except orjson.JSONEncodeError:
            note("enum mended", "left out a value nested too deep")
    if found:
        kept["enum"] = list(found.values())


def _value(kept: dict[str, Any], key: str, value: Any, types: list[str], note: Note) -> None:
    good = fitted(value, types)
    if good is MISSING:
        if value is not None and value != "":
            note(f"{key} left out", f"{str(value)[:40]!r} is no {'/'.join(types)}")
    elif not _small(good):
        note(f"{key} left out", f"takes more than {MAX_VALUE_BYTES} bytes")
    else:
        if type_of(good) != type_of(value):
            note(f"{key} mended", f"{str(value)[:40]!r} as {type_of(good)}")
        kept[key] = good


def _examples(kept: dict[str, Any], values: Any, types: list[str]) -> None:
    if not isinstance(values, list):
        return
    good = [fitted(value, types) for value in values[:MAX_EXAMPLES]]
    good = [value for value in good if value is not MISSING and value is not None and value != "" and _small(value)]
    if good and "examples" not in kept:
        kept["examples"] = good


def _small(value: Any) -> bool:
    try:
        return len(orjson.dumps(value)) <= MAX_VALUE_BYTES
    except orjson.JSONEncodeError:
        return False
