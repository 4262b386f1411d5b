"""``toolflow evaluate --judge``: money, stops, bad endpoints, what is written; the real command, a real server."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint import Endpoint, at, served
from tests.test_evaluate import FROM_NOWHERE, GOOD
from toolflow.cli import run
from toolflow.evaluate.judged import ASPECTS
from toolflow.llm import packaged_prompt

pytestmark = pytest.mark.usefixtures("cache")
DIALOGUES, ROUNDS = 8, 12
ASKED = DIALOGUES + ROUNDS
ALIKE = 5
"""Rounds that are asked about again in another dialogue."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With two files of dialogues: six of two rounds that can be entailed, two of none."""
    monkeypatch.chdir(tmp_path)
    records = [{**GOOD, "id": f"good-{n}", "messages": [{"role": "system", "content": str(n)}, *GOOD["messages"]]}
               for n in range(6)]  # fmt: skip
    for record in records:
        record["messages"][-2] = {"role": "user", "content": f"Thanks, {record['id']}!"}
    nowhere = [json.loads(json.dumps(FROM_NOWHERE).replace("Reykjavik", city)) for city in ("Rome", "Bonn")]
    Path("a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    Path("b.jsonl").write_text("".join(json.dumps(record) + "\n" for record in nowhere))
    return tmp_path


def command(url: str, *options: str | Path) -> list[str]:
    """Arguments of an evaluation with a judge."""
    words = ["evaluate", "a.jsonl", "b.jsonl", "--no-coherence", "--judge", "--model", "m", "--base-url", url]
    return [str(word) for word in [*words, *options]]


def test_whole_output(folder: Path, endpoint: Endpoint, prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How many questions before; means with interval and sample; the paper's figures; every rationale in a file."""
    assert run(command(endpoint.url, "--prices", prices, "--judgements", "said.jsonl")) == 0
    printed = capsys.readouterr()
    assert f"judge: questions to ask: dialogues {DIALOGUES}, rounds {ROUNDS}" in printed.err.splitlines()
    assert re.search(r"^spent: \S*0\.0", printed.err, re.M) and "EnR is not measured" not in printed.err
    assert len(endpoint.requests) == ASKED - ALIKE
    lines = [json.loads(line) for line in Path("said.jsonl").read_bytes().splitlines()]
    assert [(line["file"], line["line"]) for line in lines] == [
        *(("a.jsonl", number) for number in range(1, 7)),
        *(("b.jsonl", number) for number in (1, 2)),
    ]
    assert [line["id"] for line in lines] == [*(f"good-{n}" for n in range(6)), None, None]
    assert all(line["rationales"] == dict.fromkeys(ASPECTS, "So.") for line in lines)
    assert {len(line["rounds"]) for line in lines} == {0, 2} and lines[0]["rounds"][0]["why"].startswith("Of ")
    assert {line["models"] for line in lines} == {"m"} and lines[0]["prompt"].startswith("sha256:")
    assert Path("said.jsonl.ledger").exists()
    table = {row.split("  ")[0]: row.split("  ", 1)[1] for row in printed.out.splitlines()}
    for label, aspect, paper in zip(("NAT", "COH", "HELP", "ACC"), ASPECTS, ("3.72", "3.91", "–", "–"), strict=True):
        mean = sum(line["scores"][aspect] for line in lines[:6]) / 6
        assert re.search(rf"\b{mean:.2f} ± \d\.\d\d \(6\) .* \(2\) +{paper}$", table[label]), table[label]
    entailed = [one["entails"] for line in lines for one in line["rounds"]]
    assert f"{100 * sum(entailed) / 12:.2f} ± " in table["EnR"] and table["EnR"].split()[-2:] == ["–", "47.30"]


def test_the_same_command_again_asks_nothing(folder: Path, endpoint: Endpoint, capsys: Any) -> None:
    """All answers are known, at any concurrency; a smaller sample is part of a larger one; --no-cache asks again."""
    assert run(command(endpoint.url, "--concurrency", "1", "--json")) == 0
    first, asked = capsys.readouterr().out, len(endpoint.requests)
    assert run(command(endpoint.url, "--concurrency", "9", "--json")) == 0
    assert capsys.readouterr().out == first
    assert run(command(endpoint.url, "--judged", "2", "--json")) == 0
    assert [one["intervals"]["nat"]["n"] for one in json.loads(capsys.readouterr().out)] == [2, 2]
    assert len(endpoint.requests) == asked
    assert run(command(endpoint.url, "--no-cache")) == 0
    assert len(endpoint.requests) > asked


def test_json(folder: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]) -> None:
    """Means among the other measures, intervals and sizes beside them."""
    assert run(command(endpoint.url, "--json")) == 0
    a, b = json.loads(capsys.readouterr().out)
    assert set(a["intervals"]) == {"enr", "nat", "coh", "help", "acc"} and set(b["intervals"]) == {*a["intervals"]} - {
        "enr"
    }
    assert a["intervals"]["nat"]["low"] <= a["nat"] <= a["intervals"]["nat"]["high"]
    assert (a["intervals"]["nat"]["n"], a["intervals"]["enr"]["n"], a["not_judged"], b["enr"]) == (6, 12, 0, None)


def test_a_budget_that_runs_out_and_goes_on_when_raised(
    folder: Path, endpoint: Endpoint, prices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, one line, no table; continued, every question was paid for once."""
    options = ("--prices", prices, "--concurrency", "1", "--judgements", "said.jsonl")
    assert run(command(endpoint.url, *options, "--budget", "0.02")) == 1
    printed = capsys.readouterr()
    asked = len(endpoint.requests)
    assert printed.out == "" and 0 < asked < ASKED
    last = printed.err.splitlines()[-1]
    assert "error: not judged: the budget is reached: 0.0" in last
    assert f"of {ASKED} questions are answered; their answers are kept, the same command continues" in last
    assert not Path("said.jsonl").exists()
    assert run(command(endpoint.url, *options, "--budget", "1")) == 0
    shown = [json.dumps(body, sort_keys=True) for _role, body in endpoint.requests]
    assert len(set(shown)) == len(shown)


def test_a_stopped_command_continues(folder: Path, endpoint: Endpoint) -> None:
    """What was answered is not asked again, as far as it arrived."""
    endpoint.latency = 0.05
    words = command(endpoint.url, "--concurrency", "1")
    process = subprocess.Popen([sys.executable, "-m", "toolflow", *words], stderr=subprocess.PIPE, text=True)
    while len(endpoint.requests) < 5 and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGTERM)
    _out, said = process.communicate()
    assert process.returncode == 1
    assert "error: not judged: interrupted; " in said and "Traceback" not in said
    assert run(words) == 0
    assert len(endpoint.requests) <= ASKED - ALIKE + 2


@pytest.mark.parametrize("fault", ["broken", "prose", "empty", "length", "refusal", "filter", "500"])
def test_a_bad_answer_is_asked_for_again(folder: Path, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever comes back at first, in the end everything is judged."""
    with served(Endpoint(at({("judge", 2): fault, ("judge", 5): fault}))) as endpoint:
        assert run(command(endpoint.url, "--json")) == 0
    a, b = json.loads(capsys.readouterr().out)
    assert (a["not_judged"], b["not_judged"], a["intervals"]["nat"]["n"]) == (0, 0, 6)
    assert endpoint.met[fault]


def test_what_never_fits_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The means are those of the others; when none fits, there is none, and the exit code says so."""
    with served(Endpoint(at({("judge", number): "refusal" for number in (1, 2, 3)}))) as endpoint:
        assert run(command(endpoint.url, "--concurrency", "1", "--json", "--judgements", "said.jsonl")) == 0
    printed = capsys.readouterr()
    a = json.loads(printed.out)[0]
    assert (a["not_judged"], a["intervals"]["nat"]["n"]) == (1, 5)
    assert "not judged: 1 questions; the first: judge: no answer fitted in 3 attempts, last: you refused" in printed.err
    first = json.loads(Path("said.jsonl").read_bytes().splitlines()[0])
    assert first["scores"] is None and "you refused" in first["not_judged"][0] and len(first["rounds"]) == 2
    with served(Endpoint(at({("*", 0): "prose"}))) as endpoint:
        assert run(command(endpoint.url)) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"error: not judged: none of {ASKED} questions was answered" in printed.err.splitlines()[-1]


def test_models_and_prompt_of_the_settings(folder: Path, endpoint: Endpoint) -> None:
    """``judge``, or else ``planner``, when no ``--model`` is given; a prompt file of one's own."""
    Path("mine.md").write_text(packaged_prompt("judge").replace("You judge", "You judge, and sternly,"))
    for models, name in (("judge: one, planner: two", "one"), ("planner: two", "two")):
        endpoint.requests.clear()
        Path("my.yaml").write_text(f"llm: {{models: {{{models}}}, prompts: {{judge: mine.md}}}}")
        words = [word for word in command(endpoint.url, "--config", "my.yaml") if word not in ("--model", "m")]
        assert run(words) == 0
        assert {body["model"] for _role, body in endpoint.requests} == {name}
        assert all(text.count("and sternly,") == 1 for text in endpoint.shown("judge"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--judge"], "--judge: needs --model, the name of the model to ask, or llm.models.judge"),
        (["--model", "m"], "--model: needs --judge; without it no model is asked"),
        (["--judged", "3"], "--judged: needs --judge"),
        (["--judgements", "x"], "--judgements: needs --judge"),
        (["--judge", "--model", "m", "--base-url", "https://llm.example.com/v1"], "needs OPENAI_API_KEY"),
        (["--judge", "--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--budget", "1"], "no price for m"),
        (
            ["--judge", "--model", "m", "--base-url", "http://127.0.0.1:1/v1", "--judgements", "./a.jsonl"],
            "--judgements: a.jsonl is a file that is to be measured",
        ),
    ],
)
def test_usage(folder: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Said in one line before anything is asked, with exit code 2; the data stay as they are."""
    before = Path("a.jsonl").read_bytes()
    assert run(["evaluate", "a.jsonl", "--no-coherence", *options]) == 2
    printed = capsys.readouterr()
    assert said in printed.err and printed.out == ""
    assert Path("a.jsonl").read_bytes() == before


def test_without_a_judge_entailment_is_an_empty_cell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a line says so; scores have no row."""
    assert run(["evaluate", "a.jsonl", "--no-coherence"]) == 0
    printed = capsys.readouterr()
    row = next(line for line in printed.out.splitlines() if line.startswith("EnR"))
    assert row.split() == ["EnR", "–", "47.30"]
    assert "NAT" not in printed.out
    assert (
        "EnR is not measured; --judge (a model is asked) or --nli (a trained one) measures it"
        in printed.err.splitlines()
    )
