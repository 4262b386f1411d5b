"""Reads settings from YAML: a file of one's own, or a packaged one by its name.

An unknown key or a value of the wrong type is a `ConfigError` that names the file and the key.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from toolflow.config.sections import Config
from toolflow.errors import ConfigError

MAX_CONFIG_BYTES = 1_000_000
PRICES = "prices"
"""The packaged file of this name is a price list (`toolflow.llm.prices`) and holds no settings."""


def find_config(name: str | None) -> Path | None:
    """A config file by its path, or a packaged one by its bare name (``paper``); `ConfigError` lists those."""
    if name is None or Path(name).suffix or Path(name).name != name:
        return None if name is None else Path(name)
    packaged = {path.stem: path for path in sorted(packaged_configs().glob("*.yaml")) if path.stem != PRICES}
    if name not in packaged:
        raise ConfigError(f"{name}: neither a file (of the form NAME.yaml) nor one of {', '.join(packaged)}")
    return packaged[name]


def packaged_configs() -> Path:
    """The folder of the packaged configs: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"


class _Yaml(yaml.SafeLoader):
    """Safe YAML in which only true and false are booleans, as in YAML 1.2: ``off`` is a key of ours."""


_Yaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def read_config(path: Path | None) -> Config:
    """Read settings from a YAML file, or the defaults without one; `ConfigError` names file and key."""
    if path is None:
        return Config()
    content = read_yaml(path)
    if content is None:
        return Config()
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: must hold sections such as 'graph:' and 'sample:', not a {type(content).__name__}")
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {describe(error)}") from None


def read_yaml(path: Path) -> Any:
    """What a YAML file holds; `ConfigError` when it cannot be read."""
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{path}: larger than {MAX_CONFIG_BYTES:,} bytes; is this a config file?")
        return yaml.load(path.read_text(encoding="utf-8"), _Yaml)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None


def describe(error: ValidationError) -> str:
    """The first problem of a validation error in one line: key, then what is wrong."""
    first = error.errors(include_url=False, include_context=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "(top level)"
    if first["type"] == "extra_forbidden":
        return f"unknown key '{key}'"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    near_keys = first["loc"][:1] == ("llm",) and first["loc"][1:2] in ((), ("models",), ("prompts",))
    near_keys = near_keys or first["loc"][:1] == ("execute",)
    got = "" if near_keys else f", got {str(first['input'])[:80]!r}"  # it might be a key, or hold one
    return f"{key}: {first['msg'].removeprefix('Value error, ')}{got}{more}"
