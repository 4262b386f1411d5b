"""Reads tools from JSON and JSONL files into a checked, deduplicated catalog.

A file is JSONL (one tool a line) or JSON (one tool, a list of tools, or ``{"tools": […]}``), plain or
gzipped; a folder stands for the tools files in it and below, sorted by path. A tool is OpenAI's format,
wrapped (``{"type": "function", "function": …}``) or bare, with its result's schema under ``returns``,
``results``, ``output_schema`` or ``outputSchema``. Everything in a file is somebody else's text: a
definition that cannot be used is named with its place and left out, and the others stay.

This module finds definitions and settles which of two with one name counts (the first in order of
path and line); `toolflow.catalog_check` says whether one is usable. Nothing is ever fetched.
"""

import gzip
import hashlib
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from toolflow.catalog_check import Problem, Refused, read_tool
from toolflow.config import CatalogConfig
from toolflow.errors import CatalogError
from toolflow.schema import Tool
from toolflow.tool_count import ToolCount

SUFFIXES = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
MAX_FILE_BYTES = 2**31
"""Decompressed size at which a JSONL file is refused …"""
MAX_DOCUMENT_BYTES = 2**26
"""… and a JSON file, which has to be read as a whole."""
MAX_LINE_BYTES = 2**23
"""A longer line is a defect, and is not even parsed."""

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder()
_Stream = io.BufferedIOBase


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with one definition; the definition is not in the catalog."""

    file: str
    line: int | None
    """Where the definition begins, from 1."""
    tool: str | None
    """Its name, where it has one."""
    field: str | None
    """The part at fault, as a path into the definition: ``parameters.properties.city.type``."""
    problem: str
    """What is wrong there, in one line."""
    reason: str
    """The kind of problem, the same words for all of its kind."""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [place, *(part for part in (self.tool, self.field) if part), self.problem]
        return ": ".join(parts)


@dataclass(frozen=True)
class Catalog:
    """Usable tools in the order in which they were read, their names unique."""

    tools: tuple[Tool, ...]
    defects: tuple[Defect, ...] = ()
    skipped: int = 0
    """Definitions that could not be used; each has one or more defects."""
    duplicates: int = 0
    """Definitions dropped because an equal one came before."""

    @cached_property
    def by_name(self) -> dict[str, Tool]:
        """Each tool by its name."""
        return {tool.name: tool for tool in self.tools}

    @cached_property
    def _digest(self) -> str:
        return tools_digest(self.tools)

    def digest(self) -> str:
        """Hash of the tools and their order; where they were read from does not count."""
        return self._digest


def tools_digest(tools: Sequence[Tool]) -> str:
    """``sha256:…`` over all that defines these tools, ``source`` left out."""
    digest = hashlib.sha256()
    for tool in tools:
        digest.update(orjson.dumps([tool.name, tool.description, tool.parameters, tool.returns, tool.category]) + b"\n")
    return f"sha256:{digest.hexdigest()}"


def packaged_tools() -> Path:
    """The folder of the packaged catalog: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "tools"
    return inside if inside.is_dir() else package.parent / "tools"


def read_catalog(paths: Sequence[Path], config: CatalogConfig) -> Catalog:
    """Read files and folders; `CatalogError` when one cannot be read or no tool is left."""
    reading, count = _Reading(config), ToolCount(config.max_tools)
    files = sorted({file for path in paths for file in _files(path)}, key=str)
    for file in files:
        if _by_line(file):
            count.expect_lines(file)
        for found in _definitions(file, count):
            count.add(str(file))
            reading.take(file, found)
    if not reading.tools:
        raise CatalogError(_nothing_left(paths, files, reading.defects))
    return Catalog(tuple(reading.tools.values()), tuple(reading.defects), reading.skipped, reading.duplicates)


def _nothing_left(paths: Sequence[Path], files: Sequence[Path], defects: Sequence[Defect]) -> str:
    where = str(files[0]) if len(files) == 1 else f"{len(files)} files"
    if not files:
        return f"{paths[0] if paths else 'no path'}: holds no tools, for want of a .json or .jsonl file"
    if not defects:
        return f"{where}: holds no tools"
    (problem, count), *_ = Counter(defect.problem for defect in defects).most_common(1)
    first = next(defect for defect in defects if defect.problem == problem)
    return f"{where}: no usable tool; {count} of {len(defects)} defects are like {first}"


@dataclass(frozen=True, slots=True)
class _Found:
    """One definition in a file, or what stood where one should be."""

    line: int | None
    content: Any = None
    problem: Problem | None = None


@dataclass
class _Reading:
    config: CatalogConfig
    tools: dict[str, Tool] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    skipped: int = 0
    duplicates: int = 0

    def take(self, file: Path, found: _Found) -> None:
        """Add a definition to the catalog, or its defects to the list."""
        place = file.name if found.line is None else f"{file.name}:{found.line}"
        if found.problem is not None:
            self._refuse(file, found.line, None, [found.problem])
            return
        outcome = read_tool(found.content, self.config, place)
        if isinstance(outcome, Refused):
            self._refuse(file, found.line, outcome.name, outcome.problems)
            return
        known = self.tools.get(outcome.name)
        if known is None:
            self.tools[outcome.name] = outcome
            self.places[outcome.name] = str(file) if found.line is None else f"{file}:{found.line}"
        elif tools_digest([known]) == tools_digest([outcome]):
            self.duplicates += 1
        else:
            problem = f"another tool of this name stands in {self.places[outcome.name]}; that one is used"
            self._refuse(file, found.line, outcome.name, [Problem("name taken", "name", problem)])

    def _refuse(self, file: Path, line: int | None, name: str | None, problems: Sequence[Problem]) -> None:
        self.skipped += 1
        self.defects.extend(
            Defect(str(file), line, name, problem.field, problem.text, problem.reason) for problem in problems
        )


def _files(path: Path) -> list[Path]:
    """The tools files a path stands for."""
    try:
        if path.is_dir():
            return [file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file()]
        if path.exists():
            return [path]
    except OSError as error:
        raise CatalogError(f"{path}: cannot be read: {error.strerror}") from None
    raise CatalogError(f"{path}: no such file or folder")


def _by_line(file: Path) -> bool:
    return file.name.removesuffix(".gz").endswith(".jsonl")


def _definitions(file: Path, count: ToolCount) -> Iterator[_Found]:
    """Every definition in a file, with its line."""
    try:
        with file.open("rb") as raw:
            stream = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
            yield from _from_lines(file, stream) if _by_line(file) else _from_document(file, stream, count)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise CatalogError(f"{file}: damaged gzip data") from None
    except OSError as error:
        raise CatalogError(f"{file}: cannot be read: {error.strerror}") from None


def _from_lines(file: Path, stream: _Stream) -> Iterator[_Found]:
    """One definition a line; what is no JSON is a problem of its line alone."""
    total = number = 0
    while part := stream.readline(MAX_LINE_BYTES):
        number += 1
        line: bytes | None = part
        while part and not part.endswith(b"\n"):  # too long, or the last line
            total += len(part)
            if total > MAX_FILE_BYTES:
                raise CatalogError(f"{file}: larger than {MAX_FILE_BYTES:,} bytes; split it")
            part = stream.readline(MAX_LINE_BYTES)
            line = None if part else line
        total += len(part)
        if line is None:
            yield _Found(number, problem=_no_json(f"the line is longer than {MAX_LINE_BYTES:,} bytes"))
        elif line := line.removeprefix(_BOM).strip():
            yield _parse(number, line)


def _from_document(file: Path, stream: _Stream, count: ToolCount) -> Iterator[_Found]:
    """A tool, a list of tools or ``{"tools": […]}``; also lines of JSON under the wrong file name."""
    content = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise CatalogError(f"{file}: larger than {MAX_DOCUMENT_BYTES:,} bytes; use JSONL")
    try:
        text = content.removeprefix(_BOM).decode()
        spans = _spans(text)
    except UnicodeDecodeError as error:
        yield _Found(content.count(b"\n", 0, error.start) + 1, problem=_no_json("not valid UTF-8"))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            yield from _from_lines(file, io.BytesIO(content))
        else:
            yield _Found(error.lineno, problem=_no_json(f"{error.msg} (column {error.colno})"))
    except RecursionError:
        yield _Found(1, problem=_no_json("nested too deep"))
    else:
        count.expect(len(spans), str(file))
        line, counted = 1, 0
        for start, end in spans:
            line += text.count("\n", counted, start)
            counted = start
            yield _parse(line, text[start:end].encode())


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each definition of a JSON document begins and ends."""
    value = json.loads(text)
    start = _after_space(text, 0)
    if isinstance(value, list):
        return _item_spans(text, start)
    if not isinstance(value, dict) or not isinstance(value.get("tools"), list) or "name" in value:
        return [(start, len(text.rstrip()))]
    at = start + 1
    while True:  # over the members, to the value of "tools"
        key, at = _DECODER.raw_decode(text, _after_space(text, at))
        at = _after_space(text, _after_space(text, at) + 1)
        if key == "tools":
            return _item_spans(text, at)
        at = _after_space(text, _DECODER.raw_decode(text, at)[1]) + 1


def _item_spans(text: str, at: int) -> list[tuple[int, int]]:
    """Where each item of the list that begins at ``at`` begins and ends."""
    spans = []
    at = _after_space(text, at + 1)
    while text[at] != "]":
        end = _DECODER.raw_decode(text, at)[1]
        spans.append((at, end))
        at = _after_space(text, end)
        if text[at] == ",":
            at = _after_space(text, at + 1)
    return spans


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _parse(line: int, content: bytes) -> _Found:
    try:
        return _Found(line, orjson.loads(content))
    except orjson.JSONDecodeError as error:
        return _Found(line, problem=_no_json(f"{error.msg} (column {error.colno})"))


def _no_json(text: str) -> Problem:
    return Problem("not valid JSON", None, f"not valid JSON: {text}")
