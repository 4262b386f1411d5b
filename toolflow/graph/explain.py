"""Why two tools are tied, in plain words: a phrase for each field pair of their edge, and one for the tools.

The parts of a flow's score (`toolflow.graph.flow_score`) are not kept in the graph; they are worked out again from its
tools, once for an `Explainer`. What says nothing is left out. Phrases quote what the catalog says: whoever shows them
on a terminal makes them printable.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from toolflow.graph.flow_score import Traits, traits
from toolflow.graph.kinds import Fields, Kinds, collect
from toolflow.graph.names import feeds
from toolflow.graph.tool_graph import FieldPair, ToolGraph

_KIN = 0.25
"""A smaller share of rare words is not worth a word."""


SAID = "you said so (graph.allow.edges)"


class Explainer:
    """Explains the edges of one graph."""

    def __init__(self, graph: ToolGraph) -> None:
        self.graph = graph

    def explain(self, one: int, other: int) -> list[str]:
        """Phrases for the edge between two tools, flows first; none when there is no edge."""
        edge = self.graph.edge(one, other) if one != other else None
        if edge is None:
            return []
        return [self._flow(pair) if pair.kind == "pr" else self._tie(pair) for pair in self.graph.pairs(edge)]

    def _flow(self, pair: FieldPair) -> str:
        said = f"{pair.left_tool} `{pair.left}` feeds {pair.right_tool} `{pair.right}` ({pair.score:.2f})"
        if pair.mark == "user":
            return f"{said}: {SAID}"
        parts = [", ".join(self._of_fields(pair)), ", ".join(self._of_tools(pair))]
        why = "; ".join(filter(None, parts))
        return f"{said}: {why}" if why else said

    def _tie(self, pair: FieldPair) -> str:
        said = f"{pair.left_tool} `{pair.left}` and {pair.right_tool} `{pair.right}` are alike ({pair.score:.2f})"
        return f"{said}: {SAID}" if pair.mark == "user" else said

    def _of_fields(self, pair: FieldPair) -> Iterator[str]:
        """What the two fields say for the flow."""
        fields, kinds, known = self._catalog
        value, parameter = self._row("return", pair.left_tool, pair.left), self._row("", pair.right_tool, pair.right)
        left, right = fields.kind[value], fields.kind[parameter]
        identifier = known.identifier[right]
        if feeds(kinds.names[kinds.name[left]], kinds.names[kinds.name[right]]):
            yield "same identifier" if identifier else "same name"
        elif identifier:
            yield "an identifier"
        yield f"taken by {self._takers(right)} of {len(self.graph)} tools"
        types = kinds.values[kinds.value[left]][0], kinds.values[kinds.value[right]][0]
        if all(types):
            yield f"{types[0]} → {types[1]}"
        if known.required[parameter]:
            yield "required"
        if known.echo[value]:
            yield "but the first tool was given it itself"

    def _of_tools(self, pair: FieldPair) -> Iterator[str]:
        """What the two tools say for the flow."""
        _, _, known = self._catalog
        ends = self.graph.number[pair.left_tool], self.graph.number[pair.right_tool]
        producer, consumer = (np.array([end], np.int32) for end in ends)
        order = float(known.order(producer, consumer)[0])
        if order:
            yield "the verbs come in this order" if order > 0 else "but the verbs come in the other order"
        if known.same_category(producer, consumer)[0]:
            yield f"both of {self.graph.tools[ends[0]].category}"
        if float(known.kin(producer, consumer)[0]) >= _KIN:
            yield "their names share rare words"
        if known.dependent[ends[0]]:
            yield "but the first tool needs an identifier itself"

    def _row(self, role: str, tool: str, path: str) -> int:
        return self._rows[role == "return", self.graph.number[tool], path]

    def _takers(self, kind: int) -> int:
        """How many tools take a parameter of the name of this kind."""
        fields, kinds, _ = self._catalog
        key = kinds.names[kinds.name[kind]].key
        same = np.array([name.key == key for name in kinds.names], bool)[kinds.name] & ~kinds.returned
        return len(np.unique(fields.tool[same[fields.kind]]))

    @cached_property
    def _catalog(self) -> tuple[Fields, Kinds, Traits]:
        config = self.graph.config.model_copy(update={"check_names": True, "check_types": True})
        fields, kinds = collect(self.graph.tools, config)
        return fields, kinds, traits(self.graph.tools, fields, kinds)

    @cached_property
    def _rows(self) -> dict[tuple[bool, int, str], int]:
        """The number of each field by (whether returned, tool, path)."""
        fields, kinds, _ = self._catalog
        columns = zip(kinds.returned[fields.kind].tolist(), fields.tool.tolist(), fields.path, strict=True)
        return {place: row for row, place in enumerate(columns)}


def explain(graph: ToolGraph, one: int, other: int) -> list[str]:
    """Phrases for one edge; an `Explainer` is cheaper for several."""
    return Explainer(graph).explain(one, other)
