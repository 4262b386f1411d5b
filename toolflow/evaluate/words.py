"""How varied texts are: entropy and Distinct-3 as in the paper, and two measures that do not depend on length.

A word is a run of letters and digits (a single letter in scripts without spaces) or a single mark, in lower case.
Entropy and Distinct-3 grow and fall with the amount of text, so that sets are compared on equally many dialogues; MATTR
and the compression ratio may be compared as they are.
"""

import re
import zlib
from collections import Counter, deque
from math import log2

from toolflow.languages import WORD

_WORD = re.compile(rf"{WORD}|[^\w\s]")
WINDOW = 100
"""Words of the moving window of MATTR."""


def words(text: str) -> list[str]:
    """The words and marks of a text, in lower case."""
    return _WORD.findall(text.lower())


class Wording:
    """What turns of one kind of speaker are like; fed turn by turn."""

    def __init__(self) -> None:
        self.turns = 0
        self.words = 0
        self._counts: Counter[str] = Counter()
        self._trigrams: set[tuple[str, str, str]] = set()
        self._trigrams_said = 0
        self._window: deque[str] = deque()
        self._in_window: Counter[str] = Counter()
        self._types = 0
        self._windows = 0
        self._raw = 0
        self._packed = 0
        self._packer = zlib.compressobj(9)
        self._openings: Counter[tuple[str, ...]] = Counter()

    def add(self, text: str) -> None:
        """One turn."""
        said = words(text)
        self.turns += 1
        self.words += sum(word[0].isalnum() for word in said)
        self._counts.update(said)
        trigrams = list(zip(said, said[1:], said[2:], strict=False))
        self._trigrams.update(trigrams)
        self._trigrams_said += len(trigrams)
        self._openings[tuple(said[:3])] += 1
        for word in said:
            self._slide(word)
        content = text.encode(errors="replace") + b"\n"
        self._raw += len(content)
        self._packed += len(self._packer.compress(content))

    def _slide(self, word: str) -> None:
        self._window.append(word)
        self._in_window[word] += 1
        if len(self._window) > WINDOW:
            gone = self._window.popleft()
            self._in_window[gone] -= 1
            if not self._in_window[gone]:
                del self._in_window[gone]
        if len(self._window) == WINDOW:
            self._types += len(self._in_window)
            self._windows += 1

    @property
    def words_per_turn(self) -> float | None:
        """Mean number of words, without marks."""
        return self.words / self.turns if self.turns else None

    @property
    def entropy(self) -> float | None:
        """Shannon entropy of word frequencies, in bits (paper: H)."""
        total = self._counts.total()
        if not total:
            return None
        return -sum(count / total * log2(count / total) for count in self._counts.values())

    @property
    def distinct_3(self) -> float | None:
        """Distinct trigrams within turns by all trigrams (paper: D-3)."""
        return len(self._trigrams) / self._trigrams_said if self._trigrams_said else None

    @property
    def mattr(self) -> float | None:
        """Moving-average type-token ratio over windows of `WINDOW` words (Covington and McFall 2010)."""
        return self._types / (self._windows * WINDOW) if self._windows else None

    @property
    def compression(self) -> float | None:
        """Bytes by bytes after zlib: how much of the text repeats what stood a little before it."""
        return self._raw / (self._packed + len(self._packer.copy().flush())) if self._raw else None

    @property
    def commonest_opening(self) -> float | None:
        """Share of turns that begin with the commonest three words."""
        return self._openings.most_common(1)[0][1] / self.turns if self.turns else None


Round = tuple[str, str]
"""(Request and reply before, request)."""


def rounds(talk: list[tuple[str, str]]) -> list[Round]:
    """One for every user turn but the first, as the paper's SS and EnR want them.

    ``talk`` is a list of (role, text) of user and assistant.
    """
    spoken: list[tuple[str, str]] = []
    for role, text in talk:
        if spoken and spoken[-1][0] == role:
            spoken[-1] = (role, f"{spoken[-1][1]} {text}")
        else:
            spoken.append((role, text))
    found = []
    for position, (role, text) in enumerate(spoken):
        if role == "user" and position >= 2:
            before = " ".join(said for _, said in spoken[position - 2 : position])
            found.append((before, text))
    return found
