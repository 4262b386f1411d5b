"""From a draft to a tool that the catalog takes: schemas inlined, texts cleaned, every repair remembered."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from toolflow.catalog_check import COMPLETED_KEY, Refused, read_tool
from toolflow.config import Config
from toolflow.errors import ReferenceRefused
from toolflow.importing.draft import Draft, Dropped
from toolflow.importing.inline import Limits, Role, inlined
from toolflow.importing.names import prefixed, readable, snake
from toolflow.importing.near import hashed
from toolflow.importing.settle import Elsewhere
from toolflow.importing.shelf import Shelf
from toolflow.importing.text import clean, one_line

PARAMETERS_SHARE = 0.6
"""Of the bytes of a tool, what the parameters may take; the result gets the rest."""
FREE_STEPS = 40
"""Schemas of each tool that do not count as unfolding."""
_SLACK = 0.9
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Finished:
    """A tool that the catalog takes, but for its final name; its definition as JSON, which takes less memory."""

    name: str
    api: str | None
    digest: str
    """Hex, over description, parameters and returns."""
    body: bytes
    """The definition without its name."""
    place: str
    source: str
    """Which source it is from, for the report."""
    repairs: tuple[tuple[str, str], ...]
    """Kinds of repairs, each with its first case."""
    words: np.ndarray
    """What it speaks of: sorted hashes of the words of its name, description and parameters."""

    def line(self, name: str) -> bytes:
        """The tool as a line of a catalog."""
        return b'{"name":' + orjson.dumps(name) + b"," + self.body[1:]


def finished(draft: Draft, shelf: Shelf, config: Config, source: str) -> Finished | Dropped:
    """The tool of a draft, or why it cannot be one."""
    repairs: dict[str, str] = dict(draft.repairs)
    name = prefixed(draft.api or "", snake(draft.name)) if draft.prefixed else readable(draft.name)
    if not draft.prefixed and name != draft.name:
        repairs["name mended"] = f"was {one_line(draft.name, 80)!r}"
    limits = config.import_
    description = clean(draft.description, limits.max_description)
    if isinstance(draft.description, str):
        raw = draft.description.strip()
        if len(description) < limits.max_description * 3 // 4 < len(raw) // 4 or description.endswith("…"):
            repairs.setdefault("description shortened", f"had {len(raw):,} characters")
        elif description != raw:
            repairs.setdefault("description cleaned", "of markup, control characters or needless space")
    shelf.steps = max(0, shelf.steps - FREE_STEPS)
    room = round(min(limits.max_tool_bytes, config.catalog.max_tool_bytes) * _SLACK) - len(description.encode()) - 300
    try:
        parameters = _parameters(draft, shelf, config, room, repairs)
        if isinstance(parameters, Dropped):
            return parameters
        returns = _inlined(
            draft.returns, draft, shelf, config, "returns", room - len(orjson.dumps(parameters)), repairs
        )
    except ReferenceRefused as error:
        return Dropped(draft.place, draft.name, "reference refused", str(error))
    if not set(returns or ()) - {"description"}:
        returns = None
    definition = {
        "name": name,
        "description": description,
        "parameters": parameters,
        "returns": returns,
        "source": clean(draft.source or draft.place, 300) or None,
        "category": clean(draft.category, 100) or None,
        COMPLETED_KEY: draft.completed or None,
    }
    outcome = read_tool(definition, config.catalog, draft.place)
    if isinstance(outcome, Refused):
        problem = outcome.problems[0]
        return Dropped(draft.place, draft.name, problem.reason, f"{problem.field or 'definition'}: {problem.text}")
    defining = orjson.dumps([description, parameters, returns])
    body = {key: value for key, value in definition.items() if key != "name" and value is not None}
    words = _WORD.findall(f"{name} {description} {' '.join(parameters['properties'])}".replace("_", " ").lower())
    return Finished(
        name=name,
        api=draft.api,
        digest=hashlib.sha256(defining).hexdigest(),
        body=bytes(memoryview(orjson.dumps(body))),  # a copy: what orjson returns holds several times its length
        place=draft.place,
        source=source,
        repairs=tuple(repairs.items()),
        words=hashed(words),
    )


def _parameters(
    draft: Draft, shelf: Shelf, config: Config, room: int, repairs: dict[str, str]
) -> dict[str, Any] | Dropped:
    """The arguments object."""
    given = draft.parameters
    if not isinstance(given, dict | Elsewhere | None) or (
        isinstance(given, Elsewhere) and not isinstance(given.schema, dict)
    ):
        return Dropped(draft.place, draft.name, "no schema of an arguments object", "parameters: must be a JSON Schema")
    parameters = _inlined(given or {}, draft, shelf, config, "parameters", round(room * PARAMETERS_SHARE), repairs)
    assert parameters is not None
    type_ = parameters.pop("type", "object")
    if type_ != "object" and not (isinstance(type_, list) and "object" in type_):
        problem = f"parameters.type: must be 'object', not {type_!r}"
        return Dropped(draft.place, draft.name, "no schema of an arguments object", problem)
    parameters = {"type": "object", **parameters}
    if not parameters["properties"] and "anyOf" in parameters:
        _merge_alternatives(parameters)
        repairs.setdefault("alternatives merged", "parameters: arguments of several alternatives stand side by side")
    return parameters


def _merge_alternatives(parameters: dict[str, Any]) -> None:
    """Arguments stand in ``properties``: those of all alternatives, required where all require them."""
    branches = [branch for branch in parameters.pop("anyOf") if isinstance(branch.get("properties"), dict)]
    for branch in branches:
        for name, schema in branch["properties"].items():
            parameters["properties"].setdefault(name, schema)
    needed = [set(branch.get("required", ())) for branch in branches]
    shared = set.intersection(*needed) if needed else set()
    required = [name for name in parameters["properties"] if name in shared | set(parameters.get("required", ()))]
    parameters.pop("required", None)
    if required:
        parameters["required"] = required


def _inlined(
    schema: Any, draft: Draft, shelf: Shelf, config: Config, role: Role, room: int, repairs: dict[str, str]
) -> dict[str, Any] | None:
    if schema is None:
        return None
    limits = config.import_
    depth = min(limits.max_depth, config.catalog.max_depth)
    bounds = Limits(max(room, 200), depth, limits.max_field_description, limits.max_enum)
    return inlined(schema, draft.document, shelf, draft.view, role, bounds, repairs.setdefault)
