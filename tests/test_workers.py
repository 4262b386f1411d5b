"""Worker processes: the same bytes as one process, nothing lost when one dies, nobody left behind."""

import asyncio
import logging
import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from toolflow.cast import Cast, cast_source
from toolflow.config import Config
from toolflow.errors import ModelUnavailable, RunError, WorkerDied
from toolflow.graph import ToolGraph, load_graph
from toolflow.making import Recipe
from toolflow.records import KEPT, MANIFEST, REJECTED, open_run
from toolflow.schema import Draw
from toolflow.selfplay import make_selfplay_cast
from toolflow.synthesize import INTERRUPTED, synthesize
from toolflow.workers import WORTH_A_WORKER, Workers, workers_for

FILES = (KEPT, REJECTED, MANIFEST)
SEED = 3


class Unlucky:
    """Selfplay, but for one record of the run; it meets a mishap."""

    def __init__(self, index: int, mishap: str) -> None:
        self.index, self.mishap = index, mishap

    def __call__(self, rng: Random) -> Cast:
        if rng.getstate() == cast_source(SEED, Draw(self.index)).getstate():
            self.befall()
        return make_selfplay_cast(rng)

    def befall(self) -> None:
        if self.mishap == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mishap == "gone":
            raise ModelUnavailable("the endpoint is gone")
        raise ZeroDivisionError("a bug")


def recipe_of(graph: ToolGraph, make_cast: Any = make_selfplay_cast) -> Recipe:
    return Recipe(Config(), graph, make_cast, SEED)


def run(
    graph: Path, folder: Path, wanted: int, number: int, *, make_cast: Any = make_selfplay_cast, stop_after: int = 0
) -> str | None:
    """A run with so many workers; why it ended. None of them is left after it."""
    recipe = recipe_of(load_graph(graph), make_cast)

    async def go() -> str | None:
        stop = asyncio.Event()

        def progress(tally: Any) -> None:
            if stop_after and tally.draws >= stop_after:
                stop.set()

        async with Workers(recipe, partial(load_graph, graph), number) as make:
            return await synthesize(
                recipe, records, make=make, concurrency=make.concurrency, stop=stop, progress=progress
            )

    try:
        with open_run(folder, recipe_of(recipe.graph).identity(), wanted, ordered=True) as records:
            return asyncio.run(go())
    finally:
        assert not multiprocessing.active_children()


def content(folder: Path, names: Sequence[str] = FILES) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def whole(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run in one process."""
    folder = tmp_path_factory.mktemp("whole")
    recipe = recipe_of(load_graph(graph))
    with open_run(folder, recipe.identity(), 40, ordered=True) as records:
        assert asyncio.run(synthesize(recipe, records)) is None
    return content(folder)


@pytest.mark.parametrize("number", [1, 3])
def test_the_same_bytes_with_any_number_of_workers(
    graph: Path, tmp_path: Path, whole: dict[str, bytes], number: int
) -> None:
    """Stopped midway and continued, too."""
    assert run(graph, tmp_path, 40, number, stop_after=15) == INTERRUPTED
    assert run(graph, tmp_path, 40, number) is None
    assert content(tmp_path) == whole


def test_a_worker_that_is_killed_ends_the_run_and_loses_nothing(
    graph: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    """One line says so; what was finished before is kept, and the run can be continued."""
    with pytest.raises(WorkerDied, match=r"a worker process died \(exit code -9\); .* the same command continues"):
        run(graph, tmp_path, 40, 2, make_cast=Unlucky(20, "killed"))
    kept = content(tmp_path, [KEPT, REJECTED])
    assert sum(lines.count(b"\n") for lines in kept.values()) >= 15
    assert all(whole[name].startswith(lines) for name, lines in kept.items())
    assert run(graph, tmp_path, 40, 2) is None
    assert content(tmp_path) == whole


def test_all_workers_dead_is_no_hang(graph: Path, tmp_path: Path) -> None:
    """The one there is dies with its first record."""
    with pytest.raises(WorkerDied):
        run(graph, tmp_path, 5, 1, make_cast=Unlucky(0, "killed"))


def test_what_stops_a_run_stops_it_from_a_worker_too(graph: Path, tmp_path: Path) -> None:
    """With its own words."""
    with pytest.raises(ModelUnavailable, match="the endpoint is gone"):
        run(graph, tmp_path, 40, 2, make_cast=Unlucky(7, "gone"))


def test_what_a_worker_logs_is_told_by_its_parent(
    graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug shows its traceback, costs its record and no more."""
    monkeypatch.setattr(logging.getLogger("toolflow"), "propagate", True)
    with caplog.at_level(logging.WARNING):
        assert run(graph, tmp_path, 10, 2, make_cast=Unlucky(4, "bug")) is None
    assert caplog.messages[0].startswith("record 4\nTraceback")
    assert "ZeroDivisionError: a bug" in caplog.messages[0]
    assert b"ZeroDivisionError" in (tmp_path / REJECTED).read_bytes()


def test_a_graph_that_changed_meanwhile_is_refused(graph: Path, tmp_path: Path) -> None:
    """Records of two graphs in one run would be told apart by nobody."""

    async def go(path: Path) -> None:
        async with Workers(recipe, partial(load_graph, path), 1) as make:
            await make(0)

    recipe = recipe_of(replace(load_graph(graph), encoder="another"))
    with pytest.raises(RunError, match="the tool graph was changed while the run began"):
        asyncio.run(go(graph))
    with pytest.raises(RunError, match=r"gone\.graph: cannot be read"):
        asyncio.run(go(tmp_path / "gone.graph"))


@pytest.mark.parametrize(
    ("cpus", "records", "number"),
    [
        (8, 1, 0),
        (8, 2 * WORTH_A_WORKER - 1, 0),
        (8, 2 * WORTH_A_WORKER, 2),
        (8, 100_000, 8),
        (1, 100_000, 0),
    ],
)
def test_as_many_as_there_are_cpus_and_work(cpus: int, records: int, number: int) -> None:
    """None for a few records, nor where they would share one CPU."""
    assert workers_for(records, cpus) == number
