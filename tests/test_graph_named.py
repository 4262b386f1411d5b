"""Tools, fields and edges that the settings name: left out, refused, asserted; a name that fits nothing is an error."""

import json
from pathlib import Path
from typing import Any

import pytest
from fake_encoder import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from toolflow.catalog import Catalog
from toolflow.cli import run
from toolflow.config import GraphConfig
from toolflow.config.naming import MAX_LENGTH, MAX_NAMES, matches
from toolflow.errors import ConfigError
from toolflow.graph import FieldPair, ToolGraph, build_graph, load_graph, save_graph
from toolflow.graph.explain import explain
from toolflow.schema import Tool


def tool(name: str, parameters: list[str], returns: list[str] = ()) -> Tool:
    """A tool whose fields of one name have one text; a name with ``[]`` is a list of objects with an id."""

    def schema(names: list[str]) -> dict[str, Any]:
        things = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}
        fields = {
            one.removesuffix("[]"): things if one.endswith("[]") else {"type": "string", "description": one}
            for one in names
        }
        return {"type": "object", "properties": fields}

    return Tool(name=name, description="", parameters=schema(parameters), returns=schema(list(returns)))


TOOLS = (
    tool("search_flights", ["city"], ["flight_id", "flights[]"]),
    tool("book_flight", ["flight_id", "city"], ["ticket_number"]),
    tool("cancel_flight", ["flight_id"]),
    tool("refund", ["ticket_number"]),
    tool("tell_joke", ["topic"]),
)
PAPER = {
    "drop_generic": False,
    "check_types": False,
    "check_names": False,
    "score_flows": False,
    "max_degree": None,
    "threshold": 0.999,
    "search": "exact",
}


def build(*, own: dict[str, Any] = PAPER, **lists: dict[str, list[str]]) -> ToolGraph:
    """Only fields of one text are tied, unless ``own`` says otherwise."""
    return build_graph(Catalog(TOOLS), FakeEncoder(), GraphConfig.model_validate({**own, **lists}))


def said(graph: ToolGraph) -> set[str]:
    """Every field pair, as the settings name it."""
    pairs = [pair for edge in range(len(graph.edges.one)) for pair in graph.pairs(edge)]
    arrow = {"pr": "->", "pp": "--"}
    return {f"{one.left_tool}.{one.left} {arrow[one.kind]} {one.right_tool}.{one.right}" for one in pairs}


ALL = {
    "search_flights.flight_id -> book_flight.flight_id",
    "search_flights.flight_id -> cancel_flight.flight_id",
    "search_flights.city -- book_flight.city",
    "book_flight.flight_id -- cancel_flight.flight_id",
    "book_flight.ticket_number -> refund.ticket_number",
}


def test_without_names_everything_is_there() -> None:
    """What the tests below take away from."""
    assert said(build()) == ALL


def test_denied_tools_are_left_out() -> None:
    """With every edge of theirs; those allowed stay."""
    graph = build(deny={"tools": ["*_flight"]}, allow={"tools": ["book_*"]})
    assert [one.name for one in graph.tools] == ["search_flights", "book_flight", "refund", "tell_joke"]
    assert said(graph) == {one for one in ALL if "cancel" not in one}


@pytest.mark.parametrize(
    ("deny", "allow", "gone"),
    [
        (["*.flight_id"], [], {one for one in ALL if "flight_id" in one}),
        (["*.flight_id"], ["cancel_flight.*"], {one for one in ALL if "flight_id" in one}),
        (["*.flight_*"], ["search_flights.flight_id", "book_*.flight_id"], {one for one in ALL if "cancel" in one}),
        (["search_flights.c?ty"], [], {"search_flights.city -- book_flight.city"}),
        (["search_flights.flights[].id"], [], set()),
    ],
)
def test_denied_fields_tie_nothing(deny: list[str], allow: list[str], gone: set[str]) -> None:
    """Wherever they stand, at the path that the graph shows."""
    assert said(build(deny={"fields": deny}, allow={"fields": allow})) == ALL - gone


@pytest.mark.parametrize(
    ("deny", "gone"),
    [
        ("search_flights -> book_flight", {"search_flights.flight_id -> book_flight.flight_id"}),
        ("book_flight -> search_flights", set()),
        ("search_* -> *", {one for one in ALL if one.startswith("search_flights.flight_id")}),
        ("search_flights.flight_id -> *.flight_id", {one for one in ALL if one.startswith("search_flights.flight")}),
        ("*.flight_id -- cancel_flight", {one for one in ALL if "cancel" in one}),
        ("book_flight -- search_flights", {one for one in ALL if "search" in one and "book" in one}),
        ("search_flights.city -> book_flight.city", set()),
        ("* -- *", ALL),
    ],
)
@pytest.mark.parametrize("own", [PAPER, PAPER | {"max_degree": 64}])
def test_denied_edges_vanish(deny: str, gone: set[str], own: dict[str, Any]) -> None:
    """An arrow denies the flows in its direction, a line all that ties the two; other edges stay."""
    assert said(build(own=own, deny={"edges": [deny]})) == ALL - gone


@pytest.mark.parametrize("deny", sorted(ALL))
def test_a_denied_edge_takes_no_place_of_another(deny: str) -> None:
    """Where degrees are capped, every tool that has another edge keeps one."""
    own = PAPER | {"max_degree": 1}
    left = {one for one in ALL if one != deny}
    kept = said(build(own=own, deny={"edges": [deny]}))
    assert kept <= left
    assert tools_of(kept) == tools_of(left)


def tools_of(pairs: set[str]) -> set[str]:
    """The tools that stand in them."""
    return {word.split(".")[0] for one in pairs for word in one.split() if "." in word}


ODD = "search_flights.flights[].id -> tell_joke.topic"


@pytest.mark.parametrize("own", [PAPER, {}])
def test_allowed_edges_are_there_whatever_their_score(own: dict[str, Any], tmp_path: Path) -> None:
    """Their field pair is marked and scores 1; the flow leads from producer to consumer, also for samplers."""
    graph = build(own=own, allow={"edges": [ODD, "refund.ticket_number -- tell_joke.topic"]})
    assert said(graph) == said(build(own=own)) | {ODD, "refund.ticket_number -- tell_joke.topic"}
    number = graph.number
    edge = graph.edge(number["search_flights"], number["tell_joke"])
    assert edge is not None
    pair = FieldPair("pr", "search_flights", "flights[].id", "tell_joke", "topic", 1.0, "user")
    assert graph.pairs(edge) == [pair]
    assert number["tell_joke"] in list(graph.consumers[number["search_flights"]])
    (flow,) = graph.flows(number["search_flights"], number["tell_joke"])
    assert (flow.path, flow.parameter) == ("flights[].id", "topic")
    assert explain(graph, number["tell_joke"], number["search_flights"]) == [
        "search_flights `flights[].id` feeds tell_joke `topic` (1.00): you said so (graph.allow.edges)"
    ]
    save_graph(graph, tmp_path / "g")
    loaded = load_graph(tmp_path / "g")
    assert (loaded.digest, loaded.pairs(edge)) == (graph.digest, [pair])
    assert graph.digest != build(own=own).digest


def test_allowed_edges_go_before_what_is_denied() -> None:
    """Also where the field at their end is denied; a pair that is there already is marked, and stands there once."""
    edges = ["*.flight_id -> book_flight.flight_id", "book_flight.ticket_number -> refund.ticket_number"]
    graph = build(deny={"edges": ["* -- *"], "fields": ["book_flight.flight_id"]}, allow={"edges": edges})
    asserted = {
        "search_flights.flight_id -> book_flight.flight_id",
        "book_flight.ticket_number -> refund.ticket_number",
    }
    assert said(graph) == asserted
    both = build(allow={"edges": edges})
    assert said(both) == ALL
    assert sum(len(both.pairs(edge)) for edge in range(len(both.edges.one))) == len(ALL)
    assert int((both.edges.pair_mark != 0).sum()) == 2
    assert all(explain(graph, 0, 1))


def test_a_backward_edge() -> None:
    """The producer may stand behind the consumer in the catalog."""
    graph = build(allow={"edges": ["book_flight.ticket_number -> search_flights.city"]})
    (flow,) = graph.flows(1, 0)
    assert (flow.producer, flow.consumer) == ("book_flight", "search_flights")


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        ({"deny": {"tools": ["serch_flights"]}}, "graph.deny.tools: no tool is called serch_flights; is it search_fl"),
        ({"deny": {"tools": ["*"]}}, "graph.deny.tools: leaves no tool"),
        ({"allow": {"tools": ["x"]}}, "graph.allow.tools: no tool is called x"),
        ({"deny": {"fields": ["*.fligth_id"]}}, "graph.deny.fields: *.fligth_id: * has no field fligth_id; is it fli"),
        ({"deny": {"fields": ["refunds.city"]}}, "no tool is called refunds; is it refund?"),
        ({"allow": {"fields": ["refund.city"]}}, "graph.allow.fields: refund.city: refund has no field city"),
        ({"deny": {"edges": ["refund -> nothing"]}}, "graph.deny.edges: refund -> nothing: no tool is called nothing"),
        ({"deny": {"edges": ["refund.x -> *"]}}, "refund has no field x"),
        ({"allow": {"edges": ["refund.x -> tell_joke.topic"]}}, "refund has no return value x"),
        ({"allow": {"edges": ["refund.ticket_number -> tell_joke.topic"]}}, "has no return value ticket_number"),
        ({"allow": {"edges": ["book_flight.ticket_number -> tell_joke.t"]}}, "tell_joke has no parameter t"),
        ({"allow": {"edges": ["book_flight.city -- book_flight.flight_id"]}}, "both ends are of one tool"),
    ],
)
def test_a_name_that_fits_nothing(lists: dict[str, Any], problem: str) -> None:
    """Is one line, before anything is embedded."""
    encoder = FakeEncoder()
    with pytest.raises(ConfigError) as caught:
        build_graph(Catalog(TOOLS), encoder, GraphConfig.model_validate({**PAPER, **lists}))
    assert problem in str(caught.value) and "\n" not in str(caught.value)
    assert not encoder.seen


def test_allowed_edges_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern for everything is refused rather than written out."""
    monkeypatch.setattr("toolflow.graph.named_edges.MAX_ASSERTED", 3)
    with pytest.raises(ConfigError, match="more than 3 pairs of fields"):
        build(allow={"edges": ["*.* -> *.*"]})


@pytest.mark.parametrize(
    "lists",
    [
        {"deny": {"fields": ["locale"]}},
        {"deny": {"edges": ["a > b"]}},
        {"deny": {"edges": ["-> b"]}},
        {"deny": {"edges": ["a.-> b"]}},
        {"allow": {"edges": ["a -> b"]}},
        {"allow": {"edges": ["a.x -> b"]}},
        {"deny": {"tools": [""]}},
        {"deny": {"tools": ["x" * (MAX_LENGTH + 1)]}},
        {"deny": {"tools": ["x"] * (MAX_NAMES + 1)}},
        {"deny": {"tool": ["x"]}},
    ],
)
def test_settings_that_name_nothing(lists: dict[str, Any]) -> None:
    """Are refused when they are read."""
    with pytest.raises(ValidationError):
        GraphConfig.model_validate(lists)


@given(st.text(max_size=60))
def test_only_stars_and_question_marks_mean_something(name: str) -> None:
    """Everything else stands for itself, and a hostile pattern ends."""
    literal = "".join("?" if char in "*?" else char for char in name)
    assert matches(name, literal)
    assert matches(name, "*") and not matches(name, literal + "x")
    assert not matches("a" * 400, "*a" * 190 + "b*")


def test_the_command_says_what_it_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Denied tools on stderr, asserted pairs in the figures, a name that fits nothing with exit code 2."""
    monkeypatch.chdir(tmp_path)
    Path("tools.jsonl").write_text("".join(one.model_dump_json() + "\n" for one in TOOLS))
    Path("my.yaml").write_text(json.dumps({"graph": {"deny": {"tools": ["can*"]}, "allow": {"edges": [ODD]}}}))
    assert run(["build-graph", "tools.jsonl", "-o", "g", "--config", "my.yaml"]) == 0
    printed = capsys.readouterr()
    assert "1 tools left out by graph.deny.tools: cancel_flight" in printed.err
    assert "field pairs asserted" in printed.out
    assert run(["graph", "show", "tell_joke", "g"]) == 0
    assert "you said so (graph.allow.edges)" in capsys.readouterr().out
    Path("my.yaml").write_text(json.dumps({"graph": {"deny": {"tools": ["cancle_flight"]}}}))
    assert run(["build-graph", "tools.jsonl", "-o", "g", "--config", "my.yaml"]) == 2
    assert "graph.deny.tools: no tool is called cancle_flight; is it cancel_flight?" in capsys.readouterr().err
