"""Says whether one tool definition is usable, and makes it a `Tool`.

Tolerant where the meaning is clear: absent parameters are none, a missing ``"type": "object"`` or
``properties`` is added, an absent description is empty. Strict where it is not: everything else that
is no JSON Schema of an arguments object makes the tool unusable, and every reason is given.

References stay inside their schema. One that leads elsewhere makes the tool unusable, and nothing is
ever fetched: the meta-schemas are the ones inside `jsonschema_rs`, whose own detection of drafts is
not used because it would look up an unknown ``$schema`` on the network. A ``pattern`` is not judged here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from toolflow.config import CatalogConfig
from toolflow.fields import local_ref
from toolflow.path import join
from toolflow.schema import Tool

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
COMPLETED_KEY = "x-completed"
"""In a definition, where what an LLM wrote is marked."""
RETURNS_KEYS = ("returns", "results", "output_schema", "outputSchema")
MAX_PROBLEMS = 10
"""Problems named for one definition."""

_DRAFTS: dict[str, Any] = {
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
}
_LATEST = next(iter(_DRAFTS))
_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_IN_LIST = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_SINGLE = (
    "items", "additionalProperties", "additionalItems", "unevaluatedProperties", "unevaluatedItems",
    "contains", "propertyNames", "not", "if", "then", "else",
)  # fmt: skip
_HOLDERS = frozenset((*_BY_NAME, *_IN_LIST, *_SINGLE))
"""Keywords with subschemas."""
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a definition cannot be used."""

    reason: str
    """The kind of problem, in a few words that are the same for all of its kind."""
    field: str | None
    """The part at fault, as a path into the definition."""
    text: str
    """What is wrong there."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definition that cannot be used."""

    name: str | None
    problems: tuple[Problem, ...]


def read_tool(definition: Any, config: CatalogConfig, place: str) -> Tool | Refused:
    """The tool that a definition describes, or every reason why it is none.

    ``place`` says where it stands, for people, in case it does not name a source itself.
    """
    if not isinstance(definition, dict):
        return Refused(
            None, (Problem("no tool definition", None, f"a tool is a JSON object, not {_kind(definition)}"),)
        )
    inner = definition.get("function")
    body = {**definition, **inner} if isinstance(inner, dict) else definition
    name = body.get("name")
    name = name if isinstance(name, str) else None
    try:
        size = len(orjson.dumps(definition))
    except orjson.JSONEncodeError:
        return Refused(name, (Problem("nested too deep", None, "is nested too deep"),))
    if size > config.max_tool_bytes:
        text = f"the definition takes {size:,} bytes; the limit is {config.max_tool_bytes:,} (catalog.max_tool_bytes)"
        return Refused(name, (Problem("too large", None, text),))
    returns_key = next((key for key in RETURNS_KEYS if body.get(key) is not None), "returns")
    parameters, returns = _parameters(body.get("parameters")), _returns(body.get(returns_key))
    problems = list(_text_problems(body))
    problems += _parameters_problems(parameters, config)
    if returns is not None:
        problems += _schema_problems(returns, returns_key, config)
    if problems or name is None:
        return Refused(name, tuple(problems[:MAX_PROBLEMS]))
    return Tool(
        name=name,
        description=body.get("description") or "",
        parameters=parameters,
        returns=returns,
        source=body.get("source") or place,
        category=body.get("category"),
        completed=completed_in(body),
    )


def completed_in(body: dict[str, Any]) -> tuple[str, ...]:
    """The paths of what an LLM wrote; anything else under that key says nothing."""
    paths = body.get(COMPLETED_KEY)
    if not isinstance(paths, list):
        return ()
    return tuple(path for path in paths if isinstance(path, str) and path.isprintable())


def _text_problems(body: dict[str, Any]) -> Iterator[Problem]:
    name = body.get("name")
    if not isinstance(name, str):
        yield Problem("unusable name", "name", "is missing" if name is None else f"must be a text, not {_kind(name)}")
    elif not NAME.fullmatch(name):
        yield Problem("unusable name", "name", "must be 1 to 64 of the characters a-z, A-Z, 0-9, _ and -")
    for key in ("description", "source", "category"):
        if not isinstance(value := body.get(key), str | None):
            yield Problem("not a text", key, f"must be a text, not {_kind(value)}")


def _parameters(schema: Any) -> Any:
    """The parameters with what goes without saying filled in."""
    if schema is None:
        return {"type": "object", "properties": {}}
    if not isinstance(schema, dict):
        return schema
    filled = {"type": "object", **schema}
    if filled["type"] in (None, ["object"], ["object", "null"], ["null", "object"]):
        filled["type"] = "object"
    if filled.get("properties") is None:
        filled["properties"] = {}
    if "required" in filled and filled["required"] is None:
        del filled["required"]
    return filled


def _returns(schema: Any) -> Any:
    """The result's schema; None when it says nothing."""
    if schema is True or schema == {}:
        return None
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        return {"type": "object", **schema}
    return schema


def _parameters_problems(schema: Any, config: CatalogConfig) -> Iterator[Problem]:
    """Problems of the arguments object."""
    problems = list(_schema_problems(schema, "parameters", config))
    yield from problems
    if problems:
        return
    if schema["type"] != "object":
        yield Problem(
            "no schema of an arguments object", "parameters.type", f"must be 'object', not {schema['type']!r}"
        )
    composed = [key for key in ("$ref", "allOf", "anyOf", "oneOf") if key in schema]
    if composed and not schema["properties"]:
        yield Problem(
            "no schema of an arguments object",
            f"parameters.{composed[0]}",
            "the arguments must stand in 'properties', not in other schemas",
        )
    for name in schema.get("required", ()):
        if name not in schema["properties"] and not composed:
            yield Problem(
                "required but not defined", "parameters.required", f"{name!r} is required, but no property defines it"
            )


def _schema_problems(schema: Any, place: str, config: CatalogConfig) -> Iterator[Problem]:
    """Problems of one schema as such: its form, depth and references."""
    if not isinstance(schema, dict):
        yield Problem("no valid JSON Schema", place, f"must be a JSON Schema (an object), not {_kind(schema)}")
        return
    draft = schema.get("$schema", _LATEST)
    known = draft.rstrip("#") if isinstance(draft, str) else None
    if known not in _DRAFTS:
        yield Problem(
            "unknown draft of JSON Schema", join(place, "$schema"), "is not a draft of JSON Schema that is known here"
        )
        return
    meta = _meta_validator(known)
    if not meta.is_valid(schema):
        for error in meta.iter_errors(schema):
            yield Problem("no valid JSON Schema", _path(place, error.instance_path), _explain(error))
        return
    yield from _walk_problems(schema, place, config)


def _walk_problems(root: dict[str, Any], place: str, config: CatalogConfig) -> Iterator[Problem]:
    """Walk every subschema once, however often it is referred to."""
    pending: list[tuple[Any, str, int]] = [(root, place, 1)]
    seen: set[int] = set()
    while pending:
        schema, path, level = pending.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        if level > config.max_depth:
            yield Problem(
                "nested too deep", path, f"schemas nest deeper than {config.max_depth} levels (catalog.max_depth)"
            )
            return
        for keyword, value in schema.items():
            if keyword in _REFERENCES:
                target, problem = _target(root, value)
                if problem:
                    yield Problem("unusable reference", f"{path}.{keyword}", problem)
                else:
                    pending.append((target, path, level))
            elif keyword in _HOLDERS:
                pending.extend((part, at, level + 1) for part, at in _held(keyword, value, f"{path}.{keyword}"))


def _held(keyword: str, value: Any, place: str) -> Iterator[tuple[Any, str]]:
    """The subschemas that stand under a keyword, with their places."""
    if isinstance(value, list):
        if keyword in _IN_LIST:
            yield from ((part, f"{place}[{number}]") for number, part in enumerate(value))
    elif isinstance(value, dict):
        if keyword in _BY_NAME:
            yield from ((part, join(place, name)) for name, part in value.items())
        elif keyword in _SINGLE:
            yield value, place


def _target(root: dict[str, Any], ref: Any) -> tuple[Any, str | None]:
    """What a reference leads to at last, or what is wrong with it."""
    passed = set()
    while isinstance(ref, str):
        shown = ref if len(ref) <= 100 else ref[:100] + "…"
        if not ref.startswith("#"):
            return None, f"refers to {shown!r}, outside of this schema; nothing is fetched"
        if ref in passed:
            return None, f"{shown!r} refers to itself and to nothing else"
        passed.add(ref)
        try:
            target = local_ref(root, ref)
        except LookupError:
            return None, f"refers to {shown!r}, which is not there"
        if not isinstance(target, dict | bool):
            return None, f"refers to {shown!r}, which is no schema"
        if not (isinstance(target, dict) and set(target) == {"$ref"}):
            return target, None
        ref = target["$ref"]
    return None, f"must be a text, not {_kind(ref)}"


@cache
def _meta_validator(draft: str) -> Any:
    url = draft if draft.startswith("https") else f"{draft}#"
    return _DRAFTS[draft]({"$ref": url}, offline=True)


def _explain(error: jsonschema_rs.ValidationError) -> str:
    """A meta-schema's complaint in one short line."""
    where = error.instance_path[-1] if error.instance_path else None
    if where == "type":
        return f"{_shown(error.instance)} is not a JSON type"
    text = " ".join(error.message.split())
    return text if len(text) <= 200 else text[:200] + "…"


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else text[:80] + "…"


def _path(place: str, steps: list[str | int]) -> str:
    for step in steps:
        place = f"{place}[{step}]" if isinstance(step, int) else join(place, step)
    return place


def _kind(value: Any) -> str:
    """The JSON kind of a value, with its article."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
    return "null" if value is None else names[type(value)]
