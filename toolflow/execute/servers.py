"""MCP servers as tools: one connection, and of a command one process, for the whole run.

A server that died is started again for the next call; the call that it died of is made once more where its tool has
no side effects. Whether a tool has any is what its server says (``readOnlyHint``), and what the config allows beside.
The client reads an answer whole before its size is known: a server is trusted as far as that.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import IO, Any

from toolflow.errors import ConfigError, DialogueError, RunError, ToolUnavailable
from toolflow.execute.results import content_of, error_of, read_result
from toolflow.importing.connection import (
    CLOSED,
    SECONDS,
    TIMED_OUT,
    Place,
    connect,
    failures,
    list_tools,
    load_client,
    reason,
)
from toolflow.importing.text import clean, one_line

GRACE = 5.0
"""Seconds beyond the time limit of a call for the client to notice that it is over, and to say so to the server."""
PING = 3.0
"""Seconds in which a server that did not answer a call must answer whether it is there."""
CLOSING = 15.0
"""Seconds for a server to end; the client asks, then terminates, then kills."""


class LiveServer:
    """One server."""

    def __init__(self, place: Place, timeout: float, max_bytes: int, censored: Callable[[str], str]) -> None:
        self.place = place
        self.timeout, self.max_bytes = timeout, max_bytes
        self.read_only: dict[str, bool] = {}
        """Its tools, and whether it says of each that it has no side effects."""
        self._censored = censored
        self._mcp = load_client("calling an MCP server")
        self._error: type[Exception] = self._mcp.MCPError
        self._failures: tuple[type[BaseException], ...] = (*failures(self._mcp), RunError)
        self._said: IO[bytes] | None = None
        """What a started server says on stderr."""
        self._lock = asyncio.Lock()
        self._client: Any = None
        self._closing = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """For people, without secrets."""
        return self.place.name

    async def start(self) -> None:
        """Connect, and hear which tools there are; `ConfigError` when the server does not answer."""
        try:
            client = await self._connected()
            async with asyncio.timeout(SECONDS):
                tools = await list_tools(client)
        except ConfigError as error:
            raise ConfigError(f"execute.mcp: {self.name}: {error}") from None
        except failures(self._mcp) as error:
            raise ConfigError(f"execute.mcp: {self.name}: {self._reason(error)}") from None
        for tool in tools:
            annotations = tool.get("annotations") or {}
            self.read_only[tool["name"]] = annotations.get("readOnlyHint") is True

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """What the tool returns, or the error it reports; `DialogueError` when it gives no result."""
        for may_repeat in (self.read_only[tool], False):
            client = await self._again()
            try:
                async with asyncio.timeout(self.timeout + GRACE):
                    answer = await client.session.call_tool(
                        tool, dict(arguments), read_timeout_seconds=self.timeout, allow_input_required=True
                    )
            except (TimeoutError, self._error) as error:
                code = getattr(error, "code", TIMED_OUT)
                lost = await self._lost(client)
                if lost and code == CLOSED and may_repeat:
                    continue
                if code == TIMED_OUT:
                    raise DialogueError(f"did not answer within {self.timeout:g} seconds") from None
                if lost:
                    raise DialogueError("its server ended during the call") from None
                return error_of("tool_error", self._censored(str(getattr(error, "message", error))))
            except RuntimeError as error:  # the client's: what came does not fit what the server says of the tool
                raise DialogueError(self._censored(one_line(clean(str(error), 300)))) from None
            except failures(self._mcp) as error:
                await self._close()
                raise DialogueError(self._reason(error)) from None
            return self._result(answer)
        raise DialogueError("its server ended during the call, twice")

    def _result(self, answer: Any) -> Any:
        if not hasattr(answer, "content"):
            raise DialogueError("asks for more input, which nobody can give")
        text = self._censored(content_of(answer))
        if not answer.is_error:
            return read_result(text, self.max_bytes)
        said = read_result(text, self.max_bytes)
        reported = isinstance(said, dict) and "error" in said
        return said if reported else error_of("tool_error", said if isinstance(said, str) else text)

    async def _again(self) -> Any:
        """The connection, made anew when it was lost; `ToolUnavailable` when it cannot be."""
        try:
            return await self._connected()
        except self._failures as error:
            raise ToolUnavailable(f"{self.name}: was lost, and {self._reason(error)}") from None

    async def _connected(self) -> Any:
        async with self._lock:
            if self._client is None:
                opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                self._closing = asyncio.Event()
                self._keeper = asyncio.create_task(self._keep(opened, self._closing))
                self._client = await opened
            return self._client

    async def _keep(self, opened: asyncio.Future[Any], closing: asyncio.Event) -> None:
        """Hold the connection open: the client wants to be opened and closed by one and the same task."""
        self._said = self._said or tempfile.TemporaryFile()  # noqa: SIM115
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(SECONDS):
                    client = await connect(self._mcp, self.place, self._said, stack)
                if not opened.cancelled():
                    opened.set_result(client)
                    await closing.wait()
        except self._failures as error:
            if not opened.done():
                opened.set_exception(error)

    async def _lost(self, client: Any) -> bool:
        """Whether the server is gone, or hangs; then the connection is closed."""
        try:
            async with asyncio.timeout(PING):
                await client.session.send_ping()
        except self._error as error:
            if getattr(error, "code", None) not in (CLOSED, TIMED_OUT):
                return False  # it does not know what a ping is, but answers
        except failures(self._mcp):
            pass
        else:
            return False
        if client is self._client:
            await self._close()
        return True

    async def _close(self) -> None:
        keeper, opened = self._keeper, self._client is not None
        self._keeper = self._client = None
        self._closing.set()
        if keeper is not None:
            await asyncio.wait([keeper], timeout=CLOSING if opened else 0)
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper

    async def aclose(self) -> None:
        """End the connection, and the server where a command started it."""
        await self._close()
        if self._said is not None:
            self._said.close()

    def _reason(self, error: BaseException) -> str:
        return self._censored(str(error) if isinstance(error, RunError) else reason(error, self._said))
