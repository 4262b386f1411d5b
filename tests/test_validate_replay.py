"""Replay: the calls of a selfplay dialogue get the same results again, and only those."""

import asyncio
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fake_encoder import FakeEncoder

from toolflow.catalog import packaged_tools, read_catalog
from toolflow.cli import run
from toolflow.config import Config
from toolflow.graph import build_graph
from toolflow.making import Recipe, make_record
from toolflow.schema import Draw
from toolflow.selfplay import make_selfplay_cast
from toolflow.validate.replay import is_replayable, replay


@cache
def recipe() -> Recipe:
    config = Config()
    tools = read_catalog([packaged_tools() / "hotels.jsonl", packaged_tools() / "film.jsonl"], config.catalog)
    return Recipe(config, build_graph(tools, FakeEncoder(), config.graph), make_selfplay_cast, 7)


@cache
def line(index: int) -> str:
    return json.dumps(asyncio.run(make_record(recipe(), Draw(index))).model_dump(mode="json"))


def results(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [message for message in record["messages"] if message["role"] == "tool"]


@pytest.mark.parametrize("index", range(12))
def test_same_results(index: int) -> None:
    """A record holds all that its world is made from, planned errors included."""
    assert replay(json.loads(line(index))) == []


def test_another_result_is_named() -> None:
    """A result that was tampered with is found, and its place is said."""
    index = next(index for index in range(50) if results(json.loads(line(index))))
    record = json.loads(line(index))
    results(record)[0]["content"] = '{"made": "up"}'
    found = replay(record)
    assert {(verdict.rule, verdict.severity) for verdict in found} == {("replay", "error")}
    assert found[0].where == f"messages[{record['messages'].index(results(record)[0])}].content"


@pytest.mark.parametrize(
    "damage",
    [
        {"plan": 3},
        {"tools": [{}]},
        {"messages": "none"},
        {"meta": {"cast": "selfplay"}},
        {"meta": {"cast": "selfplay", "index": 0, "seed": 7}},
    ],
)
def test_what_cannot_be_read(damage: dict[str, Any]) -> None:
    """A selfplay record that is damaged says so, and raises nothing."""
    (verdict,) = replay(json.loads(line(0)) | damage)
    assert verdict.why.startswith("cannot be replayed: ")


@pytest.mark.parametrize(
    "part", [{"type": "object", "properties": "none"}, {"type": "object", "required": [["a"]]}, {"minimum": "low"}]
)
def test_a_tool_that_no_catalog_takes(part: dict[str, Any]) -> None:
    """The simulated world never knew it."""
    record = json.loads(line(0))
    record["tools"][1]["function"]["returns"] = {"type": "object", "properties": {"part": part}}
    (verdict,) = replay(record)
    assert verdict.where == "tools[1]" and verdict.why.startswith("cannot be replayed: ")


@pytest.mark.parametrize("index", range(6))
def test_examples_of_any_kind(index: int) -> None:
    """An address may have lists among its examples, and what the catalog takes the world can draw from."""
    record = json.loads(line(index))
    city = {"type": "string", "examples": ["Lisbon"]}
    address = {"type": "string", "examples": [["a"], "Rua das Flores 1, Lisbon"]}
    for tool in record["tools"]:
        tool["function"]["returns"] = {"type": "object", "properties": {"city": city, "address": address}}
    assert all(verdict.where.startswith("messages[") for verdict in replay(record))


@pytest.mark.parametrize("other", [None, [], {}, {"meta": 1}, {"meta": {"cast": "llm"}}])
def test_others_are_not_replayed(other: Any) -> None:
    """Only what says that selfplay made it."""
    assert not is_replayable(other)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command counts what it replayed and what it skipped."""
    talk = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}
    file = tmp_path / "mixed.jsonl"
    file.write_text(line(0) + "\n" + json.dumps(talk) + "\n", encoding="utf-8")
    assert run(["validate", str(file), "--replay"]) == 0
    assert "replayed 1, skipped 1 that selfplay did not make" in capsys.readouterr().out
