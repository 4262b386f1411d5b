"""The packaged tools keep the rules they were written by."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import CatalogConfig
from toolflow.fields import tool_fields
from toolflow.schema import Tool

FILES = sorted(packaged_tools().glob("*.jsonl"))
CATALOG = read_catalog([packaged_tools()], CatalogConfig())
TOOLS = {tool.name: tool for tool in CATALOG.tools}
KEYS = ["name", "description", "category", "parameters", "returns"]
GENERIC = frozenset("status name title description currency date city total".split())
"""Names that two tools may share without one feeding the other."""
NO_EXAMPLES = frozenset(("date", "time", "date-time", "email", "uri"))
BARE = frozenset(("id", "page", "limit", "query_params", "data", "api_key", "token"))


def each_tool(argument: str) -> Any:
    return pytest.mark.parametrize(argument, CATALOG.tools, ids=list(TOOLS))


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(path, subschema, whether it is a named property) of everything below a schema."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}", part, True
        yield from properties(part, f"{path}.{name}")
    if "items" in schema:
        yield f"{path}[]", schema["items"], False
        yield from properties(schema["items"], f"{path}[]")


def parts(tool: Tool) -> list[tuple[str, dict[str, Any], bool]]:
    assert tool.returns is not None
    return [*properties(tool.parameters, "parameters"), *properties(tool.returns, "returns")]


def test_size():
    """At least 160 tools in at least 16 domains, at least 8 in each."""
    count = {file.stem: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert len(CATALOG.tools) >= 160
    assert len(count) >= 16
    assert min(count.values()) >= 8


def test_nothing_is_skipped():
    """Every definition is usable, and none stands there twice."""
    assert CATALOG.defects == ()
    assert CATALOG.duplicates == 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_lines(file: Path):
    """One domain a file, one tool a line, the same keys in the same order."""
    tools = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [list(tool) for tool in tools] == [KEYS] * len(tools)
    assert len({tool["category"] for tool in tools}) == 1


def test_a_domain_has_one_file():
    """No two files are of one domain."""
    domains = [json.loads(file.read_text(encoding="utf-8").splitlines()[0])["category"] for file in FILES]
    assert len(set(domains)) == len(domains)


@each_tool("tool")
def test_tool(tool: Tool):
    """A short snake_case name, an imperative first sentence, closed parameters, an object for a result."""
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,63}", tool.name)
    assert "_" in tool.name
    first = tool.description.split(". ")[0]
    assert 2 <= len(first.split()) <= 14, first
    assert tool.description[0].isupper()
    assert tool.description.endswith(".")
    assert tool.parameters["additionalProperties"] is False
    assert 1 <= len(tool.properties) <= 8
    assert tool.returns is not None
    assert tool.returns["type"] == "object"
    assert tool.returns["properties"]


@each_tool("tool")
def test_every_property_says_what_it_is(tool: Tool):
    """Each property has a type and a description; nothing is called just ``id`` or ``data``."""
    for path, part, named in parts(tool):
        assert "type" in part, path
        if named:
            assert part.get("description"), path
            assert path.rpartition(".")[2] not in BARE, path


@each_tool("tool")
def test_required_is_defined(tool: Tool):
    """Every object requires only what it defines."""
    objects = [("parameters", tool.parameters, True), ("returns", tool.returns, True), *parts(tool)]
    for path, part, _ in objects:
        assert set(part.get("required", ())) <= set(part.get("properties", {})), path


@each_tool("tool")
def test_examples_defaults_and_enums_fit(tool: Tool):
    """Every example, default and choice is valid under its own schema."""
    for path, part, _ in parts(tool):
        validator = jsonschema_rs.Draft202012Validator(part, validate_formats=True)
        for value in (
            *part.get("examples", ()),
            *part.get("enum", ()),
            *([part["default"]] if "default" in part else []),
        ):
            assert validator.is_valid(value), f"{path}: {value!r}"


@each_tool("tool")
def test_free_text_has_examples(tool: Tool):
    """A free text shows what people would say: at least two values, no two the same."""
    for path, part, _ in parts(tool):
        if part["type"] == "string" and "enum" not in part and part.get("format") not in NO_EXAMPLES:
            examples = part.get("examples", [])
            assert len(examples) >= 2, path
            assert len(set(examples)) == len(examples), path


def test_outputs_feed_inputs():
    """At least 1.5 pairs per tool in which one returns what the other takes: the same specific name and type."""
    returned, taken = defaultdict(set), defaultdict(set)
    for tool in CATALOG.tools:
        for field in tool_fields(tool):
            if field.name not in GENERIC:
                (returned if field.role == "return" else taken)[field.name, field.type].add(tool.name)
    pairs = {(one, other) for key in returned for one in returned[key] for other in taken.get(key, ()) if one != other}
    assert len(pairs) >= 1.5 * len(CATALOG.tools)


def test_equal_identifiers_are_of_one_type():
    """An identifier is of the same type wherever it stands."""
    types = defaultdict(set)
    for tool in CATALOG.tools:
        for field in tool_fields(tool):
            if field.name.endswith("_id"):
                types[field.name].add(field.type)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}
