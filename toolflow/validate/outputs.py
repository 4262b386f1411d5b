"""The files that a validation writes: what may stand where, and each whole or not at all."""

import gzip
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, cast

from toolflow.errors import ConfigError, OutputError

Write = Callable[[bytes], None]
"""Writes one line."""


@dataclass(frozen=True)
class Outputs:
    """Where to what is written; None: nowhere."""

    keep: Path | None = None
    """The lines that pass."""
    rejects: Path | None = None
    """The others, with their verdicts."""
    mask: Path | None = None
    """The lines that pass and those whose bad turns can be masked (`toolflow.validate.masking`)."""
    report: Path | None = None
    """The counts, as JSON."""

    def check(self, dialogues: Sequence[Path], others: Sequence[Path] = ()) -> None:
        """Before anything is read: `ConfigError` when one would replace another or what is read, `OutputError` when
        there is no folder for it.

        What passes may replace the ``dialogues`` that it is taken from; nothing may replace ``others``.
        """
        taken: dict[Path, str] = {}
        for option, path in self._named():
            if path.is_dir():
                raise ConfigError(f"{option}: {path} is a folder; name a file in it")
            if not path.parent.is_dir():
                raise OutputError(f"{path}: cannot be written: there is no folder {path.parent}")
            read = others if option in ("--keep", "--mask") else [*dialogues, *others]
            if _is_whole(path) and any(path.samefile(one) for one in read if path.exists() and one.exists()):
                raise ConfigError(f"{option}: {path} is a file that is read, and would be lost; name another")
            if _is_whole(path) and (other := taken.setdefault(path.resolve(), option)) != option:
                raise ConfigError(f"{path}: {other} and {option} need different files")

    def _named(self) -> Iterator[tuple[str, Path]]:
        for field in fields(self):
            if (path := getattr(self, field.name)) is not None:
                yield f"--{field.name}", path


@contextmanager
def replacing(path: Path) -> Iterator[Write]:
    """Writes lines to a new file, which takes its place when the block ends well; packed if its name ends in ``.gz``.

    A device or a pipe is written to as it is. `OutputError` when it cannot be written.
    """
    try:
        with ExitStack() as stack:
            target = path.resolve() if _is_whole(path) else path
            beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}") if _is_whole(path) else target
            file: IO[bytes] = stack.enter_context(beside.open("wb"))
            if beside is not target:
                stack.callback(beside.unlink, missing_ok=True)
            out = file
            if path.suffix == ".gz":
                out = cast(IO[bytes], stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0)))

            def write(line: bytes) -> None:
                out.write(line + b"\n")

            yield write
            out.close()
            file.close()
            if beside is not target:
                beside.replace(target)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None


def _is_whole(path: Path) -> bool:
    """Whether it is, or will be, a file that another can take the place of."""
    return path.is_file() or not path.exists()
