"""``toolflow graph stats``: the figures of a tool graph, and its communities."""

from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from toolflow.cli.figures import figures
from toolflow.cli.graph.opened import GraphFile, Settings, opened
from toolflow.cli.printable import printable
from toolflow.graph import Community, communities, graph_stats

LISTED = 20
"""Communities shown; ``--json`` has all."""


def stats_command(
    graph: GraphFile = None,
    config: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures and communities as JSON.")] = False,
) -> None:
    """Print what a tool graph looks like, and which groups its tools form.

    Example: toolflow graph stats tools.graph --json
    """
    tools = opened(graph, config)
    stats, groups = graph_stats(tools), communities(tools)
    if as_json:
        named = [{"name": one.name, "tools": [tools.tools[tool].name for tool in one.tools]} for one in groups]
        found = {"digest": tools.digest} | asdict(stats) | {"communities": named}
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    console = Console(highlight=False)
    console.print(figures(stats))
    console.print(_table(groups))
    if len(groups) > LISTED:
        console.print(f"… {len(groups) - LISTED:,} smaller communities; --json lists them")


def _table(groups: list[Community]) -> Table:
    table = Table(title="Communities", title_justify="left")
    table.add_column("commonest words")
    table.add_column("tools", justify="right")
    for community in groups[:LISTED]:
        table.add_row(Text(printable(community.name)), f"{len(community.tools):,}")
    return table
