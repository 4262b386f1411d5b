"""The command line from outside: whole outputs, exit codes, one line for every mistake, signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import toolflow
from tests.endpoint import Endpoint, at, served
from toolflow.catalog import packaged_tools
from toolflow.cli import run
from toolflow.records import KEPT, MANIFEST, REJECTED, Manifest

COMMAND = [sys.executable, "-c", "from toolflow.cli import main; main()"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}


@dataclass
class Outcome:
    """What a command left on the screen."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run one command in this process."""

    def command(*arguments: str | Path | int) -> Outcome:
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return command


def files(folder: Path) -> dict[str, bytes]:
    """What a run leaves."""
    return {name: (folder / name).read_bytes() for name in (KEPT, REJECTED, MANIFEST)}


def test_version(command: Command) -> None:
    """Name and number, on stdout."""
    assert command("--version") == Outcome(0, f"toolflow {toolflow.__version__}\n", "")


def test_without_a_command_it_explains_itself(command: Command) -> None:
    """As ``--help`` does."""
    outcome = command()
    assert outcome.code == 0
    assert outcome.out.strip() == command("--help").out.strip()
    assert {"build-graph", "synthesize", "validate"} <= set(outcome.out.split())


@pytest.mark.parametrize("name", ["build-graph", "synthesize", "validate", "prompts"])
def test_help_shows_an_example(command: Command, name: str) -> None:
    """Every command shows itself in use."""
    outcome = command(name, "--help")
    assert outcome.code == 0
    assert len(re.findall(rf"toolflow {name} [^\[]", outcome.out)) >= 1


def test_a_command_imports_what_it_needs() -> None:
    """Checking a file does not wait for models, their client, the graph or selfplay."""
    shown = "import sys; from toolflow.cli import run; run(['validate', '--rules']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    imported = done.stdout.splitlines()[-1].split()
    assert "toolflow.validate" in imported
    assert not {"openai", "networkx", "onnxruntime", "toolflow.llm", "toolflow.selfplay"} & set(imported)


def test_synthesize_writes_a_run(command: Command, graph: Path, tmp_path: Path) -> None:
    """Three files, a summary on stdout, progress on stderr."""
    outcome = command("synthesize", "-n", 12, "--graph", graph, "-o", tmp_path / "run", "--seed", 3)
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[0] == f"12 dialogues in {tmp_path}/run/dialogues.jsonl"
    assert "synthesizing: 12 of 12" in outcome.err
    assert (tmp_path / "run" / KEPT).read_bytes().count(b"\n") == 12
    assert command("validate", tmp_path / "run" / KEPT).code == 0


def test_one_seed_one_result(command: Command, graph: Path, tmp_path: Path) -> None:
    """The same bytes at any concurrency, others with another seed."""
    for name, options in {"a": [], "b": ["--concurrency", 5], "c": ["--seed", 1]}.items():
        assert command("synthesize", "-n", 8, "--graph", graph, "-o", tmp_path / name, *options).code == 0
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a")[KEPT] != files(tmp_path / "c")[KEPT]


def test_json_summary(command: Command, graph: Path, tmp_path: Path) -> None:
    """For programs: nothing but JSON on stdout."""
    summary = json.loads(command("synthesize", "-n", 5, "--graph", graph, "-o", tmp_path, "--json").out)
    assert (summary["status"], summary["kept"]) == ("finished", 5)
    assert summary["files"][KEPT] == str(tmp_path / KEPT)
    assert summary["mix"] == json.loads((tmp_path / MANIFEST).read_text())["mix"]
    assert summary["mix"]["languages"] == {"en": {"kept": 1.0, "wanted": 1.0}}


def test_a_share_that_is_off_is_named(command: Command, graph: Path, tmp_path: Path) -> None:
    """Each part of the mix on a line of its own, and two points off is said to be."""
    (tmp_path / "my.yaml").write_text("mix: {kinds: {single: 1, chain: 1}, requests: {2: 1}, tools: {2: 1, 3: 1}}\n")
    arguments = ["synthesize", "-n", 3, "--graph", graph, "-o", tmp_path / "run", "--config", tmp_path / "my.yaml"]
    lines = command(*arguments).out.splitlines()
    assert lines[-1].startswith("tools a dialogue: ")
    assert re.search(r"[23] in \d+% \(wanted 50%\)", lines[-1])
    assert any(line.startswith("requests: ") and "chain" in line and "single" in line for line in lines)
    assert not any(line.startswith(("requests a dialogue", "languages")) for line in lines)


def test_a_finished_run_is_left_as_it_is(command: Command, graph: Path, tmp_path: Path) -> None:
    """The same or a smaller n says so and is fine; a larger one goes on."""
    command("synthesize", "-n", 6, "--graph", graph, "-o", tmp_path)
    before = files(tmp_path)
    for number in (6, 2):
        outcome = command("synthesize", "-n", number, "--graph", graph, "-o", tmp_path)
        assert outcome.code == 0
        assert outcome.err == f"{tmp_path}: already holds 6 dialogues; nothing to do\n"
        assert files(tmp_path) == before
    outcome = command("synthesize", "-n", 9, "--graph", graph, "-o", tmp_path)
    assert f"{tmp_path}: continuing a run; 6 of 9 dialogues are there" in outcome.err
    assert files(tmp_path)[KEPT].startswith(before[KEPT])


def test_a_changed_setting_is_named(command: Command, graph: Path, tmp_path: Path) -> None:
    """An existing run is not mixed with another; ``--overwrite`` replaces it."""
    (tmp_path / "short.yaml").write_text("mix: {requests: {1: 1}}\n")
    arguments = ["synthesize", "-n", 3, "--graph", graph, "-o", tmp_path / "run"]
    command(*arguments)
    before = files(tmp_path / "run")
    changed = [*arguments, "--seed", 5, "--config", tmp_path / "short.yaml"]
    outcome = command(*changed)
    assert outcome.code == 2
    assert "seed: 0 → 5; " in outcome.err
    assert "mix.requests.1: not set → 1.0" in outcome.err
    assert files(tmp_path / "run") == before
    assert command(*changed, "--overwrite").code == 0


def test_a_config_by_name(command: Command, graph: Path, tmp_path: Path) -> None:
    """``--config paper`` is the packaged file."""
    assert command("synthesize", "-n", 2, "--graph", graph, "-o", tmp_path, "--config", "paper").code == 0
    manifest = Manifest.model_validate_json((tmp_path / MANIFEST).read_bytes())
    assert manifest.identity.config["graph"]["max_degree"] is None


@pytest.fixture
def refusing() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


BAD = [
    ("synthesize -o {tmp}/o", 2, "Missing option '-n' / '--number' (see 'toolflow synthesize --help')"),
    ("synthesize -n 0", 2, "Invalid value for '-n' / '--number': Input should be greater than or equal to 1"),
    ("synthesize -n -5", 2, "Input should be greater than or equal to 1"),
    ("synthesize -n x", 2, "Input should be a valid integer"),
    ("synthesize -n 2 --seed x", 2, "Input should be a valid integer"),
    ("synthesize -n 2 --nonsense", 2, "No such option: --nonsense"),
    ("synthesise -n 2", 2, "No such command 'synthesise'. Did you mean 'synthesize'?"),
    ("synthesize -n 2 extra", 2, "unexpected extra argument"),
    ("synthesize -n 2 --graph {tmp}/none.graph", 2, "{tmp}/none.graph: cannot be read: No such file or directory"),
    ("synthesize -n 2 --graph {tmp}/text", 2, "{tmp}/text: not a tool graph"),
    ("synthesize -n 2 --graph {tmp}/other.graph", 2, "graph format 99, this version reads 3"),
    ("synthesize -n 2 --config {tmp}/none.yaml", 2, "{tmp}/none.yaml: cannot be read: No such file or directory"),
    ("synthesize -n 2 --config {tmp}/typo.yaml", 2, "{tmp}/typo.yaml: unknown key 'graph.treshold'"),
    ("synthesize -n 2 --config {tmp}/rule.yaml --graph {graph} -o {tmp}/o", 2, "nonsense"),
    ("synthesize -n 2 --config papr", 2, "papr: neither a file (of the form NAME.yaml) nor one of default, paper"),
    ("synthesize -n 2 --graph {graph} -o {tmp}/text", 1, "{tmp}/text: cannot be written: File exists"),
    ("synthesize -n 2 --graph {graph} -o {tmp}/text/below", 1, "cannot be written: Not a directory"),
    ("synthesize -n 2 --graph {graph} -o /proc/none", 1, "/proc/none: cannot be written: No such file or directory"),
    ("synthesize -n 2 --graph {graph} -o {tmp}/foreign", 2, "holds records but no run.json"),
    ("synthesize -n 2 --graph {graph} -o {tmp}/strange", 2, "run.json: not a manifest of this version"),
    ("synthesize -n 2 --model m", 2, "--model: needs OPENAI_API_KEY in the environment, or an endpoint of your own"),
    ("synthesize -n 2 --model m --base-url http://example.com/v1", 2, "http://example.com/v1: needs OPENAI_API_KEY"),
    ("synthesize -n 2 --model m --base-url ftp://127.0.0.1", 2, "ftp://127.0.0.1 is no URL such as http://127"),
    ("synthesize -n 2 --model m --base-url localhost:8000", 2, "localhost:8000 is no URL such as"),
    ("synthesize -n 2 --model m --base-url http://[::1", 2, "http://[::1 is no URL such as"),
    ("synthesize -n 2 --base-url http://127.0.0.1:1/v1", 2, "--base-url: needs --model"),
    ("synthesize -n 2 --workers 2 --model m --base-url http://127.0.0.1:1/v1", 2, "--workers: is for selfplay"),
    ("synthesize -n 2 --workers -1", 2, "Input should be greater than or equal to 0"),
    ("synthesize -n 2 --graph {graph} -o {tmp}/o --model m --base-url {refusing}", 1, "{refusing}"),
    ("build-graph {tmp}/none.jsonl -o {tmp}/g", 2, "{tmp}/none.jsonl"),
    ("build-graph {tmp}/text -o {tmp}/g", 2, "{tmp}/text"),
    ("build-graph {tmp}/empty.jsonl -o {tmp}/g", 2, "{tmp}/empty.jsonl: holds no tools"),
    ("build-graph {tmp}/empty -o {tmp}/g", 2, "holds no tools"),
    ("build-graph {tools} -o {tmp}/text/g", 1, "cannot be written"),
    ("validate {tmp}/none.jsonl", 2, "{tmp}/none.jsonl"),
    ("validate", 2, "no files to validate"),
]


@pytest.mark.parametrize(("line", "code", "said"), BAD, ids=[line for line, _, _ in BAD])
def test_a_mistake_is_one_clear_line(
    command: Command, graph: Path, tmp_path: Path, refusing: str, line: str, code: int, said: str
) -> None:
    """The exit code of the mistake, one line on stderr, nothing on stdout, no traceback, nothing written."""
    (tmp_path / "text").write_text("mine")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "typo.yaml").write_text("graph: {treshold: 0.9}\n")
    (tmp_path / "rule.yaml").write_text("validate: {off: [nonsense]}\n")
    for folder, name in (("empty", None), ("foreign", KEPT), ("strange", MANIFEST)):
        (tmp_path / folder).mkdir()
        if name:
            (tmp_path / folder / name).write_text("{}\n")
    of_another_version(graph, tmp_path / "other.graph")
    names = {"tmp": tmp_path, "graph": graph, "refusing": refusing, "tools": packaged_tools() / "flights.jsonl"}
    outcome = command(*line.format(**names).split())
    errors = outcome.err.splitlines()
    assert errors[-1].startswith("error: ")
    assert sum(text.startswith("error: ") for text in errors) == 1
    assert all(re.match(r"(error|estimate): |[a-z ]+: \d+ of \d+", text) for text in errors), errors
    assert said.format(**names) in errors[-1]
    assert "Traceback" not in outcome.err
    assert (outcome.code, outcome.out if "--model" not in line else "") == (code, "")
    assert (tmp_path / "text").read_text() == "mine"


def of_another_version(graph: Path, path: Path) -> None:
    """A graph file as a later program might write it."""
    with zipfile.ZipFile(graph) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "header.json":
                content = json.dumps(json.loads(content) | {"version": 99}).encode()
            new.writestr(name, content)


def test_control_characters_do_not_reach_the_terminal(command: Command, tmp_path: Path) -> None:
    """A path, or anything else, cannot colour the screen or forge a line."""
    outcome = command("synthesize", "-n", 2, "--config", tmp_path / "a\x1b[31m\nerror: b.yaml")
    assert outcome.code == 2
    assert "\x1b" not in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_broken_line_of_tools_is_named_and_the_others_used(command: Command, tmp_path: Path) -> None:
    """Line 17 of 20 is no JSON; the graph has the other tools."""
    lines = [
        line
        for name in ("flights", "hotels", "weather")
        for line in (packaged_tools() / f"{name}.jsonl").read_text().splitlines()
    ][:20]
    lines[16] = lines[16][:-5]
    (tmp_path / "tools.jsonl").write_text("\n".join(lines))
    outcome = command("build-graph", tmp_path / "tools.jsonl", "-o", tmp_path / "g", "--json")
    assert outcome.code == 0
    assert f"{tmp_path}/tools.jsonl:17: " in outcome.err
    assert json.loads(outcome.out)["tools"] == 19


def test_a_model_behind_an_endpoint(command: Command, graph: Path, tmp_path: Path) -> None:
    """The same command with ``--model`` runs the llm cast; a loopback endpoint needs no key."""
    with served(Endpoint()) as endpoint:
        outcome = command(
            *("synthesize", "-n", 3, "--graph", graph, "-o", tmp_path / "run"),
            *("--model", "m", "--base-url", endpoint.url, "--json"),
        )
    assert outcome.code == 0, outcome.err
    summary = json.loads(outcome.out)
    assert summary["kept"] == 3
    assert sum(role["calls"] for role in summary["usage"].values()) > 10
    records = [json.loads(line) for line in (tmp_path / "run" / KEPT).read_bytes().splitlines()]
    assert {record["meta"]["cast"] for record in records} == {"llm"}
    assert {record["meta"]["models"]["user"] for record in records} == {"m"}


def test_an_endpoint_that_fails_midway_costs_nothing_finished(command: Command, graph: Path, tmp_path: Path) -> None:
    """Exit code 1, one line; the same command, once the endpoint is back, completes the run."""
    arguments = ["synthesize", "-n", 6, "--graph", graph, "-o", tmp_path, "--model", "m", "--concurrency", 2]
    with served(Endpoint(faults=at({("user", number): "no_model" for number in range(12, 99)}))) as endpoint:
        outcome = command(*arguments, "--base-url", endpoint.url)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith("error: ")
    before = (tmp_path / KEPT).read_bytes()
    assert Manifest.model_validate_json((tmp_path / MANIFEST).read_bytes()).status == "stopped"
    with served(Endpoint()) as endpoint:
        assert command(*arguments, "--base-url", endpoint.url).code == 0
    after = (tmp_path / KEPT).read_bytes()
    assert after.startswith(before)
    assert sorted(json.loads(line)["meta"]["index"] for line in after.splitlines())[0] == 0
    assert after.count(b"\n") == 6


def started(arguments: Sequence[str | Path | int], **options: Any) -> "subprocess.Popen[str]":
    """The program as a process of its own."""
    command = [*COMMAND, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=pipe, stderr=pipe, text=True, **options)


def wait_until_written(process: "subprocess.Popen[str]", path: Path, size: int) -> None:
    """Wait until a file has grown to a size."""
    deadline = time.monotonic() + 60
    while not path.exists() or path.stat().st_size < size:
        assert time.monotonic() < deadline, "nothing was written in a minute"
        assert process.poll() is None, process.communicate()[1]
        select_nothing(0.005)


def select_nothing(seconds: float) -> None:
    """Let the other process have the processor."""
    signal.sigtimedwait([], seconds)


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGINT]],
    ids=["Ctrl-C", "SIGTERM", "sent twice"],
)
def test_an_interrupted_run_says_how_to_go_on(
    graph: Path, tmp_path: Path, command: Command, signals: list[int]
) -> None:
    """A clean stop: exit code 1, one line, whole records only; the same command continues to the same bytes."""
    arguments = ["synthesize", "--graph", graph, "-o", tmp_path / "run"]
    process = started([*arguments, "-n", 100_000])
    wait_until_written(process, tmp_path / "run" / KEPT, 20_000)
    for number in signals:
        process.send_signal(number)
        select_nothing(0.01)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    last = said.splitlines()[-1]
    assert re.fullmatch(
        r"error: .*run: interrupted; \d+ of 100,000 dialogues are there, the same command continues", last
    ), said
    manifest = Manifest.model_validate_json((tmp_path / "run" / MANIFEST).read_bytes())
    assert (manifest.status, manifest.why) == ("stopped", "interrupted")
    kept = (tmp_path / "run" / KEPT).read_bytes().count(b"\n")
    assert manifest.counts["kept"] == kept
    assert command(*arguments, "-n", kept + 5).code == 0
    assert command("synthesize", "--graph", graph, "-n", kept + 5, "-o", tmp_path / "whole").code == 0
    assert files(tmp_path / "run") == files(tmp_path / "whole")


def test_killed_again_and_again(graph: Path, tmp_path: Path, command: Command) -> None:
    """SIGKILL at any moment, three times; continued, the files equal those of an uninterrupted run."""
    arguments = ["synthesize", "--graph", graph, "-o", tmp_path / "run", "-n", 150]
    for size in (1, 300_000, 700_000):
        process = started(arguments)
        wait_until_written(process, tmp_path / "run" / KEPT, size)
        process.kill()
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    assert Manifest.model_validate_json((tmp_path / "run" / MANIFEST).read_bytes()).status == "running"
    assert command(*arguments).code == 0
    assert command("synthesize", "--graph", graph, "-n", 150, "-o", tmp_path / "whole").code == 0
    assert files(tmp_path / "run") == files(tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_workers_end_with_the_run(graph: Path, tmp_path: Path, command: Command, number: signal.Signals) -> None:
    """A terminal signals the whole group, a supervisor too, and a kill meets the first process alone."""
    arguments = ["synthesize", "--graph", graph, "-o", tmp_path / "run"]
    process = started([*arguments, "-n", 100_000, "--workers", 2], start_new_session=True)
    wait_until_written(process, tmp_path / "run" / KEPT, 20_000)
    if number is signal.SIGKILL:
        process.kill()
    else:
        os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)  # the workers hold this pipe as well: they have ended
    if number is not signal.SIGKILL:
        assert re.search(r"^error: .*run: interrupted; \d+ of 100,000 dialogues are there", said, re.M), said
        assert "Traceback" not in said
    kept = (tmp_path / "run" / KEPT).read_bytes().count(b"\n")
    assert command(*arguments, "-n", kept + 5, "--workers", 0).code == 0
    assert command("synthesize", "--graph", graph, "-n", kept + 5, "-o", tmp_path / "whole").code == 0
    assert files(tmp_path / "run") == files(tmp_path / "whole")


def test_two_runs_on_one_folder(graph: Path, tmp_path: Path, command: Command) -> None:
    """The second is refused at once, the first does not notice."""
    arguments = ["synthesize", "--graph", graph, "-o", tmp_path / "run", "-n", 100_000]
    process = started(arguments)
    wait_until_written(process, tmp_path / "run" / KEPT, 1)
    outcome = command(*arguments)
    assert outcome.code == 2
    assert outcome.err.endswith("another run is writing there; wait for it, or choose another folder\n")
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 1


def test_a_full_disk(graph: Path, tmp_path: Path) -> None:
    """One line, exit code 1; with room again the run continues to the same bytes."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
    arguments = ["synthesize", "--graph", str(graph), "-n", "20", "-o"]
    command = [sys.executable, "-c", f"{limited} {COMMAND[2]}", *arguments, str(tmp_path / "run")]
    full = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert full.returncode == 1
    assert full.stderr.splitlines()[-1] == (
        f"error: {tmp_path}/run/dialogues.jsonl: cannot be written: File too large; nothing written before is lost"
    )
    assert run([*arguments, str(tmp_path / "run")]) == 0
    assert run([*arguments, str(tmp_path / "whole")]) == 0
    assert files(tmp_path / "run") == files(tmp_path / "whole")
