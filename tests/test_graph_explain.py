"""Phrases that say why two tools are tied."""

import pytest
from fake_encoder import FakeEncoder

import toolflow.graph.explain
from toolflow.catalog import Catalog
from toolflow.config import GraphConfig
from toolflow.graph import ToolGraph, build_graph
from toolflow.graph.explain import Explainer, explain
from toolflow.schema import Tool

LIST = {"type": "array", "items": {"type": "object", "properties": {"flight_id": {"type": "integer"}}}}
SEARCH = Tool(
    name="search_flights",
    description="",
    parameters={"type": "object", "properties": {"city": {"type": "string", "description": "x"}}},
    returns={"type": "object", "properties": {"flights": LIST}},
    category="flights",
)
BOOK = Tool(
    name="book_flight",
    description="",
    parameters={"type": "object", "properties": {"flight_id": {"type": "integer"}}, "required": ["flight_id"]},
    category="flights",
)
CITY = SEARCH.model_copy(update={"name": "get_weather", "returns": None, "category": None})


@pytest.fixture(scope="module")
def graph() -> ToolGraph:
    return build_graph(Catalog((SEARCH, BOOK, CITY)), FakeEncoder(), GraphConfig(flow_score=0.0))


@pytest.mark.parametrize(
    "said",
    [
        "search_flights `flights[].flight_id` feeds book_flight `flight_id`",
        "same identifier",
        "taken by 1 of 3 tools",
        "integer → integer",
        "required",
        "the verbs come in this order",
        "both of flights",
    ],
)
def test_a_flow_says_what_speaks_for_it(graph: ToolGraph, said: str) -> None:
    """Its fields, then its tools."""
    (phrase,) = explain(graph, 0, 1)
    assert said in phrase
    assert "but" not in phrase


def test_a_tie_names_both_parameters(graph: ToolGraph) -> None:
    """A P-P pair has no direction and no parts."""
    assert explain(graph, 2, 0) == ["search_flights `city` and get_weather `city` are alike (1.00)"]


def test_no_edge_no_phrase(graph: ToolGraph) -> None:
    """Nothing is made up, also not for a tool and itself."""
    assert Explainer(graph).explain(1, 2) == Explainer(graph).explain(1, 1) == []


def test_the_papers_graph_is_explained_too() -> None:
    """It never looked at names or types; the phrases do."""
    paper = GraphConfig(
        threshold=0.0, drop_generic=False, check_types=False, check_names=False, score_flows=False, max_degree=None
    )
    tools = (SEARCH, BOOK, CITY)
    graph = build_graph(Catalog(tools), FakeEncoder(), paper)
    phrases = [Explainer(graph).explain(one, other) for one in range(3) for other in range(one + 1, 3)]
    assert all(len(found) == len(graph.pairs(edge)) for edge, found in enumerate(filter(None, phrases)))


def test_counts_are_of_the_whole_catalog_and_fields_of_two_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the graph, an edge costs what its tools do; rare is what few of all names have."""
    flight = {"type": "object", "properties": {"flight_id": {"type": "integer"}}}
    others = tuple(
        BOOK.model_copy(update={"name": f"{verb}_flight", "parameters": flight}) for verb in ("change", "pay", "rate")
    )
    tools = (SEARCH, BOOK, *others, *(CITY.model_copy(update={"name": f"weather_{at}"}) for at in range(9)))
    graph = build_graph(Catalog(tools), FakeEncoder(), GraphConfig(flow_score=0.0))
    seen: list[int] = []
    collect = toolflow.graph.explain.collect
    monkeypatch.setattr(
        toolflow.graph.explain, "collect", lambda some, config: seen.append(len(some)) or collect(some, config)
    )
    (phrase,) = explain(graph, 0, 1)
    assert "taken by 4 of 14 tools" in phrase
    assert "their names share rare words" in phrase
    assert seen == [2]
