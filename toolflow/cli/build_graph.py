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
from toolflow.cli.asking import BaseUrl, Budget, Concurrency, ModelName, NoCache, Options, Prices
from toolflow.cli.checking import Checking, check
from toolflow.cli.endpoint import config_folder
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
CheckEdges = Annotated[bool, typer.Option("--check-edges", help="Ask a model about the most doubtful flows.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List every defect of the tools skipped.")]


def build_graph_command(
    tools: Tools = None,
    output: Output = Path("tool_graph.npz"),
    config: Settings = None,
    check_edges: CheckEdges = False,
    model: ModelName = None,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    budget: Budget = None,
    prices: Prices = None,
    no_cache: NoCache = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Build the tool graph: which tools share parameters, and whose results feed whom.

    Example: toolflow build-graph my_tools.jsonl -o graph.npz --config paper

    [b]--check-edges --model gpt-4.1-mini[/b] asks a model about the most doubtful flows, as many as graph.check_edges
    says, and takes out those it says no to. Stopped, the same command goes on where it was. Without --model those of
    llm.models.check_edges in the settings are asked, or else those of llm.models.planner.
    """
    path = find_config(config)
    settings = read_config(path)
    options = Options(model, base_url, concurrency, budget, prices, no_cache)
    if not check_edges:
        options.refuse("--check-edges")
    checking = Checking(options, settings, config_folder(path)) if check_edges else None
    began = time.monotonic()
    catalog = read_catalog(tools or [packaged_tools()], settings.catalog)
    _report_skipped(catalog, verbose)
    with progress(Console(stderr=True)) as steps:
        graph = build_graph(catalog, make_encoder(settings.encoder), settings.graph, steps)
    denied = [tool.name for tool in catalog.tools if tool.name not in graph.number]
    if denied:
        typer.echo(printable(_denied(denied, verbose)), err=True)
    outcome = None
    if checking is not None:
        outcome = checking.run(graph, output)
        graph = outcome.graph
    save_graph(graph, output)
    seconds = time.monotonic() - began
    stats = graph_stats(graph)
    about = {"file": str(output), "digest": graph.digest, "seconds": round(seconds, 3)} | asdict(stats)
    about |= {"skipped": catalog.skipped, "duplicates": catalog.duplicates, "denied": len(denied)}
    if checking is not None and outcome is not None:
        about["checks"] = checking.as_json(outcome)
        for line in checking.said(outcome):
            typer.echo(printable(line), err=True)
    if as_json:
        typer.echo(orjson.dumps(about, option=orjson.OPT_INDENT_2))
    else:
        console = Console(highlight=False)
        console.print(Text(f"Tool graph {printable(str(output))}"), soft_wrap=True)
        console.print(figures(stats, seconds))
    if outcome is not None:
        check(outcome, output)


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
