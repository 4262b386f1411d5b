"""From tied kinds of field to edges between tools.

Tools are taken in blocks whose expansion into pairs of fields fits a fixed budget, so memory grows with
the edges found and not with the pairs of fields behind them; a text that stands in thousands of tools
costs time only. Where degrees are capped, edges that cannot stay are dropped on the way, so that memory
grows with the tools. An edge keeps its strongest field pairs, at most `TIES_KEPT` of P-P and `FLOWS_KEPT`
of P-R in each direction (ours).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from toolflow.graph.edges import BACKWARD, FORWARD, NONE, PP, Edges, Longs, joined
from toolflow.graph.flow_score import Traits, in_unit
from toolflow.graph.kinds import Bools, Fields, Ints
from toolflow.graph.match import ranges
from toolflow.graph.named_edges import DeniedEdges
from toolflow.graph.similar import Floats, Pairs

TIES_KEPT = 4
FLOWS_KEPT = 8
BUDGET = 4_000_000
"""Field pairs looked at together; about 60 bytes each."""
HELD = 1_000_000
"""Edges from which on those are dropped that cannot stay; about 100 bytes each."""


@dataclass(frozen=True)
class FlowScore:
    """How flows are scored, once their fields are known."""

    known: Traits
    fields: Fields
    least: float
    """A flow that scores no more than this is none."""

    def of(self, value: Longs, parameter: Longs, of_kinds: Floats) -> Floats:
        """The score of each flow from the field ``value`` to the field ``parameter``."""
        return in_unit(of_kinds + self.known.of_fields(self.fields, value, parameter))


def expand(
    fields: Fields,
    alone: Bools,
    tools: int,
    ties: Pairs,
    flows: Pairs,
    flow_score: FlowScore | None = None,
    progress: Callable[[int, int], None] | None = None,
    contenders: Callable[[Edges, Bools], Longs] | None = None,
    denied: DeniedEdges | None = None,
) -> tuple[Edges, Bools]:
    """Every edge between two different tools that ``ties`` (P-P) and ``flows`` (P-R) of kinds make.

    With ``flow_score``, the third column of ``flows`` is what their kinds tell; else a pair's cosine is its score.
    ``alone`` says for each kind whether an edge may rest on it alone; with each edge comes whether one of its field
    pairs is of two such kinds. ``contenders`` says which of the edges found so far may still be wanted at the end;
    the others may be missing. What is ``denied`` is left out.
    """
    kinds = len(alone)
    near = _Neighbours(alone, ties, flows)
    by_kind = np.argsort(fields.kind, kind="stable").astype(np.int32)
    kind_size = np.bincount(fields.kind, minlength=kinds).astype(np.int64)
    kind_first = np.cumsum(kind_size) - kind_size
    fan = np.add.reduceat(np.append(kind_size[near.kind], 0), near.first[:-1]) * (np.diff(near.first) > 0)
    tool_first = np.searchsorted(fields.tool, np.arange(tools + 1)).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(fan[fields.kind])])[tool_first]
    parts = [NONE]
    strong = [np.empty(0, bool)]
    start, most = 0, HELD
    while start < tools:
        stop = max(start + 1, int(np.searchsorted(total, total[start] + BUDGET, "right")) - 1)
        rows = np.arange(tool_first[start], tool_first[stop], dtype=np.int64)
        part, holds = _block(rows, fields, near, by_kind, kind_first, kind_size, tools, flow_score, denied)
        parts.append(part)
        strong.append(holds)
        start = stop
        if contenders and sum(len(part) for part in strong) > most:
            held, holding = joined(parts), np.concatenate(strong)
            kept = contenders(held, holding)
            parts, strong, most = [held.take(kept)], [holding[kept]], max(HELD, 2 * len(kept))
        if progress:
            progress(start, tools)
    return joined(parts), np.concatenate(strong)


class _Neighbours:
    """For each kind the kinds it is tied to, as CSR: ``kind[first[k]:first[k + 1]]``."""

    def __init__(self, alone: Bools, ties: Pairs, flows: Pairs) -> None:
        value, parameter, cosine = flows
        row = np.concatenate([ties[0], value, parameter])
        column = np.concatenate([ties[1], parameter, value])
        score = np.concatenate([ties[2], cosine, cosine])
        label = np.repeat(np.array([PP, FORWARD, BACKWARD], np.uint8), [len(ties[0]), len(value), len(value)])
        order = np.lexsort((column, row))
        self.kind, self.score, self.label = column[order], score[order], label[order]
        self.weak = ~(alone[row] & alone[column])[order]
        self.first = np.searchsorted(row[order], np.arange(len(alone) + 1)).astype(np.int64)


def _block(
    rows: Longs,
    fields: Fields,
    near: _Neighbours,
    by_kind: Ints,
    kind_first: Longs,
    kind_size: Longs,
    tools: int,
    flow_score: FlowScore | None,
    denied: DeniedEdges | None,
) -> tuple[Edges, Bools]:
    """The edges from the tools of these fields to tools of a greater number."""
    kind = fields.kind[rows]
    count = near.first[kind + 1] - near.first[kind]
    left = np.repeat(rows, count)
    entry = ranges(near.first[kind], count)
    size = kind_size[near.kind[entry]]
    right = by_kind[ranges(kind_first[near.kind[entry]], size)]
    left, entry = np.repeat(left, size), np.repeat(entry, size)
    apart = fields.tool[right] > fields.tool[left]
    left, right, entry = left[apart], right[apart], entry[apart]
    if denied is not None:
        stays = ~denied.of(left, right, near.label[entry])
        left, right, entry = left[stays], right[stays], entry[stays]
    label, score = near.label[entry], near.score[entry]
    if flow_score is not None:
        forward, tie = label == FORWARD, label == PP
        value, parameter = np.where(forward, left, right), np.where(forward, right, left)
        score = np.where(tie, score, flow_score.of(value, parameter, score))
        kept = tie | (score > flow_score.least)
        left, right, entry, label, score = left[kept], right[kept], entry[kept], label[kept], score[kept]
    edge = fields.tool[left].astype(np.int64) * tools + fields.tool[right]
    group = edge * 3 + label
    order = np.lexsort((-score, near.weak[entry], group))
    group = group[order]
    kept = order[_rank(group) < np.where(group % 3 == PP, TIES_KEPT, FLOWS_KEPT)]
    if not len(kept):
        return NONE, np.empty(0, bool)
    edge = edge[kept]
    starts = np.flatnonzero(np.diff(edge, prepend=-1))
    best = np.maximum.reduceat(score[kept], starts)
    one, other = np.divmod(edge[starts], tools)
    first = np.append(starts, len(edge)).astype(np.int64)
    strong = np.logical_or.reduceat(~near.weak[entry[kept]], starts)
    edges = Edges(
        one.astype(np.int32),
        other.astype(np.int32),
        best,
        first,
        label[kept],
        left[kept].astype(np.int32),
        right[kept],
        score[kept],
        np.zeros(len(kept), np.uint8),
    )
    return edges, strong


def _rank(group: Longs) -> Longs:
    """The position of each entry within its run of equal values."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    length = np.diff(np.append(starts, len(group)))
    return np.arange(len(group)) - np.repeat(starts, length)
