"""Opens models: a client at each place, its price known to the ledger, behind the cache of answers where there is one.

Nothing is requested by that. Who opens models closes them, and the file of answers after them.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from toolflow.config import LLMConfig
from toolflow.llm.answer_cache import CachedModel
from toolflow.llm.answer_store import NAME, AnswerStore
from toolflow.llm.chat import Model
from toolflow.llm.client import ModelClient
from toolflow.llm.ledger import Ledger
from toolflow.llm.model_pool import ModelPool, Place
from toolflow.llm.timer import Clock, Sleep


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
