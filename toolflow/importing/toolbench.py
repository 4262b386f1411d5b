"""ToolBench's crawl of RapidAPI: one file an API, its endpoints under ``api_list``.

The response schema is the one given, or what the example response shows. Ours: what RapidAPI calls a default
is what its test page fills in (``264831`` for a hotel), so it becomes an example; an example response that
holds nothing but a message is an error and tells nothing.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from toolflow.errors import CatalogError
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.infer import schema_of
from toolflow.importing.names import readable
from toolflow.importing.shelf import Shelf
from toolflow.importing.text import clean

MAX_ENDPOINTS = 20_000
MAX_PARAMETERS = 500
_MESSAGES = {"message", "messages", "error", "errors", "detail", "info", "status", "success", "code", "statusCode"}


def recognise(content: Any) -> bool:
    """Whether a document lists the endpoints of a RapidAPI API."""
    return isinstance(content, dict) and isinstance(content.get("api_list"), list)


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The endpoints of an API; `CatalogError` when there are none, or too many."""
    if not recognise(document.content):
        raise CatalogError("is no API of ToolBench: it must be an object with a list under 'api_list'")
    content = document.content
    title = next((content[key] for key in ("tool_name", "title", "name") if isinstance(content.get(key), str)), "")
    api = readable(title.strip().lower())[:32].strip("_-") if title else ""
    endpoints = content["api_list"]
    if not endpoints:
        raise CatalogError("lists no endpoints: 'api_list' is empty")
    if len(endpoints) > MAX_ENDPOINTS:
        raise CatalogError(f"has more than {MAX_ENDPOINTS:,} endpoints; split it")
    for number, endpoint in enumerate(endpoints):
        place = f"{document.name} api_list[{number}]"
        name = endpoint.get("name") if isinstance(endpoint, dict) else None
        if not isinstance(name, str) or not name.strip():
            yield Dropped(place, None, "no tool definition", "an endpoint is a JSON object with a name")
            continue
        yield Draft(
            name=name.strip().lstrip("/"),
            place=place,
            document=document,
            description=_described(endpoint, content),
            parameters=_arguments(endpoint),
            returns=_returns(endpoint),
            api=api,
            prefixed=True,
            category=next(
                (content[key] for key in ("category", "category_name") if isinstance(content.get(key), str)), api
            ),
        )


def _described(endpoint: dict[str, Any], content: dict[str, Any]) -> str:
    """What the endpoint says of itself, or its name and what the API is for."""
    said = clean(endpoint.get("description"), 4_000)
    if said and said.casefold() != endpoint["name"].casefold():
        return said
    about = clean(content.get("tool_description"), 600)
    return f"{endpoint['name'].strip()}. Part of: {about}" if about else said or endpoint["name"].strip()


def _arguments(endpoint: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for key in ("required_parameters", "optional_parameters"):
        given = endpoint.get(key)
        for parameter in given[:MAX_PARAMETERS] if isinstance(given, list) else ():
            name = parameter.get("name") if isinstance(parameter, dict) else None
            if not isinstance(name, str) or not name or name in properties:
                continue
            schema = {"type": parameter.get("type"), "description": parameter.get("description")}
            schema |= {key: parameter[key] for key in ("enum", "format", "items") if parameter.get(key)}
            if "default" in parameter:
                schema["example"] = parameter["default"]
            properties[name] = schema
            if key == "required_parameters":
                required.append(name)
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _returns(endpoint: dict[str, Any]) -> Any:
    schema = _value(endpoint.get("schema"))
    if isinstance(schema, dict) and isinstance(schema.get("type"), str | list):
        return schema
    for key in ("body", "response_example", "example_response"):
        body = _value(endpoint.get(key))
        if body and isinstance(body, dict | list) and not (isinstance(body, dict) and set(body) <= _MESSAGES):
            return schema_of(body)
    return None


def _value(given: Any) -> Any:
    """A JSON value, also where it stands as text."""
    if not isinstance(given, str) or given[:1] not in ("{", "["):
        return given
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError:
        return None
