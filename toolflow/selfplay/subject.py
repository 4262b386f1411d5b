"""What the result of a call is about: the thing that the call named, something new, or neither."""

from collections.abc import Mapping
from typing import Any

from toolflow.failures import error_result
from toolflow.schema import Failure, Tool
from toolflow.selfplay.days import is_day
from toolflow.selfplay.known import SCHEDULED
from toolflow.selfplay.names import entity, is_identifier, words
from toolflow.selfplay.phrases import Deed
from toolflow.selfplay.things import Things, own_identifier
from toolflow.selfplay.values import plain
from toolflow.verbs import CHANGES, ENDS, RESCHEDULES, SETS_UP

_BRINGS_BACK = frozenset("restore reopen resume activate archive publish".split())
"""After these a thing is what it was before, and nothing new."""


def known_beforehand(tool: Tool, arguments: Mapping[str, Any], doing: Deed, things: Things) -> dict[str, Any]:
    """The arguments, what they default to, and the fields of the things that they name."""
    about = dict(arguments)
    own = changed(tool, arguments, doing)
    for name, value in arguments.items():
        about.setdefault(name.removeprefix("new_"), value)
        thing = things.find(name, value) if is_identifier(name) else None
        if thing is None:
            continue
        known = {**thing.asked, **thing.known}
        if name == own:
            about |= {f"previous_{field}": it for field, it in known.items() if not isinstance(it, dict | list)}
            for field in outdated(known, arguments, own):
                known.pop(field)
        about = known | about
    if doing.verb not in CHANGES:
        for name, schema in tool.properties.items():
            if isinstance(schema, dict) and schema.get("default") not in (None, ""):
                about.setdefault(name, schema["default"])
    return about


def changed(tool: Tool, arguments: Mapping[str, Any], doing: Deed) -> str | None:
    """The identifier of what a call changes: the first that it gives and gets back; None where it changes nothing."""
    returned = plain(tool.returns).get("properties")
    if doing.verb not in CHANGES | RESCHEDULES or not isinstance(returned, dict):
        return None
    return next((name for name in returned if name in arguments and is_identifier(name)), None)


def outdated(known: Mapping[str, Any], arguments: Mapping[str, Any], own: str) -> set[str]:
    """What is known no longer of a thing that is moved to another one: with its flight, a booking changes its hours."""
    moved = [name for name in arguments if name.endswith("_id") and name != own and known.get(name) != arguments[name]]
    return {
        field
        for field, value in known.items()
        for name in moved
        if (is_day(value) and SCHEDULED & set(words(field))) or (field.startswith(name[:-2]) and field != name)
    }


def refusal(arguments: dict[str, Any], doing: Deed, things: Things) -> dict[str, Any] | None:
    """The error of a call about something that was deleted, or that ends a second time; None when it may go on."""
    thing = things.named(arguments)
    if thing is None or not thing.ended or doing.verb in SETS_UP:
        return None
    if thing.gone:
        return error_result(Failure.NOT_FOUND, arguments, own_identifier(arguments))
    return error_result(Failure.CONFLICT, arguments, own_identifier(arguments)) if doing.verb in ENDS else None


def created(properties: Mapping[str, Any], arguments: Mapping[str, Any], doing: Deed) -> str | None:
    """The identifier of what a call sets up: the first of its result, where the call gave none."""
    own = own_identifier(properties)
    makes = not doing.seeks and doing.verb not in CHANGES | ENDS | _BRINGS_BACK
    return own if makes and own not in arguments else None


def looked_up(own: str | None, called: str, level: int, arguments: Mapping[str, Any], doing: Deed) -> Any:
    """The identifier the call gave of the very thing an object is: its ``id``, when an ``album_id`` was asked for."""
    given = [name for name in arguments if is_identifier(name)]
    finds = doing.seeks or doing.verb in CHANGES | ENDS
    if own is None or doing.verb in SETS_UP or not finds or len(given) != 1 or level > 1:
        return None
    whole = level == 0 or words(called) == entity(given[0]).split()
    fitting = own == "id" or words(own) == words(given[0])
    value = arguments[given[0]]
    return value if whole and fitting and isinstance(value, str | int) else None


def another_thing(name: str, properties: Mapping[str, Any]) -> bool:
    """Whether an object is not the thing its identifier would name first: ``home_team`` with a ``team_id``."""
    own = own_identifier(properties)
    return own is not None and name != "" and words(own)[:-1] != words(name)
