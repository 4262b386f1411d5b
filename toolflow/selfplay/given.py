"""What the user says in a call: new values for its arguments, or old ones where the talk is about the same."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from toolflow.conformance import fits
from toolflow.schema import Argument, FromContext, FromOutput, FromUser, Tool
from toolflow.selfplay.apart import moves, tell_apart
from toolflow.selfplay.days import is_day
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.gazetteer import city_in
from toolflow.selfplay.names import is_credential, is_identifier, singular, words
from toolflow.selfplay.order import in_order
from toolflow.selfplay.persons import settle_persons
from toolflow.selfplay.phrases import Deed, deed
from toolflow.selfplay.places import settle_addresses, settle_places
from toolflow.selfplay.values import NoValue, Values, has_meaning, plain
from toolflow.selfplay.wanted import reachable
from toolflow.verbs import CHANGES

_PAST = re.compile(
    r"\b(past|histor\w+|recent|spen[dt]\w*|previous|transactions|logged|was|were|summar\w+|report\w*)\b", re.I
)
"""In a description: the tool looks back."""
_READ = 300
"""Letters of a description that are looked at."""
_DONE = re.compile(r"\b(finished|completed|past|already)\b", re.I)
"""In a description: what the tool takes down has happened."""
_UNSAID = frozenset(
    "limit page offset cursor per_page accept authorization callback format header headers token password secret "
    "api timezone max_results fields skip size".split()
)
"""Words for optional parameters that only a programmer would mention."""
_UNDOES = frozenset("remove undo delete revert dry disable unset cancel".split())
"""Words for an option that turns what a tool does into its contrary."""
_SAID_AGAIN, _SAME_PERSON = 0.7, 0.9
"""Share of values said before that are taken again, where a later tool wants one under the same name."""
_SPARE = (8, 3, 0)
_SPARE_FED = (9, 1, 0)
"""Weights of no, one and two optional arguments; the second where an earlier result gives some already."""


class Given:
    """Draws what the user says in the calls of one talk, and remembers it."""

    def __init__(self, today: date, rng: Random) -> None:
        self.today, self.rng = today, rng
        self.values = Values(rng, today, spoken=True)
        self.said: dict[str, Any] = {}
        """By parameter name, what the user has said."""
        self.keys: dict[str, Any] = {}
        """The user's keys and tokens, one under each name."""

    def arguments(
        self, tool: Tool, outputs: Mapping[str, FromOutput], near: Mapping[str, FromUser], used: Collection[str]
    ) -> dict[str, Argument]:
        """Every required argument and some optional ones, each from its source; ``near`` goes before new values.

        ``used`` are the names of the tools that were called before.
        """
        doing = deed(tool)
        looked_at = tool.description[:_READ]
        past = bool(_PAST.search(looked_at)) if doing.seeks else doing.verb == "log" or bool(_DONE.search(looked_at))
        chosen = [
            name for name in tool.properties if name in tool.required or (name in outputs and self.rng.random() < 0.7)
        ]
        chosen += self._optional(tool, doing, bool(outputs), [name for name in tool.properties if name not in chosen])
        said = self._drawn(tool, [name for name in chosen if name not in outputs], past, near, tool.name not in used)
        arguments: dict[str, Argument] = {}
        for name in tool.properties:
            if name in chosen and name in outputs:
                arguments[name] = outputs[name]
            elif name in said:
                today = said[name] == self.today.isoformat()
                arguments[name] = FromContext(value=said[name]) if today else FromUser(value=said[name])
        return arguments

    def _drawn(
        self, tool: Tool, names: Sequence[str], past: bool, near: Mapping[str, FromUser], first: bool
    ) -> dict[str, Any]:
        """Values for these parameters; `NoValue` when a required one has none."""
        self.values.pick = self.rng.randrange(1000)
        drawn: dict[str, Any] = {}
        for name in names:
            if name in near and not moves(tool, name) and self._may_be(near[name].value, tool.properties[name], past):
                drawn[name] = near[name].value
                continue
            try:
                drawn[name] = self._value(tool, name, past, first)
            except NoValue:
                if name in tool.required:
                    raise
        kept = {name for name in drawn if name in near and drawn[name] == near[name].value}
        fixed = kept | {name for name in drawn if drawn[name] == self.said.get(name)}
        days = {name for name, value in drawn.items() if is_day(value)}
        fixed -= set() if days <= kept else days  # an old end may not suit a new beginning
        draft = Draft(drawn, tool.properties, fixed, {"city": self._city(near)}, self.rng)
        settle_places(draft)
        settle_addresses(draft)
        settle_persons(draft)
        tell_apart(draft, self.values)
        return in_order(draft.values, tool.properties, self.rng, close=True, fixed=fixed)

    def _city(self, near: Mapping[str, FromUser]) -> str | None:
        """The city that the talk is about: the last one that the user named, by itself or in an address."""
        said = [*self.said.values(), *(argument.value for argument in near.values())]
        named = [value for value in said if city_in(value) is not None]
        return city.name if named and (city := city_in(named[-1])) else None

    def _value(self, tool: Tool, name: str, past: bool, first: bool) -> Any:
        """What was said before under this name, today, or something new."""
        schema = tool.properties[name]
        known = self.keys.get(name, self.said.get(name))
        if name in self.keys and fits(schema, known):
            return known
        again = known is not None and not isinstance(known, bool) and first
        again = again and not moves(tool, name)
        share = _SAID_AGAIN if words(name)[-1] not in ("email", "name") else _SAME_PERSON
        if again and self.rng.random() < share and self._may_be(known, schema, past):
            return known
        if schema.get("type") == "boolean":
            return not schema.get("default", False)
        if schema.get("format") == "date" and not past and name in ("date", "day") and self.rng.random() < 0.15:
            return self.today.isoformat()
        if schema.get("type") == "string" and is_identifier(name) and _is_number(tool, name):
            schema = {"type": "string", "pattern": "^[1-9][0-9]{4}$", **schema}
        value = self.values.draw(self._bounded(tool, name, schema), name, past)
        if is_credential(words(name)):
            self.keys[name] = value
        return value

    def _bounded(self, tool: Tool, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema of a number, without bounds that the tool can find nothing within."""
        bounded = reachable(tool, name, schema) if schema.get("type") in ("integer", "number") else schema
        return dict(bounded) if Values.possible(dict(bounded)) else schema

    def _may_be(self, value: Any, schema: Any, past: bool) -> bool:
        """Whether a value said before fits here as well; no day to come does where the tool looks back."""
        ahead = past and is_day(value) and value[:10] > self.today.isoformat()
        return not ahead and fits(schema, value)

    def _optional(self, tool: Tool, doing: Deed, fed: bool, names: Sequence[str]) -> list[str]:
        """Optional arguments a person would mention: few, fewer where a result is used, and none of a programmer's."""
        likely = [name for name in names if _is_sayable(name, tool.properties[name])]
        least = 1 if doing.verb in CHANGES or not tool.required else 0
        number = max(least, self.rng.choices((0, 1, 2), weights=_SPARE_FED if fed else _SPARE)[0])
        chosen = set(self.rng.sample(likely, min(number, len(likely))))
        return [name for name in names if name in chosen]


def _is_sayable(name: str, schema: Any) -> bool:
    """Whether a person would say an optional argument in a chat."""
    if not isinstance(schema, dict) or is_identifier(name) or _UNSAID & {name, *words(name)}:
        return False
    kind = schema.get("type")
    if kind == "boolean":
        return not _UNDOES & set(words(name)) and str(schema.get("description") or "").lower().startswith("whether to ")
    if kind == "array":
        items = schema.get("items") or {}
        return items.get("type") == "string" and has_meaning(singular(name), {**schema, **items})
    described = bool(schema.get("description") or schema.get("enum"))
    return described and (kind in ("integer", "number") or (kind == "string" and has_meaning(name, schema)))


def _is_number(tool: Tool, name: str) -> bool:
    """Whether a tool returns as a number what it takes under the same name."""
    returned = plain((plain(tool.returns).get("properties") or {}).get(name))
    return returned.get("type") == "integer"
