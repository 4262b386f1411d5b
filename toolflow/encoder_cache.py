"""Keeps vectors on disk between runs: one SQLite file per encoder, one row per text.

A row is float32 as the encoder gave it, so a cached vector equals a fresh one bit for bit. Several
processes may read and write at once. The cache can always be made again, so nothing about it is
fatal: a damaged file is moved aside, a row that fails its checksum is embedded anew, and a folder
that cannot be written means that nothing is kept; each with one warning through `logging`.
"""

import hashlib
import logging
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

WAIT_SECONDS = 20.0
"""How long to wait for another process that is writing."""
SAVE_EVERY = 2_048
"""Texts embedded between two writes: what an interrupted run loses at most."""
_READ_AT_ONCE = 500


class _Source(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors: ...


class CachedEncoder:
    """An encoder that asks another one only for texts it has not seen before."""

    def __init__(self, source: _Source, folder: Path) -> None:
        self.source = source
        self.store = VectorStore(folder / f"vectors-{source.name}.sqlite", source.size)

    @property
    def name(self) -> str:
        """The name of the encoder behind it."""
        return self.source.name

    @property
    def size(self) -> int:
        """Dimensions of a vector."""
        return self.source.size

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """As the encoder behind it; progress counts cached texts as done."""
        distinct = list(dict.fromkeys(texts))
        known = self.store.read(distinct)
        missing = [text for text in distinct if text not in known]
        for start in range(0, len(missing), SAVE_EVERY):
            part = missing[start : start + SAVE_EVERY]

            def report(done: int, _total: int, before: int = len(known)) -> None:
                if progress:
                    progress(before + done, len(distinct))

            fresh = dict(zip(part, self.source.encode(part, report), strict=True))
            self.store.write(fresh)
            known.update(fresh)
        if progress:
            progress(len(distinct), len(distinct))
        if not texts:
            return np.empty((0, self.size), np.float32)
        return np.stack([known[text] for text in texts])


class VectorStore:
    """The file: text hash → vector. Every method works, at worst as on an empty store."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size = path, size
        self._usable = True

    def read(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """The vectors it has of these texts."""
        found: dict[str, Vectors] = {}
        try:
            for text, vector in self._rows(texts):
                found[text] = vector
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def write(self, vectors: dict[str, Vectors]) -> None:
        """Keep these vectors."""
        rows = []
        for text, vector in vectors.items():
            blob = np.ascontiguousarray(vector, "<f4").tobytes()
            rows.append((_key(text), zlib.crc32(blob), blob))
        try:
            with closing(self._open()) as database, database:
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def _rows(self, texts: Sequence[str]) -> Iterator[tuple[str, Vectors]]:
        damaged = 0
        with closing(self._open()) as database:
            for start in range(0, len(texts), _READ_AT_ONCE):
                by_key = {_key(text): text for text in texts[start : start + _READ_AT_ONCE]}
                marks = ",".join("?" * len(by_key))
                query = f"SELECT key, checksum, vector FROM vectors WHERE key IN ({marks})"
                for key, checksum, blob in database.execute(query, tuple(by_key)):
                    if isinstance(blob, bytes) and len(blob) == 4 * self.size and zlib.crc32(blob) == checksum:
                        yield by_key[key], np.frombuffer(blob, "<f4").astype(np.float32)
                    else:
                        damaged += 1
        if damaged:
            logger.warning("%s: %d damaged vectors; they are computed again", self.path, damaged)

    def _open(self) -> sqlite3.Connection:
        """A connection to the file, made when missing; to an empty store in memory once given up."""
        if not self._usable:
            return _connect(":memory:")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(error.strerror) from None
        return _connect(str(self.path))

    def _give_up(self, error: sqlite3.Error) -> None:
        """Move a damaged file aside and begin anew; stop using a file that is out of reach."""
        if isinstance(error, sqlite3.OperationalError):
            self._usable = False
            logger.warning("%s: vectors are not kept: %s", self.path, error)
            return
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            os.replace(self.path, aside)
        except OSError as obstacle:
            self._usable = False
            logger.warning("%s: damaged, and cannot be moved aside: %s", self.path, obstacle.strerror)
        else:
            logger.warning("%s: damaged (%s); moved to %s, vectors are computed again", self.path, error, aside.name)


def _connect(place: str) -> sqlite3.Connection:
    database = sqlite3.connect(place, timeout=WAIT_SECONDS)
    try:
        database.execute(
            "CREATE TABLE IF NOT EXISTS vectors"
            " (key BLOB PRIMARY KEY, checksum INTEGER NOT NULL, vector BLOB NOT NULL) WITHOUT ROWID"
        )
    except sqlite3.Error:
        database.close()
        raise
    return database


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
