"""An object of a result in the making: what was drawn, what of it is settled, and how it is changed."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from toolflow.conformance import fits

TODAY = "today"
"""What is around an object → the day on which the talk takes place, as a `date`."""


@dataclass(slots=True)
class Draft:
    """Values under the names of their fields."""

    values: dict[str, Any]
    properties: Mapping[str, Any]
    """Their schemas."""
    fixed: Container[str]
    """Names whose values the call, the history or the object around it has settled."""
    around: Mapping[str, Any]
    """What is known of the call and of the objects this one stands in."""
    rng: Random
    ordered: Mapping[str, Any] = field(default_factory=dict)
    """What the call told to make, where the object is the answer to that: its lists add up to the answer's totals."""

    def put(self, name: str, value: Any) -> bool:
        """Change one value; False, and nothing changes, when it is settled or its schema does not allow that one."""
        if name in self.fixed:
            return bool(self.values.get(name) == value)
        schema = self.properties.get(name)
        if isinstance(value, float) and value.is_integer() and isinstance(schema, dict):
            value = int(value) if schema.get("type") == "integer" else value
        if not fits(schema, value):
            return False
        self.values[name] = value
        return True
