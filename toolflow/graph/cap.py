"""Keeps the edges that are worth walking, and of those the strongest of each tool (ours; the paper keeps all).

An edge stays when it is strong, that is, does not rest on settings such as a currency alone, and is
among the strongest ``max_degree`` of both its tools. A tool that would be left without any keeps its
best one, so a tool that is the only match of many others may keep more than ``max_degree``.

Better is: a strong edge before a weak one, one with a flow before one without, then the higher cosine, then
more field pairs. Ties are broken by a fixed hash of the two tool numbers, not by the numbers, which
would make hubs of the first tools.
"""

import numpy as np

from toolflow.graph.edges import PP, Edges, Longs
from toolflow.graph.kinds import Bools

_MIX = np.uint64(0x9E3779B97F4A7C15)


def cap(edges: Edges, strong: Bools, max_degree: int | None) -> Edges:
    """The edges that stay, in their order; ``strong`` says so for each edge."""
    if not len(edges.one) or (max_degree is None and strong.all()):
        return edges
    rank = _rank_at_tools(edges, strong)
    kept = strong if max_degree is None else strong & (rank < max_degree).all(axis=0)
    served = np.zeros(int(edges.other.max()) + 1, bool)
    served[edges.one[kept]] = served[edges.other[kept]] = True
    best = (rank == 0) & ~served[np.stack([edges.one, edges.other])]
    return edges.take(np.flatnonzero(kept | best.any(axis=0)))


def contenders(edges: Edges, strong: Bools, max_degree: int) -> Longs:
    """The edges that `cap` can still keep, or count, whatever edges come to them."""
    return np.flatnonzero((_rank_at_tools(edges, strong) < max_degree).any(axis=0))


def _rank_at_tools(edges: Edges, strong: Bools) -> Longs:
    """How many better edges each edge meets at its one end and at its other end, shape (2, edges)."""
    count = len(edges.one)
    tool = np.concatenate([edges.one, edges.other])
    place = np.empty(count, np.int64)
    place[_best_first(edges, strong)] = np.arange(count)
    order = np.lexsort((np.tile(place, 2), tool))
    starts = np.searchsorted(tool[order], np.arange(int(tool.max()) + 1))
    rank = np.empty(2 * count, np.int64)
    rank[order] = np.arange(2 * count) - starts[tool[order]]
    return rank.reshape(2, count)


def _best_first(edges: Edges, strong: Bools) -> Longs:
    flows = np.add.reduceat((edges.pair_kind != PP).astype(np.int64), edges.first[:-1])
    pairs = np.diff(edges.first)
    mixed = (edges.one.astype(np.uint64) << np.uint64(32) | edges.other.astype(np.uint64)) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX
    return np.lexsort((mixed, -pairs, -edges.score, flows == 0, ~strong))
