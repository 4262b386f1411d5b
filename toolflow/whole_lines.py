"""A file that only grows, by whole lines: what a kill, a full disk or an error can cut off is the last one."""

import io
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from toolflow.errors import OutputError


class WholeLines(io.RawIOBase):
    """A file that only grows: what is written waits for the flush, which is one write of all of it or nothing."""

    def __init__(self, path: Path, end: int) -> None:
        """Open it and cut it off at ``end``, in bytes; `OutputError` when that cannot be."""
        self.path, self.end = path, end
        self._waiting = b""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.ftruncate(self._file, end)
        except OSError as error:
            raise refused(path, error) from None

    def write(self, content: Any) -> int:
        """Have it wait for the flush."""
        self._waiting += content
        return len(content)

    def flush(self) -> None:
        """Write what waits; `OutputError` when the disk does not take it, and then nothing of it stands there."""
        content, self._waiting = self._waiting, b""
        try:
            written = os.write(self._file, content) if content else 0
            while written < len(content):  # the disk is nearly full; the next write says so
                written += os.write(self._file, content[written:])
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self.end)
            raise refused(self.path, error) from None
        self.end += len(content)

    def close(self) -> None:
        """Bring it to the disk as well."""
        if not self.closed:
            super().close()
            with suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)


def refused(path: Path, error: OSError) -> OutputError:
    """What to say of a file that cannot be written."""
    return OutputError(f"{path}: cannot be written: {error.strerror or error}; nothing written before is lost")
