"""``toolflow graph path``: how the result of one tool comes to feed another."""

from itertools import pairwise
from typing import Annotated

import typer

from toolflow.cli.graph.opened import GraphFile, Settings, number_of, opened
from toolflow.cli.graph.show import REASONS, reason
from toolflow.cli.printable import printable
from toolflow.graph import FieldPair, ToolGraph, shortest_path


def path_command(
    start: Annotated[str, typer.Argument(metavar="FROM", help="Tool to begin at.", show_default=False)],
    end: Annotated[str, typer.Argument(metavar="TO", help="Tool to arrive at.", show_default=False)],
    graph: GraphFile = None,
    config: Settings = None,
) -> None:
    """Print the shortest chain along which each tool can feed the next, or else the shortest one of any ties.

    The exit code is 0 when there is a way of either kind and 1 when there is none.

    Example: toolflow graph path search_flights cancel_booking
    """
    tools = opened(graph, config)
    one, other = number_of(tools, start), number_of(tools, end)
    path = shortest_path(tools.consumers, one, other)
    flows = path is not None
    if path is None:
        path = shortest_path(tools.ties, one, other)
        if path is None:
            typer.echo(printable(f"nothing connects {start} and {end}"))
            raise typer.Exit(1)
        typer.echo(printable(f"nothing flows from {start} to {end}; only undirected ties connect them:"))
    lines = [tools.tools[path[0]].name]
    for left, right in pairwise(path):
        lines += [f"  {reason(pair)}" for pair in _pairs(tools, left, right, flows)[:REASONS]]
        lines.append(tools.tools[right].name)
    typer.echo("\n".join(printable(line) for line in lines))


def _pairs(graph: ToolGraph, left: int, right: int, flows: bool) -> list[FieldPair]:
    """What makes a step; along flows, only what flows that way."""
    edge = graph.edge(left, right)
    pairs = [] if edge is None else graph.pairs(edge)
    producer = graph.tools[left].name
    return [pair for pair in pairs if pair.kind == "pr" and pair.left_tool == producer] if flows else pairs
