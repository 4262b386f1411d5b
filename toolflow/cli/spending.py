"""What a run is going to cost: its ledger, and what it is expected to take."""

import os
from pathlib import Path
from typing import Any

import typer

from toolflow.cli.casting import CastName, rehearsed
from toolflow.cli.summary import expectation
from toolflow.config import Config
from toolflow.errors import ConfigError
from toolflow.estimate import Pace, estimate, per_dialogue, rehearse
from toolflow.llm.ledger import Ledger
from toolflow.llm.prices import read_prices
from toolflow.making import Recipe

EXPECTED = 32
"""Dialogues rehearsed at the start, to say what the run will take."""


def ledger_of(cast: CastName, settings: Config, budget: float | None, prices: Path | None) -> Ledger | None:
    """The account of the run; None when no model is asked."""
    if cast.asked:
        return Ledger(read_prices(prices), settings.llm.budget if budget is None else budget)
    for option, given in (("--budget", budget), ("--prices", prices)):
        if given is not None:
            raise ConfigError(f"{option}: needs --model; without a model nothing is paid for")
    return None


def expect(
    ledger: Ledger,
    recipe: Recipe,
    cast: CastName,
    model: str | None,
    base_url: str | None,
    folder: Path | None,
    number: int,
    concurrency: int,
) -> dict[str, Any]:
    """What the run is going to take, from a few dialogues; said on stderr."""
    base_url = base_url or os.environ.get("OPENAI_BASE_URL")
    places, prompts = rehearsed(cast, model, base_url, recipe.config.llm, folder)
    basis = rehearse(recipe.config, recipe.graph, places, prompts, recipe.seed, number=EXPECTED)
    ledger.expect(per_dialogue(basis, ledger.prices) or 0)
    expected = estimate(basis, number, ledger.prices, Pace(concurrency))
    usd = expected["total"]["usd"]
    short = ledger.budget is not None and not isinstance(usd, str) and usd > ledger.budget
    typer.echo(f"estimate: {expectation(expected)}{'; more than the budget' if short else ''}", err=True)
    return expected
