"""Communities: groups of tools with more ties inside than out, named by their commonest words (ours).

Louvain's method from networkx, seeded, on scores as weights. Of each tool only the strongest `STRONGEST` edges
count, with those that are among the strongest of their other end: it keeps a graph of a million edges within a
minute and leaves the groups as they are, since the weak edges are what blurs them.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import networkx
import numpy as np

from toolflow.graph.names import words
from toolflow.graph.tool_graph import ToolGraph

STRONGEST = 8
SEED = 0
NAMING = 3
"""Words of a name."""

_DESCRIPTION = 300
"""Letters of a description that are looked at."""
_WORD = re.compile(r"[^\W\d_]{3,30}")


@dataclass(frozen=True)
class Community:
    """Tools that belong together."""

    name: str
    """Its most distinctive words."""
    tools: tuple[int, ...]


def communities(graph: ToolGraph) -> list[Community]:
    """Every community of at least two tools, the largest first; the same for the same graph."""
    tied: networkx.Graph[int] = networkx.Graph()
    tied.add_weighted_edges_from(_strongest(graph))
    found = networkx.community.louvain_communities(tied, seed=SEED) if tied else []
    groups = sorted((tuple(sorted(group)) for group in found), key=lambda group: (-len(group), group))
    said = [_words(graph, tool) for tool in range(len(graph))]
    overall = Counter(word for of_tool in said for word in of_tool)
    inside = [Counter(word for tool in group for word in said[tool]) for group in groups]
    named = zip(inside, groups, strict=True)
    return [Community(_name(count, overall, len(graph)), group) for count, group in named]


def _strongest(graph: ToolGraph) -> Iterable[tuple[int, int, float]]:
    """(tool, tool, score) of the edges that count."""
    columns = graph.edges
    count = len(columns.one)
    if not count:
        return []
    tool = np.concatenate([columns.one, columns.other])
    order = np.lexsort((np.tile(-columns.score, 2), tool))
    starts = np.searchsorted(tool[order], np.arange(len(graph)))
    rank = np.empty(2 * count, np.int64)
    rank[order] = np.arange(2 * count) - starts[tool[order]]
    kept = np.flatnonzero((rank.reshape(2, count) < STRONGEST).any(axis=0))
    return zip(columns.one[kept].tolist(), columns.other[kept].tolist(), columns.score[kept].tolist(), strict=True)


def _words(graph: ToolGraph, tool: int) -> frozenset[str]:
    """The words of a tool's name and description."""
    about = graph.tools[tool]
    described = (word.lower() for word in _WORD.findall(about.description[:_DESCRIPTION]))
    return frozenset(words(about.name[:_DESCRIPTION])) | frozenset(word for text in described for word in words(text))


def _name(inside: Counter[str], overall: Counter[str], tools: int) -> str:
    """Words that many of its tools have and few others: how many, times which share of all, times how rare overall."""

    def weight(word: str) -> float:
        return inside[word] ** 2 / overall[word] * math.log(1 + tools / overall[word])

    ranked = sorted((word for word in inside if len(word) > 2), key=lambda word: (-weight(word), word))
    return ", ".join(ranked[:NAMING])
