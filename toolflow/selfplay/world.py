"""The selfplay tool: answers calls from one simulated world per dialogue.

A result fits the tool's ``returns``, agrees with the call (what was asked for comes back under the same
name), with the date, and with what was answered before: the same identifier is the same thing, the same
call gets the same answer unless something changed in between. The world is nothing but the history the
loop hands over, and a seed.
"""

import json
from collections.abc import Container
from datetime import date, datetime
from random import Random
from typing import Any

from toolflow.cast import ToolView
from toolflow.conformance import conformance, fits
from toolflow.errors import DialogueError
from toolflow.selfplay.days import days_spoken_of, is_day
from toolflow.selfplay.facts import known_facts, own_identifier, same_thing
from toolflow.selfplay.names import CARRIED, is_identifier, singular, words
from toolflow.selfplay.order import in_date_order, in_order
from toolflow.selfplay.outcomes import is_state, outcome
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.refs import written_out
from toolflow.selfplay.values import MAX_NESTING, MOST_ITEMS, NoValue, Values, plain

_COMMON = frozenset(
    "name title type status description message id value code result text label category reason".split()
)
"""Names that mean something else in every object; never carried into a nested one."""
_COUNTS = frozenset("total count number results found".split())
_JUST_DONE = frozenset(
    "created sent updated modified submitted logged placed cancelled shared published added opened received".split()
)
"""Words for the moment something was done."""
_OF_THEIR_OWN = frozenset("birth due expires expiry previous".split())
"""Words for days that are not those a call asks about."""
_TROUBLE = frozenset("failure error errors rejection warning exception fault decline".split())
"""Words for fields that are filled only when something went wrong."""
_WENT_WELL = frozenset("success ok available successful".split())


class SelfplayTool:
    """Answers for every tool of one dialogue."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    async def answer(self, view: ToolView) -> Any:
        """A result that fits ``returns``; `DialogueError` when none could be found."""
        for earlier in reversed(view.history):
            if not deed(view.tool).seeks and earlier.tool == view.tool.name:
                break
            if (earlier.tool, earlier.arguments) == (view.tool.name, view.arguments):
                return earlier.result
        key = json.dumps([view.tool.name, view.arguments, len(view.history)], sort_keys=True, default=str)
        try:
            return _Answering(view, Random(f"{self.seed}:{key}")).result()
        except NoValue as error:
            raise DialogueError(f"{view.tool.name}: {error} of its result") from None


class _Answering:
    """One answer under way."""

    def __init__(self, view: ToolView, rng: Random) -> None:
        self.tool, self.arguments, self.rng, self.today = view.tool, view.arguments, rng, view.today
        self.values = Values(rng, view.today, spoken=False)
        self.doing = deed(view.tool)
        self.facts = known_facts(view.history)
        self.days = days_spoken_of(view.arguments, view.today)

    def result(self) -> Any:
        """The whole result, checked."""
        schema = self.tool.returns
        if schema is None:
            return {"status": "success", **self.arguments}
        about = dict(self.arguments)
        for name, value in self.arguments.items():
            about = self.facts.get((name, str(value)), {}) | about
        drawn = self._draw(written_out(schema), "", about, 0, False)
        errors = conformance(schema).errors(drawn)
        if errors:
            raise NoValue(f"no value found for {errors[0].path or 'the whole'}")
        return drawn

    def _draw(self, schema: Any, name: str, about: dict[str, Any], level: int, listed: bool) -> Any:
        """A value for a place of the result; ``about`` is what is known of the thing it belongs to."""
        schema = plain(schema)
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind == "object" and schema.get("properties") and level < MAX_NESTING:
            return self._object(schema, about, level, listed or _another_thing(name, schema["properties"]))
        if kind == "array" and isinstance(schema.get("items"), dict) and level < MAX_NESTING:
            return self._array(schema, name, about, level)
        return self._leaf(schema, name)

    def _object(self, schema: dict[str, Any], about: dict[str, Any], level: int, listed: bool) -> dict[str, Any]:
        """A thing: its identifier first, then what is known under that, then the rest."""
        properties = schema["properties"]
        own = own_identifier(properties) if listed else None
        required = schema.get("required") or ()
        pick = self._pick(properties, about)
        drawn: dict[str, Any] = {}
        for name in sorted(properties, key=lambda name: name != own):
            if name not in required and name not in about and self._left_out(name, properties[name]):
                continue
            value = self._carried(name, properties[name], about, own, level)
            if value is None:
                self.values.pick = pick
                known = about if level == 0 else {**about, **drawn}
                try:
                    value = self._draw(properties[name], name, known, level + 1, False)
                except NoValue:
                    if name in required:
                        raise
                    continue
            drawn[name] = value
            if name == own:
                about = {**about, **self.facts.get((name, str(value)), {})}
        drawn = {name: drawn[name] for name in properties if name in drawn}
        _count(drawn, properties)
        _on_their_days(drawn, about)
        return in_order(drawn, properties, self.rng, close=not self.days.several, fixed=about)

    def _left_out(self, name: str, schema: Any) -> bool:
        """Whether an optional field is not filled: nothing went wrong, or no later call will want it."""
        if _TROUBLE & set(words(name)):
            return True
        nested = isinstance(schema, dict) and schema.get("type") in ("array", "object")
        spare = not nested and not is_identifier(name) and not CARRIED & set(words(name))
        return spare and self.rng.random() < 0.15

    def _pick(self, properties: dict[str, Any], about: dict[str, Any]) -> int:
        """The example all fields of one object take; the one that goes with what is known, if it is listed."""
        for name, below in properties.items():
            examples = below.get("examples") if isinstance(below, dict) else None
            if name in about and isinstance(examples, list) and about[name] in examples and not is_identifier(name):
                return examples.index(about[name])
        return self.rng.randrange(1000)

    def _carried(self, name: str, schema: Any, about: dict[str, Any], own: str | None, level: int) -> Any:
        """What is already known under this name, when it fits here; None when nothing is."""
        filtered = self.doing.seeks and name in self.arguments and level > 0
        if name not in about or name == own or (level > 0 and name in _COMMON and not filtered):
            return None
        if name == "status" and not self.doing.seeks:
            return None
        value = about[name]
        if name not in self.arguments and self.days.first is not None and is_day(value):
            return None
        return value if fits(schema, value) else None

    def _array(self, schema: dict[str, Any], name: str, about: dict[str, Any], level: int) -> list[Any]:
        """A few different things."""
        number = self._length(schema, level)
        if number > MOST_ITEMS:
            raise NoValue(f"no value found for {name}, which wants {number} items")
        items: list[Any] = []
        for attempt in range(6 * number):
            if len(items) == number:
                break
            self.values.pick = None
            item = self._draw(schema["items"], singular(name), about, level + 1, True)
            strict = len(items) > 1 or attempt < 4 * number
            if not any(same_thing(item, other, strict) for other in items):
                items.append(item)
        return in_date_order(items, schema["items"])

    def _length(self, schema: dict[str, Any], level: int) -> int:
        """How many things to list: a handful, as many as the call and the schema allow."""
        least, most = int(schema.get("minItems") or 0), schema.get("maxItems")
        wanted = self.arguments.get("max_results")
        number = self.rng.choice((2, 3, 3, 4) if level <= 1 else (1, 2, 2))
        if isinstance(wanted, int) and level <= 1:
            number = max(1, min(number, wanted))
        return max(least, min(number, int(most)) if isinstance(most, int) else number)

    def _leaf(self, schema: dict[str, Any], name: str) -> Any:
        """One value; yes to what asks whether all went well."""
        options = schema.get("enum")
        if isinstance(options, list) and is_state(name):
            return outcome(options, self.doing, self.arguments, self.rng)
        parts = set(words(name))
        if schema.get("type") == "boolean" and parts & _WENT_WELL:
            return True
        if schema.get("type") in ("number", "integer"):
            return self.values.draw(self._limited(schema, parts), name, self.days.past)
        if schema.get("format") in ("date", "date-time"):
            day = self._day(name, parts)
            return day.isoformat() if schema["format"] == "date" else self._moment(day, name)
        return self.values.draw(schema, name, self.days.past)

    def _day(self, name: str, parts: set[str]) -> date:
        """Today for what was just done, else one of the days spoken of."""
        if parts & _JUST_DONE and not self.doing.seeks:
            return self.today
        spoken_of = None if parts & _OF_THEIR_OWN else self.days.draw(self.rng)
        return spoken_of or self.values.texts.day(name, self.days.past or bool(parts & _JUST_DONE))

    def _moment(self, day: date, name: str) -> str:
        return datetime.combine(day, self.values.texts.moment(name).time()).isoformat() + "Z"

    def _limited(self, schema: dict[str, Any], parts: set[str]) -> dict[str, Any]:
        """The schema of a number with the limits the call asked for: ``max_price`` binds every price."""
        bounded = dict(schema)
        for name, value in self.arguments.items():
            bound, *what = words(name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            if not what or not set(what) <= parts | {"star"}:
                continue
            if bound in ("max", "maximum"):
                bounded["maximum"] = min(value, schema.get("maximum", value))
                bounded.setdefault("minimum", value / 3)
            elif bound in ("min", "minimum"):
                bounded["minimum"] = max(value, schema.get("minimum", value))
                bounded.setdefault("maximum", value * 3)
        return bounded if Values.possible(bounded) else schema


def _another_thing(name: str, properties: dict[str, Any]) -> bool:
    """Whether an object is not the thing its identifier would name first: ``opponent`` with a ``team_id``."""
    own = own_identifier(properties)
    return own is not None and name != "" and not set(words(name)) & set(words(own))


def _on_their_days(drawn: dict[str, Any], known: Container[str]) -> None:
    """Put each moment on the day beside it: ``departure_time`` on ``departure_date``."""
    for name, value in drawn.items():
        day = drawn.get(name.removesuffix("time") + "date") if name.endswith("_time") and name not in known else None
        if isinstance(day, str) and isinstance(value, str) and is_day(day) and is_day(value):
            drawn[name] = day[:10] + value[10:]


def _count(drawn: dict[str, Any], properties: dict[str, Any]) -> None:
    """Make a total beside a list its length: ``total_results``, ``flight_count``."""
    lists = {name: value for name, value in drawn.items() if isinstance(value, list)}
    for name, value in drawn.items():
        if isinstance(value, bool) or not isinstance(value, int) or not _COUNTS & set(words(name)):
            continue
        counted = _counted_by(name, lists)
        if counted is not None and fits(properties[name], len(counted)):
            drawn[name] = len(counted)


def _counted_by(name: str, lists: dict[str, list[Any]]) -> list[Any] | None:
    """The list that a total counts: the one it names, else the only one."""
    parts = words(name)
    for key, items in lists.items():
        if singular(key).split("_")[-1] in map(singular, parts):
            return items
    of_all = set(parts) <= _COUNTS | {"of", "items", "all"}
    return next(iter(lists.values())) if of_all and len(lists) == 1 else None
