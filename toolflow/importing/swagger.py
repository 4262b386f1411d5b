"""Swagger 2: each operation is a tool."""

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

_TRANSPORT = ("name", "in", "required", "collectionFormat", "allowEmptyValue")


def recognise(content: Any) -> bool:
    """Whether a document says that it is Swagger 2."""
    return isinstance(content, dict) and str(content.get("swagger", "")).startswith("2")


def read(document: Document, shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The tools of a Swagger document; `CatalogError` when it has no operations."""
    return drafts(document, shelf, _arguments, _returns)


def _arguments(operation: Operation, document: Document, shelf: Shelf) -> dict[str, Any]:
    arguments = Arguments(document, shelf)
    bodies = []
    for parameter, base in parameters(operation, shelf):
        if parameter["in"] == "body":
            bodies.append((parameter, base))
            continue
        schema = {key: value for key, value in parameter.items() if key not in _TRANSPORT}
        arguments.add(parameter["name"], parameter["in"], schema, base, parameter.get("required") is True)
    for parameter, base in bodies[:1]:
        schema = parameter.get("schema", {})
        arguments.add_body(schema, base, parameter.get("description"), parameter.get("required") is True)
    return arguments.schema()


def _returns(operation: Operation, document: Document, shelf: Shelf) -> Any:
    response, base = resolved(success(operation.content.get("responses")), operation.base, shelf)
    if not isinstance(response, dict):
        return None
    schema = response.get("schema")
    if schema is None or schema == {}:
        examples = response.get("examples")
        example = examples.get("application/json") if isinstance(examples, dict) else None
        return None if example is None else schema_of(example)
    return schema if base is document else Elsewhere(schema, base)
