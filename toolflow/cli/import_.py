"""``toolflow import``: tools of any known format in, a clean catalog and a report out."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from toolflow.cli.asking import BaseUrl, Budget, Concurrency, ModelName, NoCache, Options, Prices
from toolflow.cli.completing import Completing, check
from toolflow.cli.endpoint import config_folder
from toolflow.cli.printable import printable
from toolflow.config import find_config, read_config
from toolflow.errors import ConfigError, OutputError
from toolflow.importing import FORMATS, Report, import_tools, write_catalog
from toolflow.importing.server import ask_server

LISTED = 5
"""Of what was refused or dropped, shown without ``--verbose``."""

Sources = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders, or MCP servers (https://…, stdio:COMMAND).", metavar="SOURCE...", show_default=False
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the catalog goes, as JSONL.")]
FormatName = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help=f"Take every source for this: {', '.join(FORMATS)}."),
]
ReportFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write what was repaired and dropped, and why, as JSON.")
]
Settings = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="Settings; the section 'import' counts.")
]
TokenEnv = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Environment variable that holds the bearer token for MCP servers over HTTP."),
]
Complete = Annotated[
    bool, typer.Option("--complete", help="Let a model write missing descriptions and result schemas.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List everything dropped and refused.")]


def import_command(
    sources: Sources,
    output: Output = Path("catalog.jsonl"),
    format_name: FormatName = None,
    report: ReportFile = None,
    config: Settings = None,
    token_env: TokenEnv = None,
    complete: Complete = False,
    model: ModelName = None,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    budget: Budget = None,
    prices: Prices = None,
    no_cache: NoCache = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Turn tools of any known format into a catalog for build-graph and synthesize.

    Example: toolflow import openapi.yaml my_tools/ -o catalog.jsonl --report report.json

    [b]--complete --model gpt-4.1-mini[/b] has a model write the descriptions and result schemas that are missing; what
    it wrote is marked in the catalog (x-completed). Stopped, the same command goes on where it was. Without --model
    those of llm.models.complete in the settings are asked, or else those of llm.models.tool.

    Exit code 0 when every source named was read, 1 when one was refused (the others are imported) or a model could
    complete nothing, 2 when nothing could be imported.
    """
    path = find_config(config)
    settings = read_config(path)
    options = Options(model, base_url, concurrency, budget, prices, no_cache)
    if not complete:
        options.refuse("--complete")
    completing = Completing(options, settings, config_folder(path)) if complete else None
    imported = import_tools(sources, settings, ask_server(_token(token_env)), format_name)
    found = imported.report
    said = found.as_json()
    lines = []
    completed = None
    if completing is not None:
        completed = completing.run(imported, output)
        imported = completed.imported
        said["completion"] = completing.as_json(completed)
        lines = list(completing.said(completed, verbose))
    write_catalog(imported, output)
    text = json.dumps(said, ensure_ascii=False, indent=2)
    if report is not None:
        try:
            report.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{report}: cannot be written: {error.strerror}") from None
    for line in [*_left_out(found, verbose), *lines]:
        typer.echo(printable(line), err=True)
    if as_json:
        typer.echo(text)
    else:
        console = Console(highlight=False)
        console.print(
            Text(f"{found.kept:,} {'tool' if found.kept == 1 else 'tools'} in {printable(str(output))}"), soft_wrap=True
        )
        console.print(_tables(found))
    if completed is not None:
        check(completed, output)
    raise typer.Exit(1 if found.refused else 0)


def _token(variable: str | None) -> str | None:
    """The token that an environment variable holds."""
    if variable is None:
        return None
    if not os.environ.get(variable):
        raise ConfigError(f"--token-env {variable}: there is no such environment variable")
    return os.environ[variable]


def _left_out(report: Report, verbose: bool) -> Iterator[str]:
    """What was refused, then what was dropped: counts by reason, and the first or all."""
    refused = [file for file in report.files if file.refused is not None]
    yield from _some([f"refused {file.name}: {file.refused}" for file in refused], verbose)
    reasons = report.reasons()
    for reason, count in reasons.most_common():
        yield f"dropped {count:,} × {reason}"
    dropped = [
        f"  {one.place}: {one.name + ': ' if one.name else ''}{one.problem}"
        for _file, one in report.dropped()
        if verbose or one.reason != "duplicate"
    ]
    yield from _some(dropped, verbose)


def _some(lines: list[str], verbose: bool) -> Iterator[str]:
    yield from lines if verbose else lines[:LISTED]
    if not verbose and len(lines) > LISTED:
        yield f"  … {len(lines) - LISTED:,} more; list them with -v"


def _tables(report: Report) -> Group:
    """Sources, then repairs, then pairs that say the same, for people."""
    files = Table()
    for column in ("source", "format"):
        files.add_column(column, overflow="fold")
    for column in ("found", "kept", "repaired", "dropped"):
        files.add_column(column, justify="right")
    total: Counter[str] = Counter()
    for file in report.files:
        numbers = {"found": file.found, "kept": file.kept, "repaired": file.repaired, "dropped": len(file.dropped)}
        total.update(numbers)
        kind = ", ".join(file.formats) or ("part of another" if file.part_of_another else "refused")
        files.add_row(Text(printable(file.name)), kind, *(f"{number:,}" for number in numbers.values()))
    if len(report.files) > 1:
        files.add_section()
        files.add_row("total", "", *(f"{total[key]:,}" for key in ("found", "kept", "repaired", "dropped")))
    parts: list[Table] = [files]
    if report.repairs:
        repairs = Table(title="Repairs", title_justify="left")
        repairs.add_column("what")
        repairs.add_column("tools", justify="right")
        for kind, count in report.repairs.most_common():
            repairs.add_row(kind, f"{count:,}")
        parts.append(repairs)
    if report.near:
        near = Table(title=f"Near duplicates ({len(report.near):,})", title_justify="left")
        for column in ("tool", "is like"):
            near.add_column(column)
        for pair in report.near[:LISTED]:
            near.add_row(pair.other, pair.one)
        parts.append(near)
    return Group(*parts)
