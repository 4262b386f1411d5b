"""``toolflow build-graph`` from the outside."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from toolflow.cli import run
from toolflow.graph import load_graph

ID = {"type": "string", "description": "Identifier of the flight"}


def tool(name: str, parameters: dict[str, Any], returns: dict[str, Any] | None = None) -> str:
    spelled = {"name": name, "description": "", "parameters": {"type": "object", "properties": parameters}}
    return json.dumps(spelled | ({"returns": {"type": "object", "properties": returns}} if returns else {}))


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    path = tmp_path / "tools.jsonl"
    lines = [
        tool(
            "search_flights",
            {},
            {"flights": {"type": "array", "items": {"type": "object", "properties": {"flight_id": ID}}}},
        ),
        tool("book_flight", {"flight_id": ID}),
        tool("cancel_flight", {"flight_id": ID}),
        tool("tell_joke", {}),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_whole_output(tools, tmp_path, capsys):
    """The figures come on stdout, and nothing but progress on stderr."""
    output = tmp_path / "out" / "graph.npz"
    assert run(["build-graph", str(tools), "-o", str(output)]) == 0
    seen = capsys.readouterr()
    rows = [re.split(r"\s*[│┃]\s*", line)[1:-1] for line in seen.out.splitlines() if re.match("[│┃]", line)]
    assert [row for row in rows if row[0] != "seconds"] == [
        ["tools", "4"],
        ["edges", "3"],
        ["parameter – parameter only", "1"],
        ["return value – parameter only", "2"],
        ["both", "0"],
        ["degree, mean", "1.5"],
        ["degree, median", "2"],
        ["degree, maximum", "2"],
        ["components", "2"],
        ["largest component", "3"],
        ["isolated tools", "1"],
        ["field", "edges"],
        ["flight_id", "3"],
    ]
    assert "error" not in seen.err
    assert "skipped" not in seen.err
    assert len(load_graph(output).edges.one) == 3


def test_json(tools, tmp_path, capsys):
    """``--json`` prints one JSON object with every figure and the graph's digest."""
    output = tmp_path / "graph.npz"
    assert run(["build-graph", str(tools), "-o", str(output), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures.pop("seconds") >= 0
    assert figures == {
        "file": str(output),
        "digest": load_graph(output).digest,
        "tools": 4,
        "edges": 3,
        "edges_by_kind": {"pp": 1, "pr": 2, "both": 0},
        "degree_mean": 1.5,
        "degree_median": 2.0,
        "degree_max": 2,
        "components": 2,
        "largest_component": 3,
        "isolated": 1,
        "top_fields": [{"name": "flight_id", "edges": 3}],
        "asserted": 0,
        "confirmed": 0,
        "refused": 0,
        "skipped": 0,
        "duplicates": 0,
        "denied": 0,
    }


def test_same_bytes(tools, tmp_path, monkeypatch):
    """Two builds of the same tools are the same file, with a cold cache and a warm one."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path / "cache"))
    files = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for file in files:
        assert run(["build-graph", str(tools), "-o", str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_configuration(tools, tmp_path, capsys):
    """``--config`` changes the rule."""
    config = tmp_path / "config.yaml"
    config.write_text("graph: {max_degree: 1}\n", encoding="utf-8")
    assert run(["build-graph", str(tools), "-o", str(tmp_path / "g"), "--config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["edges"] == 2


@pytest.mark.parametrize(("flags", "listed"), [([], 5), (["-v"], 8)])
def test_skipped_tools_are_reported(tools, tmp_path, capsys, flags, listed):
    """Skipped tools are counted by reason; the first few are listed, with ``-v`` all."""
    first = tools.read_text(encoding="utf-8").splitlines()[0]
    broken = ["{", *(tool(f"bad name {number}", {}) for number in range(7))]
    tools.write_text("\n".join([tools.read_text(encoding="utf-8"), *broken, first]), encoding="utf-8")
    assert run(["build-graph", str(tools), "-o", str(tmp_path / "g.npz"), *flags]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[:4] == [
        "1 exact duplicates dropped",
        "8 of 12 tools skipped; their defects:",
        "  7 × unusable name",
        "  1 × not valid JSON",
    ]
    assert len([line for line in lines if line.startswith(f"  {tools}:")]) == listed
    assert ("  … 3 more; list them with -v" in lines) is (listed == 5)


def test_names_cannot_steer_the_terminal(tools, tmp_path, capsys):
    """Control characters in tools and file names are shown, not sent."""
    evil = "\x1b[2Jgone\u202e"
    lines = [tool(evil, {}), tool("a", {evil: ID}), tool("b", {evil: ID})]
    tools.write_text("\n".join(lines), encoding="utf-8")
    assert run(["build-graph", str(tools), "-o", str(tmp_path / "\x1b[31m.npz")]) == 0
    seen = capsys.readouterr()
    assert not re.search("[\x1b\u202e]", seen.out + seen.err)
    assert "\\x1b[2Jgone" in seen.out
    assert "\\x1b[2Jgone" in seen.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["gone.jsonl"], 2, "gone.jsonl: no such file or folder"),
        (["empty.jsonl"], 2, "empty.jsonl: holds no tools"),
        (["tools.jsonl", "--config", "gone.yaml"], 2, "gone.yaml: cannot be read"),
        (["tools.jsonl", "--config", "wrong.yaml"], 2, "unknown key 'graph.treshold'"),
        (["tools.jsonl", "-o", "tools.jsonl/x"], 1, "cannot be written"),
        (["tools.jsonl", "--no-such-option"], 2, "--no-such-option"),
    ],
)
def test_errors_are_one_line(tools, tmp_path, monkeypatch, capsys, arguments, code, said):
    """Everything a user can cause is one line on stderr and an exit code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "wrong.yaml").write_text("graph: {treshold: 0.8}\n", encoding="utf-8")
    assert run(["build-graph", *arguments]) == code
    seen = capsys.readouterr()
    assert seen.out == ""
    assert said in seen.err.splitlines()[-1]
    assert "Traceback" not in seen.err


def test_packaged_catalog_is_the_default(tmp_path, monkeypatch, capsys):
    """Without arguments the packaged catalog becomes ``tool_graph.npz``, and no tool of it is isolated."""
    monkeypatch.chdir(tmp_path)
    assert run(["build-graph", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["tools"] >= 160
    assert figures["isolated"] == figures["skipped"] == figures["duplicates"] == 0
    assert (tmp_path / "tool_graph.npz").exists()


def test_help_has_an_example(capsys):
    """The help text shows how to call it."""
    assert run(["build-graph", "--help"]) == 0
    assert "Example: toolflow build-graph my_tools.jsonl" in capsys.readouterr().out
