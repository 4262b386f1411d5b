"""What a tool lacks: descriptions that say nothing, and a result whose fields nobody named.

A path names it as the mark of its completion will: ``description``, ``parameters.city.description``, ``returns``.
Ours: a description that only repeats the name is none; fields of a result are not described one by one.
"""

from collections.abc import Iterator
from typing import Any

from toolflow.path import join

DESCRIPTION = "description"
PARAMETERS = "parameters"
RETURNS = "returns"
_SHAPELESS = {"type", "description", "title"}


def lacking(name: str, body: dict[str, Any]) -> list[str]:
    """The paths of what the tool of this name lacks, in the order in which a reader meets them."""
    found = [DESCRIPTION] if says_nothing(body.get("description", ""), name) else []
    found += [
        path for path, own, schema in described(body["parameters"]) if says_nothing(schema.get("description", ""), own)
    ]
    return [*found, RETURNS] if _is_shapeless(body.get("returns")) else found


def described(schema: dict[str, Any], place: str = PARAMETERS) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each named part of a schema: the path of its description, its name, and itself."""
    properties = schema.get("properties")
    for name, below in properties.items() if isinstance(properties, dict) else ():
        if isinstance(below, dict):
            here = join(place, name)
            yield f"{here}.description", name, below
            yield from described(below, here)
    if isinstance(schema.get("items"), dict):
        yield from described(schema["items"], f"{place}[]")


def says_nothing(text: str, name: str) -> bool:
    """Whether a description is empty, or the name over again."""
    return not text or _letters(text) == _letters(name)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _is_shapeless(returns: Any) -> bool:
    return returns is None or (returns.get("type", "object") == "object" and set(returns) <= _SHAPELESS)
