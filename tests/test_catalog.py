"""Reading tools: what is accepted, what is refused and how it is named."""

import gzip
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow import catalog as catalog_module
from toolflow.catalog import Catalog, packaged_tools, read_catalog
from toolflow.catalog_check import Refused, read_tool
from toolflow.config import CatalogConfig
from toolflow.errors import CatalogError
from toolflow.schema import Tool

CONFIG = CatalogConfig()
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CORPORA = os.environ.get("TOOLFLOW_CORPORA")


def tool(name: str = "get_weather", **rest: Any) -> dict[str, Any]:
    return {"name": name, "description": "Get the weather.", "parameters": CITY, **rest}


def read(path: Path, *lines: Any) -> Catalog:
    """A catalog of one file with these lines; what is no text becomes JSON."""
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")
    return read_catalog([path], CONFIG)


def names(catalog: Catalog) -> list[str]:
    return [tool.name for tool in catalog.tools]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tools.jsonl"


@pytest.mark.parametrize("key", ["returns", "results", "output_schema", "outputSchema"])
@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: {"type": "function", "function": t}], ids=["bare", "wrapped"])
def test_formats(file, key, wrap):
    """OpenAI's format is read bare and wrapped, the result's schema under any of its usual names."""
    returns = {"type": "object", "properties": {"sky": {"type": "string"}}}
    catalog = read(file, wrap(tool(**{key: returns})))
    assert catalog.tools[0].function()["function"] == {**tool(), "returns": returns}


def test_returns_beside_the_function(file):
    """A returns schema beside the wrapped function counts as well."""
    catalog = read(file, {"type": "function", "function": tool(), "returns": CITY})
    assert catalog.tools[0].returns == CITY


@pytest.mark.parametrize(
    "document",
    [
        json.dumps([tool("a"), tool("b")], indent=2),
        json.dumps({"tools": [tool("a"), tool("b")]}),
        json.dumps({"version": {"tools": [1]}, "n": "]}", "tools": [tool("a"), tool("b")]}, indent=1),
        "\ufeff" + json.dumps([tool("a"), tool("b")]),
        json.dumps(tool("a")) + "\n" + json.dumps(tool("b")),
    ],
    ids=["list", "tools", "tools among others", "byte order mark", "lines"],
)
def test_json_documents(tmp_path, document):
    """A JSON file may be a list, {"tools": […]}, or lines of JSON after all."""
    path = tmp_path / "tools.json"
    path.write_text(document, encoding="utf-8")
    assert names(read_catalog([path], CONFIG)) == ["a", "b"]


def test_one_tool_in_a_json_document(tmp_path):
    """A JSON file may be a single tool."""
    path = tmp_path / "tool.json"
    path.write_text(json.dumps(tool("a"), indent=2), encoding="utf-8")
    assert names(read_catalog([path], CONFIG)) == ["a"]


def test_lines_of_a_json_document(tmp_path):
    """Defects in an indented list name the line where the definition begins."""
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([tool("a"), tool("b c"), tool("d")], indent=1), encoding="utf-8")
    (defect,) = read_catalog([path], CONFIG).defects
    assert path.read_text(encoding="utf-8").splitlines()[defect.line - 1].strip() == "{"
    assert '"b c"' in path.read_text(encoding="utf-8").splitlines()[defect.line]


def test_gzip(tmp_path):
    """Gzipped files are read, whatever they are called."""
    for name in ("tools.jsonl.gz", "tools.jsonl"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(json.dumps(tool()).encode()))
        assert names(read_catalog([path], CONFIG)) == ["get_weather"]


def test_folder_is_sorted(tmp_path):
    """A folder stands for the tools files in it and below, in order of their paths."""
    for name in ("b/z.jsonl", "a.json", "c.jsonl", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(tool(path.stem)), encoding="utf-8")
    assert names(read_catalog([tmp_path], CONFIG)) == ["a", "z", "c"]


def test_broken_line_is_a_defect(file):
    """Broken JSON in one line leaves the others usable and names the line."""
    catalog = read(file, tool("a"), "", "{broken", tool("b"))
    assert names(catalog) == ["a", "b"]
    assert [(defect.file, defect.line, defect.reason) for defect in catalog.defects] == [
        (str(file), 3, "not valid JSON")
    ]
    assert catalog.skipped == 1


@pytest.mark.parametrize(
    "line", ['{"a": NaN}', '{"a": "\\ud800"}', "[" * 5000, "{} {}", "\x00"], ids=["NaN", "half", "deep", "two", "zero"]
)
def test_odd_json_is_a_defect(file, line):
    """What the strict parser refuses never stops the reading."""
    assert names(read(file, line, tool("a"))) == ["a"]


def test_duplicates(file):
    """An equal definition is dropped silently; another one under the same name is reported, the first one wins."""
    catalog = read(file, tool("a"), tool("a", source="elsewhere"), tool("a", description="Other."))
    assert catalog.tools[0].description == "Get the weather."
    assert (len(catalog.tools), catalog.duplicates, catalog.skipped) == (1, 1, 1)
    assert (
        str(catalog.defects[0]) == f"{file}:3: a: name: another tool of this name stands in {file}:1; that one is used"
    )


@pytest.mark.parametrize(
    ("parameters", "filled"),
    [
        (None, {"type": "object", "properties": {}}),
        ({}, {"type": "object", "properties": {}}),
        ({"type": "object"}, {"type": "object", "properties": {}}),
        ({"properties": {}}, {"type": "object", "properties": {}}),
        ({"type": ["object", "null"], "required": None}, {"type": "object", "properties": {}}),
    ],
)
def test_clear_meaning_is_filled_in(parameters, filled):
    """Absent parameters are none; a missing type or properties is added."""
    outcome = read_tool(tool(parameters=parameters), CONFIG, "here")
    assert isinstance(outcome, Tool)
    assert outcome.parameters == filled


def test_missing_keys_are_filled_in():
    """A name is enough."""
    outcome = read_tool({"name": "ping"}, CONFIG, "tools.jsonl:3")
    assert isinstance(outcome, Tool)
    assert (outcome.description, outcome.returns, outcome.source) == ("", None, "tools.jsonl:3")


def having(**properties: Any) -> dict[str, Any]:
    return tool(parameters={"type": "object", "properties": properties})


def deep(levels: int) -> dict[str, Any]:
    return {"type": "object", "properties": {"x": deep(levels - 1)}} if levels else {}


@pytest.mark.parametrize(
    ("definition", "field", "said"),
    [
        ([], None, "not a list"),
        ({"description": "x"}, "name", "is missing"),
        (tool(7), "name", "must be a text"),
        (tool("a.b"), "name", "1 to 64"),
        (tool("a" * 65), "name", "1 to 64"),
        (tool("é"), "name", "1 to 64"),
        (tool("a\n"), "name", "1 to 64"),
        (tool(description=["x"]), "description", "must be a text"),
        (tool(category=1), "category", "must be a text"),
        (tool(parameters=[]), "parameters", "must be a JSON Schema"),
        (tool(parameters="none"), "parameters", "must be a JSON Schema"),
        (tool(parameters={"type": "string"}), "parameters.type", "must be 'object'"),
        (tool(parameters={"properties": []}), "parameters.properties", "object"),
        (tool(parameters={"properties": {"a": 1}}), "parameters.properties.a", "1 is not"),
        (tool(parameters={"required": ["a"]}), "parameters.required", "no property defines it"),
        (tool(parameters={"required": "a"}), "parameters.required", "array"),
        (tool(parameters={"anyOf": [CITY]}), "parameters.anyOf", "must stand in 'properties'"),
        (tool(parameters={"$ref": "#/$defs/a", "$defs": {"a": CITY}}), "parameters.$ref", "must stand in"),
        (having(city={"type": "text"}), "parameters.properties.city.type", '"text" is not a JSON type'),
        (having(**{"a.b": {"minimum": "x"}}), 'parameters.properties["a.b"].minimum', "number"),
        (having(a={"$ref": "http://example.com/a"}), "parameters.properties.a.$ref", "nothing is fetched"),
        (having(a={"$ref": "a.json#/b"}), "parameters.properties.a.$ref", "nothing is fetched"),
        (having(a={"anyOf": [{"$ref": "#/$defs/x"}]}), "parameters.properties.a.anyOf[0].$ref", "is not there"),
        (having(a={"$ref": "#/properties/a"}), "parameters.properties.a.$ref", "refers to itself"),
        (having(a={"$ref": "#/type"}), "parameters.properties.a.$ref", "is no schema"),
        (tool(parameters={"$schema": "http://localhost/x"}), "parameters.$schema", "not a draft"),
        (tool(parameters=deep(13)), f"parameters{'.properties.x' * 12}", "deeper than 12 levels"),
        (tool(description="x" * 40_000), None, "40,1"),
        (tool(returns=7), "returns", "must be a JSON Schema"),
        (tool(results={"type": "x"}), "results.type", '"x" is not a JSON type'),
    ],
)
def test_defects(definition, field, said):
    """What makes a tool unusable is named with the field at fault."""
    outcome = read_tool(definition, CONFIG, "here")
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].field == field
    assert said in outcome.problems[0].text


def test_every_defect_is_named():
    """A definition with several defects has them all listed."""
    outcome = read_tool(tool("a b", description=3, parameters=[], returns=[]), CONFIG, "here")
    assert isinstance(outcome, Refused)
    assert [problem.field for problem in outcome.problems] == ["name", "description", "parameters", "returns"]


@pytest.mark.parametrize(
    "property_",
    [
        {"type": "string", "pattern": r"^\p{L}+$"},
        {"type": "string", "pattern": "("},
        {"type": "string", "nullable": True, "example": "x", "x-in": "path"},
        {"$ref": "#/$defs/tree"},
        {"type": "object", "properties": {"$ref": {"type": "string"}}},
        {"enum": [{"$ref": "http://example.com"}]},
        {"default": {"$ref": "http://example.com"}},
        True,
    ],
)
def test_usable_oddities(property_):
    """Odd patterns, foreign keywords, recursion, and things that only look like references are no defects."""
    defs = {"tree": {"properties": {"left": {"$ref": "#/$defs/tree"}}}}
    parameters = {"type": "object", "properties": {"x": property_}, "$defs": defs}
    assert isinstance(read_tool(tool(parameters=parameters), CONFIG, "here"), Tool)


@pytest.mark.parametrize("draft", ["draft-04", "draft-06", "draft-07"])
def test_older_drafts(draft):
    """A schema is checked by the draft it names."""
    schema = {**CITY, "$schema": f"http://json-schema.org/{draft}/schema#"}
    assert isinstance(read_tool(tool(parameters=schema), CONFIG, "here"), Tool)
    schema["properties"] = {"city": {"type": "text"}}
    assert isinstance(read_tool(tool(parameters=schema), CONFIG, "here"), Refused)


def test_nothing_is_fetched():
    """Neither a remote reference nor an unknown draft is looked up: a listening server hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        for schema in ({"$ref": url}, {"$schema": url}, {"$id": url, "properties": {"a": {"$ref": "b.json"}}}):
            assert isinstance(read_tool(tool(parameters=schema), CONFIG, "here"), Refused)
        with pytest.raises(TimeoutError):
            server.accept()


def test_long_lines_are_passed_over(file, monkeypatch):
    """A line over the limit is a defect of its own; the lines after it keep their numbers."""
    monkeypatch.setattr(catalog_module, "MAX_LINE_BYTES", 1000)
    catalog = read(file, tool("a"), '{"x": "' + "y" * 5000 + '"}', tool("b"), "{" + "z" * 2000)
    assert names(catalog) == ["a", "b"]
    assert [defect.line for defect in catalog.defects] == [2, 4]


@pytest.mark.parametrize(("name", "limit"), [("t.jsonl.gz", "MAX_FILE_BYTES"), ("t.json.gz", "MAX_DOCUMENT_BYTES")])
def test_decompression_is_bounded(tmp_path, monkeypatch, name, limit):
    """A small file that unpacks to a huge one is refused without being unpacked."""
    monkeypatch.setattr(catalog_module, limit, 10_000)
    monkeypatch.setattr(catalog_module, "MAX_LINE_BYTES", 1000)
    path = tmp_path / name
    path.write_bytes(gzip.compress(b" " * 1_000_000))
    with pytest.raises(CatalogError, match="larger than 10,000 bytes"):
        read_catalog([path], CONFIG)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jsonl", b"", "holds no tools"),
        ("bad.jsonl", b"{}", "no usable tool; 1 of 1 defects are like"),
        ("bad.json", b"\xff\xfe", "not valid UTF-8"),
        ("bad.json", b'[{"name": "a"},', "not valid JSON"),
        ("deep.json", b"[" * 100_000, "not valid JSON"),
        ("cut.jsonl.gz", gzip.compress(b"{}" * 1000)[:-12], "damaged gzip"),
        ("no.jsonl.gz", b"\x1f\x8bno", "damaged gzip"),
    ],
)
def test_nothing_usable(tmp_path, name, content, said):
    """A file without a usable tool is an error of one line that names it."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=said) as caught:
        read_catalog([path], CONFIG)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_such_file(tmp_path):
    """A path that is not there is an error, also beside one that is."""
    with pytest.raises(CatalogError, match="no such file"):
        read_catalog([packaged_tools(), tmp_path / "gone.jsonl"], CONFIG)


def test_digest_is_of_the_tools(tmp_path):
    """The digest changes with the tools and their order, not with where they were read from."""
    one = read(tmp_path / "one.jsonl", tool("a"), tool("b"))
    same = read(tmp_path / "two.jsonl", "", tool("a"), tool("b"), tool("b"))
    other = read(tmp_path / "three.jsonl", tool("b"), tool("a"))
    assert one.digest() == same.digest() != other.digest()
    assert list(one.by_name) == ["a", "b"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=10,
)
keys = ("type", "function", "name", "description", "parameters", "returns", "results", "properties", "$ref", "required")


@given(st.dictionaries(st.sampled_from(keys), json_values | st.dictionaries(st.sampled_from(keys), json_values)))
def test_any_json_is_a_tool_or_refused(definition):
    """Whatever stands in a file, the outcome is a tool that keeps its promises, or reasons why not."""
    outcome = read_tool(definition, CONFIG, "here")
    if isinstance(outcome, Tool):
        assert outcome.parameters["type"] == "object"
        assert set(outcome.required) <= set(outcome.properties)
    else:
        assert outcome.problems
        assert all("\n" not in problem.text for problem in outcome.problems)


@pytest.mark.skipif(not CORPORA, reason="TOOLFLOW_CORPORA names no folder of tools by others")
def test_toolbench():
    """Nearly all of 16,000 real tools are usable; the others have long names, but for one broken type."""
    catalog = read_catalog([Path(str(CORPORA)) / "tools" / "toolbench_16k.jsonl.gz"], CONFIG)
    assert (len(catalog.tools), catalog.skipped) == (15_188, 812)
    assert {defect.reason for defect in catalog.defects} == {"unusable name", "no valid JSON Schema"}
