"""The single values of a result, as the call wants them: states, days, amounts within bounds."""

import re
from datetime import date, datetime
from random import Random
from typing import Any

from toolflow.cast import ToolView
from toolflow.conformance import fits
from toolflow.selfplay.days import days_spoken_of
from toolflow.selfplay.money import preferred_currency
from toolflow.selfplay.names import words
from toolflow.selfplay.outcomes import is_state, outcome
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.texts import BEHIND_US
from toolflow.selfplay.values import Values
from toolflow.selfplay.wanted import bounds_on, days_on, is_asked_for
from toolflow.verbs import SETS_UP

_JUST_DONE = frozenset(
    "created sent updated modified submitted logged placed cancelled shared published added opened received saved "
    "booked requested joined invited answered uploaded edited merged closed posted ordered submission".split()
)
"""Words for the moment something was done."""
_OF_THEIR_OWN = frozenset("birth due expires expiry previous".split())
"""Words for days that are not those a call asks about."""
_FILLS_LATER = frozenset(
    "track item file member follower view comment like task subtask play download subscriber reply reaction".split()
)
"""Words for what is not yet in a thing that was just created."""
_SOON = frozenset("pickup departure arrival start ready".split())
"""Words for what happens at once, where nobody said when."""
_WENT_WELL = frozenset("success ok available successful".split())
_HAPPENED = re.compile(
    r"\b(?:was|were|has been)\b(?! or)|\bof (?:the|an?) (?:\w+ )?(?:edit|change|comment|scan|collection|transaction)\b",
    re.IGNORECASE,
)
"""In the description of a moment: it lies behind us."""
_LOOKS_BACK = re.compile(
    r"\b(?:past(?! or)|histor\w+|recent|spen[dt]\w*|previous|transactions|reviews)\b", re.IGNORECASE
)
"""In the description of a tool: so do the days of what it lists."""
_READ = 120
"""Letters of a description that are looked at."""
_LISTED_DAYS = ({"date"}, {"stay", "date"}, {"visit", "date"})
_LAPSES = frozenset("expires expiry lapses".split())
"""Words for the end of what lasts some minutes."""
_DEED = 3
"""Letters that a verb has at least for a moment to be named after it: ``transfer_date``."""


_TO_COME = frozenset("estimated expected scheduled planned preferred proposed".split())
"""Participles that say that something was not done yet."""


def _is_just_done(parts: list[str]) -> bool:
    """Whether a moment is the one at which a deed was done: ``posted_at``."""
    return bool(_JUST_DONE & set(parts)) or (parts[0].endswith("ed") and parts[0] not in _TO_COME)


class Leaves:
    """Draws the single values of one answer."""

    def __init__(self, view: ToolView, rng: Random, seed: int) -> None:
        self.arguments, self.today, self.rng, self.seed = view.arguments, view.today, rng, seed
        self.doing = deed(view.tool)
        self.days = days_spoken_of(view.arguments, view.today)
        self.values = Values(rng, view.today, spoken=False)
        self.fresh = False
        """Whether the values are those of a thing that was made in this dialogue, hence today."""
        self.looks_back = self.doing.seeks and bool(_LOOKS_BACK.search(view.tool.description[:_READ]))

    def draw(self, schema: dict[str, Any], name: str) -> Any:
        """One value; yes to what asks whether all went well."""
        options = schema.get("enum")
        if isinstance(options, list) and options and is_state(name):
            return outcome(options, self.doing, self.arguments, self.rng)
        said = words(name)
        parts = set(said)
        if schema.get("type") == "boolean" and (parts & _WENT_WELL or is_asked_for(name, self.arguments)):
            return True
        if said[-1] == "currency":
            return preferred_currency(schema, self.seed) or self.values.draw(schema, name, self.days.past)
        if said[-1] == "count" and (counted := self._counted(schema, name)) is not None:
            return counted
        if schema.get("type") in ("number", "integer"):
            return self.values.draw(self._limited(schema, name), name, self.days.past)
        if schema.get("format") in ("date", "date-time"):
            day = self._day(name, parts, str(schema.get("description") or "")[:_READ])
            return day.isoformat() if schema["format"] == "date" else self._moment(day, name)
        return self.values.draw(schema, name, self.days.past)

    def _counted(self, schema: dict[str, Any], name: str) -> int | None:
        """How many words a text has that the call gave, or that nothing is yet in what it creates."""
        parts = words(name)
        texts = [value for value in self.arguments.values() if isinstance(value, str) and " " in value]
        known = len(max(texts, key=len).split()) if parts == ["word", "count"] and texts else None
        new = self.fresh or self.doing.verb in SETS_UP - {"add"}
        if known is None and new and parts[-1] == "count" and _FILLS_LATER & set(parts):
            known = 0
        return known if known is not None and fits(schema, known) else None

    def _day(self, name: str, parts: set[str], description: str) -> date:
        """Today for what was just done, else one of the days spoken of; before today for what has happened."""
        happened = bool(_HAPPENED.search(description)) or (self.looks_back and parts in _LISTED_DAYS)
        deed = len(self.doing.verb) >= _DEED and words(name)[0].startswith(self.doing.verb)
        if not self.doing.seeks and (deed or _is_just_done(words(name))):
            return self.today
        if self.fresh and self._is_past(parts, happened):
            return self.today
        if not self.doing.seeks and parts & _LAPSES and any(words(given)[-1] == "minutes" for given in self.arguments):
            return self.today
        after, before = days_on(name, self.arguments)
        if not self.doing.seeks and self.days.first is None and parts & _SOON:
            return self.today
        spoken_of = None if parts & _OF_THEIR_OWN and not (after or before) else self.days.draw(self.rng)
        past = self.days.past or happened or bool(parts & _JUST_DONE)
        if spoken_of is not None and self._is_past(parts, happened):
            spoken_of = min(spoken_of, self.today)
        day = spoken_of or self.values.texts.day(name, past)
        day = max(day, date.fromisoformat(after)) if after else day
        return min(day, date.fromisoformat(before)) if before else day

    @staticmethod
    def _is_past(parts: set[str], happened: bool) -> bool:
        """Whether a moment cannot be one to come."""
        return happened or bool(parts & (_JUST_DONE | BEHIND_US))

    def _moment(self, day: date, name: str) -> str:
        return datetime.combine(day, self.values.texts.moment(name).time()).isoformat() + "Z"

    def _limited(self, schema: dict[str, Any], name: str) -> dict[str, Any]:
        """The schema of a number with the limits the call asked for: ``max_price`` binds every price."""
        least, most = bounds_on(name, self.arguments)
        bounded = dict(schema)
        if most is not None:
            bounded["maximum"] = min(most, schema.get("maximum", most))
            bounded.setdefault("minimum", most / 3)
        if least is not None:
            bounded["minimum"] = max(least, bounded.get("minimum", least))
            bounded.setdefault("maximum", least * 3)
        return bounded if Values.possible(bounded) else schema
