"""Worker processes that make records, for a cast that computes rather than waits.

A record is a function of the recipe and its draw, so it does not matter which process makes it; the parent writes
them, and a run has the same bytes with any number of workers. Each worker is a fresh interpreter that loads the
graph once; it is handed a draw and hands back a record, and it ends with the pipe to its parent, however that ends.

Signals are the parent's business: a worker that is reached by one goes on. What a worker logs, the parent tells.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from logging.handlers import QueueHandler
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from toolflow.bugs import Once
from toolflow.errors import RunError, WorkerDied
from toolflow.graph import ToolGraph
from toolflow.making import Recipe, make_record
from toolflow.schema import Draw, Record

AHEAD = 2
"""Records that a worker has in hand: one in the making, and the next."""
WORTH_A_WORKER = 250
"""Records that take about as long as two workers need to start."""
LONGEST_END = 10.0
"""Seconds that a worker may take to end."""

LoadGraph = Callable[[], ToolGraph]
"""Loads the graph of a run in another process; a function that can be pickled."""


def workers_for(records: int, cpus: int) -> int:
    """As many as there are CPUs; none where so few records are to be made that one process is as fast."""
    number = min(cpus, records // WORTH_A_WORKER)
    return number if number > 1 else 0


@dataclass(eq=False)
class _Worker:
    """A process, seen from the parent."""

    ours: Connection
    theirs: Connection
    process: Any
    thread: threading.Thread | None = None
    making: dict[Draw, asyncio.Future[Record]] = field(default_factory=dict)
    died: str | None = None


class Workers:
    """Makes records in other processes: ``await workers(draw)``. An async context manager."""

    def __init__(self, recipe: Recipe, load: LoadGraph, number: int) -> None:
        self.number = number
        self._order = pickle.dumps((recipe.config, recipe.make_cast, recipe.seed, load, recipe.graph.digest))
        self._level = logging.getLogger("toolflow").getEffectiveLevel()
        self._workers: list[_Worker] = []
        self._free: asyncio.Queue[_Worker] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    @property
    def concurrency(self) -> int:
        """Records under way at once that keep all of them busy."""
        return self.number * AHEAD

    async def __aenter__(self) -> "Workers":
        context = multiprocessing.get_context("spawn")
        for _ in range(self.number):
            ours, theirs = context.Pipe()
            worker = _Worker(ours, theirs, context.Process(target=_work, args=(theirs, self._level), daemon=True))
            worker.thread = threading.Thread(target=self._attend, args=(worker,), daemon=True)
            worker.thread.start()
            self._workers.append(worker)
        return self

    async def __aexit__(self, *error: object) -> None:
        for worker in self._workers:
            with contextlib.suppress(OSError):
                worker.ours.send(None)
        await asyncio.to_thread(self._end)

    async def __call__(self, draw: Draw) -> Record:
        """The record of a draw; `WorkerDied` when the process that was to make it is gone."""
        worker = await self._free.get()
        making: asyncio.Future[Record] = self._loop.create_future()
        worker.making[draw] = making
        if worker.died is None:
            with contextlib.suppress(OSError):  # it died this moment, and is about to be reported
                worker.ours.send(draw)
        else:
            self._give_up(worker)
        try:
            return await making
        finally:
            worker.making.pop(draw, None)
            self._free.put_nowait(worker)

    def _attend(self, worker: _Worker) -> None:
        """In a thread: start a process and listen to it until it ends."""
        how = "it could not be started"
        try:
            with _deaf():
                worker.process.start()
            worker.theirs.close()
            worker.ours.send_bytes(self._order)
            for _ in range(AHEAD):
                self._tell(self._free.put_nowait, worker)
            while True:
                self._tell(self._hear, worker, *worker.ours.recv())
        except (OSError, EOFError):
            if worker.process.pid is not None:
                worker.process.join(LONGEST_END)
                how = f"exit code {worker.process.exitcode}"
        finally:
            self._tell(self._lost, worker, how)

    def _tell(self, what: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(what, *arguments)

    def _hear(self, worker: _Worker, draw: Draw, made: Record | RunError, said: list[logging.LogRecord]) -> None:
        for line in said:
            logging.getLogger(line.name).handle(line)
        making = worker.making.get(draw)
        if making is None or making.done():
            return
        if isinstance(made, RunError):
            making.set_exception(made)
        else:
            making.set_result(made)

    def _lost(self, worker: _Worker, how: str) -> None:
        worker.died = how
        self._give_up(worker)
        self._free.put_nowait(worker)  # for whoever waits for one

    def _give_up(self, worker: _Worker) -> None:
        for making in worker.making.values():
            if not making.done():
                making.set_exception(
                    WorkerDied(
                        f"a worker process died ({worker.died}); if memory was short, go on with fewer --workers; "
                        "the same command continues"
                    )
                )

    def _end(self) -> None:
        """In a thread: wait until all of them have ended."""
        for worker in self._workers:
            assert worker.thread is not None
            worker.thread.join(LONGEST_END)
            if worker.thread.is_alive():
                worker.process.kill()
            worker.thread.join()


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """A process started meanwhile hears no Ctrl-C and no SIGTERM, which terminals and supervisors send to all."""
    if not hasattr(signal, "pthread_sigmask"):  # not on this system
        yield
        return
    resource_tracker.ensure_running()  # else the first process starts it, and hears signals again after that
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Notes(QueueHandler):
    """Keeps what is logged, in a form that can be handed over."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.said: list[logging.LogRecord] = []

    def enqueue(self, record: logging.LogRecord) -> None:
        self.said.append(record)


def _work(parent: Connection, level: int) -> None:
    """In the worker: make what is asked for, until the pipe or the run ends."""
    for number in (signal.SIGINT, signal.SIGTERM):  # where they could not be kept away
        signal.signal(number, signal.SIG_IGN)
    notes = _Notes()
    notes.addFilter(Once())
    logger = logging.getLogger("toolflow")
    logger.addHandler(notes)
    logger.setLevel(level)
    logger.propagate = False
    with contextlib.suppress(EOFError, OSError), asyncio.Runner() as runner:
        recipe = _recipe(parent.recv_bytes())
        while (draw := parent.recv()) is not None:
            made: Record | RunError
            try:
                made = recipe if isinstance(recipe, RunError) else runner.run(make_record(recipe, draw))
            except RunError as error:
                made = error
            said, notes.said = notes.said, []
            parent.send((draw, made, said))


def _recipe(order: bytes) -> Recipe | RunError:
    """What the parent sent, with the graph loaded here."""
    config, make_cast, seed, load, digest = pickle.loads(order)
    try:
        graph = load()
    except RunError as error:
        return error
    if graph.digest != digest:
        return RunError("the tool graph was changed while the run began; begin again")
    return Recipe(config, graph, make_cast, seed)
