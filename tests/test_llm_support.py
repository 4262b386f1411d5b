"""What an endpoint supports: which feature a refusal is about, in the words of real servers."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from tests.endpoint import Endpoint
from tests.test_llm_client import TOOL, question
from toolflow.config import LLMConfig
from toolflow.llm.chat import Usage
from toolflow.llm.client import ModelClient
from toolflow.llm.purse import Tokens
from toolflow.llm.refusals import is_refusal, only_here, refused_feature
from toolflow.llm.support import Feature, Support
from toolflow.llm.wire import leaves_tools_out

COMMON: set[Feature] = {"temperature", "seed", "max_tokens"}
LLAMA = "Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at "
TOO_LONG = "request (12019 tokens) exceeds the available context size (8192 tokens), try increasing it"


@pytest.mark.parametrize(
    ("status", "refusal", "carried", "feature", "here"),
    [
        (400, LLAMA + "#: unrecognized type strin", {"schema"}, "schema", True),
        (400, LLAMA + "#/properties/x: cannot resolve $ref #/$defs/y, $defs not found", {"tools"}, "tools", True),
        (400, LLAMA + "#/properties/x: unrecognized type weird", {"tools"}, "tools", True),
        (400, 'response_format type must be one of "text" or "json_object"', {"schema"}, "schema", False),
        (500, "tools param requires --jinja flag", {"tools"}, "tools", False),
        (400, TOO_LONG, {"tools"}, None, False),
        (400, TOO_LONG, {"schema"}, None, False),
    ],
)
@pytest.mark.parametrize("proven", [set(), COMMON, COMMON | {"schema", "tools"}], ids=["first", "later", "all"])
def test_llama_cpp_is_understood(
    status: int, refusal: str, carried: set[Feature], feature: Feature | None, here: bool, proven: set[Feature]
) -> None:
    """The words of its server in xllamacpp 2026.10, at a first question and at later ones."""
    assert is_refusal(status, refusal)
    assert refused_feature(refusal, COMMON | carried, proven) == feature
    if feature is not None:
        assert only_here(feature, refusal) == here


class Deaf(Endpoint):
    """Takes tools and drops them: the prompt that it counts holds the messages alone."""

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body, answer = await request.json(), await super()._complete(request)
        assert isinstance(answer, web.Response) and answer.text
        completion = json.loads(answer.text)
        completion["usage"]["prompt_tokens"] = len(json.dumps(body["messages"])) // 4
        return web.json_response(completion)


def test_tools_dropped_without_a_word_are_told_in_words() -> None:
    """Found out with the first question that shows it, though a smaller one had passed; paid for and counted."""
    large = {"type": "function", "function": {**TOOL["function"], "description": "Waits. " * 400}}
    usage = Usage()

    async def go() -> tuple[Deaf, Support]:
        async with Deaf() as server:
            client = ModelClient("m", server.url, None, LLMConfig(timeout=5))
            for tools in ([TOOL], [large], [large]):
                await client.ask(question(tools=tools), usage)
            await client.aclose()
            return server, client._support

    server, support = asyncio.run(go())
    assert support == Support(tools=False)
    assert ["tools" in body for _, body in server.requests] == [True, True, False, False]
    assert usage.by_role["tool"]["calls"] == 4


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [(None, False), (0, False), (1, False), (285, True), (330, True), (1086, False), (100_000, False)],
)
def test_only_a_telling_count_says_that_tools_are_left_out(prompt: int | None, expected: bool) -> None:
    """llama.cpp counted 285 and 1,086 for such a prompt; a count below the messages' own tells of a cache."""
    wire: dict[str, Any] = {"messages": [{"role": "system", "content": "a" * 1100}], "tools": ["b" * 2600]}
    assert leaves_tools_out(wire, 3760, None if prompt is None else Tokens(prompt, 9)) == expected
    assert not leaves_tools_out({**wire, "tools": []}, 1160, Tokens(285, 9))
