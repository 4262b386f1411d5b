"""A JSON Schema for the values that an example shows: its shape and types, bounded.

Of a list, the items together say what an item is: properties of all, types of all. Scalars become examples
of their fields where they are short. An example shows what may come, never what must, so nothing is required.
"""

from typing import Any

from toolflow.importing.keywords import type_of

MAX_DEPTH = 8
MAX_ITEMS = 20
"""Items of one list that are looked at."""
MAX_PROPERTIES = 200
MAX_EXAMPLE = 60


def schema_of(value: Any) -> dict[str, Any]:
    """The schema of one example."""
    return _schema([value], 1)


def _schema(values: list[Any], level: int) -> dict[str, Any]:
    """What all these values, found in one place, have in common; at most `MAX_ITEMS` of them count."""
    types = list(dict.fromkeys(type_of(value) for value in values))
    if "integer" in types and "number" in types:
        types.remove("integer")
    known = [type_ for type_ in types if type_ != "null"]
    if not known:
        return {}
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if level < MAX_DEPTH and "object" in known:
        below: dict[str, list[Any]] = {}
        for value in values:
            for name, part in list(value.items())[:MAX_PROPERTIES] if isinstance(value, dict) else ():
                if name in below or len(below) < MAX_PROPERTIES:
                    below.setdefault(name, []).append(part)
        if below:
            schema["properties"] = {name: _schema(parts, level + 1) for name, parts in below.items()}
    if level < MAX_DEPTH and "array" in known:
        items = [item for value in values if isinstance(value, list) for item in value[:MAX_ITEMS]][:MAX_ITEMS]
        if items:
            schema["items"] = _schema(items, level + 1)
    example = next((value for value in values if _tells(value)), None)
    if example is not None:
        schema["examples"] = [example]
    return schema


def _tells(value: Any) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= MAX_EXAMPLE
    return isinstance(value, int | float) and not isinstance(value, bool)
