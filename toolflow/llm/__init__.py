"""The llm cast: every role is a prompt to a chat model behind an OpenAI-compatible endpoint.

`make_llm_cast` reads and checks the prompts, opens one client for the run, and makes a fresh cast for every
record. Keys come in as arguments and are kept by the client alone: no record, message or ``repr`` shows them.
With a cache folder, answers are kept there and no question is paid for twice (`toolflow.llm.answer_cache`).
"""

import asyncio
from pathlib import Path
from random import Random

from toolflow.cast import Cast
from toolflow.config import LLMConfig
from toolflow.llm.answer_cache import CachedModel
from toolflow.llm.answer_store import NAME, AnswerStore
from toolflow.llm.assistant import LLMAssistant, read_assistant_prompt
from toolflow.llm.chat import Model, Usage
from toolflow.llm.client import ModelClient, Sleep
from toolflow.llm.planner import LLMPlanner, read_planner_prompt
from toolflow.llm.questions import Questioner
from toolflow.llm.tool import LLMTool, read_tool_prompt
from toolflow.llm.user import LLMUser, read_user_prompt

__all__ = ["LLMCastMaker", "make_llm_cast"]

ROLES = ("planner", "user", "assistant", "tool")


class LLMCastMaker:
    """Makes the cast of each record; a `toolflow.cast.CastMaker`. Close it when the run ends."""

    def __init__(self, model: Model, reasks: int) -> None:
        self.model = model
        self._reasks = reasks
        self._prompts = {
            "planner": read_planner_prompt(),
            "user": read_user_prompt(),
            "assistant": read_assistant_prompt(),
            "tool": read_tool_prompt(),
        }

    def __call__(self, rng: Random) -> Cast:
        """A fresh cast; its questions are seeded from the record's own random source."""
        usage = Usage()
        questioner = Questioner(self.model, usage, self._reasks, Random(rng.getrandbits(64)))
        return Cast(
            name="llm",
            planner=LLMPlanner(questioner, self._prompts["planner"]),
            user=LLMUser(questioner, self._prompts["user"]),
            assistant=LLMAssistant(questioner, self._prompts["assistant"]),
            tool=LLMTool(questioner, self._prompts["tool"]),
            models=dict.fromkeys(ROLES, self.model.name),
            prompts={role: prompt.digest for role, prompt in self._prompts.items()},
            usage=usage.by_role,
        )

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self.model.aclose()


def make_llm_cast(
    model: str,
    base_url: str | None,
    api_key: str | None,
    config: LLMConfig,
    *,
    cache: Path | None = None,
    sleep: Sleep = asyncio.sleep,
) -> LLMCastMaker:
    """A maker of casts that all speak through one client; `ConfigError` when a prompt is unsound.

    ``base_url`` None means OpenAI's own; a loopback endpoint needs no key. ``cache`` is the folder of the
    answer cache, None for none. Nothing is requested and no file opened yet.
    """
    client = ModelClient(model, base_url, api_key, config, sleep=sleep)
    if cache is None:
        return LLMCastMaker(client, config.reasks)
    return LLMCastMaker(CachedModel(client, client.where, config, AnswerStore(cache / NAME)), config.reasks)
