"""OpenAI's tools, of the chat and of the responses flavour; ToolFlow's own catalogs are of this format too."""

from collections.abc import Iterator
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.listed import drafts, sample
from toolflow.importing.shelf import Shelf


def recognise(content: Any) -> bool:
    """Whether a document lists functions with parameters, or at least with a name and a description."""
    return bool(sample(content))


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The functions of a document."""
    return drafts(document)
