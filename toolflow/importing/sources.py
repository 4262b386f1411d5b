"""What the sources of an import stand for: files, the files of folders, servers to be asked.

A source is a path, or the address of an MCP server: ``https://…`` or ``http://…`` for streamable HTTP,
``stdio:COMMAND`` for a server that a command starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolflow.errors import CatalogError
from toolflow.importing.connection import STDIO, Place
from toolflow.importing.document import SUFFIXES, suffix

MAX_FILES = 100_000
_SERVERS = ("http://", "https://", STDIO)
_NOT_ENTERED = {"node_modules", "__pycache__", "site-packages"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file or server."""

    name: str
    """For people and files."""
    path: Path | None
    """The file; None for a server."""
    root: Path | None
    """The folder that references may stay in."""
    address: str = ""
    """Of a server, all of it."""
    named: bool = True
    """Whether a person named it, rather than the folder it is in."""


def sources(given: Sequence[str]) -> list[Source]:
    """Every file and server, in the order given, a folder's files by path; `CatalogError` for what is not there."""
    found: dict[str, Source] = {}
    for text in given:
        for source in (
            [Source(Place.read(text).name, None, None, text)] if text.startswith(_SERVERS) else _files(Path(text))
        ):
            found.setdefault(source.address or str(source.path and source.path.resolve()), source)
    return list(found.values())


def _files(path: Path) -> list[Source]:
    try:
        if path.is_file():
            return [Source(str(path), path, path.resolve().parent)]
        if not path.is_dir():
            kind = "no file or folder" if path.exists() else "no such file or folder"
            raise CatalogError(f"{path}: {kind}; an MCP server is http://…, https://… or stdio:COMMAND")
        inside = path.resolve()
        files = []
        for file in sorted(path.rglob("*")):
            parts = file.relative_to(path).parts
            if any(part.startswith(".") or part in _NOT_ENTERED for part in parts) or suffix(file) not in SUFFIXES:
                continue
            if file.is_file() and file.resolve().is_relative_to(inside):
                files.append(Source(str(file), file, inside, named=False))
                if len(files) > MAX_FILES:
                    raise CatalogError(f"{path}: holds more than {MAX_FILES:,} files; import its folders one by one")
    except (OSError, ValueError, RuntimeError) as error:
        raise CatalogError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'no usable path'}") from None
    if not files:
        raise CatalogError(f"{path}: holds no file that could hold tools ({', '.join(SUFFIXES)}, also .gz)")
    return files
