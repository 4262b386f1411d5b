"""Which texts are similar in a large catalog: an inverted index of cells, searched in part (IVF).

All pairs cost the square of the catalog, so past `GraphConfig.exact_texts` only some are looked at. Texts are put
in about 2√n cells, each in the `HOMES` cells whose centres are nearest (k-means over a sample); a text is compared
with what lives in the `PROBED` cells nearest to it. What is found is exact, as in `toolflow.graph.similar`; what is
missed is little (`scripts/bench_scale --recall` measures it). All of this is ours: the paper's catalog is small.

A graph must be the same bytes for whatever number of threads and on whatever processor. Whether the usual libraries
for this (faiss, usearch, hnswlib) can be held to that was not tried. Here it is so by construction: nothing is drawn,
and cells are found on vectors rounded to whole numbers, whose products are exact in float32 in whatever order they are
summed, so the same texts have the same cells everywhere.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from toolflow.config import GraphConfig
from toolflow.graph.similar import Floats, Ints, Pairs, similar_pairs

Longs = npt.NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)

HOMES = 2
"""Cells a text lives in …"""
PROBED = 24
"""… and cells searched for what is similar to it."""
_SAMPLE = 64
"""Texts for each cell that the centres are made from …"""
_ROUNDS = 6
"""… in so many rounds of k-means."""
_LENGTH = 1000
"""Of a rounded vector; the square and every sum below it stay far under 2²⁴, up to which float32 is exact."""
_AT_ONCE = 4096


def find_pairs(
    vectors: Floats,
    rows: Ints,
    columns: Ints,
    threshold: float,
    config: GraphConfig,
    progress: Callable[[int, int], None] | None = None,
) -> Pairs:
    """`similar_pairs`, exact or nearly so as the settings say."""
    large = len(columns) > config.exact_texts
    in_cells = config.search == "approximate" or (config.search == "auto" and large)
    return (similar_pairs_in_cells if in_cells else similar_pairs)(vectors, rows, columns, threshold, progress)


def similar_pairs_in_cells(
    vectors: Floats, rows: Ints, columns: Ints, threshold: float, progress: Callable[[int, int], None] | None = None
) -> Pairs:
    """Nearly all of what `similar_pairs` finds, ordered by row and column.

    With the same ``rows`` and ``columns`` every pair comes in both orders.
    """
    if not len(rows) or not len(columns):
        return similar_pairs(vectors, rows, columns, threshold)
    centres = _centres(vectors, columns)
    homes, probes = _nearest(vectors, columns, centres, HOMES), _nearest(vectors, rows, centres, PROBED)
    parts = []
    for cell in range(len(centres)):
        inside, asking = columns[homes.members(cell)], rows[probes.members(cell)]
        parts.append(similar_pairs(vectors, asking, inside, threshold))
        if progress:
            progress(cell + 1, len(centres))
    row, column, cosine = (np.concatenate(part) for part in zip(*parts, strict=True))
    if np.array_equal(rows, columns):
        row, column, cosine = np.append(row, column), np.append(column, row), np.append(cosine, cosine)
    _, first = np.unique(row.astype(np.int64) * len(vectors) + column, return_index=True)
    return row[first], column[first], cosine[first]


class _Members:
    """For each cell the positions of its texts, ascending."""

    def __init__(self, cell: Ints, cells: int) -> None:
        """``cell``: for each text the cells it belongs to, shape (texts, some)."""
        order = np.argsort(cell.ravel(), kind="stable")
        self._text: Longs = order // cell.shape[1]
        self._first = np.searchsorted(cell.ravel()[order], np.arange(cells + 1))

    def members(self, cell: int) -> Longs:
        """Positions of the texts of one cell."""
        return self._text[self._first[cell] : self._first[cell + 1]]


def _centres(vectors: Floats, texts: Ints) -> Floats:
    """The centres of the cells: spherical k-means over an evenly spread sample, begun from some of it."""
    cells = max(1, min(len(texts), round(2 * np.sqrt(len(texts)))))
    sample = _rounded(vectors[_spread(texts, cells * _SAMPLE)])
    centres = _spread(sample, cells)
    for _round in range(_ROUNDS):
        home = np.concatenate([np.argmax(part @ centres.T, axis=1) for part in _parts(sample)])
        order = np.argsort(home, kind="stable")
        lived_in, first = np.unique(home[order], return_index=True)
        total = np.add.reduceat(sample[order].astype(np.float64), first, axis=0)
        length = np.maximum(np.sqrt((total**2).sum(axis=1, keepdims=True)), 1)
        centres[lived_in] = _rounded(total / length)
    return centres


def _nearest(vectors: Floats, texts: Ints, centres: Floats, count: int) -> _Members:
    """The cells, by their texts, when each text is in the ``count`` cells nearest to it; of equals the first."""
    cells = len(centres)
    count = min(count, cells)
    nearest = []
    for part in _parts(texts):
        products = (_rounded(vectors[part]) @ centres.T).astype(np.int64)
        ranks = np.arange(cells) - products * cells
        nearest.append(np.argpartition(ranks, count - 1, axis=1)[:, :count].astype(np.int32))
    return _Members(np.concatenate(nearest), cells)


def _rounded(vectors: npt.NDArray[np.floating[Any]]) -> Floats:
    whole: Floats = np.rint(vectors * _LENGTH).astype(np.float32)
    return whole


def _spread(rows: npt.NDArray[Number], count: int) -> npt.NDArray[Number]:
    """So many rows, evenly spread; all when there are no more."""
    return rows[np.arange(min(count, len(rows))) * len(rows) // min(count, len(rows))]


def _parts(rows: npt.NDArray[Number]) -> list[npt.NDArray[Number]]:
    return [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
