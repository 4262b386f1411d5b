"""What models cost: a dated list, by endpoint and model, which is the user's to edit.

``configs/prices.yaml`` is the packaged one; its head says how it is written. A model is looked up by its exact
name, then without a date at its end (``gpt-4.1-2025-04-14``), and under its endpoint alone: a server on this
machine that calls its model gpt-4.1 has no price until somebody writes one. What is not listed is unknown, which
is never zero.

Money is counted in whole picodollars, so that no sum is rounded: a price of n dollars per million tokens, with
up to six decimals, is a whole number of picodollars per token.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, ValidationError

from toolflow.config import PRICES, describe, packaged_configs, read_yaml
from toolflow.errors import ConfigError
from toolflow.llm.purse import Tokens

PICO = 10**12
"""Picodollars in a dollar."""
DECIMALS = 6
UNKNOWN = "unknown"

_MICRO = 10**DECIMALS
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})\Z")


def _per_token(price: Any) -> int:
    """Dollars per million tokens as picodollars per token."""
    if isinstance(price, bool) or not isinstance(price, int | float):
        raise ValueError("must be a number: US dollars per million tokens")
    if not 0 <= price <= 1e6:
        raise ValueError("must be a number from 0 to 1,000,000")
    exact = Decimal(str(price)) * _MICRO
    if exact != int(exact):
        raise ValueError(f"must have at most {DECIMALS} decimals")
    return int(exact)


PerToken = Annotated[int, BeforeValidator(_per_token)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Listed(_Section):
    """The price of one model, as written."""

    input: PerToken
    cached_input: PerToken | None = None
    output: PerToken


class _Endpoint(_Section):
    """What one endpoint charges."""

    as_of: date
    """When the prices were these."""
    source: str = Field(min_length=1)
    models: dict[StrictStr, _Listed]


class _List(_Section):
    """The file."""

    format: Literal["toolflow-prices/1"]
    endpoints: dict[StrictStr, _Endpoint]


@dataclass(frozen=True, slots=True)
class Price:
    """What one token costs, in picodollars."""

    input: int
    cached_input: int
    output: int

    def cost(self, tokens: Tokens) -> int:
        """What an answer cost, in picodollars."""
        cached = min(tokens.cached, tokens.prompt)
        prompt = (tokens.prompt - cached) * self.input + cached * self.cached_input
        return prompt + tokens.completion * self.output

    def bound(self, prompt: int, completion: int) -> int:
        """The most that so many tokens can cost."""
        return prompt * max(self.input, self.cached_input) + completion * self.output

    def written(self) -> dict[str, float]:
        """As in a price list."""
        return {
            "input": self.input / _MICRO,
            "cached_input": self.cached_input / _MICRO,
            "output": self.output / _MICRO,
        }

    @classmethod
    def read(cls, written: Any) -> Self:
        """What `written` wrote; ValueError for anything else."""
        return cls.of(_Listed.model_validate(written))

    @classmethod
    def of(cls, listed: _Listed) -> Self:
        """The price that a list names."""
        cached = listed.input if listed.cached_input is None else listed.cached_input
        return cls(listed.input, cached, listed.output)


@dataclass(frozen=True)
class PriceList:
    """Prices by host (or host:port) and model."""

    path: Path | None = None
    """Where to write a price that is missing."""
    prices: Mapping[tuple[str, str], Price] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)
    """As of when, by host."""

    def price(self, endpoint: str, model: str) -> Price | None:
        """What a model costs at an address; None when that is unknown."""
        for host in _hosts(endpoint):
            for name in (model, _DATED.sub("", model)):
                if (host, name) in self.prices:
                    return self.prices[host, name]
        return None

    def as_of(self, endpoint: str) -> date | None:
        """The date of an address's prices; None when there are none."""
        return next((self.dates[host] for host in _hosts(endpoint) if host in self.dates), None)

    def missing(self, endpoint: str, model: str) -> ConfigError:
        """What to say when a price is needed that is not there."""
        hosts = _hosts(endpoint)
        return ConfigError(
            f"{self.path or 'prices'}: no price for {model} at {hosts[-1] if hosts else endpoint}, and no budget "
            "can be kept without; write it there, or into a list of your own that --prices names"
        )


def read_prices(path: Path | None = None) -> PriceList:
    """A price list, the packaged one by default; `ConfigError` names file and key."""
    path = path or packaged_configs() / f"{PRICES}.yaml"
    try:
        listed = _List.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError(f"{path}: {describe(error)}") from None
    endpoints = {host.lower(): endpoint for host, endpoint in listed.endpoints.items()}
    prices = {
        (host, model): Price.of(price)
        for host, endpoint in endpoints.items()
        for model, price in endpoint.models.items()
    }
    return PriceList(path, prices, {host: endpoint.as_of for host, endpoint in endpoints.items()})


def in_dollars(pico: int) -> float:
    """For people and JSON; sums are made before."""
    return round(pico / PICO, 6)


def in_pico(dollars: float) -> int:
    """A sum that somebody wrote in dollars, rounded down."""
    return int(Decimal(str(dollars)) * PICO)


def shown(dollars: float) -> str:
    """A sum for people: cents, and more of them where there are few."""
    return f"{dollars:,.2f}" if dollars >= 1 or not dollars else f"{dollars:.4f}"


def _hosts(endpoint: str) -> list[str]:
    """The names that an address goes by in a list, the most particular first."""
    with suppress(ValueError):
        parts = urlsplit(endpoint)
        host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
        if host:
            return [*([f"{host}:{parts.port}"] if parts.port else []), host]
    return []
