"""How a live MCP server is reached, with the official client (the extra ``toolflow[mcp]``).

A command is started only because a person named it, with the few environment variables that the client passes on and
those that were named beside it; a token goes into one header of requests to that server and nowhere else.
"""

import importlib
import logging
import os
import shlex
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import IO, Any, Self
from urllib.parse import urlsplit

from pydantic import ValidationError

from toolflow.config import shown_command
from toolflow.errors import CatalogError, ConfigError
from toolflow.importing.text import clean, one_line

STDIO = "stdio:"
SECONDS = 60.0
"""To start or reach a server, and to hear which tools it has."""
MAX_TOOLS = 10_000
MAX_PAGES = 500
MAX_SAID = 10_000
"""Bytes of what a process said last that are looked at."""
CLOSED, TIMED_OUT = -32_000, -32_001
"""Codes of the client's own errors: ``CONNECTION_CLOSED`` and ``REQUEST_TIMEOUT`` of the package ``mcp``."""
_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is: the command that starts it, or its URL."""

    command: tuple[str, ...] = ()
    url: str = ""
    token: str | None = field(default=None, repr=False)
    """The bearer token for requests to the URL."""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Environment variables for the command, beside those that every server gets."""

    @classmethod
    def read(cls, address: str, token: str | None = None) -> Self:
        """``https://…`` or ``stdio:COMMAND``; `ConfigError` when the command cannot be split into words."""
        if address.startswith(STDIO):
            return cls(command=tuple(_words(address)))
        return cls(url=address, token=token)

    @property
    def name(self) -> str:
        """For people and files: without what a URL or a command line may hold in secrets."""
        if self.command:
            return STDIO + " ".join(shown_command(self.command))
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def load_client(purpose: str) -> Any:
    """The package ``mcp``; `ConfigError` when it is not installed says what it is needed for."""
    logging.getLogger("mcp").addHandler(logging.NullHandler())  # it quotes what servers say
    try:
        return importlib.import_module("mcp")
    except ModuleNotFoundError:
        raise ConfigError(f"{purpose} needs the package 'mcp': pip install 'toolflow[mcp]'") from None


def failures(mcp: Any) -> tuple[type[BaseException], ...]:
    """What the client raises when a server cannot be reached, or answers as none would."""
    return OSError, ExceptionGroup, TimeoutError, ValidationError, mcp.MCPError


async def connect(mcp: Any, place: Place, said: IO[bytes], stack: AsyncExitStack) -> Any:
    """A client of the server, open until ``stack`` is left; what a started server says on stderr goes to ``said``."""
    return await stack.enter_async_context(mcp.Client(await _transport(mcp, place, said, stack)))


async def list_tools(client: Any) -> list[dict[str, Any]]:
    """The definitions of all tools of a server; `CatalogError` when there are too many."""
    tools: list[dict[str, Any]] = []
    cursor = None
    for _page in range(MAX_PAGES):
        answer = await client.list_tools(cursor=cursor)
        tools += [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in answer.tools]
        if len(tools) > MAX_TOOLS:
            raise CatalogError(f"offers more than {MAX_TOOLS:,} tools")
        cursor = answer.next_cursor
        if not cursor:
            break
    return tools


async def _transport(mcp: Any, place: Place, said: IO[bytes], stack: AsyncExitStack) -> Any:
    if place.command:
        command, *words = place.command
        parameters = mcp.StdioServerParameters(command=command, args=words, env=dict(place.variables) or None)
        return mcp.stdio_client(parameters, errlog=said)
    parts = urlsplit(place.url)
    if place.token is not None and parts.scheme != "https" and parts.hostname not in _HERE:
        raise ConfigError(f"{place.name}: a token is not sent over plain http; use https")
    http = importlib.import_module("mcp.client.streamable_http")
    headers = {"Authorization": f"Bearer {place.token}"} if place.token is not None else None
    client = await stack.enter_async_context(http.create_mcp_http_client(headers=headers))
    return http.streamable_http_client(place.url, http_client=client)


def _words(address: str) -> list[str]:
    try:
        words = shlex.split(address.removeprefix(STDIO))
    except ValueError as error:
        raise ConfigError(f"{STDIO}…: cannot be split into words: {error}") from None
    if not words:
        raise ConfigError(f"{STDIO}…: names no command, as in stdio:'python server.py'")
    return words


def reason(error: BaseException, said: IO[bytes] | None) -> str:
    """The innermost reason in one line, with the last words of a server that was started."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        why = f"did not answer within {SECONDS:g} seconds"
    elif isinstance(error, FileNotFoundError):
        why = "cannot be started: there is no such command"
    else:
        why = f"does not answer as an MCP server: {one_line(clean(str(error), 300)) or type(error).__name__}"
    return why + last_words(said)


def last_words(said: IO[bytes] | None) -> str:
    """The last line that a started process wrote before it failed, in brackets; '' when it wrote none."""
    if said is None:
        return ""
    said.seek(max(0, said.seek(0, os.SEEK_END) - MAX_SAID))
    lines = said.read(MAX_SAID).decode(errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    return f" (it said: {one_line(clean(last, 200))})" if last else ""
