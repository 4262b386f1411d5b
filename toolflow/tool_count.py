"""How many definitions of tools a catalog may be made of: said before they are read, where that can be seen."""

import gzip
import zlib
from pathlib import Path

from toolflow.errors import CatalogError

_GZIP = b"\x1f\x8b"
_AT_ONCE = 1 << 20
_PARTS = 1 << 8


class ToolCount:
    """Counts definitions, those that turn out unusable as well."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.found = 0
        self.over = False
        """Whether there were too many."""

    def add(self, where: str) -> None:
        """One more was found there; `CatalogError` when it is one too many."""
        self.expect(1, where)
        self.found += 1

    def expect(self, number: int, where: str) -> None:
        """So many are about to come; `CatalogError` when they are too many."""
        if self.found + number > self.most:
            self.over = True
            raise CatalogError(
                f"{where}: more than {self.most:,} tools; take fewer of them, or raise catalog.max_tools in a config "
                "file (--config)"
            )

    def expect_lines(self, path: Path) -> None:
        """A file of JSON lines is about to be read; what else is wrong with it is for its reader to say.

        Only a beginning is looked at, which may be packed.
        """
        lines = 0
        try:
            with path.open("rb") as raw:
                stream = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
                for _part in range(_PARTS):
                    part = stream.read(_AT_ONCE)
                    lines += sum(1 for line in part.split(b"\n")[:-1] if line.strip())
                    if not part or self.found + lines > self.most:
                        break
        except (OSError, EOFError, zlib.error):
            return
        self.expect(lines, str(path))
