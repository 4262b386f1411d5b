"""``toolflow evaluate``: measures data sets, and puts several beside each other."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from toolflow.cli.asking import BaseUrl, Budget, Concurrency, ModelName, NoCache, Options, Prices
from toolflow.cli.endpoint import config_folder
from toolflow.cli.judging import Judging
from toolflow.cli.printable import encodable, printable
from toolflow.cli.progress import counter
from toolflow.config import find_config, read_config
from toolflow.encoder import make_encoder
from toolflow.errors import ConfigError
from toolflow.evaluate import MEASURES
from toolflow.evaluate.nli import nli_model
from toolflow.evaluate.run import SAMPLE, count
from toolflow.evaluate.table import NOT_KNOWN, as_markdown, as_text, legend, rows
from toolflow.graph import load_graph
from toolflow.validate.jsonl import check_readable


def evaluate_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Dialogue files, .jsonl or .jsonl.gz.", show_default=False)
    ] = None,
    sample: Annotated[
        int, typer.Option("--sample", min=1, help="Dialogues on which wording is measured; the same for all files.")
    ] = SAMPLE,
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws another sample.")] = 0,
    graph: Annotated[
        Path | None, typer.Option("--graph", help="Tool graph; adds the shares of its tools and edges that were used.")
    ] = None,
    coherence: Annotated[
        bool, typer.Option("--coherence/--no-coherence", help="Measure SS, which takes the encoder some seconds.")
    ] = True,
    paper: Annotated[bool, typer.Option("--paper/--no-paper", help="Show the paper's figures beside.")] = True,
    config: Annotated[
        str | None, typer.Option("--config", help="Settings; the sections 'encoder' and 'llm' count.")
    ] = None,
    nli: Annotated[
        str | None, typer.Option("--nli", metavar="NAME", help="NLI model of Hugging Face's; measures EnR.")
    ] = None,
    judge: Annotated[bool, typer.Option("--judge", help="Ask a model for NAT, COH, HELP, ACC and EnR.")] = False,
    judged: Annotated[
        int | None, typer.Option("--judged", min=1, help=f"Dialogues of each file that are judged ({SAMPLE}).")
    ] = None,
    judgements: Annotated[
        Path | None, typer.Option("--judgements", metavar="FILE", help="What the model said, and why; JSON lines.")
    ] = None,
    model: ModelName = None,
    base_url: BaseUrl = None,
    concurrency: Concurrency = None,
    budget: Budget = None,
    prices: Prices = None,
    no_cache: NoCache = False,
    measures: Annotated[
        bool, typer.Option("--measures", help="Say what each measure means, and in which unit; measure nothing.")
    ] = False,
    as_: Annotated[
        Literal["table", "markdown", "json"], typer.Option("--format", help="How the measures are printed.")
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Measure dialogues: structure, sources of arguments, diversity and coherence of the talk.

    Example: toolflow evaluate run/dialogues.jsonl others.jsonl.gz --format markdown

    [b]--measures[/b] says what SS, H and the others are. Wording is measured on a sample of each file.

    [b]--judge --model gpt-4.1[/b] has a model score sampled dialogues (NAT, COH, HELP, ACC) and say of each round
    whether it entails the next request (EnR), which [b]--nli NAME[/b] has a trained model say. Stopped, the same
    command goes on where it was. Without --model those of llm.models.judge in the settings are asked, or else those of
    llm.models.planner.
    """
    form = "json" if as_json else as_
    if measures:
        typer.echo(_legend(form))
        return
    files = files or []
    check_readable(files, "evaluate")
    path = find_config(config)
    settings = read_config(path)
    options = Options(model, base_url, concurrency, budget, prices, no_cache)
    judging = None
    if judge:
        judging = Judging(options, settings, config_folder(path), judgements)
    else:
        options.refuse("--judge")
        for option, given in (("--judged", judged), ("--judgements", judgements)):
            if given is not None:
                raise ConfigError(f"{option}: needs --judge; without it no model is asked")
    encoder = make_encoder(settings.encoder) if coherence else None
    tools = None if graph is None else load_graph(graph)
    if judgements is not None and judgements.is_dir():
        raise ConfigError(f"--judgements: {judgements} is a folder; name a file in it")
    if judgements is not None and judgements.exists() and any(map(judgements.samefile, files)):
        raise ConfigError(f"--judgements: {judgements} is a file that is to be measured; name another")
    to_judge = (judged or SAMPLE) if judge else 0
    entails = nli_model(nli) if nli is not None else None
    with counter("evaluating") as seen:
        counted = [
            count(*(file, sample, seed), encoder=encoder, graph=tools, entails=entails, to_judge=to_judge, seen=seen)
            for file in files
        ]
    said = judging.run(counted, entailment=nli is None) if judging is not None else [None] * len(counted)
    found = [one.evaluation(judgement) for one, judgement in zip(counted, said, strict=True)]
    if not judge and nli is None:
        typer.echo("EnR is not measured; --judge (a model is asked) or --nli (a trained one) measures it", err=True)
    if form == "json":
        text = json.dumps([evaluation.as_json() for evaluation in found], ensure_ascii=False, indent=2)
        typer.echo(encodable(text))
        return
    table = [[printable(cell) for cell in row] for row in rows(found, paper=paper)]
    typer.echo(as_markdown(table) if form == "markdown" else as_text(table))
    sizes = ", ".join(f"{evaluation.sample:,}" for evaluation in found)
    typer.echo(
        f"H and D-3 depend on the amount of text; sampled dialogues: {sizes} (seed {seed}). "
        "What a measure means: toolflow evaluate --measures",
        err=True,
    )
    for evaluation in found:
        if evaluation.unreadable:
            typer.echo(
                printable(f"{evaluation.name}: lines that hold no dialogue: {evaluation.unreadable:,}"), err=True
            )


def _legend(form: str) -> str:
    """What every measure means."""
    if form == "json":
        told = [
            {
                "key": one.key,
                "label": one.label,
                "meaning": one.meaning,
                "paper": one.paper,
                "counted_by": one.counted_by,
            }
            for one in MEASURES
        ]
        return json.dumps(told, ensure_ascii=False, indent=2)
    table = legend()
    if form == "markdown":
        return as_markdown(table)
    width = max(len(label) for label, *_ in table)
    return "\n".join(
        f"{label.ljust(width)}  {meaning}" + (f" [paper: {paper}]" if paper != NOT_KNOWN else "")
        for label, meaning, paper in table[1:]
    )
