"""What a reader of a format finds: a tool as its document says it, or why something there is none."""

from dataclasses import dataclass, field
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.settle import View


def as_it_is(schema: Any) -> Any:
    """The view of a dialect that is JSON Schema already."""
    return schema


@dataclass(frozen=True, slots=True)
class Draft:
    """A tool before it is checked; its schemas may refer to anything in its document."""

    name: str
    """As the document has it, or made of what it has."""
    place: str
    """Where it stands, for people: ``petstore.yaml GET /pets``."""
    document: Document
    """In which references are to be read."""
    description: Any = ""
    parameters: Any = None
    """JSON Schema of the arguments object, in the dialect of ``view``; None when there are none."""
    returns: Any = None
    view: View = as_it_is
    api: str | None = None
    """The API or server that it is part of, as a name; tells two tools of one name apart."""
    prefixed: bool = False
    """Its name says too little without that of the API."""
    source: str | None = None
    """What its document says of its source, where it does."""
    category: str | None = None
    completed: tuple[str, ...] = ()
    """What an LLM wrote of it before, as paths."""
    repairs: tuple[tuple[str, str], ...] = field(default=())
    """Kinds of what the reader mended already, and what it did."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that should be a tool and cannot be one."""

    place: str
    name: str | None
    reason: str
    """A few words, the same for all of its kind."""
    problem: str
    """What is wrong, in one line."""
