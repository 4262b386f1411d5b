"""The file of answers: one row per question, by the hash of the question; knows neither models nor requests.

One SQLite file in WAL mode that several processes read and write at once. All work on it is done by one
thread, so that the event loop never waits for a disk; what comes in while the thread is busy is done together,
in one transaction, and a write returns when its transaction is on the disk (``synchronous`` is FULL: what was
paid for survives a power cut too).

The file is a help and never a must. One that is damaged, or that another program wrote, is moved aside and a
new one begun; a row that fails its checksum counts as missing; where the folder or the disk takes nothing, or
another process keeps the file locked, the run goes on without. Each of these is one warning through `logging`.

Growth is bounded by age: rows older than `KEEP_DAYS` go when the file is opened, and SQLite fills their room
again before the file grows. Deleting the file, by hand and while no run uses it, costs nothing but the answers.
"""

import asyncio
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

NAME = "answers-v1.sqlite"
KEEP_DAYS = 90
WAIT_SECONDS = 20.0
"""How long to wait for another process that is writing."""

_OURS = 0x746C666C
"""Stands in the file's header (``application_id``): ``tlfl``."""
_DAMAGED = frozenset(
    {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_EMPTY}
)
"""SQLite's codes of a file that is not what it should be; all others are about reaching it."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be kept under a key, or None to ask for it."""

    key: bytes
    content: bytes | None
    outcome: asyncio.Future[bytes | None]


class AnswerStore:
    """Key → content. Every method works, at worst as on an empty store that forgets."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "toolflow-answers")
        self._waiting: list[_Job] = []
        self._runner: asyncio.Task[None] | None = None
        self._usable = True
        self._database: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        """Device and inode of the open file."""

    async def read(self, key: bytes) -> bytes | None:
        """The content under a key."""
        return await self._done(key, None)

    async def write(self, key: bytes, content: bytes) -> None:
        """Keep this content. It is on the disk when this returns, and comes there when this is cancelled too."""
        await self._done(key, content)

    async def aclose(self) -> None:
        """Save what is unsaved and close the file."""
        if self._runner is not None:
            await self._runner
        with suppress(RuntimeError):  # closed before
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def _done(self, key: bytes, content: bytes | None) -> bytes | None:
        if not self._usable:
            return None
        job = _Job(key, content, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await job.outcome

    async def _run(self) -> None:
        """Hand what waits to the thread, all of it at once, until nothing waits."""
        jobs: list[_Job] = []
        try:
            while self._waiting:
                jobs, self._waiting = self._waiting, []
                outcomes = await asyncio.get_running_loop().run_in_executor(self._thread, self._work, jobs)
                _settle(jobs, outcomes)
        finally:  # a bug in the thread leaves nobody waiting
            self._runner = None
            jobs, self._waiting = jobs + self._waiting, []
            _settle(jobs, [None] * len(jobs))

    def _work(self, jobs: Sequence["_Job"]) -> list[bytes | None]:
        """In the thread: one transaction for all that is to be kept, then what is asked for."""
        now = int(self._clock())
        rows = [(job.key, now, zlib.crc32(job.content), job.content) for job in jobs if job.content is not None]
        if rows:
            self._on_file(lambda database: _insert(database, rows))
        return [self._read(job.key) if job.content is None else None for job in jobs]

    def _read(self, key: bytes) -> bytes | None:
        query = "SELECT checksum, content FROM answers WHERE key = ?"
        for checksum, content in self._on_file(lambda database: database.execute(query, (key,)).fetchall()) or ():
            if isinstance(content, bytes) and zlib.crc32(content) == checksum:
                return content
            logger.warning("%s: a damaged answer; it is asked for again", self.path)
        return None

    def _close(self) -> None:
        self._usable = False
        self._disconnect()

    def _on_file(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do it on the file; when that is damaged, once more on a new one. None when it cannot be done."""
        for last in (False, True):
            if not self._usable:
                break
            try:
                return work(self._database or self._connect())
            except sqlite3.Error as error:
                self._disconnect()
                if last or getattr(error, "sqlite_errorcode", sqlite3.SQLITE_NOTADB) & 0xFF not in _DAMAGED:
                    self._give_up(str(error))
                else:
                    self._move_aside(error)
            except OSError as error:
                self._give_up(error.strerror or str(error))
        return None

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
        self._file = _identity(self.path)
        _prepare(self._database, oldest=int(self._clock()) - KEEP_DAYS * _DAY)
        return self._database

    def _disconnect(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _move_aside(self, error: sqlite3.Error) -> None:
        """Put a damaged file away with what SQLite keeps beside it, which would spoil the new one."""
        if _identity(self.path) != self._file:
            return  # another process was faster, and has begun a new file
        for end in ("-wal", "-shm", ""):
            part = self.path.with_name(self.path.name + end)
            aside = self.path.with_name(f"{self.path.name}.damaged{end}")
            try:
                os.replace(part, aside)
            except FileNotFoundError:
                with suppress(OSError):
                    aside.unlink()
            except OSError as obstacle:
                self._give_up(f"damaged ({error}), and cannot be moved aside: {obstacle.strerror}")
                return
        logger.warning("%s: damaged (%s); moved to %s, what it knew is asked again", self.path, error, aside.name)

    def _give_up(self, why: str) -> None:
        self._usable = False
        logger.warning("%s: answers are not kept, a continued run asks them again: %s", self.path, why)


class _Foreign(sqlite3.DatabaseError):
    """Another program's database."""


def _prepare(database: sqlite3.Connection, oldest: int) -> None:
    """Make the table in a new file, forget old rows; `_Foreign` before anything is changed in a file not ours."""
    if _header(database) != _OURS:
        with database:
            database.execute("BEGIN IMMEDIATE")
            tables = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if _header(database) != _OURS:  # still: no other process made it meanwhile
                if tables or _header(database):
                    raise _Foreign("another program's database")
                database.execute(
                    "CREATE TABLE answers"
                    " (key BLOB PRIMARY KEY, made INTEGER NOT NULL, checksum INTEGER NOT NULL, content BLOB NOT NULL)"
                )
                database.execute(f"PRAGMA application_id = {_OURS}")
    with suppress(sqlite3.OperationalError):  # another process is switching over this moment, or did
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    # Rows stand in the order in which they came, so that only old ones are looked at.
    first = "SELECT rowid FROM answers WHERE made >= ? ORDER BY rowid LIMIT 1"
    database.execute(f"DELETE FROM answers WHERE rowid < coalesce(({first}), {2**63 - 1})", (oldest,))


def _insert(database: sqlite3.Connection, rows: Sequence[tuple[bytes, int, int, bytes]]) -> None:
    with database:
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)


def _settle(jobs: Sequence[_Job], outcomes: Sequence[bytes | None]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if not job.outcome.done():
            job.outcome.set_result(outcome)


def _header(database: sqlite3.Connection) -> int:
    number: int = database.execute("PRAGMA application_id").fetchone()[0]
    return number


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode; None when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
