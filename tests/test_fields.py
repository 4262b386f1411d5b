"""Fields of tools, and paths into JSON values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.fields import local_ref, schema_fields, tool_fields
from toolflow.path import join, resolve, split
from toolflow.schema import Field, Tool

FLIGHTS = {
    "type": "object",
    "properties": {
        "flights": {
            "type": "array",
            "description": "What was found",
            "items": {
                "type": "object",
                "properties": {
                    "flight_id": {"type": "string", "description": "Identifier of the flight"},
                    "price": {"type": "object", "properties": {"amount": {"type": "number"}}},
                    "stops": {"type": "array", "items": {"type": "string", "format": "date"}},
                },
            },
        }
    },
}


def fields(schema: Any) -> dict[str, Field]:
    return {field.path: field for field in schema_fields(schema, "return")}


def test_nested_fields_have_paths():
    """Objects and arrays of objects are walked through, and leaves are named by where they stand."""
    assert list(fields(FLIGHTS)) == ["flights[].flight_id", "flights[].price.amount", "flights[].stops"]


def test_array_of_scalars_is_one_field():
    """An array of scalars is a field of type array that knows the type and format of its items."""
    stops = fields(FLIGHTS)["flights[].stops"]
    assert (stops.type, stops.items, stops.format) == ("array", "string", "date")


def test_parameters_come_before_returns():
    """A tool's fields are its parameters, then its return values, each with its role."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = Tool(name="t", description="", parameters=parameters, returns=FLIGHTS)
    found = tool_fields(tool)
    assert [field.role for field in found] == ["parameter"] + ["return"] * 3
    assert found[0].required


def test_text_is_name_and_description():
    """What is embedded is the paper's ``{Name}: {Description}``."""
    assert fields(FLIGHTS)["flights[].flight_id"].text == "flight_id: Identifier of the flight"


def test_nested_parameter_is_required_only_with_its_parents():
    """A field inside an optional object is optional."""
    inner = {"type": "object", "properties": {"x": {}}, "required": ["x"]}
    schema = {"type": "object", "properties": {"a": inner, "b": inner}, "required": ["b"]}
    assert {path: field.required for path, field in fields(schema).items()} == {"a.x": False, "b.x": True}


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string"),
        ({"type": ["string", "integer"]}, None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, None),
        ({"allOf": [{"description": "no type"}, {"type": "boolean"}]}, "boolean"),
        ({"enum": ["a", "b", None]}, "string"),
        ({"enum": [1, "b"]}, None),
        ({"const": True}, "boolean"),
        ({"type": "object"}, "object"),
        ({"items": {"type": "string"}}, "array"),
        ({"$ref": "#/$defs/day"}, "string"),
        ({"$ref": "#/$defs/nothing"}, None),
        ({}, None),
        (True, None),
    ],
)
def test_type_of_a_field(schema, type_):
    """The one type beside null, wherever the schema says it; None when it says none or several."""
    root = {"properties": {"x": schema}, "$defs": {"day": {"type": "string", "format": "date"}}}
    assert fields(root)["x"].type == type_


@pytest.mark.parametrize(
    "definitions",
    [
        {"a": {"$ref": "#/$defs/a"}},
        {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
        {"a": {"properties": {"next": {"$ref": "#/$defs/a"}, "other": {"$ref": "#/$defs/a"}}}},
        {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}},
        {
            **{f"d{n}": {"properties": {x: {"$ref": f"#/$defs/d{n + 1}"} for x in "pqrs"}} for n in range(30)},
            "a": {"$ref": "#/$defs/d0"},
        },
    ],
    ids=["itself", "each other", "tree", "array", "4^30 leaves"],
)
def test_hostile_references_end(definitions):
    """Recursive references and fan-out are cut off, quickly."""
    assert len(fields({"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": definitions})) < 10_000


def test_local_reference_escapes():
    """JSON pointers are unescaped; what is not there is a LookupError."""
    root = {"$defs": {"a/b~c": {"type": "string"}, "n": {"$anchor": "here"}}}
    assert local_ref(root, "#/$defs/a~1b~0c") == {"type": "string"}
    assert local_ref(root, "#here") == {"$anchor": "here"}
    root["anyOf"] = [{}]
    assert local_ref(root, "#/anyOf/0") == {}
    for missing in ("#/$defs/x", "#/anyOf/1", "#/anyOf/" + "9" * 5000, "#there", "http://example.com/x", "other.json"):
        with pytest.raises(LookupError):
            local_ref(root, missing)


RESULT = {
    "flights": [
        {"flight_id": "A", "legs": [{"from": "LIS"}, {"from": "OSL"}]},
        {"flight_id": "B", "legs": [], "gate": "7"},
    ],
    "odd.name": {"": 1},
    "none": [],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("flights[0].flight_id", "A"),
        ("flights[1].gate", "7"),
        ("flights[*].flight_id", ["A", "B"]),
        ("flights[].flight_id", ["A", "B"]),
        ("flights[*].legs[*].from", ["LIS", "OSL"]),
        ("flights[*].gate", ["7"]),
        ("none[*].x", []),
        ('["odd.name"][""]', 1),
        ("", RESULT),
    ],
)
def test_resolve(path, value):
    """A path finds its part; with [*] it collects the parts of all items that have one."""
    assert resolve(RESULT, path) == value


@pytest.mark.parametrize("path", ["flights[2].flight_id", "flights.flight_id", "gone", "flights[*].gone", "none[0]"])
def test_resolve_nothing(path):
    """A path that leads nowhere is a LookupError."""
    with pytest.raises(LookupError):
        resolve(RESULT, path)


@pytest.mark.parametrize("path", ["[", "a[", "a[x]", "a[-1]", 'a["b]', "a..b", ".a", "a]"])
def test_not_a_path(path):
    """Text that is no path is a ValueError."""
    with pytest.raises(ValueError, match="not a path"):
        split(path)


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_join_and_split_agree(names):
    """Whatever the property names, a joined path splits into them again."""
    path = ""
    for name in names:
        path = join(path, name)
    assert split(path) == names


json_schemas = st.recursive(
    st.booleans() | st.none() | st.text(max_size=3) | st.dictionaries(st.just("type"), st.sampled_from(["string", 3])),
    lambda below: (
        st.dictionaries(st.sampled_from(["items", "anyOf", "$ref", "description", "format", "enum"]), below, max_size=3)
        | st.dictionaries(st.just("properties"), st.dictionaries(st.text(max_size=3), below, max_size=3), max_size=1)
        | st.lists(below, max_size=2)
    ),
    max_leaves=20,
)


@given(json_schemas)
def test_any_schema_gives_fields(schema):
    """Whatever stands where a schema should be, the walk gives fields with proper paths and never fails."""
    for field in schema_fields(schema, "return"):
        assert [step for step in split(field.path) if isinstance(step, str)][-1] == field.name
