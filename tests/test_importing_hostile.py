"""Hostile documents end in a tool or in one clear line, whatever they nest, repeat or refer to.

What is asserted is what was built, in values and bytes; nothing is timed, but each case would hang or fill
the memory if its bound did not hold.
"""

import gzip
import json

import pytest

from tests.importing import answer, function, imported, openapi, write
from toolflow.errors import CatalogError
from toolflow.importing import inline

__all__ = ["write"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("deep.json", '{"a":' * 100_000, "not valid JSON"),
        ("deep.yaml", "[" * 100_000, "nested deeper than 200"),
        ("deep.py", "x = " + "(" * 100_000, "not valid Python"),
        ("minus.py", "x = " + "-" * 200_000 + "1", "nested too deep"),
        ("self.yaml", "a: &a [*a]", "alias of nothing, or of itself"),
        ("control.yaml", "\x01", "not valid YAML"),
        ("nul.json", "\0" * 1_000, "not valid JSON"),
        ("many.json", "[" + "{}," * 3_100_000 + "{}]", "holds more than 6,000,000 values"),
        ("large.json", "[" + " " * 64_000_001 + "]", "larger than 64,000,000 bytes"),
        ("line.jsonl", '{"name": "' + "x" * 9_000_000 + '"}', "line 1 is longer than"),
        ("large.py", "#" * 2_000_001, "larger than 2,000,000 bytes"),
        (
            "operations.json",
            json.dumps(openapi({}) | {"paths": {f"/{n}": {"get": {}} for n in range(20_001)}}),
            "more than 20,000 operations",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_too_much_is_refused(write, name, content, said):
    """Nesting, size and number have bounds, and each says so in a line."""
    with pytest.raises(CatalogError, match=said) as caught:
        imported(write(content, name))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_a_yaml_bomb_is_refused(write):
    """Aliases count in full, each time."""
    rows = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 13))
    with pytest.raises(CatalogError, match="aliases counted in full"):
        imported(write(f"openapi: 3.0.0\na0: &a0 [x, x]\n{rows}", "bomb.yaml"))


def test_a_zip_bomb_is_refused(tmp_path):
    """What is unpacked is counted, not what is packed."""
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 70_000_000, 1))
    with pytest.raises(CatalogError, match="larger than"):
        imported(path)


def schemas(count, make):
    """Schemas S0, S1, … that refer to each other."""
    return {f"S{n}": make(n) for n in range(count)}


@pytest.mark.parametrize(
    "named",
    [
        schemas(30, lambda n: {"allOf": [{"$ref": f"#/components/schemas/S{(n + 1) % 30}"}] * 10}),
        schemas(30, lambda n: {"anyOf": [{"$ref": f"#/components/schemas/S{(n + 1) % 30}"}] * 10}),
        schemas(2, lambda n: {"properties": {f"p{m}": {"$ref": f"#/components/schemas/S{1 - n}"} for m in range(50)}}),
        schemas(
            30,
            lambda n: {"properties": {f"p{m}": {"$ref": f"#/components/schemas/S{min(n + 1, 29)}"} for m in range(50)}},
        ),
        schemas(1, lambda n: {"$ref": "#/components/schemas/S0"}),
        schemas(
            1, lambda n: {"items": {"$ref": "#/components/schemas/S0"}, "description": "&lt;" * 5_000 + "<!--" * 9_000}
        ),
        schemas(
            1, lambda n: {"enum": [f"v{m}" for m in range(100_000)], "pattern": "(" * 400, "default": "[a](" * 5_000}
        ),
        schemas(
            1,
            lambda n: {
                "properties": {f"p{m}": {} for m in range(100_000)},
                "required": [f"p{m}" for m in range(100_000)],
            },
        ),
    ],
)
def test_cycles_and_floods_are_cut(write, named):
    """Whatever schemas refer to, a tool stays within its bytes."""
    schema = {"$ref": "#/components/schemas/S0"}
    body = {"content": {"application/json": {"schema": schema}}}
    result = imported(write(openapi({"requestBody": body, "responses": answer(schema)}, components={"schemas": named})))
    ((_name, tool),) = result.tools
    assert len(tool.body) < 16_384


def test_a_document_that_unfolds_without_end_is_refused(write, monkeypatch):
    """Many tools of many references: past a number of schemas the tools get thin, then the rest is refused."""
    monkeypatch.setattr(inline, "MANY_STEPS", 2_000)
    monkeypatch.setattr(inline, "MAX_STEPS", 4_000)
    named = schemas(
        9, lambda n: {"properties": {f"p{m}": {"$ref": f"#/components/schemas/S{n + 1}"} for m in range(40)}}
    )
    document = openapi({}, components={"schemas": named})
    document["paths"] = {
        f"/{n}": {"get": {"responses": answer({"$ref": "#/components/schemas/S0"})}} for n in range(500)
    }
    result = imported(write(document))
    (refused,) = result.report.refused
    assert "unfold into more than" in refused.refused
    assert 0 < refused.kept < 500
    assert len(result.tools[-1][1].body) < len(result.tools[0][1].body) / 2


def test_names_and_texts_cannot_steer(write):
    """Control characters leave names and descriptions; keys of a schema stay what they are."""
    tool = write.tool(
        function("a\x1b[2J\u202eb", "Evil\x1b[31m \u202etext\u0000.", **{"k\x1b": {"description": "\x07x"}})
    )
    assert tool["name"] == "a_2Jb" and tool["description"] == "Evil[31m text."
    assert tool["parameters"]["properties"] == {"k\x1b": {"description": "x"}}
