"""Asks a live MCP server for its tools, with the official client (the extra ``toolflow[mcp]``).

The answer becomes a document like any other. A command is started only because a person wrote it on the
command line, with the few environment variables that the client passes on; a token goes into one header of
requests to that server and nowhere else.
"""

import asyncio
import importlib
import shlex
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from toolflow.errors import CatalogError, ConfigError
from toolflow.importing.document import Document
from toolflow.importing.text import clean, one_line

STDIO = "stdio:"
SECONDS = 60.0
"""For everything that is asked of one server."""
MAX_TOOLS = 10_000
MAX_PAGES = 500
_HERE = {"localhost", "127.0.0.1", "::1"}


def server_name(address: str) -> str:
    """An address for people and files: without what a URL or a command line may hold in secrets."""
    if address.startswith(STDIO):
        words = _words(address)
        shown = [Path(words[0]).name] + [
            Path(word).name for word in words[1:2] if not word.startswith("-") and "=" not in word
        ]
        return STDIO + " ".join(shown)
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def ask_server(token: str | None = None) -> Callable[[str], Document]:
    """A function that asks the server at an address; ``token`` is its bearer token over HTTP.

    What it returns raises `CatalogError` when the server does not answer, `ConfigError` when it may not be asked.
    """

    def ask(address: str) -> Document:
        try:
            mcp: Any = importlib.import_module("mcp")
        except ModuleNotFoundError:
            raise ConfigError(
                "asking an MCP server needs the package 'mcp': pip install 'toolflow[mcp]', or import the server's "
                "answer to tools/list from a file"
            ) from None
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            try:
                return asyncio.run(_ask(mcp, address, token, said))
            except (OSError, ExceptionGroup, TimeoutError, ValidationError, mcp.MCPError) as error:
                raise CatalogError(f"{_reason(error)}{_last_words(said)}") from None

    return ask


async def _ask(mcp: Any, address: str, token: str | None, said: IO[str]) -> Document:
    async with asyncio.timeout(SECONDS), AsyncExitStack() as stack:
        client = await stack.enter_async_context(mcp.Client(await _transport(mcp, address, token, said, stack)))
        tools: list[Any] = []
        cursor = None
        for _page in range(MAX_PAGES):
            answer = await client.list_tools(cursor=cursor)
            tools += [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in answer.tools]
            if len(tools) > MAX_TOOLS:
                raise CatalogError(f"offers more than {MAX_TOOLS:,} tools")
            cursor = answer.next_cursor
            if not cursor:
                break
        info = client.server_info
        name = clean(info.title or info.name if info else "", 60) or server_name(address)
    return Document(f"MCP server {name}", {"server": name, "tools": tools})


async def _transport(mcp: Any, address: str, token: str | None, said: IO[str], stack: AsyncExitStack) -> Any:
    if address.startswith(STDIO):
        words = _words(address)
        return mcp.stdio_client(mcp.StdioServerParameters(command=words[0], args=words[1:]), errlog=said)
    parts = urlsplit(address)
    if token is not None and parts.scheme != "https" and parts.hostname not in _HERE:
        raise ConfigError(f"{server_name(address)}: a token is not sent over plain http; use https")
    http = importlib.import_module("mcp.client.streamable_http")
    headers = {"Authorization": f"Bearer {token}"} if token is not None else None
    client = await stack.enter_async_context(http.create_mcp_http_client(headers=headers))
    return http.streamable_http_client(address, http_client=client)


def _words(address: str) -> list[str]:
    try:
        words = shlex.split(address.removeprefix(STDIO))
    except ValueError as error:
        raise ConfigError(f"{STDIO}…: cannot be split into words: {error}") from None
    if not words:
        raise ConfigError(f"{STDIO}…: names no command, as in stdio:'python server.py'")
    return words


def _reason(error: BaseException) -> str:
    """The innermost reason in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return f"did not answer within {SECONDS:g} seconds"
    if isinstance(error, FileNotFoundError):
        return "cannot be started: there is no such command"
    return f"does not answer as an MCP server: {one_line(clean(str(error), 300)) or type(error).__name__}"


def _last_words(said: IO[str]) -> str:
    """The last line that a started server wrote before it failed."""
    said.seek(0)
    lines = said.read(100_000).split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    return f" (it said: {one_line(clean(last, 200))})" if last else ""
