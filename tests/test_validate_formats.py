"""Formats of others: what they are is said in one verdict, in place of what every rule would make of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from toolflow.cli import run
from toolflow.config import ValidateConfig
from toolflow.validate import check
from toolflow.validate.formats import other_format

TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
TURNS = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello!"}]
CALL = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]}
FOREIGN: list[tuple[Any, str, str]] = [
    ([{"messages": TALK}], "", "is a list; a line must be an object with messages"),
    ({"conversations": TURNS, "tools": "[]"}, "conversations", "is ShareGPT's format"),
    ({"messages": TURNS}, "messages[0]", "is ShareGPT's format"),
    ({"messages": json.dumps(TALK)}, "messages", "is JSON written as a text"),
    ({"messages": TALK, "tools": '[{"type": "function"}]'}, "tools", "is JSON written as a text"),
    ({"messages": [TALK[0], CALL, TALK[1]]}, "messages[1]", "is OpenAI's old format"),
    ({"messages": [*TALK, {"role": "function", "name": "f", "content": "1"}]}, "messages[2]", "is OpenAI's old format"),
    ({"messages": [TALK[0], USE]}, "messages[1].content", "is Anthropic's format"),
]


@pytest.mark.parametrize(("record", "where", "why"), FOREIGN)
def test_each_is_one_verdict_that_says_what_it_is(record: Any, where: str, why: str) -> None:
    """And what would have to become of it."""
    (verdict,) = check(record, ValidateConfig())
    assert (verdict.rule, verdict.severity, verdict.where) == ("format", "error", where)
    assert verdict.why.startswith(why)


@pytest.mark.parametrize(
    "record",
    [
        {"messages": TALK},
        {"messages": TALK, "tools": [], "conversations": TURNS},
        {"messages": TALK, "tools": "none"},
        {"messages": [TALK[0], {**TALK[1], "function_call": None}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, 7, None]},
        {},
        7,
    ],
)
def test_what_is_none_of_them_is_left_to_the_rules(record: Any) -> None:
    """OpenAI's own format above all."""
    assert other_format(record) is None


def test_where_the_format_only_warns_the_rules_say_the_rest() -> None:
    """Nothing passes because it is foreign."""
    verdicts = check({"messages": [TALK[0], CALL, TALK[1]]}, ValidateConfig(warn=["format"]))
    assert {verdict.rule for verdict in verdicts if verdict.severity == "error"} == {"empty-message"}


def test_evaluate_does_not_measure_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dialogue whose calls cannot be seen is no dialogue without calls."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        "".join(json.dumps(record) + "\n" for record in [{"messages": TALK}, *(one for one, *_ in FOREIGN)])
    )
    assert run(["evaluate", str(path), "--no-coherence", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["dialogues"], found["unreadable"]) == (1, len(FOREIGN))
    path.write_text(json.dumps(FOREIGN[0][0]) + "\n")
    assert run(["evaluate", str(path), "--no-coherence"]) == 2
    assert (
        "holds no dialogue in OpenAI's chat format; 'toolflow validate' says what is wrong" in capsys.readouterr().err
    )
