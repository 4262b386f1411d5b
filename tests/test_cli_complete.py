"""``toolflow import --complete``: money, kills, bad endpoints; the real command against a real server."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint import Endpoint, at, served
from tests.importing import Written, function, write
from toolflow.cli import run

pytestmark = pytest.mark.usefixtures("cache")
__all__ = ["write"]

TOOLS = 12


@pytest.fixture
def source(write: Written) -> Path:
    """Tools that lack everything but a name."""
    return write([function(f"f{n}", "", city={"type": "string"}) for n in range(TOOLS)], "tools.json")


def command(source: Path, url: str, *options: str | Path) -> list[str]:
    """Arguments of an import that is completed, into ``catalog.jsonl`` beside its source."""
    out = source.with_name("catalog.jsonl")
    words = ["import", source, "-o", out, "--complete", "--model", "m", "--base-url", url, *options]
    return [str(word) for word in words]


def tools_in(source: Path) -> list[dict[str, Any]]:
    """The catalog beside it."""
    return [json.loads(line) for line in source.with_name("catalog.jsonl").read_bytes().splitlines()]


def test_whole_output(source: Path, endpoint: Endpoint, prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How many questions before, what became of them after; the same in the report, with the costs."""
    report = source.with_name("report.json")
    assert run(command(source, endpoint.url, "--report", report, "--prices", prices)) == 0
    said = capsys.readouterr().err.splitlines()
    counts = f"description {TOOLS}, parameter description {TOOLS}, returns {TOOLS}"
    assert said[0] == f"complete: {TOOLS} of {TOOLS} tools lack something ({counts}); questions to ask: {TOOLS}"
    assert said[-2] == f"completed tools: {TOOLS} ({counts})"
    assert said[-1].startswith("spent: 0.0") and said[-1].endswith("USD")
    completion = json.loads(report.read_bytes())["completion"]
    assert (completion["questions"], completion["tools"], completion["incomplete"]) == (TOOLS, TOOLS, [])
    assert completion["spending"]["total"]["calls"] == len(endpoint.requests) == TOOLS
    assert {row["role"] for row in completion["spending"]["rows"]} == {"complete"}
    marks = ["description", "parameters.city.description", "returns"]
    assert all(tool["x-completed"] == marks for tool in tools_in(source))


def test_the_same_command_again_asks_nothing(source: Path, endpoint: Endpoint) -> None:
    """All answers are known, and the catalog is the same to the byte; what is complete needs no question."""
    assert run(command(source, endpoint.url)) == 0
    catalog = source.with_name("catalog.jsonl")
    first, asked = catalog.read_bytes(), len(endpoint.requests)
    assert run(command(source, endpoint.url)) == 0
    assert catalog.read_bytes() == first
    again = catalog.with_name("again.jsonl")
    assert (
        run([*command(source, endpoint.url)[:1], str(catalog), "-o", str(again), *command(source, endpoint.url)[4:]])
        == 0
    )
    assert again.read_bytes() == first
    assert len(endpoint.requests) == asked


def test_a_budget_that_runs_out_writes_nothing_and_goes_on_when_raised(
    source: Path, endpoint: Endpoint, prices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and one line; continued, every question was paid for once, and the account has all of it."""
    budget, options = 0.02, ("--prices", prices, "--concurrency", "2")
    assert run(command(source, endpoint.url, *options, "--budget", str(budget))) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    asked = len(endpoint.requests)
    assert 0 < asked < TOOLS
    assert "not written: the budget is reached: 0.0" in last and "raise --budget to go on" in last
    assert f"{asked} of {TOOLS} questions are answered; their answers are kept, the same command continues" in last
    assert not source.with_name("catalog.jsonl").exists()
    report = source.with_name("report.json")
    assert run(command(source, endpoint.url, *options, "--budget", "1", "--report", report)) == 0
    assert len(endpoint.requests) == TOOLS == len(tools_in(source))
    total = json.loads(report.read_bytes())["completion"]["spending"]["total"]
    assert total["calls"] == TOOLS and total["recalled"] == asked


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_command_continues(source: Path, endpoint: Endpoint, number: signal.Signals) -> None:
    """The catalog of before stays until the end; what was answered is not asked again, as far as it arrived."""
    catalog = source.with_name("catalog.jsonl")
    catalog.write_text("of before\n")
    endpoint.latency = 0.05
    words = command(source, endpoint.url, "--concurrency", "2")
    process = subprocess.Popen([sys.executable, "-m", "toolflow", *words], stderr=subprocess.PIPE, text=True)
    while len(endpoint.requests) < 5 and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, number)
    _out, said = process.communicate()
    assert catalog.read_text() == "of before\n"
    if number is signal.SIGTERM:
        assert process.returncode == 1
        assert "not written: interrupted; " in said and "Traceback" not in said
    assert run(words) == 0
    assert len(tools_in(source)) == TOOLS
    assert TOOLS <= len(endpoint.requests) <= TOOLS + 2


@pytest.mark.parametrize("fault", ["broken", "prose", "empty", "length", "refusal", "500", "no_choices"])
def test_a_bad_answer_is_asked_for_again(source: Path, fault: str) -> None:
    """Whatever comes back at first, in the end everything is there."""
    with served(Endpoint(at({("complete", 2): fault, ("complete", 5): fault}))) as endpoint:
        assert run(command(source, endpoint.url)) == 0
    assert all(len(tool["x-completed"]) == 3 for tool in tools_in(source))
    assert endpoint.met[fault]


def test_what_never_fits_is_reported_and_costs_nobody_else(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tools are all there, some of them as they came."""
    with served(Endpoint(at({("complete", number): "prose" for number in range(3, 9)}))) as endpoint:
        assert run(command(source, endpoint.url, "--concurrency", "1", "--json")) == 0
    printed = capsys.readouterr()
    completion = json.loads(printed.out)["completion"]
    assert len(completion["incomplete"]) == 2
    assert "still incomplete: 2" in printed.err
    assert len(tools_in(source)) == TOOLS
    assert sum("x-completed" not in tool for tool in tools_in(source)) == 2


def test_an_endpoint_that_refuses_ends_it(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit code 1, no catalog."""
    with served(Endpoint(at({("*", 0): "403"}))) as endpoint:
        assert run(command(source, endpoint.url)) == 1
    said = capsys.readouterr().err
    assert "not written: " in said.splitlines()[-1] and "Traceback" not in said
    assert not source.with_name("catalog.jsonl").exists()


def test_a_prompt_of_ones_own(source: Path, endpoint: Endpoint) -> None:
    """Beside the config file, held to the same sections."""
    (source.with_name("mine.md")).write_text(
        "# system\nYou document tools, tersely.\n\n# example\nfind: {}\n\n# example_answer\n{}\n\n"
        "# tool\n$name: $tool\n<lacking>\n$lacking\n</lacking>\n"
    )
    settings = source.with_name("my.yaml")
    settings.write_text("llm: {prompts: {complete: mine.md}}")
    assert run(command(source, endpoint.url, "--config", settings)) == 0
    assert all("tersely" in text for text in endpoint.shown("complete"))


@pytest.mark.parametrize("fault", ["prose", "refusal"])
def test_nothing_completed_is_a_failure(source: Path, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says so, with the exit code of a run that could not be finished; the catalog is there as it came."""
    with served(Endpoint(at({("*", 0): fault}))) as endpoint:
        code = run(command(source, endpoint.url))
    said = capsys.readouterr().err.splitlines()[-1]
    assert code == 1
    assert f"nothing completed: none of {TOOLS} questions was answered as it should be; the first: complete: " in said
    assert len(tools_in(source)) == TOOLS


def asked(endpoint: Endpoint) -> set[str]:
    """The models that were."""
    return {body["model"] for _role, body in endpoint.requests}


@pytest.mark.parametrize(
    ("models", "option", "names"),
    [
        ("{complete: one}", [], {"one"}),
        ("{complete: one, tool: two}", [], {"one"}),
        ("{planner: one, user: one, assistant: one, tool: two}", [], {"two"}),
        ("{complete: one}", ["--model", "two"], {"two"}),
        ("{complete: [one, two]}", [], {"one", "two"}),
    ],
)
def test_models_of_the_settings(
    source: Path, endpoint: Endpoint, models: str, option: list[str], names: set[str]
) -> None:
    """`--model` first, then `complete`, then `tool`; of a pool one is drawn for each question, always the same one."""
    settings = source.with_name("my.yaml")
    settings.write_text(f"llm: {{models: {models}}}")
    words = [word for word in command(source, endpoint.url, "--config", settings) if word not in ("--model", "m")]
    assert run([*words, *option]) == 0
    assert asked(endpoint) == names
    count = len(endpoint.requests)
    assert run([*words, *option]) == 0
    assert len(endpoint.requests) == count


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--complete"], "--complete: needs --model"),
        (["--complete", "--config", "planner.yaml"], "or llm.models.complete"),
        (["--model", "m"], "--model: needs --complete"),
        (["--budget", "1"], "--budget: needs --complete"),
        (["--complete", "--model", "m", "--base-url", "nowhere"], "--base-url: nowhere is no URL"),
        (["--complete", "--model", "m", "--base-url", "https://llm.example.com/v1"], "needs OPENAI_API_KEY"),
        (["--complete", "--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--budget", "1"], "no price for m"),
    ],
)
def test_usage(
    source: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said in one line before anything is read, with exit code 2."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(source.parent)
    source.with_name("planner.yaml").write_text("llm: {models: {planner: one}}")
    assert run(["import", str(source), "-o", str(source.with_name("c.jsonl")), *options]) == 2
    assert said in capsys.readouterr().err
    assert not source.with_name("c.jsonl").exists()
