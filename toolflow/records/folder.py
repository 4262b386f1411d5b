"""The run folder: ``dialogues.jsonl`` (kept), ``rejected.jsonl`` (with verdicts), ``run.json`` (manifest),
and where somebody is paid, ``ledger.jsonl``, which its `Book` reads and writes.

Records are appended, each with one write of one whole line, by one process at a time. What counts is
what stands in the two files, never what the manifest says of them: opening a folder reads both, cuts
off what a kill left torn, and tells which records are still missing. Nothing is ever written twice.

A run that is *ordered* (its cast is deterministic) writes its records in the order of their draws.
Opening such a folder keeps the longest run of draws from the first on, over both files, and cuts the rest, so
that the continued run equals an uninterrupted one byte for byte, wherever either file was cut. Records
of a model were paid for and stay wherever they stand; the gaps are filled.

This module knows nothing of how a record is made.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal, Protocol, cast

import filelock
import jsonlines
from pydantic import ValidationError
from pydantic_core import to_json

from toolflow.errors import ConfigError, OutputError, ToolFlowError
from toolflow.records.manifest import Identity, Manifest
from toolflow.records.scan import scan
from toolflow.schema import Record
from toolflow.whole_lines import WholeLines, refused

KEPT = "dialogues.jsonl"
REJECTED = "rejected.jsonl"
MANIFEST = "run.json"
LEDGER = "ledger.jsonl"
LOCK = ".lock"


class Book(Protocol):
    """Who keeps the account of a run that is paid for, in a file of the folder."""

    def open(self, path: Path) -> None:
        """Take over what the file says, and write on."""
        ...

    def usage(self) -> dict[str, Any]:
        """What was asked and answered, by role."""
        ...

    def report(self) -> dict[str, Any]:
        """The same with money, by role and model."""
        ...

    def close(self) -> None:
        """Bring the file to the disk."""
        ...


class Records:
    """The folder of one run, open for writing; made by `open_run`."""

    def __init__(self, folder: Path, identity: Identity, wanted: int, ordered: bool, book: Book | None = None) -> None:
        self.folder = folder
        self.identity = identity
        self.wanted = wanted
        self.ordered = ordered
        found = scan(folder / KEPT, folder / REJECTED, ordered, identity.attempts)
        self.tally = found.tally
        self.found = found.tally.draws
        """Records that were there already."""
        self.missing = found.missing
        """Gives the draws still to be made, the next one of each index that is not settled, in order, without end."""
        self._files = [WholeLines(path, end) for path, end in found.ends.items()]
        self._kept, self._rejected = (
            jsonlines.Writer(cast(IO[bytes], file), dumps=to_json, flush=True) for file in self._files
        )
        self.status: Literal["running", "finished", "stopped"] = "running"
        self.why: str | None = None
        self.estimate: dict[str, Any] | None = None
        """What the run was expected to take."""
        self._book = book

    def counts(self) -> dict[str, Any]:
        """What the run made and took; the account counts what was lost with unfinished records too."""
        counts = self.tally.counts()
        return counts if self._book is None else {**counts, "usage": self._book.usage()}

    def mix(self) -> dict[str, dict[str, dict[str, float]]]:
        """What is kept beside what the settings want."""
        return self.tally.mix(self.identity.config.get("mix", {}))

    def spending(self) -> dict[str, Any] | None:
        """What the run cost; None when nobody is paid."""
        return None if self._book is None else self._book.report()

    def append(self, record: Record) -> None:
        """Write one record to the file it belongs to; `OutputError` when the disk does not take it."""
        (self._kept if record.kept else self._rejected).write(record)
        self.tally.add(record)

    def finish(self) -> None:
        """Say that what was asked for is there."""
        self.status, self.why = "finished", None

    def stop(self, why: str) -> None:
        """Say that the run ended before that."""
        self.status, self.why = "stopped", why

    def save(self) -> None:
        """Write the manifest; whatever happens, the old one or the new one stands there whole."""
        manifest = Manifest(
            status=self.status,
            why=self.why,
            wanted=max(self.wanted, self.tally.kept),
            counts=self.counts(),
            mix=self.mix(),
            spending=self.spending(),
            estimate=self.estimate,
            identity=self.identity,
        )
        path, fresh = self.folder / MANIFEST, self.folder / f"{MANIFEST}.new"
        try:
            with fresh.open("w", encoding="utf-8") as file:
                file.write(manifest.model_dump_json(indent=2) + "\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise refused(path, error) from None

    def close(self) -> None:
        """Bring the records to the disk."""
        for file in self._files:
            file.close()


@contextmanager
def open_run(
    folder: Path, identity: Identity, wanted: int, *, ordered: bool, overwrite: bool = False, book: Book | None = None
) -> Iterator[Records]:
    """Open a new run folder, or one that a run of the same identity left unfinished.

    `ConfigError` when another process writes there, or when what is there was made with other settings
    (``overwrite`` removes it); `OutputError` when the folder cannot be written. Leaving the block writes
    the manifest, with the reason when it is left by an exception. ``book`` keeps its ledger in the folder.
    """
    with _locked(folder):
        before = None
        if overwrite:
            _remove(folder)
        else:
            before = _earlier(folder, identity)
        with ExitStack() as stack:
            if book is not None:
                book.open(folder / LEDGER)
                stack.callback(book.close)
            records = Records(folder, identity, wanted, ordered, book)
            stack.callback(records.close)
            records.estimate = None if before is None else before.estimate
            try:
                records.save()
                yield records
                records.save()
            except BaseException as error:
                why = str(error) if isinstance(error, ToolFlowError) else f"interrupted by {type(error).__name__}"
                records.stop(why)
                with suppress(OutputError):  # on a full disk the old manifest stays, and still tells the identity
                    records.save()
                raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = filelock.FileLock(folder / LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise ConfigError(f"{folder}: another run is writing there; wait for it, or choose another folder") from None
    except OSError as error:
        raise refused(folder, error) from None
    try:
        yield
    finally:
        lock.release()


def _remove(folder: Path) -> None:
    """Remove an earlier run and nothing else; the manifest last, so that a kill in between shows."""
    for name in (KEPT, REJECTED, LEDGER, MANIFEST):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise refused(folder / name, error) from None


def _earlier(folder: Path, identity: Identity) -> Manifest | None:
    """The manifest of an earlier run; refuse a folder whose records were made otherwise."""
    path = folder / MANIFEST
    way_out = "choose another folder, or --overwrite to replace what is there"
    try:
        before = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        if _holds_records(folder):
            raise ConfigError(f"{folder}: holds records but no {MANIFEST}; {way_out}") from None
        return None
    except OSError as error:
        raise refused(path, error) from None
    except ValidationError:
        raise ConfigError(f"{path}: not a manifest of this version; {way_out}") from None
    changes = before.identity.changes(identity)
    if changes and _holds_records(folder):  # a run that failed before its first record binds nobody
        shown = "; ".join(changes[:5]) + (f"; and {len(changes) - 5} more" if len(changes) > 5 else "")
        raise ConfigError(f"{folder}: holds a run with other settings ({shown}); undo the change, {way_out}")
    return before


def _holds_records(folder: Path) -> bool:
    return any(path.exists() and path.stat().st_size for path in (folder / KEPT, folder / REJECTED))
