"""``toolflow import``: tools of any format in; a catalog, a report and exit codes out."""

import json
import re

import pytest

from tests.importing import function, openapi, write
from toolflow.cli import run

__all__ = ["write"]


def test_whole_output(write, tmp_path, capsys):
    """A table for people on stdout, what was left out on stderr, the catalog in the file."""
    write([function("a.b"), function("a.b"), {"name": "bad", "parameters": {"type": "string"}}], "in/tools.json")
    write(openapi({"operationId": "buy"}), "in/shop.json")
    output = tmp_path / "out" / "catalog.jsonl"
    assert run(["import", str(tmp_path / "in"), "-o", str(output)]) == 0
    seen = capsys.readouterr()
    rows = [re.split(r"\s*[│┃]\s*", line)[1:-1] for line in seen.out.splitlines() if re.match("[│┃]", line)]
    assert rows[0] == ["source", "format", "found", "kept", "repaired", "dropped"]
    assert ["total", "", "4", "2", "1", "2"] in rows
    assert ["name mended", "1"] in rows
    assert seen.err.splitlines() == [
        "dropped 1 × duplicate",
        "dropped 1 × no schema of an arguments object",
        "  tools.json [2]: bad: parameters.type: must be 'object', not 'string'",
    ]
    assert [json.loads(line)["name"] for line in output.read_text().splitlines()] == ["shop_buy", "a_b"]


@pytest.mark.parametrize(("names", "said"), [("a", "1 tool in "), ("ab", "2 tools in ")])
def test_one_tool_is_one(names, said, write, tmp_path, capsys):
    """The line that counts them."""
    path = write([function(name) for name in names])
    assert run(["import", str(path), "-o", str(tmp_path / "c.jsonl")]) == 0
    assert capsys.readouterr().out.startswith(said)


def test_the_graph_is_built_from_it_without_a_defect(write, tmp_path, capsys):
    """What import writes, build-graph takes whole."""
    path = write([function("a b", x={"type": "float"}), function("c d", x={"type": "dict"})])
    assert run(["import", str(path), "-o", str(tmp_path / "catalog.jsonl")]) == 0
    assert run(["build-graph", str(tmp_path / "catalog.jsonl"), "-o", str(tmp_path / "g.npz"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    assert (figures["tools"], figures["skipped"], figures["duplicates"]) == (2, 0, 0)


def test_the_report(write, tmp_path, capsys):
    """``--report`` writes what ``--json`` prints."""
    path = write([function("a.b")])
    report = tmp_path / "report.json"
    assert run(["import", str(path), "-o", str(tmp_path / "c.jsonl"), "--report", str(report), "--json"]) == 0
    said = json.loads(report.read_text())
    assert said == json.loads(capsys.readouterr().out)
    assert (said["kept"], said["repaired"], said["repairs_by_kind"]) == (1, 1, {"name mended": 1})
    assert said["repaired_tools"][0]["repairs"] == {"name mended": "was 'a.b'"}


def test_a_refused_source_is_said_by_the_exit_code(write, tmp_path, capsys):
    """The others are imported, and 1 says that one was not."""
    good, bad = write([function("a")], "good.json"), write("{", "bad.json")
    assert run(["import", str(good), str(bad), "-o", str(tmp_path / "c.jsonl")]) == 1
    assert capsys.readouterr().err.startswith(f"refused {bad}: not valid JSON")
    assert (tmp_path / "c.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["gone.json"], 2, "gone.json: no such file or folder"),
        (["empty.json"], 2, "empty.json: is of none of the known formats"),
        (["good.json", "--format", "xml"], 2, "--format xml: no such format; there are"),
        (["good.json", "--format", "openapi"], 2, "good.json: is no description of an API"),
        (["good.json", "-o", "good.json/x"], 1, "cannot be written"),
        (["good.json", "--report", "no/such/folder.json"], 1, "cannot be written"),
        (["good.json", "--token-env", "NO_SUCH_VARIABLE"], 2, "there is no such environment variable"),
        ([], 2, "Missing argument"),
    ],
)
def test_errors_are_one_line(write, tmp_path, monkeypatch, capsys, arguments, code, said):
    """Everything a user can cause is one line on stderr and an exit code."""
    monkeypatch.chdir(tmp_path)
    write([function("a")], "good.json")
    write("{}", "empty.json")
    assert run(["import", *arguments]) == code
    seen = capsys.readouterr()
    assert said in seen.err.splitlines()[-1]
    assert "Traceback" not in seen.err


def test_names_cannot_steer_the_terminal(write, tmp_path, capsys):
    """Control characters in files and documents are shown, not sent."""
    path = write([function("a"), {"name": "\x1b[2J", "parameters": {"type": "\x1b[31m"}}], "\x1b[1m.json")
    assert run(["import", str(path), "-o", str(tmp_path / "c.jsonl")]) == 0
    seen = capsys.readouterr()
    assert "\x1b" not in seen.out + seen.err
