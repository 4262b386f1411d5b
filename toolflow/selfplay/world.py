"""The selfplay tool: answers calls from one simulated world per dialogue.

A result fits the tool's ``returns``, agrees with the call (what was asked for comes back under the same
name), with the date, and with what was answered before: the same identifier is the same thing, the same
call gets the same answer unless something changed in between. The world is nothing but the history the
loop hands over, and a seed.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from toolflow.cast import Answered, ToolView
from toolflow.conformance import conformance, fits
from toolflow.errors import DialogueError
from toolflow.selfplay.names import CARRIED, is_identifier, singular, words
from toolflow.selfplay.order import in_order
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.values import MAX_NESTING, NoValue, Values, plain

_COMMON = frozenset(
    "name title type status description message id value code result text label category reason".split()
)
"""Names that mean something else in every object; never carried into a nested one."""
_COUNTS = frozenset("total count number results found".split())
_FAILURES = frozenset(
    "failed fail error rejected declined cancelled canceled denied invalid expired unavailable unknown lost missing "
    "no none not blocked bounced closed overdue refused returned delayed".split()
)
_JUST_DONE = frozenset(
    "created sent updated submitted logged placed cancelled shared published added opened received".split()
)
"""Words for the moment something was done."""
_TROUBLE = frozenset("failure error errors rejection warning exception fault decline".split())
"""Words for fields that are filled only when something went wrong."""
_OUTCOMES = {
    "cancel": ("cancel",), "book": ("confirm", "book"), "create": ("creat", "open", "active", "draft"),
    "send": ("sent", "send", "queued"), "order": ("confirm", "placed", "received"), "delete": ("delet", "remov"),
    "remove": ("remov", "delet"), "update": ("updat", "chang"), "schedule": ("schedul", "confirm"),
    "reserve": ("confirm", "reserv"), "pay": ("paid", "complet"), "close": ("clos",), "merge": ("merg",),
    "approve": ("approv",), "submit": ("submit", "received", "pending"), "add": ("add",), "share": ("shar", "sent"),
    "move": ("moved", "reschedul", "confirm"), "transfer": ("complet", "transfer", "sent"),
}  # fmt: skip
"""Verb → beginnings of the states it leads to, the likeliest first."""


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
        self.first, self.last = _days_spoken_of(view.arguments)
        self.past = (self.last is not None and self.last < view.today) or (
            self.first is not None and self.first < view.today
        )

    def result(self) -> Any:
        schema = self.tool.returns
        if schema is None:
            return {"status": "success", **self.arguments}
        about = dict(self.arguments)
        for name, value in self.arguments.items():
            about = self.facts.get((name, str(value)), {}) | about
        drawn = self._draw(schema, "", about, 0, False)
        errors = conformance(schema).errors(drawn)
        if errors:
            raise NoValue(f"no value found for {errors[0].path or 'the whole'}")
        return drawn

    def _draw(self, schema: Any, name: str, about: dict[str, Any], level: int, listed: bool) -> Any:
        """A value for a place of the result; ``about`` is what is known of the thing it belongs to."""
        schema = plain(schema)
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind == "object" and schema.get("properties") and level < MAX_NESTING:
            return self._object(schema, about, level, listed)
        if kind == "array" and isinstance(schema.get("items"), dict) and level < MAX_NESTING:
            return self._array(schema, name, about, level)
        return self._leaf(schema, name)

    def _object(self, schema: dict[str, Any], about: dict[str, Any], level: int, listed: bool) -> dict[str, Any]:
        properties = schema["properties"]
        own = _own_identifier(properties) if listed else None
        required = schema.get("required") or ()
        pick = self._pick(properties, about)
        drawn: dict[str, Any] = {}
        order = sorted(properties, key=lambda name: name != own)
        for name in order:
            optional = name not in required and name not in about
            if optional and (
                _TROUBLE & set(words(name)) or (_spare(name, properties[name]) and self.rng.random() < 0.15)
            ):
                continue
            value = self._carried(name, properties[name], about, own, level)
            if value is None:
                self.values.pick = pick
                value = self._draw(
                    properties[name], name, about if level == 0 else {**about, **drawn}, level + 1, False
                )
            drawn[name] = value
            if name == own:
                about = {**about, **self.facts.get((name, str(value)), {})}
        drawn = {name: drawn[name] for name in properties if name in drawn}
        _count(drawn, properties)
        return in_order(drawn, properties, self.rng, close=self.last is None or self.first == self.last, fixed=about)

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
        if name not in self.arguments and self.first is not None and _is_day(value):
            return None
        return value if fits(schema, value) else None

    def _array(self, schema: dict[str, Any], name: str, about: dict[str, Any], level: int) -> list[Any]:
        least, most = int(schema.get("minItems") or 0), schema.get("maxItems")
        wanted = self.arguments.get("max_results")
        number = self.rng.choice((2, 3, 3, 4) if level <= 1 else (1, 2, 2))
        if isinstance(wanted, int) and level <= 1:
            number = max(1, min(number, wanted))
        number = max(least, min(number, int(most)) if isinstance(most, int) else number)
        if number > 50:
            raise NoValue(f"no value found for {name}, which wants {number} items")
        items: list[Any] = []
        for _ in range(4 * number):
            if len(items) == number:
                break
            self.values.pick = None
            item = self._draw(schema["items"], singular(name), about, level + 1, True)
            if not any(_same_thing(item, other, strict=len(items) > 1) for other in items):
                items.append(item)
        return items

    def _leaf(self, schema: dict[str, Any], name: str) -> Any:
        options = schema.get("enum")
        if isinstance(options, list) and name.endswith(("status", "state", "outcome", "result")):
            return self._outcome([option for option in options if isinstance(option, str)] or options)
        parts = set(words(name))
        if schema.get("type") == "boolean" and parts & {"success", "ok", "available", "successful"}:
            return True
        if schema.get("type") in ("number", "integer"):
            return self.values.draw(self._limited(schema, parts), name, self.past)
        if schema.get("format") in ("date", "date-time"):
            return self._moment(str(schema["format"]), name, parts)
        return self.values.draw(schema, name, self.past)

    def _moment(self, format_: str, name: str, parts: set[str]) -> str:
        """A date, or a date with a time: now for what was just done, else in the days spoken of."""
        if parts & _JUST_DONE and not self.doing.seeks:
            day = self.today
        elif self.first is not None and not parts & {"birth", "due", "expires", "expiry", "previous"}:
            span = (self.last - self.first).days if self.last is not None else 10
            day = self.first + timedelta(days=self.rng.randint(0, max(0, min(span, 60))))
            day = min(day, self.today) if self.past and self.last is None else day
        else:
            day = self.values.texts.day(name, self.past or bool(parts & _JUST_DONE))
        if format_ == "date":
            return day.isoformat()
        return datetime.combine(day, self.values.texts.moment(name).time()).isoformat() + "Z"

    def _limited(self, schema: dict[str, Any], parts: set[str]) -> dict[str, Any]:
        """The schema of a number with the limits the call asked for: ``max_price`` binds every price."""
        bounded = dict(schema)
        for name, value in self.arguments.items():
            bound, *what = words(name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not what
                or not set(what) <= parts | {"star"}
            ):
                continue
            if bound in ("max", "maximum"):
                bounded["maximum"] = min(value, schema.get("maximum", value))
                bounded.setdefault("minimum", value / 3)
            elif bound in ("min", "minimum"):
                bounded["minimum"] = max(value, schema.get("minimum", value))
                bounded.setdefault("maximum", value * 3)
        return bounded if Values.possible(bounded) else schema

    def _outcome(self, options: list[Any]) -> Any:
        """The state a call that went well leads to."""
        texts = {option: str(option).lower() for option in options}
        decided = [value[:5].lower() for value in self.arguments.values() if isinstance(value, str) and len(value) > 3]
        for start in (*decided, *_OUTCOMES.get(self.doing.verb, ())):
            for option, text in texts.items():
                if text.startswith(start):
                    return option
        good = [option for option, text in texts.items() if not _FAILURES & set(words(text))]
        return self.rng.choice(good or options) if self.doing.seeks else (good or options)[0]


def known_facts(history: Sequence[Answered]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the dialogue has established: (identifier's name, its value) → what is known of that thing.

    A listed thing goes by its first identifier; a whole result by the first one that the call did not
    give (what was created), else by the first one (what was looked up). Another thing it mentions gets
    what its name says is its own: a booking knows the ``hotel_name`` of its ``hotel_id``.
    """
    facts: dict[tuple[str, str], dict[str, Any]] = {}
    for answered in history:
        for thing in _things(answered.result):
            own = _own_identifier(thing)
            if thing is answered.result:
                new = [name for name in thing if is_identifier(name) and name not in answered.arguments]
                own = (
                    new[0]
                    if new and not any(is_identifier(name) and name in thing for name in answered.arguments)
                    else own
                )
                thing = answered.arguments | thing
            if own is not None and isinstance(thing[own], str | int):
                facts.setdefault((own, str(thing[own])), {}).update(thing)
            for name in thing:
                if name != own and name.endswith("_id") and isinstance(thing[name], str | int):
                    about = {key: value for key, value in thing.items() if key.startswith(name.removesuffix("id"))}
                    facts.setdefault((name, str(thing[name])), {}).update(about)
    return facts


def _things(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a result, the outer ones last."""
    if isinstance(value, dict):
        for below in value.values():
            yield from _things(below)
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _things(item)


def _spare(name: str, schema: Any) -> bool:
    """Whether an optional field may be left out: no later call will want it."""
    nested = isinstance(schema, dict) and (schema.get("type") in ("array", "object"))
    return not nested and not is_identifier(name) and not CARRIED & set(words(name))


def _own_identifier(properties: dict[str, Any]) -> str | None:
    """The identifier of the listed things themselves: the first one among their fields."""
    return next((name for name in properties if is_identifier(name)), None)


def _same_thing(one: Any, other: Any, strict: bool) -> bool:
    """Whether two listed items would be taken for the same thing; ``strict`` also by their name alone."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    own = _own_identifier(one)
    if own is not None and one[own] == other.get(own):
        return True
    if not strict:
        return one == other
    names = [
        name for name in one if words(name)[-1:] in (["name"], ["title"], ["label"]) and isinstance(one[name], str)
    ]
    return any(one[name] == other.get(name) for name in names[:1])


def _count(drawn: dict[str, Any], properties: dict[str, Any]) -> None:
    """Make a total beside a list its length: ``total_results``, ``flight_count``."""
    lists = {name: value for name, value in drawn.items() if isinstance(value, list)}
    for name, value in drawn.items():
        parts = words(name)
        if isinstance(value, bool) or not isinstance(value, int) or not set(parts) & _COUNTS:
            continue
        named = [
            items for key, items in lists.items() if singular(key).split("_")[-1] in (singular(part) for part in parts)
        ]
        whole = list(lists.values()) if len(lists) == 1 and set(parts) <= _COUNTS | {"of", "items", "all"} else []
        for items in named[:1] or whole:
            if fits(properties[name], len(items)):
                drawn[name] = len(items)


def _days_spoken_of(arguments: dict[str, Any]) -> tuple[date | None, date | None]:
    """The first and the last day a call is about; the last one unknown after an open "since"."""
    first: date | None = None
    last: date | None = None
    for name, value in arguments.items():
        if not _is_day(value):
            continue
        day = date.fromisoformat(value[:10])
        parts = set(words(name))
        if parts & {"end", "before", "until", "to", "out", "return"}:
            last = max(day, first) if first else day
        elif parts & {"start", "after", "since", "from", "in"}:
            first = day
        else:
            first, last = day, day
    return (first or (last - timedelta(days=7) if last else None)), last


def _is_day(value: Any) -> bool:
    """Whether a value is a date, or begins with one."""
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value[:10]))
    except ValueError:
        return False
