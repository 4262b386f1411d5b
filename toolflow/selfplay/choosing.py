"""Which items of a list a chain goes on with: the first one, the best one by something, or each of the first two.

Works on the last call drafted, where it takes its arguments from a list in the result of the call before it.
"""

import re
from random import Random

from toolflow.choice import usual_choices, written
from toolflow.fields import schema_at
from toolflow.schema import FromOutput, PlannedCall
from toolflow.selfplay.drafting import Drafting
from toolflow.selfplay.names import is_coordinate, words
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.wanted import LIMITS

BEST = 0.5
"""Share of such chains that go on with the best item, where the list has what people choose by …"""
EACH = 0.3
"""… and of the others, where it is a lookup, that go on with each of the first two."""

_LISTED = re.compile(r"([A-Za-z_][\w-]*)\[(\d+)\]([^\[]*)")


def choose(draft: Drafting, rng: Random) -> int:
    """Change the last call to go on with the best item, or add one for the second; how many calls were added."""
    call, producer = draft.calls[-1], len(draft.calls) - 1
    listed = _listed(call, producer)
    if not listed or len({(holder, at) for holder, at, _ in listed.values()}) > 1 or _is_short(draft, producer):
        return 0
    if any(map(is_coordinate, listed)):  # "at those coordinates" does not say whose
        return 0
    holder, at, _ = next(iter(listed.values()))
    if holder in draft.calls[producer - 1].arguments:
        return 0
    items = schema_at(draft.tools[draft.calls[producer - 1].tool].returns, f"{holder}[]")
    choices = usual_choices(items)
    if choices and rng.random() < BEST:
        draft.calls[-1] = _aimed(call, producer, listed, written(rng.choice(choices)))
        return 0
    if at == 0 and deed(draft.tools[call.tool]).seeks and rng.random() < EACH:
        draft.calls.append(_aimed(call, producer, listed, "[1]"))
        return 1
    return 0


def _listed(call: PlannedCall, producer: int) -> dict[str, tuple[str, int, str]]:
    """The arguments from a list in the result of a call: the list, the number of the item, the rest of the path."""
    found: dict[str, tuple[str, int, str]] = {}
    for name, source in call.arguments.items():
        if isinstance(source, FromOutput) and source.call == producer and (path := _LISTED.fullmatch(source.path)):
            found[name] = path[1], int(path[2]), path[3]
    return found


def _is_short(draft: Drafting, producer: int) -> bool:
    """Whether the call before may bring one item alone."""
    return any("_".join(words(name)) in LIMITS for name in draft.calls[producer - 1].arguments)


def _aimed(call: PlannedCall, producer: int, listed: dict[str, tuple[str, int, str]], step: str) -> PlannedCall:
    """The call with the items of the list that a step names."""
    aimed = {
        name: FromOutput(call=producer, path=f"{holder}{step}{rest}") for name, (holder, _, rest) in listed.items()
    }
    return call.model_copy(update={"arguments": call.arguments | aimed})
