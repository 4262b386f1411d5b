"""``toolflow estimate``: what so many dialogues of a model would take, before anything is sent."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from toolflow.cli.casting import CastName, choose_cast, rehearsed
from toolflow.cli.endpoint import LLM_CONCURRENCY, read_base_url
from toolflow.cli.log import log_to
from toolflow.cli.printable import printable
from toolflow.cli.progress import progress
from toolflow.cli.summary import dollars, expectation
from toolflow.config import find_config, read_config
from toolflow.errors import ConfigError
from toolflow.estimate import (
    ALLOWANCE,
    LATENCY,
    REHEARSED,
    SPEED,
    Pace,
    Ratio,
    estimate,
    rehearse,
    sample,
    unlocked,
)
from toolflow.graph import load_graph, packaged_graph
from toolflow.llm.prices import read_prices


def estimate_command(
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Dialogues to keep.")],
    graph: Annotated[
        Path | None,
        typer.Option("--graph", help="Tool graph from [b]build-graph[/b]; default: the packaged catalog's."),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", help="Settings: a YAML file, or the name of a packaged one (paper).")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Chat model of all roles not in llm.models.")] = None,
    cast: Annotated[
        CastName | None, typer.Option("--cast", help="Who is to play: llm, the default, or hybrid.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="OpenAI-compatible endpoint; default: OPENAI_BASE_URL, or OpenAI.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="Price list of your own; default: the packaged prices.yaml.")
    ] = None,
    sampled: Annotated[
        Path | None, typer.Option("--sample", help="Go by what a run took: its folder, or a file of its dialogues.")
    ] = None,
    dialogues: Annotated[
        int, typer.Option("--dialogues", min=1, help="Without a sample: selfplay dialogues to go by.")
    ] = REHEARSED,
    allowance: Annotated[
        float, typer.Option("--allowance", min=0, help="… and so much more for retries, repeats and rejects.")
    ] = ALLOWANCE,
    bytes_per_token: Annotated[
        float | None, typer.Option("--bytes-per-token", min=0.5, max=20, help="… where the model's tokenizer is known.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the run.")] = 0,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=4096, help="Dialogues under way at once.")
    ] = LLM_CONCURRENCY,
    latency: Annotated[float, typer.Option("--latency", min=0, help="Seconds until an answer begins.")] = LATENCY,
    speed: Annotated[float, typer.Option("--speed", min=0.1, help="Tokens of an answer in a second.")] = SPEED,
    as_json: Annotated[bool, typer.Option("--json", help="Print the estimate as JSON.")] = False,
) -> None:
    """Say what dialogues of a model would take: calls, tokens, money and hours, by role and model.

    [b]toolflow estimate -n 8000 --model gpt-4.1[/b] counts what would be sent for dialogues that selfplay acts out;
    it sends nothing and needs no key. [b]--sample RUN[/b] goes by what a run really took.
    """
    console = Console(stderr=True, highlight=False)
    log_to(console)
    path = find_config(config)
    settings = read_config(path)
    listed = read_prices(prices)
    base_url = read_base_url(base_url)
    playing = choose_cast(cast, model, settings)
    if sampled is not None:
        basis = sample(sampled, unlocked(model, base_url, settings.llm, playing.asked) if playing.asked else None)
    elif playing.asked:
        ratio = Ratio() if bytes_per_token is None else Ratio(*[bytes_per_token] * 3)
        places, prompts = rehearsed(playing, model, base_url, settings.llm, None if path is None else path.parent)
        with progress(console) as steps:
            tools = load_graph(graph) if graph is not None else packaged_graph(settings, steps)
            basis = rehearse(
                *(settings, tools, places, prompts, seed),
                number=dialogues,
                ratio=ratio,
                allowance=allowance,
                progress=lambda done: steps("rehearsing", done, dialogues),
            )
    else:
        raise ConfigError("--model: needed, or --sample; dialogues of selfplay cost nothing")
    expected = estimate(basis, number, listed, Pace(concurrency, latency, speed))
    typer.echo(json.dumps(expected, ensure_ascii=False, indent=2) if as_json else _in_words(expected))


def _in_words(expected: Mapping[str, Any]) -> str:
    """For people: one line, a table, and what both stand on."""
    rows = [*expected["rows"], {"role": "total", "model": "", **expected["total"]}]
    width = max(len(row["model"]) for row in rows)
    lines = [expectation(expected), ""]
    lines.append(f"{'role':<10} {'model':<{width}} {'calls':>12} {'prompt tokens':>16} {'answer tokens':>16}  cost")
    for row in rows:
        counts = f"{row['calls']:>12,} {row['prompt_tokens']:>16,} {row['completion_tokens']:>16,}"
        lines.append(f"{row['role']:<10} {row['model']:<{width}} {counts}  {dollars(row['usd']).removeprefix('cost ')}")
    pace, priced = expected["pace"], expected["prices"]
    dated = ", ".join(f"{endpoint} as of {date}" for endpoint, date in priced["as_of"].items()) or "none that fit"
    lines += [
        "",
        f"basis: {expected['basis']['said']}",
        f"hours: {pace['concurrency']} dialogues at once, {pace['latency']:g} s until an answer begins, "
        f"{pace['speed']:g} tokens a second (--concurrency, --latency, --speed)",
        f"prices: {dated} ({priced['file']})",
    ]
    return "\n".join(printable(line) for line in lines)
