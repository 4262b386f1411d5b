"""Where a command asks a model, and with what: address, keys, the folder of cached answers, that of one's prompts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolflow.cache import cache_folder
from toolflow.config import LLMConfig, packaged_configs
from toolflow.errors import ConfigError
from toolflow.llm import read_keys
from toolflow.pools import host_of

LLM_CONCURRENCY = 32


@dataclass(frozen=True)
class Endpoint:
    """All that the environment says of it."""

    base_url: str | None
    """None is OpenAI's own."""
    keys: Mapping[str, str] = field(repr=False)
    """By variable."""
    cache: Path | None
    """The folder of the answer cache, None for none."""

    @property
    def key(self) -> str | None:
        """That of the run's own endpoint."""
        return self.keys.get("OPENAI_API_KEY")


def find_endpoint(base_url: str | None, settings: LLMConfig, *, cached: bool) -> Endpoint:
    """The endpoint of ``--base-url``, or of the environment; `ConfigError` when its address or a key is none."""
    keys = read_keys(settings, os.environ)
    return Endpoint(read_base_url(base_url), keys, cache_folder() if cached and settings.cache else None)


def read_base_url(base_url: str | None) -> str | None:
    """``--base-url``, or what ``OPENAI_BASE_URL`` says; `ConfigError` when it is no URL."""
    base_url = base_url or os.environ.get("OPENAI_BASE_URL") or None
    if base_url is not None and host_of(base_url) is None:
        shown = "what it names" if "@" in base_url else base_url
        raise ConfigError(f"--base-url: {shown} is no URL such as http://127.0.0.1:8000/v1")
    return base_url


def config_folder(path: Path | None) -> Path | None:
    """The folder of a config file of one's own, beside which its prompts stand; None for the packaged ones."""
    return None if path is None or path.parent == packaged_configs() else path.parent
