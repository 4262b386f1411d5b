"""The schema of a result from a list of its fields, as a model names them.

A list of paths (``flights[].price``) is easier to answer than JSON Schema, and bounded by what a path can say. What
is built of it is an object with named properties, or ValueError says, to the model, which field is wrong.
"""

import re
from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from toolflow.complete.texts import worded

MAX_FIELDS = 40
MAX_DEPTH = 5
"""Names in one path."""
MOST_ALIKE = 2
"""So many fields, or half of them, may be described alike: the city from where and the city to where."""
SCALARS = ("string", "integer", "number", "boolean")
FORMATS = ("none", "date", "date-time", "time", "email", "uri", "uuid")

_STEP = r"[A-Za-z_][A-Za-z0-9_-]{0,63}(?:\[\]){0,2}"
_PATH = re.compile(rf"{_STEP}(?:\.{_STEP}){{0,{MAX_DEPTH - 1}}}")


class ReturnField(BaseModel):
    """One field of a result."""

    path: str = Field(max_length=400)
    type: Literal["string", "integer", "number", "boolean", "object", "array"]
    format: Literal["none", "date", "date-time", "time", "email", "uri", "uuid"] = "none"
    description: str


_FIELDS = TypeAdapter(Annotated[list[ReturnField], Field(min_length=1, max_length=MAX_FIELDS)])

RETURNED: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "type": {"type": "string", "enum": list(SCALARS)},
            "format": {"type": "string", "enum": list(FORMATS)},
            "description": {"type": "string"},
        },
        "required": ["path", "type", "format", "description"],
        "additionalProperties": False,
    },
    "minItems": 1,
    "maxItems": MAX_FIELDS,
}
"""JSON Schema of the list."""


def returned(value: Any, parameters: dict[str, Any], longest: int) -> dict[str, Any]:
    """The schema that the fields mean; descriptions have at most ``longest`` characters."""
    try:
        fields = _FIELDS.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'the list'}: {first['msg']}") from None
    top: dict[str, Any] = {"type": "object"}
    said: dict[str, ReturnField] = {}
    texts: Counter[str] = Counter()
    for field in fields:
        if not _PATH.fullmatch(field.path):
            raise ValueError(
                f"{field.path[:80]!r} is no path such as flights[].price, of at most {MAX_DEPTH} names in a-z, 0-9, _"
            )
        if field.path in said:
            if field.type == said[field.path].type:
                continue
            raise ValueError(f"{field.path} stands there twice")
        said[field.path] = field
        name = field.path.rpartition(".")[2].removesuffix("[]")
        text = worded(field.description, name, longest, field.path)
        texts[text] += 1
        _put(top, field, text)
    empty = next((field.path for field in fields if field.type not in SCALARS and not _filled(top, field.path)), None)
    if empty is not None:
        raise ValueError(f"{empty}: name what is in it, each with a path of its own, such as {empty}[].id")
    text, times = texts.most_common(1)[0]
    if times > max(MOST_ALIKE, len(said) / 2):
        raise ValueError(f"{times} fields are described as {text[:60]!r}; say what tells them apart")
    if parameters and set(top["properties"]) <= set(parameters):
        raise ValueError("it only repeats the parameters; a result says something new")
    return top


def _put(top: dict[str, Any], field: ReturnField, description: str) -> None:
    """Write a field into the schema; the objects and lists around it come of themselves."""
    here, on_the_way = top, field.path
    for step in field.path.split("."):
        here = _child(here, "object", on_the_way).setdefault("properties", {}).setdefault(step.rstrip("[]"), {})
        for _ in range(step.count("[]")):
            here = _child(here, "array", on_the_way).setdefault("items", {})
    if here.get("type", field.type) != field.type:
        raise ValueError(f"{field.path}: is {here['type']} by another path and {field.type} by this one")
    here |= {"type": field.type, "description": description}
    if field.type == "string" and field.format != "none":
        here["format"] = field.format


def _child(schema: dict[str, Any], kind: str, path: str) -> dict[str, Any]:
    """The schema, as one of this kind."""
    if schema.setdefault("type", kind) != kind:
        raise ValueError(f"{path}: lies in a {schema['type']}, by another path")
    return schema


def _filled(top: dict[str, Any], path: str) -> bool:
    """Whether an object or list has anything in it."""
    here = top
    for step in path.split("."):
        here = here["properties"][step.rstrip("[]")]
        for _ in range(step.count("[]")):
            here = here["items"]
    return "items" in here or "properties" in here
