"""The score of a flow: each part moves it the right way, and nothing else does."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_encoder import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from toolflow.catalog import Catalog
from toolflow.config import GraphConfig
from toolflow.graph import ToolGraph, build_graph
from toolflow.graph.flow_score import BEST, WEIGHTS
from toolflow.graph.stages import STAGE, stage
from toolflow.schema import Tool

SCRIPT = Path(__file__).parent.parent / "scripts" / "bench_edges"
NAMED = ("nestful", "api_bank", "sgd", "restbench_spotify", "restbench_tmdb")


def tool(
    name: str, parameters: list[str], returns: list[str] = (), *, required: bool = True, category: str | None = None
) -> Tool:
    """A tool whose fields of one name have one text."""

    def schema(names: list[str]) -> dict[str, Any]:
        fields = {one: {"type": "string", "description": "x"} for one in names}
        return {"type": "object", "properties": fields}

    needed = {"required": list(parameters)} if required else {}
    return Tool(
        name=name,
        description="",
        parameters={**schema(parameters), **needed},
        returns=schema(list(returns)),
        category=category,
    )


def build(*tools: Tool, least: float = 0.0) -> ToolGraph:
    return build_graph(Catalog(tools), FakeEncoder(), GraphConfig(flow_score=least))


def score(*tools: Tool) -> float:
    """Of the flow from the first tool to the second one."""
    graph = build(*tools)
    return max(
        pair.score for pair in graph.pairs(graph.edge(0, 1)) if pair.kind == "pr" and pair.left_tool == tools[0].name
    )


SEARCH = tool("search_flights", ["city"], ["flight_id"])
BOOK = tool("book_flight", ["flight_id"], ["booking_number"])
BETTER = {
    "the order of the verbs": ((SEARCH, BOOK), (tool("cancel_flights", ["city"], ["flight_id"]), BOOK)),
    "verbs that are known": ((SEARCH, BOOK), (tool("flights", ["city"], ["flight_id"]), BOOK)),
    "an identifier": ((SEARCH, BOOK), (tool("search_flights", ["city"], ["route"]), tool("book_flight", ["route"]))),
    "a required parameter": ((SEARCH, BOOK), (SEARCH, tool("book_flight", ["flight_id"], required=False))),
    "a rare parameter": (
        (SEARCH, BOOK, tool("c", ["x"]), tool("d", ["y"])),
        (SEARCH, BOOK, tool("c", ["flight_id"]), tool("d", ["flight_id"])),
    ),
    "one category": (
        (
            tool("search_flights", ["city"], ["flight_id"], category="flights"),
            tool("book_flight", ["flight_id"], category="flights"),
        ),
        (
            tool("search_flights", ["city"], ["flight_id"], category="flights"),
            tool("book_flight", ["flight_id"], category="trains"),
        ),
    ),
    "names of tools that share a word": ((SEARCH, BOOK), (SEARCH, BOOK.model_copy(update={"name": "book_seat"}))),
    "news rather than an echo": (
        (tool("search_flights", ["place"], ["seat_code"]), tool("book_flight", ["seat_code"])),
        (tool("search_flights", ["seat_code"], ["seat_code"]), tool("book_flight", ["seat_code"])),
    ),
    "a producer that needs no identifier": (
        (SEARCH, BOOK),
        (tool("search_flights", ["airline_id"], ["flight_id"]), BOOK),
    ),
}


@pytest.mark.parametrize(("better", "worse"), BETTER.values(), ids=BETTER.keys())
def test_what_counts(better: tuple[Tool, ...], worse: tuple[Tool, ...]) -> None:
    """All else equal, the flow with this part scores higher."""
    assert score(*better) > score(*worse)


def test_a_score_is_the_sum_of_its_parts() -> None:
    """Everything that can speak for a flow at once, but that two tools cannot share all words of their names."""
    whole = score(SEARCH.model_copy(update={"category": "a"}), BOOK.model_copy(update={"category": "a"}))
    shared, own = math.log(3 / 2.5), math.log(3 / 1.5)
    assert whole == pytest.approx(1 - WEIGHTS.kin * own / (shared + own) / BEST)
    assert sum(weight for weight in WEIGHTS if weight > 0) == pytest.approx(BEST)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["search", "get", "book", "cancel", "x"]),
            st.lists(st.sampled_from(["flight_id", "city", "id", "name", "token"]), max_size=3, unique=True),
            st.lists(st.sampled_from(["flight_id", "city", "id", "name", "token"]), max_size=3, unique=True),
            st.sampled_from([None, "a", "b"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_scores_lie_between_0_and_1(drawn: list[Any]) -> None:
    """Whatever the tools; and a flow that scores no more than the least is none."""
    tools = [
        tool(f"{verb}_thing_{number}", parameters, returns, category=category)
        for number, (verb, parameters, returns, category) in enumerate(drawn)
    ]
    graph, strict = build(*tools), build(*tools, least=0.6)
    scores = [pair.score for edge in range(len(graph.edges.one)) for pair in graph.pairs(edge)]
    assert all(0 <= one <= 1 for one in scores)
    kept = [pair for edge in range(len(strict.edges.one)) for pair in strict.pairs(edge) if pair.kind == "pr"]
    assert all(pair.score > 0.6 for pair in kept)


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("search_flights", "search"),
        ("findBookingByCode", "find"),
        ("GET_search-person", "search"),
        ("get_person", "get"),
        ("hotels_v2_reserve_room", "reserve"),
        ("spotify_search", "search"),
        ("image_search_engine_search", "search"),
        ("weather_forecast", None),
        ("reverse_image_search", None),
        ("", None),
    ],
)
def test_the_stage_of_a_name(name: str, verb: str | None) -> None:
    """The first verb of the name that is no noun at its end, HTTP's own methods passed over."""
    assert stage(name) == (None if verb is None else STAGE[verb])


def test_the_benchmark_runs_on_any_files(tmp_path: Path) -> None:
    """It finds a corpus' tools, and prints both methods beside each other."""
    tools = [SEARCH, BOOK, tool("get_weather", ["city"], ["forecast"]), tool("cancel_booking", ["booking_number"])]
    listed = [{**one.model_dump(), "source": "mine"} for one in tools] + [{"name": "y", "source": "another"}]
    (tmp_path / "tools.jsonl").write_text("".join(json.dumps(one) + "\n" for one in listed))
    gold = [("search_flights", "book_flight"), ("book_flight", "cancel_booking"), ("search_flights", "nobody")]
    corpora = ["small", *NAMED]
    relations = [{"corpus": corpus, "src": one, "dst": other} for corpus in corpora for one, other in gold]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(one) + "\n" for one in relations))
    options = ["--tools", str(tmp_path / "tools.jsonl"), "--gold", str(tmp_path / "gold.jsonl")]
    done = subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=True)
    row = next(line for line in done.stdout.splitlines() if line.startswith("small")).split()
    assert row[1:3] == ["4", "2"]
    assert float(row[4]) == 1.0
    means = [line.split() for line in done.stdout.splitlines() if line.startswith("mean")]
    assert [mean[:4] for mean in means] == [["mean", "of", "all", "6"], ["mean", "of", "5", "named"]]
    assert all(mean[4:] == row[3:] and len(mean) == 10 for mean in means)
