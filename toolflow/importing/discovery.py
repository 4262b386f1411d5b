"""Google's API discovery documents: each method of each resource is a tool.

Ours: the parameters that all methods share (``alt``, ``fields``, ``key`` …) are transport and left out; a
property whose description begins with "Required." is required, since the format has no other way to say so.
"""

from collections.abc import Iterator
from typing import Any

from toolflow.errors import CatalogError
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.names import readable
from toolflow.importing.operations import Arguments
from toolflow.importing.shelf import Shelf

MAX_METHODS = 20_000
_DEEPEST = 20


def recognise(content: Any) -> bool:
    """Whether a document says that it is a discovery document."""
    return isinstance(content, dict) and (
        content.get("kind") == "discovery#restDescription" or ("discoveryVersion" in content and "resources" in content)
    )


def read(document: Document, shelf: Shelf) -> Iterator[Draft | Dropped]:
    """The methods of a discovery document; `CatalogError` when it has none."""
    if not isinstance(document.content, dict):
        raise CatalogError("is no discovery document: it must be an object with 'resources'")
    name = document.content.get("name")
    api = readable(name) if isinstance(name, str) else ""
    found = list(_methods(document.content))
    if not found:
        raise CatalogError("declares no methods")
    if len(found) > MAX_METHODS:
        raise CatalogError(f"has more than {MAX_METHODS:,} methods; split it")
    for path, method in found:
        id_ = method.get("id")
        yield Draft(
            name=id_ if isinstance(id_, str) and id_.strip() else path,
            place=f"{document.name} {id_ if isinstance(id_, str) else path}"[:250],
            document=document,
            description=method.get("description") or "",
            parameters=_arguments(method, document, shelf),
            returns=method.get("response"),
            view=json_schema,
            api=api,
            prefixed=True,
            category=api or None,
        )


def json_schema(schema: Any) -> Any:
    """A schema of a discovery document as JSON Schema: references by bare name, ``repeated`` for a list."""
    if not isinstance(schema, dict):
        return schema
    seen = {key: value for key, value in schema.items() if key != "repeated"}
    ref = seen.get("$ref")
    if isinstance(ref, str) and not ref.startswith("#"):
        seen["$ref"] = "#/schemas/" + ref.replace("~", "~0").replace("/", "~1")
    if schema.get("repeated") is True:
        about = {"description": seen.pop("description")} if "description" in seen else {}
        return {"type": "array", **about, "items": seen}
    properties = seen.get("properties")
    if isinstance(properties, dict):
        given = schema.get("required")
        required = given if isinstance(given, list) else []
        required = required + [name for name, below in properties.items() if _said_required(below)]
        return seen | {"required": required} if required else seen
    return seen


def _said_required(schema: Any) -> bool:
    said = schema.get("description") if isinstance(schema, dict) else None
    return isinstance(said, str) and said.startswith("Required.")


def _methods(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every method and its path, resources nested to a bound."""
    level: list[tuple[str, Any]] = [("", content)]
    for _depth in range(_DEEPEST):
        below: list[tuple[str, Any]] = []
        for path, resource in level:
            methods, resources = (resource.get(key) for key in ("methods", "resources"))
            for name, method in methods.items() if isinstance(methods, dict) else ():
                if isinstance(method, dict):
                    yield f"{path}{name}", method
            for name, more in resources.items() if isinstance(resources, dict) else ():
                if isinstance(more, dict):
                    below.append((f"{path}{name}.", more))
        level = below


def _arguments(method: dict[str, Any], document: Document, shelf: Shelf) -> dict[str, Any]:
    arguments = Arguments(document, shelf, json_schema)
    given = method.get("parameters")
    for name, schema in given.items() if isinstance(given, dict) else ():
        if isinstance(schema, dict):
            where = schema.get("location")
            required = schema.get("required") is True
            arguments.add(name, where if isinstance(where, str) else "query", schema, document, required)
    if isinstance(method.get("request"), dict):
        arguments.add_body(method["request"], document, None, True)
    return arguments.schema()
