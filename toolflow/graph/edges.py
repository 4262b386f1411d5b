"""Edges between tools as numpy columns, each with the field pairs that caused it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolflow.graph.kinds import Ints
from toolflow.graph.match import ranges
from toolflow.graph.similar import Floats

PP, FORWARD, BACKWARD = 0, 1, 2
"""What a field pair of the edge (a, b), a < b, is: two parameters, a return value of a that feeds b, or one of b."""
FOUND, ASSERTED, CONFIRMED = 0, 1, 2
"""Whose word a field pair is: the rule's, the user's, or the rule's with a model that said yes to it."""

Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Edges:
    """Edges in order of (one, other), and their field pairs in the same order, strongest first within a kind."""

    one: Ints
    other: Ints
    """The greater of the two tool numbers."""
    score: Floats
    """The best score of the edge's field pairs: a cosine, or a flow's score where flows are scored."""
    first: Longs
    """Where the field pairs of each edge begin; one more entry at the end."""
    pair_kind: Bytes
    left: Ints
    """Number of the field of ``one`` …"""
    right: Ints
    """… and of the field of ``other``."""
    pair_score: Floats
    pair_mark: Bytes
    """Whose word a pair is."""

    def take(self, kept: Longs) -> "Edges":
        """These edges alone, in their order."""
        count = np.diff(self.first)[kept]
        pairs = ranges(self.first[kept], count)
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        return Edges(
            self.one[kept], self.other[kept], self.score[kept], first,
            self.pair_kind[pairs], self.left[pairs], self.right[pairs], self.pair_score[pairs],
            self.pair_mark[pairs],
        )  # fmt: skip


class FieldPairs(NamedTuple):
    """Field pairs one by one: columns of one length."""

    one: Ints
    other: Ints
    """The tools, the greater number second."""
    kind: Bytes
    left: Ints
    right: Ints
    score: Floats
    mark: Bytes

    def take(self, rows: Longs) -> "FieldPairs":
        """These alone."""
        return FieldPairs(
            self.one[rows], self.other[rows], self.kind[rows], self.left[rows], self.right[rows],
            self.score[rows], self.mark[rows],
        )  # fmt: skip

    def before(self, more: "FieldPairs") -> "FieldPairs":
        """These, then more."""
        return FieldPairs(
            np.concatenate([self.one, more.one]),
            np.concatenate([self.other, more.other]),
            np.concatenate([self.kind, more.kind]),
            np.concatenate([self.left, more.left]),
            np.concatenate([self.right, more.right]),
            np.concatenate([self.score, more.score]),
            np.concatenate([self.mark, more.mark]),
        )


def pairs_of(edges: Edges) -> FieldPairs:
    """Every field pair, edge by edge."""
    count = np.diff(edges.first)
    return FieldPairs(
        np.repeat(edges.one, count), np.repeat(edges.other, count),
        edges.pair_kind, edges.left, edges.right, edges.pair_score, edges.pair_mark,
    )  # fmt: skip


def edges_of(pairs: FieldPairs) -> Edges:
    """The edges that these pairs make; pairs of one edge and kind stay in their order."""
    if not len(pairs.one):
        return NONE
    pairs = pairs.take(np.lexsort((pairs.kind, pairs.other, pairs.one)))
    starts = np.flatnonzero((np.diff(pairs.one, prepend=-1) != 0) | (np.diff(pairs.other, prepend=-1) != 0))
    return Edges(
        pairs.one[starts],
        pairs.other[starts],
        np.maximum.reduceat(pairs.score, starts),
        np.append(starts, len(pairs.one)).astype(np.int64),
        pairs.kind,
        pairs.left,
        pairs.right,
        pairs.score,
        pairs.mark,
    )


def joined(parts: list[Edges]) -> Edges:
    """The blocks one after the other."""
    before = np.cumsum([0, *(len(part.left) for part in parts)])
    first = [part.first[:-1] + offset for part, offset in zip(parts, before[:-1], strict=True)]
    return Edges(
        np.concatenate([part.one for part in parts]),
        np.concatenate([part.other for part in parts]),
        np.concatenate([part.score for part in parts]),
        np.concatenate([*first, before[-1:]]).astype(np.int64),
        np.concatenate([part.pair_kind for part in parts]),
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.pair_score for part in parts]),
        np.concatenate([part.pair_mark for part in parts]),
    )


NONE = Edges(
    np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32), np.zeros(1, np.int64),
    np.empty(0, np.uint8), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32),
    np.empty(0, np.uint8),
)  # fmt: skip
