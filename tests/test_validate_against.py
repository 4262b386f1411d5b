"""Decontamination: what a dialogue has of a benchmark is named; what is allowed, or shorter, is not."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_encoder import FakeEncoder

from toolflow.cli import run
from toolflow.errors import ConfigError
from toolflow.validate.against import Benchmark
from toolflow.validate.reading import read

QUESTION = "What will the weather be like in the old town of Zagreb on the second Sunday of next month?"
TOOL = {
    "name": "get_weather",
    "description": "Tells the weather that a place has on a day, with the chance of rain and the wind in knots.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
}
EXAMPLE = {
    "id": "bench-7",
    "tools": [{"type": "function", "function": TOOL}],
    "messages": [
        {"role": "user", "content": QUESTION},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": '{"place": "Zagreb"}'}}
            ],
        },
    ],
}


def dialogue(said: str, tool: dict[str, Any], place: str = "Oslo") -> dict[str, Any]:
    function = {"name": tool["name"], "arguments": json.dumps({"place": place})}
    return {
        "tools": [{"type": "function", "function": tool}],
        "messages": [
            {"role": "user", "content": said},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "b", "type": "function", "function": function}],
            },
        ],
    }


OTHER = {"name": "find_song", "description": "Finds a song by its words.", "parameters": {"type": "object"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bench.jsonl.gz"
    path.write_bytes(gzip.compress((json.dumps(EXAMPLE) + "\n\n").encode()))
    return path


@pytest.mark.parametrize(
    ("record", "rules"),
    [
        (dialogue(f"Tell me, {QUESTION.upper()}", OTHER), ["contaminated"]),
        (dialogue(" ".join(QUESTION.split()[:10]), OTHER), []),
        (dialogue("Thanks", TOOL), ["leaked-tool"]),
        (dialogue("Thanks", TOOL, "Zagreb"), ["benchmark-calls", "leaked-tool"]),
        (dialogue("Thanks", {**TOOL, "description": "Gives a forecast."}), []),
        (dialogue("Thanks", OTHER), []),
    ],
)
def test_what_is_shared_is_named(file: Path, record: dict[str, Any], rules: list[str]) -> None:
    """Eleven words in a row, a tool, calls with their arguments."""
    benchmark = Benchmark([file])
    assert [rule for rule, _ in benchmark.shares(read(record))] == rules
    assert [rule for rule, _ in benchmark.shares(read(record))] == rules


def test_what_is_allowed_is_passed_over(file: Path) -> None:
    """A phrase, and a tool by its name."""
    benchmark = Benchmark([file], allowed=[QUESTION, "GET_WEATHER"])
    assert list(benchmark.shares(read(dialogue(QUESTION, TOOL)))) == []


def test_a_tool_of_the_same_meaning_is_leaked(file: Path) -> None:
    """Whatever its words: the encoder decides."""

    class Alike(FakeEncoder):
        def encode(self, texts: Any, progress: Any = None) -> Any:
            return np.tile(np.array([[1.0, 0.0]], np.float32), (len(texts), 1))

    (found,) = Benchmark([file], encode=Alike().encode).shares(read(dialogue("Hi", OTHER)))
    assert found[0] == "leaked-tool"
    assert found[1].where == "tools[0]"
    assert "'find_song': means what 'get_weather' of the benchmark means (1.00)" in found[1].why


def test_a_letter_is_a_word_where_no_spaces_part_them(tmp_path: Path) -> None:
    """Eleven letters of Chinese are a shared run, ten are not."""
    (tmp_path / "b.json").write_text(json.dumps(["请问下星期天萨格勒布老城的天气怎么样"]))
    benchmark = Benchmark([tmp_path / "b.json"])
    shared = [
        list(benchmark.shares(read(dialogue(f"你好，{said}", OTHER))))
        for said in ("下星期天萨格勒布老城的", "下星期天萨格勒布老城")
    ]
    assert [len(found) for found in shared] == [1, 0]


@pytest.mark.parametrize(
    "content", [[EXAMPLE], {"split": "test", "rows": [7, EXAMPLE]}], ids=["a list", "a list in an object"]
)
def test_examples_are_found_wherever_they_stand(tmp_path: Path, content: Any) -> None:
    """One JSON value that holds them all, in a file with a byte order mark."""
    path = tmp_path / "b.json"
    path.write_text(json.dumps(content, indent=1), encoding="utf-8-sig")
    shared = {
        rule: finding.why for rule, finding in Benchmark([path]).shares(read(dialogue("Hi", OTHER | TOOL, "Zagreb")))
    }
    assert shared["benchmark-calls"] == "makes exactly the calls of bench-7"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'"a"\n7\n', json.dumps([EXAMPLE]).encode()])
def test_any_json_is_a_benchmark(tmp_path: Path, content: bytes) -> None:
    """One value, lines, nothing."""
    path = tmp_path / "b.json"
    path.write_bytes(content)
    list(Benchmark([path]).shares(read(EXAMPLE)))


@pytest.mark.parametrize("content", [b"nonsense", b"\x1f\x8b\x08\x00broken"])
def test_anything_else_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    """With the file's name."""
    path = tmp_path / ("b.gz" if content.startswith(b"\x1f") else "b.json")
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=path.name):
        Benchmark([path])


def test_the_command(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The benchmark against itself."""
    reply = {"role": "assistant", "content": "Sorry."}
    (tmp_path / "set.jsonl").write_text(json.dumps({**EXAMPLE, "messages": [EXAMPLE["messages"][0], reply]}) + "\n")
    assert run(["validate", str(tmp_path / "set.jsonl"), "--against", str(file), "--json"]) == 1
    assert set(json.loads(capsys.readouterr().out)["rules"]) == {"contaminated", "leaked-tool"}
    assert run(["validate", str(tmp_path / "set.jsonl"), "--against", str(tmp_path / "none")]) == 2
