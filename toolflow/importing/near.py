"""Tools that say almost the same, found without comparing each with each.

Two tools are near when at least nine in ten of the words of their names, descriptions and parameters are
shared (Jaccard). Candidates are those that agree in a band of their min-hash signatures (Broder 1997); each
is then compared exactly. Ours: 16 bands of 4, which finds a pair at 0.9 with a chance above 0.9999.
"""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from toolflow.importing.report import Near

LEAST = 0.9
BANDS = 16
ROWS = 4
MAX_COMPARED = 5
"""Members of a bucket that each new one is compared with, so that a thousand copies cost a thousand steps."""
MIN_WORDS = 4
"""Tools of fewer words are too short to be called alike."""

_PRIME = (1 << 31) - 1


def near_duplicates(names: Sequence[str], words: Sequence[frozenset[str]]) -> list[Near]:
    """Each tool that is near an earlier one, with that one."""
    rng = np.random.default_rng(0)
    factors = rng.integers(1, _PRIME, BANDS * ROWS, dtype=np.int64)
    shifts = rng.integers(0, _PRIME, BANDS * ROWS, dtype=np.int64)
    buckets: dict[tuple[int, bytes], list[int]] = {}
    found = []
    for index, own in enumerate(words):
        if len(own) < MIN_WORDS:
            continue
        best: Near | None = None
        for earlier in _candidates(buckets, index, _signature(own, factors, shifts)):
            score = len(own & words[earlier]) / len(own | words[earlier])
            if score >= LEAST and (best is None or score > best.score):
                best = Near(names[earlier], names[index], round(score, 3))
        if best is not None:
            found.append(best)
    return found


def _signature(words: frozenset[str], factors: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    hashes = np.array([zlib.crc32(word.encode()) & _PRIME for word in words], dtype=np.int64)
    lowest: np.ndarray = ((hashes[:, None] * factors + shifts) % _PRIME).min(axis=0)
    return lowest


def _candidates(buckets: dict[tuple[int, bytes], list[int]], index: int, signature: np.ndarray) -> Iterator[int]:
    """Earlier tools that agree in a band; this one takes its place among them."""
    seen = set()
    for band in range(BANDS):
        key = (band, signature[band * ROWS : (band + 1) * ROWS].tobytes())
        bucket = buckets.setdefault(key, [])
        for earlier in bucket:
            if earlier not in seen:
                seen.add(earlier)
                yield earlier
        if len(bucket) < MAX_COMPARED:
            bucket.append(index)
