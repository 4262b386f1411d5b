"""Where an argument value can come from, given what was said and returned so far in one dialogue.

A `Trace` listens along: `hear` the user, `propose` what the assistant says, take in each `result` and the
system message (`context`). Asked about a value, it names the strongest source it finds, or none: then the
assistant made the value up. What the assistant says is no source by itself, or every invention could be
laundered by announcing it; once the user agrees ("yes, please"), it counts as the user's own words.

Values are looked for as whole words, in every form people write them (`toolflow.surface`); a text of
several words counts as heard when most of its content words were. It reads no plan and reports no
verdicts. The whole rule is ours: the paper has no such check, and 83 % of its dialogues would fail one
(ToolWeave, arXiv 2605.12521).
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from math import ceil
from typing import Any, Literal

from toolflow.effort import Effort
from toolflow.heard import Heard, agrees, content_words, fold
from toolflow.surface import Part, as_date_time, as_decimal, as_moment, parts, read_date_in, shifted

Source = Literal["user", "output", "context", "default", "enum"]

MAX_DEPTH = 64
"""Of a value and of combinations in a schema; what nests deeper is not looked at."""
MESSAGE_WORDS = 8
"""A text of so many content words is composed rather than quoted."""

MOST_ADDED_WORDS = 2
"""So many words may follow a place that was heard: "Paris, France" for "Paris"."""

MAX_LIKE = 60
MAX_WORDS = 5_000
"""Characters of a value that something like it is looked for, and words that it is looked for among."""
_DIGIT = re.compile(r"\d")
_JOINED = re.compile(r"[_\-]+|(?<=[a-z])(?=[A-Z])")
_STRENGTH: tuple[Source, ...] = ("user", "output", "context", "default", "enum")
_parts = lru_cache(maxsize=4_096, typed=True)(parts)
_date_in = lru_cache(maxsize=256)(read_date_in)


class Trace:
    """What one dialogue has brought up so far."""

    def __init__(self, today: date | None = None) -> None:
        self.today = today
        """The simulated date; read from the system message when not given."""
        self.effort = Effort()
        """What looking costs: `TooMuchWork` when it is spent."""
        speakers: tuple[Source, ...] = ("user", "output", "context")
        self._spoken = {source: Heard(self.effort) for source in speakers}
        self._proposal = ""

    def hear(self, text: str) -> None:
        """The user speaks; agreeing makes the assistant's last words the user's own."""
        if self._proposal and agrees(text):
            self._spoken["user"].add(self._proposal)
        self._proposal = ""
        self._spoken["user"].add(text)

    def propose(self, text: str) -> None:
        """The assistant speaks."""
        self._proposal = f"{self._proposal}\n{text}" if self._proposal else text

    def result(self, content: Any) -> None:
        """A tool answers: a JSON value, or the text of one; every leaf and every key is a source."""
        self._spoken["output"].add_each(_leaves(content))

    def context(self, text: str) -> None:
        """The system message."""
        if self.today is None:
            self.today = _date_in(text)
        self._spoken["context"].add(text)

    def source(self, value: Any, schema: Mapping[str, Any] | None = None) -> Source | None:
        """The strongest source of a value, or None when it, or any part of it, has none.

        ``user``, ``output`` and ``context`` brought it up; ``default`` and ``enum`` are the schema's own
        words (``default`` also stands for values that say nothing: null and what is empty). An object or
        array has the weakest source of its parts.
        """
        found = [self._source(part, given) for _, part, given in _given(value, schema, "", 0, self.effort)]
        if None in found:
            return None
        return max((source for source in found if source), key=_STRENGTH.index, default="default")

    def untraced(self, value: Any, schema: Mapping[str, Any] | None = None) -> list[str]:
        """The places inside a value that have no source: ``stops[0].city``; ``""`` is the value itself."""
        return [
            path
            for path, part, given in _given(value, schema, "", 0, self.effort)
            if given is None and not self._quoted(part) and self._source(part, None) is None
        ]

    def nearest(self, value: Any) -> str | None:
        """What was brought up that is most like a value without a source; None when nothing is like it."""
        words = sorted({word for said in self._spoken.values() for word in said.words()})
        if len(words) > MAX_WORDS:
            return None
        found = get_close_matches(fold(f"{value}")[:MAX_LIKE], words, n=1, cutoff=0.6)
        return found[0] if found else None

    def _source(self, value: Any, given: Source | None) -> Source | None:
        """Of a part that is neither object nor array, and that the schema offers if it is ``given``."""
        if given == "default":
            return self._brought_up(value) or "default"
        return self._brought_up(value) or given or self._worked_out(value) or self._mostly_heard(value)

    def _quoted(self, value: Any) -> bool:
        """Whether a number, or a text just as it is, was brought up. Says no more than that `_brought_up` finds it too,
        and says it sooner, since most values need none of the other forms in which people write them."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = as_decimal(value)
            return number is not None and self._place_of_number(number) is not None
        if not isinstance(value, str) or not fold(value):
            return False
        if any(said.was_told(value) for said in self._spoken.values()):
            return value[10:11] != " " or as_date_time(value) is None
        return as_moment(value) is None and self._place(Part((value,))) is not None

    def _brought_up(self, value: Any) -> Source | None:
        """Where the value itself occurs; of a value in parts, the weakest place of a part."""
        if isinstance(value, bool):
            return None
        today = self.today if isinstance(value, str) and _DIGIT.search(value) else None  # no day without a digit
        looked_for = _parts(value, today) if isinstance(value, str | int | float) else ()
        places = [self._place(part) for part in looked_for]
        if isinstance(value, int | float) and (number := as_decimal(value)) is not None:
            places = [self._place_of_number(number) or place for place in places]
        found = [place for place in places if place is not None]
        if not places or len(found) < len(places):
            return None
        return max(found, key=_STRENGTH.index)

    def _place(self, part: Part) -> Source | None:
        for source, heard in self._spoken.items():
            if heard.has(part):
                return source
        today = self.today is not None and part.year is not None and part.forms[0] == self.today.isoformat()
        return "context" if today else None

    def _place_of_number(self, number: Decimal) -> Source | None:
        return next((source for source, heard in self._spoken.items() if heard.has_number(number)), None)

    def _worked_out(self, value: Any) -> Source | None:
        """A day or hour that follows from another one and a span of time: "from 1 June, for three nights"."""
        if not isinstance(value, str) or (moment := as_moment(value)) is None:
            return None
        for source, said in self._spoken.items():
            for seconds in said.durations():
                self.effort.spend(1_000)
                for sign in (-1, 1):
                    other = shifted(value, moment, timedelta(seconds=sign * seconds))
                    if other is not None and self._brought_up(other) is not None:
                        return source
        return None

    def _mostly_heard(self, value: Any) -> Source | None:
        """Words that were heard in another inflection, and texts of which most words were heard."""
        if not isinstance(value, str) or not (words := _words(value)):
            return None
        heard = {source: sum(map(said.has_stem, words)) for source, said in self._spoken.items()}
        known = {word for word in words if any(said.has_stem(word) for said in self._spoken.values())}
        if any(word not in known for word in words if any(char.isdigit() for char in word)):
            return None
        if len(known) >= _words_needed(len(words)):
            return max(heard, key=lambda source: heard[source])
        place, comma, rest = value.partition(",")
        if comma and len(rest.split()) <= MOST_ADDED_WORDS:
            return self._brought_up(place)
        return None


def _given(
    value: Any, schema: Mapping[str, Any] | None, path: str, depth: int, effort: Effort
) -> Iterator[tuple[str, Any, Source | None]]:
    """Path and value of each part that must have a source, with ``default`` or ``enum`` where the schema offers it."""
    given = _given_by(value, schema, effort)
    if given == "default" or value in (None, "", [], {}) or depth > MAX_DEPTH:
        yield path, value, "default"
    elif isinstance(value, dict):
        properties = _part(schema, "properties")
        for name, item in value.items():
            inner = f"{path}.{name}" if path else str(name)
            yield from _given(item, _part(properties, name), inner, depth + 1, effort)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _given(item, _part(schema, "items"), f"{path}[{index}]", depth + 1, effort)
    else:
        yield path, value, given


def _words(value: str) -> list[str]:
    """The content words of a text; none of an identifier, address or code, which must be heard as it is."""
    if any(char.isspace() for char in value.strip()) or value.startswith(("[", "{")):
        return list(dict.fromkeys(content_words(value)))
    parts_of_name = _JOINED.split(value)
    return [fold(part) for part in parts_of_name] if all(part.isalpha() for part in parts_of_name) else []


def _words_needed(words: int) -> int:
    """How many of the content words of a text must have been heard.

    Names of one or two words: all of them ("San Jose" is not "San Francisco"). Longer texts are composed
    or completed ("Tomales, CA" for "Tomales"), so two thirds, and half of what is as long as a message.
    """
    if words <= 2:
        return words
    return ceil(words * (2 / 3 if words < MESSAGE_WORDS else 1 / 2))


def _given_by(value: Any, schema: Any, effort: Effort, depth: int = 0) -> Source | None:
    """``default`` or ``enum`` when the schema itself offers the value."""
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return None
    if "default" in schema and same_json(schema["default"], value):
        return "default"
    choices = schema.get("enum")
    offered = [schema["const"]] if "const" in schema else choices if isinstance(choices, list) else []
    effort.spend(10 + 3 * len(offered))
    if isinstance(value, bool) or value in ("True", "False") or any(same_json(choice, value) for choice in offered):
        return "enum"
    for keyword in ("anyOf", "oneOf", "allOf"):
        members = schema.get(keyword)
        for member in members if isinstance(members, list) else ():
            if (source := _given_by(value, member, effort, depth + 1)) is not None:
                return source
    return None


def _part(schema: Any, name: str) -> Any:
    return schema.get(name) if isinstance(schema, Mapping) else None


def same_json(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, and neither is true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    return bool(one == other)


def alike(expected: Any, given: Any) -> bool:
    """Whether two values mean the same: letter case and the style of a date-time do not matter."""
    if isinstance(expected, str) and isinstance(given, str):
        if expected == given or fold(expected) == fold(given):
            return True
        moment = as_moment(expected)
        return moment is not None and moment == as_moment(given)
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(map(alike, expected, given))
    if isinstance(expected, dict) and isinstance(given, dict):
        return expected.keys() == given.keys() and all(alike(expected[key], given[key]) for key in expected)
    return same_json(expected, given)


def _leaves(content: Any) -> Iterator[str]:
    """Every leaf and every key of a JSON value, or of the text of one, as text; does not recurse."""
    if isinstance(content, str):
        with suppress(ValueError, RecursionError):
            content = json.loads(content)
    stack = [content]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            stack.extend(part.values())
            yield from map(str, part)
        elif isinstance(part, list):
            stack.extend(part)
        elif isinstance(part, int | float) and not isinstance(part, bool):
            number = as_decimal(part)
            yield f"{number:f}" if number is not None else ""
