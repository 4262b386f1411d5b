"""Formats that list tools: OpenAI, Anthropic, BFCL, MCP; and what is mended in all of them."""

import json

import pytest

from tests.importing import function, imported, tools_of, write

__all__ = ["write"]

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RESULT = {"type": "object", "properties": {"temperature": {"type": "number"}}}
CHAT = {
    "type": "function",
    "function": {"name": "weather", "description": "Now.", "parameters": SCHEMA, "strict": True},
}
RESPONSES = {"type": "function", "name": "weather", "description": "Now.", "parameters": SCHEMA, "strict": True}
ANTHROPIC = {"name": "weather", "description": "Now.", "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}}
MCP = {"name": "weather", "description": "Now.", "inputSchema": SCHEMA, "outputSchema": RESULT, "annotations": {}}
BFCL = {
    "name": "weather",
    "description": "Now.",
    "parameters": {"type": "dict", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "response": {"type": "dict", "properties": {"temperature": {"type": "float"}}},
}


@pytest.mark.parametrize(
    ("content", "format_name", "returns"),
    [
        ([CHAT], "openai", None),
        (CHAT, "openai", None),
        ({"tools": [CHAT]}, "openai", None),
        ({"model": "m", "input": "hi", "tools": [RESPONSES]}, "openai", None),
        ({"functions": [RESPONSES]}, "openai", None),
        ([ANTHROPIC], "anthropic", None),
        ({"model": "m", "max_tokens": 1, "tools": [ANTHROPIC]}, "anthropic", None),
        ({"jsonrpc": "2.0", "id": 1, "result": {"tools": [MCP]}}, "mcp", RESULT),
        ({"tools": [MCP], "nextCursor": "x"}, "mcp", RESULT),
        ([BFCL], "bfcl", RESULT),
        ({"id": "q", "question": [[{"role": "user", "content": "?"}]], "function": [BFCL]}, "bfcl", RESULT),
    ],
)
def test_each_flavour_is_recognised(write, content, format_name, returns):
    """The same tool in every dress."""
    path = write(content, "weather.json")
    result = imported(path)
    assert result.report.files[0].formats == {format_name: 1}
    (tool,) = tools_of(path).values()
    assert {key: tool.get(key) for key in ("name", "description", "parameters", "returns")} == {
        "name": "weather",
        "description": "Now.",
        "parameters": SCHEMA,
        "returns": returns,
    }


def test_lines_are_read_whatever_the_file_is_called(write):
    """BFCL's files are lines of JSON in a .json."""
    lines = "\n".join(json.dumps(BFCL | {"name": name}) for name in ("a", "math.factorial"))
    assert list(write.tools(lines, "doc.json")) == ["a", "math_factorial"]


def test_a_registry_lists_arguments(write):
    """Docker's registry of MCP servers gives a list of arguments instead of a schema."""
    arguments = [
        {"name": "branch", "type": "string", "desc": "The branch."},
        {"name": "env", "type": "array", "items": {"type": "object"}, "desc": "Variables.", "optional": True},
    ]
    tool = write.tool([{"name": "build", "description": "Build.", "arguments": arguments}])
    assert tool["parameters"] == {
        "type": "object",
        "properties": {
            "branch": {"type": "string", "description": "The branch."},
            "env": {"type": "array", "description": "Variables.", "items": {"type": "object"}},
        },
        "required": ["branch"],
    }


def test_definitions_inside_of_a_schema_are_inlined(write):
    """As Pydantic writes them; nothing else can be referred to, not even a file beside it."""
    defs = {"Unit": {"enum": ["C", "F"], "title": "Unit"}}
    write({"type": "string"}, "other.json")
    schema = {"type": "object", "$defs": defs, "properties": {"unit": {"$ref": "#/$defs/Unit"}}}
    tool = write.tool({"name": "t", "description": "d", "inputSchema": schema})
    assert tool["parameters"] == {"type": "object", "properties": {"unit": {"enum": ["C", "F"]}}}
    result = imported(write([function("a"), function("b", x={"$ref": "other.json"})]))
    assert [name for name, _tool in result.tools] == ["a"]
    assert "which this source may not open" in next(result.report.dropped())[1].problem


@pytest.mark.parametrize(
    ("schema", "becomes", "repair"),
    [
        ({"type": "float"}, {"type": "number"}, "type mended"),
        ({"type": "STRING"}, {"type": "string"}, "type mended"),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}, "type mended"),
        ({"type": "List[str]"}, {"type": "array"}, "type mended"),
        ({"type": "Frob"}, {}, "unknown type"),
        ({"type": "any"}, {}, None),
        ({"type": "integer", "enum": ["1", "2"]}, {"type": "integer", "enum": [1, 2]}, "enum mended"),
        ({"type": "string", "enum": []}, {"type": "string"}, "enum left out"),
        ({"type": "boolean", "default": "False"}, {"type": "boolean", "default": False}, "default mended"),
        ({"type": "integer", "default": "many"}, {"type": "integer"}, "default left out"),
        ({"type": "string", "minLength": -1}, {"type": "string"}, "bound left out"),
        ({"type": "string", "pattern": "^(a+)+$"}, {"type": "string", "pattern": "^(a+)+$"}, None),
        ({"type": "string", "pattern": "a" * 501}, {"type": "string"}, "pattern left out"),
        ({"type": "string", "not": {"const": "x"}}, {"type": "string"}, "keyword left out"),
        (
            {"type": "string", "examples": ["a", "b"], "format": "email"},
            {"type": "string", "examples": ["a", "b"], "format": "email"},
            None,
        ),
        (
            {"type": "array", "items": {"type": "tuple"}, "uniqueItems": True},
            {"type": "array", "items": {"type": "array"}, "uniqueItems": True},
            "type mended",
        ),
        (
            {"type": "object", "required": ["gone"], "properties": {"a": {}}},
            {"type": "object", "properties": {"a": {}}},
            "required mended",
        ),
        ({"enum": list(range(300)), "type": "integer"}, {"type": "integer", "examples": [0, 1, 2]}, "enum left out"),
    ],
)
def test_odd_schemas_are_mended(write, schema, becomes, repair):
    """What has a plain meaning is rewritten, what has none goes, and the report says which."""
    path = write(function(x=schema))
    (tool,) = tools_of(path).values()
    assert tool["parameters"]["properties"]["x"] == becomes
    assert list(imported(path).report.repairs) == ([repair] if repair else [])


def test_arguments_of_alternatives_stand_side_by_side(write):
    """A schema that is nothing but alternatives gets the properties of all, required where all require them."""
    one = {"properties": {"id": {"type": "string"}, "a": {}}, "required": ["id", "a"]}
    other = {"properties": {"id": {"type": "string"}, "b": {}}, "required": ["id"]}
    tool = write.tool({"name": "t", "description": "d", "parameters": {"oneOf": [one, other]}})
    assert list(tool["parameters"]["properties"]) == ["id", "a", "b"] and tool["parameters"]["required"] == ["id"]


def test_sources_and_categories_are_kept(write):
    """What a definition says of its own origin stays; else it is its place."""
    tools = write.tools([function("a") | {"source": "toolbench/x", "category": "Music"}, function("b")], "my.json")
    assert (tools["a"]["source"], tools["a"]["category"]) == ("toolbench/x", "Music")
    assert tools["b"]["source"] == "my.json [1]"
