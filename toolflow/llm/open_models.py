"""Opens models: a client at each place, its price known to the ledger, behind the cache of answers where there is one.

Nothing is requested by that. Who opens models closes them, and the file of answers after them: a `Lineup` those of
the roles of a cast, an `OpenPool` those of an errand.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from toolflow.config import LLMConfig
from toolflow.llm.answer_cache import CachedModel
from toolflow.llm.answer_store import NAME, AnswerStore
from toolflow.llm.chat import Model
from toolflow.llm.client import ModelClient
from toolflow.llm.ledger import Ledger
from toolflow.llm.model_pool import ModelPool, Place, settle
from toolflow.llm.timer import Clock, Sleep
from toolflow.pools import ROLES, Role


def open_model(
    place: Place,
    config: LLMConfig,
    store: AnswerStore | None,
    ledger: Ledger | None,
    *,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> Model:
    """The model at a place; `ConfigError` when the ledger has a budget and no price for it."""
    own = place.settings(config)
    client = ModelClient(
        place.model,
        place.base_url,
        place.key,
        own,
        key_env=place.key_env,
        limits=place.limits,
        purse=ledger,
        clock=clock,
        sleep=sleep,
    )
    if ledger is not None:
        ledger.price(client.where, client.name)
    return client if store is None else CachedModel(client, client.where, own, store, ledger)


async def close_models(models: Iterable[Model], store: AnswerStore | None) -> None:
    """Close the connections of all models, then the file of answers, whatever goes wrong on the way."""
    async with AsyncExitStack() as stack:
        if store is not None:
            stack.push_async_callback(store.aclose)
        for model in models:
            stack.push_async_callback(model.aclose)


class Lineup:
    """Models by role, and the store of answers behind them; what a maker of casts asks. Close it when the run ends."""

    def __init__(self, pools: Mapping[Role, ModelPool[Model]], store: AnswerStore | None = None) -> None:
        self.pools = pools
        self._store = store

    @property
    def models(self) -> list[Model]:
        """Every model once."""
        return list({id(model): model for pool in self.pools.values() for model in pool.members}.values())

    def draw(self, seed: int) -> dict[Role, Model]:
        """Who plays each role in the record of this seed."""
        return {role: pool.draw(role, seed) for role, pool in self.pools.items()}

    def hold(self) -> int:
        """Ask no model anything more; how many answers are on their way."""
        return sum(model.hold() for model in self.models)

    async def aclose(self) -> None:
        """Close the connections of all models, then the file of answers, whatever goes wrong on the way."""
        await close_models(self.models, self._store)


def open_pools(
    model: str | None,
    base_url: str | None,
    api_key: str | None,
    config: LLMConfig,
    *,
    roles: Sequence[Role] = ROLES,
    keys: Mapping[str, str] | None = None,
    cache: Path | None = None,
    ledger: Ledger | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> tuple[dict[Role, ModelPool[Model]], AnswerStore | None]:
    """The models of ``roles`` and the store of answers behind them; `ConfigError` when a model or a key is missing.

    ``model`` plays the roles that ``config.models`` leaves out, at ``base_url`` (None means OpenAI's own) with
    ``api_key``; a loopback endpoint needs no key. ``keys`` holds what the settings name as ``key_env``.
    ``cache`` is the folder of the answer cache, None for none. ``ledger`` keeps the account of all models; with a
    budget, each must have a price. Nothing is requested yet.
    """
    places = settle(model, base_url, api_key, config, keys or {}, roles)
    store = None if cache is None else AnswerStore(cache / NAME)
    models = {
        place: open_model(place, config, store, ledger, clock=clock, sleep=sleep)
        for place in dict.fromkeys(place for pool in places.values() for place in pool.members)
    }
    pools = {
        role: ModelPool(pool.name, tuple(models[place] for place in pool.members), pool.weights)
        for role, pool in places.items()
    }
    return pools, store


class OpenPool:
    """The models of an errand, which needs no cast; open inside of ``async with``."""

    def __init__(
        self, places: ModelPool[Place], config: LLMConfig, *, cache: Path | None = None, ledger: Ledger | None = None
    ) -> None:
        self._store = None if cache is None else AnswerStore(cache / NAME)
        opened = {place: open_model(place, config, self._store, ledger) for place in dict.fromkeys(places.members)}
        self.models: ModelPool[Model] = ModelPool(
            places.name, tuple(opened[place] for place in places.members), places.weights
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await close_models(dict.fromkeys(self.models.members), self._store)
