"""Figures about a tool graph, for people and for programs."""

from collections import Counter
from dataclasses import dataclass

import networkx
import numpy as np

from toolflow.graph.edges import ASSERTED
from toolflow.graph.tool_graph import EDGE_KINDS, ToolGraph
from toolflow.path import split

TOP_FIELDS = 10


@dataclass(frozen=True)
class ConnectedField:
    """A field name and how much hangs on it."""

    name: str
    edges: int
    """Edges with a kept field pair in which a field of this name stands."""


@dataclass(frozen=True)
class GraphStats:
    """What `graph_stats` counts."""

    tools: int
    edges: int
    edges_by_kind: dict[str, int]
    degree_mean: float
    degree_median: float
    degree_max: int
    components: int
    """Connected components, isolated tools counted as one each."""
    largest_component: int
    isolated: int
    """Tools without an edge."""
    top_fields: list[ConnectedField]
    asserted: int
    """Field pairs that ``graph.allow.edges`` asserts."""
    confirmed: int
    """Flows that a model said yes to …"""
    refused: int
    """… and no, which are not there."""


def graph_stats(graph: ToolGraph) -> GraphStats:
    """Count; components come from networkx."""
    bare: networkx.Graph[int] = networkx.empty_graph(len(graph.tools))
    bare.add_edges_from(zip(graph.edges.one.tolist(), graph.edges.other.tolist(), strict=True))
    sizes = [len(component) for component in networkx.connected_components(bare)]
    degrees = graph.degrees()
    kinds = Counter(graph.kinds())
    checked = graph.checks.checked if graph.checks else ()
    return GraphStats(
        tools=len(graph.tools),
        edges=len(graph.edges.one),
        edges_by_kind={kind: kinds[kind] for kind in EDGE_KINDS},
        degree_mean=float(degrees.mean()),
        degree_median=float(np.median(degrees)),
        degree_max=int(degrees.max()),
        components=len(sizes),
        largest_component=max(sizes),
        isolated=int((degrees == 0).sum()),
        top_fields=_top_fields(graph),
        confirmed=sum(said.fits for said in checked),
        refused=sum(not said.fits for said in checked),
        asserted=int((graph.edges.pair_mark == ASSERTED).sum()),
    )


def _top_fields(graph: ToolGraph) -> list[ConnectedField]:
    names = [next(step for step in reversed(split(path)) if isinstance(step, str)) for path in graph.paths]
    distinct = sorted(set(names))
    number = {name: position for position, name in enumerate(distinct)}
    name = np.array([number[name] for name in names], np.int64)
    if not len(name):
        return []
    edge = np.repeat(np.arange(len(graph.edges.one)), np.diff(graph.edges.first))
    ends = np.concatenate([name[graph.edges.left], name[graph.edges.right]])
    seen = np.unique(np.tile(edge, 2) * len(distinct) + ends) % len(distinct)
    count = np.bincount(seen, minlength=len(distinct))
    most = np.lexsort((np.arange(len(distinct)), -count))[:TOP_FIELDS]
    return [ConnectedField(distinct[position], int(count[position])) for position in most.tolist()]
