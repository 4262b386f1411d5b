"""Prompts of one's own: shown, changed, named in the settings, held to the same rules, recorded by their hash."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint import Endpoint, served
from toolflow.cli import run
from toolflow.config import packaged_configs
from toolflow.llm import packaged_prompt
from toolflow.records import KEPT, MANIFEST, Manifest

NAMES = ["plan", "user", "assistant", "tool", "rewrite", "complete", "check_edges", "judge"]


ASSISTANT = packaged_prompt("assistant")


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A model, and an empty cache of what it answers."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path / "cache"))
    with served(Endpoint()) as endpoint:
        yield endpoint


def synthesize(graph: Path, folder: Path, url: str, prompts: Any, *options: str) -> int:
    """Run the command with these prompts into ``folder/run``."""
    (folder / "my.yaml").write_text(json.dumps({"llm": {"prompts": prompts}}))
    arguments = ["synthesize", "-n", "3", "--graph", str(graph), "-o", str(folder / "run"), "--model", "m"]
    return run([*arguments, "--base-url", url, "--config", str(folder / "my.yaml"), *options])


def test_prompts_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """All names, or one prompt to the byte; another name is one line."""
    assert run(["prompts"]) == 0
    assert capsys.readouterr().out.split() == NAMES
    for name in NAMES:
        assert run(["prompts", name]) == 0
        assert capsys.readouterr().out == packaged_prompt(name)
    assert run(["prompts", "usr"]) == 2
    assert capsys.readouterr().err == f"error: usr: no such prompt; there are {', '.join(NAMES)}\n"


def test_a_prompt_of_ones_own_is_used_and_recorded(
    graph: Path, tmp_path: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model is shown it; every dialogue and the manifest have its hash; where it lies does not matter."""
    own = ASSISTANT.replace("You are a helpful assistant", "You are a helpful assistant, as terse as can be,")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "terse.md").write_text(own)
    assert synthesize(graph, tmp_path, endpoint.url, {"assistant": "prompts/terse.md"}) == 0
    shown = endpoint.shown("assistant")
    assert shown and all("as terse as can be" in text for text in shown)
    digest = "sha256:" + hashlib.sha256(own.encode()).hexdigest()
    records = [json.loads(line) for line in (tmp_path / "run" / KEPT).read_bytes().splitlines()]
    assert {record["meta"]["prompts"]["assistant"] for record in records} == {digest}
    assert Manifest.model_validate_json((tmp_path / "run" / MANIFEST).read_bytes()).identity.prompts["assistant"] == (
        digest
    )
    (tmp_path / "moved.md").write_text(own)
    assert synthesize(graph, tmp_path, endpoint.url, {"assistant": "moved.md"}, "-n", "4") == 0
    (tmp_path / "moved.md").write_text(own + "- Be kind.\n")
    capsys.readouterr()
    assert synthesize(graph, tmp_path, endpoint.url, {"assistant": "moved.md"}, "-n", "4") == 2
    assert "prompts.assistant: sha256:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("prompts", "content", "said"),
    [
        ({"asistant": "a.md"}, None, "llm.prompts.asistant"),
        ({"assistant": "/etc/passwd"}, None, "llm.prompts.assistant: must be a file beside the config file"),
        ({"assistant": "../a.md"}, None, "llm.prompts.assistant: must be a file beside the config file"),
        ({"assistant": "a.txt"}, None, "llm.prompts.assistant: must be a Markdown file"),
        ({"assistant": 4}, None, "llm.prompts.assistant: "),
        ({"assistant": "a.md"}, None, "cannot be read: No such file"),
        ({"assistant": "a.md"}, "You are $name.", "prompt a.md: the text before the first '# section'"),
        (
            {"assistant": "a.md"},
            ASSISTANT.replace("# ask\n", "# ask\n$name\n", 1),
            "prompt a.md, section ask: $name is not a variable",
        ),
        ({"tool": "a.md"}, "# system\nYou simulate $tool.", "prompt a.md: section call is missing"),
        ({"assistant": "a.md"}, ASSISTANT + "\n# more\nx", "prompt a.md: section more is unknown"),
        (
            {"assistant": "a.md"},
            ASSISTANT[: ASSISTANT.rindex("\n", 0, -1)] + "\n",
            "prompt a.md, section unable_example_answer: is empty",
        ),
    ],
)
def test_a_mistake_is_one_clear_line(
    graph: Path,
    tmp_path: Path,
    endpoint: Endpoint,
    capsys: pytest.CaptureFixture[str],
    prompts: Any,
    content: str | None,
    said: str,
) -> None:
    """Exit code 2 before anything is asked or written."""
    if content is not None:
        (tmp_path / "a.md").write_text(content)
    assert synthesize(graph, tmp_path, endpoint.url, prompts) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    assert said in printed.err
    assert not endpoint.requests
    assert not (tmp_path / "run").exists()


def test_a_packaged_config_has_no_folder_for_prompts(
    graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else an installed package would be searched for files of the user's."""
    (tmp_path / "mine.yaml").write_text("llm: {prompts: {user: user.md}}\n")
    (tmp_path / "user.md").write_text(packaged_prompt("user"))
    for module in ("toolflow.config.reading", "toolflow.cli.endpoint"):
        monkeypatch.setattr(f"{module}.packaged_configs", lambda: tmp_path)
    assert packaged_configs() != tmp_path
    options = ["--graph", str(graph), "-o", str(tmp_path / "run"), "--model", "m", "--base-url", "http://127.0.0.1:1"]
    assert run(["synthesize", "-n", "1", "--config", "mine", *options]) == 2
    assert "llm.prompts.user: needs a config file of your own" in capsys.readouterr().err
