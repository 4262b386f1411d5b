"""Reads one file into JSON values, within bounds: JSON, JSON lines, YAML, or the text of a Python module.

A file may be gzipped. Whoever wrote it is not trusted: its size, the number of its values and their nesting
are bounded before anything is built of them, and what is too much is said in one line.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from toolflow.errors import CatalogError
from toolflow.importing.yaml_values import yaml_value

MAX_BYTES = 64_000_000
"""A document that has to be read as a whole; one of a tool on each line may be larger."""
MAX_LINES_BYTES = 2**31
MAX_LINE_BYTES = 2**23
MAX_PYTHON_BYTES = 2_000_000
MAX_VALUES = 6_000_000
"""Commas and brackets in a JSON document."""

SUFFIXES = (".json", ".jsonl", ".yaml", ".yml", ".py")
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """What one file holds, one line of it, or what a server answered."""

    name: str
    """For people: the file's name, with the line where it is one of several."""
    content: Any
    """JSON values; the source text of a Python module."""
    path: Path | None = None
    """Where it was read; what it refers to is looked for beside it. None for a server's answer."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no JSON."""

    name: str
    problem: str


def suffix(path: Path) -> str:
    """The suffix that tells the kind of file; ``.gz`` does not."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def documents(path: Path) -> Iterator[Document | BadLine]:
    """The documents of a file: one, or one for each line of JSON lines; `CatalogError` when it cannot be read."""
    if suffix(path) == ".jsonl":
        yield from _lines(path)
        return
    content = read_bytes(path)
    if suffix(path) == ".py":
        if len(content) > MAX_PYTHON_BYTES:
            raise CatalogError(f"larger than {MAX_PYTHON_BYTES:,} bytes, for a Python module; split it")
        yield Document(path.name, decoded(content), path)
        return
    lines = content.split(b"\n", 2)
    if content[:1] == b"{" and len(lines) > 1 and lines[1].lstrip()[:1] == b"{" and _is_json(lines[0]):
        yield from _lines(path)
    else:
        yield Document(path.name, parsed(content, path), path)


def one_document(path: Path) -> Document:
    """A file as one document, for references into it."""
    return Document(path.name, parsed(read_bytes(path), path), path)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked; `CatalogError` when there are too many or they are damaged."""
    try:
        with path.open("rb") as raw:
            stream: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
            content = stream.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise CatalogError("damaged gzip data") from None
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise CatalogError(f"larger than {MAX_BYTES:,} bytes; split it, or give one tool a line as .jsonl")
    return content.removeprefix(_BOM)


def decoded(content: bytes) -> str:
    """The text of bytes that should be UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CatalogError(f"not valid UTF-8 (line {line})") from None


def parsed(content: bytes, path: Path) -> Any:
    """The value of a JSON or YAML document."""
    begins = content[:1000].lstrip()[:1]
    if begins in (b"{", b"[") or suffix(path) == ".json":
        try:
            return _json(content)
        except orjson.JSONDecodeError as error:
            if suffix(path) not in (".yaml", ".yml"):
                raise CatalogError(_no_json(error)) from None
    return yaml_value(content)


def _json(content: bytes) -> Any:
    if content.count(b",") + content.count(b"[") + content.count(b"{") > MAX_VALUES:
        raise CatalogError(f"holds more than {MAX_VALUES:,} values; split it, or give one tool a line as .jsonl")
    return orjson.loads(content)


def _no_json(error: orjson.JSONDecodeError) -> str:
    if "ecursion" in error.msg:
        return "nested too deep"
    return f"not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _lines(path: Path) -> Iterator[Document | BadLine]:
    """One document a line; a line that is none is named and the others stay."""
    total = number = 0
    try:
        with path.open("rb") as raw:
            stream: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
            while line := stream.readline(MAX_LINE_BYTES + 1):
                total += len(line)
                number += 1
                name = f"{path.name}:{number}"
                if total > MAX_LINES_BYTES:
                    raise CatalogError(f"larger than {MAX_LINES_BYTES:,} bytes; split it")
                if len(line) > MAX_LINE_BYTES:
                    raise CatalogError(f"line {number} is longer than {MAX_LINE_BYTES:,} bytes")
                line = (line.removeprefix(_BOM) if number == 1 else line).strip()
                if line:
                    try:
                        yield Document(name, _json(line), path)
                    except orjson.JSONDecodeError as error:
                        yield BadLine(name, _no_json(error))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise CatalogError("damaged gzip data") from None
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}") from None
