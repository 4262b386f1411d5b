"""What a text claims: figures (days, times, codes, numbers), alike however they are written.

"4 September", "Sept 4, 2026" and ``2026-09-04T09:00`` claim the same day. `claims` reads them off a text; `Known`
collects those that were brought up and says whether another one follows from them: a rounded number, minutes as
hours, how many there are in a list. Ours, all of it; English, like `toolflow.surface`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from toolflow.effort import Effort
from toolflow.heard import Heard, fold
from toolflow.surface import as_decimal, spelled
from toolflow.surface.dates import as_numeric_dates

MAX_DIGITS = 18
BRIEF = 40
"""Characters of a text that may well come again: a value of a result."""
MANY = 200
"""Texts that are read all at once rather than looked through for each claim."""
_MONTHS = {name: number for number, name in enumerate(
    "jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_CLAIM = re.compile(
    rf"(?P<link>https?://[^\s)>\]\"']{{1,500}}|[\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,5}})"
    rf"|(?<![\w.])(?P<iso>\d{{4}}-\d\d-\d\d)(?![\w-])"
    rf"|(?<![\w.])(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b\.?(?:,? (?P<year>\d{{4}})\b)?"
    rf"|\b(?P<month2>{_MONTH})\.? (?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]|\.\d)"
    rf"(?:,? (?P<year2>\d{{4}})\b)?"
    rf"|(?<![\w.:])(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::\d\d(?:\.\d{{1,9}})?)?(?: ?(?P<half>[ap])\.?m\b)?(?![\d:])"
    rf"|(?<![\w.:])(?P<hour2>\d{{1,2}}) ?(?P<half2>[ap])\.?m\b"
    rf"|(?<![\w.:])(?P<hour3>\d{{1,2}})(?= (?:to|until|and|or) \d{{1,2}}(?::\d\d)? ?[ap]\.?m\b)"
    rf"|(?<![\w.,])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,12}})?|\d{{1,{MAX_DIGITS}}}(?:\.\d{{1,12}})?)"
    rf"(?: ?(?P<scale>thousand|million|billion|bn|k|percent|per cent|%)(?![a-z]))?"
    rf"(?:[- ]?(?P<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)\b)?"
    rf"(?P<rest> (?:more|others?|of (?:them|these|those))\b)?"
    rf"(?:st|nd|rd|th|[a-z°$€£]{{1,3}}|-[a-z]{{3,20}})?(?![\w-]|[.,:/]\d)"
    rf"|(?<!\w)(?P<code>(?=[a-z_-]*\d)[a-z0-9]{{1,64}}(?:[-_./:#][a-z0-9]{{1,64}}){{0,9}})(?!\w)"
)
_SPELLED = {spelled(number): Decimal(number) for number in range(61)}
_SCALES = {"thousand": 3, "k": 3, "million": 6, "billion": 9, "bn": 9, "percent": -2, "per cent": -2, "%": -2}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_FIGURE = re.compile(r"\d|@|//")
_PERCENT = re.compile(r"%|per ?cent")
_DIGITS = re.compile(r"\d{1,18}")


class Claim(NamedTuple):
    """One figure in a text."""

    kind: Literal["day", "time", "number", "span", "count", "code"]
    value: Any
    """``(month, day, year or 0)``, ``(hour, minute)`` (hours to 12 may be afternoon), a `Decimal`, seconds, how many of
    a list, a text."""
    text: str
    """As it was written."""
    exact: bool = True
    """Of a time: whether it says which half of the day."""


def claims(text: str) -> Sequence[Claim]:
    """Every figure of a text, in order."""
    return _brief(text) if len(text) <= BRIEF else _claims(text)


def _claims(text: str) -> Sequence[Claim]:
    return tuple(claim for match in _figures(fold(text)) for claim in _read(match))


_brief = lru_cache(maxsize=8_192)(_claims)


def _figures(text: str) -> Iterator[re.Match[str]]:
    """Every figure of a folded text; what no digit, "@" or "//" is near is passed over."""
    end = 0
    while (sign := _FIGURE.search(text, end)) is not None:
        # a figure begins no more than two words before: "september the 4th"
        words = text[end : sign.start()].rsplit(" ", 3)
        match = _CLAIM.search(text, end + len(words[0]) + 1 if len(words) == 4 else end)
        if match is None:
            return
        yield match
        end = match.end()


def _read(match: re.Match[str]) -> Iterator[Claim]:
    said = match[0].strip()
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        yield Claim("day", (month, day, year), said)
    elif month_named := match["month"] or match["month2"]:
        day, year = int(match["day"] or match["day2"]), int(match["year"] or match["year2"] or 0)
        yield Claim("day", (_MONTHS[month_named[:3]], day, year), said)
    elif match["hour"] or match["hour2"] or match["hour3"]:
        half = match["half"] or match["half2"]
        hour = int(match["hour"] or match["hour2"] or match["hour3"])
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        yield Claim("time", (hour, int(match["minute"] or 0)), said, exact=bool(half) or hour > 12)
    elif match["number"]:
        number = Decimal(match["number"].replace(",", ""))
        if match["scale"]:
            number = number.scaleb(_SCALES[match["scale"]])
        if match["rest"]:
            yield Claim("count", int(number), said)
        elif match["unit"] and not match["scale"]:
            yield Claim("span", int(number * _SECONDS[match["unit"][0]]), said)
        else:
            yield Claim("number", number, said)
    else:
        said = said.rstrip(".")
        yield Claim("code", said, said)


class Known:
    """The figures brought up so far; read off what brought them up when a claim needs them, and no further."""

    def __init__(self) -> None:
        self._effort = Effort()
        self._values: list[Any] = []
        self._texts: list[str] = []
        self._speech: list[str] = []
        # … not read yet; and what was
        self._days: set[tuple[int, int, int]] = set()
        self._times: set[tuple[int, int]] = set()
        self._numbers: set[Decimal] = set()
        self._spans: set[int] = set()
        self._codes: set[str] = set()
        self._digits: set[str] = set()
        """Runs of digits in codes and dates."""
        self._ordinals: set[int] = set()
        """Days of a month that were said without it: "on the 6th"."""
        self._counts: set[int] = set()
        """Lengths of lists."""

    def listen(self, text: str) -> None:
        """Somebody's words bring their figures up, spelled ones too."""
        self._speech.append(text)

    def take_in(self, value: Any) -> None:
        """A JSON value brings up what its keys and leaves say, and how many there are in its lists."""
        self._values.append(value)

    def _read_more(self, claim: Claim) -> bool:
        """Read on where a claim is most likely to come from; False when all is read."""
        if self._values:
            self._read_value(self._values.pop())
        elif texts := self._texts:
            likely = _in_a_result(claim)
            near = [text for text in texts if likely in text.lower()] if len(texts) <= MANY else []
            self._texts = [text for text in texts if likely not in text.lower()] if near else []
            for text in near or texts:
                self._read_text(text)
        elif self._speech:
            self._read_speech(self._speech.pop())
        else:
            return False
        return True

    def _read_value(self, value: Any) -> None:
        groups: list[Iterable[Any]] = [(value,)]
        while groups:
            for part in groups.pop():
                if isinstance(part, str):
                    if _FIGURE.search(part):
                        self._texts.append(part)
                elif isinstance(part, dict):
                    groups += [part.values(), part]
                elif isinstance(part, list):
                    self._counts.add(len(part))
                    groups.append(part)
                elif not isinstance(part, bool | None) and (number := as_decimal(part)) is not None:
                    self._numbers.add(abs(number))

    def _read_speech(self, text: str) -> None:
        self._ordinals.update(map(int, _ORDINAL.findall(text)))
        self._numbers.update(_SPELLED[word] for word in _WORD.findall(fold(text)) if word in _SPELLED)
        said = Heard()
        said.add(text)
        self._spans |= said.durations()
        self._read_text(text)

    def _read_text(self, text: str) -> None:
        for claim in claims(text):
            self._take(claim)
            self._digits.update(_DIGITS.findall(claim.text))

    def _take(self, claim: Claim) -> None:
        match claim.kind:
            case "day":
                self._days |= {claim.value, (*claim.value[:2], 0)}
            case "time":
                self._times.add(claim.value)
            case "number":
                self._numbers.add(claim.value)
            case "span":
                self._spans.add(claim.value)
                self._numbers |= {Decimal(claim.value) / size for size in _SECONDS.values()}
            case "code":
                self._codes.add(claim.value)
                self._days.update(_numeric_days(claim.value))

    def bears(self, claim: Claim) -> bool:
        """Whether a claim was brought up or follows from what was; `TooMuchWork` when it cannot be told in time."""
        while not self._has(claim):
            if not self._read_more(claim):
                return claim.kind == "day" and self._has_without_year(*claim.value[:2])
        return True

    def _has(self, claim: Claim) -> bool:
        """Whether what is read bears a claim, whatever more there is."""
        match claim.kind:
            case "day":
                return claim.value in self._days or claim.value[1] in self._ordinals
            case "time":
                hour, minute = claim.value
                later = () if claim.exact else ((hour + 12, minute), (hour - 12, minute))
                return any(time in self._times for time in ((hour, minute), *later))
            case "number":
                in_hundredths = claim.value.as_tuple().exponent == -2 or _PERCENT.search(claim.text) is not None
                return self._has_number(claim.value) or (in_hundredths and claim.value.scaleb(2) in self._numbers)
            case "count":
                self._effort.spend(1 + len(self._counts) // 4)
                return claim.value <= max(self._counts, default=0) or self._has_number(Decimal(claim.value))
            case "span":
                return claim.value in self._spans or any(
                    self._has_number(Decimal(claim.value) / size) for size in _SECONDS.values()
                )
            case "code":
                self._effort.spend(1 + len(self._codes))
                if claim.value in self._codes or any(claim.value in code for code in self._codes):
                    return True
                return any(day in self._days for day in _numeric_days(claim.value))

    def _has_without_year(self, month: int, day: int) -> bool:
        """Whether a day was brought up, never with a year."""
        self._effort.spend(1 + len(self._days))
        return {known[2] for known in self._days if known[:2] == (month, day)} == {0}

    def _has_number(self, number: Decimal) -> bool:
        if number in self._numbers:
            return True
        whole = int(number) if number == number.to_integral_value() else None
        if whole in self._counts or f"{whole}" in self._digits:
            return True
        self._effort.spend(10 * len(self._numbers))
        return any(_rounds_to(known, number) for known in self._numbers)


def _numeric_days(code: str) -> list[tuple[int, int, int]]:
    """The days that "9/16" or "9/16/2026" may be, of no year where it names none."""
    with_year = len(_DIGITS.findall(code)) == 3
    return [(day.month, day.day, day.year if with_year else 0) for day in as_numeric_dates(code)]


def _in_a_result(claim: Claim) -> str:
    """How a claim would stand in a result: days and times as ISO writes them, all else as it was told."""
    match claim:
        case Claim("day", (month, day, _)):
            return f"-{month:02}-{day:02}"
        case Claim("time", (hour, minute)):
            return f"{hour:02}:{minute:02}"
    return claim.text


def _rounds_to(known: Decimal, number: Decimal) -> bool:
    """Whether a number is another one with fewer decimals."""
    places = -int(number.as_tuple().exponent)
    return known != known.to_integral_value() and abs(known - number) * 2 <= Decimal(1).scaleb(-max(places, 0))
