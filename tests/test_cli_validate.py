"""toolflow validate: files in, a summary, two files and an exit code out."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from toolflow.cli import run
from toolflow.cli.printable import printable

GOOD = {"id": "good", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}
Write = Callable[..., str]
BAD = {"id": "bad", "messages": [{"role": "user", "content": "Hi"}], "meta": {"cast": "llm"}}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file of lines in the current folder, which is a fresh one."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, *lines: Any) -> str:
        path = tmp_path / name
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return name

    return write


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_good_dialogues_exit_with_0(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole output when nothing is wrong."""
    assert run(["validate", write("good.jsonl", GOOD, GOOD)]) == 0
    assert capsys.readouterr().out == "file        dialogues  kept  rejected\ngood.jsonl          2     2         0\n"


def test_a_reject_exits_with_1(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole output with one reject among three, over two files."""
    assert run(["validate", write("good.jsonl", GOOD), write("mixed.jsonl", GOOD, BAD)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "file         dialogues  kept  rejected",
        "good.jsonl           1     1         0",
        "mixed.jsonl          2     1         1",
        "total                3     2         1",
        "",
        "rule             rejects  warns",
        "ends-with-reply        1      0",
        "",
        "First example of each:",
        "  ends-with-reply: mixed.jsonl:2 (bad): messages[0]: the dialogue ends with the user; "
        "the assistant never replied",
    ]


def test_lines_that_are_no_json_are_rejected_by_number(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Blank lines are passed over and counted in the numbers."""
    file = write("torn.jsonl", GOOD, "", '{"messages": [', GOOD)
    assert run(["validate", file, "-v"]) == 1
    assert f"{file}:3: error: json: " in capsys.readouterr().err


def test_kept_dialogues_are_written_byte_for_byte(write: Write, tmp_path: Path) -> None:
    """Spacing and key order of the source stay."""
    odd = '{"messages":   [{"content": "Hi", "role": "user"}, {"role": "assistant", "content": "H\\u00e9"}] }'
    run(["validate", write("a.jsonl", odd, BAD), "--keep", str(tmp_path / "kept.jsonl")])
    assert (tmp_path / "kept.jsonl").read_text() == odd + "\n"


def test_rejects_carry_their_verdicts(write: Write, tmp_path: Path) -> None:
    """In ``meta.verdicts``, where ours have them too."""
    out = tmp_path / "rejects.jsonl"
    run(["validate", write("a.jsonl", GOOD, BAD, "nonsense", "7"), "--rejects", str(out)])
    assert [[verdict["rule"] for verdict in row["meta"]["verdicts"]] for row in read(out)] == [
        ["ends-with-reply"],
        ["json"],
        ["format"],
    ]
    assert read(out)[0]["id"] == "bad"
    assert read(out)[1]["text"] == "nonsense"


def test_gzip_is_read_and_written(write: Write, tmp_path: Path) -> None:
    """Written by the ending of the name."""
    out = tmp_path / "kept.jsonl.gz"
    assert run(["validate", write("a.jsonl.gz", GOOD), "--keep", str(out)]) == 0
    assert json.loads(gzip.decompress(out.read_bytes())) == GOOD


def test_a_file_may_be_replaced_by_what_passes(write: Write) -> None:
    """--keep on the input itself: nothing is lost while it is read."""
    file = write("a.jsonl", GOOD, BAD, GOOD)
    run(["validate", file, "--keep", file])
    assert read(Path(file)) == [GOOD, GOOD]


def test_the_report_is_json(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same with --json on stdout and with --report in a file."""
    file, report = write("a.jsonl", GOOD, BAD), tmp_path / "report.json"
    run(["validate", file, "--json", "--report", str(report)])
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(report.read_text())
    assert (printed["dialogues"], printed["kept"], printed["rejected"]) == (2, 1, 1)
    assert printed["files"] == {file: {"dialogues": 2, "kept": 1, "rejected": 1}}
    assert printed["rules"]["ends-with-reply"]["errors"] == 1
    assert printed["rules"]["ends-with-reply"]["example"]["dialogue"] == f"{file}:2 (bad)"


def test_settings_count(write: Write, tmp_path: Path) -> None:
    """The section ``validate`` of a config file."""
    config = tmp_path / "config.yaml"
    config.write_text("validate:\n  off: [ends-with-reply]\n")
    assert run(["validate", write("a.jsonl", BAD), "--config", str(config)]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-file.jsonl"],
        ["."],
        ["{file}", "--config", "no-such-config.yaml"],
        ["{file}", "--keep", "out.jsonl", "--rejects", "out.jsonl"],
        ["{file}", "--keep", "out.jsonl", "--report", "./out.jsonl"],
        ["{file}", "--report", "{file}"],
        ["{file}", "--rejects", "{file}"],
        ["{file}", "--against", "{bench}", "--keep", "{bench}"],
        ["{file}", "--keep", "."],
        ["{file}", "{file}"],
        ["{file}", "./{file}"],
        ["{damaged}"],
        ["{file}", "--config", "{unknown}"],
    ],
)
def test_wrong_usage_exits_with_2_and_one_line(
    arguments: list[str], write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for anything a user can cause."""
    damaged = Path(write("damaged.jsonl.gz", GOOD))
    damaged.write_bytes(damaged.read_bytes()[:-12])
    names = {
        "file": write("a.jsonl", GOOD),
        "bench": write("bench.jsonl", GOOD),
        "damaged": str(damaged),
        "unknown": write("c.yaml", "validate: {off: [nonsense]}"),
    }
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert run(["validate", *(argument.format(**names) for argument in arguments)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize("option", ["--keep", "--rejects", "--mask", "--report"])
def test_outputs_that_cannot_be_written_exit_with_1(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """A folder that is not there, named before anything is checked."""
    assert run(["validate", write("a.jsonl", GOOD), option, str(tmp_path / "no" / "file"), "-v"]) == 1
    assert capsys.readouterr() == (
        "",
        f"error: {tmp_path}/no/file: cannot be written: there is no folder {tmp_path}/no\n",
    )


def test_an_output_may_be_a_pipe_or_a_link(write: Write, tmp_path: Path) -> None:
    """What is no file is written to, never replaced; a link stays one."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("kept.jsonl")
    with subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE) as reader:
        assert run(["validate", write("a.jsonl", GOOD, BAD), "--rejects", "pipe", "--keep", "link"]) == 1
        rejected, _ = reader.communicate()
    assert json.loads(rejected)["id"] == "bad"
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "link").is_symlink()
    assert read(tmp_path / "kept.jsonl") == [GOOD]


def toolflow(arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """A process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "toolflow", *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options)


def test_a_killed_run_leaves_the_files_that_were_there(tmp_path: Path) -> None:
    """It is killed when its outputs are begun and its input is not at its end."""
    os.mkfifo(tmp_path / "endless.jsonl")
    outputs = [tmp_path / name for name in ("kept.jsonl", "rejects.jsonl", "masked.jsonl.gz")]
    for output in outputs:
        output.write_text("before")
    options = zip(("--keep", "--rejects", "--mask"), map(str, outputs), strict=True)
    arguments = [str(tmp_path / "endless.jsonl"), *(word for option in options for word in option)]
    with toolflow(["validate", *arguments]) as process, (tmp_path / "endless.jsonl").open("w") as lines:
        lines.write(json.dumps(GOOD) + "\n")
        lines.flush()
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert [output.read_text() for output in outputs] == ["before"] * 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("command", [["validate", "--json"], ["evaluate", "--no-coherence"]])
def test_a_full_disk_behind_the_output_is_one_line(command: list[str], write: Write) -> None:
    """Whatever is printed to it."""
    with Path("/dev/full").open("wb") as full, toolflow([*command, write("a.jsonl", GOOD)], stdout=full) as process:
        _, told = process.communicate()
    assert process.returncode == 1
    assert b"Traceback" not in told
    assert told.splitlines()[-1] == b"error: the output cannot be written: No space left on device"


def test_a_terminal_of_few_letters_gets_escapes(write: Write) -> None:
    """The name of a file may hold others."""
    with toolflow(["validate", write("東京.jsonl", GOOD)], stdout=subprocess.PIPE) as process:
        said, told = process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in told
    assert b"\\u6771\\u4eac.jsonl" in said


def test_no_output_appears_when_a_file_cannot_be_read(write: Write, tmp_path: Path) -> None:
    """Nor does a temporary file stay behind."""
    damaged = Path(write("damaged.jsonl.gz", GOOD))
    damaged.write_bytes(damaged.read_bytes()[:-12])
    (tmp_path / "out").mkdir()
    run(["validate", write("a.jsonl", GOOD), str(damaged), "--keep", str(tmp_path / "out" / "kept.jsonl")])
    assert list((tmp_path / "out").iterdir()) == []


def test_control_characters_do_not_reach_the_terminal(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the summary nor among the verdicts."""
    evil = {"id": "\x1b[31mred\u202e", "messages": [{"role": "\x1b]0;title\x07"}]}
    run(["validate", write("a.jsonl", evil), "-v"])
    seen = capsys.readouterr()
    assert "\x1b" not in seen.out + seen.err
    assert "\\x1b[31mred\\u202e" in seen.err


def test_printable_keeps_what_can_be_read() -> None:
    """Letters of any script stay."""
    assert printable("Zürich 東京\n\ud800") == "Zürich 東京\\n\\ud800"


def test_rules_are_listed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Without any file: id, family, what a break does under the settings, and what must hold; as JSON too."""
    write("my.yaml", "validate: {off: [language], warn: [order]}")
    assert run(["validate", "--rules"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].split()[:3] == ["rule", "family", "severity"]
    assert "order             structure  error     The system speaks first" in "\n".join(listed)
    assert run(["validate", "--rules", "--json", "--config", "my.yaml"]) == 0
    rules = {rule["id"]: rule for rule in json.loads(capsys.readouterr().out)}
    assert len(rules) == len(listed) - 1
    assert (rules["language"]["severity"], rules["order"]["severity"]) == ("off", "warning")


def test_bad_turns_are_masked(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A reject whose faults are the assistant's is kept without training on them; another's is not."""
    reply = {"role": "assistant", "content": "Hello!"}
    turns = [*GOOD["messages"], {"role": "user", "content": "And?"}]
    mine = {"id": "mine", "messages": [*turns, {"role": "assistant", "content": " "}]}
    theirs = {"id": "theirs", "messages": [*turns, reply, {"role": "user", "content": ""}, reply]}
    alone = {"id": "alone", "messages": [GOOD["messages"][0], {"role": "assistant", "content": "Hi {{name}}!"}]}
    broken = {"id": "broken", "messages": [*turns, "Hello!"]}
    out = tmp_path / "masked.jsonl"
    assert run(["validate", write("a.jsonl", GOOD, mine, theirs, alone, broken, "no"), "--mask", str(out)]) == 1
    assert "masked 1 of 5 rejected" in capsys.readouterr().out
    passed, masked = read(out)
    assert passed == GOOD
    assert masked["messages"][:3] == mine["messages"][:3]
    assert masked["messages"][3] == {**mine["messages"][3], "weight": 0}
    run(["validate", "a.jsonl", "--json", "--mask", str(out)])
    assert json.loads(capsys.readouterr().out)["masked"] == 1


def test_a_masked_file_passes_and_is_masked_no_further(write: Write, tmp_path: Path) -> None:
    """What is not trained on warns; a dialogue of which nothing would be left is rejected."""
    asked, empty = {"role": "user", "content": "And?"}, {"role": "assistant", "content": " "}
    record = {"messages": [*GOOD["messages"], asked, empty]}
    out, again = tmp_path / "masked.jsonl", tmp_path / "again.jsonl"
    assert run(["validate", write("a.jsonl", record), "--mask", str(out)]) == 1
    assert run(["validate", str(out), "--mask", str(again)]) == 0
    assert run(["validate", str(out), "--fail-on", "warning"]) == 1
    assert again.read_bytes() == out.read_bytes()
    (masked,) = read(out)
    masked["messages"][1]["content"] = ""
    assert run(["validate", write("b.jsonl", masked), "--mask", str(again)]) == 1
    assert read(again) == []


@pytest.mark.parametrize(("meta", "kept"), [(None, {}), ({"a": 1}, {"a": 1}), ("mine", {"meta": "mine"})])
def test_a_reject_is_written_whole_whatever_its_meta(write: Write, tmp_path: Path, meta: Any, kept: Any) -> None:
    """Others have a meta of their own; however long the line is, nothing of it is lost."""
    long = {
        "messages": [{"role": "user", "content": "Hi " * 2_000}, {"role": "assistant", "content": ""}],
        "meta": meta,
    }
    run(["validate", write("a.jsonl", long), "--rejects", str(tmp_path / "out.jsonl")])
    (found,) = read(tmp_path / "out.jsonl")
    (verdict,) = found["meta"].pop("verdicts")
    assert found == {**long, "meta": kept} and verdict["rule"] == "empty-message"


def test_examples_in_the_summary_are_cut_part_by_part(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A long id hides no reason."""
    run(["validate", write("a.jsonl", {**BAD, "id": "x" * 500})])
    shown = capsys.readouterr().out.splitlines()[-1]
    assert (
        "xxx…: messages[0]: the dialogue ends with the user; the assistant never replied" in shown and len(shown) < 300
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 1),
        (("--max-errors", "1"), 0),
        (("--fail-on", "never"), 0),
        (("--fail-on", "warning", "--max-errors", "1"), 1),
        (("--fail-on", "warning", "--max-errors", "2"), 0),
    ],
)
def test_what_makes_it_fail(write: Write, options: tuple[str, ...], code: int) -> None:
    """One reject and one dialogue with a warning."""
    warned = {**GOOD, "tools": [{"name": "a.b"}]}
    assert run(["validate", write("a.jsonl", GOOD, BAD, warned), *options]) == code


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_mentioned(write: Write, capsys: pytest.CaptureFixture[str], content: str) -> None:
    """Nothing is wrong with it, and nothing was checked; alone, it is no success."""
    Path("a.jsonl").write_text(content)
    assert run(["validate", "a.jsonl"]) == 1
    assert run(["validate", "a.jsonl", "--fail-on", "never"]) == 0
    capsys.readouterr()
    assert run(["validate", "a.jsonl", write("b.jsonl", GOOD)]) == 0
    assert capsys.readouterr().err == "a.jsonl: holds no lines, so that nothing was checked\n"


def test_listed_words_reject(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """As words of their own, in any case and spacing."""
    write("my.yaml", "validate: {words: [hello, 'h ello']}")
    spaced = {
        "messages": [{"role": "user", "content": "Say H\nEllo, hellos."}, {"role": "assistant", "content": "Hi."}]
    }
    assert run(["validate", write("a.jsonl", GOOD, spaced), "--config", "my.yaml", "-v"]) == 1
    err = capsys.readouterr().err
    assert "the assistant says 'hello'" in err
    assert "the user says 'h ello'" in err
    assert "user says 'hello'" not in err


def test_processes_share_the_lines(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same report and the same files, in the same order, with any number of them."""
    lines = [{**(BAD if number % 7 == 0 else GOOD), "id": f"d{number}"} for number in range(350)]
    file = write("a.jsonl", *lines, "nonsense", *lines)
    told = []
    for workers in ("0", "2"):
        options = ["--keep", f"kept{workers}", "--rejects", f"rejects{workers}", "--duplicates", "--json"]
        assert run(["validate", file, "--workers", workers, *options]) == 1
        files = [(tmp_path / f"{name}{workers}").read_bytes() for name in ("kept", "rejects")]
        told.append((capsys.readouterr().out, files))
    assert told[0] == told[1]
    assert json.loads(told[0][0])["dialogues"] == 701
