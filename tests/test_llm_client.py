"""The client: what is retried and for how long, what stops a run, what is learnt about an endpoint."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from tests.endpoint import Endpoint, Faults, at, never, odds
from toolflow.config import LLMConfig
from toolflow.errors import ConfigError, ModelUnavailable, RecordError
from toolflow.limits import Limits
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage
from toolflow.llm.client import ModelClient
from toolflow.llm.gate import Gate
from toolflow.llm.purse import Attempt, Reservation
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
        if seconds > 0:
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
    """Without Retry-After, each wait lies in the upper half of a doubling bound: two of the question's own, then
    those of the breaker."""
    waits = session(at({("tool", n): "500" for n in range(1, 6)})).waits
    assert len(waits) == 5
    assert all(bound / 2 <= wait <= bound for wait, bound in zip(waits, (1, 2, 2, 4, 8), strict=True))


def test_attempts_are_bounded() -> None:
    """The configured number of attempts, then the record is set aside."""
    done, error = failure(at({("tool", 0): "500"}), config=LLMConfig(retries=4))
    assert isinstance(error, RecordError)
    assert "scripted 500" in str(error)
    assert done.server.counts["tool"] == 4


def test_no_attempt_starts_after_the_time_is_up() -> None:
    """Two waits of its own, of 0.5 to 1 s and of 1 to 2 s, do not fit into 1.2 s."""
    done, _ = failure(at({("tool", 0): "500"}), config=LLMConfig(retry_seconds=1.2))
    assert done.server.counts["tool"] == 2
    assert len(done.waits) == 1


async def outcomes(
    faults: Faults, questions: Sequence[ChatRequest], config: LLMConfig, **endpoint: Any
) -> tuple[list[Any], Endpoint]:
    """Answers and errors of questions asked at once; waits last no time."""

    async def no_wait(seconds: float) -> None:
        await asyncio.sleep(0)

    async with Endpoint(faults, **endpoint) as server:
        client = ModelClient("m", server.url, None, config, sleep=no_wait, jitter=Random(1))
        found = await asyncio.gather(*(client.ask(asked, Usage()) for asked in questions), return_exceptions=True)
        await client.aclose()
        return found, server


def test_an_endpoint_that_is_down_for_everybody_is_no_questions_fault() -> None:
    """Forty requests in a row fail, two attempts are all that a question has, and each is answered in the end."""
    down = at({("tool", number): "500" for number in range(1, 41)})
    found, _ = asyncio.run(outcomes(down, [question(seed) for seed in range(12)], LLMConfig(retries=2)))
    assert all(isinstance(answer, ChatAnswer) for answer in found)


def test_a_question_that_breaks_the_endpoint_is_set_aside_while_others_are_answered() -> None:
    """Its attempts are its own; nobody else is the worse for it."""
    poison = ChatRequest("user", [{"role": "system", "content": "You write what breaks it."}])
    others = [question(seed) for seed in range(400)]
    found, server = asyncio.run(
        outcomes(at({("user", 0): "500"}), [poison, *others], LLMConfig(retries=4, limits=Limits(in_flight=2)))
    )
    assert isinstance(found[0], RecordError) and not isinstance(found[0], ModelUnavailable)
    assert server.counts["user"] <= 8
    assert all(isinstance(answer, ChatAnswer) for answer in found[1:])


def test_an_endpoint_that_is_gone_ends_the_run() -> None:
    """When nobody was answered for the patience set; until then no question is set aside."""
    config = LLMConfig(retries=1, limits=Limits(patience=120))
    found, server = asyncio.run(outcomes(at({("tool", 0): "500"}), [question(seed) for seed in range(9)], config))
    told = [str(error) for error in found if isinstance(error, ModelUnavailable)]
    assert "gave no answer for 2 min (model 'm', last: Error code: 500" in told[0]
    assert not [error for error in found if isinstance(error, RecordError)]
    assert server.counts["tool"] < 60


def test_while_an_endpoint_says_wait_no_question_is_sent() -> None:
    """One gets a 429 with seven seconds; the one asked after it waits them as well."""
    done = session(at({("tool", 1): "429"}), questions=2)
    assert sum(done.waits) >= 7

    async def ask() -> list[float]:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(0)

        async with Endpoint(at({("tool", 1): "429"})) as server:
            client = ModelClient("m", server.url, None, LLMConfig(), sleep=sleep)
            first = asyncio.create_task(client.ask(question(1), Usage()))
            while server.counts["tool"] == 0 or client._gate.in_flight:
                await asyncio.sleep(0)
            await client.ask(question(2), Usage())
            second = sum(waits)
            await first
            await client.aclose()
            return [second]

    assert asyncio.run(ask())[0] >= 6.5


class Purse:
    """Counts what is reserved and how it was settled; empty after so many."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.gate: Any = None
        self.settled: list[str] = []
        self.under_way: list[int] = []

    async def reserve(self, attempt: Attempt) -> Reservation:
        self.under_way.append(self.gate.in_flight)
        if len(self.under_way) > self.room:
            raise ConfigError("the purse is empty")
        return self

    def answered(self, tokens: Any) -> None:
        self.settled.append("answered")

    def refused(self) -> None:
        self.settled.append("refused")

    def lost(self) -> None:
        self.settled.append("lost")


def test_each_attempt_is_reserved_inside_its_slot_and_settled_once() -> None:
    """An empty purse stops the run in its own words; the slot it was asked in is given back."""
    purse = Purse(room=3)

    async def ask() -> Gate:
        async with Endpoint(at({("tool", 1): "500", ("tool", 2): "drop"})) as server:
            session = Session()
            client = ModelClient("m", server.url, None, LLMConfig(), purse=purse, sleep=session._sleep)
            purse.gate = client._gate
            await client.ask(question(), Usage())
            with pytest.raises(ConfigError, match="the purse is empty"):
                await client.ask(question(), Usage())
            await client.aclose()
            return client._gate

    gate = asyncio.run(ask())
    assert purse.settled == ["refused", "lost", "answered"]
    assert purse.under_way == [1, 1, 1, 1]
    assert gate.in_flight == gate.asking == 0


def test_a_key_that_expires_stops_the_run_at_once() -> None:
    """After an answer the message says that it was good before."""

    async def ask() -> str:
        async with Endpoint(key=KEY) as server:
            client = ModelClient("m", server.url, KEY, LLMConfig())
            await client.ask(question(), Usage())
            server.key = "another"
            with pytest.raises(ModelUnavailable) as caught:
                await client.ask(question(), Usage())
            await client.aclose()
            return str(caught.value)

    said = asyncio.run(ask())
    assert "no longer takes the key" in said and "set OPENAI_API_KEY to a valid one" in said
    assert KEY not in said


@pytest.mark.parametrize(("good", "last"), [(0, ModelUnavailable), (1, RecordError)])
def test_an_endpoint_that_refuses_everything_stops_the_run(good: int, last: type[Exception]) -> None:
    """Three refused questions in a row, as long as it never answered; later each costs its record."""

    async def ask() -> list[type[Exception]]:
        raised: list[type[Exception]] = []
        async with Endpoint(lambda role, number: "too_long" if number > good else None) as server:
            client = ModelClient("m", server.url, None, LLMConfig())
            for _ in range(good + 3):
                try:
                    await client.ask(question(), Usage())
                except (RecordError, ModelUnavailable) as error:
                    raised.append(type(error))
            await client.aclose()
        return raised

    assert asyncio.run(ask()) == [RecordError, RecordError, last]


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
