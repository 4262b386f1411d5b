"""Tools of MCP servers: the answer to ``tools/list``, from a file or from a server asked just now."""

from collections.abc import Iterator
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.listed import drafts, sample
from toolflow.importing.names import short_title
from toolflow.importing.shelf import Shelf


def recognise(content: Any) -> bool:
    """Whether one of the tools has an ``inputSchema``, or a list of arguments as in registries of servers."""
    if isinstance(content, dict) and "server" in content and isinstance(content.get("tools"), list):
        return True
    return any("inputSchema" in body or isinstance(body.get("arguments"), list) for body in sample(content))


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The tools of a server."""
    content = document.content
    server = content.get("server") if isinstance(content, dict) else None
    if isinstance(server, str) and content.get("tools") == []:
        return iter(())
    api = short_title(server if isinstance(server, str) else document.name.split(".")[0])
    return drafts(document, api)
