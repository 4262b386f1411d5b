"""toolflow.conformance: schemas and values nobody vouches for."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.conformance import Conformance, conformance, nests_deeper
from toolflow.mending import MAX_CHAIN, mended, reach

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYWORDS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "required",
        "enum",
        "anyOf",
        "pattern",
        "minimum",
        "$ref",
        "$schema",
        "format",
        "const",
    ]
)
SCHEMAS = st.recursive(
    st.dictionaries(KEYWORDS, JSON, max_size=4),
    lambda inner: st.fixed_dictionaries(
        {}, optional={"properties": st.dictionaries(st.text(max_size=4), inner), "items": inner}
    ),
    max_leaves=5,
)


@given(JSON | SCHEMAS, JSON)
def test_any_schema_and_any_value_give_an_answer(schema: Any, value: Any) -> None:
    """Nothing raises, whatever is passed for a schema or a value."""
    checker = Conformance(schema)
    errors = checker.errors(value)
    assert checker.problem is None or errors


@pytest.mark.parametrize(
    ("schema", "value", "path", "keyword"),
    [
        ({"type": "object", "required": ["city"]}, {}, "city", "required"),
        ({"type": "object", "properties": {"city": {"type": "string"}}}, {"city": 1}, "city", "type"),
        ({"properties": {"a": {"items": {"enum": ["x"]}}}}, {"a": ["x", "y"]}, "a[1]", "enum"),
        ({"properties": {}, "additionalProperties": False}, {"b": 1}, "b", "additionalProperties"),
        ({"pattern": "^[A-Z]{3}$"}, "abc", "", "pattern"),
        ({"maximum": 5}, 6, "", "maximum"),
        ({"format": "date"}, "2026-02-30", "", "format"),
        ({"format": "date-time"}, "tomorrow", "", "format"),
        ({"format": "time"}, "noon", "", "format"),
        ({"type": "integer"}, True, "", "type"),
        ({"type": "number"}, float("nan"), "", "type"),
    ],
)
def test_an_error_names_path_and_keyword(schema: Any, value: Any, path: str, keyword: str) -> None:
    """Of what is missing or unknown the path is the place it would have."""
    assert [(error.path, error.keyword) for error in conformance(schema).errors(value)] == [(path, keyword)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 2.0),
        ({"format": "date-time"}, "2026-05-14T15:00:00"),
        ({"format": "date-time"}, "2026-05-14T15:00:00Z"),
        ({"format": "time"}, "15:00"),
        ({"type": "string", "nullable": True, "enum": ["a"]}, None),
        ({"type": "any"}, [1]),
        ({"type": "file"}, "x"),
        ({"required": True}, {}),
        ({"properties": {"a": {"type": "STRING", "required": True}}}, {"a": "x"}),
        ({"items": [{"type": "string"}]}, ["x", 1]),
        ({"properties": {"a": "string"}, "additionalProperties": False}, {"a": 1}),
        ({"pattern": r"^\p{L}+$"}, "héllo"),
        ({"pattern": "(?=lookahead)"}, "anything"),
        ({"$schema": "http://example.org/own", "type": "string"}, "x"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}, "x"),
        ({"properties": {"next": {"$ref": "#"}}}, {"next": {"next": {}}}),
        (True, 1),
    ],
)
def test_odd_schemas_still_work(schema: Any, value: Any) -> None:
    """Each of these schemas is odd or strict in the wild, and the value fits."""
    checker = conformance(schema)
    assert checker.problem is None
    assert checker.errors(value) == []


@pytest.mark.parametrize(
    ("name", "type_"), [("float", "number"), ("dict", "object"), ("INT", "integer"), ("bool", "boolean")]
)
def test_foreign_type_names_constrain(name: str, type_: str) -> None:
    """``float`` means number, and a list is no number."""
    assert mended({"type": name})["type"] == type_
    assert conformance({"type": name}).errors([])


def test_what_cannot_be_understood_is_noted() -> None:
    """A pattern that no engine reads constrains nothing, and the schema says so."""
    checker = Conformance({"properties": {"code": {"type": "string", "pattern": "(?<=x)y"}}})
    assert checker.notes[0].startswith("properties.code.pattern: ")
    assert checker.errors({"code": 1})[0].keyword == "type"


@pytest.mark.parametrize(
    "schema",
    [
        None,
        "string",
        [],
        {"$ref": "http://127.0.0.1:9/schema"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/$defs/nothing"},
    ],
)
def test_an_unusable_schema_says_so(schema: Any) -> None:
    """Every value is in error, under the keyword ``schema``; nothing is fetched."""
    checker = conformance(schema)
    assert checker.problem
    assert [error.keyword for error in checker.errors({})] == ["schema"]


def nested(depth: int, wrap: str = "list") -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if wrap == "list" else {"properties": {"a": value}}
    return value


def billion_laughs(levels: int) -> dict[str, Any]:
    refs = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**refs, f"a{levels}": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"items": {"$ref": "#"}}, nested(100_000)),
        ({}, nested(65)),
        (nested(2_000, "schema"), {}),
        ({"pattern": "^(a+)+$"}, "a" * 50_000 + "b"),
        ({"pattern": "(x{1000}){1000}"}, "x"),
        (billion_laughs(60), 1),
        ({"anyOf": [{"type": "array", "items": {"$ref": "#"}}] * 2}, nested(60)),
        ({"allOf": [{"$ref": "#"}] * 2}, 1),
        ({"$defs": {f"a{i}": {"$ref": f"#/$defs/a{i + 1}"} for i in range(5_000)}, "$ref": "#/$defs/a0"}, 1),
        ({"pattern": r"\d" * 40_000}, "1"),
        ({"items": {"anyOf": [{"type": "string"}] * 1_000}}, [1] * 1_000),
        ({"items": {"enum": [f"v{i}" for i in range(5_000)]}}, [f"w{i}" for i in range(5_000)]),
    ],
    ids=[
        *("value", "value at the limit", "schema", "pattern", "large pattern", "laughs", "recursion", "loop", "chain"),
        *("long pattern", "many branches", "long list"),
    ],
)
def test_nothing_hangs_or_crashes(schema: Any, value: Any) -> None:
    """Deep, exponential and circular input ends at once."""
    start = time.perf_counter()
    Conformance(schema).errors(value)
    assert time.perf_counter() - start < 2


def test_recursion_that_does_not_multiply_is_not_limited() -> None:
    """A tree may be as deep as any value."""
    tree = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}
    assert reach(tree, 64, 5_000).depth == 64


def test_of_a_large_value_the_first_error_is_named() -> None:
    """It counts what each part is held against: the value alone may be large."""
    value = [*range(1_000), *["x"] * 1_000]
    few, many = ({"items": {"enum": list(range(1_000))[:size]}} for size in (10, 1_000))
    assert len(Conformance(few).errors(value)) == 50
    assert [error.path for error in Conformance(many).errors(value)] == ["[1000]"]
    assert Conformance(many).errors(value[:1_000]) == []
    assert len(Conformance(many).errors(["x"] * 20)) == 20


def test_a_value_too_large_for_its_schema_does_not_fit() -> None:
    """And says so."""
    choices = list(range(20_000))
    assert [error.keyword for error in Conformance({"items": {"enum": choices}}).errors(choices)] == ["size"]
    assert Conformance({"items": {"type": "integer"}}).errors(choices) == []


@pytest.mark.parametrize("name", ["pattern", "patternProperties"])
def test_patterns_beyond_all_measure_constrain_nothing(name: str) -> None:
    """Those within it count still."""
    patterns = ["^[a-c]+$", "^" + "a" * 1_000, *(f"^a{number}" for number in range(300))]
    parts = [{name: pattern if name == "pattern" else {pattern: False}} for pattern in patterns]
    checker = Conformance({"properties": {f"p{at}": part for at, part in enumerate(parts)}})
    assert checker.notes == ("103 patterns are too long, or too many, to be looked at",)
    whole = {f"p{at}": "x" if name == "pattern" else {"abc": 1, "a" * 1_000: 1} for at in range(len(parts))}
    found = {error.path.partition(".")[0] for error in checker.errors(whole)}
    assert "p0" in found
    assert "p1" not in found


def test_the_same_json_is_compiled_once() -> None:
    """The cache goes by content, not by identity or key order."""
    assert conformance({"type": "string", "minLength": 2}) is conformance({"minLength": 2, "type": "string"})


@given(st.integers(0, 30), st.integers(0, 30))
def test_nesting_is_counted_in_containers(depth: int, limit: int) -> None:
    """``[[1]]`` nests two levels deep."""
    assert nests_deeper(nested(depth), limit) == (depth > limit)


def test_mending_leaves_the_original_alone() -> None:
    """The caller's schema is not touched."""
    schema = {"type": "float", "properties": {"a": {"pattern": "("}}, "required": True}
    Conformance(schema)
    assert schema == {"type": "float", "properties": {"a": {"pattern": "("}}, "required": True}


def test_chains_are_bounded_below_pythons_own_limit() -> None:
    """The walk over references recurses once per step of a chain."""
    assert MAX_CHAIN < 500
