"""Edges that the settings deny or assert by name, as numbers of fields and tools."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from toolflow.config import GraphConfig
from toolflow.config.naming import EdgeName, FieldName, edge_named, matches
from toolflow.errors import ConfigError
from toolflow.fields import tool_fields
from toolflow.graph.edges import ASSERTED, BACKWARD, FORWARD, PP, Bytes, Edges, FieldPairs, Longs, edges_of, pairs_of
from toolflow.graph.kinds import Bools, Fields, Ints
from toolflow.graph.named import fits, no_field, tools_named
from toolflow.schema import Tool

MAX_ASSERTED = 10_000
"""Field pairs that allowed edges may stand for, in all."""


@dataclass(frozen=True)
class DeniedEdges:
    """Which field pairs make no edge: for each name, which fields stand at its left and which at its right."""

    ends: tuple[tuple[str, Bools, Bools], ...]
    """With the arrow."""

    def of(self, left: Longs, right: Ints, label: Bytes) -> Bools:
        """Whether each pair of fields is denied; ``label`` says what it is, as in `toolflow.graph.edges`.

        ``A -- B`` denies flows as well.
        """
        found = np.zeros(len(left), bool)
        for arrow, one, other in self.ends:
            if arrow == "->":
                found |= (label == FORWARD) & one[left] & other[right] | (label == BACKWARD) & one[right] & other[left]
            else:
                found |= one[left] & other[right] | one[right] & other[left]
        return found


def denied_edges(tools: Sequence[Tool], fields: Fields, config: GraphConfig) -> DeniedEdges | None:
    """The denied edges between these tools, None where none is denied."""
    ends = []
    for text in config.deny.edges:
        edge = edge_named(text)
        one, other = (_rows(tools, fields, end, f"graph.deny.edges: {text}") for end in (edge.left, edge.right))
        ends.append((edge.arrow, one, other))
    return DeniedEdges(tuple(ends)) if ends else None


def with_asserted(edges: Edges, numbers: dict[str, int], tools: Sequence[Tool], config: GraphConfig) -> Edges:
    """The edges and those that the settings assert, which come first, score 1 and are marked.

    ``numbers`` are those of the paths, and grow; `ConfigError` when a name fits none, or they are too many.
    """
    found = dict.fromkeys(_asserted(tools, config))
    if not found:
        return edges
    rows = [
        (one, other, kind, numbers.setdefault(left, len(numbers)), numbers.setdefault(right, len(numbers)))
        for one, other, kind, left, right in found
    ]
    column = np.array(rows, np.int32).T
    said = FieldPairs(
        *(column[0], column[1], column[2].astype(np.uint8), column[3], column[4]),
        np.ones(len(rows), np.float32),
        np.full(len(rows), ASSERTED, np.uint8),
    )
    known, before = set(rows), pairs_of(edges)
    places = zip(
        *(column.tolist() for column in (before.one, before.other, before.kind, before.left, before.right)), strict=True
    )
    others = np.array([at for at, place in enumerate(places) if place not in known], np.int64)
    return edges_of(said.before(before.take(others)))


_Place = tuple[int, int, int, str, str]
"""Two tools, the greater number second, the kind of a pair of their fields, and the paths of these."""


def _asserted(tools: Sequence[Tool], config: GraphConfig) -> Iterator[_Place]:
    """Every field pair that the settings assert."""
    count = 0
    for text in config.allow.edges:
        for place in _pairs(tools, edge_named(text), f"graph.allow.edges: {text}"):
            count += 1
            if count > MAX_ASSERTED:
                raise ConfigError(f"graph.allow.edges: more than {MAX_ASSERTED:,} pairs of fields; name them closer")
            yield place


def _pairs(tools: Sequence[Tool], edge: EdgeName, where: str) -> Iterator[_Place]:
    flow = edge.arrow == "->"
    left = _ends(tools, edge.left, "return" if flow else "parameter", where)
    right = _ends(tools, edge.right, "parameter", where)
    some = False
    for one, path in left:
        for other, parameter in right:
            if one != other:
                some = True
                kind = PP if not flow else FORWARD if one < other else BACKWARD
                yield (one, other, kind, path, parameter) if one < other else (other, one, kind, parameter, path)
    if not some:
        raise ConfigError(f"{where}: both ends are of one tool")


def _ends(tools: Sequence[Tool], name: FieldName, role: str, where: str) -> list[tuple[int, str]]:
    """Tools and paths that an end stands for."""
    tools_named(tools, name.tool, where)
    found = [
        (number, field.path)
        for number, tool in enumerate(tools)
        if matches(tool.name, name.tool)
        for field in tool_fields(tool)
        if field.role == role and fits(field, name)
    ]
    if not found:
        kind = "return value" if role == "return" else "parameter"
        raise ConfigError(f"{where}: {name.tool} has no {kind} {name.path}")
    return found


def _rows(tools: Sequence[Tool], fields: Fields, name: FieldName, where: str) -> Bools:
    """Which fields of the catalog an end of a denied edge stands for."""
    among = tools_named(tools, name.tool, where)
    of_tool = np.array([matches(tool.name, name.tool) for tool in tools], bool)
    rows: Bools = of_tool[fields.tool]
    if name.path is not None:
        for row in np.flatnonzero(rows).tolist():
            rows[row] = matches(fields.path[row], name.path)
        if not rows.any():
            raise ConfigError(f"{where}: {no_field(among, name)}")
    return rows
