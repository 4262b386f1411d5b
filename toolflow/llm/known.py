"""What the talk has brought up: the values that an argument may have, by its name and schema.

An identifier is one that the user wrote or that a result gave the same kind of thing, a number one that was written
and fits, a day one that was named; "the first hotel" is that of the last result. It also tells a question for what is
known already. Everything comes from the talk, nothing from the plan. Ours, all of it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from toolflow.conformance import conformance
from toolflow.heard import content_words, fold, stem
from toolflow.llm.strict import decodable
from toolflow.llm.user_plan import is_identifier, plain
from toolflow.schema import Message, SystemMessage, ToolMessage, UserMessage
from toolflow.surface import read_date_in

MAX_CHOICES = 40
"""Values among which one is chosen, the latest first."""
LONGEST_NAME = 60
"""Characters of a name that may be misspelt."""
LEAST_ALIKE = 0.8
"""Likeness of a misspelt name to the right one, as `difflib` has it."""

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NAME = re.compile(rf"{_WORD.pattern}(?: {_WORD.pattern})*")
_TOKEN = re.compile(r"(?<![\w-])(?!\d{1,4}(?![\w-])|\d{4}-\d\d-\d\d)(?=[\w-]*\d)\w[\w-]*(?![\w-])")
"""Letters and digits, or many digits, but no day."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]{2,8} \d{4}|[A-Z][a-z]{2,8} \d{1,2}, \d{4}")
_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,12}(?:\.\d{1,8})?(?![\w-]|\.\d)")
_ASKS_TO_HEAR = re.compile(
    r"\b(?:what|what's|which|when|where|who|how (?:much|many|long|far|old|big)|tell me|let me know|remind me|hear)\b"
)
_RECALLING = frozenset(
    map(stem, "tell hear know let remind say again once more what when where who how much many long far exact".split())
) | frozenset(map(stem, "first one current currently would like want could please thanks great".split()))
"""What a question for something known has besides."""


class Known:
    """The values that the talk has brought up."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.returned: dict[str, list[str]] = {}
        """What results hold, by the name of the field, in order."""
        self.tokens: list[str] = []
        """What users wrote that looks like an identifier."""
        self.numbers: list[int | float] = []
        self.days: list[str] = []
        self.said = ""
        self.words: list[str] = []
        """What users wrote, in order."""
        self.asked = ""
        """What the user said last."""
        self.latest: dict[str, list[Any]] = {}
        """Strings and numbers by the name of the field, of the last result that has it."""
        for message in messages:
            if isinstance(message, UserMessage | SystemMessage):
                found = [read_date_in(day) for day in _DAY.findall(message.content or "")]
                self.days += [day.isoformat() for day in found if day is not None]
            if isinstance(message, UserMessage):
                self.said += f"{message.content.casefold()}\n"
                self.words += _WORD.findall(message.content)
                self.asked = message.content.casefold()
                self.tokens += _TOKEN.findall(message.content)
                written = _NUMBER.findall(_DAY.sub(" ", message.content))
                self.numbers += [json.loads(number) for number in written if _is_json(number)]
            elif isinstance(message, ToolMessage):
                self.latest |= _by_name(json.loads(message.content))
                for name, value in named_values(json.loads(message.content)):
                    if isinstance(value, str):
                        self.returned.setdefault(name, []).append(value)
                        self.days += [value] if _DAY.fullmatch(value) else []
                    else:
                        self.numbers.append(value)

    def misspelt(self, value: Any) -> str | None:
        """What users wrote, where a value is nearly that and nearly nothing else: "Lisboa" for "Lisbon"."""
        if not isinstance(value, str) or len(value) > LONGEST_NAME or not _NAME.fullmatch(value):
            return None
        length = len(value.split())
        phrases = [" ".join(self.words[at : at + length]) for at in range(len(self.words) - length + 1)]
        folded = {fold(phrase): phrase for phrase in phrases}
        near = get_close_matches(fold(value), folded, n=2, cutoff=LEAST_ALIKE)
        return folded[near[0]] if len(near) == 1 else None

    def came_up(self, word: str) -> bool:
        """Whether users said it or a result held it."""
        said = re.search(rf"(?<!\w){re.escape(_plain(word))}(?!\w)", self.said) is not None
        return said or any(word in values for values in self.returned.values())

    def optional(self, name: str, schema: Any) -> dict[str, Any] | None:
        """What an argument may be that need not be given: what the user points to; else a word of its enum that the
        user said, or a value that a result gave that name."""
        form = decodable(schema)
        fitting = conformance(schema if isinstance(schema, dict) else {})
        if pointed := [value for value in self._pointed(name) if not fitting.errors(value)]:
            return _choice(pointed, form.get("type", "string"))
        said = [word for word in form.get("enum", ()) if isinstance(word, str) and self.came_up(word)]
        returned = [value for value in self.returned.get(name, ()) if not fitting.errors(value)]
        return _choice([*said, *returned], "string")

    def argument(self, name: str, schema: Any) -> dict[str, Any] | None:
        """What an argument may be; None when nothing came up that it could be."""
        form = decodable(schema)
        fitting = conformance(schema if isinstance(schema, dict) else {})
        if pointed := [value for value in self._pointed(name) if not fitting.errors(value)]:
            return _choice(pointed, form.get("type", "string"))
        if "enum" in form and "default" not in schema:
            words = [word for word in form["enum"] if not isinstance(word, str) or self.came_up(word)]
            return _choice(words, form.get("type", "string"))
        if "enum" in form or "const" in form:
            return form
        match form.get("type"):
            case "string" if form.get("format") == "date":
                return _choice(self.days, "string") or form
            case "integer" | "number":
                kinds = int if form["type"] == "integer" else (int, float)
                numbers = [number for number in self.numbers if isinstance(number, kinds)]
                return _choice([number for number in numbers if not fitting.errors(number)], form["type"])
            case "string" if is_identifier(name):
                return _choice(self._identifiers(name), "string")
        return form

    def _identifiers(self, name: str) -> list[str]:
        """What may identify the thing that an argument names: what users wrote and no result gave to another thing, and
        what results gave a field that means the same, or one that the user's last words point to."""
        others = {field for field in self.returned if is_identifier(field) and not _means(field, name)}
        pointed = {field for field in others if _points(plain(field), self.asked)}
        taken = {value for field in others - pointed for value in self.returned[field]}
        written = [token for token in self.tokens if token not in taken or token.casefold() in self.asked]
        meant = [field for field in self.returned if field not in others or field in pointed]
        return [*written, *(value for field in meant if is_identifier(field) for value in self.returned[field])]

    def _pointed(self, name: str) -> list[Any]:
        """What the user points to as "that …" or "the first …": of the last result that has it."""
        pointing = _points(plain(name), self.asked)
        values = self.latest.get(name, []) if pointing else []
        return values[:1] if pointing == "first" else values

    def recalled(self, earlier: Sequence[str]) -> dict[str, Any]:
        """What the user asks to hear again: the fields of the last results that a question names which says nothing
        else that was not said ``earlier``."""
        if not _ASKS_TO_HEAR.search(self.asked):
            return {}
        told = {
            name: values
            for name, values in self.latest.items()
            if not is_identifier(name) and re.search(rf"\b{re.escape(plain(name))}\b", self.asked)
        }
        if stems(self.asked) - _RECALLING - stems(" ".join([*earlier, *map(plain, told)])):
            return {}
        first = re.search(r"\bfirst\b", self.asked)
        return {name: values[0] if first or len(values) == 1 else values for name, values in told.items()}


def _points(what: str, asked: str) -> str | None:
    """ "first", "that" or "same", when a user points so to a thing or to its id."""
    found = re.search(rf"\b(first|that|same) {re.escape(what.removesuffix(' id'))}\b", asked)
    return found[1] if found else None


def _means(field: str, name: str) -> bool:
    """Whether a field of a result may hold the identifier that an argument asks for: ``id`` and ``origin_station_id``
    may be a ``station_id``, a ``room_id`` may not."""
    given, wanted = plain(field).split(), plain(name).split()
    length = min(len(given), len(wanted), 2)
    return given[-length:] == wanted[-length:]


def named_values(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every string and number in a result, with the name of its field."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from named_values(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from named_values(item, name)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield name, value


def _by_name(result: Any) -> dict[str, list[Any]]:
    """The strings and numbers of a result by the name of the field; of several depths, the outermost."""
    found: dict[str, list[Any]] = {}
    level = [("", result)]
    while level:
        here: dict[str, list[Any]] = {}
        below: list[tuple[str, Any]] = []
        for name, value in level:
            if isinstance(value, dict):
                below += value.items()
            elif isinstance(value, list):
                below += [(name, item) for item in value]
            elif isinstance(value, str | int | float) and not isinstance(value, bool):
                here.setdefault(name, []).append(value)
        found = here | found
        level = below
    return found


def stems(text: str) -> set[str]:
    """What its words have in common with others of their family; names in snake case are words."""
    return {stem(word) for word in content_words(text.replace("_", " "))}


def _choice(values: Sequence[Any], kind: str) -> dict[str, Any] | None:
    """One of the values, those that came up last first."""
    distinct = list(dict.fromkeys(reversed(values)))[:MAX_CHOICES]
    return {"type": kind, "enum": distinct} if distinct else None


def _plain(word: str) -> str:
    return word.replace("_", " ").casefold()


def _is_json(number: str) -> bool:
    """No leading zeros."""
    return not re.match(r"-?0\d", number)
