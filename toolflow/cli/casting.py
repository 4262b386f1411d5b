"""Which cast plays, by the options and the settings, and its maker."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from toolflow.cast import CastMaker
from toolflow.cli.endpoint import find_endpoint
from toolflow.config import Config, LLMConfig
from toolflow.errors import ConfigError
from toolflow.estimate import unlocked
from toolflow.hybrid import REWORDED, make_hybrid_cast, read_hybrid_prompt
from toolflow.languages import name_of
from toolflow.llm import is_wanted, make_llm_cast, read_prompts
from toolflow.llm.ledger import Ledger
from toolflow.llm.model_pool import ModelPool, Place
from toolflow.llm.prompts import Prompt
from toolflow.pools import ROLES, Role
from toolflow.selfplay import make_selfplay_cast


class CastName(StrEnum):
    """The casts there are."""

    SELFPLAY = "selfplay"
    LLM = "llm"
    HYBRID = "hybrid"

    @property
    def asked(self) -> tuple[Role, ...]:
        """The roles that ask a model."""
        return {CastName.SELFPLAY: (), CastName.LLM: ROLES, CastName.HYBRID: REWORDED}[self]


def choose_cast(wanted: CastName | None, model: str | None, settings: Config) -> CastName:
    """The cast of ``--cast``, or the one that the models given speak for; `ConfigError` when models are missing."""
    if wanted is None:
        return CastName.LLM if is_wanted(model, settings.llm) else CastName.SELFPLAY
    if wanted is CastName.SELFPLAY and model is not None:
        raise ConfigError("--cast selfplay: asks no model; leave --model out")
    if wanted.asked and not is_wanted(model, settings.llm, wanted.asked):
        raise ConfigError(f"--cast {wanted}: needs --model, or a model for {' and '.join(wanted.asked)} in llm.models")
    return wanted


def cast_maker(
    cast: CastName,
    model: str | None,
    base_url: str | None,
    settings: Config,
    folder: Path | None,
    ledger: Ledger | None,
    *,
    cached: bool,
) -> CastMaker:
    """The cast that the options and the environment ask for; `ConfigError` before anything is done."""
    if settings.mix.foreign and cast is not CastName.LLM:
        named = name_of(settings.mix.foreign[0])
        raise ConfigError(f"mix.languages: the {cast} cast speaks English only; {named} takes the llm cast (--model)")
    if ledger is None:
        if base_url is not None:
            raise ConfigError("--base-url: needs --model; without a model no endpoint is asked")
        return make_selfplay_cast
    at = find_endpoint(base_url, settings.llm, cached=cached)
    make = make_hybrid_cast if cast is CastName.HYBRID else make_llm_cast
    return make(*(model, at.base_url, at.key, settings.llm), keys=at.keys, cache=at.cache, folder=folder, ledger=ledger)


def rehearsed(
    cast: CastName, model: str | None, base_url: str | None, config: LLMConfig, folder: Path | None
) -> tuple[dict[Role, ModelPool[Place]], Mapping[Role, Prompt] | Prompt]:
    """Who would play, and with which prompts, for an estimate."""
    prompts = read_hybrid_prompt(config, folder) if cast is CastName.HYBRID else read_prompts(config, folder)
    return unlocked(model, base_url, config, cast.asked), prompts
