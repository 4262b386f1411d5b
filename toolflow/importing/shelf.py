"""References between parts of documents: inside one file, or to files of the folder that was given, no further.

Nothing is fetched, and no path leads out of the folder, whatever ``..``, absolute names or symbolic links do.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

from toolflow.errors import CatalogError, ReferenceRefused
from toolflow.importing.document import Document, one_document
from toolflow.importing.text import one_line

MAX_FILES = 500
"""Files that one source may refer to."""
MAX_SHELF_BYTES = 128_000_000


class Shelf:
    """The documents that the references of one source have led to."""

    def __init__(self, root: Path | None) -> None:
        self.root = root.resolve() if root is not None else None
        """The folder that references stay in; None when there is none."""
        self.known: dict[Path, Document | CatalogError] = {}
        self.size = 0
        self.steps = 0
        """Schemas unfolded for the document being read, a few for each tool not counted."""

    @property
    def used(self) -> set[Path]:
        """The files that were referred to."""
        return set(self.known)

    def follow(self, ref: Any, base: Document) -> tuple[Any, Document]:
        """What a reference of a document leads to, and the document where that stands.

        LookupError when there is nothing, `ReferenceRefused` when it leads to another machine or out of the folder.
        """
        if not isinstance(ref, str) or len(ref) > 2_000:
            raise LookupError("a reference must be a text")
        address, pointer = urldefrag(ref) if "://" not in ref else (ref, "")
        target = base if not address else self._file(address, base)
        return _at(target.content, pointer, ref), target

    def _file(self, address: str, base: Document) -> Document:
        shown = one_line(address, 100)
        if "://" in address or address.startswith("//") or address.partition("/")[0].endswith(":"):
            raise ReferenceRefused(f"refers to {shown!r} on another machine; nothing is fetched")
        if base.path is None or self.root is None:
            raise ReferenceRefused(f"refers to the file {shown!r}, which this source may not open")
        try:
            wanted = (base.path.parent / unquote(address)).resolve()
            if not wanted.is_relative_to(self.root):
                raise ReferenceRefused(
                    f"refers to {shown!r}, outside of the folder {self.root.name!r}; to allow it, import the folder "
                    "that holds both files"
                )
            found = next((path for path in (wanted, Path(f"{wanted}.gz")) if path.is_file()), None)
        except (OSError, ValueError, RuntimeError):  # names that no file can have
            raise LookupError(f"refers to {shown!r}, which is no file name") from None
        if found is None or not found.resolve().is_relative_to(self.root):
            raise LookupError(f"refers to {shown!r}, which is not there")
        if found == base.path.resolve():
            return base
        return self._opened(found, shown)

    def _opened(self, path: Path, shown: str) -> Document:
        if path not in self.known:
            if len(self.known) >= MAX_FILES:
                raise LookupError(f"refers to more than {MAX_FILES} files")
            self.size += path.stat().st_size
            if self.size > MAX_SHELF_BYTES:
                raise LookupError(f"refers to more than {MAX_SHELF_BYTES:,} bytes of other files")
            try:
                self.known[path] = one_document(path)
            except CatalogError as error:
                self.known[path] = error
        document = self.known[path]
        if isinstance(document, CatalogError):
            raise LookupError(f"refers to {shown!r}: {document}")
        return document


def _at(content: Any, pointer: str, ref: str) -> Any:
    """The part that a JSON pointer names; an anchor is looked for among the definitions."""
    here = content
    if pointer and not pointer.startswith("/"):
        for holder in ("$defs", "definitions", "schemas"):
            parts = content.get(holder) if isinstance(content, dict) else None
            for part in parts.values() if isinstance(parts, dict) else ():
                if isinstance(part, dict) and part.get("$anchor") == pointer:
                    return part
        raise LookupError(f"refers to {one_line(ref, 100)!r}, which is not there")
    for step in pointer.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and name in here:
            here = here[name]
        elif isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and name.isascii() and name.isdigit() and int(name[:9]) < len(here):
            here = here[int(name[:9])]
        else:
            raise LookupError(f"refers to {one_line(ref, 100)!r}, which is not there")
    return here
