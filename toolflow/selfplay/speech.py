"""How one speaker says values: always the same way of writing dates and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from toolflow.selfplay.names import label, words
from toolflow.selfplay.phrases import joined
from toolflow.surface import say

_TELLTALES = ("found", "looked", "checked", "came up", "there were", "i got", "i see", "as you asked", "went ahead")
"""What one hears when it is said twice in a row, in lower case."""
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

    def frame(self, frames: Sequence[str], before: str = "") -> str:
        """One of these frames, but none that begins like something told ``before``, where another is left."""
        told = before.lower()
        other = [frame for frame in frames if not any(word in frame.lower() and word in told for word in _TELLTALES)]
        return self.rng.choice(other or list(frames))

    def value(self, value: Any, schema: Mapping[str, Any]) -> str:
        """A value in words; lists are joined, objects told field by field."""
        if isinstance(value, list):
            return joined([self.value(item, schema.get("items") or {}) for item in value])
        if isinstance(value, dict):
            properties = schema.get("properties") or {}
            said = {name: self.value(item, properties.get(name) or {}) for name, item in value.items()}
            return ", ".join(text if _is_plain(name) else f"{label(name)} {text}" for name, text in said.items())
        return say(value, self.today, Random(self.style), schema)
