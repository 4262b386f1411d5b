"""How a person points at a result instead of saying the value: "the first hotel", "that booking"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from toolflow.choice import Choice, choice_in
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.names import entity, is_identifier, label, singular
from toolflow.selfplay.phrases import plural
from toolflow.surface import spelled

_LAST = "last"
_LAST_BESIDE = "very last"
"""… of several that were called at once."""
_FIRST = re.compile(r"\[0\]")
_BOTH = "[:2]"
_EACH = re.compile(r"([A-Za-z_]*)\[:(\d)\]")
"""Of several items, one after the other: how `merged` writes it, for the words alone."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")
VAGUE = frozenset(
    (
        "result",
        "item",
        "data",
        "match",
        "entry",
        "option",
        "record",
        "row",
        "list",
        "datum",
        "rows",
        "results",
        "items",
        "entries",
        "value",
        "",
    )
)
"""Names of lists that say nothing of what they list."""


def reference_words(name: str, reference: Reference) -> str:
    """``the first hotel``, ``the address of the second place``, ``that booking``: how a person points at a result."""
    what = entity(name)
    if several := _EACH.search(reference.path):
        return _each(name, several[1], int(several[2]), reference.path)
    if chosen := choice_in(reference.path):
        return _chosen(name, *chosen, reference.path)
    listed = re.search(r"([A-Za-z_]*)\[(\d+)\][^\[]*$", reference.path)
    if listed is None:
        if not reference.standing:
            return f"that {what}"
        last = reference.standing in (_LAST, _LAST_BESIDE)
        return f"that {_LAST} {what}" if last else f"the {reference.standing} {what}"
    ordinal = ORDINALS[min(int(listed.group(2)), len(ORDINALS) - 1)]
    holder = label(singular(listed.group(1)))
    field_ = entity(reference.path.rsplit(".", 1)[-1])
    once = "" if reference.standing in ("", _LAST) else f" from the {reference.standing.split()[-1]} list"
    unnamed = holder in VAGUE or holder == label(listed.group(1))
    if is_identifier(name) and (unnamed or holder.split()[-1:] == field_.split()[-1:] or not holder):
        return f"the {ordinal} {what}{once}"
    return f"the {what} of the {ordinal} {'one' if unnamed else holder}{once}"


def _chosen(name: str, holder: str, choice: Choice, path: str) -> str:
    """``the cheapest hotel``, ``the address of the nearest place``."""
    item = _item_of(name, holder.rpartition(".")[2], path)
    return choice.of(item) if item == entity(name) else f"the {entity(name)} of {choice.of(item)}"


def _each(name: str, holder: str, number: int, path: str) -> str:
    """``each of the first two hotels``."""
    item = _item_of(name, holder, path)
    words = f"each of the first {spelled(number)} {plural(item, number)}"
    return words if item == entity(name) else f"the {entity(name)} of {words}"


def _item_of(name: str, holder: str, path: str) -> str:
    """What the items of a list are called where one is meant by a parameter."""
    item, field_ = label(singular(holder)), entity(path.rsplit(".", 1)[-1])
    unnamed = item in VAGUE or item == label(holder)
    if is_identifier(name) and (unnamed or item.split()[-1:] == field_.split()[-1:]):
        return entity(name)
    return "one" if unnamed else item


def merged(intents: Sequence[Intent]) -> list[Intent]:
    """The same deeds, with those that are wanted of one item after the other made one: for each of the first two."""
    found: list[Intent] = []
    for intent in intents:
        before = found[-1] if found else None
        if before is None or before.tool != intent.tool or before.given != intent.given or not _follow(before, intent):
            found.append(intent)
            continue
        both = {
            name: replace(reference, path=_FIRST.sub(_BOTH, reference.path, count=1))
            for name, reference in before.referred.items()
        }
        found[-1] = replace(before, referred=both)
    return found


def _follow(one: Intent, other: Intent) -> bool:
    """Whether two intents point at the first and the second item of the same lists."""
    paths = [(reference.call, _FIRST.sub("[1]", reference.path, count=1)) for reference in one.referred.values()]
    return bool(paths) and paths == [(reference.call, reference.path) for reference in other.referred.values()]


def standing(call: int, rivals: Sequence[int], beside: Sequence[int] = ()) -> str:
    """How a call stands among those, by number, that it could be taken for; empty when it stands alone.

    ``beside`` are the calls that were asked for at once with it: of several lists that came at once, one is named.
    """
    if len(rivals) < 2 or call not in rivals:
        return ""
    at = rivals.index(call)
    if at == len(rivals) - 1:
        return _LAST_BESIDE if set(rivals[:-1]) & set(beside) else _LAST
    return ORDINALS[min(at, len(ORDINALS) - 1)]
