"""Builds the tool graph of a catalog: fields → texts → vectors → tied kinds → edges (paper §3.1).

Which fields are tied is said in `toolflow.graph.match`, with the paper's rule and ours. This module
only puts the steps in order.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from toolflow.catalog import Catalog
from toolflow.config import GraphConfig
from toolflow.encoder import Encoder
from toolflow.graph.cap import cap, contenders
from toolflow.graph.edges import NONE, Edges
from toolflow.graph.expand import FlowScore, expand
from toolflow.graph.flow_score import traits
from toolflow.graph.kinds import Fields, Kinds, collect
from toolflow.graph.match import flowing_values, scored_kinds, tied_parameters
from toolflow.graph.named import check_fields, kept_tools
from toolflow.graph.named_edges import denied_edges, with_asserted
from toolflow.graph.tool_graph import ToolGraph

Progress = Callable[[str, int, int], None]
"""Called with (step, done, in all)."""


def build_graph(catalog: Catalog, encoder: Encoder, config: GraphConfig, progress: Progress | None = None) -> ToolGraph:
    """The graph of all tools of a catalog; the same bytes for the same catalog, encoder and configuration."""

    def step(name: str) -> Callable[[int, int], None] | None:
        return (lambda done, total: progress(name, done, total)) if progress else None

    catalog = replace(catalog, tools=kept_tools(catalog.tools, config))
    check_fields(catalog.tools, config)
    fields, kinds = collect(catalog.tools, config)
    denied = denied_edges(catalog.tools, fields, config)
    with_asserted(NONE, {}, catalog.tools, config)  # its errors, before the work
    kinds, texts = _used_texts(kinds)
    vectors = encoder.encode(texts, step("embedding field texts"))
    ties = tied_parameters(kinds, vectors, config, step("comparing parameters"))
    flows = flowing_values(kinds, vectors, config, step("comparing return values with parameters"))
    score = None
    if config.score_flows:
        known = traits(catalog.tools, fields, kinds)
        flows, score = scored_kinds(kinds, known, flows), FlowScore(known, fields, config.flow_score)
    may_stay = partial(contenders, max_degree=config.max_degree) if config.max_degree else None
    edges, strong = expand(
        *(fields, kinds.alone, len(catalog.tools), ties, flows),
        flow_score=score,
        progress=step("tying tools"),
        contenders=may_stay,
        denied=denied,
    )
    return _with_paths(catalog, encoder, config, cap(edges, strong, config.max_degree), fields)


def _used_texts(kinds: Kinds) -> tuple[Kinds, list[str]]:
    """Only texts of kinds that can be part of an edge, renumbered; the others are not worth a vector."""
    used = np.unique(kinds.text[kinds.tie | kinds.flow])
    number = np.zeros(len(kinds.texts), np.int32)
    number[used] = np.arange(len(used))
    return replace(kinds, text=number[kinds.text]), [kinds.texts[text] for text in used.tolist()]


def _with_paths(catalog: Catalog, encoder: Encoder, config: GraphConfig, edges: Edges, fields: Fields) -> ToolGraph:
    """The finished graph, whose field pairs say paths."""
    numbers: dict[str, int] = {}
    path = np.zeros(len(fields.path), np.int32)
    for field in np.unique(np.concatenate([edges.left, edges.right])).tolist():
        path[field] = numbers.setdefault(fields.path[field], len(numbers))
    named = replace(edges, left=path[edges.left], right=path[edges.right])
    named = with_asserted(named, numbers, catalog.tools, config)
    return ToolGraph(catalog.tools, encoder.name, config, named, tuple(numbers))
