"""Why two tools are tied, in plain words: a phrase for each field pair of their edge, and one for the tools.

The parts of a flow's score (`toolflow.graph.flow_score`) are not kept in the graph; they are worked out again from its
tools. What counts over the whole catalog (the takers of a name, the rare words) is counted once for an `Explainer`;
all else is looked up in the two tools of an edge, so that one edge of a large graph costs little. What says nothing is
left out. Phrases quote what the catalog says: whoever shows them on a terminal makes them printable.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from toolflow.config import GraphConfig
from toolflow.fields import schema_fields
from toolflow.graph.flow_score import WordHolders, traits
from toolflow.graph.kinds import collect, name_of
from toolflow.graph.named import field_filter
from toolflow.graph.names import feeds
from toolflow.graph.tool_graph import FieldPair, ToolGraph
from toolflow.schema import Tool

_KIN = 0.25
"""A smaller share of rare words is not worth a word."""


SAID = "you said so (graph.allow.edges)"
YES = "a model said yes"
NO = "a model said no"


class Explainer:
    """Explains the edges of one graph."""

    def __init__(self, graph: ToolGraph) -> None:
        self.graph = graph
        self._config = graph.config.model_copy(update={"check_names": True, "check_types": True})
        self._known: dict[tuple[str, str], _Ends] = {}

    def explain(self, one: int, other: int) -> list[str]:
        """Phrases for the edge between two tools, flows first; none when there is no edge."""
        edge = self.graph.edge(one, other) if one != other else None
        if edge is None:
            return []
        return [self._flow(pair) if pair.kind == "pr" else self._tie(pair) for pair in self.graph.pairs(edge)]

    def refused(self, tool: int) -> list[str]:
        """Phrases for the flows of a tool that a model said no to, in the order in which it was asked."""
        name = self.graph.tools[tool].name
        return [
            f"{pair.left_tool} `{pair.left}` does not feed {pair.right_tool} `{pair.right}` ({pair.score:.2f}): "
            f"{NO}: {why}"
            for pair, fits, why in (self.graph.checks.checked if self.graph.checks else ())
            if not fits and name in (pair.left_tool, pair.right_tool)
        ]

    @cached_property
    def _answers(self) -> dict[tuple[str, str, str, str], str]:
        """What was said of each flow, by its tools and fields."""
        checked = self.graph.checks.checked if self.graph.checks else ()
        return {said.pair[1:5]: said.why for said in checked}

    def _flow(self, pair: FieldPair) -> str:
        said = f"{pair.left_tool} `{pair.left}` feeds {pair.right_tool} `{pair.right}` ({pair.score:.2f})"
        if pair.mark == "user":
            return f"{said}: {SAID}"
        parts = [", ".join(self._of_fields(pair)), ", ".join(self._of_tools(pair))]
        if pair.mark == "model":
            parts.append(": ".join(filter(None, [YES, self._answers.get(pair[1:5], "")])))
        why = "; ".join(filter(None, parts))
        return f"{said}: {why}" if why else said

    def _tie(self, pair: FieldPair) -> str:
        said = f"{pair.left_tool} `{pair.left}` and {pair.right_tool} `{pair.right}` are alike ({pair.score:.2f})"
        return f"{said}: {SAID}" if pair.mark == "user" else said

    def _of_fields(self, pair: FieldPair) -> Iterator[str]:
        """What the two fields say for the flow."""
        ends = self._ends(pair)
        fields, kinds, known = ends.fields, ends.kinds, ends.known
        value, parameter = ends.row[True, 0, pair.left], ends.row[False, 1, pair.right]
        left, right = fields.kind[value], fields.kind[parameter]
        identifier = known.identifier[right]
        name = kinds.names[kinds.name[right]]
        if feeds(kinds.names[kinds.name[left]], name):
            yield "same identifier" if identifier else "same name"
        elif identifier:
            yield "an identifier"
        yield f"taken by {self._takers[name.key]} of {len(self.graph)} tools"
        types = kinds.values[kinds.value[left]][0], kinds.values[kinds.value[right]][0]
        if all(types):
            yield f"{types[0]} → {types[1]}"
        if known.required[parameter]:
            yield "required"
        if known.echo[value]:
            yield "but the first tool was given it itself"

    def _of_tools(self, pair: FieldPair) -> Iterator[str]:
        """What the two tools say for the flow."""
        known = self._ends(pair).known
        producer, consumer = np.array([0], np.int32), np.array([1], np.int32)
        order = float(known.order(producer, consumer)[0])
        if order:
            yield "the verbs come in this order" if order > 0 else "but the verbs come in the other order"
        if known.same_category(producer, consumer)[0]:
            yield f"both of {self.graph.tools[self.graph.number[pair.left_tool]].category}"
        if float(known.kin(producer, consumer)[0]) >= _KIN:
            yield "their names share rare words"
        if known.dependent[0]:
            yield "but the first tool needs an identifier itself"

    def _ends(self, pair: FieldPair) -> "_Ends":
        """What is known of the two tools of a flow."""
        tools = pair.left_tool, pair.right_tool
        if tools not in self._known:
            both = [self.graph.tools[self.graph.number[name]] for name in tools]
            self._known[tools] = _Ends(both, self._config, self._words)
        return self._known[tools]

    @cached_property
    def _words(self) -> WordHolders:
        return WordHolders([tool.name for tool in self.graph.tools])

    @cached_property
    def _takers(self) -> Counter[tuple[str, ...]]:
        """How many tools take a parameter of each name."""
        kept = field_filter(self.graph.config)
        return Counter(
            key
            for tool in self.graph.tools
            for key in {name_of(field, tool).key for field in kept(tool, schema_fields(tool.parameters, "parameter"))}
        )


class _Ends:
    """The fields of a producer (0) and a consumer (1), and what the score knows of them."""

    def __init__(self, tools: Sequence[Tool], config: GraphConfig, words: WordHolders) -> None:
        self.fields, self.kinds = collect(tools, config)
        self.known = traits(tools, self.fields, self.kinds, words)
        columns = zip(
            *(self.kinds.returned[self.fields.kind].tolist(), self.fields.tool.tolist(), self.fields.path), strict=True
        )
        self.row = {place: row for row, place in enumerate(columns)}
        """The number of each field by (whether returned, tool, path)."""


def explain(graph: ToolGraph, one: int, other: int) -> list[str]:
    """Phrases for one edge; an `Explainer` is cheaper for several."""
    return Explainer(graph).explain(one, other)
