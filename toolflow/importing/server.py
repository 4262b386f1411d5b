"""Asks a live MCP server for its tools; the answer becomes a document like any other."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import IO, Any

from toolflow.errors import CatalogError
from toolflow.importing.connection import SECONDS, Place, connect, failures, list_tools, load_client, reason
from toolflow.importing.document import Document
from toolflow.importing.text import clean


def ask_server(token: str | None = None) -> Callable[[str], Document]:
    """A function that asks the server at an address; ``token`` is its bearer token over HTTP.

    What it returns raises `CatalogError` when the server does not answer, `ConfigError` when it may not be asked.
    """

    def ask(address: str) -> Document:
        mcp = load_client("asking an MCP server (other than from a file with its answer to tools/list)")
        with tempfile.TemporaryFile() as said:
            try:
                return asyncio.run(_ask(mcp, Place.read(address, token), said))
            except failures(mcp) as error:
                raise CatalogError(reason(error, said)) from None

    return ask


async def _ask(mcp: Any, place: Place, said: IO[bytes]) -> Document:
    async with asyncio.timeout(SECONDS), AsyncExitStack() as stack:
        client = await connect(mcp, place, said, stack)
        tools = await list_tools(client)
        info = client.server_info
        name = clean(info.title or info.name if info else "", 60) or place.name
    return Document(f"MCP server {name}", {"server": name, "tools": tools})
