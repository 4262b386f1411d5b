"""``toolflow build-graph``: tools in, tool graph out."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.text import Text

from toolflow.catalog import Catalog, packaged_tools, read_catalog
from toolflow.cli.figures import figures
from toolflow.cli.printable import printable
from toolflow.cli.progress import progress
from toolflow.config import find_config, read_config
from toolflow.encoder import make_encoder
from toolflow.graph import build_graph, graph_stats, save_graph

LISTED = 5
"""Defects shown without ``--verbose``."""

Tools = Annotated[
    list[Path] | None,
    typer.Argument(help="Tools files (JSON or JSONL, also .gz) or folders. Default: the packaged catalog."),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the graph goes.")]
Settings = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="Settings: a YAML file, or the name of a packaged one (paper)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List every defect of the tools skipped.")]


def build_graph_command(
    tools: Tools = None,
    output: Output = Path("tool_graph.npz"),
    config: Settings = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Build the tool graph: which tools share parameters, and whose results feed whom.

    Example: toolflow build-graph my_tools.jsonl -o graph.npz --config paper
    """
    settings = read_config(find_config(config))
    began = time.monotonic()
    catalog = read_catalog(tools or [packaged_tools()], settings.catalog)
    _report_skipped(catalog, verbose)
    with progress(Console(stderr=True)) as steps:
        graph = build_graph(catalog, make_encoder(settings.encoder), settings.graph, steps)
    denied = [tool.name for tool in catalog.tools if tool.name not in graph.number]
    if denied:
        typer.echo(printable(_denied(denied, verbose)), err=True)
    save_graph(graph, output)
    seconds = time.monotonic() - began
    stats = graph_stats(graph)
    if not as_json:
        console = Console(highlight=False)
        console.print(Text(f"Tool graph {printable(str(output))}"), soft_wrap=True)
        console.print(figures(stats, seconds))
        return
    about = {"file": str(output), "digest": graph.digest, "seconds": round(seconds, 3)}
    left_out = {"skipped": catalog.skipped, "duplicates": catalog.duplicates, "denied": len(denied)}
    typer.echo(orjson.dumps(about | asdict(stats) | left_out, option=orjson.OPT_INDENT_2))


def _report_skipped(catalog: Catalog, verbose: bool) -> None:
    """Say on stderr what was left out, and why."""
    for line in _skipped(catalog, verbose):
        typer.echo(printable(line), err=True)


def _denied(names: list[str], verbose: bool) -> str:
    """Which tools the settings leave out."""
    shown = names if verbose else names[:LISTED]
    more = f" … {len(names) - len(shown):,} more; list them with -v" if len(shown) < len(names) else ""
    return f"{len(names):,} tools left out by graph.deny.tools: {', '.join(shown)}{more}"


def _skipped(catalog: Catalog, verbose: bool) -> Iterator[str]:
    """Counts by reason, then the first defects or all."""
    if catalog.duplicates:
        yield f"{catalog.duplicates:,} exact duplicates dropped"
    if not catalog.skipped:
        return
    yield f"{catalog.skipped:,} of {catalog.skipped + len(catalog.tools):,} tools skipped; their defects:"
    for reason, count in Counter(defect.reason for defect in catalog.defects).most_common():
        yield f"  {count:,} × {reason}"
    shown = catalog.defects if verbose else catalog.defects[:LISTED]
    yield from (f"  {defect}" for defect in shown)
    if len(shown) < len(catalog.defects):
        yield f"  … {len(catalog.defects) - len(shown):,} more; list them with -v"
