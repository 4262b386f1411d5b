"""Rules on a whole set: the same dialogue twice, almost the same, the same calls again.

`Seen` takes dialogues one by one and names the earlier one that each repeats. What it remembers lies in a SQLite file
that is gone when it is closed, so that memory does not grow with the set.

Near duplicates share `LEAST` of their runs of `RUN` words (Jaccard, estimated from min-hash signatures; Broder 1997).
Candidates agree in one of `BANDS` bands of the signature, which finds a pair at the bound with a chance of 0.95 and
one at 0.9 with 0.9999. Ours: user and assistant's words count, and no more than `MAX_COMPARED` candidates a dialogue.
"""

import hashlib
import json
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from toolflow.heard import fold
from toolflow.validate.finding import Finding
from toolflow.validate.reading import Dialogue

LEAST = 0.8
RUN = 4
BANDS = 16
ROWS = 8
MAX_COMPARED = 20
MIN_RUNS = 8
"""A talk of fewer runs of words is too short to be almost like another."""

_PRIME = (1 << 31) - 1
_TABLES = """
CREATE TABLE talks (key BLOB PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE TABLE calls (key BLOB PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE TABLE signatures (number INTEGER PRIMARY KEY, name TEXT, signature BLOB);
CREATE TABLE bands (key INTEGER, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;
"""

Array = npt.NDArray[np.int64]


class Seen:
    """The dialogues of a set so far; open inside of ``with``."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self._factors = rng.integers(1, _PRIME, BANDS * ROWS, dtype=np.int64)
        self._shifts = rng.integers(0, _PRIME, BANDS * ROWS, dtype=np.int64)
        self._mix = rng.integers(1, _PRIME, ROWS, dtype=np.int64)

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="toolflow-")
        self._database = sqlite3.connect(Path(self._folder.name) / "seen.sqlite", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + _TABLES)
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def repeats(self, dialogue: Dialogue, name: str) -> Iterator[tuple[str, Finding]]:
        """(rule, finding) for each way in which a dialogue of this ``name`` repeats an earlier one; remembers it."""
        talk = [(message.role, fold(message.text)) for message in dialogue.messages if message.role != "tool"]
        calls = [[call.name, call.arguments] for call in dialogue.calls]
        earlier = self._first("talks", _digest([talk, calls, sorted(dialogue.tools)]), name)
        if earlier is not None:
            yield "duplicate", Finding("", f"the same dialogue as {earlier}")
            return
        if calls and (earlier := self._first("calls", _digest(calls), name)) is not None:
            yield "same-calls", Finding("", f"makes the calls that {earlier} makes, with the same arguments")
        words = " ".join(text for role, text in talk if role in ("user", "assistant")).split()
        runs = {zlib.crc32(" ".join(words[at : at + RUN]).encode()) & _PRIME for at in range(len(words) - RUN + 1)}
        if len(runs) >= MIN_RUNS:
            yield from self._near(np.fromiter(runs, np.int64, len(runs)), name)

    def _first(self, table: str, key: bytes, name: str) -> str | None:
        """Who had this key before; it is ours from now on if nobody had."""
        found = self._database.execute(f"SELECT name FROM {table} WHERE key = ?", (key,)).fetchone()
        if found is None:
            self._database.execute(f"INSERT INTO {table} VALUES (?, ?)", (key, name))
        return found[0] if found else None

    def _near(self, runs: Array, name: str) -> Iterator[tuple[str, Finding]]:
        signature = ((runs[:, None] * self._factors + self._shifts) % _PRIME).min(axis=0)
        keys = ((signature.reshape(BANDS, ROWS) * self._mix).sum(axis=1) ^ np.arange(BANDS) << 40).tolist()
        marks = ",".join("?" * BANDS)
        candidates = self._database.execute(
            f"SELECT DISTINCT name, signature FROM bands JOIN signatures USING (number) WHERE key IN ({marks})"
            f" ORDER BY number LIMIT {MAX_COMPARED}",
            keys,
        )
        best, nearest = max(
            ((float((np.frombuffer(other, np.int64) == signature).mean()), named) for named, other in candidates),
            key=lambda one: one[0],
            default=(0.0, ""),
        )
        row = (name, signature.tobytes())
        number = self._database.execute("INSERT INTO signatures (name, signature) VALUES (?, ?)", row).lastrowid
        self._database.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(key, number) for key in keys])
        if best >= LEAST:
            yield "near-duplicate", Finding("", f"shares {best:.0%} of its runs of words with {nearest}")


def _digest(value: Any) -> bytes:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(errors="replace"), digest_size=16).digest()
