"""Keys: from a variable of the environment, or from the file whose path stands in ``NAME_FILE``.

The second is how containers hand secrets over, and keeps a key out of the environment of other processes. What a
message says of a key is the name of its variable, never its value; neither a path nor what a file holds is shown,
since either may be the key, put in the wrong place.
"""

import logging
import os
import stat
from collections.abc import Mapping

from toolflow.config import LLMConfig
from toolflow.errors import ConfigError
from toolflow.llm.model_pool import KEY_ENV

MAX_BYTES = 8_192
"""A larger file holds no key."""

logger = logging.getLogger(__name__)


def read_keys(config: LLMConfig, environment: Mapping[str, str]) -> dict[str, str]:
    """Every key that the run's own endpoint or the settings can need, by variable; `ConfigError` names the variable.

    Variables that are not set, or set to nothing, are left out: whether they are needed shows later.
    """
    members = (member for pool in config.models.values() for member in pool)
    names = dict.fromkeys([KEY_ENV, *(member.key_env for member in members if member.key_env is not None)])
    keys = {name: _key(name, environment) for name in names}
    return {name: key for name, key in keys.items() if key}


def _key(name: str, environment: Mapping[str, str]) -> str:
    plain, path = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if plain and path:
        raise ConfigError(f"{name} and {name}_FILE are both set in the environment; unset one of them")
    return _read(f"{name}_FILE", path) if path else plain


def _read(variable: str, path: str) -> str:
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no path"
        raise ConfigError(
            f"{variable}: must be the path of a file that holds the key, not the key; it cannot be read: {reason}"
        ) from None
    key = content.strip()
    if not key:
        raise ConfigError(f"{variable}: the file is empty; it must hold the key")
    if len(content) > MAX_BYTES or not all(33 <= sign <= 126 for sign in key):
        raise ConfigError(f"{variable}: the file must hold the key on one line, and nothing else")
    if os.name == "posix" and stat.S_ISREG(mode) and mode & stat.S_IROTH:
        logger.warning("%s: everybody on this machine can read the file; chmod 600 keeps the key yours", variable)
    return key.decode()
