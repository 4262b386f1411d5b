"""``toolflow graph export``: a tool graph in a format of others."""

from pathlib import Path
from typing import Annotated

import typer

from toolflow.cli.graph.opened import GraphFile, Settings, opened
from toolflow.cli.printable import printable
from toolflow.graph import ExportFormat, export_graph


def export_command(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where it goes.")],
    graph: GraphFile = None,
    form: Annotated[ExportFormat, typer.Option("--format", help="The format.")] = "graphml",
    config: Settings = None,
) -> None:
    """Write a tool graph as GraphML, GEXF, DOT, or JSONL with one edge a line.

    Flows are directed edges of kind pr, from producer to consumer; parameters alike are edges of kind pp.

    Example: toolflow graph export tools.graph --format gexf -o tools.gexf
    """
    tools = opened(graph, config)
    export_graph(tools, output, form)
    typer.echo(printable(f"{len(tools):,} tools and {len(tools.edges.one):,} edges between them in {output}"))
