"""The hybrid cast: structure, calls, world and results as in selfplay, the wording by a language model.

The outline comes first and the paraphrase second, as in Shah et al. 2018 ("Building a Conversational Agent Overnight
with Dialogue Self-Play") and Schema-Guided Dialogue (Rastogi et al. 2020), where people were the paraphrasers. A
simulator makes the dialogue; each turn of user and assistant is put in other words by a model, in context, with a
persona and a manner from the record's own seed, and checked by rules to say the same; else it stands as it was. So
labels are correct by construction, and one short answer a turn is all that is asked of the model.

`make_hybrid_cast` is what there is to use: who opens it closes it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from toolflow.cast import Cast
from toolflow.config import LLMConfig
from toolflow.hybrid.persona import draw_manners
from toolflow.hybrid.rewriter import Rewriter, read_rewrite_prompt
from toolflow.hybrid.said import Speaker
from toolflow.hybrid.speakers import RewordedAssistant, RewordedUser, Script, Wording
from toolflow.llm import Lineup, open_pools
from toolflow.llm.answer_store import AnswerStore
from toolflow.llm.chat import Model, Usage
from toolflow.llm.ledger import Ledger
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt, reader
from toolflow.llm.questions import Questioner
from toolflow.llm.timer import Clock, Sleep
from toolflow.pools import Role
from toolflow.selfplay import make_selfplay_cast

__all__ = ["REWORDED", "HybridCastMaker", "make_hybrid_cast", "read_hybrid_prompt"]

SPEAKERS: tuple[Speaker, ...] = ("user", "assistant")
REWORDED: tuple[Role, ...] = SPEAKERS
"""The roles that ask a model."""


class HybridCastMaker(Lineup):
    """Makes the cast of each record; a `toolflow.cast.CastMaker`. Close it when the run ends."""

    def __init__(
        self,
        pools: Mapping[Role, ModelPool[Model]],
        prompt: Prompt,
        config: LLMConfig,
        store: AnswerStore | None = None,
        overhear: Callable[[Wording], Wording] = lambda wording: wording,
    ) -> None:
        """``overhear`` may put itself between each speaker and its wording."""
        super().__init__(pools, store)
        self._prompt = prompt
        self._config = config
        self._overhear = overhear

    def __call__(self, rng: Random) -> Cast:
        """A fresh cast: the selfplay cast of the same random source, reworded."""
        simulated = make_selfplay_cast(rng)
        seed = rng.getrandbits(64)
        seeds = Random(seed)
        models, manners, usage, script = self.draw(seed), draw_manners(seeds), Usage(), Script()
        counts: dict[str, dict[str, int]] = {role: {"reworded": 0, "stood": 0} for role in SPEAKERS}
        user, assistant = (
            Rewriter(
                role,
                Questioner(models[role], usage, self._config.reasks, seeds),
                self._prompt,
                manners[role],
                counts[role],
                small=self._config.small_models,
            )
            for role in SPEAKERS
        )
        return Cast(
            name="hybrid",
            planner=simulated.planner,
            user=RewordedUser(simulated.user, self._overhear(user), script),
            assistant=RewordedAssistant(simulated.assistant, self._overhear(assistant), script),
            tool=simulated.tool,
            models={role: model.name for role, model in models.items()},
            pools={role: pool.name for role, pool in self.pools.items()},
            prompts={"rewrite": self._prompt.digest},
            usage=usage.by_role,
            wording=counts,
        )


def read_hybrid_prompt(config: LLMConfig, folder: Path | None = None) -> Prompt:
    """The prompt of the rewording; ``folder`` is the one of the config file. `ConfigError` when it is unsound."""
    return read_rewrite_prompt(reader({str(name): path for name, path in config.prompts.items()}, folder))


def make_hybrid_cast(
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
) -> HybridCastMaker:
    """A maker of casts; `ConfigError` when the prompt is unsound, or a model or a key is missing.

    What is given is as for `toolflow.llm.make_llm_cast`, but for the roles: of ``config.models`` user and assistant
    are asked alone.
    """
    prompt = read_hybrid_prompt(config, folder)
    pools, store = open_pools(
        *(model, base_url, api_key, config),
        roles=REWORDED,
        keys=keys,
        cache=cache,
        ledger=ledger,
        clock=clock,
        sleep=sleep,
    )
    return HybridCastMaker(pools, prompt, config, store)
