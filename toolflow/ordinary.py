"""Ordinary words: those that an English reader knows, in any inflection.

The list is the vocabulary that ships with the encoder (30,522 entries, its whole words); a word that it lacks may
be a name, another language, or the babble of a model that was made to write letters where it wanted to write a
number. It knows no sentences. Ours: English alone, like `toolflow.surface`.
"""

from functools import lru_cache
from pathlib import Path

from toolflow.heard import fold, stem

LEAST_LETTERS = 4
"""Shorter ones are not looked up."""


def is_ordinary(word: str) -> bool:
    """Whether it is a word, or too short to tell."""
    folded = fold(word)
    return len(folded) < LEAST_LETTERS or folded in _vocabulary()[0] or stem(folded) in _vocabulary()[1]


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The words, and their stems."""
    text = (Path(__file__).parent / "encoder_data" / "vocab.txt").read_text(encoding="utf-8")
    words = frozenset(line for line in text.splitlines() if line.isalpha())
    return words, frozenset(map(stem, words))
