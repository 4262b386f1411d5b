"""The formats that tools come in: for each, how to recognise a document of it and how to read one.

The order counts: the first that recognises a document reads it, the least particular stands last.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from toolflow.errors import ConfigError
from toolflow.importing import (
    anthropic,
    bfcl,
    botocore,
    discovery,
    mcp,
    openai,
    openapi,
    python_module,
    swagger,
    toolbench,
)
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Format:
    """One format."""

    recognise: Callable[[Any], bool]
    """Whether a document's content is of it."""
    read: Callable[[Document, Shelf], Iterator[Draft | Dropped]]
    """The tools of a document; `CatalogError` when it is damaged as a whole."""


FORMATS: dict[str, Format] = {
    "python": Format(python_module.recognise, python_module.read),
    "openapi": Format(openapi.recognise, openapi.read),
    "swagger": Format(swagger.recognise, swagger.read),
    "discovery": Format(discovery.recognise, discovery.read),
    "botocore": Format(botocore.recognise, botocore.read),
    "toolbench": Format(toolbench.recognise, toolbench.read),
    "bfcl": Format(bfcl.recognise, bfcl.read),
    "mcp": Format(mcp.recognise, mcp.read),
    "anthropic": Format(anthropic.recognise, anthropic.read),
    "openai": Format(openai.recognise, openai.read),
}
"""By the name that ``--format`` takes."""


def format_named(name: str) -> Format:
    """A format by its name; `ConfigError` lists them."""
    if name not in FORMATS:
        raise ConfigError(f"--format {name}: no such format; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def recognised(content: Any) -> str | None:
    """The name of the format of a document, or None."""
    return next((name for name, format_ in FORMATS.items() if format_.recognise(content)), None)
