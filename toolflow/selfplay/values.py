"""Values that fit a schema and sound like its name: what a user might say, what a service might return.

A value comes from the schema itself where it can (const, enum, examples), else from its format or
pattern, else from what its name and description speak of (`toolflow.selfplay.lexicon`), and is checked
against the schema before it is used. Nothing here knows tools, plans or dialogues.
"""

import math
import re
import string
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from toolflow.conformance import conformance, fits
from toolflow.selfplay import pattern
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import is_coordinate, is_identifier, singular, words
from toolflow.selfplay.order import in_order
from toolflow.selfplay.persons import settle_persons
from toolflow.selfplay.ranges import as_number, bounds, decimals, is_number
from toolflow.selfplay.texts import Texts, has_words

NO_CENTS = {"JPY": 150, "KRW": 1400, "VND": 25000, "CLP": 900, "COP": 4000, "HUF": 380, "IDR": 16000, "ISK": 140}
"""Currencies without cents → how many of them are about a euro."""
MAX_NESTING = 8
MOST_ITEMS = 50
"""A schema that wants a longer list gets none."""
_ATTEMPTS = 6


class NoValue(Exception):
    """No value could be found that fits the schema."""


class Values:
    """Draws values from one random source, at one simulated date."""

    def __init__(self, rng: Random, today: date, spoken: bool) -> None:
        self.rng, self.today = rng, today
        self.texts = Texts(rng, today, spoken)
        self.spoken = spoken
        """Whether a person says the values: round numbers, days to come."""
        self.pick: int | None = None
        """Which example to take; lists of examples that belong together are often in the same order."""

    def draw(self, schema: Any, name: str = "", past: bool = False, level: int = 0) -> Any:
        """A value for the schema of a field called ``name``; `NoValue` when none was found.

        ``past`` says that dates lie before today.
        """
        check = conformance(schema) if not isinstance(schema, dict) or set(schema) - _HARMLESS else None
        schema = plain(schema)
        for _ in range(_ATTEMPTS):
            value = self._candidate(schema, name, past, level)
            if check is None or not check.errors(value):
                return value
        raise NoValue(f"no value found for {name!r}")

    @staticmethod
    def possible(schema: dict[str, Any]) -> bool:
        """Whether the limits of a number leave room for one."""
        return bool(schema.get("minimum", -math.inf) <= schema.get("maximum", math.inf))

    def _candidate(self, schema: dict[str, Any], name: str, past: bool, level: int) -> Any:
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            options = [option for option in schema["enum"] if option not in (None, "")]
            if self.spoken and name == "currency":
                options = [option for option in options if option not in NO_CENTS]  # prices' limits are in euros
            return self.rng.choice(options or schema["enum"])
        kind = _type(schema)
        if kind == "object":
            return self._object(schema, past, level)
        if kind == "array":
            return self._array(schema, name, past, level)
        if kind == "boolean":
            return self.rng.random() < 0.6
        if kind in ("integer", "number"):
            return self._number(schema, name, kind)
        if kind == "null":
            return None
        return self._string(schema, name, past)

    def _object(self, schema: dict[str, Any], past: bool, level: int) -> dict[str, Any]:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or level >= MAX_NESTING:
            return {}
        required = schema.get("required") or ()
        drawn = {}
        for key, below in properties.items():
            if key not in required and (level >= 2 or self.rng.random() < 0.3):
                continue
            try:
                drawn[key] = self.draw(below, key, past, level + 1)
            except NoValue:
                if key in required:
                    raise
        draft = Draft(drawn, properties, (), {}, self.rng)
        settle_persons(draft)
        return in_order(draft.values, properties, self.rng)

    def _array(self, schema: dict[str, Any], name: str, past: bool, level: int) -> list[Any]:
        least = int(schema.get("minItems") or 1)
        most = min(int(schema.get("maxItems") or 99), max(least, self.rng.randint(1, 3)))
        if least > MOST_ITEMS:
            raise NoValue(f"{name!r} needs {least} items")
        items: list[Any] = []
        for _ in range(3 * max(least, most)):
            if len(items) >= max(least, most):
                break
            self.pick = None
            item = self.draw(schema.get("items") or {"type": "string"}, singular(name), past, level + 1)
            if not any(_alike(item, other) for other in items):
                items.append(item)
        return items

    def _number(self, schema: dict[str, Any], name: str, kind: str) -> float | int:
        examples = [value for value in _examples(schema) if is_number(value)]
        low, high = bounds(schema, name, self.today)
        if examples and self.rng.random() < 0.7:
            value = float(self.rng.choice(examples))
            if is_identifier(name) and kind == "integer" and value >= 10:
                value = float(self._renumbered(str(int(value))))
        elif self.spoken and _is_span(name) and any(low <= usual <= high for usual in _MINUTES):
            value = self.rng.choice([usual for usual in _MINUTES if low <= usual <= high])
        elif self.spoken and high - low > 40 and not is_coordinate(name):
            value = self._round(low, high)
        elif low >= 0 and high > 50 * max(low, 1.0):
            value = math.exp(self.rng.uniform(math.log(max(low, high / 200, 1.0)), math.log(high)))
        else:
            value = self.rng.uniform(low, high)
        step = as_number(schema.get("multipleOf"))
        if step is not None and step > 0:
            value = math.ceil(value / step) * step if math.isfinite(value / step) else step
            return int(value) if value.is_integer() and kind == "integer" else round(value, 6)
        if kind == "integer":
            return int(value) if value == int(value) else min(max(round(value), math.ceil(low)), math.floor(high))
        if is_coordinate(name):
            return round(value, 4)
        return round(value) if self.spoken and high - low > 5 else round(value, decimals(low, high)) + 0.0

    def _round(self, low: float, high: float) -> float:
        """A number a person would pick: 25, 150, 1200."""
        top = min(high, max(low * 12, high / 2))
        value = self.rng.uniform(max(low, top / 20), top)
        step = next((step for limit, step in _STEPS if top < limit), None) or 10 ** math.floor(math.log10(top) - 1)
        return min(max(round(value / step) * step, low), high)

    def _string(self, schema: dict[str, Any], name: str, past: bool) -> str:
        examples = [value.strip() for value in _examples(schema) if _is_telling(value)]
        if examples:
            chosen = self.rng.choice(examples) if self.pick is None else examples[self.pick % len(examples)]
            return self._another(chosen, schema) if is_identifier(name) else chosen
        drawn = self.texts.formatted(str(schema.get("format") or ""), name, past)
        if drawn is None and isinstance(schema.get("pattern"), str):
            drawn = pattern.draw(schema["pattern"], self.rng)
        if drawn is None:
            drawn = self.texts.named(name, str(schema.get("description") or ""), past)
        return _fitted(drawn, schema)

    def _another(self, example: str, schema: dict[str, Any]) -> str:
        """Another identifier of the shape of an example, or the example itself where the pattern wants it so."""
        other = self._renumbered(example)
        return other if not schema.get("pattern") or fits({"pattern": schema["pattern"]}, other) else example

    def _renumbered(self, example: str) -> str:
        """Another identifier of the same shape: the prefix kept, the first digit of a number never zero."""
        prefix = example.find("-")
        kept = example.find(" ") if example.startswith("+") else 0  # the country of a phone number
        changed = example[:kept]
        for at, letter in enumerate(example[kept:], start=kept):
            if letter in string.digits:
                leading = at == 0 or not example[at - 1].isdigit()
                changed += str(self.rng.randint(1 if leading else 0, 9))
            elif letter in string.ascii_uppercase and 0 <= prefix < at:
                changed += self.rng.choice(_LETTERS)
            else:
                changed += letter
        return changed


def has_meaning(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether anything says what a text is: choices, examples, its form, its name or its description."""
    says = {"const", "enum", "examples", "example", "format", "pattern"} & set(schema)
    return bool(says) or has_words(name, str(schema.get("description") or ""))


_PLACEHOLDER = re.compile(r"^\s*[<{\[]|\{\{|\byour[_ -]|^(?:string|text|value|x{3,})$", re.IGNORECASE)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of identifiers: none that looks like a digit."""
_MINUTES = (15.0, 30.0, 45.0, 60.0, 90.0, 120.0)
_STEPS = ((100, 5.0), (500, 10.0), (3000, 50.0))
"""Numbers below a limit → the step a person counts in."""
_BRANCHES = frozenset(("anyOf", "oneOf", "allOf"))
_HARMLESS = frozenset(("type", "description", "title", "default", "examples", "example"))
"""Keywords that `Values` obeys by construction; a schema with others is checked."""


def _is_span(name: str) -> bool:
    """Whether a field holds minutes that somebody chooses, rather than a limit on those of something else."""
    return words(name)[-1] == "minutes" and not {"max", "min", "maximum", "minimum"} & set(words(name))


def _alike(one: Any, other: Any) -> bool:
    """Whether two of a list are the same, or would go by the same name."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    name = next((name for name in one if words(name)[-1] == "name"), None)
    return one == other or (name is not None and one[name] == other.get(name))


def plain(schema: Any) -> dict[str, Any]:
    """The schema with its first workable alternative put in its place."""
    for _ in range(MAX_NESTING):
        if not isinstance(schema, dict):
            return {}
        if _BRANCHES.isdisjoint(schema):
            return schema
        branches = next((schema[key] for key in ("anyOf", "oneOf", "allOf") if isinstance(schema.get(key), list)), None)
        if not branches or "type" in schema or "enum" in schema:
            return schema
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "allOf")}
        workable = [branch for branch in branches if isinstance(branch, dict) and branch.get("type") != "null"]
        if "allOf" in schema:
            schema = {key: value for branch in workable for key, value in branch.items()} | rest
        else:
            schema = (workable[0] if workable else {"type": "null"}) | rest
    return schema if isinstance(schema, dict) else {}


def _type(schema: dict[str, Any]) -> str:
    declared = schema.get("type")
    if isinstance(declared, list):
        declared = next((name for name in declared if name != "null"), "string")
    if isinstance(declared, str):
        return declared
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _examples(schema: dict[str, Any]) -> list[Any]:
    several = schema.get("examples")
    if isinstance(several, dict):
        several = list(several.values())
    single = schema.get("example")
    return (several if isinstance(several, list) else []) + ([single] if single not in (None, "") else [])


def _is_telling(example: Any) -> bool:
    """Whether an example is a text, and not a place to be filled in: ``<your_key>``."""
    return isinstance(example, str) and bool(example.strip()) and not _PLACEHOLDER.search(example)


def _fitted(text: str, schema: dict[str, Any]) -> str:
    """The text cut or drawn out to the lengths the schema asks for."""
    most, least = schema.get("maxLength"), schema.get("minLength")
    if isinstance(most, int) and 0 <= most < len(text):
        text = text[:most].rstrip() or text[:most]
    while isinstance(least, int) and len(text) < least <= 5_000:
        text = f"{text} {text}" if text else "river"
    return text
