"""The shortest way from one tool to another: along flows, or else along any ties.

Of several shortest ways the first in the order of the catalog is given.
"""

from collections.abc import Sequence
from typing import Protocol


class _Rows(Protocol):
    def __getitem__(self, tool: int, /) -> Sequence[int]: ...


def shortest_path(rows: _Rows, start: int, end: int) -> list[int] | None:
    """Tools from ``start`` to ``end``, each listed for the one before; None when there is no way."""
    before = {start: start}
    reached = [start]
    while reached and end not in before:
        further = []
        for tool in reached:
            for other in rows[tool]:
                if other not in before:
                    before[other] = tool
                    further.append(other)
        reached = further
    if end not in before:
        return None
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]
