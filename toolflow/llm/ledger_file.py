"""The ledger's file: every reservation stands in it before its request is sent, every settlement after.

Lines only ever come on top, each with one write of one whole line, so that a kill loses nothing that was spent: what
it cuts off is a settlement at most, and a reservation that is not settled counts in full. Nothing is brought to the
disk by force while the run goes on: what the system has taken survives the process. A power cut may lose the last
seconds; the cost of forcing each line would be a hundred times that of writing it.

::

    {"format":"toolflow-ledger/1"}
    {"line":0,"endpoint":"…","model":"gpt-4.1","role":"user","price":{…} or null}   who asks whom, at what price
    {"reserved":7,"of":0,"prompt":4120,"completion":1024}    attempt 7, of line 0, and the most tokens it can take
    {"answered":7,"prompt":1012,"cached":512,"completion":44,"reasoning":0}   or {"answered":7}: not counted
    {"refused":7}                                            an error status: not billed
    {"lost":7}                                               no answer: billed perhaps
    {"recalled":0,"prompt":1012,"completion":44}             an answer known already, of line 0, and its cost once
    {"reasked":0}                                            an answer that was asked for again, of line 0
    {"stretch":0,"prompt":1.2,"completion":1.0}              line 0's endpoint counts more than the bound, by so much
"""

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from toolflow.errors import OutputError
from toolflow.llm.account import Account, Line
from toolflow.llm.prices import Price
from toolflow.llm.purse import Tokens
from toolflow.whole_lines import WholeLines

FORMAT = "toolflow-ledger/1"
MAX_STRETCH = 1e6


@dataclass(slots=True)
class Stretch:
    """By how much an endpoint counts more tokens than the bound of an attempt."""

    prompt: float = 1.0
    completion: float = 1.0


@dataclass(slots=True)
class Found:
    """What a ledger says."""

    lines: list[Line] = field(default_factory=list)
    account: Account = field(default_factory=Account)
    open: dict[int, tuple[int, int, int | None]] = field(default_factory=dict)
    """Attempts not settled: line, and the most tokens of prompt and answer."""
    stretches: dict[tuple[str, str], Stretch] = field(default_factory=dict)
    """By endpoint and model."""
    attempts: int = 0
    end: int = 0
    """Where the last whole line ends, in bytes."""

    def take(self, event: Mapping[str, Any]) -> None:
        """One line of the file; ValueError, LookupError or TypeError when it is none."""
        what, value = next(iter(event.items()))
        _TAKERS[what](self, value, event)

    def _format(self, value: Any, event: Mapping[str, Any]) -> None:
        if value != FORMAT:
            raise ValueError(value)

    def _line(self, value: Any, event: Mapping[str, Any]) -> None:
        if value != len(self.lines) or not all(isinstance(event[key], str) for key in ("endpoint", "model", "role")):
            raise ValueError(value)
        price = None if event["price"] is None else Price.read(event["price"])
        line = Line(event["endpoint"], event["model"], event["role"], price)
        if line in self.lines:
            raise ValueError(line)
        self.lines.append(line)

    def _reserved(self, value: Any, event: Mapping[str, Any]) -> None:
        completion = event["completion"]
        self.lines[_count(event["of"])]
        self.open[_count(value)] = (
            event["of"],
            _count(event["prompt"]),
            None if completion is None else _count(completion),
        )
        self.attempts = max(self.attempts, value + 1)

    def _answered(self, value: Any, event: Mapping[str, Any]) -> None:
        line, prompt, completion = self.open.pop(value)
        tokens = None
        if len(event) > 1:
            counts = (_count(event[key]) for key in ("prompt", "completion", "cached", "reasoning"))
            tokens = Tokens(*counts)
        self.account.sums(self.lines[line]).answered(tokens, prompt, completion)

    def _refused(self, value: Any, event: Mapping[str, Any]) -> None:
        line, _, _ = self.open.pop(value)
        self.account.sums(self.lines[line]).failed += 1

    def _lost(self, value: Any, event: Mapping[str, Any]) -> None:
        line, prompt, completion = self.open.pop(value)
        self.account.sums(self.lines[line]).broke_off(prompt, completion)

    def _recalled(self, value: Any, event: Mapping[str, Any]) -> None:
        saved = Tokens(_count(event["prompt"]), _count(event["completion"])) if len(event) > 1 else None
        self.account.sums(self.lines[_count(value)]).noted("recalled", saved)

    def _reasked(self, value: Any, event: Mapping[str, Any]) -> None:
        self.account.sums(self.lines[_count(value)]).noted("reasked", None)

    def _stretch(self, value: Any, event: Mapping[str, Any]) -> None:
        line = self.lines[_count(value)]
        self.stretches[line.endpoint, line.model] = Stretch(
            *(min(MAX_STRETCH, float(event[key])) for key in ("prompt", "completion"))
        )


_TAKERS: dict[str, Callable[[Found, Any, Mapping[str, Any]], None]] = {
    "format": Found._format,
    "line": Found._line,
    "reserved": Found._reserved,
    "answered": Found._answered,
    "refused": Found._refused,
    "lost": Found._lost,
    "recalled": Found._recalled,
    "reasked": Found._reasked,
    "stretch": Found._stretch,
}


def read_ledger(path: Path) -> Found:
    """What a ledger says, line by line; a torn last line is left out. `OutputError` names a line that is none."""
    found = Found()
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OutputError(f"{path}: is not a file; choose another folder")
        with path.open("rb") as file:
            damaged = 0
            for number, line in enumerate(file, start=1):
                if damaged:
                    raise OutputError(f"{path}:{damaged}: no line of a ledger; mend it, or --overwrite the run")
                if not line.endswith(b"\n"):
                    break
                try:
                    event = orjson.loads(line)
                    if (number == 1) is not ("format" in event):
                        raise ValueError(number)
                    found.take(event)
                except (ValueError, TypeError, LookupError, AttributeError, StopIteration):
                    damaged = number
                    continue
                found.end += len(line)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror or error}") from None
    return found


class LedgerFile:
    """A ledger open for writing, cut off where its last whole line ended."""

    def __init__(self, path: Path, end: int) -> None:
        self._file = WholeLines(path, end)
        if not end:
            self.append({"format": FORMAT})

    def append(self, event: Mapping[str, Any]) -> None:
        """Write one line; `OutputError` when the disk does not take it."""
        self._file.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()

    def close(self) -> None:
        """Bring it to the disk."""
        self._file.close()


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value
