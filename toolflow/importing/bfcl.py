"""Function documents of the Berkeley Function Calling Leaderboard: ``dict`` for object, a ``response``, dotted names.

A line of its questions is read as well: it lists the functions to choose from under ``function``.
"""

from collections.abc import Iterator
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.listed import drafts, sample
from toolflow.importing.shelf import Shelf


def recognise(content: Any) -> bool:
    """Whether one of the functions calls an object ``dict``, or the document is a question."""
    if isinstance(content, dict) and isinstance(content.get("function"), list) and "question" in content:
        return True
    schemas = [body.get(key) for body in sample(content) for key in ("parameters", "response")]
    return any(isinstance(schema, dict) and schema.get("type") == "dict" for schema in schemas)


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The functions of a document."""
    return drafts(document)
