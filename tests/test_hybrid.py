"""The hybrid cast end to end over HTTP: selfplay's dialogue in other words, or in its own where those were no good."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fake_encoder import FakeEncoder

from tests.endpoint import Endpoint, Faults, at, never, served
from toolflow.cast import CastMaker
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.cli import run
from toolflow.config import Config, LLMConfig
from toolflow.errors import ModelUnavailable
from toolflow.estimate import rehearse, unlocked
from toolflow.graph import ToolGraph, build_graph
from toolflow.hybrid import REWORDED, make_hybrid_cast, read_hybrid_prompt
from toolflow.hybrid.rewriter import sentences
from toolflow.hybrid.said import Said
from toolflow.making import Recipe, make_record
from toolflow.records import KEPT, MANIFEST
from toolflow.schema import AssistantMessage, Draw, Record, ToolMessage, UserMessage
from toolflow.selfplay import make_selfplay_cast
from toolflow.validate.replay import replay

NUMBER = 6
SEED = 7
Reword = Callable[[str, bool], str]


@cache
def graph() -> ToolGraph:
    config = Config()
    tools = read_catalog([packaged_tools() / "hotels.jsonl", packaged_tools() / "film.jsonl"], config.catalog)
    return build_graph(tools, FakeEncoder(), config.graph)


def made(maker: CastMaker, config: Config, number: int = NUMBER) -> list[Record]:
    async def go() -> list[Record]:
        return [await make_record(Recipe(config, graph(), maker, SEED), Draw(index)) for index in range(number)]

    return asyncio.run(go())


@cache
def simulated() -> list[Record]:
    """What selfplay makes of the same seed."""
    return made(make_selfplay_cast, Config())


def reworded(
    reword: Reword | None = None, faults: Faults = never, number: int = NUMBER, **llm: Any
) -> tuple[list[Record], Endpoint]:
    """Hybrid records, and the endpoint that worded them."""
    config = Config(llm=LLMConfig(timeout=5, retries=2, **llm))

    async def no_wait(seconds: float) -> None:
        await asyncio.sleep(0)

    async def go() -> tuple[list[Record], Endpoint]:
        async with Endpoint(faults) as endpoint:
            endpoint.brain.reword = reword or endpoint.brain.reword
            maker = make_hybrid_cast("m", endpoint.url, "key", config.llm, sleep=no_wait)
            recipe = Recipe(config, graph(), maker, SEED)
            try:
                return [await make_record(recipe, Draw(index)) for index in range(number)], endpoint
            finally:
                await maker.aclose()

    return asyncio.run(go())


def spoken(record: Record) -> list[str]:
    """What user and assistant say."""
    return [
        message.content
        for message in record.messages
        if isinstance(message, UserMessage | AssistantMessage) and message.content
    ]


def counted(records: list[Record], what: str) -> int:
    """Turns that were reworded, or that stood."""
    return sum(counts[what] for record in records for counts in record.meta.wording.values())


@pytest.fixture(scope="module")
def good() -> tuple[list[Record], Endpoint]:
    """A run in which every rewording is good at once."""
    return reworded()


def test_the_words_are_the_models(good: tuple[list[Record], Endpoint]) -> None:
    """Every turn, once asked for; each dialogue says how many."""
    records, endpoint = good
    for record, double in zip(records, simulated(), strict=True):
        assert spoken(record) == [f"Well then, {text}" for text in spoken(double)]
        users = sum(isinstance(message, UserMessage) for message in record.messages)
        assert record.meta.wording["user"] == {"reworded": users, "stood": 0}
        assert record.meta.usage["user"]["calls"] == users
    assert counted(records, "reworded") == len(endpoint.requests)


def test_all_else_is_selfplays(good: tuple[list[Record], Endpoint]) -> None:
    """Tools, plan, calls and results, to the byte; every dialogue is kept, and its calls get the same results again."""
    for record, double in zip(good[0], simulated(), strict=True):
        assert record.kept and record.meta.cast == "hybrid"
        assert (record.tools, record.plan) == (double.tools, double.plan)
        assert (record.meta.today, record.meta.turns, record.meta.end) == (
            *(double.meta.today, double.meta.turns, double.meta.end),
        )
        for one, other in zip(record.messages, double.messages, strict=True):
            assert one.role == other.role
            if isinstance(one, AssistantMessage) and isinstance(other, AssistantMessage):
                assert one.tool_calls == other.tool_calls
            elif isinstance(one, ToolMessage):
                assert one == other
        assert replay(json.loads(record.model_dump_json())) == []


def test_the_model_sees_the_talk_and_no_tools(good: tuple[list[Record], Endpoint]) -> None:
    """Whose turn it is and in what manner, what was said before in the words it got, neither tools nor results."""
    records, endpoint = good
    shown = "\n".join(json.dumps(body, ensure_ascii=False) for _, body in endpoint.requests)
    assert "The user is " in shown and "The assistant is " in shown
    opening = json.dumps(json.dumps(spoken(records[0])[0], ensure_ascii=False), ensure_ascii=False)[1:-1]
    assert f"user: {opening}" in shown
    for record in records:
        for message in record.messages:
            if isinstance(message, ToolMessage):
                assert message.name not in shown and message.tool_call_id not in shown
    assert not any("tools" in body for _, body in endpoint.requests)


BAD: dict[str, tuple[Reword, str]] = {
    "new value": (lambda said, again: f"Well then, {said} In Paris.", "it makes up Paris"),
    "tool name": (lambda said, again: f"Well, with find_it: {said}", "a technical name: find_it"),
    "role flip": (lambda said, again: f"user: {said}", "it holds markup"),
    "empty": (lambda said, again: "", "it was empty"),
    "too long": (lambda said, again: f"Well then, {said}" + " and so on" * 60, "it is too long"),
    "unchanged": (lambda said, again: said, "that is the sentence as it was"),
    "no words": (lambda said, again: f"Well then, {said} Qwzxf.", "Qwzxf"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_rewording_is_asked_for_again_and_then_the_turn_stands(name: str) -> None:
    """Once, with what is wrong; the dialogue is selfplay's then, and kept."""
    reword, problem = BAD[name]
    records, endpoint = reworded(reword, number=3)
    assert all(record.kept for record in records)
    assert [spoken(record) for record in records] == [spoken(double) for double in simulated()[:3]]
    assert counted(records, "reworded") == 0
    assert len(endpoint.requests) == 2 * counted(records, "stood")
    complaints = [body["messages"][-1]["content"] for _, body in endpoint.requests[1::2]]
    assert all("Your last answer was not used" in complaint and problem in complaint for complaint in complaints)


def test_a_second_answer_that_is_good_is_used() -> None:
    """The first one had something made up."""
    records, endpoint = reworded(lambda said, again: f"Well then, {said}" + " In Paris." * (not again), number=3)
    assert all(record.kept for record in records)
    assert counted(records, "stood") == 0
    assert len(endpoint.requests) == 2 * counted(records, "reworded")


def test_a_small_model_is_asked_sentence_by_sentence() -> None:
    """Without the talk; each in a form that holds the values."""
    records, endpoint = reworded(number=3, small_models=True)
    assert all(record.kept for record in records)
    assert len(endpoint.requests) > counted(records, "reworded") > 0
    for _, body in endpoint.requests:
        assert "conversation" not in body["messages"][-1]["content"]
    forms = [body["response_format"]["json_schema"]["schema"]["properties"]["say"] for _, body in endpoint.requests]
    assert sum("pattern" in form for form in forms) > len(forms) / 2


def test_a_turn_falls_into_sentences() -> None:
    """A short one goes with the next; titles, figures and quotations are not split."""
    text = "Sure. I got 2 slots: Dr. Ada Roy at 9.30 am, and St. Mary's. Write “It leaks. Come soon!” to her. More?"
    assert [part.text for part in sentences(Said("assistant", text, date(2027, 1, 1)))] == [
        "Sure. I got 2 slots: Dr. Ada Roy at 9.30 am, and St. Mary's.",
        "Write “It leaks. Come soon!” to her.",
        "More?",
    ]


def test_no_answer_is_no_reason_to_let_a_turn_stand() -> None:
    """A question that the endpoint refuses sets the dialogue aside; an endpoint that is gone ends the run."""
    records, _ = reworded(faults=at({("rewrite assistant", 2): "too_long"}), number=2)
    assert [record.kept for record in records] == [False, True]
    assert records[0].meta.verdicts[0].rule == "dialogue"
    assert records[0].meta.history
    with pytest.raises(ModelUnavailable):
        reworded(faults=at({("*", 0): "403"}))


def test_an_estimate_counts_the_rewordings(good: tuple[list[Record], Endpoint]) -> None:
    """As many questions as the run asks when every answer is good, and about as long."""
    config = Config()
    places = unlocked("m", "http://127.0.0.1:1/v1", config.llm, REWORDED)
    prompt = read_hybrid_prompt(config.llm)
    basis = rehearse(config, graph(), places, prompt, SEED, number=NUMBER, allowance=0)
    for need in basis.needs:
        usage = [record.meta.usage[need.role] for record in good[0]]
        assert need.calls == sum(account["calls"] for account in usage)
        taken = sum(account["prompt_tokens"] for account in usage)
        assert 0.8 < need.tokens["prompt_tokens"] / taken < 1.25
    assert {need.role for need in basis.needs} == set(REWORDED)


# From here on: the real command.


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A model, and an empty cache of what it answers."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path / "cache"))
    with served(Endpoint()) as endpoint:
        yield endpoint


def synthesize(graph: Path, out: Path, *options: str) -> int:
    return run(["synthesize", "-n", "3", "--graph", str(graph), "-o", str(out), "--cast", "hybrid", *options])


def test_the_command_makes_continues_and_checks_a_run(
    graph: Path, tmp_path: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """The end says what was reworded; a longer run asks for what is new, a repeated one for nothing; all is valid."""
    out, options = tmp_path / "run", ("--model", "m", "--base-url", endpoint.url)
    assert synthesize(graph, out, *options) == 0
    assert f"reworded: {endpoint.counts['rewrite user']} of {endpoint.counts['rewrite user']} user turns (100%), " in (
        capsys.readouterr().out
    )
    asked = len(endpoint.requests)
    assert synthesize(graph, out, *options, "-n", "4") == 0
    longer = len(endpoint.requests)
    assert asked < longer < 2 * asked
    assert synthesize(graph, tmp_path / "again", *options, "-n", "4") == 0
    assert len(endpoint.requests) == longer
    manifest = json.loads((out / MANIFEST).read_bytes())
    assert manifest["identity"]["cast"] == "hybrid"
    assert sorted(manifest["identity"]["models"]) == ["assistant", "user"]
    assert manifest["counts"]["wording"]["user"]["stood"] == 0
    assert run(["validate", str(out / KEPT)]) == 0
    assert run(["validate", str(out / KEPT), "--replay"]) == 0


def test_two_models_are_enough(graph: Path, tmp_path: Path, endpoint: Endpoint) -> None:
    """Those of user and assistant; a prompt of one's own takes the place of the packaged one."""
    config = tmp_path / "my.yaml"
    member = {"base_url": endpoint.url}
    models = {"user": {"model": "u", **member}, "assistant": {"model": "a", **member}}
    packaged = (Path("toolflow") / "prompts" / "rewrite.md").read_text(encoding="utf-8")
    (tmp_path / "mine.md").write_text(packaged.replace("\nRules:", "\nBe bold.\n\nRules:"), encoding="utf-8")
    config.write_text(json.dumps({"llm": {"models": models, "prompts": {"rewrite": "mine.md"}}}))
    assert synthesize(graph, tmp_path / "run", "--config", str(config)) == 0
    assert {(role, body["model"]) for role, body in endpoint.requests} == {
        *(("rewrite user", "u"), ("rewrite assistant", "a")),
    }
    assert all("Be bold." in body["messages"][0]["content"] for _, body in endpoint.requests)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cast", "hybrid"], "--cast hybrid: needs --model, or a model for user and assistant in llm.models"),
        (["--cast", "llm"], "--cast llm: needs --model, or a model for planner and user and assistant and tool"),
        (["--cast", "selfplay", "--model", "m"], "--cast selfplay: asks no model; leave --model out"),
        (["--cast", "opera"], "'opera' is not one of 'selfplay', 'llm', 'hybrid'"),
    ],
)
def test_a_cast_without_its_models_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    """One line, exit code 2, nothing written."""
    assert run(["synthesize", "-n", "1", "-o", str(tmp_path / "run"), *options]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_an_estimate_of_the_command(graph: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of user and assistant alone."""
    options = ["--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--dialogues", "3", "--graph", str(graph)]
    assert run(["estimate", "-n", "100", "--cast", "hybrid", *options, "--json"]) == 0
    assert [row["role"] for row in json.loads(capsys.readouterr().out)["rows"]] == ["assistant", "user"]
