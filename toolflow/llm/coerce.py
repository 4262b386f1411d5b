"""Values of the right kind in the wrong JSON type, put right where only one reading is possible.

Models write ``"2"`` for 2, ``"true"`` for true, "4 May 2026" for a date, or one string where a list of strings is
wanted. What has two readings is left as it is, for the checks to refuse.
"""

import json
import re
from typing import Any

from toolflow.surface import read_date_in

LONGEST_DAY = 30
"""Characters of a day and no more than a day: "Wednesday, 23 September 2026"."""

_INTEGER = re.compile(r"[+-]?\d{1,15}")
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")


def coerced(value: Any, schema: Any) -> Any:
    """The value as the schema's type wants it, or unchanged."""
    if not isinstance(schema, dict):
        return value
    match schema.get("type"), value:
        case "integer", str() if _INTEGER.fullmatch(value.strip()):
            return int(value)
        case "integer", float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
        case "number", str() if _NUMBER.fullmatch(value.strip()):
            return float(value) if "." in value else int(value)
        case "boolean", str() if value.strip().lower() in {"true", "false"}:
            return value.strip().lower() == "true"
        case "string", int() | float() if not isinstance(value, bool):
            return json.dumps(value)
        case "string", str() if isinstance(schema.get("enum"), list):
            return _choice(value, schema["enum"])
        case "string", str() if schema.get("format") == "date" and len(value) <= LONGEST_DAY:
            day = read_date_in(value)
            return value if day is None else day.isoformat()
        case "array", str() | int() | float() | bool():
            return [coerced(_opened(value), schema.get("items"))] if _is_scalar(schema.get("items")) else value
        case "array", list():
            return [coerced(item, schema.get("items")) for item in value]
        case "object", dict():
            return coerced_arguments(value, schema)
    return value


def coerced_arguments(arguments: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Every property of an object as its schema wants it."""
    properties = schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    return {name: coerced(value, known.get(name)) for name, value in arguments.items()}


def _choice(value: str, choices: list[Any]) -> str:
    """The one choice that is meant: letter case and separators do not matter."""
    if value in choices:
        return value
    meant = [choice for choice in choices if isinstance(choice, str) and _bare(choice) == _bare(value)]
    return meant[0] if len(meant) == 1 else value


def _bare(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.strip().casefold())


def _opened(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _is_scalar(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") in {"string", "integer", "number", "boolean"}
