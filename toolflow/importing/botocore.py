"""Service models of AWS as botocore carries them: each operation is a tool, its shapes are the schemas."""

from collections.abc import Iterator
from typing import Any

from toolflow.errors import CatalogError
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.names import short_title
from toolflow.importing.shelf import Shelf

MAX_OPERATIONS = 20_000
_SCALARS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "character": {"type": "string"},
    "integer": {"type": "integer"},
    "long": {"type": "integer"},
    "bigInteger": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "bigDecimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "timestamp": {"type": "string", "format": "date-time"},
    "blob": {"type": "string", "format": "byte"},
}
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "blob": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
}


def recognise(content: Any) -> bool:
    """Whether a document has the operations and shapes of a service."""
    return isinstance(content, dict) and all(
        isinstance(content.get(key), dict) for key in ("metadata", "operations", "shapes")
    )


def read(document: Document, _shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The operations of a service; `CatalogError` when it has none."""
    if not recognise(document.content):
        raise CatalogError("is no service model: it must be an object with 'metadata', 'operations' and 'shapes'")
    metadata, operations = document.content["metadata"], document.content["operations"]
    names = (metadata.get(key) for key in ("serviceId", "serviceAbbreviation", "endpointPrefix"))
    api = short_title(next((name for name in names if isinstance(name, str) and name), ""))
    if not operations:
        raise CatalogError("declares no operations")
    if len(operations) > MAX_OPERATIONS:
        raise CatalogError(f"has more than {MAX_OPERATIONS:,} operations; split it")
    for name, operation in operations.items():
        place = f"{document.name} {name}"[:250]
        if not isinstance(operation, dict):
            yield Dropped(place, name, "no tool definition", "an operation is a JSON object")
            continue
        yield Draft(
            name=name,
            place=place,
            document=document,
            description=operation.get("documentation") or "",
            parameters=operation.get("input"),
            returns=operation.get("output"),
            view=json_schema,
            api=api,
            prefixed=True,
            category=api or None,
        )


def json_schema(shape: Any) -> Any:
    """A shape, or a reference to one, as JSON Schema."""
    if not isinstance(shape, dict):
        return {}
    about = {"description": shape["documentation"]} if isinstance(shape.get("documentation"), str) else {}
    name, kind = shape.get("shape"), shape.get("type")
    if isinstance(name, str):
        return {**about, "$ref": "#/shapes/" + name.replace("~", "~0").replace("/", "~1")}
    if kind == "structure":
        members = shape.get("members")
        required = shape.get("required")
        return {
            "type": "object",
            **about,
            "properties": members if isinstance(members, dict) else {},
        } | ({"required": required} if required else {})
    schema: dict[str, Any] = {**_SCALARS.get(kind, {}), **about} if isinstance(kind, str) else about
    if kind == "list":
        schema = {"type": "array", **about, "items": shape.get("member", {})}
    elif kind == "map":
        schema = {"type": "object", **about, "additionalProperties": shape.get("value", {})}
    schema |= {key: shape[key] for key in ("enum", "pattern") if key in shape}
    least, most = _BOUNDS.get(kind, ("minimum", "maximum")) if isinstance(kind, str) else ("minimum", "maximum")
    for key, keyword in (("min", least), ("max", most)):
        if key in shape:
            schema[keyword] = shape[key]
    return schema
