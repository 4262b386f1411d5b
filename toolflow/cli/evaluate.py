"""``toolflow evaluate``: measures data sets, and puts several beside each other."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from toolflow.cli.printable import printable
from toolflow.cli.progress import counter
from toolflow.config import find_config, read_config
from toolflow.encoder import make_encoder
from toolflow.errors import ConfigError
from toolflow.evaluate.run import SAMPLE, evaluate
from toolflow.evaluate.table import as_markdown, as_text, rows
from toolflow.graph import load_graph


def evaluate_command(
    files: Annotated[list[Path], typer.Argument(help="Dialogue files, .jsonl or .jsonl.gz.", show_default=False)],
    sample: Annotated[
        int, typer.Option("--sample", min=1, help="Dialogues on which wording is measured; the same for all files.")
    ] = SAMPLE,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws another sample.")] = 0,
    graph: Annotated[
        Path | None, typer.Option("--graph", help="Tool graph; adds the share of its edges that were used.")
    ] = None,
    coherence: Annotated[
        bool, typer.Option("--coherence/--no-coherence", help="Measure SS, which takes the encoder some seconds.")
    ] = True,
    paper: Annotated[bool, typer.Option("--paper/--no-paper", help="Show the paper's figures beside.")] = True,
    config: Annotated[str | None, typer.Option("--config", help="Settings; the section 'encoder' counts.")] = None,
    as_: Annotated[
        Literal["table", "markdown", "json"], typer.Option("--format", help="How the measures are printed.")
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Measure dialogues: structure, sources of arguments, diversity and coherence of the talk.

    Example: toolflow evaluate run/dialogues.jsonl others.jsonl.gz --format markdown
    """
    settings = read_config(find_config(config))
    encoder = make_encoder(settings.encoder) if coherence else None
    edges = None
    if graph is not None:
        tools = load_graph(graph)
        edges = [
            (tools.tools[one].name, tools.tools[other].name)
            for one in range(len(tools.tools))
            for other in tools.neighbours(one)
            if one < other
        ]
    for path in files:
        if not path.is_file():
            raise ConfigError(f"{path}: no such file")
    with counter("evaluating") as seen:
        found = [evaluate(path, sample=sample, seed=seed, encoder=encoder, edges=edges, seen=seen) for path in files]
    if as_json or as_ == "json":
        typer.echo(json.dumps([evaluation.as_json() for evaluation in found], ensure_ascii=False, indent=2))
        return
    table = [[printable(cell) for cell in row] for row in rows(found, paper=paper)]
    typer.echo(as_markdown(table) if as_ == "markdown" else as_text(table))
    sizes = ", ".join(f"{evaluation.sample:,}" for evaluation in found)
    typer.echo(f"H, D-3 and SS depend on the amount of text; sampled dialogues: {sizes} (seed {seed})", err=True)
    for evaluation in found:
        if evaluation.unreadable:
            typer.echo(printable(f"{evaluation.name}: {evaluation.unreadable:,} lines hold no dialogue"), err=True)
