"""Which flows of a graph are worth a question.

Of each flow from one tool to another the strongest field pair speaks for it, so those come first. Among them the
score knows least of those that lie nearest to the threshold that let them in; second pairs are asked about when there
are questions left. What the user asserted is not in doubt.
"""

from dataclasses import dataclass

import numpy as np

from toolflow.graph import FieldPair, ToolGraph
from toolflow.graph.edges import FOUND, PP, pairs_of
from toolflow.schema import Tool


@dataclass(frozen=True, slots=True)
class Question:
    """Whether one field pair makes a flow."""

    row: int
    """Number of the pair among all of the graph, as in `toolflow.graph.edges.pairs_of`."""
    producer: Tool
    consumer: Tool
    pair: FieldPair


def doubtful(graph: ToolGraph) -> list[Question]:
    """At most ``graph.check_edges`` questions, the most doubtful first."""
    edges, config = graph.edges, graph.config
    pairs = pairs_of(edges)
    threshold = config.flow_score if config.score_flows else config.threshold
    rows = np.flatnonzero((pairs.kind != PP) & (pairs.mark == FOUND))
    edge = np.repeat(np.arange(len(edges.one)), np.diff(edges.first))[rows]
    flow = edge * 3 + pairs.kind[rows]
    by_flow = np.lexsort((rows, -pairs.score[rows], flow))
    starts = np.flatnonzero(np.diff(flow[by_flow], prepend=-1))
    rank = np.empty(len(rows), np.int64)
    rank[by_flow] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    order = np.lexsort((rows, np.abs(pairs.score[rows] - np.float32(threshold)), rank))[: config.check_edges]
    return [_question(graph, int(rows[at]), int(edge[at])) for at in order]


def _question(graph: ToolGraph, row: int, edge: int) -> Question:
    pair = graph.pair(row, edge)
    producer, consumer = (graph.tools[graph.number[name]] for name in (pair.left_tool, pair.right_tool))
    return Question(row, producer, consumer, pair)
