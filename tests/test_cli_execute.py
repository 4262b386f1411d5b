"""``toolflow synthesize --execute`` from outside: real results in the dialogues of both casts, and only when asked."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.endpoint import Endpoint, served
from toolflow.cli import run
from toolflow.records import KEPT, MANIFEST, REJECTED

COMMAND = [sys.executable, str(Path(__file__).with_name("live_server.py"))]
USED = ("find_shops", "get_opening_hours", "create_note")
SAFE = {"find_shops", "get_opening_hours"}
SHOPS = """
import time

def find_shops(city):
    return {"city": city, "shops": [{"shop_id": f"OWN-{city}-{n}", "name": f"Shop {n}", "rating": 4} for n in "12"]}

def closed(shop_id):
    raise RuntimeError(f"{shop_id} has closed for good")

def odd(shop_id):
    return {"shop_id": shop_id, "opening_time": 9}

def hang(shop_id):
    time.sleep(3600)
"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph of some tools of the server, as a user makes it."""
    folder = tmp_path_factory.mktemp("live")
    assert run(["import", f"stdio:{shlex.join(COMMAND)}", "-o", str(folder / "all.jsonl")]) == 0
    lines = (folder / "all.jsonl").read_text().splitlines()
    used = [line for line in lines if json.loads(line)["name"] in USED]
    (folder / "tools.jsonl").write_text("\n".join(used))
    assert run(["build-graph", str(folder / "tools.jsonl"), "-o", str(folder / "tools.graph")]) == 0
    return folder / "tools.graph"


@pytest.fixture
def synthesize(graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command in a folder with a module of one's own, with these settings."""
    monkeypatch.setenv("STARTS", str(tmp_path / "starts"))
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    (tmp_path / "own_shops.py").write_text(SHOPS)
    monkeypatch.chdir(tmp_path)

    def synthesize(execute: dict[str, Any] | None, *options: object, number: int = 8) -> int:
        config = {} if execute is None else {"execute": execute}
        Path("my.yaml").write_text(yaml.safe_dump(config))
        fixed = ["-n", number, "-o", "run", "--graph", graph, "--config", "my.yaml"]
        return run(["synthesize", *map(str, [*fixed, *options])])

    return synthesize


def server(**more: Any) -> dict[str, Any]:
    """Settings that name the server."""
    return {"mcp": [{"command": COMMAND, "env": ["STARTS", "NOTES"]}], "timeout": 60, **more}


def records(name: str = KEPT) -> list[dict[str, Any]]:
    """What a run wrote."""
    return [json.loads(line) for line in Path("run", name).read_text().splitlines()]


def results(record: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Id, tool and result of each call."""
    tools = [message for message in record["messages"] if message["role"] == "tool"]
    return [(message["tool_call_id"], message["name"], json.loads(message["content"])) for message in tools]


def are_real(found: list[dict[str, Any]]) -> set[str]:
    """The tools whose results are said to be real; real ones look real, and no others do."""
    real = set()
    for record in found:
        executed = record["meta"].get("executed", [])
        for call, tool, result in results(record):
            looks = "REAL-" in json.dumps(result) and "error" not in result
            assert looks == (call in executed), (record["id"], call)
            real |= {tool} if looks else set()
    return real


def test_a_server_answers_in_selfplay(synthesize, capsys) -> None:
    """One server for the run; later arguments follow its results; a tool that may do harm stays simulated."""
    assert synthesize(server(), "--execute") == 0
    said = capsys.readouterr().err
    assert "run for real: find_shops, get_opening_hours; all others are simulated" in said
    assert "simulated, for they may have side effects: create_note (execute.allow)" in said
    assert re.search(r"^real tools gave \d+ answers, 0 of them errors; 0 calls got none$", said, re.M)
    assert are_real(records()) == SAFE
    hours = [result for record in records() for _, tool, result in results(record) if tool == "get_opening_hours"]
    assert any(result.get("shop_id", "").startswith("REAL-") for result in hours)
    (number,) = Path("starts").read_text().split()
    with pytest.raises(ProcessLookupError):
        os.kill(int(number), 0)
    assert not Path("notes").exists()
    shown = json.loads(Path("run", MANIFEST).read_bytes())["identity"]["config"]["execute"]["mcp"][0]["command"]
    assert shown == [Path(sys.executable).name, "live_server.py"]


def test_replay_takes_real_results_as_they_stand(synthesize, capsys) -> None:
    """The simulated ones are checked all the same."""
    settings = {"python": {"find_shops": "own_shops:find_shops"}}
    assert synthesize(settings, "--execute") == 0
    number = sum(len(record["meta"].get("executed", [])) for record in records())
    simulated = sum(len(results(record)) for record in records()) - number
    assert min(number, simulated) > 0
    assert run(["validate", "run/dialogues.jsonl", "--replay"]) == 0
    said = capsys.readouterr().out
    assert f"{number} results of real tools were taken as they stand" in said
    for record in records():
        for message in record["messages"]:
            if message["role"] == "tool" and message["tool_call_id"] not in record["meta"].get("executed", []):
                message["content"] = '{"made": "up"}'
                Path("other.jsonl").write_text(json.dumps(record))
                assert run(["validate", "other.jsonl", "--replay"]) == 1


def test_real_tools_of_the_hybrid_cast(synthesize) -> None:
    """Its dialogues are selfplay's, so that their tools are as well."""
    settings = {"python": {"find_shops": "own_shops:find_shops"}}
    with served(Endpoint()) as endpoint:
        options = ["--execute", "--cast", "hybrid", "--model", "m", "--base-url", endpoint.url, "--no-cache"]
        assert synthesize(settings, *options, number=4) == 0
    assert {record["meta"]["cast"] for record in records()} == {"hybrid"}
    executed = [call for record in records() for call in record["meta"].get("executed", [])]
    assert executed
    assert json.dumps([results(record) for record in records()]).count("OWN-") >= 2 * len(executed)


def test_a_server_answers_in_the_llm_cast(synthesize) -> None:
    """The model of the tool role is asked for the simulated tools alone; a failure that was planned is simulated."""
    with served(Endpoint()) as endpoint:
        options = ["--execute", "--model", "m", "--base-url", endpoint.url, "--no-cache", "--concurrency", 3]
        assert synthesize(server(allow=["create_note"]), *options, number=6) == 0
    assert {record["meta"]["cast"] for record in records()} == {"llm"}
    executed = sum(len(record["meta"].get("executed", [])) for record in records())
    failing = [call for record in records() for request in record["plan"]["requests"] for call in request["calls"]]
    simulated = sum(call.get("failure") is not None for call in failing)
    assert executed == sum(len(results(record)) for record in records()) - simulated > 5
    assert endpoint.counts["tool"] == 0
    assert len(Path("starts").read_text().split()) == 1


@pytest.mark.parametrize(
    ("settings", "options", "said"),
    [
        (server(), [], "execute: these settings name functions or servers to run; --execute runs them"),
        ({"python": {"find_shops": "own_shops:find_shops"}}, [], "--execute runs them"),
        (None, ["--execute"], "--execute: the settings name nothing to run"),
        ({"timeout": 5}, ["--execute"], "--execute: the settings name nothing to run"),
        ({"python": {"find_shops": "own_shops:find_ships"}}, ["--execute"], "has no attribute 'find_ships'"),
        ({"python": {"find_ships": "own_shops:find_shops"}}, ["--execute"], "no such tool in the catalog"),
    ],
    ids=["server unasked", "function unasked", "nothing", "nothing but limits", "no function", "no tool"],
)
def test_nothing_runs_unless_both_say_so(synthesize, capsys, settings, options, said) -> None:
    """The settings name it and the command line asks for it; one line otherwise, and exit code 2."""
    assert synthesize(settings, *options) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ") and said in last
    assert not Path("starts").exists()
    assert not Path("run", KEPT).exists() or not records()


def test_other_commands_run_nothing(synthesize, graph, capsys) -> None:
    """They read the same settings."""
    assert synthesize(server()) == 2
    tools = str(graph.with_name("tools.jsonl"))
    assert run(["build-graph", tools, "-o", "again.graph", "--config", "my.yaml"]) == 0
    assert run(["estimate", "-n", "9", "--graph", str(graph), "--config", "my.yaml", "--model", "gpt-4.1"]) == 0
    assert not Path("starts").exists()


def test_errors_and_failures(synthesize) -> None:
    """What a tool raises is told to the assistant; what does not fit is judged, and what never comes is given up."""
    functions = {"find_shops": "own_shops:find_shops", "get_opening_hours": "own_shops:closed"}
    assert synthesize({"python": functions}, "--execute") == 0
    errors = [result for record in records() for _, tool, result in results(record) if "has closed" in str(result)]
    assert errors
    assert {json.dumps(list(result["error"])) for result in errors} == {'["type", "message"]'}

    functions["get_opening_hours"] = "own_shops:odd"
    assert synthesize({"python": functions}, "--execute", "--overwrite", number=3) == 0
    rejected = [record["meta"]["verdicts"][0]["rule"] for record in records(REJECTED)]
    assert set(rejected) == {"result-schema"}

    functions["get_opening_hours"] = "own_shops:hang"
    settings = {"python": functions, "timeout": 0.2}
    assert synthesize(settings, "--execute", "--overwrite", number=3) == 0
    whys = {record["meta"]["verdicts"][0]["why"] for record in records(REJECTED)}
    assert whys == {"get_opening_hours, called for real: did not answer within 0.2 seconds"}


def test_an_interrupted_run_keeps_what_it_wrote(synthesize, graph, tmp_path) -> None:
    """While a tool hangs: the run ends, nothing stays behind, and the same command goes on from there."""
    settings = {"python": {"find_shops": "own_shops:find_shops"}, "timeout": 3_000}
    assert synthesize(settings, "--execute", number=2) == 0
    before = Path("run", KEPT).read_bytes()
    Path("own_shops.py").write_text(SHOPS.replace("return {", "open('hanging', 'w').close(); time.sleep(3600); {"))
    words = ["-n", "20", "-o", "run", "--graph", str(graph), "--config", "my.yaml", "--execute"]
    command = [sys.executable, "-m", "toolflow", "synthesize", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not Path("hanging").exists():
            assert time.monotonic() < deadline
            signal.sigtimedwait([], 0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1].endswith("dialogues are there, the same command continues")
    assert Path("run", KEPT).read_bytes().startswith(before)
    Path("own_shops.py").write_text(SHOPS)
    assert synthesize(settings, "--execute", number=6) == 0
    assert Path("run", KEPT).read_bytes().startswith(before)
    assert len(records()) == 6
