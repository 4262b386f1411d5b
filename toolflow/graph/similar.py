"""Which texts are similar: cosines of all pairs, by blocked matrix products over distinct texts.

The product in float32 only proposes pairs; the cosine that decides is summed anew in float64, so that
the result depends neither on the size of the blocks nor on the number of threads of the BLAS.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Pairs = tuple[Ints, Ints, Floats]

_ROWS, _COLUMNS = 1024, 8192
_MARGIN = 1e-5
"""How far a float32 product may be from the float64 cosine (seen: 2e-7)."""
_EXACT_AT_ONCE = 16_384


def similar_pairs(
    vectors: Floats, rows: Ints, columns: Ints, threshold: float, progress: Callable[[int, int], None] | None = None
) -> Pairs:
    """(row, column, cosine) of every pair of ``rows`` × ``columns`` with a cosine strictly greater than the threshold.

    ``vectors``: unit rows, one per distinct text; ``rows`` and ``columns``: numbers of texts. A text is
    similar to itself with cosine 1.
    """
    found = list(_blocks(vectors, rows, columns, threshold, progress))
    if not found:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)
    one, other, cosine = zip(*found, strict=True)
    return np.concatenate(one), np.concatenate(other), np.concatenate(cosine)


def _blocks(
    vectors: Floats, rows: Ints, columns: Ints, threshold: float, progress: Callable[[int, int], None] | None
) -> Iterator[Pairs]:
    starts = range(0, len(columns), _COLUMNS)
    right = [np.ascontiguousarray(vectors[columns[start : start + _COLUMNS]].T) for start in starts]
    for top in range(0, len(rows), _ROWS):
        left = vectors[rows[top : top + _ROWS]]
        for number, block in enumerate(right):
            near_row, near_column = np.nonzero(left @ block > threshold - _MARGIN)
            one, other = rows[top + near_row], columns[number * _COLUMNS + near_column]
            cosine = exact_cosines(vectors, one, other)
            kept = cosine > threshold
            yield one[kept], other[kept], cosine[kept].astype(np.float32)
        if progress:
            progress(min(top + _ROWS, len(rows)), len(rows))


def exact_cosines(vectors: Floats, one: Ints, other: Ints) -> npt.NDArray[np.float64]:
    """The cosine of each pair, in float64; exactly 1 for a text with itself."""
    cosine = np.ones(len(one))
    apart = np.flatnonzero(one != other)
    for start in range(0, len(apart), _EXACT_AT_ONCE):
        part = apart[start : start + _EXACT_AT_ONCE]
        products = vectors[one[part]].astype(np.float64) * vectors[other[part]]
        cosine[part] = products.sum(axis=1)
    return cosine
