"""The tool graph: which tools have to do with each other, and through which fields (paper §3.1).

Nodes are tools, by number or by name. An edge says that a parameter of one is like a parameter of the
other (``pp``), that a return value of one can feed a parameter of the other (``pr``), or both. The graph is
undirected as in the paper; the flows along an edge have a direction. Numpy columns hold it, so a
graph of 16,000 tools and a million edges takes some hundred megabytes; a `networkx` view is made on demand.
"""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, NamedTuple

import networkx
import numpy as np
import orjson

from toolflow.cast import Flow
from toolflow.catalog import tools_digest
from toolflow.config import AllowConfig, DenyConfig, GraphConfig
from toolflow.graph.adjacency import Adjacency
from toolflow.graph.edges import BACKWARD, FORWARD, PP, Edges
from toolflow.graph.kinds import Ints
from toolflow.path import split
from toolflow.schema import Tool

EdgeKind = Literal["pp", "pr", "both"]
Mark = Literal["", "user", "model"]
MARKS: tuple[Mark, ...] = ("", "user", "model")
"""By number, as in `Edges.pair_mark`."""
LATER = {"deny": DenyConfig(), "allow": AllowConfig(), "check_edges": GraphConfig().check_edges}
"""Settings that came after the first graph files: with these values they are no part of a digest."""
EDGE_KINDS: tuple[EdgeKind, ...] = ("pp", "pr", "both")


class FieldPair(NamedTuple):
    """Two fields that tie two tools; of a ``pr`` pair, ``left`` is the return value."""

    kind: Literal["pp", "pr"]
    left_tool: str
    left: str
    right_tool: str
    right: str
    score: float
    mark: Mark = ""
    """Whose word it is beside the rule's: ``user`` asserted it (``graph.allow.edges``), a ``model`` said yes."""


class Checked(NamedTuple):
    """A flow that a model was asked about."""

    pair: FieldPair
    fits: bool
    """If not, it was taken out of the graph."""
    why: str
    """One line of the model's."""


@dataclass(frozen=True)
class Checks:
    """What models said about the flows of a graph."""

    models: str
    """Their names, as of a pool."""
    prompt: str
    """Its hash."""
    asked: int
    checked: tuple[Checked, ...]
    """What was answered, in the order in which it was asked."""

    def as_json(self) -> dict[str, Any]:
        """For graph files and digests."""
        checked = [[[*pair], fits, why] for pair, fits, why in self.checked]
        return {"models": self.models, "prompt": self.prompt, "asked": self.asked, "checked": checked}


@dataclass(frozen=True)
class ToolGraph:
    """Tools and the edges between them; made by `build_graph` or `load_graph`."""

    tools: tuple[Tool, ...]
    encoder: str
    """Name of the encoder that compared the fields."""
    config: GraphConfig
    edges: Edges
    """Columns; ``left`` and ``right`` are numbers in ``paths``."""
    paths: tuple[str, ...]
    """Distinct field paths."""
    checks: Checks | None = None
    """What models were asked about it, if they were."""

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` over all that the graph holds: equal graphs, equal digests."""
        digest = hashlib.sha256(tools_digest(self.tools).encode())
        unset = {name for name, default in LATER.items() if getattr(self.config, name) == default}
        digest.update(orjson.dumps([self.encoder, self.config.model_dump(mode="json", exclude=unset), self.paths]))
        for column in fields(self.edges):
            values = getattr(self.edges, column.name)
            if column.name != "pair_mark" or values.any():
                digest.update(values.tobytes())
        if self.checks is not None:
            digest.update(orjson.dumps(self.checks.as_json()))
        return f"sha256:{digest.hexdigest()}"

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each tool, by name."""
        return {tool.name: number for number, tool in enumerate(self.tools)}

    def __len__(self) -> int:
        """Number of tools."""
        return len(self.tools)

    def neighbours(self, tool: int) -> Ints:
        """Numbers of the tools that share an edge with this one, ascending."""
        ties = self.ties
        return ties.others[ties.first[tool] : ties.first[tool + 1]]

    def degrees(self) -> Ints:
        """The number of neighbours of each tool."""
        return np.diff(self.ties.first)

    @cached_property
    def ties(self) -> Adjacency:
        """The neighbours of each tool, for samplers."""
        one, other = self.edges.one, self.edges.other
        return Adjacency(len(self.tools), np.concatenate([one, other]), np.concatenate([other, one]))

    @cached_property
    def consumers(self) -> Adjacency:
        """For each tool those that its result can feed: `flows` finds something."""
        return Adjacency(len(self.tools), *self._flowing)

    @cached_property
    def producers(self) -> Adjacency:
        """For each tool those whose result can feed it."""
        producer, consumer = self._flowing
        return Adjacency(len(self.tools), consumer, producer)

    @cached_property
    def _flowing(self) -> tuple[Ints, Ints]:
        """Producer and consumer wherever a field pair feeds a top-level parameter, each once."""
        columns = self.edges
        edge = np.repeat(np.arange(len(columns.one)), np.diff(columns.first))
        top = np.array([len(split(path)) == 1 for path in self.paths], bool)
        forward, backward = np.zeros((2, len(columns.one)), bool)
        for fed, kind, parameter in ((forward, FORWARD, columns.right), (backward, BACKWARD, columns.left)):
            pair = np.flatnonzero(columns.pair_kind == kind)
            fed[edge[pair[top[parameter[pair]]]]] = True
        producer = np.concatenate([columns.one[forward], columns.other[backward]])
        return producer, np.concatenate([columns.other[forward], columns.one[backward]])

    def edge(self, one: int, other: int) -> int | None:
        """The number of the edge between two tools."""
        one, other = min(one, other), max(one, other)
        start, stop = np.searchsorted(self.edges.one, [one, one + 1])
        at = int(start + np.searchsorted(self.edges.other[start:stop], other))
        return at if at < stop and self.edges.other[at] == other else None

    def pairs(self, edge: int) -> list[FieldPair]:
        """The field pairs kept for an edge, flows before ties, strongest first within a kind."""
        found = [self.pair(row, edge) for row in range(self.edges.first[edge], self.edges.first[edge + 1])]
        return sorted(found, key=lambda pair: pair.kind != "pr")

    def pair(self, row: int, edge: int) -> FieldPair:
        """The field pair of this number, which is one of this edge's."""
        columns = self.edges
        one, other = self.tools[columns.one[edge]].name, self.tools[columns.other[edge]].name
        left, right = self.paths[columns.left[row]], self.paths[columns.right[row]]
        score, mark = float(columns.pair_score[row]), MARKS[columns.pair_mark[row]]
        if columns.pair_kind[row] == BACKWARD:
            return FieldPair("pr", other, right, one, left, score, mark)
        return FieldPair("pp" if columns.pair_kind[row] == PP else "pr", one, left, other, right, score, mark)

    def flows(self, producer: int, consumer: int) -> list[Flow]:
        """How the result of one tool can feed the top-level parameters of another, strongest first."""
        edge = self.edge(producer, consumer) if producer != consumer else None
        if edge is None:
            return []
        name = self.tools[producer].name
        found = []
        for pair in self.pairs(edge):
            steps = split(pair.right)
            if pair.kind == "pr" and pair.left_tool == name and len(steps) == 1:
                found.append(Flow(name, pair.left, pair.right_tool, str(steps[0])))
        return found

    def kinds(self) -> list[EdgeKind]:
        """The kind of each edge."""
        tied, flowing = self._tied()
        return [EDGE_KINDS[number] for number in (tied + 2 * flowing - 1).tolist()]

    def _tied(self) -> tuple[Ints, Ints]:
        """For each edge 1 where it has a P-P pair, and 1 where it has a P-R pair."""
        if not len(self.edges.one):
            return np.empty(0, np.int32), np.empty(0, np.int32)
        tie = (self.edges.pair_kind == PP).astype(np.int32)
        starts = self.edges.first[:-1]
        return np.maximum.reduceat(tie, starts), 1 - np.minimum.reduceat(tie, starts)

    def networkx(self) -> "networkx.Graph[str]":
        """A copy as a networkx graph: nodes are tool names, every edge has ``kind``, ``score`` and ``fields``."""
        graph: networkx.Graph[str] = networkx.Graph()
        graph.add_nodes_from((tool.name, {"category": tool.category}) for tool in self.tools)
        ends = zip(self.edges.one.tolist(), self.edges.other.tolist(), self.edges.score.tolist(), strict=True)
        for number, ((one, other, score), kind) in enumerate(zip(ends, self.kinds(), strict=True)):
            pairs = self.pairs(number)
            graph.add_edge(self.tools[one].name, self.tools[other].name, kind=kind, score=score, fields=pairs)
        return graph
