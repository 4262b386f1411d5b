"""Approximate search: what is found is exact, nearly all is found, and the same everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolflow.config import GraphConfig
from toolflow.graph import cells
from toolflow.graph.cells import find_pairs, similar_pairs_in_cells
from toolflow.graph.similar import Floats, Ints, Pairs, similar_pairs


def texts_around(topics: int, texts: int, size: int = 32, seed: int = 0) -> Floats:
    """Unit vectors of texts, each near one of so many topics."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(topics, size))[random.integers(topics, size=texts)]
    vectors = vectors + 0.6 * random.normal(size=(texts, size))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def numbers(*bounds: int) -> Ints:
    """A range as a column."""
    return np.arange(*bounds, dtype=np.int32)


def as_dict(pairs: Pairs) -> dict[tuple[int, int], float]:
    """Cosine by pair; none may come twice."""
    found = {(one, other): cosine for one, other, cosine in zip(*(column.tolist() for column in pairs), strict=True)}
    assert len(found) == len(pairs[0]), "a pair came twice"
    return found


@settings(max_examples=30)
@given(st.integers(1, 12), st.integers(0, 600), st.integers(0, 600), st.sampled_from([0.3, 0.6, 0.82]))
def test_what_is_found_is_exact(topics, rows, columns, threshold):
    """Every pair found is one of the exact search, with its cosine, and comes once."""
    vectors = texts_around(topics, rows + columns)
    sides = numbers(rows), numbers(rows, rows + columns)
    found, exact = (as_dict(search(vectors, *sides, threshold)) for search in (similar_pairs_in_cells, similar_pairs))
    assert found.items() <= exact.items()


@settings(max_examples=30)
@given(st.integers(1, 140), st.integers(1, 12))
def test_few_texts_are_searched_in_full(texts, topics):
    """As long as every cell is searched, nothing is missed."""
    vectors, all_ = texts_around(topics, texts), numbers(texts)
    assert as_dict(similar_pairs_in_cells(vectors, all_, all_, 0.5)) == as_dict(similar_pairs(vectors, all_, all_, 0.5))


@pytest.mark.parametrize("threshold", [0.5, 0.82])
def test_nearly_all_is_found(threshold):
    """Of many texts in many topics at least 98 %, although less than half of all pairs is looked at."""
    vectors = texts_around(400, 8000)
    rows, columns = numbers(3000), numbers(3000, 8000)
    found, exact = (
        similar_pairs_in_cells(vectors, rows, columns, threshold),
        similar_pairs(vectors, rows, columns, threshold),
    )
    assert len(exact[0]) > 1000
    assert len(found[0]) >= 0.98 * len(exact[0])
    assert 2 * np.sqrt(len(columns)) > 2 * cells.HOMES * cells.PROBED


def test_both_orders():
    """Among the same texts a pair that is found is found from both sides."""
    vectors, all_ = texts_around(300, 3000), numbers(3000)
    found = as_dict(similar_pairs_in_cells(vectors, all_, all_, 0.6))
    assert len(found) > 3000
    assert {(other, one): cosine for (one, other), cosine in found.items()} == found


def test_order_of_sums_does_not_matter():
    """Products summed in another order, as other processors and numbers of threads do, make the same cells."""
    vectors, all_ = texts_around(300, 3000), numbers(3000)
    shuffled = np.ascontiguousarray(vectors[:, np.random.default_rng(1).permutation(vectors.shape[1])])
    found, again = (similar_pairs_in_cells(each, all_, all_, 0.4) for each in (vectors, shuffled))
    assert np.array_equal(found[0], again[0])
    assert np.array_equal(found[1], again[1])


@pytest.mark.parametrize(
    ("search", "exact_texts", "exact"),
    [("auto", 3000, True), ("auto", 2999, False), ("exact", 1, True), ("approximate", 9999, False)],
)
def test_size_decides_unless_settings_do(search, exact_texts, exact):
    """``auto`` is exact up to the size in the settings."""
    vectors, all_ = texts_around(300, 3000), numbers(3000)
    asked: list[int] = []
    config = GraphConfig(search=search, exact_texts=exact_texts)
    find_pairs(vectors, all_, all_, 0.9, config, lambda _done, total: asked.append(total))
    assert (asked[-1] == len(all_)) == exact
