"""Reads files of JSON lines, anybody's, packed or not; what is something else is told by its first bytes."""

import gzip
import shlex
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from toolflow.errors import ConfigError

MAX_LINE = 32_000_000
"""Bytes in one line; a longer one is no dialogue."""
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
"""The byte order mark that some editors begin a UTF-8 file with."""
_OTHERS = {
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\xff\xff\xff\xff": "an Arrow file",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"PK\x03\x04": "a zip archive",
    b"SQLite format 3": "an SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
_LONGEST = max(map(len, _OTHERS))


def check_readable(paths: Sequence[Path], purpose: str) -> None:
    """`ConfigError` when one of them is no file, or there are none to ``validate``, or whatever the ``purpose``."""
    if not paths:
        raise ConfigError(f"no files to {purpose}; name one or more, such as run/dialogues.jsonl")
    for path in paths:
        if path.is_dir():
            raise ConfigError(f"{path}: is a folder; name the files in it, such as {path / 'dialogues.jsonl'}")
        if not path.exists():
            raise ConfigError(f"{path}: no such file")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked if it is packed with gzip, whatever its name; without a byte order mark.

    `ConfigError` when it cannot be read, or is known to be something else than text in UTF-8.
    """
    try:
        with path.open("rb") as packed:
            is_gzip = packed.peek(len(_GZIP)).startswith(_GZIP)
            file = cast(IO[bytes], gzip.GzipFile(fileobj=packed)) if is_gzip else packed
            with file:
                _unmarked(path, file)
                yield file
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"{path}: cannot be read: {reason}") from None


def _unmarked(path: Path, file: IO[bytes]) -> None:
    begins: bytes = file.peek(_LONGEST)  # type: ignore[attr-defined]  # both kinds of file have it
    for magic, kind in _OTHERS.items():
        if begins.startswith(magic):
            raise ConfigError(f"{path}: is {kind}; make it JSON lines in UTF-8 first, plain or packed with gzip")
    if begins.startswith(_MARK):
        file.read(len(_MARK))


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1; blank ones are skipped.

    Of a line that is too long only the beginning comes. `ConfigError` when the file cannot be read, or is one JSON
    value written over many lines.
    """
    with opened(path) as file:
        number, first = 0, True
        while line := file.readline(MAX_LINE + 1):
            number += 1
            rest = line
            while not rest.endswith(b"\n") and (rest := file.readline(MAX_LINE + 1)):
                pass
            if line := line.strip():
                if first and line in (b"[", b"{"):
                    raise ConfigError(f"{path}: is JSON over many lines, not a dialogue on each; {_jq(path, line)}")
                first = False
                yield number, line


def _jq(path: Path, line: bytes) -> str:
    items = ".[]" if line == b"[" else "."
    return f"make it JSON lines: jq -c '{items}' {shlex.quote(str(path))} > lines.jsonl"
