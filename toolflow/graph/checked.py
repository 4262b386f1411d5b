"""Works into a graph what models said about its flows: yes is a mark, no takes the field pair out.

An edge of which no field pair is left goes with them; what was said stays in the graph, for both.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from toolflow.graph.edges import CONFIRMED, edges_of, pairs_of
from toolflow.graph.tool_graph import Checks, ToolGraph


def with_checks(graph: ToolGraph, checks: Checks, rows: Sequence[int]) -> ToolGraph:
    """The graph after these checks; ``rows`` are the numbers of their pairs among all (`pairs_of`)."""
    pairs = pairs_of(graph.edges)
    mark, stays = pairs.mark.copy(), np.ones(len(pairs.mark), bool)
    for row, said in zip(rows, checks.checked, strict=True):
        if said.fits:
            mark[row] = CONFIRMED
        else:
            stays[row] = False
    return replace(graph, edges=edges_of(pairs._replace(mark=mark).take(np.flatnonzero(stays))), checks=checks)
