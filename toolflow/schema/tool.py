"""Tools, and the fields of tools."""

from dataclasses import dataclass
from typing import Any, Literal

from toolflow.schema.base import Noun


class Tool(Noun):
    """One callable tool, as a checked catalog holds it."""

    name: str
    """Unique in its catalog, ``^[a-zA-Z0-9_-]{1,64}$``."""
    description: str
    """What it does, in one or more sentences; may be empty."""
    parameters: dict[str, Any]
    """JSON Schema of the arguments object; always ``{"type": "object", "properties": …}``."""
    returns: dict[str, Any] | None = None
    """JSON Schema of the result, or None when unknown."""
    source: str | None = None
    """Where it came from, for people: a file and line, or what its file said."""
    category: str | None = None
    """A domain such as ``flights``."""
    completed: tuple[str, ...] = ()
    """What an LLM wrote of it, as paths: ``description``, ``returns``, ``parameters.city.description``."""

    @property
    def required(self) -> list[str]:
        """Names of the arguments that every call must give."""
        return list(self.parameters.get("required") or ())

    @property
    def properties(self) -> dict[str, Any]:
        """The schema of each top-level argument, by name."""
        return self.parameters.get("properties") or {}

    def function(self) -> dict[str, Any]:
        """The tool in OpenAI's format, with ``returns`` beside ``parameters`` where it is known."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        if self.returns is not None:
            function["returns"] = self.returns
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or one return value of a tool; nested object fields count, with a path."""

    role: Literal["parameter", "return"]
    path: str
    """Dotted, ``[]`` for the items of an array: ``flights[].price.amount``."""
    name: str
    """The last name of the path: ``amount``."""
    description: str
    type: str | None
    """JSON type of the value (``array`` fields of scalars keep ``array``), None when unknown."""
    format: str | None = None
    required: bool = False
    items: str | None = None
    """JSON type of the items of an ``array``, None when unknown."""

    @property
    def text(self) -> str:
        """What is embedded, as in the paper (§3.1): ``{Name}: {Description}``."""
        return f"{self.name}: {self.description}"
