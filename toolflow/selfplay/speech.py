"""How one speaker says values: always the same way of writing dates and times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from toolflow.selfplay.names import label, words
from toolflow.selfplay.phrases import joined
from toolflow.surface import say

LONG = 60
"""A text of more letters gets a sentence of its own."""


_PLAIN = frozenset("name address email phone city country code street title".split())
"""Last words of fields whose value says itself what it is."""


def _is_plain(name: str) -> bool:
    parts = words(name)
    return parts[-1] in _PLAIN or parts == ["phone", "number"] or parts[-1] == "id"


@dataclass(frozen=True, slots=True)
class Speech:
    """How one speaker says values: from one random source, at one date."""

    rng: Random
    today: date
    style: int
    """Keeps one speaker to one way of writing dates and times."""

    def value(self, value: Any, schema: Mapping[str, Any]) -> str:
        """A value in words; lists are joined, objects told field by field."""
        if isinstance(value, list):
            return joined([self.value(item, schema.get("items") or {}) for item in value])
        if isinstance(value, dict):
            properties = schema.get("properties") or {}
            said = {name: self.value(item, properties.get(name) or {}) for name, item in value.items()}
            return ", ".join(text if _is_plain(name) else f"{label(name)} {text}" for name, text in said.items())
        return say(value, self.today, Random(self.style), schema)
