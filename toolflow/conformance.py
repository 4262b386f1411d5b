"""Does a value fit a JSON Schema? For schemas and values that nobody vouches for.

An odd keyword (see `toolflow.mending`) is mended where its meaning is plain and dropped with a note where
it is not, so that the rest of the schema still counts. A schema that cannot be used at all (a reference
to nothing or to another document, nested beyond all reason) says so in `Conformance.problem`. Nothing is
ever fetched.

Neither a schema nor a value can hang or crash the process: patterns run on an engine that does not
backtrack, the nesting of both is bounded, and so is the work that references to references can cause.

This module knows no dialogue and no tool. Ours: the draft is 2020-12 unless ``$schema`` names another;
formats such as ``date`` and ``email`` are asserted; ``date-time`` and ``time`` need no UTC offset, since
people and most APIs leave it away.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import jsonschema_rs
import orjson

from toolflow.mending import breadth, drop, mended, reach, without_excess_patterns

MAX_VALUE_DEPTH = 64
"""A value nested deeper conforms to nothing: the validator's own stack is finite."""
MAX_SCHEMA_DEPTH = 100
MAX_VISITS = 5_000
"""How often one place of a value may be looked at, following every reference."""
MAX_DROPPED = 50
MAX_ERRORS = 50
MAX_LISTED = 100_000
"""Parts of a value times what each may be held against, up to which every error is listed: all are made at once."""
MAX_WORK = 200_000_000
"""… and up to which it is looked at."""
MAX_CACHED = 4_096
"""Compiled schemas that `conformance` keeps; a run draws on some hundred tools."""
MAX_MESSAGE = 200

_PATTERNS = jsonschema_rs.RegexOptions(size_limit=1_000_000, dfa_size_limit=1_000_000)


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One way in which a value does not fit."""

    path: str
    """Where in the value: ``stops[0].city``; of what is missing or unknown, the place it would have."""
    keyword: str
    """The keyword of the schema that is not met: ``type``, ``required``; ``schema`` for the schema itself."""
    message: str
    """What is wrong, for people; may quote the value."""


class Conformance:
    """A schema, compiled once."""

    def __init__(self, schema: Any) -> None:
        self.problem: str | None = None
        """Why the schema cannot be used; then every value is in error."""
        self.notes: tuple[str, ...] = ()
        """Places of the schema that could not be understood and constrain nothing."""
        self._deepest = MAX_VALUE_DEPTH
        self._breadth = 1
        self._validator: jsonschema_rs.Validator | None = None
        if not isinstance(schema, dict | bool):
            self.problem = "a schema must be an object"
        elif nests_deeper(schema, MAX_SCHEMA_DEPTH):
            self.problem = f"nested more than {MAX_SCHEMA_DEPTH} levels deep"
        else:
            self._compile(mended(schema))

    def _compile(self, schema: Any) -> None:
        self._deepest, visits = reach(schema, MAX_VALUE_DEPTH, MAX_VISITS)
        if self._deepest < 0:
            self.problem = "its references multiply without end"
            return
        self._breadth = max(breadth(schema), visits)
        dropped = without_excess_patterns(schema)
        notes = [f"{dropped} patterns are too long, or too many, to be looked at"] if dropped else []
        while self._validator is None:
            try:
                self._validator = jsonschema_rs.validator_for(
                    schema, validate_formats=True, formats=_FORMATS, pattern_options=_PATTERNS, offline=True
                )
            except jsonschema_rs.ValidationError as error:
                reason = _short(error.message)
                place = error.instance_path
                if len(notes) >= MAX_DROPPED or not drop(schema, place):
                    self.problem = reason
                    return
                notes.append(f"{show_path(place)}: {reason}")
            except ValueError as error:
                self.problem = _short(str(error))
                return
        self.notes = tuple(notes)

    def errors(self, value: Any) -> list[SchemaError]:
        """Every way in which a value does not fit (at most 50), in a fixed order; empty when it does.

        Of a value that is large for its schema only the first one, and one too large for it never fits.
        """
        if self._validator is None:
            return [SchemaError("", "schema", f"the schema itself cannot be used: {self.problem}")]
        parts = parts_within(value, self._deepest)
        if parts is None:
            return [SchemaError("", "depth", f"nested more than {self._deepest} levels deep")]
        work = self._breadth * parts
        if work > MAX_WORK:
            return [SchemaError("", "size", "too large to be held against a schema of this size")]
        found: list[SchemaError] = []
        try:
            if self._validator.is_valid(value):
                return []
            if work > MAX_LISTED:
                self._validator.validate(value)
            for error in self._validator.iter_errors(value):
                found.extend(_described(error))
                if len(found) >= MAX_ERRORS:
                    break
        except jsonschema_rs.ValidationError as error:
            found.extend(_described(error))
        except ValueError as error:
            return [SchemaError("", "json", f"not a JSON value: {_short(str(error))}")]
        return sorted(dict.fromkeys(found[:MAX_ERRORS]), key=lambda error: (error.path, error.keyword))


_CACHE: OrderedDict[bytes, Conformance] = OrderedDict()


def conformance(schema: Any) -> Conformance:
    """The compiled schema, from a bounded cache: the same JSON is compiled once."""
    try:
        key = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # no JSON, or nested beyond what can be written
        return Conformance(schema)
    known = _CACHE.get(key)
    if known is None:
        known = _CACHE[key] = Conformance(schema)
        if len(_CACHE) > MAX_CACHED:
            _CACHE.popitem(last=False)
    else:
        _CACHE.move_to_end(key)
    return known


def fits(schema: Any, value: Any) -> bool:
    """Whether a value has no error under a schema."""
    return not conformance(schema).errors(value)


_NESTING = (dict, list)


def nests_deeper(value: Any, depth: int) -> bool:
    """Whether objects and arrays nest more than so many levels deep; does not recurse itself."""
    return parts_within(value, depth) is None


def parts_within(value: Any, depth: int) -> int | None:
    """How many parts a JSON value has, itself included; None when it nests more than so many levels deep."""
    parts, level = 1, [value] if isinstance(value, _NESTING) else []
    for _ in range(depth):
        if not level:
            return parts
        parts += sum(map(len, level))
        level = [
            item
            for part in level
            for item in (part.values() if isinstance(part, dict) else part)
            if isinstance(item, _NESTING)
        ]
    return None if level else parts


def show_path(steps: list[str | int]) -> str:
    """``["stops", 0, "city"]`` as ``stops[0].city``."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _described(error: jsonschema_rs.ValidationError) -> Iterator[SchemaError]:
    path = error.instance_path
    keyword = error.kind.name
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            yield SchemaError(show_path([*path, name]), keyword, f"{name!r} is required and missing")
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                yield SchemaError(show_path([*path, name]), keyword, f"{name!r} is not known there")
        case _:
            yield SchemaError(show_path(path), keyword, _short(error.message))


def _short(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"


def _is_date_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return len(text) >= len("2026-05-14T15:00") and text[4] == "-" and text[10] in "Tt "


def _is_time(text: str) -> bool:
    try:
        time.fromisoformat(text.upper())
    except ValueError:
        return False
    return text[2:3] == ":"


_FORMATS = {"date-time": _is_date_time, "time": _is_time}
