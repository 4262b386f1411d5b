"""Money from outside: a budget that runs out, a run that is killed, a price nobody knows; the real command."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import INPUT, OUTPUT
from tests.endpoint import Endpoint, odds, served
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.cli import run
from toolflow.config import Config
from toolflow.records import KEPT, LEDGER, MANIFEST

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """One that fails now and then."""
    tools = read_catalog([packaged_tools()], Config().catalog).tools
    with served(Endpoint(odds({"500": 0.02, "no_choices": 0.02}), tools=tools)) as endpoint:
        yield endpoint


def command(graph: Path, out: Path, url: str, *options: str | Path) -> list[str]:
    """Arguments of a run of twelve dialogues, four at a time."""
    return [
        *("synthesize", "-n", "12", "--graph", str(graph), "-o", str(out), "--concurrency", "4"),
        *("--model", "m", "--base-url", url, *map(str, options)),
    ]


def manifest(out: Path) -> dict[str, Any]:
    """What run.json says."""
    found: dict[str, Any] = json.loads((out / MANIFEST).read_bytes())
    return found


def kept(out: Path) -> int:
    """Dialogues that are there."""
    return (out / KEPT).read_bytes().count(b"\n")


def test_a_budget_that_runs_out_keeps_what_is_finished_and_goes_on_when_raised(
    graph: Path, tmp_path: Path, prices: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and one line; the continued run pays for nothing twice, and counts what was spent before."""
    out, budget = tmp_path / "run", 0.25
    options = ("--prices", prices, "--budget")
    assert run(command(graph, out, endpoint.url, *options, str(budget))) == 1
    printed = capsys.readouterr()
    assert 0 < kept(out) < 12
    last = printed.err.splitlines()[-1]
    assert last.startswith(f"error: {out}: the budget is reached: 0.")
    assert "estimate: 12 dialogues" in printed.err and "; more than the budget" in printed.err
    assert last.endswith(f"raise --budget to go on; {kept(out)} of 12 dialogues are there")
    total = manifest(out)["spending"]["total"]
    assert total["usd"] + total["possibly_usd"] <= budget
    assert total["usd"] >= budget / 2
    assert total["usd"] == pytest.approx((total["prompt_tokens"] * INPUT + total["completion_tokens"] * OUTPUT) / 1e6)
    assert run(command(graph, out, endpoint.url, *options, "2")) == 0
    assert kept(out) == 12
    total, status = manifest(out)["spending"]["total"], endpoint.met
    assert total["calls"] == len(endpoint.requests) - status["500"]
    again = len(endpoint.requests) - len({json.dumps(body) for _, body in endpoint.requests})
    assert again <= status["500"] + status["no_choices"]


def test_the_end_of_a_run_says_what_it_was_expected_to_take_and_took(
    graph: Path, tmp_path: Path, prices: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people on stderr, for programs in the summary and in run.json."""
    out = tmp_path / "run"
    assert run(command(graph, out, endpoint.url, "--prices", prices, "--json")) == 0
    printed = capsys.readouterr()
    summary = json.loads(printed.out)
    assert summary["spending"] == manifest(out)["spending"]
    assert summary["estimate"] == manifest(out)["estimate"]
    assert summary["files"][LEDGER] == str(out / LEDGER)
    assert summary["usage"].keys() == {"planner", "user", "assistant", "tool"}
    assert {row["role"]: row["usd"] for row in summary["spending"]["rows"]}.keys() == summary["usage"].keys()
    table = printed.err[printed.err.index("for 12 dialogues") :].splitlines()
    assert [line.split("  ")[0] for line in table] == [
        "for 12 dialogues",
        "calls",
        "prompt tokens",
        "answer tokens",
        "USD",
    ]
    assert run(command(graph, out, endpoint.url, "--prices", prices)) == 0
    assert manifest(out)["estimate"] == summary["estimate"]


def test_an_unknown_price_is_unknown(
    graph: Path, tmp_path: Path, endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server on this machine is not free because nobody wrote what it costs; a budget says where to write it."""
    out = tmp_path / "run"
    assert run(command(graph, out, endpoint.url, "-n", "1")) == 0
    assert "spent: unknown (no price for m)" in capsys.readouterr().out
    assert manifest(out)["spending"]["total"]["usd"] == "unknown"
    requests = len(endpoint.requests)
    assert run(command(graph, tmp_path / "other", endpoint.url, "--budget", "1")) == 2
    said = capsys.readouterr().err
    assert "prices.yaml: no price for m at 127.0.0.1, and no budget can be kept without; write it there" in said
    assert len(endpoint.requests) == requests
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("option", ["--budget", "--prices"])
def test_money_is_for_models(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Selfplay costs nothing, and whoever gives it a budget means something else."""
    assert run(["synthesize", "-n", "1", "-o", str(tmp_path / "run"), option, "1"]) == 2
    assert f"{option}: needs --model" in capsys.readouterr().err


def test_a_killed_run_counts_every_call(graph: Path, tmp_path: Path, prices: Path, endpoint: Endpoint) -> None:
    """Those of half-done dialogues too; what was under way is possibly billed; --overwrite forgets all of it."""
    out = tmp_path / "run"
    endpoint.latency = 0.02
    words = command(graph, out, endpoint.url, "--prices", str(prices), "--budget", "3")
    for wait_for in (15, 40):
        process = subprocess.Popen(
            [sys.executable, "-m", "toolflow", *words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        while len(endpoint.requests) < wait_for and process.poll() is None:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert run(words) == 0
    total, failed = manifest(out)["spending"]["total"], endpoint.met["500"]
    assert total["calls"] <= len(endpoint.requests) - failed <= total["calls"] + total["lost"]
    assert 0 < total["lost"] <= 2 * 4
    assert 0 < total["possibly_usd"] < 1
    assert total["recalled"] > 0
    assert manifest(out)["counts"]["usage"]["user"]["calls"] <= endpoint.counts["user"]
    assert run([*words, "--overwrite"]) == 0
    assert manifest(out)["spending"]["total"]["calls"] == 0
