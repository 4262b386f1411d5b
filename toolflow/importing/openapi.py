"""OpenAPI 3.0 and 3.1: each operation is a tool."""

from collections.abc import Iterator
from typing import Any

from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.infer import schema_of
from toolflow.importing.operations import (
    Arguments,
    Operation,
    drafts,
    parameters,
    resolved,
    success,
)
from toolflow.importing.settle import Elsewhere
from toolflow.importing.shelf import Shelf


def recognise(content: Any) -> bool:
    """Whether a document says that it is OpenAPI 3."""
    return isinstance(content, dict) and str(content.get("openapi", "")).startswith("3")


def read(document: Document, shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The tools of an OpenAPI document; `CatalogError` when it has no operations."""
    return drafts(document, shelf, _arguments, _returns)


def _arguments(operation: Operation, document: Document, shelf: Shelf) -> dict[str, Any]:
    arguments = Arguments(document, shelf)
    for parameter, base in parameters(operation, shelf):
        schema = parameter.get("schema", _media(parameter.get("content"), base, shelf)[0].get("schema", {}))
        about: dict[str, Any] = {
            key: parameter[key] for key in ("description", "deprecated", "example") if key in parameter
        }
        example = _first_example(parameter.get("examples"), base, shelf)
        if example is not None:
            about.setdefault("example", example)
        whole = {**about, "allOf": [schema]} if about else schema
        arguments.add(parameter["name"], parameter["in"], whole, base, parameter.get("required") is True)
    body, base = resolved(operation.content.get("requestBody"), operation.base, shelf)
    if isinstance(body, dict):
        media, _kind = _media(body.get("content"), base, shelf)
        if "schema" in media:
            arguments.add_body(media["schema"], base, body.get("description"), body.get("required") is True)
    return arguments.schema()


def _returns(operation: Operation, document: Document, shelf: Shelf) -> Any:
    response, base = resolved(success(operation.content.get("responses")), operation.base, shelf)
    if not isinstance(response, dict):
        return None
    media, kind = _media(response.get("content"), base, shelf)
    schema = media.get("schema")
    if schema is None or schema == {}:
        example = media.get("example", _first_example(media.get("examples"), base, shelf))
        return schema_of(example) if example is not None and "json" in kind else None
    return schema if base is document else Elsewhere(schema, base)


def _media(content: Any, base: Document, shelf: Shelf) -> tuple[dict[str, Any], str]:
    """The media type to read, JSON before forms before anything, and its name."""
    usable = (
        {key: value for key, value in content.items() if isinstance(value, dict)} if isinstance(content, dict) else {}
    )
    if not usable:
        return {}, ""
    kind = min(usable, key=lambda kind: 0 if "json" in kind else 1 if "form" in kind else 2)
    media, _base = resolved(usable[kind], base, shelf)
    return (media if isinstance(media, dict) else {}), kind


def _first_example(examples: Any, base: Document, shelf: Shelf) -> Any:
    if not isinstance(examples, dict) or not examples:
        return None
    example, _base = resolved(next(iter(examples.values())), base, shelf)
    return example.get("value") if isinstance(example, dict) else None
