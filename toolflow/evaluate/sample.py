"""The sample of a file: drawn by the hash of seed and line, so that it does not depend on the order of lines and is the
same every time, and a smaller sample is part of a larger one.
"""

import hashlib
import heapq
from dataclasses import dataclass

from toolflow.validate.reading import Dialogue

Talk = list[tuple[str, str]]
"""(role, text) of what user and assistant said."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One dialogue of the sample."""

    number: int
    """Its line in the file, from 1."""
    dialogue: Dialogue

    @property
    def talk(self) -> Talk:
        """What is said in it."""
        spoken = (message for message in self.dialogue.messages if message.role in ("user", "assistant"))
        return [(message.role, message.text) for message in spoken if message.text.strip()]


class Sample:
    """Keeps the ``size`` dialogues that the seed ranks first."""

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._seed = seed
        self._kept: list[tuple[int, int, Drawn]] = []

    def offer(self, number: int, line: bytes, dialogue: Dialogue) -> None:
        """One more dialogue of the file."""
        rank = int.from_bytes(hashlib.sha256(f"{self._seed}:".encode() + line).digest()[:8])
        entry = (-rank, -number, Drawn(number, dialogue))
        if len(self._kept) < self._size:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)

    def first(self, size: int) -> list[Drawn]:
        """So many of them at most, in the order of the file."""
        kept = heapq.nlargest(size, self._kept)
        return sorted((drawn for _, _, drawn in kept), key=lambda drawn: drawn.number)
