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
from toolflow.llm.model_pool import Place, settle_one
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


class SoleModel:
    """The one model of a command that needs no cast, open inside of ``async with``."""

    def __init__(
        self,
        model: str,
        base_url: str | None,
        api_key: str | None,
        config: LLMConfig,
        *,
        cache: Path | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        place = settle_one(model, base_url, api_key, config)
        self._store = None if cache is None else AnswerStore(cache / NAME)
        self.model = open_model(place, config, self._store, ledger)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await close_models([self.model], self._store)
