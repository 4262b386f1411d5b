"""A tool graph as one compressed file: a zip of the tools, the numpy columns and a header.

The same graph gives the same bytes. A full disk or an interruption leaves the old file as it was. Reading
trusts nothing: no pickles, sizes and number ranges are checked, and the header's digest must be that of the content.
"""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import orjson
from pydantic import TypeAdapter

from toolflow.config import GraphConfig
from toolflow.errors import GraphError
from toolflow.graph.edges import BACKWARD, Edges
from toolflow.graph.tool_graph import MARKS, Checks, ToolGraph
from toolflow.graph.whole_file import whole_file
from toolflow.schema import Tool

FORMAT = "toolflow-graph"
VERSION = 3
READABLE = (2, 3)
"""In 2 no field pair had a mark, and no model was asked."""
MAX_BYTES = 2**33
"""Uncompressed size at which a file is refused."""

_COLUMNS = {
    "one": "<i4",
    "other": "<i4",
    "score": "<f4",
    "first": "<i8",
    "pair_kind": "|u1",
    "left": "<i4",
    "right": "<i4",
    "pair_score": "<f4",
    "pair_mark": "|u1",
}
_COMPRESSION = 4
_TIME = (1980, 1, 1, 0, 0, 0)
_DAMAGE = (
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    RuntimeError,
    OverflowError,
    MemoryError,
)
"""What reading a zip, JSON or numpy file raises when it is not what it should be."""


def save_graph(graph: ToolGraph, path: Path) -> None:
    """Write the file, whole or not at all; `OutputError` when that cannot be done."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "digest": graph.digest,
        "encoder": graph.encoder,
        "config": graph.config.model_dump(mode="json"),
        "checks": None if graph.checks is None else graph.checks.as_json(),
    }
    with whole_file(path) as stream:
        _write(graph, header, stream)


def _write(graph: ToolGraph, header: dict[str, Any], stream: IO[bytes]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        _add(archive, "header.json", orjson.dumps(header))
        _add(archive, "tools.jsonl", b"".join(orjson.dumps(tool.model_dump()) + b"\n" for tool in graph.tools))
        _add(archive, "paths.json", orjson.dumps(graph.paths))
        for column, dtype in _COLUMNS.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, getattr(graph.edges, column).astype(dtype), allow_pickle=False)
            _add(archive, f"{column}.npy", content.getvalue())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _TIME)
    member.create_system = 3  # the same on every platform
    archive.writestr(member, content, zipfile.ZIP_DEFLATED, _COMPRESSION)


def load_graph(path: Path) -> ToolGraph:
    """Read a file that `save_graph` wrote; `GraphError` when it is missing, damaged or of another version."""
    again = "build it again with 'toolflow build-graph'"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise GraphError(f"{path}: larger than {MAX_BYTES:,} bytes unpacked")
            header = orjson.loads(archive.read("header.json"))
            if header["format"] != FORMAT:
                raise GraphError(f"{path}: not a tool graph")
            if header["version"] not in READABLE:
                version = str(header["version"])[:20]
                raise GraphError(f"{path}: graph format {version}, this version reads {VERSION}; {again}")
            graph = _read(archive, header)
    except OSError as error:
        raise GraphError(f"{path}: cannot be read: {error.strerror}") from None
    except zipfile.BadZipFile:
        raise GraphError(f"{path}: not a tool graph, or damaged; {again}") from None
    except _DAMAGE:
        raise GraphError(f"{path}: damaged; {again}") from None
    return graph


def _read(archive: zipfile.ZipFile, header: dict[str, Any]) -> ToolGraph:
    """The graph; ValueError (or what a broken archive raises) when something does not fit."""
    tools = tuple(Tool.model_validate(orjson.loads(line)) for line in archive.read("tools.jsonl").splitlines())
    paths = tuple(orjson.loads(archive.read("paths.json")))
    columns = {name: _column(archive, name, dtype) for name, dtype in _COLUMNS.items() if name != "pair_mark"}
    if "pair_mark.npy" in archive.namelist():
        columns["pair_mark"] = _column(archive, "pair_mark", _COLUMNS["pair_mark"])
    else:
        columns["pair_mark"] = np.zeros(len(columns["pair_kind"]), np.uint8)
    edges = Edges(**columns)
    _check(edges, len(tools), len(paths))
    config = GraphConfig.model_validate(header["config"])
    graph = ToolGraph(tools, str(header["encoder"]), config, edges, paths, _checks(header.get("checks")))
    if graph.digest != header["digest"]:
        raise ValueError("the digest does not fit the content")
    return graph


def _column(archive: zipfile.ZipFile, name: str, dtype: str) -> npt.NDArray[Any]:
    column = np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
    if column.ndim != 1 or column.dtype != np.dtype(dtype):
        raise ValueError(f"{name} is not a column of {dtype}")
    return column


def _checks(said: Any) -> Checks | None:
    """What models were asked; ValueError or TypeError when it is none."""
    if said is None:
        return None
    return TypeAdapter(Checks).validate_python(said)


def _check(edges: Edges, tools: int, paths: int) -> None:
    """That every number leads somewhere, so that nothing later can stumble."""
    count, pairs = len(edges.one), len(edges.pair_kind)
    fits = (
        len(edges.other) == len(edges.score) == count
        and len(edges.first) == count + 1
        and len(edges.left) == len(edges.right) == len(edges.pair_score) == len(edges.pair_mark) == pairs
        and edges.first[0] == 0
        and edges.first[-1] == pairs
        and bool((np.diff(edges.first) > 0).all())
        and _within(edges.one, tools)
        and _within(edges.other, tools)
        and bool((edges.one < edges.other).all())
        and bool((np.diff(edges.one.astype(np.int64) * tools + edges.other) > 0).all())
        and _within(edges.left, paths)
        and _within(edges.right, paths)
        and _within(edges.pair_kind, BACKWARD + 1)
        and _within(edges.pair_mark, len(MARKS))
    )
    if not fits:
        raise ValueError("columns do not fit each other")


def _within(column: npt.NDArray[Any], size: int) -> bool:
    return not len(column) or (int(column.min()) >= 0 and int(column.max()) < size)
