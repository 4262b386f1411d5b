"""An endpoint that keeps books: what it was asked, what it would bill, and what came through; with bad days.

It is `tests.endpoint.Endpoint` with what only a whole run meets: limits on requests in flight and per second, a
key that expires, outages, a proxy's own errors (``502``, ``504``), and answers that come to grief on their way:
torn off in the middle (``reset``), a byte now and then without end (``loris``), late but whole (``trickle``). A
question is known by the hash of its body, so that one that was answered and is asked again shows.
"""

import asyncio
import hashlib
import json
import math
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, Self

from aiohttp import web

from tests.endpoint import Endpoint, Faults, never, role_of
from toolflow.schema import Tool

DRIP = 0.02
"""Seconds between the bytes of an answer that trickles."""


def bursts(names: Sequence[str], *, every: int, length: int) -> Faults:
    """Of each ``every`` requests, whoever sends them, the last ``length`` fail, with these names in turn."""
    asked = 0

    def fault(role: str, number: int) -> str | None:
        nonlocal asked
        asked += 1
        return names[asked % len(names)] if asked % every >= every - length else None

    return fault


def during(seconds: float, faults: Faults, *, least: int = 0, clock: Callable[[], float] = time.monotonic) -> Faults:
    """These faults for so long, from the first request on, and for so many requests at least; none later."""
    asked, began = 0, 0.0

    def fault(role: str, number: int) -> str | None:
        nonlocal asked, began
        asked, began = asked + 1, began or clock()
        return faults(role, number) if asked <= least or clock() - began < seconds else None

    return fault


def after(requests: int, faults: Faults) -> Faults:
    """No faults for so many requests, then these."""
    asked = 0

    def fault(role: str, number: int) -> str | None:
        nonlocal asked
        asked += 1
        return faults(role, number) if asked > requests else None

    return fault


@dataclass(slots=True)
class Entry:
    """One request in the book."""

    role: str
    question: str
    """Hash of the body."""
    end: Literal["open", "answered", "refused", "lost"] = "open"
    """Lost: an answer was made, and billed, and did not come through."""
    fault: str | None = None
    prompt: int = 0
    completion: int = 0


_ENTRY: ContextVar[Entry] = ContextVar("entry")
"""Of the request that is being handled."""


class Till(Endpoint):
    """The server; see the module."""

    def __init__(
        self,
        faults: Faults = never,
        *,
        tools: Sequence[Tool] = (),
        refuses: Sequence[str] = (),
        latency: float = 0.0,
        port: int = 0,
        most_in_flight: float = math.inf,
        most_per_second: float = math.inf,
        patience: float = 0.05,
        key_life: Mapping[str, int] | None = None,
        outages: Mapping[int, float] | None = None,
    ) -> None:
        """``key_life`` says how many requests a key is good for, ``outages`` for how many seconds nobody listens
        from that request on (infinity: for good), ``patience`` how many seconds a 429 or 503 asks to wait."""
        super().__init__(faults, tools=tools, refuses=refuses, latency=latency, port=port)
        self.book: list[Entry] = []
        self.in_flight = 0
        self._limits = (most_in_flight, most_per_second)
        self._patience = patience
        self._key_life = dict(key_life or {})
        self._outages = dict(outages or {})
        self._lately: deque[float] = deque()
        self._reopening: asyncio.Task[None] | None = None

    def count(self, end: str) -> int:
        """Requests that came to this end."""
        return sum(entry.end == end for entry in self.book)

    @property
    def answered(self) -> Counter[str]:
        """Questions that were answered, how often."""
        return Counter(entry.question for entry in self.book if entry.end == "answered")

    def bill(self, *ends: str, input: float, output: float) -> float:
        """What the answers that came to these ends cost, at these prices for a million tokens."""
        billed = [entry for entry in self.book if entry.end in ends]
        return sum(entry.prompt * input + entry.completion * output for entry in billed) / 1e6

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return await super().__aenter__()

    async def __aexit__(self, *error: object) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            await asyncio.gather(self._reopening, return_exceptions=True)
        await super().__aexit__(*error)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ConnectionError:  # whoever asked was killed in the middle of the question
            return web.Response()
        question = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]
        entry = Entry(role_of(body), question)
        self.book.append(entry)
        _ENTRY.set(entry)
        self.in_flight += 1
        try:
            if len(self.book) in self._outages:
                await self._go_down(self._outages[len(self.book)])
            response = self._limited(request) or await super()._complete(request)
            return await self._hand_over(request, response, entry)
        finally:
            self.in_flight -= 1

    def _fault(self, role: str) -> str | None:
        fault = _ENTRY.get().fault = super()._fault(role)
        return fault

    def _limited(self, request: web.Request) -> web.Response | None:
        """A refusal by key or by limits."""
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key in self._key_life:
            self._key_life[key] -= 1
            if self._key_life[key] < 0:
                return _refusal(401, "Your API key has expired")
        now = time.monotonic()
        while self._lately and self._lately[0] <= now - 1:
            self._lately.popleft()
        at_once, a_second = self._limits
        if self.in_flight > at_once or len(self._lately) >= a_second:
            return _refusal(429, "Rate limit reached", self._patience)
        self._lately.append(now)
        return None

    async def _misbehave(self, fault: str, request: web.Request) -> web.StreamResponse:
        if fault in ("429", "503"):
            return _refusal(int(fault), f"scripted {fault}", self._patience)
        return await super()._misbehave(fault, request)

    async def _hand_over(self, request: web.Request, response: web.StreamResponse, entry: Entry) -> web.StreamResponse:
        """Send it, and write down whether it came through."""
        if entry.fault in ("502", "504"):
            response = _refusal(int(entry.fault), f"scripted {entry.fault}")
        if not isinstance(response, web.Response) or response.status != 200 or not response.body:
            entry.end = "refused" if response.status != 200 else "lost"
            return response
        assert isinstance(response.body, bytes)
        body = response.body
        usage = json.loads(body).get("usage", {})
        entry.prompt, entry.completion = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        entry.end = "lost"
        length = 10**9 if entry.fault == "loris" else len(body)
        sent = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(length)})
        try:
            await sent.prepare(request)
            await self._send(request, sent, body, entry.fault)
        except ConnectionError:
            return sent
        if request.transport is not None and not request.transport.is_closing():
            entry.end = "answered"
        return sent

    async def _send(self, request: web.Request, sent: web.StreamResponse, body: bytes, fault: str | None) -> None:
        if fault == "reset":
            await sent.write(body[: len(body) // 2])
            _tear(request.transport)
            raise ConnectionResetError
        if fault == "loris":
            while not self._stall.is_set():
                await sent.write(b" ")
                await asyncio.sleep(DRIP)
            raise ConnectionResetError
        if fault == "trickle":
            for at in range(0, len(body) - 1, 1 + len(body) // 8):
                await sent.write(body[at : at + 1 + len(body) // 8])
                await asyncio.sleep(DRIP)
        else:
            await sent.write(body)
        await sent.write_eof()

    async def _go_down(self, seconds: float) -> None:
        """Listen no more and tear every connection, this one too; up again after a while."""
        for site in list(self._runner.sites):
            await site.stop()
        for connection in self._runner.server.connections if self._runner.server else ():
            _tear(connection.transport)
        if seconds < math.inf:
            self._reopening = asyncio.create_task(self._come_back(seconds))

    def back(self) -> None:
        """Listen again, after an outage for good; called from another thread."""
        asyncio.run_coroutine_threadsafe(self._come_back(0), self._loop).result()

    async def _come_back(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()


def _tear(transport: Any) -> None:
    """Close with a reset, not with a good-bye."""
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _refusal(status: int, message: str, patience: float | None = None) -> web.Response:
    headers = {}
    if patience is not None:
        headers = {
            "retry-after-ms": f"{patience * 1000:g}",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": f"{patience * 1000:g}ms",
        }
    error = {"message": message, "type": "error", "param": None, "code": None}
    return web.json_response({"error": error}, status=status, headers=headers)
