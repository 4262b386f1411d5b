"""How a person points at a result instead of saying the value: "the first hotel", "that booking"."""

import re

from toolflow.selfplay.acts import Reference
from toolflow.selfplay.names import entity, is_identifier, label, singular

_ORDINALS = ("first", "second", "third", "fourth", "fifth")
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
        return f"that {what}"
    ordinal = _ORDINALS[min(int(listed.group(2)), len(_ORDINALS) - 1)]
    holder = label(singular(listed.group(1)))
    field_ = entity(reference.path.rsplit(".", 1)[-1])
    if is_identifier(name) and (holder in VAGUE or holder.split()[-1:] == field_.split()[-1:] or not holder):
        return f"the {ordinal} {what}"
    return f"the {what} of the {ordinal} {holder if holder not in VAGUE else 'one'}"
