"""Anthropic's tools: the parameters stand under ``input_schema``."""

from collections.abc import Iterator
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.listed import drafts, sample
from toolflow.importing.shelf import Shelf


def recognise(content: Any) -> bool:
    """Whether one of the tools has an ``input_schema``."""
    return any("input_schema" in body for body in sample(content))


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The tools of a document."""
    return drafts(document)
