"""Selfplay values: what is drawn fits its schema, or nothing is drawn."""

from datetime import date
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolflow.conformance import conformance, fits
from toolflow.selfplay import pattern
from toolflow.selfplay.order import in_date_order, in_order
from toolflow.selfplay.refs import written_out
from toolflow.selfplay.values import NoValue, Values

TODAY = date(2026, 5, 14)
NAMES = ["city", "start_date", "price", "flight_id", "q", "tags", "x", "", "日付", "image_path_to_add"]

numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": st.integers(-1000, 1000),
        "maximum": st.integers(-1000, 1000),
        "exclusiveMinimum": st.integers(-50, 50),
        "multipleOf": st.sampled_from([1, 5, 0.5, 0]),
        "example": st.integers(0, 99),
    },
)
strings = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "format": st.sampled_from(["date", "date-time", "time", "email", "uri", "uuid", "ipv4", "unheard-of"]),
        "pattern": st.sampled_from(["^[A-Z]{3}$", r"^\d{2,4}-\w+$", "(", "^(?!a).+$"]),
        "minLength": st.integers(0, 40),
        "maxLength": st.integers(0, 40),
        "enum": st.lists(st.sampled_from(["", "a", "bc"]), min_size=1, max_size=3),
        "examples": st.lists(st.sampled_from(["Oslo", "<your_key>", " KO ", 3]), max_size=3),
    },
)
others = st.sampled_from([{}, {"type": "boolean"}, {"type": ["null", "string"]}, {"const": 7}, {"type": "null"}])
schemas = st.recursive(
    numbers | strings | others,
    lambda inner: (
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": st.integers(0, 60), "maxItems": st.integers(0, 5)},
        )
        | st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)},
            optional={"required": st.lists(st.sampled_from(NAMES), max_size=2)},
        )
        | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)})
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(schema=schemas, name=st.sampled_from(NAMES), seed=st.integers(0, 99), spoken=st.booleans())
def test_fits(schema: dict[str, Any], name: str, seed: int, spoken: bool) -> None:
    """A value fits its schema, or NoValue says that none was found."""
    try:
        value = Values(Random(seed), TODAY, spoken).draw(schema, name)
    except NoValue:
        return
    assert fits(schema, value)


@pytest.mark.parametrize("name", NAMES)
def test_plain_types(name: str) -> None:
    """Schemas without limits always have a value, whatever the field is called."""
    for kind in ("string", "integer", "number", "boolean", "array", "object"):
        Values(Random(1), TODAY, True).draw({"type": kind}, name)


def test_placeholder_example() -> None:
    """A place to be filled in is no example."""
    schema = {"type": "string", "examples": ["<your_key>", '"{{limit}}"', "YOUR_TOKEN", "Oslo"]}
    drawn = {Values(Random(seed), TODAY, True).draw(schema, "city") for seed in range(30)}
    assert drawn == {"Oslo"}


@settings(max_examples=300, deadline=None)
@given(text=st.text("ab01.*+?|()[]{}^$\\dw-,<>=!:#P", max_size=40), seed=st.integers(0, 9))
def test_pattern_bounded(text: str, seed: int) -> None:
    """Whatever the pattern, the string is short, or None."""
    drawn = pattern.draw(text, Random(seed))
    assert drawn is None or len(drawn) <= pattern.LONGEST_STRING + 1


@pytest.mark.parametrize(
    "hostile",
    [
        "(a*)*" * 50,
        "(((a{9}){9}){9}){9}",
        "a{1000000000}",
        "(?=x)y",
        "(" * 400,
        "x" * 501,
        "(a|b|" * 90 + "c" + ")" * 90,
    ],
)
def test_hostile_pattern(hostile: str) -> None:
    """A hostile pattern costs nothing."""
    drawn = pattern.draw(hostile, Random(0))
    assert drawn is None or len(drawn) <= pattern.LONGEST_STRING + 1


@pytest.mark.parametrize("wanted", [r"^[A-Z]{2}-\d{5}$", r"^(foo|bar)_\w{3}$", r"^v\d+\.\d+\.\d+$", "^[^a-z]{4}$"])
def test_pattern_matches(wanted: str) -> None:
    """What is drawn for an everyday pattern matches it."""
    for seed in range(20):
        assert fits({"type": "string", "pattern": wanted}, pattern.draw(wanted, Random(seed)))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("start_date", "end_date"),
        ("check_in_date", "check_out_date"),
        ("departure_date", "return_date"),
        ("created_after", "created_before"),
    ],
)
def test_days_in_order(earlier: str, later: str) -> None:
    """The end of a pair of days comes after its beginning."""
    properties = {earlier: {"type": "string", "format": "date"}, later: {"type": "string", "format": "date"}}
    mended = in_order({later: "2026-05-01", earlier: "2026-06-01"}, properties, Random(0))
    assert mended[earlier] == "2026-06-01" < mended[later]


@pytest.mark.parametrize(
    ("less", "more"), [("low_price", "high_price"), ("min_temp", "max_temp"), ("minimum", "maximum")]
)
def test_numbers_in_order(less: str, more: str) -> None:
    """The smaller number of a pair stands under the smaller one's name."""
    properties = {less: {"type": "number"}, more: {"type": "number"}}
    assert in_order({less: 9.5, more: 2.5}, properties, Random(0)) == {less: 2.5, more: 9.5}


@settings(deadline=None)
@given(st.lists(st.integers(1, 99), min_size=4, max_size=4))
def test_prices_of_a_day(drawn: list[int]) -> None:
    """Opening and closing prices lie between the low and the high one."""
    names = ["open_price", "high_price", "low_price", "close_price"]
    day = in_order(
        dict(zip(names, map(float, drawn), strict=True)), {name: {"type": "number"} for name in names}, Random(0)
    )
    assert day["low_price"] <= min(day["open_price"], day["close_price"])
    assert max(day["open_price"], day["close_price"]) <= day["high_price"]


def test_fixed_stays() -> None:
    """What is known already is not put in order."""
    values = {"start_date": "2026-06-01", "end_date": "2026-05-01"}
    properties = {name: {"type": "string", "format": "date"} for name in values}
    assert in_order(values, properties, Random(0), fixed=tuple(values)) == values


def test_a_beginning_moves_before_an_end_that_stays() -> None:
    """Who changes the day of departure arrived before it."""
    values = {"check_in_date": "2026-06-01", "check_out_date": "2026-06-01"}
    properties = {name: {"type": "string", "format": "date"} for name in values}
    ordered = in_order(values, properties, Random(0), fixed=("check_out_date",))
    assert ordered["check_in_date"] < ordered["check_out_date"] == "2026-06-01"


def test_date_order() -> None:
    """Listed rows stand in the order of their dates."""
    schema = {"properties": {"date": {"type": "string", "format": "date"}}}
    rows = [{"date": "2026-05-03"}, {"date": "2026-05-01"}]
    assert in_date_order(rows, schema) == rows[::-1]


def test_refs_written_out() -> None:
    """A local reference is replaced by what it points at; one to itself allows anything."""
    schema = {
        "properties": {"home": {"$ref": "#/$defs/place", "description": "Where"}},
        "$defs": {"place": {"type": "object", "properties": {"near": {"$ref": "#/$defs/place"}}}},
    }
    home = {"type": "object", "properties": {"near": {}}, "description": "Where"}
    assert written_out(schema) == {"properties": {"home": home}}


def test_refs_that_multiply() -> None:
    """References that multiply are cut off."""
    names = [f"d{level}" for level in range(30)]
    below = {
        name: {"properties": {side: {"$ref": f"#/$defs/{after}"} for side in "abcd"}} for name, after in pairwise(names)
    }
    assert conformance(written_out({"$ref": "#/$defs/d0", "$defs": below | {"d29": {}}})).problem is None


@pytest.mark.parametrize(
    ("description", "clock"),
    [
        ("Time to convert in 24-hour format (HH:MM)", True),
        ("When to begin, as YYYY-MM-DD HH:MM", False),
        ("YYYY-MM-DDTHH:MM", False),
        ("The time.", False),
    ],
)
def test_a_time_of_day_where_that_is_asked_for(description: str, clock: bool) -> None:
    """And a moment with its day where it is not."""
    drawn = Values(Random(1), TODAY, spoken=True).draw({"type": "string", "description": description}, "time")
    assert (len(drawn) == len("08:15")) == clock
