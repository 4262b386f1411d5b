"""``toolflow synthesize``: writes dialogues into a folder, and continues a run that was stopped."""

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from toolflow.cli.casting import CastName, cast_maker, choose_cast
from toolflow.cli.endpoint import LLM_CONCURRENCY, config_folder
from toolflow.cli.executing import execution_of
from toolflow.cli.log import log_to
from toolflow.cli.printable import printable
from toolflow.cli.progress import progress
from toolflow.cli.running import run_asking, run_selfplay
from toolflow.cli.spending import expect, ledger_of
from toolflow.cli.summary import account_of, in_words, summary_of
from toolflow.config import find_config, read_config
from toolflow.errors import ConfigError, RunError
from toolflow.execute import ExecutingCastMaker
from toolflow.graph import load_graph, packaged_graph
from toolflow.making import Recipe
from toolflow.records import Records, open_run
from toolflow.synthesize import INTERRUPTED

DEFAULT_FOLDER = Path("toolflow-out")


def synthesize_command(
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Dialogues to keep; rejects come on top.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Folder of the run; an unfinished run in it is continued.")
    ] = DEFAULT_FOLDER,
    graph: Annotated[
        Path | None,
        typer.Option("--graph", help="Tool graph from [b]build-graph[/b]; default: the packaged catalog's."),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", help="Settings: a YAML file, or the name of a packaged one (paper).")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Chat model of all roles but those in llm.models; default: selfplay."),
    ] = None,
    cast: Annotated[
        CastName | None,
        typer.Option(
            "--cast", help="Who plays; default: llm with a model, else selfplay. hybrid: selfplay, reworded by a model."
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="OpenAI-compatible endpoint; default: OPENAI_BASE_URL, or OpenAI.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives other dialogues.")] = 0,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            min=1,
            max=4096,
            help="Dialogues under way at once, one request each (32 with a model; a busy endpoint gets fewer).",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=0, max=1024, help="Processes of selfplay; default: the CPUs, in a long run."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run in the folder.")] = False,
    budget: Annotated[
        float | None, typer.Option("--budget", min=0, help="US dollars this folder may cost; the run ends before more.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="Price list of your own; default: the packaged prices.yaml.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask the model also what it answered before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    execute: Annotated[
        bool, typer.Option("--execute", help="Run the functions and MCP servers that the settings name as tools.")
    ] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more (-vv: everything).")] = 0,
) -> None:
    """Write dialogues: sample tools, plan, let the cast act the plan out, check every dialogue.

    [b]toolflow synthesize -n 100 -o run[/b] needs no model and no key.

    [b]toolflow synthesize -n 100 -o run --model gpt-4.1[/b] reads OPENAI_API_KEY (and OPENAI_BASE_URL).
    [b]llm.models[/b] in the settings gives roles models of their own, or pools to draw from.

    [b]--execute --config my.yaml[/b] lets the tools that [b]execute[/b] in the settings names answer for themselves.
    [b]--cast hybrid[/b] has selfplay make the dialogues and the model put user and assistant in other words.

    [b]--budget 25[/b] spends at most so many dollars; [b]toolflow estimate[/b] says beforehand what to expect.

    The folder gets dialogues.jsonl, rejected.jsonl and run.json. The same command again continues a run
    that was stopped, and a larger -n makes it longer.
    """
    console = Console(stderr=True, highlight=False)
    log_to(console, verbose)
    path = find_config(config)
    settings = read_config(path)
    folder = config_folder(path)
    playing = choose_cast(cast, model, settings)
    ledger = ledger_of(playing, settings, budget, prices)
    make_cast = cast_maker(playing, model, base_url, settings, folder, ledger, cached=not no_cache)
    selfplay = ledger is None
    if workers is not None and not selfplay:
        raise ConfigError("--workers: is for selfplay; with a model one process is enough, see --concurrency")
    if graph is None:
        with progress(console) as steps:
            tools = packaged_graph(settings, steps)
    else:
        tools = load_graph(graph)
    load = partial(packaged_graph, settings) if graph is None else partial(load_graph, graph)
    execution = execution_of(settings.execute, tools.tools, execute=execute)
    if workers and execution is not None:
        raise ConfigError("--workers: calls to real tools are made by one process; leave it out")
    recipe = Recipe(settings, tools, make_cast if execution is None else ExecutingCastMaker(make_cast, execution), seed)
    concurrency = concurrency or (1 if selfplay else LLM_CONCURRENCY)
    with open_run(out, recipe.identity(), number, ordered=selfplay, overwrite=overwrite, book=ledger) as records:
        _say_what_is_there(records)
        if ledger is not None and records.tally.kept < number:
            records.estimate = expect(ledger, recipe, playing, model, base_url, folder, number, concurrency)
        with progress(console, began_at=records.tally.kept) as steps:
            if execution is None and ledger is None:
                running = run_selfplay(recipe, records, concurrency, steps, load, workers)
            else:
                running = run_asking(recipe, records, concurrency, steps, make_cast, ledger, execution)
            stopped = asyncio.run(running)
    summary = summary_of(records)
    typer.echo(json.dumps(summary, ensure_ascii=False, indent=2) if as_json else in_words(summary))
    for line in account_of(summary):
        typer.echo(line, err=True)
    if stopped is not None:
        there = f"{records.tally.kept:,} of {number:,} dialogues are there"
        raise RunError(f"{out}: {stopped}; {there}{', the same command continues' if stopped == INTERRUPTED else ''}")


def _say_what_is_there(records: Records) -> None:
    kept, wanted = records.tally.kept, records.wanted
    if kept >= wanted:
        typer.echo(printable(f"{records.folder}: already holds {kept:,} dialogues; nothing to do"), err=True)
    elif records.found:
        typer.echo(
            printable(f"{records.folder}: continuing a run; {kept:,} of {wanted:,} dialogues are there"), err=True
        )
