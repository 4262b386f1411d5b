"""Rules on a whole set: the same dialogue twice, almost the same, the same calls again.

`Seen` looks at dialogues one by one and names the earlier one that each repeats, of those that it was told to remember:
what is not kept takes nothing else with it. What it remembers lies in a SQLite file that is gone when it is closed, so
that memory does not grow with the set.

Near duplicates share `LEAST` of their runs of `RUN` words (Jaccard, estimated from min-hash signatures; Broder 1997).
Candidates agree in one of `BANDS` bands of the signature, which finds a pair at the bound with a chance of 0.95 and
one at 0.9 with 0.9999. Ours: user and assistant's words count, and no more than the `MAX_COMPARED` earliest candidates
are compared.
"""

import hashlib
import json
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from toolflow.errors import OutputError
from toolflow.heard import fold
from toolflow.languages import WORD
from toolflow.validate.finding import Finding
from toolflow.validate.reading import Dialogue

LEAST = 0.8
RUN = 4
BANDS = 16
ROWS = 8
MAX_COMPARED = 20
MIN_RUNS = 8
"""A talk of fewer runs of words is too short to be almost like another."""
AT_ONCE = 4_096
"""Runs that are hashed at once, so that a talk of a million takes no gigabytes."""

_WORD = re.compile(WORD)
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
        """`OutputError` when there is no folder for temporary files, or no room in it; so whenever the set is asked."""
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="toolflow-")
        except OSError as error:
            raise _no_room(error.strerror) from None
        self._database = sqlite3.connect(Path(self._folder.name) / "seen.sqlite", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + _TABLES)
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def look(self, dialogue: Dialogue) -> "Look":
        """In which ways a dialogue repeats one that was remembered."""
        talk = [(message.role, fold(message.text)) for message in dialogue.messages if message.role != "tool"]
        calls = [[call.name, call.arguments] for call in dialogue.calls]
        look = Look(_digest([talk, calls, sorted(dialogue.tools)]), _digest(calls) if calls else None)
        if (earlier := self._who("talks", look.talk)) is not None:
            look.found.append(("duplicate", Finding("", f"the same dialogue as {earlier}")))
            return look
        if look.calls is not None and (earlier := self._who("calls", look.calls)) is not None:
            why = f"makes the calls that {earlier} makes, with the same arguments"
            look.found.append(("same-calls", Finding("", why)))
        words = _WORD.findall(" ".join(text for role, text in talk if role in ("user", "assistant")))
        runs = {zlib.crc32(" ".join(words[at : at + RUN]).encode()) & _PRIME for at in range(len(words) - RUN + 1)}
        if len(runs) >= MIN_RUNS:
            look.signature = self._signature(np.fromiter(runs, np.int64, len(runs)))
            look.found += self._near(look.signature)
        return look

    def remember(self, look: "Look", name: str) -> None:
        """Have later dialogues compared with the one that was looked at, under this ``name``."""
        name = name.encode(errors="replace").decode()  # SQLite takes no lone surrogates
        self._run("INSERT OR IGNORE INTO talks VALUES (?, ?)", look.talk, name)
        if look.calls is not None:
            self._run("INSERT OR IGNORE INTO calls VALUES (?, ?)", look.calls, name)
        if look.signature is not None:
            row = (name, look.signature.tobytes())
            number = self._run("INSERT INTO signatures (name, signature) VALUES (?, ?)", *row).lastrowid
            for key in self._bands(look.signature):
                self._run("INSERT OR IGNORE INTO bands VALUES (?, ?)", key, number)

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise _no_room(str(error)) from None

    def _who(self, table: str, key: bytes) -> str | None:
        """Who had this key first."""
        found = self._run(f"SELECT name FROM {table} WHERE key = ?", key).fetchone()
        return found[0] if found else None

    def _signature(self, runs: Array) -> Array:
        signature = np.full(BANDS * ROWS, _PRIME, np.int64)
        for at in range(0, len(runs), AT_ONCE):
            hashed = (runs[at : at + AT_ONCE, None] * self._factors + self._shifts) % _PRIME
            signature = np.minimum(signature, hashed.min(axis=0))
        return signature

    def _bands(self, signature: Array) -> list[int]:
        keys: list[int] = ((signature.reshape(BANDS, ROWS) * self._mix).sum(axis=1) ^ np.arange(BANDS) << 40).tolist()
        return keys

    def _near(self, signature: Array) -> Iterator[tuple[str, Finding]]:
        marks = ",".join("?" * BANDS)
        candidates = self._run(
            f"SELECT DISTINCT name, signature FROM bands JOIN signatures USING (number) WHERE key IN ({marks})"
            f" ORDER BY number LIMIT {MAX_COMPARED}",
            *self._bands(signature),
        )
        best, nearest = max(
            ((float((np.frombuffer(other, np.int64) == signature).mean()), named) for named, other in candidates),
            key=lambda one: one[0],
            default=(0.0, ""),
        )
        if best >= LEAST:
            why = f"of the runs of {RUN} words in it and in {nearest}, about {best:.0%} stand in both"
            yield "near-duplicate", Finding("", why)


@dataclass
class Look:
    """What is found of a dialogue, and what later ones are compared with."""

    talk: bytes
    calls: bytes | None
    """None when it makes none."""
    signature: Array | None = None
    """None when its talk is too short, or that of an earlier one."""
    found: list[tuple[str, Finding]] = field(default_factory=list)
    """(rule, finding) for each way in which it repeats an earlier one."""


def _no_room(why: str | None) -> OutputError:
    return OutputError(
        f"--duplicates: {tempfile.tempdir or 'the folder for temporary files'} has no room: {why}; TMPDIR names another"
    )


def _digest(value: Any) -> bytes:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(errors="replace"), digest_size=16).digest()
