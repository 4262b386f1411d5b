"""The tool graph: built from a catalog, kept in a file, walked by the sampler."""

from toolflow.graph.build import build_graph
from toolflow.graph.cached import packaged_graph
from toolflow.graph.communities import Community, communities
from toolflow.graph.export import Format as ExportFormat
from toolflow.graph.export import export_graph
from toolflow.graph.file import load_graph, save_graph
from toolflow.graph.paths import shortest_path
from toolflow.graph.stats import GraphStats, graph_stats
from toolflow.graph.tool_graph import EdgeKind, FieldPair, ToolGraph

__all__ = [
    "Community",
    "EdgeKind",
    "ExportFormat",
    "FieldPair",
    "GraphStats",
    "ToolGraph",
    "build_graph",
    "communities",
    "export_graph",
    "graph_stats",
    "load_graph",
    "packaged_graph",
    "save_graph",
    "shortest_path",
]
