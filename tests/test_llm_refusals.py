"""Refusals in the words of real endpoints: what is left away, what stops the run, what was an answer all along."""

import asyncio
from typing import Any

import pytest

from tests.endpoint import Endpoint
from tests.test_llm_client import TOOL, Session, question, session
from toolflow.config import Config
from toolflow.errors import ModelUnavailable, RecordError
from toolflow.llm.chat import ChatAnswer, Usage
from toolflow.llm.client import ModelClient
from toolflow.llm.refusals import MAX_WORDS, answer_in, is_refusal, refused_feature, words_of
from toolflow.llm.support import Support


def openai(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """The body of an error, as OpenAI and most others write it."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def vllm(message: str) -> dict[str, Any]:
    """The same, as vLLM wrote it for years."""
    return {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400}


def forbidden(*names: str) -> dict[str, Any]:
    """The same, as Pydantic says it for Mistral and other servers; it repeats what was sent."""
    inputs = "temperature, tools, response_format"
    return {
        "detail": [
            {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": inputs}
            for name in names
        ]
    }


NEWER = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
LEARNT: dict[str, tuple[str, int, Any, Support]] = {
    "openai o-series length": (
        *("max_tokens", 400, openai(NEWER, "max_tokens", "unsupported_parameter")),
        Support(length="max_completion_tokens"),
    ),
    "truefoundry length": (
        *("max_tokens", 400, {"status": "failure", "message": f"openai error: {NEWER}", "error": {"message": NEWER}}),
        Support(length="max_completion_tokens"),
    ),
    "openai gpt-5 temperature": (
        "temperature",
        400,
        openai(
            "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is "
            "supported.",
            *("temperature", "unsupported_value"),
        ),
        Support(temperature=False),
    ),
    "litellm temperature": (
        "temperature",
        400,
        openai(
            "litellm.UnsupportedParamsError: gpt-5-nano doesn't support temperature=0.7 while reasoning is active. "
            "Only temperature=1 is supported unless reasoning.effort resolves to 'none', either set explicitly on the "
            "request or declared as the model's default_reasoning_effort. To drop unsupported params set "
            "`litellm.drop_params = True`No fallback model group found"
        ),
        Support(temperature=False),
    ),
    "litellm seed": (
        "seed",
        500,
        openai(
            "litellm.UnsupportedParamsError: anthropic does not support parameters: ['seed'], for "
            "model=claude-3-7-sonnet-20250219. To drop these, set `litellm.drop_params=True` or for proxy"
        ),
        Support(seed=False),
    ),
    "mistral seed": ("seed", 422, forbidden("seed"), Support(seed=False)),
    "mistral seed, older": (
        *("seed", 422, {"object": "error", "message": forbidden("seed"), "type": "invalid_request_error"}),
        Support(seed=False),
    ),
    "unrecognized seed": (
        *("seed", 400, openai("Unrecognized request argument supplied: seed")),
        Support(seed=False),
    ),
    "azure schema": (
        "response_format.json_schema",
        400,
        openai(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more "
            "about supported models at the Structured Outputs guide"
        ),
        Support(structure="json"),
    ),
    "azure api version": (
        "response_format.json_schema",
        400,
        openai("response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later"),
        Support(structure="json"),
    ),
    "azure json": (
        *("response_format", 400),
        openai("Invalid parameter: 'response_format' of type 'json_object' is not supported with this model."),
        Support(structure="text"),
    ),
    "deepseek schema": (
        *("response_format.json_schema", 400, openai("This response_format type is unavailable now")),
        Support(structure="json"),
    ),
    "deepseek schema, older": (
        "response_format.json_schema",
        422,
        "Failed to deserialize the JSON body into the target type: response_format: response_format.type "
        "`json_schema` is unavailable now at line 1 column 1193",
        Support(structure="json"),
    ),
    "groq schema": (
        "response_format.json_schema",
        400,
        openai("This model does not support response format `json_schema`. See supported models at the docs"),
        Support(structure="json"),
    ),
    "ollama tools": (
        *("tools", 400, openai("registry.ollama.ai/library/gemma3:4b does not support tools")),
        Support(tools=False),
    ),
    "ollama tools, older": (
        *("tools", 400, {"error": "registry.ollama.ai/library/llama2:13b does not support tools"}),
        Support(tools=False),
    ),
    "vllm tools": (
        *("tools", 400, vllm('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')),
        Support(tools=False),
    ),
    "llama.cpp tools": (
        *("tools", 500, {"error": {"code": 500, "message": "tools param requires --jinja flag"}}),
        Support(tools=False),
    ),
    "llama.cpp tools, older": (
        *("tools", 500, {"error": {"code": 500, "message": "Unsupported param: tools", "type": "server_error"}}),
        Support(tools=False),
    ),
    "openrouter tools": (
        *("tools", 404, {"error": {"message": "No endpoints found that support tool use.", "code": 404}}),
        Support(tools=False),
    ),
    "openrouter upstream": (
        "tools",
        400,
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {"raw": '{"error": "this model does not support tools"}', "provider_name": "Together"},
            }
        },
        Support(tools=False),
    ),
    "parallel_tool_calls": (
        *("tools", 400),
        openai("Unsupported parameter: 'parallel_tool_calls' is not supported with this model.", "parallel_tool_calls"),
        Support(tools=False),
    ),
    "gemma system": ("system", 400, vllm("System role not supported"), Support(system=False)),
    "gemma system, sglang": (
        *("system", 500, {"error": {"message": "jinja2.exceptions.TemplateError: System role not supported"}}),
        Support(system=False),
    ),
    "openai o1-mini system": (
        "system",
        400,
        openai(
            "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            *("messages[0].role", "unsupported_value"),
        ),
        Support(system=False),
    ),
    "mistral-7b system": (
        *("system", 400, vllm("Conversation roles must alternate user/assistant/user/assistant/...")),
        Support(system=False),
    ),
    "mistral-7b tools": (
        "tools",
        400,
        vllm("After the optional system message, conversation roles must alternate user/assistant/user/assistant/..."),
        Support(tools=False),
    ),
}


@pytest.mark.parametrize("endpoint", LEARNT)
def test_what_is_left_away_is_what_the_endpoint_names(endpoint: str) -> None:
    """One refusal, or one for each rung of structure; the question is answered, and the next one is sent right."""
    refused, status, said, expected = LEARNT[endpoint]
    done = session(refuses={refused: (status, said)}, questions=2, request=question(tools=[TOOL]))
    assert done.client._support == expected
    assert done.waits == []
    rungs = 2 if refused == "response_format" else 1
    assert len(done.sent) == 2 + rungs


def test_what_is_never_sent_cannot_be_refused() -> None:
    """Neither ``parallel_tool_calls`` nor ``reasoning_effort``, unless it is set."""
    sent = session(request=question(tools=[TOOL])).sent[0]
    assert set(sent) == {"model", "messages", "response_format", "tools", "temperature", "seed", "max_tokens"}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "The server had an error while processing your request. Contact us through an Azure support request."),
        (500, "Internal server error, please contact support"),
        (404, "The model is temporarily unavailable; see our support page"),
    ],
)
def test_an_offer_of_support_is_no_refusal(status: int, said: str) -> None:
    """The word alone does not make one."""
    assert not is_refusal(status, said)


def ended(status: int, said: Any, **settings: Any) -> Exception:
    """What becomes of a question that an endpoint refuses whatever is left away."""
    made = Session(refuses={"messages": (status, said)}, config=Config.model_validate({"llm": settings}).llm)
    with pytest.raises((ModelUnavailable, RecordError)) as caught:
        asyncio.run(made.go(question(tools=[TOOL])))
    assert len(made.sent) == 1
    return caught.value


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided "
        "100000.",
        "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the "
        "`context_window` for this model",
        "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4",
    ],
)
def test_a_limit_that_is_too_high_is_a_setting_to_mend(said: str) -> None:
    """It is not left away, which would lift the limit in silence."""
    error = ended(400, openai(said, "max_tokens"), max_tokens=100_000)
    assert isinstance(error, ModelUnavailable)
    assert "refuses llm.max_tokens: 100000" in str(error)


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens",
        "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context length is 512 tokens",
    ],
)
def test_a_question_that_does_not_fit_costs_its_record(said: str) -> None:
    """Nothing is learnt from it."""
    assert isinstance(ended(400, vllm(said)), RecordError)


def test_a_model_that_is_not_there_is_no_lack_of_support() -> None:
    """Said with 400 by some."""
    assert "does not know model 'm'" in str(ended(400, openai("The model `m` does not exist")))


CUT = "Could not finish the message because max_tokens or model output limit was reached. Please try again"
DISGUISED = {
    "openai length": (openai(CUT), ChatAnswer("", finish="length")),
    "azure filter": (
        openai(
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
            code="content_filter",
        ),
        ChatAnswer("", finish="content_filter"),
    ),
    "openai policy": (
        openai("Invalid prompt: your prompt was flagged as potentially violating our usage policy."),
        ChatAnswer("", finish="content_filter"),
    ),
    "groq tools": (
        {"error": {"message": "Failed to call a function.", "code": "tool_use_failed", "failed_generation": "<a>"}},
        ChatAnswer("<a>"),
    ),
    "groq json": (
        {"error": {"message": "Failed to generate JSON. Please adjust your prompt.", "code": "json_validate_failed"}},
        ChatAnswer("(broken)"),
    ),
}


@pytest.mark.parametrize("endpoint", DISGUISED)
def test_an_answer_in_disguise_is_an_answer(endpoint: str) -> None:
    """Where others say ``finish_reason``, some refuse; nothing is left away for that."""
    said, answer = DISGUISED[endpoint]
    done = session(refuses={"messages": (400, said)})
    assert done.answers == [answer]
    assert done.client._support == Support()


FORCED: list[tuple[dict[str, Any], str, str, Any]] = [
    ({"structure": "schema"}, "support.structure", "response_format", openai("response_format is not supported")),
    ({"structure": "json"}, "support.structure", "response_format", openai("no json_object here, please")),
    ({"tools": True}, "support.tools", "tools", openai("this model does not support tools")),
    ({"temperature": True}, "support.temperature", "temperature", openai("temperature is not supported")),
    ({"seed": True}, "support.seed", "seed", forbidden("seed")),
    ({"system": True}, "support.system", "system", vllm("System role not supported")),
    ({"length": "max_tokens"}, "support.length", "max_tokens", openai(NEWER, "max_tokens")),
]


@pytest.mark.parametrize(("support", "setting", "refused", "said"), FORCED, ids=[case[1] for case in FORCED])
def test_what_is_forced_by_hand_is_not_left_away(
    support: dict[str, Any], setting: str, refused: str, said: Any
) -> None:
    """One attempt, one line that names the setting."""
    made = Session(refuses={refused: (400, said)}, config=Config.model_validate({"llm": {"support": support}}).llm)
    with pytest.raises(ModelUnavailable, match=rf"refuses what llm\.{setting} \(or {setting} of a member of llm") as e:
        asyncio.run(made.go(question(tools=[TOOL])))
    assert len(made.sent) == 1
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "said",
    [
        "Invalid 'tools[0].function.name': string does not match pattern",
        "max_tokens is too large: 1024. This model supports at most 512 completion tokens",
    ],
)
def test_what_is_set_and_has_worked_is_no_reason_to_stop(said: str) -> None:
    """A refusal in the middle of a run is about its question, whatever it names."""
    config = Config.model_validate({"llm": {"support": {"tools": True}}}).llm

    async def twice() -> None:
        async with Endpoint() as server:
            client = ModelClient("m", server.url, None, config)
            await client.ask(question(tools=[TOOL]), Usage())
            server.refuses = {"tools": (400, openai(said))}
            with pytest.raises(RecordError, match="refuses the request"):
                await client.ask(question(tools=[TOOL]), Usage())
            await client.aclose()

    asyncio.run(twice())


def test_an_effort_that_a_model_does_not_know_is_named() -> None:
    """It is asked for by hand, always."""
    said = "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'low'"
    made = Session(
        refuses={"reasoning_effort": (400, openai(said))},
        config=Config.model_validate({"llm": {"reasoning_effort": "none"}}).llm,
    )
    with pytest.raises(ModelUnavailable, match=r"refuses what llm\.reasoning_effort"):
        asyncio.run(made.go())


BY_HAND: list[tuple[dict[str, Any], set[str], set[str]]] = [
    ({"structure": "text"}, set(), {"response_format"}),
    ({"tools": False}, set(), {"tools"}),
    ({"temperature": False}, set(), {"temperature"}),
    ({"seed": False}, set(), {"seed"}),
    ({"length": "none"}, set(), {"max_tokens", "max_completion_tokens"}),
    ({"length": "max_completion_tokens"}, {"max_completion_tokens"}, {"max_tokens"}),
]


@pytest.mark.parametrize(("support", "sent", "unsent"), BY_HAND)
def test_what_is_said_by_hand_is_not_tried(support: dict[str, Any], sent: set[str], unsent: set[str]) -> None:
    """Not once; an endpoint that refuses it is never bothered."""
    config = Config.model_validate({"llm": {"support": support, "reasoning_effort": "low"}}).llm
    done = session(refuses=sorted(unsent), config=config, request=question(tools=[TOOL]))
    assert len(done.sent) == 1
    assert {*sent, "reasoning_effort"} <= set(done.sent[0])


def test_json_by_hand_is_a_mode() -> None:
    """And the schema stands in the words."""
    config = Config.model_validate({"llm": {"support": {"structure": "json"}}}).llm
    sent = session(config=config).sent[0]
    assert sent["response_format"] == {"type": "json_object"}
    assert '"ok":' in sent["messages"][0]["content"]


def test_one_schema_that_does_not_compile_costs_its_record_when_schemas_are_forced() -> None:
    """The setting is right for all others."""
    made = Session(
        refuses={"response_format": (400, openai("Invalid schema for response_format 'x': minItems"))},
        config=Config.model_validate({"llm": {"support": {"structure": "schema"}}}).llm,
    )
    with pytest.raises(RecordError, match="Invalid schema"):
        asyncio.run(made.go())


def test_without_a_system_role_its_text_begins_the_users_first_message() -> None:
    """Nothing of it is lost, and the roles alternate."""
    done = session(refuses={"system": (400, vllm("System role not supported"))})
    messages = done.sent[-1]["messages"]
    assert [message["role"] for message in messages] == ["user"]
    system, user = question().messages
    assert messages[0]["content"] == f"{system['content']}\n\n{user['content']}"


def test_what_an_endpoint_repeats_of_the_request_is_not_read() -> None:
    """Else the words of a request would speak of features; what is read is bounded."""
    body = {"detail": [{"loc": ["body", "seed"], "msg": "no", "input": "temperature"}], "failed_generation": "tools"}
    assert words_of(body, "m") == "no body seed"
    assert words_of({"unknown": "temperature"}, "the message") == "the message"
    deep: Any = "x" * 9_000
    for _ in range(50):
        deep = {"error": [deep] * 3}
    assert len(words_of(deep, "m" * 9_000)) <= MAX_WORDS
    assert len(words_of({"message": "x" * 9_000}, "")) == MAX_WORDS
    assert answer_in({}, "no") is None


def test_what_names_nothing_is_guessed_in_order_and_never_twice() -> None:
    """What has worked before, or is wanted by hand, is not left away on a guess."""
    carried = frozenset({"seed", "schema", "temperature"})
    assert refused_feature("no", carried, set()) == "seed"
    assert refused_feature("no", carried, {"seed"}) == "schema"
    assert refused_feature("no", carried, carried) is None
