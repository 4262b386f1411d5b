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
from toolflow.schema import Record


@dataclass(slots=True)
class Found:
    """What stands in the files of a run; memory does not grow with the records of an ordered run."""

    ends: dict[Path, int]
    """Where each file should end, in bytes."""
    tally: Tally = field(default_factory=Tally)
    start: int = 0
    """Every index below stands in one of the files."""
    beyond: set[int] = field(default_factory=set)
    """Indices from there on that stand in one of them all the same."""

    def missing(self) -> Iterator[int]:
        """Indices that stand nowhere, in order, without end."""
        return (index for index in count(self.start) if index not in self.beyond)


def scan(kept: Path, rejected: Path, ordered: bool) -> Found:
    """Read both files; `OutputError` names a line that is no record of a run, or a record that is there twice."""
    streams = {kept: _records(kept, True), rejected: _records(rejected, False)}
    found = Found(ends=dict.fromkeys(streams, 0))
    if ordered:
        _scan_ordered(streams, found)
    else:
        _scan_unordered(streams, found)
    return found


def _scan_ordered(streams: Mapping[Path, Iterator[tuple[Record, int]]], found: Found) -> None:
    """Follow the indices from 0 on over both files, as far as there is no gap."""
    heads = {path: next(stream, None) for path, stream in streams.items()}
    while True:
        for path, head in heads.items():
            if head is not None and head[0].meta.index == found.start:
                record, found.ends[path] = head
                found.tally.add(record)
                found.start += 1
                heads[path] = next(streams[path], None)
                break
        else:
            return


def _scan_unordered(streams: Mapping[Path, Iterator[tuple[Record, int]]], found: Found) -> None:
    for path, stream in streams.items():
        for record, found.ends[path] in stream:
            index = record.meta.index
            if index in found.beyond:
                raise OutputError(f"{path}: record {index} stands there twice; remove one, or --overwrite the run")
            found.beyond.add(index)
            found.tally.add(record)
    while found.start in found.beyond:
        found.beyond.remove(found.start)
        found.start += 1


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
