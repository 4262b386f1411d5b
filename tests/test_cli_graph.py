"""``toolflow graph`` from the outside: figures, neighbours, ways, and formats that others can read."""

import json
import re
from pathlib import Path
from typing import Any

import networkx
import pytest

from toolflow.cli import run

ID = {"type": "string", "description": "Identifier of the flight"}
TICKET = {"type": "string", "description": "Number of the ticket"}
EVIL = 'Says "no" \\ \x1b[2J\x00\x0b <b>&amp; \u202e\nnext'


def tool(name: str, parameters: dict[str, Any], returns: dict[str, Any] | None = None, said: str = "") -> str:
    spelled = {"name": name, "description": said, "parameters": {"type": "object", "properties": parameters}}
    return json.dumps(spelled | ({"returns": {"type": "object", "properties": returns}} if returns else {}))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("graph")
    lines = [
        tool("search_flights", {}, {"flight_id": ID}, "Search for flights."),
        tool("book_flight", {"flight_id": ID}, {"ticket_number": TICKET}, EVIL),
        tool("track_flight", {"flight_id": ID}),
        tool("refund_ticket", {"ticket_number": TICKET}),
        tool("tell_joke", {}),
    ]
    (folder / "tools.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert run(["build-graph", str(folder / "tools.jsonl"), "-o", str(folder / "g")]) == 0
    return str(folder / "g")


def test_show(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The tool, then each neighbour with kind, score and reason, the strongest first; nothing steers the terminal."""
    assert run(["graph", "show", "book_flight", graph]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0] == "book_flight"
    assert not re.search("[\x1b\x00\u202e]", out)
    assert "  flight_id (string, optional) Identifier of the flight" in lines
    at = lines.index("3 neighbours")
    rows = [line.split() for line in lines[at + 1 :] if line.startswith("  ") and line[2] != " "]
    assert {(name, kind) for name, kind, _ in rows} == {
        ("refund_ticket", "pr"),
        ("search_flights", "pr"),
        ("track_flight", "pp"),
    }
    scores = [float(score) for *_, score in rows]
    assert scores == sorted(scores, reverse=True)
    why = "\n".join(lines)
    assert "    search_flights `flight_id` feeds book_flight `flight_id` (" in why
    assert ": same identifier, taken by 2 of 5 tools, string → string; the verbs come in this order" in why
    assert "    book_flight `flight_id` and track_flight `flight_id` are alike (1.00)" in why


def test_show_as_json_and_with_a_limit(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``--limit`` cuts the neighbours, and the degree tells how many there are."""
    assert run(["graph", "show", "book_flight", graph, "--json", "--limit", "1"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["tool"]["description"] == EVIL
    assert shown["degree"] == 3
    assert len(shown["neighbours"]) == 1


@pytest.mark.parametrize(
    ("ends", "code", "said"),
    [
        (
            ("search_flights", "refund_ticket"),
            0,
            "search_flights\n  flight_id of search_flights feeds flight_id of book_flight\nbook_flight\n"
            "  ticket_number of book_flight feeds ticket_number of refund_ticket\nrefund_ticket\n",
        ),
        (("track_flight", "track_flight"), 0, "track_flight\n"),
        (
            ("track_flight", "book_flight"),
            0,
            "nothing flows from track_flight to book_flight; only undirected ties connect them:\ntrack_flight\n"
            "  flight_id of book_flight is like flight_id of track_flight\nbook_flight\n",
        ),
        (("search_flights", "tell_joke"), 1, "nothing connects search_flights and tell_joke\n"),
    ],
)
def test_path(graph: str, capsys: pytest.CaptureFixture[str], ends: tuple[str, str], code: int, said: str) -> None:
    """Along flows, else along ties, else none, which is exit code 1."""
    assert run(["graph", "path", *ends, graph]) == code
    assert capsys.readouterr().out == said


def test_stats(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures of build-graph and the communities, the same every time."""
    assert run(["graph", "stats", graph, "--json"]) == 0
    found = capsys.readouterr().out
    stats = json.loads(found)
    assert (stats["tools"], stats["isolated"]) == (5, 1)
    members = [name for community in stats["communities"] for name in community["tools"]]
    assert sorted(members) == ["book_flight", "refund_ticket", "search_flights", "track_flight"]
    assert "flight" in stats["communities"][0]["name"]
    assert run(["graph", "stats", graph, "--json"]) == 0
    assert capsys.readouterr().out == found
    assert run(["graph", "stats", graph]) == 0
    assert "Communities" in capsys.readouterr().out


ARCS = {
    ("search_flights", "book_flight", "pr"),
    ("search_flights", "track_flight", "pr"),
    ("book_flight", "refund_ticket", "pr"),
    ("book_flight", "track_flight", "pp"),
}


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_export_of_xml(graph: str, tmp_path: Path, form: str) -> None:
    """networkx reads the file back: every tool, every edge in its direction, whatever the texts hold."""
    path = tmp_path / "out" / f"g.{form}"
    assert run(["graph", "export", graph, "--format", form, "-o", str(path)]) == 0
    read = {"graphml": networkx.read_graphml, "gexf": networkx.read_gexf}[form](path)
    assert read.is_directed()
    assert len(read) == 5
    assert {(one, other, about["kind"]) for one, other, about in read.edges(data=True)} == ARCS
    fields = {(one, other): about["fields"] for one, other, about in read.edges(data=True)}
    assert fields["search_flights", "book_flight"] == "flight_id → flight_id"
    assert 'Says "no"' in read.nodes["book_flight"]["description"]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_export_of_jsonl(graph: str, tmp_path: Path) -> None:
    """One edge a line."""
    assert run(["graph", "export", graph, "--format", "jsonl", "-o", str(tmp_path / "g")]) == 0
    edges = [json.loads(line) for line in (tmp_path / "g").read_text(encoding="utf-8").splitlines()]
    assert {(edge["source"], edge["target"], edge["kind"]) for edge in edges} == ARCS
    assert all(edge.keys() == {"source", "target", "kind", "score", "fields"} for edge in edges)
    assert edges[0]["fields"] == [["flight_id", "flight_id"]]


STRING = r'"((?:[^"\\\n]|\\["\\])*)"'


def test_export_of_dot(graph: str, tmp_path: Path) -> None:
    """Every line is a statement of DOT's grammar: quoted names, attributes, and no quote that ends too soon."""
    assert run(["graph", "export", graph, "--format", "dot", "-o", str(tmp_path / "g")]) == 0
    first, *lines, last = (tmp_path / "g").read_text(encoding="utf-8").split("\n")[:-1]
    assert (first, last) == ("digraph tools {", "}")
    edges = set()
    for line in lines:
        node = re.fullmatch(rf"  {STRING} \[tooltip={STRING}\];", line)
        edge = re.fullmatch(
            rf"  {STRING} -> {STRING} \[kind={STRING}, score=[01]\.\d+, tooltip={STRING}(?:, dir=none)?\];", line
        )
        assert node or edge, line
        if edge:
            edges.add((edge[1], edge[2], edge[3]))
    assert edges == ARCS


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "bok_flight"], 2, "bok_flight: no such tool; is it book_flight"),
        (["show", "\x1b[2J"], 2, "no such tool; the graph has 5 others"),
        (["path", "tell_joke", "tel_joke"], 2, "is it tell_joke"),
        (["export", "g", "--format", "svg", "-o", "x"], 2, "svg"),
        (["export", "g", "--format", "dot", "-o", "g/x"], 1, "cannot be written"),
    ],
)
def test_errors_are_one_line(
    graph: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    """Everything a user can cause is one line on stderr and an exit code."""
    monkeypatch.chdir(Path(graph).parent)
    file = [] if "export" in arguments else ["g"]
    assert run(["graph", *arguments, *file]) == code
    error = capsys.readouterr().err
    assert said in error.splitlines()[-1]
    assert "\x1b" not in error


def test_a_graph_file_has_its_own_settings(graph: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``--config`` is about the packaged catalog; a missing file is named."""
    assert run(["graph", "stats", graph, "--config", "paper"]) == 2
    assert run(["graph", "stats", "gone.graph"]) == 2
    assert "gone.graph: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["stats", "show", "path", "export"])
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """The help text shows how to call it."""
    assert run(["graph", command, "--help"]) == 0
    assert f"Example: toolflow graph {command}" in capsys.readouterr().out
