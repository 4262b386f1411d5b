"""What of a sentence must outlive its rewording: numbers, days, times, names, codes, quotations, in order.

A sentence is read twice over. First for the values that are known to stand behind it (arguments, results), in every
form that `toolflow.surface` knows; then for whatever else looks like a value: digits and spelled numbers, names of
days, words with a capital, codes, addresses. `compared` holds a rewording against these marks: which are lost, which
are new, which have changed places. It knows no speakers and no grammar. Ours, all of it; English, like the surface.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from toolflow.heard import STOP_WORDS, fold, places
from toolflow.ordinary import is_ordinary
from toolflow.surface import Part, parts, spelled

LEAST_LETTERS = 2
"""A shorter text is not looked for."""

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_ORDINAL = re.compile(rf"(?:{'|'.join(_ORDINALS)}|\d+(?:st|nd|rd|th))\b")
_SPELLED = {spelled(number): number for number in range(2, 100)}
_QUOTED = re.compile(r'"[^"]{1,2000}"')
_ADDRESS = re.compile(r"[^\s\"<>()]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"<>()]+[^\s\"<>().,;!?]")
_CODE = re.compile(r"(?<![\w-])(?=[\w-]{0,60}\d)(?=\d{0,60}-|[\w-]{0,60}[A-Za-z])\w[\w-]*(?![\w-])")
_MEASURE = re.compile(r"\d+(?:st|nd|rd|th|[ap]m|[a-z]{1,4})?")
_NUMBER = re.compile(
    r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,30})?|"
    rf"\b(?:{'|'.join(sorted(_SPELLED, key=len, reverse=True))}|{'|'.join(_ORDINALS)})\b"
)
_DAY = re.compile(
    r"\b(?:january|february|march|april|may(?= \d)|(?<=\d )may|(?<=of )may|june|july|august|september|october|november"
    r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tonight|tomorrow|overmorrow|yesterday"
    r"|(?:this|next|last) (?:week|month|year|weekend)|weekend|midnight|noon|[€$£¥])(?!\w)"
)
_CAPITAL = re.compile(r"(?<![\w'])°?[A-Z][\w'&-]*")
_STARTS = re.compile(r"(?:\A|[.!?:;]|\")\W*\Z")
_OURS = frozenset("i i'm i'd i'll i've id ids ok okay hi hello hey thanks please".split())


@dataclass(frozen=True, slots=True)
class Known:
    """A value that may stand behind a sentence."""

    group: str
    """Values of one group can be taken for each other: two cities, two prices."""
    value: Any


@dataclass(frozen=True, slots=True)
class Mark:
    """One value in a sentence."""

    said: str
    """As the sentence has it."""
    at: int
    group: str
    part: Part
    """The forms that mean the same."""
    times: int = 1
    """How often it is said."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A rewording beside its sentence."""

    lost: list[Mark]
    new: list[Mark]
    repeated: list[Mark]
    """Said more often than they were."""
    moved: tuple[Mark, Mark] | None
    """Two that can be taken for each other, and have changed places."""


def marks(text: str, known: Sequence[Known], today: date | None) -> list[Mark]:
    """The values of a sentence, in order."""
    page = _Page(text)
    found = [*page.quoted(), *page.known(known, today), *page.looking_like_values(today)]
    return sorted(found, key=lambda mark: mark.at)


def compared(sentence: str, before: Sequence[Mark], text: str, today: date | None, *, exact: bool = False) -> Compared:
    """What has become of a sentence's marks in another wording of it; a word of its own in capitals is no new name.

    ``exact``, a value that was said several times is lost unless it is said as often: a list tells each thing's own.
    """
    page = _Page(text)
    words = {word for word in re.findall(r"[^\W\d_]+", fold(sentence)) if word.isalpha()}
    at: dict[int, int] = {}
    repeated: list[Mark] = []
    for number, mark in sorted(enumerate(before), key=lambda pair: (-len(pair[1].said), pair[0])):
        if found := page.take(mark, every=mark.group != "number"):
            at[number] = min(found)
            if exact and mark.group != "number" and len(found) < mark.times:
                del at[number]
            least = sum(other.times for other in before if other.part == mark.part)
            repeated += [mark] if len(found) > least else []
    lost = [mark for number, mark in enumerate(before) if number not in at]
    kept = sorted(at)
    moved = next(
        (
            (before[one], before[other])
            for number, one in enumerate(kept)
            for other in kept[number + 1 :]
            if before[one].group == before[other].group
            and at[one] > at[other]
            and before[one].part != before[other].part
        ),
        None,
    )
    new = [mark for mark in page.looking_like_values(today) if fold(mark.said).partition("'")[0] not in words]
    return Compared(lost, new, repeated, moved)


class _Page:
    """A text of which parts are read and crossed out."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        plain = " ".join(text.split())
        # capitals are looked for in the text itself where folding has moved no letter
        self.plain = plain if len(plain) == len(self.folded) else self.folded
        self.free = [True] * len(self.folded)

    def take(self, mark: Mark, *, every: bool) -> list[int]:
        """Cross out where a mark stands, the first place or all; where."""
        found: list[int] = []
        for form in sorted({fold(form) for form in mark.part.forms}, key=len, reverse=True):
            for start, end in self._places(form, mark.part.year):
                if every or not found:
                    self._cross_out(start, end)
                    found.append(start)
        return found

    def quoted(self) -> Iterator[Mark]:
        """What stands in quotation marks, as a whole."""
        for found in _QUOTED.finditer(self.folded):
            self._cross_out(*found.span())
            inner = self.plain[slice(*found.span())].strip('"“”').rstrip(".,")
            yield Mark(inner, found.start() + 1, "quotation", Part((inner,)))

    def known(self, known: Sequence[Known], today: date | None) -> list[Mark]:
        """Values that are known, the longest form first."""
        wanted = [
            (fold(form), part, value.group)
            for value in dict.fromkeys(known)
            if isinstance(value.value, str)
            for part in parts(value.value, today)
            for form in part.forms
        ]
        found: dict[Part, Mark] = {}
        for form, part, group in sorted(wanted, key=lambda one: -len(one[0])):
            if len(form) < LEAST_LETTERS or form in STOP_WORDS or form.isdecimal():
                continue
            for start, end in self._places(form, part.year):
                self._cross_out(start, end)
                mark = Mark(self.plain[start:end], start, "day" if part.year else group, part)
                before = found.get(part, mark)
                times = before.times + (part in found)
                found[part] = replace(min(mark, before, key=lambda one: one.at), times=times)
        return list(found.values())

    def looking_like_values(self, today: date | None) -> Iterator[Mark]:
        """Whatever else may be a value."""
        for start, end in self._matches(_ADDRESS, self.folded):
            yield self._mark(start, end, "address", today)
        for start, end in self._matches(_CODE, self.folded):
            if not _MEASURE.fullmatch(self.folded[start:end]):
                yield self._mark(start, end, "code", today)
        for start, end in self._matches(_NUMBER, self.folded):
            yield self._number(start, end)
        for start, end in self._matches(_DAY, self.folded):
            yield self._mark(start, end, "day", today)
        for start, end in self._matches(_CAPITAL, self.plain):
            word = self.folded[start:end]
            begins = _STARTS.search(self.plain[max(0, start - 4) : start]) is not None
            if word not in _OURS and not (begins and is_ordinary(word.partition("'")[0])):
                yield self._mark(start, end, "name", today)

    def _matches(self, pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
        for found in pattern.finditer(text):
            if all(self.free[found.start() : found.end()]):
                self._cross_out(*found.span())
                yield found.span()

    def _mark(self, start: int, end: int, group: str, today: date | None) -> Mark:
        said = self.plain[start:end]
        return Mark(said, start, group, parts(said.removesuffix("'s"), today)[0])

    def _number(self, start: int, end: int) -> Mark:
        """A number in digits or words, and whether it counts or orders."""
        said = self.folded[start:end]
        ordinal = _ORDINAL.match(self.folded, start)
        if ordinal is not None:
            digits = re.match(r"\d+", said)
            number = int(digits[0]) if digits else _ORDINALS.index(said) + 1
        value: Any = number if ordinal else _SPELLED.get(said) or Decimal(said.replace(",", ""))
        value = int(value) if value == int(value) else float(value)
        forms = parts(value, None)[0].forms
        return Mark(
            said,
            start,
            "number",
            Part(tuple(form for form in forms if bool(_ORDINAL.fullmatch(form)) == bool(ordinal))),
        )

    def _places(self, form: str, year: int | None) -> list[tuple[int, int]]:
        """Where a form stands that was not crossed out."""
        return [place for place in places(self.folded, form, year) if all(self.free[slice(*place)])]

    def _cross_out(self, start: int, end: int) -> None:
        self.free[start:end] = [False] * (end - start)


def known_in(value: Any, group: str = "") -> Iterator[Known]:
    """Every text in a JSON value; names can be taken for each other, other texts for those of the same field."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from known_in(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from known_in(item, group)
    elif isinstance(value, str) and value:
        yield Known(group if value.islower() else "name", value)
