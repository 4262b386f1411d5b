"""The llm cast: every role is a prompt to a chat model behind an OpenAI-compatible endpoint.

`make_llm_cast` reads and checks the prompts, opens one client for each distinct model, address and key of the
run, and makes a fresh cast for every record, its models drawn from their pools. Keys come in as arguments and
are kept by the clients alone: no record, message or ``repr`` shows them. With a cache folder, answers are kept
there, those of all models in one file, and no question is paid for twice (`toolflow.llm.answer_cache`).
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

from toolflow.cast import Cast
from toolflow.config import LLMConfig
from toolflow.llm.answer_store import AnswerStore
from toolflow.llm.assistant import LLMAssistant, read_assistant_prompt
from toolflow.llm.chat import Model, Usage
from toolflow.llm.keys import read_keys
from toolflow.llm.ledger import Ledger
from toolflow.llm.model_pool import ModelPool, is_wanted, settle_errand
from toolflow.llm.open_models import Lineup, OpenPool, open_pools
from toolflow.llm.planner import LLMPlanner, read_planner_prompt
from toolflow.llm.prompts import Prompt, packaged_prompt, reader
from toolflow.llm.questions import Questioner
from toolflow.llm.timer import Clock, Sleep
from toolflow.llm.tool import LLMTool, read_tool_prompt
from toolflow.llm.user import LLMUser, read_user_prompt
from toolflow.pools import Role

__all__ = [
    "LLMCastMaker",
    "Lineup",
    "OpenPool",
    "is_wanted",
    "make_llm_cast",
    "open_pools",
    "packaged_prompt",
    "read_keys",
    "read_prompts",
    "settle_errand",
]


class LLMCastMaker(Lineup):
    """Makes the cast of each record; a `toolflow.cast.CastMaker`. Close it when the run ends."""

    def __init__(
        self,
        pools: Mapping[Role, ModelPool[Model]],
        prompts: Mapping[Role, Prompt],
        config: LLMConfig,
        store: AnswerStore | None = None,
    ) -> None:
        super().__init__(pools, store)
        self._prompts = prompts
        self._config = config

    def __call__(self, rng: Random) -> Cast:
        """A fresh cast; its models and the seeds of its questions come from the record's own random source."""
        usage = Usage()
        seed = rng.getrandbits(64)
        seeds = Random(seed)
        models = self.draw(seed)
        ask = {role: Questioner(model, usage, self._config.reasks, seeds) for role, model in models.items()}
        small = self._config.small_models
        return Cast(
            name="llm",
            planner=LLMPlanner(ask["planner"], self._prompts["planner"], frugal=small),
            user=LLMUser(ask["user"], self._prompts["user"], blinkered=small),
            assistant=LLMAssistant(ask["assistant"], self._prompts["assistant"], small=small),
            tool=LLMTool(ask["tool"], self._prompts["tool"], small=small),
            models={role: model.name for role, model in models.items()},
            pools={role: pool.name for role, pool in self.pools.items()},
            prompts={role: prompt.digest for role, prompt in self._prompts.items()},
            usage=usage.by_role,
        )


def read_prompts(config: LLMConfig, folder: Path | None = None) -> dict[Role, Prompt]:
    """The prompts of all roles; ``folder`` is the one of the config file. `ConfigError` when one is unsound."""
    read = reader({str(name): path for name, path in config.prompts.items()}, folder)
    return {
        "planner": read_planner_prompt(read),
        "user": read_user_prompt(read),
        "assistant": read_assistant_prompt(read),
        "tool": read_tool_prompt(read),
    }


def make_llm_cast(
    model: str | None,
    base_url: str | None,
    api_key: str | None,
    config: LLMConfig,
    *,
    keys: Mapping[str, str] | None = None,
    cache: Path | None = None,
    folder: Path | None = None,
    ledger: Ledger | None = None,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> LLMCastMaker:
    """A maker of casts; `ConfigError` when a prompt is unsound, or a model or a key is missing.

    ``folder`` is the one of the config file, from where ``config.prompts`` are read; all else is as in `open_pools`.
    """
    prompts = read_prompts(config, folder)
    pools, store = open_pools(
        *(model, base_url, api_key, config), keys=keys, cache=cache, ledger=ledger, clock=clock, sleep=sleep
    )
    return LLMCastMaker(pools, prompts, config, store)
