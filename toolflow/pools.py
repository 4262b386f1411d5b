"""Pools: which models may play a role, as a config file writes them down.

Settings only: nothing is drawn, looked up or asked here (`toolflow.llm.model_pool`). A config file is copied
into every run's manifest, so that it must hold no secret: a key is named by its environment variable, a base
URL has neither user nor query, and what looks like a key is refused without being repeated.
"""

import ipaddress
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from toolflow.limits import Limits

Role = Literal["planner", "user", "assistant", "tool"]
ROLES: tuple[Role, ...] = ("planner", "user", "assistant", "tool")
Errand = Literal["complete", "check_edges", "judge"]
"""What a model is asked outside of dialogues."""
Asker = Literal[Role, Errand]
"""Who may have models of its own."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
"""In capitals: names of variables are by custom, and hardly any provider's keys are …"""
_CAPITAL_KEY = re.compile(r"(?=.*[0-9])[A-Z0-9]{16,}")
"""… but for those that are capitals and digits through and through."""
_KEY = re.compile(r"(sk-|gsk_|hf_|xai-|nvapi-|AIza)[\w-]{16,}")


class Features(BaseModel):
    """What an endpoint supports, as far as it is said by hand; null is found out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    structure: Literal["schema", "json", "text"] | None = None
    """How JSON is asked for: by a schema, as a mode, or in words alone."""
    tools: bool | None = None
    """Native tool calls; otherwise they are asked for in words."""
    temperature: bool | None = None
    seed: bool | None = None
    length: Literal["max_tokens", "max_completion_tokens", "none"] | None = None
    """The name of the length limit."""
    system: bool | None = None
    """A system message; otherwise its text goes to the first message of the user."""


Effort = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
"""How much a reasoning model thinks: ``minimal``, ``low``, ``medium``, ``high`` and what else a model knows."""


def _is_address(url: str) -> str:
    if not url.isprintable() or " " in url or host_of(url) is None:
        raise ValueError("must be a URL such as http://127.0.0.1:8000/v1")
    if "@" in url or "?" in url or "#" in url:
        raise ValueError("must hold no user, password or query; a key belongs into a variable that key_env names")
    return url


def _is_variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name) or _CAPITAL_KEY.fullmatch(name) or _KEY.match(name):
        raise ValueError("must be the name of an environment variable in capitals, such as MY_KEY; never the key")
    return name


PlainUrl = Annotated[str, Field(max_length=2_000), AfterValidator(_is_address)]
"""A URL without secrets."""
Variable = Annotated[str, AfterValidator(_is_variable)]
"""The name of an environment variable, and not what it holds."""


def holds_key(text: str) -> bool:
    """Whether a key as some providers make them stands in a text."""
    return _KEY.search(text) is not None


class Member(BaseModel):
    """One model of a pool."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str = Field(min_length=1, max_length=200)
    weight: float = Field(1.0, gt=0, le=1e6)
    base_url: PlainUrl | None = None
    """None: the endpoint of ``--base-url``."""
    key_env: Variable | None = None
    """Name of the environment variable that holds the key (or, with ``_FILE`` behind it, the path of a file)."""
    limits: Limits | None = None
    """What is set here takes the place of ``llm.limits``, for this model at this endpoint."""
    reasoning_effort: Effort | None = None
    """None: the run's."""
    support: Features = Features()
    """What is null here is as in the run's."""

    @field_validator("model")
    @classmethod
    def _no_key(cls, model: str) -> str:
        if _KEY.fullmatch(model):
            raise ValueError("looks like a key; it belongs into an environment variable that key_env names")
        if not model.isprintable():
            raise ValueError("must be one line without control characters")
        return model


def _as_pool(value: Any) -> Any:
    """A name, or one member, is a pool of one."""
    if isinstance(value, str | dict | Member):
        value = [value]
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("must be a model's name, or a list of {model, weight}")
    return [{"model": member} if isinstance(member, str) else member for member in value]


Pool = Annotated[tuple[Member, ...], BeforeValidator(_as_pool)]
"""One of these is drawn for each dialogue, or each question of an errand."""


def pool_name(members: Sequence[Member]) -> str:
    """``gpt-5 (high) | gpt-4.1-mini 0.3``; a weight of one is not said, nor is any where nothing is drawn."""
    names = [
        member.model if member.reasoning_effort is None else f"{member.model} ({member.reasoning_effort})"
        for member in members
    ]
    if len(names) == 1:
        return names[0]
    weights = ["" if member.weight == 1 else f" {str(member.weight).removesuffix('.0')}" for member in members]
    return " | ".join(map("".join, zip(names, weights, strict=True)))


def host_of(url: str) -> str | None:
    """The host that an http or https URL names; None when it is no such URL."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and (parts.port is None or parts.port > 0):
            return parts.hostname
    return None


def without_secrets(url: str) -> str:
    """An address fit for messages: no user, no password, no query."""
    with suppress(ValueError):
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
    return "the base URL"


def is_loopback(url: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = host_of(url) or ""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
