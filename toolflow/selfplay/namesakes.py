"""One name, one thing: who is called Mateus Rocha in two results has one identifier in both.

Ours: schemas give few names, so that results would hand them out to ever new identifiers. A thing that a result
mentions takes the identifier that its name has; a listed one takes a name that is still free, or, where none is left,
is the one that was spoken of before, if that belongs in the list.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_ENDINGS = ("name", "title", "headline")


class Names:
    """The names of things by what identifies these."""

    def __init__(self) -> None:
        self._named: dict[tuple[str, str], str | int] = {}

    def hear(self, fields: Mapping[str, Any]) -> None:
        """Take in an object: every name in it with the identifier of what bears it."""
        for name, key in named_by(fields):
            if isinstance(fields[name], str) and isinstance(fields[key], str | int):
                self._named.setdefault((key, fields[name]), fields[key])

    def bearer(self, key: str, name: Any) -> str | int | None:
        """The identifier of what bears a name; None where nothing does."""
        return self._named.get((key, name)) if isinstance(name, str) else None


def named_by(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The names among fields, each with the identifier of the same thing: ``artist_name`` and ``artist_id``."""
    for key in fields:
        if key.endswith("_id"):
            for ending in _ENDINGS:
                if (name := key[:-2] + ending) in fields:
                    yield name, key
