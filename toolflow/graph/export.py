"""A tool graph in the formats of others: GraphML and GEXF by networkx, DOT and JSONL by hand.

An edge with flows is written once in the direction of each (``kind`` pr); what ties two parameters is written
once, as kind pp, in the order of the catalog. The undirected reading is the same edges without their direction.
Nodes have ``description`` and ``category``, edges ``kind``, ``score`` and ``fields``: the field pairs as a text in
GraphML, GEXF and DOT, as lists in JSONL. Characters that XML cannot hold become U+FFFD there.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal, NamedTuple

import networkx
import orjson

from toolflow.graph.tool_graph import FieldPair, ToolGraph
from toolflow.graph.whole_file import whole_file

Format = Literal["graphml", "gexf", "dot", "jsonl"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Arc(NamedTuple):
    """One edge in one direction."""

    source: str
    target: str
    kind: Literal["pp", "pr"]
    score: float
    fields: list[FieldPair]


def arcs(graph: ToolGraph) -> Iterator[Arc]:
    """Every edge, in the direction of what flows along it; of an edge both ways, two."""
    columns = graph.edges
    for edge in range(len(columns.one)):
        one, other = (graph.tools[ends[edge]].name for ends in (columns.one, columns.other))
        pairs = graph.pairs(edge)
        score = float(columns.score[edge])
        for source, target in ((one, other), (other, one)):
            flowing = [pair for pair in pairs if pair.kind == "pr" and pair.left_tool == source]
            if flowing:
                yield Arc(source, target, "pr", score, flowing)
        if tying := [pair for pair in pairs if pair.kind == "pp"]:
            yield Arc(one, other, "pp", score, tying)


def export_graph(graph: ToolGraph, path: Path, form: Format) -> None:
    """Write the file, whole or not at all; `OutputError` when that cannot be done."""
    with whole_file(path) as stream:
        WRITERS[form](graph, stream)


def _write_jsonl(graph: ToolGraph, stream: IO[bytes]) -> None:
    for arc in arcs(graph):
        fields = [[pair.left, pair.right] for pair in arc.fields]
        stream.write(orjson.dumps(arc._asdict() | {"fields": fields}) + b"\n")


def _write_dot(graph: ToolGraph, stream: IO[bytes]) -> None:
    stream.write(b"digraph tools {\n")
    for tool in graph.tools:
        stream.write(f"  {_quoted(tool.name)} [tooltip={_quoted(tool.description)}];\n".encode(errors="replace"))
    for arc in arcs(graph):
        direction = ", dir=none" if arc.kind == "pp" else ""
        about = f"kind={_quoted(arc.kind)}, score={arc.score:.4f}, tooltip={_quoted(in_words(arc.fields))}{direction}"
        line = f"  {_quoted(arc.source)} -> {_quoted(arc.target)} [{about}];\n"
        stream.write(line.encode(errors="replace"))
    stream.write(b"}\n")


def _quoted(text: str) -> str:
    r"""A DOT string on one line: a quote is ``\"`` there and a backslash ``\\``; control characters become spaces."""
    spelled = "".join(char if char.isprintable() else " " for char in text)
    return '"' + spelled.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write_graphml(graph: ToolGraph, stream: IO[bytes]) -> None:
    networkx.write_graphml_xml(_scalar(graph), stream)


def _write_gexf(graph: ToolGraph, stream: IO[bytes]) -> None:
    networkx.write_gexf(_scalar(graph), stream)


def _scalar(graph: ToolGraph) -> "networkx.MultiDiGraph[str]":
    """The arcs as a graph whose attributes are texts and numbers."""
    plain: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for tool in graph.tools:
        plain.add_node(tool.name, description=_xml(tool.description), category=_xml(tool.category or ""))
    for number, arc in enumerate(arcs(graph)):
        about = {"kind": arc.kind, "score": arc.score, "fields": _xml(in_words(arc.fields))}
        plain.add_edge(arc.source, arc.target, key=number, **about)
    return plain


def in_words(pairs: list[FieldPair]) -> str:
    """Field pairs as one text: ``flight_id → flight_id; city ~ city``."""
    return "; ".join(f"{pair.left} {'→' if pair.kind == 'pr' else '~'} {pair.right}" for pair in pairs)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


WRITERS: dict[Format, Callable[[ToolGraph, IO[bytes]], None]] = {
    "graphml": _write_graphml,
    "gexf": _write_gexf,
    "dot": _write_dot,
    "jsonl": _write_jsonl,
}
