"""toolflow validate and evaluate: no line and no name of a file ends in a traceback, with any option."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from toolflow.cli import run

HELLO = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]


def calling(arguments: Any, user: str = "Hi", system: str = "", **function: Any) -> str:
    """A line with one call."""
    given = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": "a", "type": "function", "function": {"name": "find", "arguments": given}}
    messages = [
        *([{"role": "system", "content": system}] if system else []),
        {"role": "user", "content": user},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "name": "find", "content": given},
        {"role": "assistant", "content": "Done."},
    ]
    tool = {"type": "function", "function": {"name": "find", **function}}
    return json.dumps({"messages": messages, "tools": [tool]})


def nested(levels: int) -> str:
    return '{"a": ' * levels + "1" + "}" * levels


def nested_everywhere(levels: int) -> list[str]:
    """Lines that nest so deep in a message, in the meta data, in arguments that are no text, in a schema."""
    hello = json.dumps(HELLO)
    call = f'{{"id": "a", "type": "function", "function": {{"name": "find", "arguments": {nested(levels)}}}}}'
    talk = f'[{json.dumps(HELLO[0])}, {{"role": "assistant", "content": null, "tool_calls": [{call}]}}]'
    tool = f'{{"type": "function", "function": {{"name": "find", "parameters": {nested(levels)}}}}}'
    return [
        f'{{"messages": {nested(levels)}}}',
        f'{{"messages": {hello}, "meta": {nested(levels)}}}',
        f'{{"messages": {talk}, "tools": [{tool}]}}',
    ]


HOSTILE = [
    *(json.dumps({"messages": HELLO, "tools": tools}) for tools in (5, True, "x", {"a": 1}, [5], [{"function": 5}])),
    *(line for levels in (99, 101, 900, 1000, 1030, 100_000) for line in nested_everywhere(levels)),
    calling('{"a": "\\ud83d", "\\udc00": "x"}', parameters={"additionalProperties": False}),
    calling({"a": 5}, parameters={"anyOf": [True], "properties": {"a": {"$ref": "#/anyOf/" + "9" * 5000}}}),
    calling({"day": "2026-05-14"}, system="Today is 9999-12-31.", user="In 9999 weeks."),
    calling({"day": "9999-12-31"}, system="Today is 0001-01-01.", user="9999 days before."),
    calling('{"a": ' + "9" * 5000 + "}", user="9" * 5000),
    calling('{"a": 1e999999, "b": 1e300}', user="1e999999"),
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file of hostile lines, of a name that is no UTF-8."""
    path = os.fsdecode(bytes(tmp_path) + b"/lines\xff.jsonl")
    Path(path).write_text("\n".join(HOSTILE) + "\n")
    return path


@pytest.mark.parametrize(
    "options",
    [
        ["--json", "-v"],
        ["--keep", "kept.jsonl", "--rejects", "rejects.jsonl", "--mask", "masked.jsonl.gz", "--report", "report.json"],
        ["--duplicates", "--rejects", "rejects.jsonl"],
        ["--replay", "--rejects", "rejects.jsonl"],
        ["--workers", "1", "--rejects", "rejects.jsonl"],
    ],
)
def test_hostile_lines_get_verdicts(
    file: str, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every option; what is written can be read as UTF-8."""
    monkeypatch.chdir(tmp_path)
    assert run(["validate", file, *options]) == 1
    if "rejects.jsonl" in options:
        written = (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
        assert all(json.loads(line)["meta"]["verdicts"] for line in written)
    if "report.json" in options:
        assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["dialogues"] == len(HOSTILE)


def test_hostile_lines_against_themselves(file: str, tmp_path: Path) -> None:
    """Each line that is JSON is a benchmark, and is found in itself."""
    read = [line for line in HOSTILE if line.count("{") < 1000]
    benchmark = tmp_path / "benchmark.jsonl"
    benchmark.write_text("\n".join(read))
    assert run(["validate", file, "--against", str(benchmark)]) == 1


def test_hostile_lines_are_measured(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Those with messages count as dialogues, those without are told of."""
    assert run(["evaluate", file, file, "--no-coherence", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert first == second
    assert 0 < first["dialogues"] == len(HOSTILE) - first["unreadable"]
    assert run(["evaluate", file, "--no-coherence"]) == 0
