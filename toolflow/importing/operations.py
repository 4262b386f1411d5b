"""What OpenAPI 3 and Swagger 2 have in common: operations, their names, and arguments from many places.

Ours: parameters of path, query, header and body become the properties of one arguments object, a body that
is an object opened into its properties; what carries credentials or transport (``Authorization``, cookies,
the keys that security schemes declare) is no argument of a tool; a body's required properties are required,
even where the document forgets to say that the body itself is.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from toolflow.errors import CatalogError, ReferenceRefused
from toolflow.importing.document import Document
from toolflow.importing.draft import Draft, Dropped, as_it_is
from toolflow.importing.names import readable, short_title
from toolflow.importing.settle import Elsewhere, Settling, View, alternatives
from toolflow.importing.shelf import Shelf
from toolflow.importing.text import clean

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "query")
TRANSPORT = {"accept", "content-type", "authorization"}
"""Header parameters that the specification says are to be ignored."""
MAX_OPERATIONS = 20_000
MAX_PARAMETERS = 500
_MAX_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    content: dict[str, Any]
    base: Document
    """Where it stands: the document itself, or a file that a path refers to."""
    shared: list[Any]
    """Parameters of the path, for all its methods."""
    credentials: frozenset[tuple[str, str]] = frozenset()
    """Name and place of parameters that the document declares to be keys."""

    @property
    def place(self) -> str:
        """For people: ``GET /pets``."""
        return f"{self.method.upper()} {self.path[:200]}"


Part = Callable[[Operation, Document, Shelf], Any]
"""Reads one part of an operation as a schema: its arguments, or its result."""


def drafts(document: Document, shelf: Shelf, arguments: Part, returns: Part) -> Iterator[Draft | Dropped]:
    """A tool for each operation; `CatalogError` when there is none."""
    if not isinstance(document.content, dict):
        raise CatalogError("is no description of an API: it must be an object with 'paths'")
    api, category = _api_of(document.content)
    found = operations(document, shelf)
    for operation, name in zip(found, named(found), strict=True):
        place = f"{document.name} {operation.place}"
        try:
            yield Draft(
                name=name,
                place=place,
                document=document,
                description=described(operation),
                parameters=arguments(operation, document, shelf),
                returns=returns(operation, document, shelf),
                api=api,
                prefixed=True,
                category=category or api or None,
            )
        except ReferenceRefused as error:
            yield Dropped(place, name, "reference refused", str(error))


def operations(document: Document, shelf: Shelf) -> list[Operation]:
    """Every operation of a document; `CatalogError` when there is none, or too many."""
    paths = document.content.get("paths")
    found: list[Operation] = []
    keys = _credentials(document, shelf)
    for path, item in paths.items() if isinstance(paths, dict) else ():
        content, base = resolved(item, document, shelf)
        if not isinstance(content, dict):
            continue
        shared = content.get("parameters")
        for method in METHODS:
            operation = content.get(method)
            if isinstance(operation, dict):
                shared = shared if isinstance(shared, list) else []
                found.append(Operation(method, path, operation, base, shared, keys))
        if len(found) > MAX_OPERATIONS:
            raise CatalogError(f"has more than {MAX_OPERATIONS:,} operations; split it")
    if not found:
        raise CatalogError("declares no operations: nothing under 'paths'")
    return found


def _credentials(document: Document, shelf: Shelf) -> frozenset[tuple[str, str]]:
    """Name and place of the keys among the security schemes, of OpenAPI 3 or Swagger 2."""
    components = document.content.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if schemes is None:
        schemes = document.content.get("securityDefinitions")
    found = set()
    for given in islice(schemes.values() if isinstance(schemes, dict) else (), MAX_PARAMETERS):
        try:
            scheme, _base = resolved(given, document, shelf)
        except ReferenceRefused:
            continue
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey":
            found.add((str(scheme.get("name")), str(scheme.get("in"))))
    return frozenset(found)


def resolved(value: Any, base: Document, shelf: Shelf) -> tuple[Any, Document]:
    """What a value or its chain of references leads to; None where that is nothing.

    `ReferenceRefused` when a reference leads to another machine or out of the folder.
    """
    for _link in range(_MAX_CHAIN):
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            return value, base
        try:
            value, base = shelf.follow(value["$ref"], base)
        except LookupError:
            return None, base
    return None, base


def parameters(operation: Operation, shelf: Shelf) -> Iterator[tuple[dict[str, Any], Document]]:
    """The parameters of an operation that are arguments of a tool; its own come before those of its path."""
    own = operation.content.get("parameters")
    seen = set()
    for given in islice([*(own if isinstance(own, list) else []), *operation.shared], MAX_PARAMETERS):
        parameter, base = resolved(given, operation.base, shelf)
        if not isinstance(parameter, dict):
            continue
        name, where = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str) or not isinstance(where, str) or (name, where) in seen:
            continue
        seen.add((name, where))
        if (name, where) in operation.credentials:
            continue
        if where != "cookie" and not (where == "header" and name.lower() in TRANSPORT):
            yield parameter, base


def named(found: list[Operation]) -> list[str]:
    """A name for each operation: its ``operationId``, or its method and path where that is missing or not unique."""
    ids = [operation.content.get("operationId") for operation in found]
    counts = Counter(readable(id_) for id_ in ids if isinstance(id_, str) and id_.strip())
    return [
        id_ if isinstance(id_, str) and counts.get(readable(id_)) == 1 else _from_path(operation)
        for id_, operation in zip(ids, found, strict=True)
    ]


def _from_path(operation: Operation) -> str:
    """``GET /users/{id}/posts`` as ``get_users_by_id_posts``."""
    steps = [f"by_{step.strip('{}')}" if step.startswith("{") else step for step in operation.path.split("/") if step]
    return "_".join([operation.method, *steps]) if steps else f"{operation.method}_root"


def described(operation: Operation) -> str:
    """Summary and description, each once; method and path where there is neither."""
    summary, text = (clean(operation.content.get(key), 4_000) for key in ("summary", "description"))
    if not text or not summary:
        return text or summary or operation.place
    if summary.rstrip(".").casefold() in text.casefold():
        return text
    return f"{summary}{'' if summary[-1] in '.!?:' else '.'} {text}"


def _api_of(content: dict[str, Any]) -> tuple[str, str | None]:
    """A short name of the API that a document describes, and the category it is said to be of."""
    info = content.get("info")
    info = info if isinstance(info, dict) else {}
    title = info.get("title")
    categories = info.get("x-apisguru-categories")
    category = categories[0] if isinstance(categories, list) and categories else None
    return short_title(title) if isinstance(title, str) else "", category if isinstance(category, str) else None


@dataclass
class Arguments:
    """The arguments object of one tool, gathered from wherever its arguments travel."""

    document: Document
    shelf: Shelf
    view: View = as_it_is
    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)

    def add(self, name: str, where: str, schema: Any, base: Document, required: bool) -> None:
        """One argument; where the name is taken, it gets its place in front."""
        if name in self.properties:
            name = f"{where}_{name}"
        self.properties[name] = self._from(schema, base)
        if required:
            self.required.append(name)

    def add_body(self, schema: Any, base: Document, description: Any, required: bool) -> None:
        """The body: its properties where it is an object with some, nothing where it can have none, else one
        argument ``body``."""
        opened = self._opened(schema, base)
        if opened == ({}, []):
            return
        if opened is not None and not set(opened[0]) & set(self.properties):
            self.properties |= opened[0]
            self.required += opened[1]
            return
        whole = {"description": description, "allOf": [schema]} if isinstance(description, str) else schema
        self.add("body", "request", whole, base, required)

    def _opened(self, schema: Any, base: Document) -> tuple[dict[str, Any], list[str]] | None:
        """The properties of an object and which are required; None where it is none, or says nothing of them."""
        parts, _nullable = Settling(self.shelf, self.view).settled(
            (schema, base, frozenset()), lambda _kind, _text: None
        )
        properties: dict[str, Any] = {}
        required: list[str] = []
        closed = False
        for part in parts:
            branches, _null = alternatives(part.schema)
            if branches or part.schema.get("type", "object") != "object":
                return None
            given = part.schema.get("properties")
            for name, below in islice(given.items() if isinstance(given, dict) else (), MAX_PARAMETERS):
                properties.setdefault(name, self._from(below, part.base))
            needed = part.schema.get("required")
            required += [name for name in islice(needed if isinstance(needed, list) else (), MAX_PARAMETERS) if name]
            more = part.schema.get("additionalProperties")
            closed = closed or more is False or (more is None and given == {})
        return (properties, required) if properties or (closed and not required) else None

    def _from(self, schema: Any, base: Document) -> Any:
        return schema if base is self.document else Elsewhere(schema, base)

    def schema(self) -> dict[str, Any]:
        """The schema of the arguments object."""
        whole: dict[str, Any] = {"type": "object", "properties": self.properties}
        return whole | {"required": self.required} if self.required else whole


def success(responses: Any) -> Any:
    """The response of the lowest code of success, or ``default`` where none is; None when there are no responses."""
    if not isinstance(responses, dict):
        return None
    codes = sorted(code for code in responses if len(code) == 3 and code[0] == "2")
    return responses[codes[0]] if codes else responses.get("default")
