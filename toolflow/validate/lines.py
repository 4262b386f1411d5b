"""The lines of a file of dialogues, each checked by itself, here or in other processes.

What a line is held to depends on the line alone, so that processes can share the work; results come in the order of
the lines, and a file has the same verdicts with any number of processes. Memory holds a window of lines.
"""

import gc
import importlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from toolflow.config import ValidateConfig
from toolflow.conformance import nests_deeper
from toolflow.errors import RunError
from toolflow.schema import Verdict
from toolflow.validate.finding import Finding
from toolflow.validate.jsonl import MAX_LINE, read_lines
from toolflow.validate.rules import LINE, MAX_RECORD_DEPTH, check, verdicts_of

BATCH_LINES = 100
BATCH_BYTES = 2_000_000
"""What a process is handed at once."""
AHEAD = 3
"""Batches that each process has in hand or done before they are asked for."""


@dataclass(frozen=True)
class Checked:
    """One line and what the rules say of it."""

    file: str
    line: int
    content: bytes
    """The line as it stands in the file, without its end."""
    verdicts: Sequence[Verdict]
    real_results: int | None = None
    """Results of real tools in a dialogue whose calls were made again; None of one that was not replayed."""

    @cached_property
    def record(self) -> Any:
        """The line as JSON; None when it is none, or nested too deep to be written again."""
        if any(verdict.rule == LINE.id for verdict in self.verdicts):
            return None
        record = orjson.loads(self.content)
        return None if nests_deeper(record, MAX_RECORD_DEPTH) else record

    @property
    def kept(self) -> bool:
        """Whether no verdict is an error."""
        return not any(verdict.severity == "error" for verdict in self.verdicts)

    @property
    def name(self) -> str:
        """File and line, and the dialogue's id where it has one."""
        given = self.record.get("id") if isinstance(self.record, dict) else None
        return f"{self.file}:{self.line}" + (f" ({given})" if isinstance(given, str) else "")


_Judged = tuple[Sequence[Verdict], int | None]
"""The verdicts, and the results of real tools."""
CheckLines = Callable[[Path], Iterator[Checked]]


@contextmanager
def line_checker(config: ValidateConfig, *, replaying: bool, workers: int) -> Iterator[CheckLines]:
    """What checks the lines of a file; in ``workers`` other processes, or here when there are none.

    `ConfigError` when a file cannot be read or the configuration is wrong, `RunError` when a process dies.
    """
    if workers < 1:
        yield lambda path: (
            Checked(str(path), number, line, *_judge(line, config, replaying)) for number, line in read_lines(path)
        )
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin) as pool:

        def check_lines(path: Path) -> Iterator[Checked]:
            under_way: deque[tuple[list[tuple[int, bytes]], Future[list[_Judged]]]] = deque()

            def judged() -> Iterator[Checked]:
                batch, found = under_way.popleft()
                for line, judgement in zip(batch, found.result(), strict=True):
                    yield Checked(str(path), *line, *judgement)

            try:
                for batch in _batches(path):
                    under_way.append((batch, pool.submit(_judge_all, [line for _, line in batch], config, replaying)))
                    if len(under_way) >= AHEAD * workers:
                        yield from judged()
                while under_way:
                    yield from judged()
            except BrokenProcessPool:
                reason = "a process that checked dialogues died; if memory was short, use fewer --workers"
                raise RunError(reason) from None

        try:
            yield check_lines
        finally:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Ctrl-C is the parent's business, and what was imported is no garbage to look through."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


def _batches(path: Path) -> Iterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, line in read_lines(path):
        batch.append((number, line))
        size += len(line)
        if len(batch) == BATCH_LINES or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _judge_all(lines: Sequence[bytes], config: ValidateConfig, replaying: bool) -> list[_Judged]:
    return [_judge(line, config, replaying) for line in lines]


def _judge(line: bytes, config: ValidateConfig, replaying: bool) -> _Judged:
    why = f"longer than {MAX_LINE:,} bytes{', as a whole file in one list is' if line.startswith(b'[') else ''}"
    if len(line) <= MAX_LINE:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            why = f"not valid JSON: {error}"
        else:
            verdicts = check(record, config)
            if not replaying:
                return verdicts, None
            replay: Any = importlib.import_module("toolflow.validate.replay")  # of use, and slow to load, only here
            if not replay.is_replayable(record):
                return verdicts, None
            again = replay.replay(record)
            verdicts += verdicts_of(((verdict.rule, Finding(verdict.where, verdict.why)) for verdict in again), config)
            return verdicts, replay.real_results(record)
    return [Verdict(rule=LINE.id, severity="error", where="", why=why)], None
