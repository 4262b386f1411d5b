"""Pools at work: where each model of a run is asked and with which key, and who plays a role in one dialogue.

`settle` decides addresses and keys for every role before anything is requested; `ConfigError` names the setting
that lacks something. Keys come in as a mapping, the environment as a rule, and leave for the clients alone.

Ours: ``OPENAI_API_KEY`` goes to the run's own endpoint (``--base-url``) and to no other, so that a member with
a base URL names its key, or needs none on this machine. A member is drawn from a source of its own, made of the
record's seed and the role: no other draw of the record changes when pools come, go or grow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Generic, TypeVar

from toolflow.config import LLMConfig
from toolflow.errors import ConfigError
from toolflow.limits import Limits
from toolflow.pools import ROLES, Asker, Errand, Features, Member, Role, is_loopback, pool_name, without_secrets

T = TypeVar("T")

KEY_ENV = "OPENAI_API_KEY"
STAND_IN: dict[Errand, Role] = {"complete": "tool", "check_edges": "planner", "judge": "planner"}
"""Whose models do an errand for which ``llm.models`` names none."""


@dataclass(frozen=True, slots=True)
class Place:
    """A model, where it is asked, and with what; equal places share a client."""

    model: str
    base_url: str | None
    """None is OpenAI's own."""
    key: str | None = field(repr=False)
    key_env: str = field(default=KEY_ENV, compare=False)
    """Where the key came from, for messages."""
    limits: Limits = field(default=Limits(), compare=False)
    reasoning_effort: str | None = None
    support: Features = field(default_factory=Features)

    def settings(self, config: LLMConfig) -> LLMConfig:
        """The run's settings, with what is said for this place alone."""
        own = self.support.model_dump(exclude_none=True)
        support = config.support.model_copy(update=own)
        effort = self.reasoning_effort or config.reasoning_effort
        return config.model_copy(update={"support": support, "reasoning_effort": effort})


@dataclass(frozen=True, slots=True)
class ModelPool(Generic[T]):
    """What may play a role."""

    name: str
    """For people and manifests."""
    members: tuple[T, ...]
    weights: tuple[float, ...]

    def draw(self, role: str, seed: int | str) -> T:
        """The one that plays it in the record, or answers the question, of this seed."""
        if len(self.members) == 1:
            return self.members[0]
        return Random(f"{seed}:{role}").choices(self.members, self.weights)[0]


def is_wanted(model: str | None, config: LLMConfig, roles: Sequence[Role] = ROLES) -> bool:
    """Whether models are to play these roles; `ConfigError` when some role lacks one."""
    missing = [role for role in roles if role not in config.models]
    if model is not None or not config.models.keys() & set(ROLES):
        return model is not None
    if missing:
        raise ConfigError(f"llm.models: names no model for {', '.join(missing)}; add it, or give --model")
    return True


def settle(
    model: str | None,
    base_url: str | None,
    key: str | None,
    config: LLMConfig,
    keys: Mapping[str, str],
    roles: Sequence[Role] = ROLES,
) -> dict[Role, ModelPool[Place]]:
    """The pool of each of these roles; ``model`` plays those that ``config.models`` leaves out."""
    if not is_wanted(model, config, roles):
        raise ConfigError("--model: needed, since llm.models names none")
    pools = {role: _pool(role, model, base_url, key, config, keys) for role in roles}
    limits = _limits(pools.items(), config)
    return {
        role: replace(pool, members=tuple(replace(place, limits=limits[place]) for place in pool.members))
        for role, pool in pools.items()
    }


def settle_errand(
    errand: Errand, model: str | None, base_url: str | None, key: str | None, config: LLMConfig, keys: Mapping[str, str]
) -> ModelPool[Place]:
    """Who does an errand: ``model``, else the models that ``config.models`` names for it, else those of its stand-in.

    `ConfigError` when there is none of the three.
    """
    if model is not None:
        alone = replace(_by_default(model, base_url, key, "--model"), limits=config.limits)
        return ModelPool(model, (alone,), (1.0,))
    role = next((role for role in (errand, STAND_IN[errand]) if role in config.models), None)
    if role is None:
        raise ConfigError(
            f"--{errand.replace('_', '-')}: needs --model, the name of the model to ask, or llm.models.{errand}"
        )
    pool = _pool(role, None, base_url, key, config, keys)
    limits = _limits([(role, pool)], config)
    return replace(pool, members=tuple(replace(place, limits=limits[place]) for place in pool.members))


def _limits(pools: Iterable[tuple[Asker, ModelPool[Place]]], config: LLMConfig) -> dict[Place, Limits]:
    """Those of each place; said in one role, they hold in all."""
    own: dict[Place, tuple[str, Limits | None]] = {}
    for role, pool in pools:
        members = config.models.get(role, ())
        for number, place in enumerate(pool.members):
            said = members[number].limits if members else None
            where, before = own.setdefault(place, ("", None))
            if said is not None and before is not None and said != before:
                raise ConfigError(f"llm.models.{role}.{number}.limits: not those of the same model in {where}")
            if before is None:
                own[place] = (f"llm.models.{role}.{number}", said)
    return {place: config.limits.with_changes(said) for place, (_, said) in own.items()}


def _pool(
    role: Role | Errand,
    model: str | None,
    base_url: str | None,
    key: str | None,
    config: LLMConfig,
    keys: Mapping[str, str],
) -> ModelPool[Place]:
    members = config.models.get(role)
    if members is None:
        alone = (Member.model_construct(model=model or ""),)
        return _named(alone, [_by_default(model or "", base_url, key, "--model")])
    places = [
        _place(member, base_url, key, keys, f"llm.models.{role}.{number}") for number, member in enumerate(members)
    ]
    return _named(members, places)


def _named(members: Sequence[Member], places: Sequence[Place]) -> ModelPool[Place]:
    return ModelPool(pool_name(members), tuple(places), tuple(member.weight for member in members))


def _place(member: Member, base_url: str | None, key: str | None, keys: Mapping[str, str], where: str) -> Place:
    if member.key_env is not None:
        own = keys.get(member.key_env, "").strip()
        if not own:
            raise ConfigError(
                f"{where}.key_env: {member.key_env} is not set in the environment (nor {member.key_env}_FILE)"
            )
        _check_key(own, f"{where}.key_env: {member.key_env}")
        place = Place(member.model, member.base_url or base_url, own, member.key_env)
    elif member.base_url is None:
        place = _by_default(member.model, base_url, key, where)
    elif is_loopback(member.base_url):
        place = Place(member.model, member.base_url, None)
    else:
        raise ConfigError(
            f"{where}: needs key_env, the environment variable that holds the key of {member.base_url} "
            "(any word will do in it where the endpoint wants none)"
        )
    return replace(place, reasoning_effort=member.reasoning_effort, support=member.support)


def _by_default(model: str, base_url: str | None, key: str | None, where: str) -> Place:
    """At the run's own endpoint."""
    key = (key or "").strip() or None
    if key is not None:
        _check_key(key, KEY_ENV)
    elif base_url is None:
        raise ConfigError(f"{where}: needs {KEY_ENV} in the environment, or an endpoint of your own as --base-url")
    elif not is_loopback(base_url):
        raise ConfigError(
            f"{without_secrets(base_url)}: needs {KEY_ENV} in the environment (any word will do where the endpoint "
            "wants none)"
        )
    return Place(model, base_url, key)


def _check_key(key: str, where: str) -> None:
    """A key that no header can carry would be quoted by whoever refuses to send it."""
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"{where} holds signs that no key can have")
