"""What the tests of importing share: documents in files, and what becomes of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from toolflow.config import Config
from toolflow.errors import CatalogError
from toolflow.importing import Imported, import_tools
from toolflow.importing.document import Document


def no_server(address: str) -> Document:
    """These tests ask no server."""
    raise AssertionError(address)


def imported(*sources: Path | str, format_name: str | None = None, **limits: Any) -> Imported:
    """An import with the settings given, the others as they are."""
    config = Config.model_validate({"import": limits})
    return import_tools([str(source) for source in sources], config, no_server, format_name)


def outcome(source: Path, format_name: str | None = None) -> Imported | str:
    """An import, or the line that says why there is none."""
    try:
        return imported(source, format_name=format_name)
    except CatalogError as error:
        return str(error)


def tools_of(*sources: Path | str, **settings: Any) -> dict[str, dict[str, Any]]:
    """The imported tools by name."""
    tools = [json.loads(line) for line in imported(*sources, **settings).lines()]
    return {tool["name"]: tool for tool in tools}


class Written:
    """Documents in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, content: Any, name: str = "doc.json") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def tools(self, content: Any, name: str = "doc.json", **settings: Any) -> dict[str, dict[str, Any]]:
        """The tools of one document."""
        return tools_of(self(content, name), **settings)

    def tool(self, content: Any, name: str = "doc.json", **settings: Any) -> dict[str, Any]:
        """The only tool of one document."""
        (tool,) = self.tools(content, name, **settings).values()
        return tool


@pytest.fixture
def write(tmp_path: Path) -> Written:
    """Writes documents for one test."""
    return Written(tmp_path)


def openapi(operation: Any, path: str = "/things/{id}", method: str = "post", **more: Any) -> dict[str, Any]:
    """An OpenAPI document with one operation."""
    info = {"title": "Shop API", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": {path: {method: operation}}, **more}


def function(name: str = "find", description: str = "Finds things.", **properties: Any) -> dict[str, Any]:
    """A tool of OpenAI's format with these parameters."""
    return {"name": name, "description": description, "parameters": {"type": "object", "properties": properties}}


def answer(schema: Any) -> dict[str, Any]:
    """Responses with one JSON body."""
    return {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}
