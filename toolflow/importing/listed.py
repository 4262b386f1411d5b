"""What the formats that list tools have in common: where the list stands, and what the parts are called.

A definition is an object with a name; parameters and result stand under one of a few keys. The list may be
the document itself, or stand a few levels inside of it (``{"tools": […]}``, ``{"result": {"tools": […]}}``).
"""

from collections.abc import Iterator
from typing import Any

from toolflow.catalog_check import RETURNS_KEYS, completed_in
from toolflow.errors import CatalogError
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.settle import Elsewhere

PARAMETERS_KEYS = ("parameters", "inputSchema", "input_schema")
LIST_KEYS = ("tools", "functions", "function")
MAX_DEFINITIONS = 100_000
_LOOKED_AT = 50
_DEEPEST = 4


def tool_list(content: Any) -> tuple[str, list[Any]] | None:
    """The definitions in a document and the path of their list, or None where there are none."""
    if _is_definition(content):
        return "", [content]
    level = [("", content)]
    for _depth in range(_DEEPEST):
        for path, value in level:
            if isinstance(value, list) and any(_is_definition(item) for item in value[:_LOOKED_AT]):
                return path, value
        level = [
            (f"{path}.{key}".lstrip("."), below)
            for path, value in level
            if isinstance(value, dict) and len(value) <= _LOOKED_AT
            for key, below in value.items()
            if isinstance(below, dict) or (isinstance(below, list) and key in LIST_KEYS)
        ]
    return None


def body_of(definition: Any) -> dict[str, Any]:
    """A definition without its wrapping: ``{"type": "function", "function": {…}}``."""
    if not isinstance(definition, dict):
        return {}
    inner = definition.get("function")
    return {**definition, **inner} if isinstance(inner, dict) else definition


def sample(content: Any) -> list[dict[str, Any]]:
    """The first definitions of a document, unwrapped, to tell its format by."""
    found = tool_list(content)
    return [body_of(item) for item in found[1][:_LOOKED_AT]] if found else []


def drafts(document: Document, api: str | None = None) -> Iterator[Draft | Dropped]:
    """The tools of a document that lists them; `CatalogError` when it lists none."""
    found = tool_list(document.content)
    if found is None:
        raise CatalogError("holds no tool definitions")
    path, items = found
    if len(items) > MAX_DEFINITIONS:
        raise CatalogError(f"lists more than {MAX_DEFINITIONS:,} tools; split it, or give one a line as .jsonl")
    alone = items == [document.content]
    for number, item in enumerate(items):
        place = document.name if alone else f"{document.name} {path}[{number}]"
        body = body_of(item)
        name = body.get("name")
        if not isinstance(name, str) or not name.strip():
            shown = "a definition is a JSON object" if not body else "the name is missing or no text"
            yield Dropped(place, None, "no tool definition", shown)
            continue
        yield draft(body, name, place, document, api)


def draft(body: dict[str, Any], name: str, place: str, document: Document, api: str | None) -> Draft:
    """One definition, its parts under any of their keys."""
    parameters = next((body[key] for key in PARAMETERS_KEYS if body.get(key) is not None), None)
    repairs: tuple[tuple[str, str], ...] = ()
    if parameters is None and isinstance(body.get("arguments"), list):
        parameters = _from_arguments(body["arguments"])
        repairs = (("arguments as a schema", "parameters: were a list"),)
    returns = next((body[key] for key in (*RETURNS_KEYS, "response") if isinstance(body.get(key), dict)), None)
    source, category = body.get("source"), body.get("category")
    annotations = body.get("annotations")
    title = annotations.get("title") if isinstance(annotations, dict) else None
    return Draft(
        name=name,
        place=place,
        document=document,
        description=body.get("description") or body.get("title") or title or "",
        parameters=_alone(parameters, document),
        returns=_alone(returns, document),
        api=api,
        source=source if isinstance(source, str) else None,
        category=category if isinstance(category, str) else api,
        completed=completed_in(body),
        repairs=repairs,
    )


def _alone(schema: Any, document: Document) -> Any:
    """A schema whose references lead into itself and nowhere else, not even to files beside it."""
    return None if schema is None else Elsewhere(schema, Document(document.name, schema))


def _from_arguments(arguments: list[Any]) -> dict[str, Any]:
    """Arguments in a list, as registries of MCP servers give them."""
    named = [item for item in arguments if isinstance(item, dict) and isinstance(item.get("name"), str)]
    properties = {}
    for item in named:
        schema = {key: value for key, value in item.items() if key not in ("name", "desc", "optional", "required")}
        properties[item["name"]] = {"description": item.get("desc"), **schema}
    required = [
        item["name"] for item in named if item.get("optional") is not True and item.get("required") is not False
    ]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _is_definition(value: Any) -> bool:
    body = body_of(value)
    if not isinstance(body.get("name"), str):
        return False
    keys = ("description", "arguments", *PARAMETERS_KEYS)
    return any(key in body for key in keys) and "api_list" not in body and "discoveryVersion" not in body
