"""Tools that say almost the same, found without comparing each with each.

Two tools are near when at least nine in ten of the words of their names, descriptions and parameters are
shared (Jaccard). Candidates are those that agree in a band of their min-hash signatures (Broder 1997); each
is then compared exactly. Ours: 16 bands of 4, which finds a pair at 0.9 with a chance above 0.9999.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

LEAST = 0.9
BANDS = 16
ROWS = 4
MAX_COMPARED = 5
"""Tools of a bucket that each other is compared with, so that a thousand copies cost a thousand steps."""
MIN_WORDS = 4
"""Tools of fewer words are too short to be called alike."""

_PRIME = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Near:
    """Two tools that say almost the same."""

    one: str
    other: str
    score: float
    """Words in common over words of both."""


def hashed(words: Sequence[str]) -> np.ndarray:
    """The words as a sorted array of distinct numbers, which takes a fraction of their memory."""
    return np.unique(np.array([zlib.crc32(word.encode()) & _PRIME for word in words], dtype=np.uint32))


def near_duplicates(names: Sequence[str], words: Sequence[np.ndarray]) -> list[Near]:
    """Each tool that is near an earlier one, with the nearest such one; ``words`` from `hashed`."""
    long = [index for index, own in enumerate(words) if len(own) >= MIN_WORDS]
    best: dict[int, tuple[float, int]] = {}
    for pair in _candidates([words[index] for index in long]):
        one, other = long[pair // len(long)], long[pair % len(long)]
        shared = len(np.intersect1d(words[one], words[other], assume_unique=True))
        score = shared / (len(words[one]) + len(words[other]) - shared)
        if score >= LEAST and score > best.get(other, (0.0, 0))[0]:
            best[other] = (score, one)
    return [Near(names[one], names[other], round(score, 3)) for other, (score, one) in sorted(best.items())]


def _candidates(words: Sequence[np.ndarray]) -> np.ndarray:
    """Pairs of tools, the earlier first, that agree in a band of their signatures; a pair as one number."""
    if not words:
        return np.empty(0, dtype=np.int64)
    rng = np.random.default_rng(0)
    factors = rng.integers(1, _PRIME, BANDS * ROWS, dtype=np.int64)
    shifts = rng.integers(0, _PRIME, BANDS * ROWS, dtype=np.int64)
    mix = rng.integers(1, _PRIME, ROWS, dtype=np.int64)
    signatures = np.empty((len(words), BANDS), dtype=np.int64)
    for index, own in enumerate(words):
        lowest = ((own[:, None].astype(np.int64) * factors + shifts) % _PRIME).min(axis=0)
        signatures[index] = (lowest.reshape(BANDS, ROWS) * mix).sum(axis=1)
    codes = [code for band in range(BANDS) for code in _pairs(signatures[:, band])]
    return np.unique(np.concatenate(codes)) if codes else np.empty(0, dtype=np.int64)


def _pairs(keys: np.ndarray) -> Iterator[np.ndarray]:
    """The first few tools of each key with the others of that key; a pair as one number."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=keys[order[0]] - 1))
    ends = np.append(starts[1:], len(order))
    for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
        bucket = order[start:end]
        for place, earlier in enumerate(bucket[:MAX_COMPARED]):
            yield earlier * len(keys) + bucket[place + 1 :]
