"""The client: what is retried and for how long, what stops a run, what is learnt about an endpoint."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from tests.endpoint import Endpoint, Faults, at, never, odds
from toolflow.config import LLMConfig
from toolflow.errors import ModelUnavailable, RecordError
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage
from toolflow.llm.client import ModelClient
from toolflow.llm.support import Support

TALK = [{"role": "system", "content": "You simulate a web service. Today is Monday, 2026-03-02."}]
SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "wait", "description": "", "parameters": {"type": "object"}}}
CALL = '<tool>\n{"name": "wait", "description": "", "parameters": {"type": "object"}}\n</tool>'
KEY = "sk-very-secret-0123456789"


def question(seed: int | None = 1, schema: Any = SCHEMA, tools: Sequence[Any] = ()) -> ChatRequest:
    """A question the endpoint's tool role can answer."""
    system = {"role": "system", "content": f"{TALK[0]['content']}\n{CALL}"}
    asked = {"role": "user", "content": 'The call: "wait" with arguments {}'}
    return ChatRequest("tool", [system, asked], schema, tools, seed)


class Session:
    """A client at an endpoint, with its waits recorded instead of waited."""

    def __init__(
        self, faults: Faults = never, *, questions: int = 1, config: LLMConfig | None = None, **endpoint: Any
    ) -> None:
        self.faults, self.questions, self.endpoint = faults, questions, endpoint
        self.config = config or LLMConfig(timeout=5)
        self.waits: list[float] = []
        self.usage = Usage()
        self.answers: list[ChatAnswer] = []

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def go(self, request: ChatRequest | None = None, **client: Any) -> None:
        """Ask; what the client raises comes through."""
        async with Endpoint(self.faults, **self.endpoint) as self.server:
            url = client.pop("base_url", self.server.url)
            key = client.pop("api_key", KEY)
            self.client = ModelClient("m", url, key, self.config, sleep=self._sleep, jitter=Random(1), **client)
            try:
                for _ in range(self.questions):
                    self.answers.append(await self.client.ask(request or question(), self.usage))
            finally:
                await self.client.aclose()

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [body for _, body in self.server.requests]


def session(faults: Faults = never, **options: Any) -> Session:
    """A finished session that went well."""
    request, client = options.pop("request", None), options.pop("client", {})
    made = Session(faults, **options)
    asyncio.run(made.go(request, **client))
    return made


def failure(faults: Faults = never, **options: Any) -> tuple[Session, Exception]:
    """A session that ended in an error of ours."""
    client = options.pop("client", {})
    made = Session(faults, **options)
    with pytest.raises((ModelUnavailable, RecordError)) as caught:
        asyncio.run(made.go(**client))
    return made, caught.value


@pytest.mark.parametrize("fault", ["429", "500", "503", "drop", "cut", "not_json", "no_choices"])
def test_what_may_pass_is_asked_again(fault: str) -> None:
    """A passing fault costs one more attempt and no more."""
    done = session(at({("tool", 1): fault}))
    assert done.answers[0].text
    assert done.server.counts["tool"] == 2
    assert len(done.waits) == 1


def test_an_endpoint_that_stalls_is_left_after_the_timeout() -> None:
    """A request that never ends is cut off and asked again."""
    done = session(at({("tool", 1): "slow"}), config=LLMConfig(timeout=0.2))
    assert done.server.counts["tool"] == 2


def test_retry_after_is_honoured() -> None:
    """The wait is what the endpoint asked for (7 s), with a tenth of jitter at most."""
    assert 7 <= session(at({("tool", 1): "429"})).waits[0] <= 7.7


def test_waits_grow_with_jitter() -> None:
    """Without Retry-After, each wait lies in the upper half of a doubling bound."""
    waits = session(at({("tool", n): "500" for n in range(1, 6)})).waits
    assert len(waits) == 5
    assert all(2**n / 2 <= wait <= 2**n for n, wait in enumerate(waits))


def test_attempts_are_bounded() -> None:
    """The configured number of attempts, then the record is set aside."""
    done, error = failure(at({("tool", 0): "500"}), config=LLMConfig(retries=4))
    assert isinstance(error, RecordError)
    assert "scripted 500" in str(error)
    assert done.server.counts["tool"] == 4


def test_no_attempt_starts_after_the_time_is_up() -> None:
    """Retry-After of 7 s twice does not fit into 10 s."""
    done, _ = failure(at({("tool", 0): "429"}), config=LLMConfig(retry_seconds=10))
    assert done.server.counts["tool"] == 2
    assert len(done.waits) == 1


def test_three_questions_without_an_answer_stop_the_run() -> None:
    """One hopeless question costs its record; three in a row are the endpoint's fault."""

    async def ask() -> list[type[Exception]]:
        raised: list[type[Exception]] = []
        made = Session()
        async with Endpoint(at({("tool", 0): "500"})) as server:
            client = ModelClient("m", server.url, None, LLMConfig(retries=1), sleep=made._sleep)
            for _ in range(3):
                try:
                    await client.ask(question(), Usage())
                except (RecordError, ModelUnavailable) as error:
                    raised.append(type(error))
            await client.aclose()
        return raised

    assert asyncio.run(ask()) == [RecordError, RecordError, ModelUnavailable]


def test_a_wrong_key_stops_the_run_at_once() -> None:
    """401 is not retried; the message says what to do and does not repeat the key."""
    done, error = failure(key="another")
    assert isinstance(error, ModelUnavailable)
    assert "set OPENAI_API_KEY" in str(error)
    assert KEY not in str(error)
    assert done.server.counts["tool"] == 1


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        ("403", "check what the key may use"),
        ("404", "check --model, and that --base-url ends"),
        ("no_model", "check --model"),
        ("quota", "top it up"),
    ],
)
def test_what_waiting_does_not_cure_stops_the_run_at_once(fault: str, advice: str) -> None:
    """One attempt; the message says what to do."""
    done, error = failure(at({("tool", 0): fault}))
    assert isinstance(error, ModelUnavailable)
    assert advice in str(error)
    assert done.server.counts["tool"] == 1


def test_a_question_that_is_too_long_costs_its_record() -> None:
    """Nothing is left away for a context that is full."""
    done, error = failure(at({("tool", 0): "too_long"}))
    assert isinstance(error, RecordError)
    assert "maximum context length" in str(error)
    assert done.server.counts["tool"] == 1


def test_one_schema_that_cannot_be_compiled_is_no_lack_of_support() -> None:
    """That question goes without a schema, the next one with."""
    done = session(at({("tool", 2): "bad_schema"}), questions=3)
    formats = [body["response_format"]["type"] for body in done.sent]
    assert formats == ["json_schema", "json_schema", "json_object", "json_schema"]
    assert done.client._support == Support()


def test_a_refused_connection_stops_the_run_soon() -> None:
    """Three attempts, as long as the endpoint has never answered; one line without user or password."""
    done, error = failure(client={"base_url": "http://user:hunter2@127.0.0.1:9/v1?token=x"})
    assert isinstance(error, ModelUnavailable)
    assert str(error).startswith("http://127.0.0.1:9/v1 cannot be reached (")
    assert "hunter2" not in str(error)
    assert "\n" not in str(error)
    assert len(done.waits) == 2


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/v1", "http://no-such-host.invalid/v1"])
def test_an_address_that_leads_nowhere_stops_the_run(url: str) -> None:
    """An unknown protocol or host cannot be reached either."""
    _, error = failure(client={"base_url": url})
    assert isinstance(error, ModelUnavailable)
    assert "cannot be reached" in str(error)


def test_the_key_is_in_no_repr() -> None:
    """Neither the client nor its SDK shows the key."""
    client = ModelClient("m", "http://127.0.0.1:1/v1", KEY, LLMConfig())
    assert KEY not in repr(client) + str(vars(client)["_openai"])
    assert repr(client) == "ModelClient('m' at http://127.0.0.1:1/v1)"


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPENAI_ADMIN_KEY"])
def test_no_key_is_looked_for_in_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was passed is sent; an endpoint without a key gets a word instead."""
    monkeypatch.setenv(name, "sk-of-somebody-else")
    done = session(client={"api_key": None})
    assert "sk-of-somebody-else" not in str(done.server.headers)


@pytest.mark.parametrize(
    ("refuses", "expected"),
    [
        (["response_format.json_schema"], Support(structure="json")),
        (["response_format"], Support(structure="text")),
        (["temperature"], Support(temperature=False)),
        (["seed"], Support(seed=False)),
        (["max_tokens"], Support(length="max_completion_tokens")),
        (["max_tokens", "max_completion_tokens"], Support(length=None)),
        (["tools"], Support(tools=False)),
        (
            ["tools", "response_format", "temperature", "seed", "max_tokens"],
            Support("text", tools=False, temperature=False, seed=False, length="max_completion_tokens"),
        ),
    ],
)
def test_what_an_endpoint_does_not_support_is_learnt_once(refuses: list[str], expected: Support) -> None:
    """The first question finds out, the second is sent right; nothing waits."""
    done = session(refuses=refuses, questions=2, request=question(tools=[TOOL]))
    assert done.client._support == expected
    assert done.waits == []
    refused = sum(1 for body in done.sent if done.server._refused(body))
    assert done.server.counts["tool"] == refused + 2
    assert done.server._refused(done.sent[-1]) is None


def test_without_schema_support_the_schema_is_told_in_words() -> None:
    """JSON mode and plain text carry the schema in the system message."""
    done = session(refuses=["response_format"])
    assert '"ok":{"type":"boolean"}' in done.sent[-1]["messages"][0]["content"]
    assert '"ok":{"type":"boolean"}' not in done.sent[0]["messages"][0]["content"]


def test_without_tool_support_the_tools_are_told_in_words() -> None:
    """The prompted call format names the tools in the system message."""
    done = session(refuses=["tools"], request=question(schema=None, tools=[TOOL]))
    assert "tools" not in done.sent[-1]
    assert "<tool_call>" in done.sent[-1]["messages"][0]["content"]


def test_usage_counts_answers_and_failures_by_role() -> None:
    """An answer costs what the endpoint says; an attempt without one is a failure."""
    done = session(at({("tool", 1): "429", ("tool", 2): "drop"}))
    account = done.usage.by_role["tool"]
    assert (account["calls"], account["failed"]) == (1, 2)
    assert account["prompt_tokens"] > 0
    assert account["completion_tokens"] > 0


def test_an_answer_without_choices_is_paid_and_failed() -> None:
    """It counts as a call, as one whose cost is unknown, and as a failure."""
    account = session(at({("tool", 1): "no_choices"})).usage.by_role["tool"]
    assert (account["calls"], account["failed"], account["uncounted"]) == (2, 1, 1)


def test_questions_asked_at_once_share_what_is_learnt() -> None:
    """Fifty questions at the same time, a third of them unlucky, on an endpoint without schemas: all answered."""

    async def ask() -> tuple[list[ChatAnswer], Support]:
        async def no_wait(seconds: float) -> None:
            await asyncio.sleep(0)

        async with Endpoint(odds({"429": 0.2, "drop": 0.1}), refuses=["response_format.json_schema"]) as server:
            client = ModelClient("m", server.url, None, LLMConfig(retries=12), sleep=no_wait)
            answers = await asyncio.gather(*(client.ask(question(), Usage()) for _ in range(50)))
            await client.aclose()
            return answers, client._support

    answers, support = asyncio.run(ask())
    assert all(answer.text for answer in answers)
    assert support == Support(structure="json")
