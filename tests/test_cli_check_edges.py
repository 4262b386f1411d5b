"""``toolflow build-graph --check-edges``: money, stops, bad endpoints; the real command against a real server."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.endpoint import Endpoint, at, served
from toolflow.catalog import packaged_tools
from toolflow.cli import run
from toolflow.graph import load_graph

pytestmark = pytest.mark.usefixtures("cache")
ASKED = 12


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With settings that ask little."""
    monkeypatch.chdir(tmp_path)
    Path("my.yaml").write_text(f"graph: {{check_edges: {ASKED}}}")
    return tmp_path


def command(url: str, *options: str | Path, out: str = "g") -> list[str]:
    """Arguments of a build that is checked."""
    words = ["build-graph", packaged_tools() / "flights.jsonl", "-o", out, "--config", "my.yaml", "--check-edges"]
    return [str(word) for word in [*words, "--model", "m", "--base-url", url, *options]]


def test_whole_output(folder: Path, endpoint: Endpoint, prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How many questions before, what became of them after; the same as JSON, with the costs beside the graph."""
    assert run(command(endpoint.url, "--prices", prices, "--json")) == 0
    printed = capsys.readouterr()
    said = printed.err.splitlines()
    graph = load_graph(folder / "g")
    assert graph.checks is not None
    yes = sum(one.fits for one in graph.checks.checked)
    assert 0 < yes < ASKED == len(graph.checks.checked)
    assert f"check-edges: questions to ask about doubtful flows: {ASKED}" in said
    assert f"checked flows: yes {yes}, no {ASKED - yes}" in said
    figures = json.loads(printed.out)
    assert (figures["confirmed"], figures["refused"], figures["digest"]) == (yes, ASKED - yes, graph.digest)
    assert (figures["checks"]["questions"], figures["checks"]["answered"]) == (ASKED, ASKED)
    assert figures["checks"]["spending"]["total"]["calls"] == len(endpoint.requests) == ASKED
    assert {row["role"] for row in figures["checks"]["spending"]["rows"]} == {"check_edges"}
    assert (folder / "g.ledger").exists()
    assert run(command(endpoint.url)) == 0
    assert "flows a model said no to" in capsys.readouterr().out
    refused = next(one for one in graph.checks.checked if not one.fits)
    assert run(["graph", "show", refused.pair.left_tool, "g"]) == 0
    shown = capsys.readouterr().out
    assert "flows taken out" in shown and f"a model said no: {refused.why}" in shown
    confirmed = next(one for one in graph.checks.checked if one.fits)
    assert run(["graph", "show", confirmed.pair.left_tool, "g", "--json"]) == 0
    assert f"a model said yes: {confirmed.why}" in capsys.readouterr().out


def test_the_same_command_again_asks_nothing(folder: Path, endpoint: Endpoint) -> None:
    """All answers are known, and the graph is the same to the byte, at any concurrency."""
    assert run(command(endpoint.url, "--concurrency", "1")) == 0
    asked = len(endpoint.requests)
    assert run(command(endpoint.url, "--concurrency", "9", out="again")) == 0
    assert len(endpoint.requests) == asked == ASKED
    assert (folder / "again").read_bytes() == (folder / "g").read_bytes()
    assert run(command(endpoint.url, "--no-cache", out="once more")) == 0
    assert len(endpoint.requests) == 2 * ASKED


def test_a_budget_that_runs_out_writes_nothing_and_goes_on_when_raised(
    folder: Path, endpoint: Endpoint, prices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and one line; continued, every question was paid for once."""
    options = ("--prices", prices, "--concurrency", "2")
    assert run(command(endpoint.url, *options, "--budget", "0.02")) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    asked = len(endpoint.requests)
    assert 0 < asked < ASKED
    assert "g: not written: the budget is reached: 0.0" in last
    assert f"{asked} of {ASKED} questions are answered; their answers are kept, the same command continues" in last
    assert not (folder / "g").exists()
    assert run(command(endpoint.url, *options, "--budget", "1", "--json")) == 0
    assert len(endpoint.requests) == ASKED
    total = json.loads(capsys.readouterr().out)["checks"]["spending"]["total"]
    assert total["calls"] == ASKED and total["recalled"] == asked


def test_a_stopped_command_continues(folder: Path, endpoint: Endpoint) -> None:
    """The graph of before stays until the end; what was answered is not asked again, as far as it arrived."""
    (folder / "g").write_text("of before\n")
    endpoint.latency = 0.05
    words = command(endpoint.url, "--concurrency", "2")
    process = subprocess.Popen([sys.executable, "-m", "toolflow", *words], stderr=subprocess.PIPE, text=True)
    while len(endpoint.requests) < 5 and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGTERM)
    _out, said = process.communicate()
    assert process.returncode == 1
    assert "not written: interrupted; " in said and "Traceback" not in said
    assert (folder / "g").read_text() == "of before\n"
    assert run(words) == 0
    assert load_graph(folder / "g").checks is not None
    assert ASKED <= len(endpoint.requests) <= ASKED + 2


@pytest.mark.parametrize("fault", ["broken", "prose", "empty", "length", "refusal", "500"])
def test_a_bad_answer_is_asked_for_again(folder: Path, fault: str) -> None:
    """Whatever comes back at first, in the end every flow is checked."""
    with served(Endpoint(at({("check_edges", 2): fault, ("check_edges", 5): fault}))) as endpoint:
        assert run(command(endpoint.url)) == 0
    checks = load_graph(folder / "g").checks
    assert checks is not None and len(checks.checked) == ASKED
    assert endpoint.met[fault]


def test_what_never_fits_is_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others count; when none fits, the graph is there unchecked, and the exit code says so."""
    with served(Endpoint(at({("check_edges", number): "prose" for number in range(1, 4)}))) as endpoint:
        assert run(command(endpoint.url, "--concurrency", "1")) == 0
    assert "without an answer: 1; the first: check_edges: no answer fitted in 3 attempts" in capsys.readouterr().err
    with served(Endpoint(at({("*", 0): "prose"}))) as endpoint:
        assert run(command(endpoint.url, out="none")) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"none: written, with nothing checked: none of {ASKED} questions was answered" in last
    assert load_graph(folder / "none").checks.checked == ()


def test_models_of_the_settings(folder: Path, endpoint: Endpoint) -> None:
    """``check_edges``, or else ``planner``, when no ``--model`` is given."""
    for models, name in (("check_edges: one, planner: two", "one"), ("planner: two", "two")):
        endpoint.requests.clear()
        (folder / "my.yaml").write_text(f"graph: {{check_edges: 2}}\nllm: {{models: {{{models}}}}}")
        words = [word for word in command(endpoint.url) if word not in ("--model", "m")]
        assert run(words) == 0
        assert {body["model"] for _role, body in endpoint.requests} == {name}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--check-edges"], "--check-edges: needs --model, the name of the model to ask, or llm.models.check_edges"),
        (["--model", "m"], "--model: needs --check-edges; without it no model is asked"),
        (["--no-cache"], "--no-cache: needs --check-edges"),
        (["--check-edges", "--model", "m", "--base-url", "https://llm.example.com/v1"], "needs OPENAI_API_KEY"),
        (["--check-edges", "--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--budget", "1"], "no price for m"),
    ],
)
def test_usage(folder: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Said in one line before anything is read, with exit code 2."""
    assert run(["build-graph", "nowhere.jsonl", "-o", "g", *options]) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "g").exists()
