"""An encoder for tests: each text's vector is drawn from its own hash, and it remembers what it was shown."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt


class FakeEncoder:
    """Few dimensions, so that random texts are often similar."""

    name = "fake"

    def __init__(self, size: int = 3) -> None:
        self.size = size
        self.seen: list[str] = []

    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.seen += texts
        if progress:
            progress(len(texts), len(texts))
        return np.array([self.vector(text) for text in texts], np.float32).reshape(len(texts), self.size)

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=self.size)
        return (vector / np.linalg.norm(vector)).astype(np.float32)
