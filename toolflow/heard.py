"""A growing text in which values are looked for as whole words, and numbers as numbers.

Folding makes "Zürich", "ZURICH" and "zurich" alike. A form counts as found only between word boundaries:
``1`` is not in ``2021-09-11``, ``May 1`` is not in ``May 14`` nor, when a year is known, in "May 1, 2020".
It knows no JSON, no speakers and no schema.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from toolflow.effort import Effort
from toolflow.surface import Part, spelled

_SMALL = {spelled(number): number for number in range(60, -1, -1)} | {"couple of": 2}
_SAME = str.maketrans(dict.fromkeys("‘’ʼ´", "'") | dict.fromkeys("“”", '"') | dict.fromkeys("‐‑‒–—−", "-"))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_ISO_TIME = re.compile(r"(\d{4}-\d\d-\d\d)t(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(z|[+-]\d\d:?\d\d)?")
_OVERMORROW = (("day after tomorrow", "overmorrow"), ("day before yesterday", "ereyesterday"))
"""One word each, so that "tomorrow" is not found in "the day after tomorrow"."""
_NUMBER = re.compile(
    r"(?<!\w)(?<!\d[.:/-])((?:(?<![^\s(\[:=])-)?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,30})?)(?![.:/-]?\d)"
    r"(?: ?(k|thousand|million|billion|m|bn|b|%|percent|per cent)(?!\w))?"
)
_DURATION = re.compile(
    rf"(?<![\w.])(\d{{1,4}}(?:\.\d{{1,2}})?|half an?|an?|{'|'.join(_SMALL)})[ -]?(and a half[ -])?"
    r"(seconds?|secs?|minutes?|mins?|hours?|hrs?|nights?|days?|weeks?)\b"
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "n": 86_400, "d": 86_400, "w": 604_800}
"""Seconds in a unit of time, by its first letter."""
_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "b": 9, "bn": 9, "billion": 9,
           "%": -2, "percent": -2, "per cent": -2}  # fmt: skip
_OPENS = ("[", "(", "{", "=")
_WORD = re.compile(r"\w+")
_CODE = re.compile(r"\w+(?:[-.:/@]\w+)*")
_PLAIN_WORD = re.compile(r"[a-z0-9_]+")
_LETTERS = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"\b[A-Z]{2,5}\b")
_FOLLOWS = re.compile(r"(?: of\b)?,? ?(?:(of\b)|(\d{4})\b)")
_IDEOGRAPHS = "\u2e80"
"""From here on scripts put no spaces between words."""
_AGREES = re.compile(
    r"(?:ja|oui|si|sim|tak|igen|ano|evet|да|так|ναι|はい|是的|好的|네)(?=\s*(?:[,.!;、，。！]|$))|"
    r"(?:(?:oh|ah|um|hmm|well|and|so|great|perfect|thanks|thank you|alright|cool|nice)\W+)*"
    r"(?:y(?:es|ep|eah|up|a|eap)|sure|ok|okay|k|correct|right|exactly|absolutely|definitely|certainly|indeed"
    r"|of course|affirmative|agreed|perfect|great|good|fine|wonderful|awesome|cool|excellent|nice|please"
    r"|alright|all right|sounds|looks|works|go ahead|go for it|do it|do that|book it|let'?s|why not|i agree"
    r"|i confirm|confirmed|i'?ll take|i'?d (?:like|love) (?:that|it)|i would (?:like|love) (?:that|it)"
    r"|(?:that|this|it|all|everything|they)(?:'s| is| are|s|'ll| will| would)?\W+(?:be |all |just |very |quite "
    r"|absolutely |exactly |totally )*(?:right|correct|good|great|fine|perfect|ok|okay|works?|sounds|looks|fits"
    r"|suits|do|nice|what i))\b"
)  # fmt: skip
WORDS_TOO = frozenset(
    "al all am an ar art as at be by can car co de del den do fin for gas hi id if in is it la las le ma may me mad "
    "min mo my net no of off on or ord out pa par per ran red san sea see set sin so sun the to try up us ut we".split()
)
"""Country, state, currency and airport codes, lower case, that a text may hold without meaning them."""
STOP_WORDS = frozenset(
    "a an and are as at be by for from has have i in is it its me my of on or our so that the their them "
    "this to us was we were will with you your please".split()
)
_ENDINGS = ("ings", "ing", "ies", "ied", "ie", "ed", "ers", "es", "er", "ly", "s", "e", "y")


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Lower case, no accents, plain quotes and dashes, single spaces."""
    if not text.isascii():
        text = _FOREIGN.sub(lambda letters: _plain(letters[0]), text.replace("`", "'"))
    text = " ".join(text.casefold().split())
    for phrase, word in _OVERMORROW:
        text = text.replace(phrase, word)
    return _ISO_TIME.sub(r"\1 \2 \3", text) if ":" in text else text


@lru_cache(maxsize=1_024)
def _plain(letters: str) -> str:
    """Letters beyond ASCII, as many as stand together, without accents; quotes and dashes as ASCII has them."""
    decomposed = unicodedata.normalize("NFKD", letters.translate(_SAME))
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if not unicodedata.combining(char)))


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """A folded word without its ending: "restaurants" and "restaurant" are alike."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not (ending == "s" and word.endswith("ss")):
            return word[: -len(ending)]
    return word


def content_words(text: str) -> list[str]:
    """The folded words of a text that say something, in order."""
    return [word for word in _LETTERS.findall(fold(text)) if word not in STOP_WORDS]


def agrees(text: str) -> bool:
    """Whether a reply begins by agreeing: "Yes, please", "That works for me", "Ja, bitte"."""
    return _AGREES.match(fold(text)) is not None


_BREAK = "\0"
"""Between what was said apart: neither space nor letter, so that nothing is read across it."""


class Heard:
    """What one kind of speaker has brought up so far."""

    def __init__(self, effort: Effort | None = None) -> None:
        """Looking costs steps of ``effort``, which several may share: `TooMuchWork` when they are spent."""
        self._effort = effort or Effort()
        self._pieces: list[str] = []
        self._told: set[str] = set()
        self._told_up_to = 0
        self._later: list[Iterable[str]] = []
        self._fresh = 0
        self._text = ""
        self._tokens: set[str] = set()
        self._stems: set[str] = set()
        self._capitals: set[str] = set()
        self._numbers: set[Decimal] = set()
        self._durations: set[int] = set()
        # what was read, but not for stems, capitals and figures, which few ask for
        self._unstemmed: set[str] = set()
        self._uncapitalized: list[str] = []
        self._unfigured: list[str] = []

    def add(self, text: str) -> None:
        """More was said; read when it is asked for."""
        self._pieces.append(text)

    def add_each(self, texts: Iterable[str]) -> None:
        """More was said, piece by piece; they are asked for when they are needed."""
        self._later.append(texts)

    def was_told(self, text: str) -> bool:
        """Whether just this text was added."""
        self._collect()
        if self._told_up_to < len(self._pieces):
            self._told.update(self._pieces[self._told_up_to :])
            self._told_up_to = len(self._pieces)
        return text in self._told

    def _collect(self) -> None:
        for texts in self._later:
            self._pieces.extend(texts)
        self._later.clear()

    def _read(self) -> None:
        self._collect()
        if self._fresh == len(self._pieces):
            return
        fresh = self._pieces[self._fresh :]
        folded = _BREAK.join(map(fold, fresh))
        self._text += _BREAK + folded
        tokens = set(_WORD.findall(folded))
        if not folded.isascii():  # where no space parts them: "Romeのホテル"
            tokens.update(_PLAIN_WORD.findall(folded))
        self._unstemmed |= tokens - self._tokens
        self._tokens |= tokens
        self._uncapitalized += fresh
        self._unfigured.append(folded)
        self._fresh = len(self._pieces)

    def _read_figures(self) -> None:
        self._read()
        for folded in self._unfigured:
            for match in _NUMBER.finditer(folded):
                number = Decimal(match[1].replace(",", ""))
                self._numbers.add(number)
                if "," in match[1] and folded[match.start() - 1 : match.start()] in _OPENS:  # a list: [200,300,400]
                    self._numbers.update(map(Decimal, match[1].split(",")))
                if match[2]:
                    self._numbers.add(number.scaleb(_SCALES[match[2]]))
            for match in _DURATION.finditer(folded):
                self._add_duration(match[1], match[2] is not None, match[3])
        self._unfigured = []

    def _add_duration(self, amount: str, and_a_half: bool, unit: str) -> None:
        """ "Half an hour" is 30 minutes and 1,800 seconds as well."""
        if amount.startswith(("half", "a")):
            number = Decimal("0.5" if amount.startswith("half") else 1)
        else:
            number = Decimal(_SMALL[amount]) if amount in _SMALL else Decimal(amount)
        seconds = (number + (Decimal("0.5") if and_a_half else 0)) * _SECONDS[unit[0]]
        self._durations.add(int(seconds))
        self._numbers.update(seconds / size for size in _SECONDS.values() if seconds >= size)

    def words(self) -> set[str]:
        """The words and codes that were said, folded."""
        self._read()
        return set(_CODE.findall(self._text))

    def durations(self) -> set[int]:
        """Spans of time that were mentioned, in seconds."""
        self._read_figures()
        return self._durations

    def has_number(self, number: Decimal) -> bool:
        """Whether the number was written in digits, however grouped or scaled."""
        self._read_figures()
        return number in self._numbers

    def has_stem(self, word: str) -> bool:
        """Whether a folded word occurred in some inflection."""
        self._read()
        self._stems.update(stem(word) for word in _LETTERS.findall(" ".join(self._unstemmed)))
        self._unstemmed = set()
        return stem(word) in self._stems

    def has(self, part: Part) -> bool:
        """Whether any form of the part occurs as whole words."""
        self._read()
        return any(self._occurs(fold(form), part.year) for form in part.forms if self._is_meant(form))

    def _is_meant(self, form: str) -> bool:
        """Codes that are words as well, such as IN, US or SAN, count only in capitals."""
        if not (form.isupper() and form.casefold() in WORDS_TOO):
            return True
        self._capitals.update(_CAPITALS.findall(_BREAK.join(self._uncapitalized)))
        self._uncapitalized = []
        return form in self._capitals

    def _occurs(self, form: str, year: int | None) -> bool:
        if not form:
            return False
        first = _WORD.match(form)
        if first is not None and form.isascii() and first[0] not in self._tokens and form[-1].isascii():
            return False
        self._effort.search(self._text)
        return next(places(self._text, form, year, self._effort), None) is not None


def places(text: str, form: str, year: int | None = None, effort: Effort | None = None) -> Iterator[tuple[int, int]]:
    """Where a folded form stands as whole words in a folded text: begin and end, one after the other.

    ``year`` is that of a day: another one behind the form makes it another day.
    """
    start = text.find(form)
    while start >= 0:
        if effort is not None:
            effort.spend(5)
        end = start + len(form)
        if (
            not _goes_on(text[max(0, start - 2) : start][::-1], form[0])
            and not _goes_on(text[end : end + 2], form[-1])
            and (year is None or not _other_day(text[end : end + 12], form, year))
        ):
            yield start, end
        start = text.find(form, start + 1)


def _goes_on(outside: str, edge: str) -> bool:
    """Whether a word or number that ends in ``edge`` goes on in the characters next to it."""
    if not outside:
        return False
    neighbour = outside[0]
    if (edge.isalnum() or edge == "_") and (neighbour.isalnum() or neighbour == "_"):
        return edge < _IDEOGRAPHS and neighbour < _IDEOGRAPHS
    return edge.isdigit() and neighbour in ".,:/-" and outside[1:2].isdigit()


def _other_day(following: str, form: str, year: int) -> bool:
    """Whether what follows makes it another day: "May 14" in "May 14, 2020", "the 14th" in "the 14th of June"."""
    match = _FOLLOWS.match(following)
    if match is None:
        return False
    if match[1]:
        return form.startswith("the ")
    return int(match[2]) != year
