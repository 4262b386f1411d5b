"""Whose a field is where an object names several things: what goes with the ``deal_id`` of a lead that was converted.

A field belongs to the thing that it is named after (``deal_name``), or that its description says it is of
("Expected value of the deal", "Identifier of the customer of the deal"); what belongs to none of the others is the
object's own.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from toolflow.selfplay.names import entity, is_identifier
from toolflow.selfplay.values import plain

_READ = 120
"""Letters of a description that are looked at."""
_ENDS_NOUN = r"(?=$|[.,;(]| (?:in|on|at|of|from|to|for|with|by|that|who|which|as|after|before|and)\b)"


def belonging(identifier: str, fields: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Of the fields of an object, those that say something of the thing an identifier in it names.

    ``properties`` are the schemas of the object's fields, as far as they are known.
    """
    stem = identifier.removesuffix("id")
    return {
        name: value
        for name, value in fields.items()
        if name != identifier
        and (_is_of(identifier, properties.get(name)) or (name.startswith(stem) and not is_identifier(name)))
    }


def _is_of(identifier: str, schema: Any) -> bool:
    """Whether a field's description says that it is of the thing an identifier names."""
    description = schema.get("description") if isinstance(schema, dict) else None
    return isinstance(description, str) and bool(_of(identifier).search(description[:_READ]))


@lru_cache(maxsize=2048)
def _of(identifier: str) -> re.Pattern[str]:
    return re.compile(rf"\bof (?:the|an?|this)(?: new)? {re.escape(entity(identifier))}{_ENDS_NOUN}", re.IGNORECASE)


def described(value: Any, schema: Any) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Every object in a result, the outer ones last, with the schemas of its fields."""
    schema = plain(schema)
    if isinstance(value, dict):
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        for name, below in value.items():
            yield from described(below, properties.get(name))
        yield value, properties
    elif isinstance(value, list):
        for item in value:
            yield from described(item, schema.get("items"))
