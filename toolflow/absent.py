"""Tools that a dialogue goes without, so that its user may ask for what nobody there can do.

The paper has no such requests; they are ours. What is asked for must be out of reach of every tool on offer,
so that a tool counts as absent only when its name speaks of nothing that theirs speak of: of tools offered for
hotels, none of ``cancel_hotel_booking`` or ``search_hotels`` is.
"""

from collections.abc import Sequence
from random import Random

from toolflow.graph import ToolGraph
from toolflow.graph.names import words
from toolflow.schema import Tool

WANTED = 3
DRAWS = 30


def absent_tools(graph: ToolGraph, offered: Sequence[int], rng: Random) -> list[Tool]:
    """Up to `WANTED` tools, the first ones from around the offered ones where there are any."""
    near = sorted({int(tool) for one in offered for tool in graph.neighbours(one)} - set(offered))
    drawn = rng.sample(near, min(DRAWS, len(near)))
    drawn += [rng.randrange(len(graph)) for _ in range(DRAWS)]
    taken = [_things(graph.tools[tool]) for tool in offered]
    found: dict[int, Tool] = {}
    for tool in drawn:
        things = _things(graph.tools[tool])
        if things and tool not in offered and not any(things & others for others in taken):
            found[tool] = graph.tools[tool]
            if len(found) == WANTED:
                break
    return list(found.values())


def _things(tool: Tool) -> frozenset[str]:
    """What the name of a tool speaks of: its words but for the first, which is as a rule the verb."""
    name = words(tool.name)
    return frozenset(name[1:] or name)
