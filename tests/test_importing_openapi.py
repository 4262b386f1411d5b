"""OpenAPI and Swagger: operations become tools, wherever their parts stand, and no further."""

import json

import pytest

from tests.importing import answer, imported, openapi, tools_of, write

__all__ = ["write"]

THING = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
}


def test_an_operation_is_a_tool(write):
    """Parameters of path, query, header and body side by side; the response is the result; transport is left out."""
    operation = {
        "operationId": "updateThing",
        "summary": "Update a thing",
        "description": "Changes what is given.",
        "parameters": [
            {"name": "notify", "in": "query", "schema": {"type": "boolean", "default": False}, "example": True},
            {
                "name": "X-Trace",
                "in": "header",
                "description": "Trace id.",
                "schema": {"type": "string", "format": "uuid"},
            },
            {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
            {"name": "session", "in": "cookie", "schema": {"type": "string"}},
        ],
        "requestBody": {
            "content": {
                "application/xml": {"schema": {"type": "string"}},
                "application/json": {"schema": {"$ref": "#/components/schemas/New"}},
            }
        },
        "responses": {"404": {"description": "no"}, **answer(THING)},
    }
    new = {"type": "object", "properties": {"tags": THING["properties"]["tags"]}, "required": ["tags"]}
    document = openapi(operation, components={"schemas": {"New": new}})
    document["paths"]["/things/{id}"]["parameters"] = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "enum": ["a", "b"]}}
    ]
    tool = write.tool(document)
    assert tool["name"] == "shop_update_thing"
    assert tool["description"] == "Update a thing. Changes what is given."
    assert tool["source"] == "doc.json POST /things/{id}" and tool["category"] == "shop"
    assert tool["parameters"] == {
        "type": "object",
        "properties": {
            "notify": {"type": "boolean", "default": False, "examples": [True]},
            "X-Trace": {"type": "string", "description": "Trace id.", "format": "uuid"},
            "id": {"type": "string", "enum": ["a", "b"]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["id", "tags"],
    }
    assert tool["returns"]["properties"]["id"] == {"type": "integer"}


def test_swagger_says_it_differently(write):
    """Types beside the name, a body among the parameters, the schema beside the response."""
    operation = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "type": "integer", "format": "int64", "minimum": 1},
            {"name": "kind", "in": "query", "type": "array", "items": {"type": "string", "enum": ["x"]}},
            {"name": "photo", "in": "formData", "type": "file"},
            {
                "name": "anything",
                "in": "body",
                "required": True,
                "schema": {"type": "array", "items": {"type": "string"}},
            },
        ],
        "responses": {"201": {"schema": {"$ref": "#/definitions/Thing"}}},
    }
    paths = {"/things/{id}/photos": {"put": operation}}
    tool = write.tool({"swagger": "2.0", "info": {"title": "Shop"}, "paths": paths, "definitions": {"Thing": THING}})
    assert tool["name"] == "shop_put_things_by_id_photos"
    assert tool["parameters"]["properties"] == {
        "id": {"type": "integer", "format": "int64", "minimum": 1},
        "kind": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
        "photo": {"type": "string", "format": "binary"},
        "body": {"type": "array", "items": {"type": "string"}},
    }
    assert tool["parameters"]["required"] == ["id", "body"]
    assert list(tool["returns"]["properties"]) == ["id", "tags"]


def test_yaml_means_what_json_means(write):
    """Codes that look like numbers, dates, ``no``, anchors and merges."""
    text = """
openapi: 3.1.0
info: {title: Shop}
paths:
  /a:
    get:
      operationId: getA
      parameters:
        - &day {name: day, in: query, schema: {type: string, enum: [no, "yes", 2026-01-01]}}
        - {<<: *day, name: night}
      responses:
        200:
          description: ok
          content: {application/json: {schema: {type: [string, 'null']}}}
"""
    tool = write.tool(text, "doc.yaml")
    assert tool["parameters"]["properties"]["day"]["enum"] == ["no", "yes", "2026-01-01"]
    assert list(tool["parameters"]["properties"]) == ["day", "night"]
    assert tool["returns"] == {"type": ["string", "null"]}


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        (
            {
                "allOf": [
                    {"$ref": "#/components/schemas/A"},
                    {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
                ]
            },
            {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
                "required": ["a", "b"],
            },
        ),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True, "enum": ["x"]}, {"type": ["string", "null"], "enum": ["x", None]}),
        (
            {"$ref": "#/components/schemas/A", "description": "Mine."},
            {"type": "object", "description": "Mine.", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        ),
        (
            {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/N"}},
            {"type": "object", "additionalProperties": {"type": "number"}},
        ),
        ({"$ref": "#/components/schemas/gone"}, {}),
        (
            {"type": "string", "xml": {"name": "x"}, "x-order": 3, "example": "e", "format": "date"},
            {"type": "string", "examples": ["e"], "format": "date"},
        ),
        (
            {"type": "number", "minimum": 1, "exclusiveMinimum": True, "maximum": "9", "default": "2"},
            {"type": "number", "exclusiveMinimum": 1, "maximum": 9, "default": 2},
        ),
    ],
)
def test_schemas_are_inlined(write, schema, becomes):
    """Composition, nullable, references with neighbours, odd values: each as plain JSON Schema."""
    a = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    document = openapi(
        {"parameters": [{"name": "x", "in": "query", "schema": schema}]},
        components={"schemas": {"A": a, "N": {"type": "number"}}},
    )
    assert write.tool(document)["parameters"]["properties"]["x"] == becomes


def test_what_is_read_only_is_no_argument(write):
    """And what is write-only no result."""
    schema = {
        "type": "object",
        "required": ["id", "name", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string"},
            "secret": {"type": "string", "writeOnly": True},
        },
    }
    body = {"content": {"application/json": {"schema": schema}}}
    tool = write.tool(openapi({"requestBody": body, "responses": answer(schema)}))
    assert tool["parameters"]["required"] == list(tool["parameters"]["properties"]) == ["name", "secret"]
    assert tool["returns"]["required"] == list(tool["returns"]["properties"]) == ["id", "name"]


@pytest.mark.parametrize("version", [3, 2])
def test_a_key_that_a_security_scheme_declares_is_no_argument(write, version):
    """By name and place; a parameter of that name elsewhere stays."""
    schemes = {"k": {"type": "apiKey", "name": "key", "in": "query"}, "o": {"type": "oauth2", "name": "token"}, "x": 3}
    places = [("key", "query"), ("key", "path"), ("token", "query")]
    parameters = [{"name": name, "in": where, "type": "string", "schema": {"type": "string"}} for name, where in places]
    document = openapi({"parameters": parameters}, components={"securitySchemes": schemes})
    if version == 2:
        document = {"swagger": "2.0", "paths": document["paths"], "securityDefinitions": schemes}
    assert list(write.tool(document)["parameters"]["properties"]) == ["key", "token"]


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ({"type": "object", "properties": {}}, []),
        ({"type": "object", "properties": {}, "additionalProperties": False}, []),
        ({"type": "object", "additionalProperties": False}, []),
        ({"$ref": "#/components/schemas/None"}, []),
        ({"type": "object"}, ["body"]),
        ({"type": "object", "properties": {}, "additionalProperties": True}, ["body"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, ["body"]),
        ({"type": "string"}, ["body"]),
        ({}, ["body"]),
    ],
)
def test_a_body_that_holds_nothing_is_no_argument(write, schema, arguments):
    """An object that can have no properties, as forms that nobody fills in; one that may have any stays."""
    nothing = {"None": {"type": "object", "properties": {}}}
    body = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    tool = write.tool(openapi({"requestBody": body}, components={"schemas": nothing}))
    assert list(tool["parameters"]["properties"]) == tool["parameters"].get("required", []) == arguments


def test_a_name_of_path_and_body_is_kept_apart(write):
    """A body whose properties clash with parameters stays whole."""
    operation = {
        "parameters": [
            {"name": "id", "in": "path", "schema": {"type": "string"}},
            {"name": "id", "in": "query", "schema": {}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": THING}}},
    }
    parameters = write.tool(openapi(operation))["parameters"]
    assert list(parameters["properties"]) == ["id", "query_id", "body"] and parameters["required"] == ["body"]


def test_recursion_is_cut_where_it_comes_back(write):
    """A tree of categories, and two schemas that refer to each other."""
    schemas = {
        "Node": {
            "type": "object",
            "description": "A node.",
            "properties": {
                "name": {"type": "string"},
                "below": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                "owner": {"$ref": "#/components/schemas/Owner"},
            },
        },
        "Owner": {
            "type": "object",
            "properties": {"nodes": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}},
        },
    }
    path = write(openapi({"responses": answer({"$ref": "#/components/schemas/Node"})}, components={"schemas": schemas}))
    (tool,) = tools_of(path).values()
    below = tool["returns"]["properties"]
    assert below["below"]["items"] == {"type": "object", "description": "A node."}
    assert below["owner"]["properties"]["nodes"]["items"] == {"type": "object", "description": "A node."}
    assert imported(path).report.repairs["recursion cut"] == 1


def test_split_files_are_read_inside_the_folder(write, tmp_path):
    """A reference may lead to files beside and above, as long as they lie in the folder given."""
    schema = {"$ref": "../common/types.yaml#/Thing"}
    write(openapi({"responses": answer(schema)}), "api/spec/doc.json")
    write("Thing: {type: object, properties: {id: {$ref: 'id.json'}}}", "api/common/types.yaml")
    write({"type": "integer"}, "api/common/id.json")
    result = imported(tmp_path / "api")
    (line,) = result.lines()
    assert json.loads(line)["returns"] == {"type": "object", "properties": {"id": {"type": "integer"}}}
    assert [file.part_of_another for file in result.report.files] == [True, True, False]
    assert not result.report.refused


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("https://example.com/x.json#/A", "'https://example.com/x.json#/A' on another machine"),
        ("http://127.0.0.1/x", "on another machine"),
        ("//example.com/x", "on another machine"),
        ("file:///etc/passwd", "on another machine"),
        ("../secret.json#/A", "'../secret.json', outside of the folder 'api'"),
        ("/etc/passwd", "'/etc/passwd', outside of the folder"),
        ("a/../../secret.json", "outside of the folder"),
        ("%2e%2e/secret.json", "outside of the folder"),
        ("link.json#/A", "outside of the folder"),
    ],
)
@pytest.mark.parametrize("where", ["parameters", "responses"])
def test_a_reference_that_leads_out_is_refused_by_name(write, tmp_path, ref, said, where):
    """Remote or escaping: the tool is dropped and says which reference; others of the document stay."""
    write({"A": {"type": "string", "description": "secret"}}, "secret.json")
    parts = {
        "parameters": {"parameters": [{"name": "x", "in": "query", "schema": {"$ref": ref}}]},
        "responses": {"responses": answer({"type": "array", "items": {"$ref": ref}})},
    }
    document = openapi(parts[where])
    document["paths"]["/fine"] = {"get": {}}
    write(document, "api/doc.json")
    (tmp_path / "api/link.json").symlink_to(tmp_path / "secret.json")
    result = imported(tmp_path / "api/doc.json")
    assert [name for name, _tool in result.tools] == ["shop_get_fine"]
    ((_file, dropped),) = result.report.dropped()
    assert dropped.reason == "reference refused" and said in dropped.problem
    assert "secret" not in b"".join(result.lines()).decode()


def test_operation_ids_that_are_no_names(write):
    """Missing, repeated or odd ones: method and path, or the nearest name, at most 64 characters."""
    document = openapi({"operationId": "same"})
    document["paths"] |= {
        "/b": {"get": {"operationId": "same"}},
        "/users/{user-id}/posts.json": {"get": {}},
        "/c": {"get": {"operationId": "repos/list for 'me'"}},
        "/d": {"get": {"operationId": "long" * 40}},
        "/e": {"get": {"operationId": "Shop_Open"}},
    }
    names = list(write.tools(document))
    assert names[:4] == [
        "shop_post_things_by_id",
        "shop_get_b",
        "shop_get_users_by_user_id_posts_json",
        "shop_repos_list_for_me",
    ]
    assert len(names[4]) == 64 and names[5] == "shop_open"


def test_the_result_may_be_shown_by_an_example(write):
    """Where a response has no schema, its example says what comes."""
    content = {"application/json": {"example": {"total": 2, "items": [{"id": 1}, {"id": 2, "name": "x"}]}}}
    returns = write.tool(openapi({"responses": {"200": {"content": content}}}))["returns"]
    assert returns["properties"]["total"] == {"type": "integer", "examples": [2]}
    assert list(returns["properties"]["items"]["items"]["properties"]) == ["id", "name"]


def test_a_large_tool_is_cut_to_size(write):
    """Descriptions shrink first, then what lies deepest goes; required arguments and names of the first levels stay."""
    deep = {
        "type": "object",
        "properties": {
            f"p{n}": {
                "type": "object",
                "description": "word " * 60,
                "properties": {f"q{m}": {"type": "string", "description": "word " * 60} for m in range(20)},
            }
            for n in range(20)
        },
        "required": ["p19"],
    }
    operation = {"requestBody": {"content": {"application/json": {"schema": deep}}}, "responses": answer(deep)}
    path = write(openapi(operation))
    result = imported(path, max_tool_bytes=8_192)
    (line,) = result.lines()
    tool = json.loads(line)
    assert len(line) < 8_192
    assert list(tool["parameters"]["properties"]) == [f"p{n}" for n in range(20)] and tool["parameters"][
        "required"
    ] == ["p19"]
    assert result.report.repairs == {"cut to size": 1}
    assert len(next(imported(path, max_tool_bytes=200_000).lines())) > 16_384
