"""Files that a config file names: beside it or in a folder below, and nowhere else.

A config file may come from somebody else, so that it must not make us read what it has no business with: no absolute
path, no way up, no link that leads out of the folder, and no more than so many bytes.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from toolflow.errors import ConfigError

MAX_BYTES = 200_000


def _below(path: str) -> str:
    parts = path.split("/")
    if not path.isprintable() or "\\" in path or ":" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError("must be a file beside the config file or in a folder below, such as prompts/plan.md")
    if not path.endswith(".md"):
        raise ValueError("must be a Markdown file, such as plan.md")
    return path


MarkdownFile = Annotated[str, Field(max_length=500), AfterValidator(_below)]
"""A Markdown file, by its path from the config file."""


def read_beside(folder: Path, path: str, key: str) -> str:
    """The text of a `MarkdownFile`; `ConfigError` names the setting ``key`` and what is wrong with the file."""
    file = folder / path
    try:
        if not file.resolve(strict=True).is_relative_to(folder.resolve()):
            raise ConfigError(f"{key}: {path} is a link that leads out of {folder}; copy the file")
        if not file.is_file():
            raise ConfigError(f"{key}: {file} is no file")
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its links lead in a circle"
        raise ConfigError(f"{key}: {file} cannot be read: {reason}") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{key}: {file} is larger than {MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{key}: {file} is not UTF-8") from None
