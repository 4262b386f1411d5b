"""The import itself: sources in, finished tools with unique names and a report out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolflow.config import Config
from toolflow.errors import CatalogError, OutputError
from toolflow.importing.document import BadLine, Document, documents, suffix
from toolflow.importing.draft import Dropped
from toolflow.importing.finish import Finished, finished
from toolflow.importing.formats import FORMATS, format_named, recognised
from toolflow.importing.names import unique_names
from toolflow.importing.near import near_duplicates
from toolflow.importing.report import FileReport, Report
from toolflow.importing.shelf import Shelf
from toolflow.importing.sources import Source, sources
from toolflow.tool_count import ToolCount

Ask = Callable[[str], Document]
"""Asks the MCP server at an address for its tools; `CatalogError` when it does not answer."""
Progress = Callable[[int, int], None]
"""Told how many of how many sources are read."""


@dataclass(frozen=True)
class Imported:
    """The tools of an import, each with its name, and what happened to the others."""

    tools: list[tuple[str, Finished]]
    report: Report

    def lines(self) -> Iterator[bytes]:
        """The catalog, a tool a line, without line ends."""
        for name, tool in self.tools:
            yield tool.line(name)


def import_tools(
    given: Sequence[str], config: Config, ask: Ask, format_name: str | None = None, progress: Progress | None = None
) -> Imported:
    """Read every source; `CatalogError` when a path is not there or no tool is left.

    ``format_name`` forces the format of every document, else each is recognised.
    """
    if format_name is not None:
        format_named(format_name)
    reading = _Reading(config, ask, format_name)
    found = sources(given)
    for number, source in enumerate(found):
        if progress is not None:
            progress(number, len(found))
        reading.read(source)
    if progress is not None:
        progress(len(found), len(found))
    return reading.imported()


@dataclass
class _Reading:
    config: Config
    ask: Ask
    format_name: str | None
    report: Report = field(default_factory=Report)
    tools: dict[tuple[str, str], Finished] = field(default_factory=dict)
    """By name and definition: equal tools come in once."""
    used: set[Path] = field(default_factory=set)
    """Files that others referred to."""
    reports: dict[str, FileReport] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._count = ToolCount(self.config.catalog.max_tools)

    def read(self, source: Source) -> None:
        """The tools of one file or server; `CatalogError` when there are too many for any catalog."""
        if source.path is not None and suffix(source.path) == ".jsonl":
            self._count.expect_lines(source.path)
        file = FileReport(source.name, source.named)
        self.report.files.append(file)
        self.reports[source.name] = file
        shelf = Shelf(source.root)
        try:
            for document in [self.ask(source.address)] if source.path is None else documents(source.path):
                if isinstance(document, BadLine):
                    file.dropped.append(Dropped(document.name, None, "not valid JSON", document.problem))
                else:
                    self._document(document, shelf, file)
            if source.named and not file.found:
                file.refused = "holds no tools"
        except CatalogError as error:
            if self._count.over:
                raise
            file.refused = str(error)
        self.used |= shelf.used

    def _document(self, document: Document, shelf: Shelf, file: FileReport) -> None:
        shelf.steps = 0
        name = self.format_name or recognised(document.content)
        if name is None:
            problem = f"is of none of the known formats ({', '.join(FORMATS)})"
            if document.path is None or document.name == document.path.name:
                raise CatalogError(f"{problem}; --format NAME forces one")
            file.dropped.append(Dropped(document.name, None, "no known format", problem))
            return
        file.formats[name] = file.formats.get(name, 0) + 1
        self._count.expect(_listed(document.content), file.name)
        for draft in FORMATS[name].read(document, shelf):
            self._count.add(file.name)
            tool = draft if isinstance(draft, Dropped) else finished(draft, shelf, self.config, file.name)
            if isinstance(tool, Dropped):
                file.dropped.append(tool)
                continue
            known = self.tools.setdefault((tool.name, tool.digest), tool)
            if known is not tool:
                problem = f"the same as {known.place} of {known.source}"
                file.dropped.append(Dropped(tool.place, tool.name, "duplicate", problem))
                continue
            file.kept += 1
            file.repaired += bool(tool.repairs)

    def imported(self) -> Imported:
        """Name the tools and look over all of them together."""
        for file in self.report.files:
            if file.refused is not None and not file.formats and Path(file.name).resolve() in self.used:
                file.refused, file.part_of_another = None, True
        tools = list(self.tools.values())
        if not tools:
            raise CatalogError(_nothing(self.report))
        names = unique_names(tools)
        for name, tool in zip(names, tools, strict=True):
            kinds = dict(tool.repairs)
            if name != tool.name:
                kinds["name told apart"] = f"another tool is called {tool.name!r} as well"
                self.reports[tool.source].repaired += not tool.repairs
            if kinds:
                self.report.repairs.update(kinds.keys())
                self.report.repaired.append({"tool": name, "place": tool.place, "repairs": kinds})
        self.report.near = near_duplicates(names, [tool.words for tool in tools])
        return Imported(list(zip(names, tools, strict=True)), self.report)


def _listed(content: Any) -> int:
    """How many tools a document lists, as far as its top shows."""
    if isinstance(content, dict):
        content = content.get("tools")
    return len(content) if isinstance(content, list) else 0


def _nothing(report: Report) -> str:
    """Why no tool is left, in one line."""
    refused = [file for file in report.files if file.refused is not None]
    first = next(report.dropped(), None)
    where = report.files[0].name if len(report.files) == 1 else f"{len(report.files)} files"
    if first is not None:
        file, dropped = first
        count = sum(report.reasons().values())
        return f"{where}: no usable tool; {count} dropped, the first {file.name}: {dropped.place}: {dropped.problem}"
    if refused and len(report.files) == 1:
        return f"{where}: {refused[0].refused}"
    if refused:
        return f"{where}: no usable tool; the first {refused[0].name}: {refused[0].refused}"
    return f"{where}: no usable tool"


def write_catalog(imported: Imported, path: Path) -> None:
    """Write the catalog, whole or not at all; `OutputError` when it cannot be written."""
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            for line in imported.lines():
                file.write(line + b"\n")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
