"""What of a run stands in its files: which records are whole, which are missing, where each file should end.

An append that was killed leaves at most its own line torn, so a damaged line is cut off where it is the
last of its file; anywhere else somebody changed the file, and it is left alone with an error.
"""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from toolflow.errors import OutputError
from toolflow.records.manifest import Tally
from toolflow.schema import Draw, Record


@dataclass(slots=True)
class Found:
    """What stands in the files of a run; memory does not grow with the records of an ordered run."""

    ends: dict[Path, int]
    """Where each file should end, in bytes."""
    tally: Tally = field(default_factory=Tally)
    start: int = 0
    """Every index below is settled: one of its records was kept, or it was given up."""
    beyond: set[int] = field(default_factory=set)
    """Indices from there on that are settled all the same."""
    tried: dict[int, int] = field(default_factory=dict)
    """Attempts at those that are not, where there were any."""

    def missing(self) -> Iterator[Draw]:
        """The next draw of every index that is not settled, in order, without end."""
        return (Draw(index, self.tried.get(index, 0)) for index in count(self.start) if index not in self.beyond)

    def add(self, record: Record, attempts: int) -> None:
        """Count one record; an index is tried up to so many times."""
        self.tally.add(record)
        index, attempt = record.meta.index, record.meta.attempt
        if record.draw.after(kept=record.kept, attempts=attempts).index == index:
            self.tried[index] = max(attempt + 1, self.tried.get(index, 0))
            return
        self.tried.pop(index, None)
        self.beyond.add(index)
        while self.start in self.beyond:
            self.beyond.remove(self.start)
            self.start += 1


def scan(kept: Path, rejected: Path, ordered: bool, attempts: int) -> Found:
    """Read both files; `OutputError` names a line that is no record of a run, or a record that is there twice.

    An index is settled when a record of it was kept, or ``attempts`` were rejected.
    """
    streams = {kept: _records(kept, True), rejected: _records(rejected, False)}
    found = Found(ends=dict.fromkeys(streams, 0))
    if ordered:
        _scan_ordered(streams, found, attempts)
    else:
        _scan_unordered(streams, found, attempts)
    return found


def _scan_ordered(streams: Mapping[Path, Iterator[tuple[Record, int]]], found: Found, attempts: int) -> None:
    """Follow the draws from the first on over both files, as far as there is no gap."""
    heads = {path: next(stream, None) for path, stream in streams.items()}
    while True:
        for path, head in heads.items():
            if head is not None and head[0].draw == next(found.missing()):
                record, found.ends[path] = head
                found.add(record, attempts)
                heads[path] = next(streams[path], None)
                break
        else:
            return


def _scan_unordered(streams: Mapping[Path, Iterator[tuple[Record, int]]], found: Found, attempts: int) -> None:
    seen: set[Draw] = set()
    for path, stream in streams.items():
        for record, found.ends[path] in stream:
            if record.draw in seen:
                name = record.draw.name
                raise OutputError(f"{path}: record {name} stands there twice; remove one, or --overwrite the run")
            seen.add(record.draw)
            found.add(record, attempts)


def _records(path: Path, kept: bool) -> Iterator[tuple[Record, int]]:
    """The whole records of a file, each with the place where its line ends."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OutputError(f"{path}: is not a file; choose another folder")
        with path.open("rb") as file:
            end, damaged = 0, 0
            for number, line in enumerate(file, start=1):
                if damaged:
                    raise OutputError(
                        f"{path}:{damaged}: not a record of this run; mend the line, or --overwrite the run"
                    )
                record = _record(line)
                if record is None or record.kept is not kept:
                    damaged = number
                    continue
                end += len(line)
                yield record, end
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _record(line: bytes) -> Record | None:
    if not line.endswith(b"\n"):
        return None
    try:
        return Record.model_validate_json(line)
    except ValidationError:
        return None
