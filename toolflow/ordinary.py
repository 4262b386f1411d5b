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
_INSIDE = frozenset("by id to tab url of in on my no is it at up ip tv ad all for get set add new and the".split())
"""Words of two or three letters that a run may hold; most others are chance."""
_UNKNOWN = 15
"""What a piece costs that is no word, beside its letters; a known word costs about 6 to 10."""
_TECHNICAL = "user id login webhook url email list search profile".split()
"""Words that are commoner in names of endpoints than in books."""

_SHORT = frozenset(
    "a act ad add age ago aha aim air all am an and any are arm art as ask at bad bag bar bay be bed bet bid big "
    "bit box bus but buy by bye can cap car cat cm cry cup cut d dad day did dig dip do dog don dry due ear eat "
    "eg egg end era eu eye fan far fat fed fee few fit fix fly fog for fun fur gap gas get go got gun guy gym had "
    "has hat he her hey hi hid him his hit hmm hot how hr hub huh i ice ie if ill in ink is it its jam jet job "
    "joy key kg kid kit km lab lap law led leg let lid lie lit ll log lot low m mad man map may me met mid min "
    "mix mm mom mr mrs ms mud mug mum my nah nap nd net new no non nor not now nut odd of off oh oil ok old on "
    "one or ore our out owe own pad pal pan par pay pc pen per pet pie pin pit pm pop pot put ran raw ray rd re "
    "red rib rid rip rob rod row rub rug run s sad sat saw say sea sec see set sew she shy sin sip sir sit six "
    "ski sky so son spa st sub sum t tag tap tax tea ten th the tie tip to toe ton too top toy try tub tv two uk "
    "up urn us use van ve vet via vow vs war was wax way we web wed wet who why win wit woe won wow yep yes yet "
    "you yup zip zoo".split()
)


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
            if before is None or (len(piece) < LEAST_LETTERS and piece not in _INSIDE):
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


def is_word(word: str) -> bool:
    """Whether it is a word, of the common ones if it is short, and in no other letters than English has."""
    folded = fold(word)
    return folded in _SHORT if len(folded) < LEAST_LETTERS else folded.isascii() and is_ordinary(folded)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The words, and their stems."""
    text = (Path(__file__).parent / "encoder_data" / "vocab.txt").read_text(encoding="utf-8")
    words = frozenset(line for line in text.splitlines() if line.isalpha())
    return words, frozenset(map(stem, words))
