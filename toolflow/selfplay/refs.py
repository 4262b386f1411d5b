"""Local references of a schema, written out: whoever draws a value from a part of it needs no root."""

import json
from typing import Any

from toolflow.fields import local_ref
from toolflow.schema import Tool

MOST_STEPS = 2_000
"""Subschemas written out for one schema; what comes after, and what refers to itself, allows anything."""


def without_refs(tool: Tool) -> Tool:
    """The same tool, with every local ``$ref`` of its schemas replaced by what it points at."""
    return tool.model_copy(
        update={"parameters": written_out(tool.parameters), "returns": tool.returns and written_out(tool.returns)}
    )


def written_out(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without local references; keywords beside a ``$ref`` go before what it points at."""
    if '"$ref"' not in json.dumps(schema, default=str):
        return schema
    found = _WritingOut(schema).part(schema, frozenset())
    return found if isinstance(found, dict) else {}


class _WritingOut:
    """One schema under way, and the steps it may still take."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.steps = MOST_STEPS

    def part(self, part: Any, inside: frozenset[str]) -> Any:
        """One subschema; ``inside`` are the references it was reached by."""
        self.steps -= 1
        if self.steps < 0:
            return {}
        if isinstance(part, list):
            return [self.part(item, inside) for item in part]
        if not isinstance(part, dict):
            return part
        ref = part.get("$ref")
        if isinstance(ref, str):
            return self._target(ref, inside) | {key: value for key, value in part.items() if key != "$ref"}
        return {key: self.part(value, inside) for key, value in part.items() if key not in ("$defs", "definitions")}

    def _target(self, ref: str, inside: frozenset[str]) -> dict[str, Any]:
        if ref in inside:
            return {}
        try:
            target = self.part(local_ref(self.root, ref), inside | {ref})
        except LookupError:
            return {}
        return target if isinstance(target, dict) else {}
