"""Schemas for constrained decoding."""

from functools import lru_cache
from typing import Any

import pytest

from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import CatalogConfig
from toolflow.conformance import Conformance, conformance
from toolflow.llm.strict import decodable, held, is_strict
from toolflow.schema import Tool


@lru_cache
def packaged() -> tuple[Tool, ...]:
    """The packaged catalog."""
    return read_catalog([packaged_tools()], CatalogConfig()).tools


@pytest.mark.parametrize(
    ("schema", "plain"),
    [
        ({"type": "string", "description": "d", "examples": ["x"], "default": "x"}, {"type": "string"}),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}),
        ({"type": "string", "format": "email"}, {"type": "string"}),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, {"type": "string", "pattern": "^[A-Z]{3}$"}),
        ({"type": "string", "pattern": "^(?=a)b$"}, {"type": "string"}),
        ({"type": "string", "pattern": "a+"}, {"type": "string"}),
        ({"type": ["integer", "null"], "minimum": 1}, {"anyOf": [{"minimum": 1, "type": "integer"}, {"type": "null"}]}),
        ({"type": "float"}, {}),
        ({"$ref": "#/$defs/x"}, {}),
        ({"enum": ["a", 1]}, {"enum": ["a", 1]}),
        (True, {}),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"type": "object"}),
    ],
)
def test_what_endpoints_understand_is_kept(schema: Any, plain: Any) -> None:
    """Shape, choices, bounds, plain formats and patterns; words and what may hang are not."""
    assert decodable(schema) == plain


def test_what_fits_a_tool_fits_its_decodable_schema() -> None:
    """Nothing sound is ruled out: an empty object fits both or neither, for every packaged tool."""
    for tool in packaged():
        sound = not conformance(tool.parameters).errors({})
        assert sound == (not conformance(decodable(tool.parameters)).errors({}))


def test_every_packaged_schema_compiles() -> None:
    """Parameters and complete results, without a note."""
    for tool in packaged():
        for schema in (decodable(tool.parameters), decodable(tool.returns, complete=True)):
            compiled = Conformance(schema)
            assert (compiled.problem, compiled.notes) == (None, ())


def test_complete_results_suit_strict_mode() -> None:
    """OpenAI's strict mode wants closed objects that require everything; most results come out so."""
    strict = [tool for tool in packaged() if tool.returns and is_strict(decodable(tool.returns, complete=True))]
    assert len(strict) > 0.9 * len(packaged())


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {}, "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, False),
        ({"type": "object"}, False),
        ({"anyOf": [{"type": "string"}, {"type": "object"}]}, False),
        ({"type": "array", "items": {"type": "string"}}, True),
    ],
)
def test_strictness(schema: Any, strict: bool) -> None:
    """Closed, complete, and nothing left open."""
    assert is_strict(schema) is strict


def test_endless_nesting_is_left_open() -> None:
    """Deeper than a dozen levels nothing is constrained."""
    schema: Any = {"type": "string"}
    for _ in range(500):
        schema = {"type": "array", "items": schema}
    assert str(decodable(schema)).count("items") < 20


def test_bounded_numbers_are_held_as_integers() -> None:
    """Where a whole number lies between the bounds; all else stays as it is."""
    bounded = {"type": "number", "minimum": -90.5, "maximum": 90}
    schema = {"type": "object", "properties": {"latitude": bounded, "share": {"type": "number", "minimum": 0.1}}}
    held_properties = held(schema)["properties"]
    assert held_properties["latitude"] == {"type": "integer", "minimum": -90, "maximum": 90}
    assert held_properties["share"] == schema["properties"]["share"]
    narrow = {"type": "number", "minimum": 0.2, "maximum": 0.8}
    assert held(narrow) == narrow


def test_addresses_are_held_by_a_pattern() -> None:
    """Which admits none that the format does not."""
    schema = decodable(held({"type": "string", "format": "email"}))
    for address, fits in (("ana.reis@example.com", True), ("ana reis@example.com", False), ("Ana Reis", False)):
        assert (not conformance(schema).errors(address)) is fits
    assert "pattern" not in held({"type": "string", "format": "email", "enum": ["a@example.com"]})
