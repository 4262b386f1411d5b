"""Schemas for constrained decoding: what most endpoints can compile, and nothing to slow them down.

Decoding to a schema needs the shape of an answer, not its documentation; what is left out here is still
checked afterwards, against the tool's own schema.
"""

import math
import re
from typing import Any

MAX_DEPTH = 12
"""Deeper parts of a schema are left open."""
_KEPT = ("enum", "const", "minimum", "maximum", "minItems", "maxItems")
_FORMATS = frozenset({"date", "time", "date-time", "uuid"})
EMAIL = "^[a-z][a-z0-9]{1,20}([.][a-z0-9]{1,20})?@[a-z0-9]{2,20}[.](com|org|net)$"
"""Plain addresses: decoders that know no format ``email`` know patterns."""
_PLAIN_PATTERN = re.compile(r"\^[\w\s\-:/@.,+*?()|\[\]{}\\#]{1,80}\$")
_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})


def decodable(schema: Any, *, complete: bool = False, depth: int = 0) -> dict[str, Any]:
    """A schema that admits at least what the given one does, in the few words that endpoints understand.

    With ``complete``, objects give all their properties, no others, and arrays hold one to three items:
    what a simulated result should look like.
    """
    if not isinstance(schema, dict) or depth > MAX_DEPTH or "$ref" in schema:
        return {}
    plain = {key: schema[key] for key in _KEPT if key in schema}
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            branches = [decodable(part, complete=complete, depth=depth + 1) for part in schema[key]]
            return {"anyOf": branches} if all(branches) else {}
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [name for name in kind if name in _TYPES]
        if len(kinds) != len(kind) or not kinds:
            return plain
        each = [decodable({**schema, "type": name}, complete=complete, depth=depth) for name in kinds]
        return each[0] if len(each) == 1 else {"anyOf": [_only(part) for part in each]}
    if kind not in _TYPES:
        return plain if "enum" in plain or "const" in plain else {}
    plain["type"] = kind
    if kind == "object":
        return _object(plain, schema, complete, depth)
    if kind == "array":
        return _array(plain, schema, complete, depth)
    if kind == "string":
        if schema.get("format") in _FORMATS:
            plain["format"] = schema["format"]
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and _PLAIN_PATTERN.fullmatch(pattern) and "(?" not in pattern:
            plain["pattern"] = pattern
    return plain


def without_examples(schema: Any, *, names: bool = False) -> Any:
    """The schema without its ``examples``; with ``names``, the keys are property names and all stay."""
    if isinstance(schema, list):
        return [without_examples(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_examples(part, names=not names and key in {"properties", "$defs", "definitions"})
        for key, part in schema.items()
        if names or key not in {"examples", "example"}
    }


def is_strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes a schema: closed objects that require all their properties."""
    if isinstance(schema, list):
        return all(is_strict(part) for part in schema)
    if not isinstance(schema, dict):
        return True
    if not schema:
        return False
    if schema.get("type") == "object":
        names = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(names):
            return False
    parts = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    parts += [schema[key] for key in ("items", "anyOf") if key in schema]
    return is_strict(parts)


def _object(plain: dict[str, Any], schema: dict[str, Any], complete: bool, depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return plain
    plain["properties"] = {
        name: decodable(part, complete=complete, depth=depth + 1) for name, part in properties.items()
    }
    required = schema.get("required")
    given = [name for name in required if name in properties] if isinstance(required, list) else []
    plain["required"] = list(properties) if complete else given
    if complete or schema.get("additionalProperties") is False:
        plain["additionalProperties"] = False
    return plain


def _array(plain: dict[str, Any], schema: dict[str, Any], complete: bool, depth: int) -> dict[str, Any]:
    items = decodable(schema.get("items"), complete=complete, depth=depth + 1)
    if items:
        plain["items"] = items
    if complete:
        plain["minItems"] = max(1, _whole(plain.get("minItems"), 1)) if plain.get("maxItems") != 0 else 0
        plain["maxItems"] = max(plain["minItems"], min(3, _whole(plain.get("maxItems"), 3)))
    return plain


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _only(schema: dict[str, Any]) -> dict[str, Any]:
    """A branch for null carries no enum of the others."""
    return {"type": "null"} if schema.get("type") == "null" else schema


def held(schema: Any) -> Any:
    """The schema with whole numbers in place of bounded ones, and plain addresses in place of the format: endpoints
    that decode to a schema hold integers to their bounds, and often no others, and patterns, but not every format."""
    if isinstance(schema, list):
        return [held(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    new = {key: held(value) for key, value in schema.items()}
    if schema.get("type") == "string" and schema.get("format") == "email" and "enum" not in schema:
        new.setdefault("pattern", EMAIL)
    bounds = [schema.get(name) for name in ("minimum", "maximum")]
    if schema.get("type") == "number" and all(isinstance(bound, int | float) for bound in bounds):
        low, high = math.ceil(bounds[0] or 0), math.floor(bounds[1] or 0)
        if low <= high:
            new |= {"type": "integer", "minimum": low, "maximum": high}
    return new
