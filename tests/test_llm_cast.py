"""The llm cast end to end over HTTP: every dialogue arrives, whatever goes wrong, and nobody sees too much."""

import asyncio
import json
import logging
from collections import Counter
from functools import lru_cache
from random import Random
from typing import Any

import pytest

from tests.brain import GOAL_MARK
from tests.endpoint import WIRE, WORDS, Endpoint, Faults, never, odds
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import Config, DialogueConfig, LLMConfig, MixConfig, PlanConfig
from toolflow.errors import ModelUnavailable
from toolflow.graph import ToolGraph, packaged_graph
from toolflow.llm import make_llm_cast
from toolflow.making import Recipe, make_record
from toolflow.schema import Draw, Kind, Record

KEY = "sk-very-secret-0123456789"
WANTED = 3
CONFIG = Config(llm=LLMConfig(timeout=5, retries=8))
UNPLANNED = Config(plan=PlanConfig(mode="none"), llm=CONFIG.llm)


@lru_cache
def graph() -> ToolGraph:
    """The packaged graph."""
    return packaged_graph(Config())


async def no_wait(seconds: float) -> None:
    """Waits are recorded nowhere and last no time."""
    await asyncio.sleep(0)


async def _until_kept(endpoint: Endpoint, wanted: int, config: Config, seed: int) -> list[Record]:
    """Records, a few at a time, until so many are kept or four times as many were made."""
    maker = make_llm_cast("brain", endpoint.url, KEY, config.llm, sleep=no_wait)
    recipe = Recipe(config, graph(), maker, seed)
    records: list[Record] = []
    try:
        while sum(record.kept for record in records) < wanted and len(records) < 4 * wanted:
            upcoming = range(len(records), len(records) + 3)
            records += await asyncio.gather(*(make_record(recipe, Draw(index)) for index in upcoming))
    finally:
        await maker.aclose()
    return records


def dialogues(
    faults: Faults = never, *, wanted: int = WANTED, config: Config = CONFIG, seed: int = 7, **endpoint: Any
) -> tuple[list[Record], Endpoint]:
    """The records of a run and the endpoint they came from."""

    async def go() -> tuple[list[Record], Endpoint]:
        tools = read_catalog([packaged_tools()], config.catalog).tools
        async with Endpoint(faults, tools=tools, **endpoint) as server:
            return await _until_kept(server, wanted, config, seed), server

    return asyncio.run(go())


def kept(records: list[Record]) -> list[Record]:
    """Those without an error."""
    return [record for record in records if record.kept]


@pytest.fixture(scope="module")
def undisturbed() -> tuple[list[Record], Endpoint]:
    """A run without faults."""
    return dialogues(wanted=12)


def test_dialogues_arrive(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """Kept by the unchanged rules, several tools and kinds among them."""
    records = kept(undisturbed[0])
    assert len(records) >= 12
    assert len({request.kind for record in records if record.plan for request in record.plan.requests}) >= 4


def test_every_kind_of_request_arrives() -> None:
    """Those too that do not go straight: planned, acted out, kept by the unchanged rules."""
    detours = dict.fromkeys((Kind.UNAVAILABLE, Kind.RECOVERY, Kind.CORRECTION, Kind.FOLLOW_UP), 0.2)
    mix = MixConfig(kinds={Kind.SINGLE: 0.2, **detours})
    records, _ = dialogues(config=CONFIG.model_copy(update={"mix": mix}), wanted=9)
    assert len(kept(records)) >= 9
    assert {request.kind for record in kept(records) if record.plan for request in record.plan.requests} >= set(detours)


def test_a_record_says_where_it_comes_from(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """Cast, model and prompt hash by role, and what every role cost."""
    meta = kept(undisturbed[0])[0].meta
    roles = {"planner", "user", "assistant", "tool"}
    assert meta.cast == "llm"
    assert meta.models == dict.fromkeys(roles, "brain")
    assert set(meta.prompts) == roles
    assert all(digest.startswith("sha256:") for digest in meta.prompts.values())
    assert set(meta.usage) == roles
    assert all(account["calls"] and account["prompt_tokens"] for account in meta.usage.values())


def test_usage_adds_up(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """What the records say was called is what the endpoint was asked, role by role."""
    records, endpoint = undisturbed
    counted: Counter[str] = Counter()
    for record in records:
        counted.update({role: account["calls"] for role, account in record.meta.usage.items()})
    assert counted == endpoint.counts


def test_the_assistant_never_sees_the_plan(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """No goal, neither kinds nor withheld values' labels."""
    shown = undisturbed[1].shown("assistant")
    assert shown
    assert not [text for text in shown if GOAL_MARK in text or "only_when_asked" in text or '"withheld' in text]


def test_the_user_never_sees_a_call_or_a_tool(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """It is sent two texts: neither messages of tools, nor calls, nor names."""
    records, endpoint = undisturbed
    names = {tool["function"]["name"] for record in records for tool in record.tools}
    for role, body in endpoint.requests:
        if role == "user":
            assert [message["role"] for message in body["messages"]][:2] == ["system", "user"]
            assert "tools" not in body
            text = json.dumps(body)
            assert not [name for name in names if "_" in name and name in text]
            assert "tool_calls" not in text


def test_the_tool_sees_its_definition_the_call_and_the_state_only(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """No sentence that anybody spoke, no goal."""
    records, endpoint = undisturbed
    spoken = {message.content for record in records for message in record.messages if message.role == "user"}
    for text in endpoint.shown("tool"):
        assert GOAL_MARK not in text
        assert not [said for said in spoken if len(said) > 30 and json.dumps(said)[1:-1] in text]


def test_hardly_anything_is_asked_twice(undisturbed: tuple[list[Record], Endpoint]) -> None:
    """On an endpoint that behaves, one question in twenty at most goes back."""
    accounts = [account for record in undisturbed[0] for account in record.meta.usage.values()]
    again = sum(account.get("reasked", 0) for account in accounts)
    assert again <= sum(account["calls"] for account in accounts) / 20


SURVIVABLE = [
    fault for fault in (*WIRE, *WORDS) if fault not in ("403", "404", "no_model", "quota", "too_long", "slow")
]


@pytest.mark.parametrize("fault", SURVIVABLE)
def test_all_dialogues_arrive_under_each_misbehaviour(fault: str) -> None:
    """Every seventh request goes wrong in one way; as many dialogues as were asked for are kept."""
    records, endpoint = dialogues(odds({fault: 1 / 7}, seed=1))
    assert len(kept(records)) >= WANTED
    assert endpoint.met[fault] > 0


def test_all_dialogues_arrive_under_all_misbehaviours_at_once() -> None:
    """Nearly half of all requests go wrong, in every way."""
    faults = [fault for fault in SURVIVABLE if fault != "bad_schema"]
    records, endpoint = dialogues(odds(dict.fromkeys(faults, 0.45 / len(faults)), seed=2), wanted=8)
    assert len(kept(records)) >= 8
    assert set(faults) <= set(endpoint.met)


@pytest.mark.parametrize(
    "refuses",
    [
        ["response_format.json_schema"],
        ["response_format"],
        ["tools"],
        ["tools", "response_format", "temperature", "seed", "max_tokens"],
        ["system", "tools"],
    ],
)
def test_all_dialogues_arrive_from_endpoints_that_lack_things(refuses: list[str]) -> None:
    """Schemas, JSON mode, native tools, parameters: what is missing is found out and made up for."""
    records, endpoint = dialogues(refuses=refuses)
    assert len(kept(records)) >= WANTED
    refused = sum(1 for _, body in endpoint.requests if endpoint._refused(body))
    assert refused <= 3 * 4 * len(refuses)  # three records at a time find out together, role by role


def thinking(choice: dict[str, Any]) -> dict[str, Any]:
    """As a reasoning model answers behind vLLM, or with its thoughts in front of the text."""
    message = choice["message"]
    if message.get("tool_calls"):
        return {**choice, "message": {**message, "reasoning_content": "A THOUGHT {}"}}
    return {**choice, "message": {**message, "content": f"<think>A THOUGHT {{}}</think>\n{message['content']}"}}


@pytest.mark.parametrize("keep", [True, False])
def test_dialogues_of_reasoning_models(keep: bool) -> None:
    """No thought is read as an answer, sent back, or saved unless asked; then the rules still keep the dialogue."""
    config = CONFIG.model_copy(update={"dialogue": DialogueConfig(reasoning=keep)})
    records, endpoint = dialogues(odds({"broken": 0.1}, seed=3), config=config, message=thinking)
    assert len(kept(records)) >= WANTED
    assert "A THOUGHT" not in "".join(json.dumps(body) for _, body in endpoint.requests)
    for record in kept(records):
        messages = json.loads(record.model_dump_json())["messages"]
        thoughts = {message["role"]: message.get("reasoning_content") for message in messages}
        assert thoughts["assistant"] == ("A THOUGHT {}" if keep else None)
        assert not [message for message in messages if "THOUGHT" in str(message) and message["role"] != "assistant"]
        assert "THOUGHT" not in str([message["content"] for message in messages])
        assert Record.model_validate_json(record.model_dump_json()) == record


def test_dialogues_arrive_without_a_plan() -> None:
    """The ablation: the user improvises, and still sees no tool by name."""
    records, endpoint = dialogues(config=UNPLANNED)
    assert len(kept(records)) >= WANTED
    assert endpoint.counts["planner"] == 0


def test_a_wrong_key_stops_the_run() -> None:
    """With one clear line."""
    with pytest.raises(ModelUnavailable, match="refuses the key"):
        dialogues(key="another")


def test_the_key_is_written_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Neither in records nor in logs at their most talkative, while requests fail and answers are refused."""
    with caplog.at_level(logging.DEBUG):
        records, endpoint = dialogues(odds({"500": 0.1, "broken": 0.1}), wanted=2, key=KEY)
    assert endpoint.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in "".join(record.model_dump_json() for record in records)
    assert KEY not in caplog.text


def test_casts_share_a_client_and_nothing_else() -> None:
    """Usage is each record's own; equal random sources give equal casts."""
    maker = make_llm_cast("brain", "http://127.0.0.1:1/v1", KEY, LLMConfig())
    one, other = maker(Random(1)), maker(Random(1))
    assert one.usage is not other.usage
    assert (one.models, one.prompts) == (other.models, other.prompts)
    assert KEY not in repr(one)
