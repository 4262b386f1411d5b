"""An OpenAI-compatible endpoint on loopback that answers like a model and misbehaves on request.

    async with Endpoint(faults=at({("planner", 1): "429"})) as endpoint: …  endpoint.url …
    python -m tests.endpoint [--port 8908] [--latency 0.1] [--odds 429=0.2,drop=0.1] [--seed 7]

It keeps every request it was sent, by role, so that tests can say who was shown what. Its model is
`tests.brain`; `Faults` says what goes wrong with which request.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Self

from aiohttp import web

from tests.brain import Brain, role_of
from toolflow.schema import Tool

Faults = Callable[[str, int], str | None]
"""What goes wrong with the n-th request (from 1) of a role, if anything."""

STATUS = {
    "429": (429, "scripted 429"),
    "500": (500, "scripted 500"),
    "503": (503, "scripted 503"),
    "403": (403, "this key may not use this model"),
    "404": (404, "no such page"),
    "no_model": (400, "The model `m` does not exist"),
    "quota": (429, "You exceeded your current quota"),
    "too_long": (400, "This model's maximum context length is 8192 tokens"),
    "bad_schema": (400, "Invalid schema for response_format: cannot compile"),
}
"""Refusals: status and message."""
WIRE = (*STATUS, "drop", "cut", "not_json", "no_choices", "slow")
"""Faults below the answer: status codes, connections, bodies."""
WORDS = (
    "broken",
    "prose",
    "empty",
    "length",
    "refusal",
    "filter",
    "unknown_tool",
    "no_arguments",
    "made_up",
    "text_call",
)
"""Faults of the answer itself."""


def never(role: str, number: int) -> None:
    """No faults."""


def at(faults: Mapping[tuple[str, int], str]) -> Faults:
    """Faults at named places: ``{("planner", 1): "429"}``; role ``*`` counts nothing and means every request."""
    return lambda role, number: faults.get((role, number)) or faults.get((role, 0)) or faults.get(("*", 0))


def odds(chances: Mapping[str, float], seed: int = 0) -> Faults:
    """Faults by chance, the same for the same seed, role and number."""

    def fault(role: str, number: int) -> str | None:
        drawn = Random(f"{seed}:{role}:{number}").random()
        for name, chance in chances.items():
            drawn -= chance
            if drawn < 0:
                return name
        return None

    return fault


class Endpoint:
    """The server; ``refuses`` names request parameters that it does not support, and perhaps its words (status, body).

    ``message`` makes what it is about to answer something else; so does an ``actor``, who knows the question too.
    """

    def __init__(
        self,
        faults: Faults = never,
        *,
        tools: Sequence[Tool] = (),
        refuses: Sequence[str] | Mapping[str, tuple[int, Any]] = (),
        message: Callable[[dict[str, Any]], dict[str, Any]] = dict,
        actor: Callable[[dict[str, Any], dict[str, Any], Brain], dict[str, Any]] | None = None,
        echo: bool = False,
        key: str | None = None,
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        self.faults, self.refuses, self.key, self.latency = faults, refuses, key, latency
        self.message = message
        self.actor = actor
        self.echo = echo
        """Whether errors repeat the Authorization header, as some proxies do."""
        self.brain = Brain(tools)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        """(role, body) of every request, refused ones too."""
        self.headers: list[Mapping[str, str]] = []
        self.counts: Counter[str] = Counter()
        """Requests by role."""
        self.met: Counter[str] = Counter()
        """Faults by name."""
        self._port = port
        self._stall = asyncio.Event()
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stall.set()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    def shown(self, role: str) -> list[str]:
        """Every request of a role, as text."""
        return [json.dumps(body, ensure_ascii=False) for asked, body in self.requests if asked == role]

    def _fault(self, role: str) -> str | None:
        """What goes wrong with the request that just came; a fault that is not known here changes nothing here."""
        return self.faults(role, self.counts[role])

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.headers.append(dict(request.headers))
        role = role_of(body)
        self.requests.append((role, body))
        self.counts[role] += 1
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")
        refused = self._refused(body)
        if refused is not None and isinstance(self.refuses, Mapping):
            status, said = self.refuses[refused]
            return web.json_response(said, status=status)
        if refused is not None:
            return _error(400, f"Unsupported parameter: '{refused}' is not supported by this endpoint.")
        fault = self._fault(role)
        if fault == "bad_schema" and "response_format" not in body:
            fault = None
        if fault is not None:
            self.met[fault] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault in WIRE:
            return await self._misbehave(fault, request)
        message = await self.brain.answer(body)
        if self.actor is not None:
            message = self.actor(message, body, self.brain)
        completion = _completion(spoiled(message, fault, body), fault, body)
        completion["choices"] = [self.message(choice) for choice in completion["choices"]]
        return web.json_response(completion)

    def _refused(self, body: dict[str, Any]) -> str | None:
        """The first parameter that is not supported here; ``response_format.json_schema`` is the schema alone."""
        for name in self.refuses:
            if name == "response_format.json_schema":
                if body.get("response_format", {}).get("type") == "json_schema":
                    return name
            elif name == "system":
                if body["messages"][0]["role"] == "system":
                    return name
            elif name in body:
                return name
        return None

    async def _misbehave(self, fault: str, request: web.Request) -> web.StreamResponse:
        if fault in STATUS:
            status, said = STATUS[fault]
            headers = {"Retry-After": "7"} if fault == "429" else {}
            if self.echo:
                said = f"{said} {request.headers.get('Authorization')}"
                headers["X-Echo"] = str(request.headers.get("Authorization"))
            return _error(status, said, headers, fault)
        if fault == "no_choices":
            return web.json_response(
                {"id": "x", "object": "chat.completion", "created": 0, "model": "x", "choices": []}
            )
        if fault == "not_json":
            return web.Response(text="<html>Bad gateway</html>", content_type="application/json")
        if fault == "slow":
            await self._stall.wait()
        if fault == "cut":
            response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
            await response.prepare(request)
            await response.write(b'{"choices": [{"mess')
        if request.transport is not None:
            request.transport.close()
        return web.Response()


def spoiled(message: dict[str, Any], fault: str | None, body: dict[str, Any]) -> dict[str, Any]:
    """A good answer made a bad one."""
    calls = message.get("tool_calls")
    match fault:
        case "broken":
            return {**message, "content": (message["content"] or "")[:-5] + ",,]"}
        case "prose":
            return {**message, "content": "Sorry, I would rather talk about the weather."}
        case "empty" | "filter":
            return {**message, "content": "", "tool_calls": None}
        case "length":
            return {**message, "content": (message["content"] or "Well")[:20], "tool_calls": None}
        case "refusal":
            return {**message, "content": None, "tool_calls": None, "refusal": "I cannot help with that."}
        case "unknown_tool" if body.get("tools"):
            call = {"id": "x", "type": "function", "function": {"name": "order_pizza", "arguments": "{}"}}
            return {**message, "content": None, "tool_calls": [call]}
        case "no_arguments" if calls:
            return {**message, "tool_calls": [_with_arguments(call, "") for call in calls]}
        case "made_up" if calls:
            return {**message, "tool_calls": [_with_arguments(call, _made_up(call)) for call in calls]}
        case "text_call" if calls:
            lines = [
                f'{{"name": "{call["function"]["name"]}", "arguments": {call["function"]["arguments"]}}}'
                for call in calls
            ]
            return {"role": "assistant", "content": "```json\n" + "\n".join(lines) + "\n```"}
    return message


def _with_arguments(call: dict[str, Any], arguments: str) -> dict[str, Any]:
    return {**call, "function": {**call["function"], "arguments": arguments}}


def _made_up(call: dict[str, Any]) -> str:
    arguments = json.loads(call["function"]["arguments"])
    return json.dumps({name: "Xanadu-8181" if isinstance(value, str) else value for name, value in arguments.items()})


def _completion(message: dict[str, Any], fault: str | None, body: dict[str, Any]) -> dict[str, Any]:
    finish = {"length": "length", "filter": "content_filter"}.get(fault or "", "stop")
    prompt, answer = len(json.dumps(body)) // 4, len(json.dumps(message)) // 4
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if message.get("tool_calls") else finish}
        ],
        "usage": {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer},
    }


def _error(status: int, message: str, headers: Mapping[str, str] | None = None, fault: str = "") -> web.Response:
    code = "insufficient_quota" if fault == "quota" else None
    error = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return web.json_response(error, status=status, headers=headers)


@contextlib.contextmanager
def served(endpoint: Endpoint) -> Iterator[Endpoint]:
    """The endpoint in a thread of its own, for tests that run a command."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(endpoint.__aenter__(), loop).result()
    try:
        yield endpoint
    finally:
        asyncio.run_coroutine_threadsafe(endpoint.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(arguments: argparse.Namespace) -> None:
    chances = {
        name: float(chance) for name, _, chance in (part.partition("=") for part in arguments.odds.split(",") if part)
    }
    async with Endpoint(odds(chances, arguments.seed), latency=arguments.latency, port=arguments.port) as endpoint:
        sys.stdout.write(f"{endpoint.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A misbehaving OpenAI-compatible endpoint on loopback.")
    parser.add_argument("--port", type=int, default=8908)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--odds", default="")
    parser.add_argument("--seed", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
