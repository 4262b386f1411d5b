"""How a person points at a result instead of saying the value: "the first hotel", "that booking"."""

import re
from collections.abc import Sequence

from toolflow.selfplay.acts import Reference
from toolflow.selfplay.names import entity, is_identifier, label, singular

_LAST = "last"
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
    listed = re.search(r"([A-Za-z_]*)\[(\d+)\][^\[]*$", reference.path)
    if listed is None:
        if not reference.standing:
            return f"that {what}"
        return f"{'that' if reference.standing == _LAST else 'the'} {reference.standing} {what}"
    ordinal = ORDINALS[min(int(listed.group(2)), len(ORDINALS) - 1)]
    holder = label(singular(listed.group(1)))
    field_ = entity(reference.path.rsplit(".", 1)[-1])
    once = "" if reference.standing in ("", _LAST) else f" from the {reference.standing} list"
    unnamed = holder in VAGUE or holder == label(listed.group(1))
    if is_identifier(name) and (unnamed or holder.split()[-1:] == field_.split()[-1:] or not holder):
        return f"the {ordinal} {what}{once}"
    return f"the {what} of the {ordinal} {'one' if unnamed else holder}{once}"


def standing(call: int, rivals: Sequence[int]) -> str:
    """How a call stands among those, by number, that it could be taken for; empty when it stands alone."""
    if len(rivals) < 2 or call not in rivals:
        return ""
    at = rivals.index(call)
    return _LAST if at == len(rivals) - 1 else ORDINALS[min(at, len(ORDINALS) - 1)]
