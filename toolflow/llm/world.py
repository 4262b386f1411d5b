"""The world of one dialogue, as the answers of its tools have made it so far, and what another answer may not deny.

It is nothing but the history of calls that the loop hands over. A question that was asked before gets the answer it
got, unless a call in between changed something; what was deleted is not found; and of a new answer it says where it
contradicts what stands: a thing, known by its identifier, keeps its fields until a call changes it; what was created
is listed where it belongs; what was deleted is not; what was cancelled does not go on. Ours, all of it. Names and
verbs are all it goes by, so that it is silent where they say nothing, and about fields that change by themselves.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toolflow.cast import Answered, ToolView
from toolflow.conformance import fits
from toolflow.failures import error_result
from toolflow.llm.prompts import quoted
from toolflow.llm.user_plan import is_identifier
from toolflow.path import objects
from toolflow.schema import Failure, Tool
from toolflow.trace import alike
from toolflow.verbs import DELETES, ENDS, MAKES, looks_up, verb_of

MOST_STANDING = 20
"""Created and ended things that are named in a question, the latest."""
LEAST_TELLING = 4
"""So many letters, a digit among them, make an identifier that nothing else has."""

_SHARED = re.compile(r"phone|postal|zip|country|language|currency|airport|discount|error|status|seat|season", re.I)
"""Codes and numbers that many things have."""
_FLEETING = re.compile(
    r"distance|rank|score|match|relevan|position|similar|stat(?:us|e)(?:_|$)|_ago|unread|percent|chance|probab|minutes"
    r"|available|left|free|count|total|changed|updated|modified|last|next|message|result|reason|summary|quantity|note"
    r"|balance|progress|rate|success|time(?:_|$|stamp)|eta|now|current",
    re.I,
)
"""In names of fields: what it says changes by itself, or with the question."""
_STEERING = re.compile(r"^(?:max|limit|page|offset|sort|order|top|per_page|size|cursor)", re.I)
"""Arguments that say nothing of the things wanted."""
_ALIVE = re.compile(r"(?i)^(?:confirmed|active|open|booked|scheduled|reserved|upcoming|placed|enabled|in progress)$")


@dataclass(slots=True)
class Thing:
    """One thing."""

    own: str
    """Name of its identifier …"""
    value: str | int
    """… and that itself."""
    known: dict[str, Any] = field(default_factory=dict)
    """Its fields, as they were told last."""
    created: bool = False
    ended: bool = False
    """Cancelled, closed or deleted."""
    gone: bool = False
    """Deleted."""


class World:
    """What stands after a history; ``tools`` are those called in it, by name."""

    def __init__(self, history: Sequence[Answered], tools: Mapping[str, Tool]) -> None:
        self._history = history
        self._tools = tools
        self._things: dict[str, Thing] = {}
        for answered in history:
            self._take_in(answered)

    def _tool(self, name: str) -> Tool:
        return self._tools.get(name) or Tool(name=name, description="", parameters={})

    def _take_in(self, answered: Answered) -> None:
        if _is_error(answered.result):
            return
        tool, given = self._tool(answered.tool), answered.arguments
        verb, seeks = verb_of(tool), looks_up(tool)
        named = self.named(given)
        if not seeks and named is not None:
            named.known.clear()  # another one now; the answer says which
            named.ended |= verb in ENDS
            named.gone |= verb in DELETES
        for found in objects(answered.result):
            own = own_identifier(found, () if seeks else given)
            if own is None:
                continue
            thing = self._things.setdefault(str(found[own]), Thing(own, found[own]))
            thing.known |= {name: value for name, value in found.items() if _is_scalar(value)}
            if found is answered.result and own not in given and verb in MAKES:
                thing.created = True
                thing.known = {name: value for name, value in given.items() if _is_scalar(value)} | thing.known

    def named(self, arguments: Mapping[str, Any]) -> Thing | None:
        """The thing that the first identifier among the arguments names; None when nothing is known of it."""
        own = own_identifier(arguments)
        return self._things.get(str(arguments[own])) if own else None

    def repeated(self, view: ToolView) -> Any:
        """The answer to the same question, when nothing has changed since it was asked; else None."""
        for answered in reversed(self._history) if looks_up(view.tool) else ():
            if (answered.tool, answered.arguments) == (view.tool.name, view.arguments):
                return answered.result
            if not looks_up(self._tool(answered.tool)):
                break
        return None

    def refusal(self, view: ToolView) -> dict[str, Any] | None:
        """The error of a call about something that was deleted, or that ends a second time; None when it may go on."""
        thing, own = self.named(view.arguments), own_identifier(view.arguments)
        if thing is not None and thing.gone:
            return error_result(Failure.NOT_FOUND, view.arguments, own)
        if thing is not None and thing.ended and verb_of(view.tool) in ENDS:
            return error_result(Failure.CONFLICT, view.arguments, own)
        return None

    def standing(self) -> str:
        """What was created and what was ended, in lines."""
        lines = []
        for thing in self._things.values():
            words = "deleted" if thing.gone else "cancelled or closed" if thing.ended else "created"
            if thing.created or thing.ended:
                lines.append(f"{words}: {thing.own} {quoted(thing.value)}")
        return "\n".join(lines[-MOST_STANDING:]) or "(nothing)"

    def settled(self, view: ToolView) -> dict[str, Any]:
        """Fields of the result that are known beforehand: those of the thing that a question names."""
        thing = self.named(view.arguments) if looks_up(view.tool) else None
        known = {} if thing is None else {name: value for name, value in thing.known.items() if _lasts(name)}
        return known | view.arguments

    def objections(self, view: ToolView, result: Any) -> list[str]:
        """Where a result contradicts what stands, in words."""
        seeks = looks_up(view.tool)
        if _is_error(result):
            return []
        if isinstance(result, dict) and verb_of(view.tool) in MAKES and (taken := self._taken(view, result)):
            return [taken]
        named = None if seeks else self.named(view.arguments)
        found = [
            objection
            for part in objects(result)
            if (thing := self._known(part)) is not None and thing is not named
            for objection in _denials(part, thing, view.arguments, listed=part is not result)
        ]
        return [*found, *(self._unlisted(view, result) if seeks else ())]

    def put_right(self, view: ToolView, result: Any) -> Any:
        """The result with the fields that stand, and without what was deleted; what is not listed stays so."""
        named = None if looks_up(view.tool) else self.named(view.arguments)
        return self._right(result, view.tool.returns, view.arguments, named)

    def _right(self, part: Any, schema: Any, arguments: Mapping[str, Any], named: Thing | None) -> Any:
        schema = schema if isinstance(schema, dict) else {}
        if isinstance(part, list):
            there = [item for item in part if not ((thing := self._known(item)) and thing.gone)]
            return [self._right(item, schema.get("items"), arguments, named) for item in there]
        if not isinstance(part, dict):
            return part
        thing, properties = self._known(part), schema.get("properties") or {}
        known = thing.known if thing is not None and thing is not named else {}
        right: dict[str, Any] = {}
        for name, value in part.items():
            below = properties.get(name, {})
            stands = name in known and name not in arguments and _lasts(name) and fits(below, known[name])
            right[name] = known[name] if stands else self._right(value, below, arguments, named)
        return right

    def _taken(self, view: ToolView, result: dict[str, Any]) -> str | None:
        """The identifier of what a call creates, where something that was created before has it."""
        own = own_identifier(result, view.arguments)
        thing = self._things.get(str(result[own])) if own and own not in view.arguments else None
        return f"{own} must be a new one; {quoted(thing.value)} is taken" if thing and thing.created else None

    def _known(self, part: Any) -> Thing | None:
        own = own_identifier(part) if isinstance(part, dict) else None
        return self._things.get(str(part[own])) if own else None

    def _unlisted(self, view: ToolView, result: Any) -> Iterator[str]:
        """Created things that belong in a list and are not there: those that the question's arguments all fit."""
        lists = [items for part in objects(result) for items in part.values() if _is_list_ofobjects(items)]
        for items in lists or ([result] if _is_list_ofobjects(result) else []):
            own = own_identifier(items[0])
            there = {str(item[own]) for item in items if own and own in item}
            for key, thing in self._things.items():
                due = thing.created and not thing.ended and thing.own == own and key not in there
                if due and all(_fits(thing, name, value) for name, value in view.arguments.items()):
                    yield f"{thing.own} {quoted(thing.value)} was created before and belongs in the list"


def _denials(part: dict[str, Any], thing: Thing, arguments: Mapping[str, Any], *, listed: bool) -> Iterator[str]:
    what = f"{thing.own} {quoted(thing.value)}"
    if thing.gone and listed:
        yield f"{what} was deleted and must not be listed"
    for name, value in part.items():
        state = name.lower().endswith(("status", "state")) and isinstance(value, str)
        if thing.ended and state and _ALIVE.match(value):
            yield f"{what} was cancelled or closed before, so that {name} cannot be {quoted(value)}"
        before = thing.known.get(name)
        if before is None or value is None or name in arguments or not _lasts(name) or not _is_scalar(value):
            continue
        if not alike(before, value):
            yield f"{name} of {what} must be {quoted(before)}, as before"


def own_identifier(fields: Mapping[str, Any], given: Mapping[str, Any] | Sequence[str] = ()) -> str | None:
    """The identifier of a thing among its fields: ``id`` or the first one, of those not ``given`` where there are."""
    names = [name for name, value in fields.items() if is_identifier(name) and not _SHARED.search(name)]
    names = [name for name in names if isinstance(fields[name], str | int) and _tells(fields[name])]
    fresh = [name for name in names if name not in given] or names
    return "id" if "id" in fresh else next(iter(fresh), None)


def _tells(value: Any) -> bool:
    """Whether a value names one thing alone."""
    text = str(value)
    return len(text) >= LEAST_TELLING and any(map(str.isdigit, text)) and not isinstance(value, bool)


def _lasts(name: str) -> bool:
    return not _FLEETING.search(name) and not is_identifier(name)


def _fits(thing: Thing, name: str, value: Any) -> bool:
    return bool(_STEERING.match(name)) or (name in thing.known and alike(thing.known[name], value))


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_error(result: Any) -> bool:
    return isinstance(result, dict) and bool(result.get("error"))


def _is_list_ofobjects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
