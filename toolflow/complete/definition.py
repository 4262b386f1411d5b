"""A definition under completion: takes one completion at a time, and only as the importer would leave it.

Whatever it holds passes the checks of an import (depth, size, valid JSON Schema, clean texts) and comes through another
import unchanged, mark included.
"""

import copy
from collections.abc import Iterator
from typing import Any

import orjson

from toolflow.catalog_check import COMPLETED_KEY
from toolflow.complete.lacking import DESCRIPTION, PARAMETERS, RETURNS, described
from toolflow.config import Config
from toolflow.importing.document import Document
from toolflow.importing.draft import Dropped
from toolflow.importing.finish import Finished, finished
from toolflow.importing.listed import draft
from toolflow.importing.shelf import Shelf


class Definition:
    """One tool; ``name`` is its final one."""

    def __init__(self, name: str, tool: Finished, config: Config) -> None:
        self.name = name
        self.tool = tool
        self._config = config
        self.body: dict[str, Any] = orjson.loads(tool.body)
        settled = self._finished(self.body)
        if not isinstance(settled, Dropped):  # as another import would leave it
            self.body = orjson.loads(settled.body)

    @property
    def function(self) -> dict[str, Any]:
        """What a model is shown of it."""
        shown = ("description", "category", "parameters", "returns")
        return {"name": self.name} | {key: self.body[key] for key in shown if self.body.get(key)}

    def add(self, path: str, value: Any) -> None:
        """Write what was lacking under a path, and mark it; ValueError when it cannot stay as it is."""
        body = copy.deepcopy(self.body)
        _write(body, path, value)
        body[COMPLETED_KEY] = [*(mark for mark in body.get(COMPLETED_KEY, ()) if mark != path), path]
        after = self._finished(body)
        if isinstance(after, Dropped):
            raise ValueError(f"{path}: {after.problem}")
        if orjson.loads(after.body) != body:
            raise ValueError(f"{path}: the definition gets too large or too deep by it; be brief")
        self.body, self.tool = body, after

    def _finished(self, body: dict[str, Any]) -> Finished | Dropped:
        """The tool of a body, as an import makes it."""
        place = self.tool.place
        again = draft(body, self.name, place, Document(place, body), None)
        return finished(again, Shelf(None), self._config, self.tool.source)


def _write(body: dict[str, Any], path: str, value: Any) -> None:
    if path == DESCRIPTION:
        body[DESCRIPTION] = value
    elif path == RETURNS:
        body[RETURNS] = {**(body.get(RETURNS) or {}), **value}
    else:
        next(_places(body, path))["description"] = value


def _places(body: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    return (schema for found, _name, schema in described(body[PARAMETERS]) if found == path)
