"""Google discovery, AWS service models, ToolBench: each in its own dialect of schemas."""

import json

from tests.importing import imported, write

__all__ = ["write"]


def test_a_discovery_document(write):
    """Methods of nested resources; bare references, ``repeated``, "Required." and read-only properties."""
    task = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "title": {"type": "string", "description": "Required. The title."},
            "parent": {"$ref": "Task"},
        },
    }
    insert = {
        "id": "tasks.lists.tasks.insert",
        "description": "Adds a task.",
        "parameters": {
            "list": {"type": "string", "location": "path", "required": True},
            "tag": {"type": "string", "location": "query", "repeated": True, "description": "Tags."},
            "size": {"type": "integer", "format": "int32", "default": "10", "minimum": "1", "location": "query"},
        },
        "request": {"$ref": "Task"},
        "response": {"$ref": "Task"},
    }
    document = {
        "kind": "discovery#restDescription",
        "name": "tasks",
        "parameters": {"alt": {"type": "string"}},
        "schemas": {"Task": task},
        "resources": {"lists": {"resources": {"tasks": {"methods": {"insert": insert}}}}},
        "methods": {"ping": {"id": "tasks.ping"}},
    }
    tools = write.tools(document)
    assert list(tools) == ["tasks_ping", "tasks_lists_tasks_insert"]
    parameters = tools["tasks_lists_tasks_insert"]["parameters"]
    assert parameters["required"] == ["list", "title"]
    assert parameters["properties"]["tag"] == {"type": "array", "description": "Tags.", "items": {"type": "string"}}
    assert parameters["properties"]["size"] == {"type": "integer", "format": "int32", "default": 10, "minimum": 1}
    assert "id" not in parameters["properties"]
    assert list(tools["tasks_lists_tasks_insert"]["returns"]["properties"]) == ["id", "title", "parent"]


def test_a_service_model(write):
    """Shapes become schemas: structures, lists, maps, bounds, timestamps; HTML goes; recursion is cut."""
    document = {
        "metadata": {"serviceId": "SQS", "endpointPrefix": "sqs"},
        "operations": {
            "SendMessageBatch": {
                "documentation": "<p>Sends <code>messages</code> &amp; more.</p><p>See <a href='x'>this</a>.</p>",
                "input": {"shape": "Input"},
                "output": {"shape": "Message"},
            }
        },
        "shapes": {
            "Input": {
                "type": "structure",
                "required": ["Queue"],
                "members": {
                    "Queue": {"shape": "Url", "documentation": "<b>The</b> queue."},
                    "Tags": {"shape": "Tags"},
                    "At": {"shape": "At"},
                },
            },
            "Url": {"type": "string", "min": 1, "max": 80, "pattern": "^x", "enum": ["a"]},
            "Tags": {"type": "map", "key": {"shape": "Url"}, "value": {"shape": "Count"}, "max": 5},
            "Count": {"type": "long", "min": 0},
            "At": {"type": "timestamp"},
            "Message": {"type": "structure", "members": {"Body": {"shape": "Blob"}, "Parts": {"shape": "Messages"}}},
            "Messages": {"type": "list", "member": {"shape": "Message"}, "max": 10},
            "Blob": {"type": "blob"},
        },
    }
    path = write(document)
    tool = json.loads(next(imported(path).lines()))
    assert tool["name"] == "sqs_send_message_batch" and tool["category"] == "sqs"
    assert tool["description"] == "Sends messages & more.\n\nSee this."
    assert tool["parameters"] == {
        "type": "object",
        "properties": {
            "Queue": {
                "type": "string",
                "description": "The queue.",
                "enum": ["a"],
                "pattern": "^x",
                "minLength": 1,
                "maxLength": 80,
            },
            "Tags": {"type": "object", "maxProperties": 5, "additionalProperties": {"type": "integer", "minimum": 0}},
            "At": {"type": "string", "format": "date-time"},
        },
        "required": ["Queue"],
    }
    assert tool["returns"]["properties"]["Parts"] == {"type": "array", "maxItems": 10, "items": {"type": "object"}}
    assert imported(path).report.repairs["recursion cut"] == 1


def test_an_api_of_toolbench(write):
    """Required and optional parameters, test values as examples, results from schemas, bodies or neither."""
    endpoint = {
        "name": "reviews/get-scores",
        "description": "",
        "method": "GET",
        "required_parameters": [{"name": "hotel_ids", "type": "NUMBER", "description": "Ids.", "default": "264831"}],
        "optional_parameters": [{"name": "day", "type": "DATE (YYYY-MM-DD)", "description": "", "default": ""}],
        "body": {"scores": [{"score": 8.5}], "next": None},
    }
    document = {
        "tool_name": "Booking",
        "tool_description": "Rooms and prices.",
        "api_list": [
            endpoint,
            endpoint
            | {
                "name": "b",
                "description": "Has a schema.",
                "schema": {"type": "object", "properties": {"x": {"type": "string"}}},
            },
            endpoint | {"name": "c", "description": "Says why not.", "body": {"message": "You are not subscribed."}},
            endpoint | {"name": "d", "description": "As text.", "body": '{"x": 1}'},
            {"name": 3},
        ],
    }
    path = write(document)
    tools = write.tools(document)
    assert list(tools) == ["booking_reviews_get_scores", "booking_b", "booking_c", "booking_d"]
    first = tools["booking_reviews_get_scores"]
    assert first["description"] == "reviews/get-scores. Part of: Rooms and prices."
    assert first["parameters"] == {
        "type": "object",
        "properties": {
            "hotel_ids": {"type": "number", "description": "Ids.", "examples": [264831]},
            "day": {"type": "string", "format": "date"},
        },
        "required": ["hotel_ids"],
    }
    scores = first["returns"]["properties"]["scores"]
    assert scores["items"]["properties"]["score"] == {"type": "number", "examples": [8.5]}
    assert list(tools["booking_b"]["returns"]["properties"]) == ["x"]
    assert "returns" not in tools["booking_c"]
    assert tools["booking_d"]["returns"]["properties"]["x"] == {"type": "integer", "examples": [1]}
    assert imported(path).report.reasons() == {"no tool definition": 1}
