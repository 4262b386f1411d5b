"""Ordinary words: those that an English reader knows, in any inflection.

The list is the vocabulary that ships with the encoder (30,522 entries, its whole words); a word that it lacks may
be a name, another language, or the babble of a model that was made to write letters where it wanted to write a
number. It knows no sentences. Ours: English alone, like `toolflow.surface`.
"""

from functools import lru_cache
from math import log
from pathlib import Path

from toolflow.heard import fold, stem

LEAST_LETTERS = 4
"""Shorter ones are not looked up."""
LEAST_RUN, LONGEST_RUN, LONGEST_WORD = 8, 60, 16
"""Letters of a run that is taken apart, and of a word in it."""
_SHORT = frozenset("by id to tab url of in on my no is it at up ip tv ad all for get set add new and the".split())
"""Words of two or three letters that a run may hold; most others are chance."""
_UNKNOWN = 15
"""What a piece costs that is no word, beside its letters; a known word costs about 6 to 10."""
_TECHNICAL = "user id login webhook url email list search profile".split()
"""Words that are commoner in names of endpoints than in books."""


def is_ordinary(word: str) -> bool:
    """Whether it is a word, or too short to tell."""
    folded = fold(word)
    return len(folded) < LEAST_LETTERS or folded in _vocabulary()[0] or stem(folded) in _vocabulary()[1]


@lru_cache(maxsize=4096)
def segmented(word: str) -> tuple[str, ...]:
    """The words that a run of letters was written together from: ``getuserbyid`` → get, user, by, id.

    The commoner the words and the fewer, the better; a word of its own, and what nothing comes of, stays whole.
    """
    ranks = _ranks()
    if len(word) < LEAST_RUN or len(word) > LONGEST_RUN or word in ranks or not word.isascii() or not word.islower():
        return (word,)
    best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - LONGEST_WORD), end):
            before, piece = best[start], word[start:end]
            rank = ranks.get(piece, ranks.get(stem(piece)))
            if before is None or (len(piece) < LEAST_LETTERS and piece not in _SHORT):
                continue
            cost = before[0] + (log(rank + 500) if rank is not None else _UNKNOWN + len(piece))
            if best[end] is None or cost < best[end][0]:  # type: ignore[index]
                best[end] = cost, (*before[1], piece)
    return found[1] if (found := best[-1]) is not None else (word,)


@lru_cache(maxsize=1)
def _ranks() -> dict[str, int]:
    """Whole words of the vocabulary by their place in it; it begins with the commonest."""
    text = (Path(__file__).parent / "encoder_data" / "vocab.txt").read_text(encoding="utf-8")
    words = (line for line in text.splitlines() if line.isascii() and line.isalpha())
    return {word: rank for rank, word in enumerate(words)} | dict.fromkeys(_TECHNICAL, 0)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The words, and their stems."""
    text = (Path(__file__).parent / "encoder_data" / "vocab.txt").read_text(encoding="utf-8")
    words = frozenset(line for line in text.splitlines() if line.isalpha())
    return words, frozenset(map(stem, words))
