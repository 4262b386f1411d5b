"""An answer given before, brought up to date: changed values show, deleted things are gone."""

from typing import Any

from toolflow.conformance import fits
from toolflow.selfplay.settle import counted_by
from toolflow.selfplay.things import Things, own_identifier
from toolflow.selfplay.values import plain


def renewed(item: Any, schema: Any, things: Things) -> Any:
    """A thing with the values that it has now."""
    own = own_identifier(item) if isinstance(item, dict) else None
    thing = things.find(own, item[own]) if own else None
    if thing is None:
        return item
    properties, now = plain(schema).get("properties") or {}, thing.known
    return {
        name: now[name] if name in now and fits(properties.get(name, {}), now[name]) else value
        for name, value in item.items()
    }


def is_gone(item: Any, things: Things) -> bool:
    """Whether a listed thing was deleted."""
    own = own_identifier(item) if isinstance(item, dict) else None
    thing = things.find(own, item[own]) if own else None
    return thing is not None and thing.gone


def recounted(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The answer with what counted a list counting it still."""
    lists = {name: value for name, value in after.items() if isinstance(value, list)}
    for name, value in after.items():
        counted = counted_by(name, lists) if type(value) is int else None
        if counted and len(before[counted]) == value:
            after[name] = len(lists[counted])
    return after
