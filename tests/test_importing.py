"""Import: whatever comes in, a clean catalog comes out, and the report says what became of the rest."""

import gzip
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.importing import function, imported, openapi, outcome, tools_of, write
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import CatalogConfig
from toolflow.errors import CatalogError, ConfigError
from toolflow.importing import FORMATS, write_catalog

__all__ = ["write"]

CORPORA = os.environ.get("TOOLFLOW_CORPORA")
RAW = sorted((Path(CORPORA) / "raw").rglob("*.gz")) if CORPORA else []

KEYS = st.sampled_from(
    "name description parameters type properties items $ref allOf anyOf enum openapi paths get tools function api_list "
    "swagger kind resources methods metadata operations shapes input inputSchema arguments required default".split()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["3.0.0", "2.0", "object", "array", "#", "#/paths", "string", "../x.json", "http://x/y"])
    | st.text(max_size=5)
)
JSON = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), below, max_size=5)
)


def test_the_packaged_catalog_comes_back_as_it_is(tmp_path):
    """Every packaged tool, imported, is equal to itself, and needed no repair."""
    known = read_catalog([packaged_tools()], CatalogConfig())
    result = imported(packaged_tools())
    write_catalog(result, tmp_path / "catalog.jsonl")
    again = read_catalog([tmp_path / "catalog.jsonl"], CatalogConfig())
    assert {name: tool.function() for name, tool in again.by_name.items()} == {
        name: tool.function() for name, tool in known.by_name.items()
    }
    assert {name: tool.category for name, tool in again.by_name.items()} == {
        name: tool.category for name, tool in known.by_name.items()
    }
    assert not result.report.repaired


def test_an_exported_catalog_comes_back_byte_for_byte(write, tmp_path):
    """Import of an import changes nothing: names, schemas, sources, order."""
    wild = [
        function("a.b", "<p>Does &amp; <b>is</b></p>" + "long " * 400, x={"type": "float", "default": "3"}),
        function("c", "", y={"anyOf": [{"type": "string"}, {"type": "null"}], "nullable": True, "enum": ["a"]}),
    ]
    write(wild, "in/wild.json")
    write(
        openapi({"parameters": [{"name": "id", "in": "path", "schema": {"oneOf": [{"type": "int"}] * 2}}]}), "in/o.json"
    )
    write_catalog(imported(tmp_path / "in"), tmp_path / "one.jsonl")
    write_catalog(imported(tmp_path / "one.jsonl"), tmp_path / "two.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


@pytest.mark.parametrize("format_name", [None, *FORMATS])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_any_json_ends_in_tools_or_a_catalog_error(tmp_path, format_name, value):
    """Also where a format is forced on it; what comes out, the catalog takes without a defect."""
    path = tmp_path / "any.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    result = outcome(path, format_name)
    if isinstance(result, str):
        assert result.startswith(str(path)) and "\n" not in result
        return
    write_catalog(result, tmp_path / "out.jsonl")
    catalog = read_catalog([tmp_path / "out.jsonl"], CatalogConfig())
    assert len(catalog.tools) == result.report.kept
    assert not catalog.defects


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schema=JSON, returns=JSON)
def test_any_schema_becomes_one_that_the_catalog_takes(tmp_path, schema, returns):
    """A parameter's schema and a result's may be anything: the tool stays, mended, and needs no mending again."""
    path = tmp_path / "any.json"
    tool = function(x=schema) | {"returns": returns}
    path.write_text(json.dumps(tool), encoding="utf-8")
    result = outcome(path)
    if isinstance(result, str):
        assert "refers to" in result  # a reference out of the document
        return
    write_catalog(result, tmp_path / "out.jsonl")
    catalog = read_catalog([tmp_path / "out.jsonl"], CatalogConfig())
    assert len(catalog.tools) == 1 and not catalog.defects
    again = imported(tmp_path / "out.jsonl")
    assert list(again.lines()) == (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert not again.report.repaired


def test_the_report_says_what_became_of_everything(write, tmp_path):
    """Kept, repaired and how, dropped and why, refused and why, near duplicates; the numbers add up."""
    said = "Finds the books of an author in the catalogue of the library"
    bad = {"name": "bad", "parameters": {"type": "string"}}
    write([function("x.y"), function("x.y"), bad, {"description": "nameless"}], "in/a.json")
    write([function("books", said, author={}), function("book", said, author={})], "in/b.json")
    write("{", "in/c.json")
    report = imported(tmp_path / "in").report.as_json()
    assert {key: report[key] for key in ("kept", "repaired", "dropped", "near_duplicates")} == {
        "kept": 3,
        "repaired": 1,
        "dropped": 3,
        "near_duplicates": 1,
    }
    assert report["repairs_by_kind"] == {"name mended": 1}
    assert report["dropped_by_reason"] == {
        "duplicate": 1,
        "no schema of an arguments object": 1,
        "no tool definition": 1,
    }
    refused = {Path(file["source"]).name: file["refused"] for file in report["files"] if file["refused"]}
    assert list(refused) == ["c.json"] and refused["c.json"].startswith("not valid JSON")
    assert [file["found"] for file in report["files"]] == [4, 2, 0]
    assert report["dropped_tools"][0]["problem"] == f"the same as a.json [0] of {tmp_path / 'in' / 'a.json'}"


def test_names_do_not_depend_on_the_order_or_the_company(write, tmp_path):
    """A tool whose name nobody else wants is called the same alone, in company and in any order."""
    files = [
        write([function(f"f{n}", x={"type": kind}) for n in range(20)], f"{kind}.json")
        for kind in ("string", "integer")
    ]
    write([function(f"g{n}") for n in range(20)], "other.json")
    files.append(write(openapi({"operationId": "f1"}), "shop.json"))
    names = {}
    for seed in range(4):
        order = random.Random(seed).sample(files, len(files))
        tools = tools_of(*order, tmp_path / "other.json")
        names[seed] = {(name, json.dumps(tool["parameters"])) for name, tool in tools.items()}
    assert names[0] == names[1] == names[2] == names[3]
    assert {f"g{n}" for n in range(20)} | {"shop_f1"} <= {name for name, _ in names[0]}
    assert len({name for name, _ in names[0]}) == len(names[0]) == 61


def test_two_tools_of_one_name_are_told_apart(write):
    """With a suffix from their own definitions; equal definitions are one tool."""
    tools = write.tools(
        [function(x={"type": "string"}), function(x={"type": "integer"}), function(x={"type": "string"})]
    )
    assert len(tools) == 2
    assert all(name.startswith("find_") and len(name) == len("find_") + 8 for name in tools)


def test_a_folder_is_read_file_by_file(write, tmp_path):
    """Hidden folders, other people's packages and files of other kinds are passed over; gzip does not matter."""
    write([function("a")], "in/a.json")
    write([function("b")], "in/.hidden/b.json")
    write([function("c")], "in/node_modules/c.json")
    write("not a tool", "in/readme.txt")
    (tmp_path / "in/d.jsonl.gz").write_bytes(gzip.compress(json.dumps(function("d")).encode()))
    assert list(tools_of(tmp_path / "in")) == ["a", "d"]


def test_a_link_does_not_lead_out_of_the_folder(write, tmp_path):
    """A symbolic link to a file elsewhere is passed over."""
    write([function("a")], "in/a.json")
    (tmp_path / "in/b.json").symlink_to(write([function("secret")], "elsewhere.json"))
    assert list(tools_of(tmp_path / "in")) == ["a"]


def test_bad_lines_are_dropped_one_by_one(write):
    """A line that is no JSON or of no format loses itself alone."""
    lines = [json.dumps(function("a")), "{", "[1]", json.dumps(function("b"))]
    result = imported(write("\n".join(lines), "x.jsonl"))
    assert [name for name, _tool in result.tools] == ["a", "b"]
    assert [(one.place, one.reason) for _file, one in result.report.dropped()] == [
        ("x.jsonl:2", "not valid JSON"),
        ("x.jsonl:3", "no known format"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.json", None, "no such file or folder; an MCP server is"),
        ("a.json", "{}", "none of the known formats"),
        ("a.json", "[]", "none of the known formats"),
        ("a.json", '{"a": 1,}', "not valid JSON"),
        ("a.yaml", "a: [", "not valid YAML"),
        ("a.json", '{"openapi": "3.0.0", "paths": {}}', "declares no operations"),
        ("a.json", '{"api_list": []}', "lists no endpoints"),
        ("a.py", "def f(:", "not valid Python"),
        ("a.py", "x = 1", "holds no tools"),
        ("a.json.gz", "no gzip, but {", "not valid"),
    ],
)
def test_what_cannot_be_imported_says_why(write, tmp_path, name, content, said):
    """One line: which file, what is wrong."""
    path = tmp_path / name if content is None else write(content, name)
    with pytest.raises(CatalogError) as caught:
        imported(path)
    assert str(caught.value).startswith(str(path)) and said in str(caught.value) and "\n" not in str(caught.value)


def test_an_unknown_format_is_named():
    """``--format`` lists what there is."""
    with pytest.raises(ConfigError, match="there are python, openapi"):
        imported("x.json", format_name="openapy")


@pytest.mark.skipif(not CORPORA, reason="TOOLFLOW_CORPORA names no folder of originals by others")
@pytest.mark.parametrize("path", RAW, ids=lambda path: path.name)
def test_real_documents_are_imported_or_refused_with_a_reason(path, tmp_path):
    """No traceback; what comes out, the catalog takes without a defect, and importing it again changes nothing."""
    result = outcome(path)
    if isinstance(result, str):
        assert "small_odd" in str(path) and "\n" not in result
        return
    write_catalog(result, tmp_path / "one.jsonl")
    catalog = read_catalog([tmp_path / "one.jsonl"], CatalogConfig())
    assert len(catalog.tools) == result.report.kept > 0
    assert not catalog.defects and not catalog.skipped and not catalog.duplicates
    write_catalog(imported(tmp_path / "one.jsonl"), tmp_path / "two.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
