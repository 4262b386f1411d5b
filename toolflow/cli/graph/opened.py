"""What the graph commands share: the graph they look into, and the tool that is meant."""

import difflib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from toolflow.cli.progress import progress
from toolflow.config import find_config, read_config
from toolflow.errors import ConfigError
from toolflow.graph import ToolGraph, load_graph, packaged_graph

SUGGESTED = 3

GraphFile = Annotated[
    Path | None,
    typer.Argument(metavar="[GRAPH]", help="A file of build-graph. Default: the packaged catalog.", show_default=False),
]
Settings = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="Settings of the packaged catalog's graph.")
]


def opened(graph: Path | None, config: str | None) -> ToolGraph:
    """The graph of a file, or that of the packaged catalog."""
    if graph is not None:
        if config is not None:
            raise ConfigError("--config: a graph file has its settings already; leave one of the two out")
        return load_graph(graph)
    with progress(Console(stderr=True)) as steps:
        return packaged_graph(read_config(find_config(config)), steps)


def number_of(graph: ToolGraph, name: str) -> int:
    """The tool of that name; `ConfigError` with names like it."""
    if name in graph.number:
        return graph.number[name]
    near = difflib.get_close_matches(name[:64], list(graph.number), SUGGESTED)
    hint = f"; is it {' or '.join(near)}?" if near else f"; the graph has {len(graph):,} others"
    raise ConfigError(f"{name}: no such tool{hint}")
