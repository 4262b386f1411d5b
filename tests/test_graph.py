"""Building the tool graph: the paper's rule, ours, and what the graph can be asked."""

import tracemalloc
from itertools import combinations
from typing import Any

import networkx
import numpy as np
import pytest
from fake_encoder import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from toolflow.cast import Flow
from toolflow.catalog import Catalog, packaged_tools
from toolflow.config import GraphConfig, read_config
from toolflow.encoder import MiniLM
from toolflow.fields import tool_fields
from toolflow.graph import FieldPair, ToolGraph, build_graph, expand, graph_stats, similar
from toolflow.schema import Tool

PAPER = GraphConfig(
    drop_generic=False, check_types=False, check_names=False, score_flows=False, max_degree=None, search="exact"
)
OURS = GraphConfig(score_flows=False, max_degree=None)


def schema(fields: dict[str, Any]) -> dict[str, Any]:
    """An object whose properties are given by schema, or by the description of a text."""
    spelled = {
        name: {"type": "string", "description": said} if isinstance(said, str) else said
        for name, said in fields.items()
    }
    return {"type": "object", "properties": spelled}


def tool(name: str, parameters: dict[str, Any], returns: dict[str, Any] | None = None) -> Tool:
    return Tool(name=name, description="", parameters=schema(parameters), returns=schema(returns) if returns else None)


def build(*tools: Tool, config: GraphConfig = PAPER, encoder: Any = None) -> ToolGraph:
    return build_graph(Catalog(tools), encoder or FakeEncoder(), config)


def edges(graph: ToolGraph) -> dict[tuple[int, int], tuple[str, float]]:
    """(tool, tool): (kind, score)."""
    columns = graph.edges
    pairs = zip(columns.one.tolist(), columns.other.tolist(), strict=True)
    return dict(zip(pairs, zip(graph.kinds(), columns.score.tolist(), strict=True), strict=True))


def by_brute_force(
    tools: tuple[Tool, ...], encoder: FakeEncoder, threshold: float
) -> dict[tuple[int, int], tuple[str, float]]:
    """The paper's rule, read off the page: any P-P or P-R pair with a cosine above the threshold."""
    found = {}
    for one, other in combinations(range(len(tools)), 2):
        best = {"pp": 0.0, "pr": 0.0}
        for left in tool_fields(tools[one]):
            for right in tool_fields(tools[other]):
                if left.role == right.role == "return":
                    continue
                kind = "pp" if left.role == right.role else "pr"
                cosine = 1.0
                if left.text != right.text:
                    cosine = float(encoder.vector(left.text).astype(float) @ encoder.vector(right.text).astype(float))
                if cosine > threshold:
                    best[kind] = max(best[kind], cosine)
        if any(best.values()):
            kind = "both" if all(best.values()) else max(best, key=best.__getitem__)
            found[one, other] = (kind, max(best.values()))
    return found


field_names = st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True)
tools_lists = st.lists(st.tuples(field_names, field_names), max_size=7).map(
    lambda found: tuple(
        tool(f"t{number}", dict.fromkeys(parameters, "x"), dict.fromkeys(returns, "x"))
        for number, (parameters, returns) in enumerate(found)
    )
)


@given(tools_lists, st.sampled_from([0.0, 0.5, 0.82, 0.99]), st.integers(1, 4), st.integers(1, 30))
def test_the_papers_rule(tools, threshold, block, budget):
    """With every check off, edges, kinds and scores are those of a naive reading of the paper, whatever the blocks."""
    config = PAPER.model_copy(update={"threshold": threshold})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "_ROWS", block)
        patch.setattr(similar, "_COLUMNS", block + 1)
        patch.setattr(expand, "BUDGET", budget)
        found = edges(build(*tools, config=config))
    expected = by_brute_force(tools, FakeEncoder(), threshold)
    assert {pair: kind for pair, (kind, _) in found.items()} == {pair: kind for pair, (kind, _) in expected.items()}
    for pair, (_, score) in found.items():
        assert score == pytest.approx(expected[pair][1], abs=1e-6)


@given(tools_lists, st.sampled_from([None, 1, 2]))
def test_graph_is_consistent(tools, max_degree):
    """Neighbours are symmetric, never the tool itself; the pairs of an edge are fields of its two tools."""
    graph = build(*tools, config=PAPER.model_copy(update={"threshold": 0.3, "max_degree": max_degree}))
    for number in range(len(graph)):
        near = graph.neighbours(number).tolist()
        assert number not in near
        assert near == sorted(set(near))
        assert all(number in graph.neighbours(other) for other in near)
        assert all(graph.edge(number, other) is not None for other in near)
    for number, (one, other) in enumerate(edges(graph)):
        pairs = graph.pairs(number)
        assert pairs
        assert {frozenset((pair.left_tool, pair.right_tool)) for pair in pairs} == {
            frozenset((tools[one].name, tools[other].name))
        }
        assert max(pair.score for pair in pairs) == pytest.approx(float(graph.edges.score[number]))
        fields = {
            (tool.name, field.role, field.path) for tool in (tools[one], tools[other]) for field in tool_fields(tool)
        }
        for pair in pairs:
            assert (pair.left_tool, "return" if pair.kind == "pr" else "parameter", pair.left) in fields
            assert (pair.right_tool, "parameter", pair.right) in fields


def test_threshold_is_strict():
    """A cosine equal to the threshold makes no edge."""

    class Exact(FakeEncoder):
        def vector(self, text: str) -> np.ndarray:
            return np.array([1, 0] if text.startswith("a") else [0.5, 0.75**0.5], np.float32)

    tools = (tool("x", {"a": "1"}), tool("y", {"b": "1"}))
    at, below = (PAPER.model_copy(update={"threshold": threshold}) for threshold in (0.5, 0.4999))
    assert not edges(build(*tools, config=at, encoder=Exact(2)))
    assert edges(build(*tools, config=below, encoder=Exact(2)))


def test_paper_preset():
    """``configs/paper.yaml`` is the paper's rule: 0.82 and nothing of ours."""
    assert read_config(packaged_tools().parent / "configs" / "paper.yaml").graph == PAPER
    assert PAPER.threshold == 0.82


def test_return_values_alone_make_no_edge():
    """Two equal return values tie nothing (paper §3.1 knows P-P and P-R)."""
    assert not edges(build(tool("x", {}, {"a": "1"}), tool("y", {}, {"a": "1"})))


def test_fields_of_one_tool_make_no_edge():
    """A tool that feeds itself is no neighbour of its own."""
    assert not edges(build(tool("x", {"a": "1"}, {"a": "1"})))


def test_same_bytes():
    """The same catalog gives the same graph, whatever the block sizes."""
    tools = tuple(tool(f"t{n}", {f"p{n % 7}": "x", "q": "x"}, {f"p{n % 5}": "x"}) for n in range(40))
    first = build(*tools, config=OURS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "_ROWS", 3)
        patch.setattr(expand, "BUDGET", 10)
        assert build(*tools, config=OURS).digest == first.digest
    assert build(*tools, config=PAPER).digest != first.digest
    assert build(*tools[1:], config=OURS).digest != first.digest


def test_progress_names_every_step():
    """Every step reports its end."""
    ended = []
    catalog = Catalog((tool("x", {"a": "1"}, {"b": "1"}), tool("y", {"a": "1"})))
    build_graph(catalog, FakeEncoder(), PAPER, lambda step, done, total: ended.append(step) if done == total else None)
    assert ended == [
        "embedding field texts",
        "comparing parameters",
        "comparing return values with parameters",
        "tying tools",
    ]


def test_catalog_without_fields():
    """Tools without fields are isolated, and nothing fails."""
    graph = build(tool("x", {}), tool("y", {}))
    assert len(graph) == 2
    assert graph.neighbours(0).tolist() == []
    assert graph_stats(graph).isolated == 2


def ours(*tools: Tool, **changes: Any) -> ToolGraph:
    """By the default rule, where only equal texts are alike."""
    return build(*tools, config=OURS.model_copy(update=changes), encoder=FakeEncoder(64))


def flows(
    value: dict[str, Any], parameter: dict[str, Any], producer: str = "find_it", consumer: str = "use_it"
) -> bool:
    """Whether the default rule sees a flow from a tool that returns the one to a tool that takes the other."""
    return bool(ours(tool(producer, {}, value), tool(consumer, parameter)).flows(0, 1))


@pytest.mark.parametrize(
    ("value", "parameter", "fit"),
    [
        ({"type": "string"}, {"type": "string"}, True),
        ({"type": "integer"}, {"type": "number"}, True),
        ({"type": "number"}, {"type": "integer"}, False),
        ({"type": "string"}, {"type": "integer"}, False),
        ({"type": "array", "items": {"type": "string"}}, {"type": "string"}, False),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}, True),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}}, False),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}, True),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, False),
        ({"type": "string", "format": "date"}, {"type": "string"}, True),
        ({"type": "string", "format": "uri"}, {"type": "string", "format": "URL"}, True),
        ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}, True),
        ({}, {"type": "integer"}, True),
        ({"type": ["string", "null"]}, {"type": "string"}, True),
    ],
)
def test_types_must_fit(value, parameter, fit):
    """A value flows only where its type and format are accepted; the unknown fits everywhere."""
    assert flows({"flight_day": value}, {"flight_day": parameter}) is fit


def test_types_of_parameters_must_be_alike():
    """Two parameters are tied only when one value can be given to both."""
    text, number = {"type": "string", "description": "x"}, {"type": "number", "description": "x"}
    assert not edges(ours(tool("x", {"seat_row": text}), tool("y", {"seat_row": number})))
    assert edges(ours(tool("x", {"seat_row": text}), tool("y", {"seat_row": number}), check_types=False))


@pytest.mark.parametrize("name", ["page", "limit", "api_key", "apiKey", "x-rapidapi-key", "Content-Type", "sort_by"])
def test_generic_parameters_tie_nothing(name):
    """Paging, keys and formats are left out."""
    tools = tool("x", {name: "the same"}), tool("y", {name: "the same"})
    assert not edges(ours(*tools))
    assert edges(ours(*tools, drop_generic=False))


def test_bare_names_need_a_description():
    """``id:`` ties nothing, ``id: Identifier of the flight`` may."""
    assert not edges(ours(tool("x", {"id": ""}), tool("y", {"id": ""})))
    assert edges(ours(tool("x", {"id": "Identifier of the flight"}), tool("y", {"id": "Identifier of the flight"})))


def test_texts_in_too_many_tools_tie_nothing():
    """A text that stands in more than a share of the tools and in more than a floor is generic."""
    tools = [tool(f"t{n}", {"shop_zone": "x"}) for n in range(10)]
    assert not edges(ours(*tools, generic_share=0.5, generic_floor=9))
    assert edges(ours(*tools, generic_share=0.5, generic_floor=10))
    assert edges(ours(*tools, generic_share=1.0, generic_floor=5))


def test_a_setting_alone_ties_nothing():
    """Two tools that share a currency are no neighbours, unless one of them would have none at all."""
    money = {"currency": "x"}
    order = {"order_id": "x", **money}
    graph = ours(
        tool("a", order), tool("b", order), tool("c", {"visa_kind": "x", **money}), tool("d", {"visa_kind": "x"})
    )
    assert set(edges(graph)) == {(0, 1), (2, 3)}
    assert len(graph.pairs(0)) == 2, "beside another pair it is kept"
    assert set(edges(ours(tool("a", order), tool("b", order), tool("c", money)))) in (
        {(0, 1), (0, 2)},
        {(0, 1), (1, 2)},
    )


@pytest.mark.parametrize(("least", "found"), [(0.55, True), (0.65, False)])
@pytest.mark.parametrize(("name", "identifier"), [("flight_id", True), ("flight_day", False)])
def test_identifiers_need_less_likeness(name, identifier, least, found):
    """Equal names of identifiers flow at a lower cosine than other texts."""

    class Sixty(FakeEncoder):
        def vector(self, text: str) -> np.ndarray:
            return np.array([1, 0] if text.endswith("one") else [0.6, 0.8], np.float32)

    tools = tool("x", {}, {name: "one"}), tool("y", {name: "other"})
    graph = build(*tools, config=OURS.model_copy(update={"name_threshold": least}), encoder=Sixty(2))
    assert bool(edges(graph)) is (identifier and found)


def test_flows_have_a_direction():
    """Flows go from a result to a top-level parameter; the other direction has none."""
    found = {"flights": {"type": "array", "items": schema({"flight_id": "Identifier of the flight"})}}
    seat = {"passenger": schema({"flight_id": "Identifier of the flight"})}
    search = tool("search_flights", {"travel_day": "Day of departure"}, found)
    book = tool("book_flight", {"flight_id": "Identifier of the flight to book", **seat})
    graph = build(search, book, config=OURS, encoder=MiniLM())
    assert graph.flows(0, 1) == [Flow("search_flights", "flights[].flight_id", "book_flight", "flight_id")]
    assert graph.flows(1, 0) == graph.flows(0, 0) == []
    assert {pair.right for pair in graph.pairs(0)} == {"flight_id", "passenger.flight_id"}


def test_flows_both_ways():
    """Two tools may feed each other."""
    graph = ours(tool("a", {"seat_row": "x"}, {"meal_kind": "x"}), tool("b", {"meal_kind": "x"}, {"seat_row": "x"}))
    assert graph.flows(0, 1) == [Flow("a", "meal_kind", "b", "meal_kind")]
    assert graph.flows(1, 0) == [Flow("b", "seat_row", "a", "seat_row")]


def test_pairs_of_an_edge_are_bounded():
    """An edge keeps its strongest field pairs: so many ties, and so many flows each way."""
    wide = {f"kind_of_{letter}": "x" for letter in "abcdefghijkl"}
    graph = ours(tool("a", wide, wide), tool("b", wide, wide))
    kinds = [(pair.kind, pair.left_tool) for pair in graph.pairs(0)]
    assert kinds.count(("pr", "a")) == kinds.count(("pr", "b")) == expand.FLOWS_KEPT
    assert len(kinds) == 2 * expand.FLOWS_KEPT + expand.TIES_KEPT


def test_degree_is_capped():
    """With a cap each tool keeps its best edges; no tool that had an edge is left without, no edge is new."""
    tools = tuple(tool(f"t{n}", {f"thing_{n % 6}": "x", "other": "y"}) for n in range(60))
    everything, capped = (build(*tools, config=PAPER.model_copy(update={"max_degree": most})) for most in (None, 5))
    assert set(edges(capped)) < set(edges(everything))
    assert everything.degrees().min() == 59
    assert capped.degrees().min() >= 1
    assert capped.degrees().max() <= 10
    assert all(score == 1 for _, score in edges(capped).values())


@given(tools_lists, st.integers(1, 3), st.integers(1, 30), st.integers(0, 10))
def test_edges_are_dropped_early_only_when_the_cap_drops_them(tools, max_degree, budget, held):
    """Whenever edges that cannot stay are let go, the capped graph is the same."""
    config = PAPER.model_copy(update={"threshold": 0.3, "max_degree": max_degree})
    whole = build(*tools, config=config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expand, "BUDGET", budget)
        patch.setattr(expand, "HELD", held)
        assert build(*tools, config=config).digest == whole.digest


def test_memory_grows_with_tools_where_degrees_are_capped():
    """Of a field that all tools share, a few edges of each tool are held and never all pairs."""
    tools = tuple(tool(f"t{number}", {"thing": "x"}) for number in range(1500))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expand, "BUDGET", 20_000)
        patch.setattr(expand, "HELD", 20_000)
        tracemalloc.start()
        build(*tools, config=PAPER.model_copy(update={"max_degree": 4}))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 30e6


def test_networkx_view():
    """The networkx graph has tools as nodes and every edge's kind, score and field pairs."""
    graph = ours(
        tool("a", {"seat_row": "x"}, {"meal_kind": "x"}), tool("b", {"meal_kind": "x", "seat_row": "x"}), tool("c", {})
    )
    view = graph.networkx()
    assert isinstance(view, networkx.Graph)
    assert set(view.nodes) == {"a", "b", "c"}
    assert view.edges["a", "b"] == {
        "kind": "both",
        "score": 1.0,
        "fields": [
            FieldPair("pr", "a", "meal_kind", "b", "meal_kind", 1.0),
            FieldPair("pp", "a", "seat_row", "b", "seat_row", 1.0),
        ],
    }


def test_stats():
    """The figures are those of the graph."""
    tools = [tool("a", {"seat_row": "x"}, {"meal_kind": "x"}), tool("b", {"meal_kind": "x", "seat_row": "x"})]
    tools += [tool("c", {"visa_day": "x"}), tool("d", {"visa_day": "x"}), tool("e", {})]
    stats = graph_stats(ours(*tools))
    assert (stats.tools, stats.edges, stats.components, stats.largest_component, stats.isolated) == (5, 2, 3, 2, 1)
    assert stats.edges_by_kind == {"pp": 1, "pr": 0, "both": 1}
    assert (stats.degree_mean, stats.degree_median, stats.degree_max) == (0.8, 1.0, 1)
    assert [(field.name, field.edges) for field in stats.top_fields] == [
        ("meal_kind", 1),
        ("seat_row", 1),
        ("visa_day", 1),
    ]


def test_memory_grows_with_pairs_found():
    """Thousands of names that identify nothing are not multiplied with each other."""
    wide = {f"kind_of_{number}": "x" for number in range(1500)}
    tools = tool("x", {}, wide), tool("y", {f"other_{name}": "x" for name in wide})
    tracemalloc.start()
    ours(*tools)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6
