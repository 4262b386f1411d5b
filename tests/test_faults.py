"""The fault suite, small: what goes wrong between a run and its endpoint costs time, never a dialogue or an answer."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.faults", "tests.trial")

from tests.faults import SCENARIOS  # noqa: E402
from tests.trial import SMALL, Ground, Trial  # noqa: E402

AT_ONCE = 4
"""Scenarios beside each other: most of the time they wait."""


@pytest.fixture(scope="module")
def trials(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[Trial]]]:
    """The scenarios asked for, under way."""
    wanted = [item.callspec.params["name"] for item in request.session.items if item.path == Path(__file__)]
    ground = Ground(tmp_path_factory.mktemp("faults"), SMALL)
    assert ground.undisturbed.stops == []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(SCENARIOS[name], ground) for name in wanted}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_is_well_after(name: str, trials: dict[str, Future[Trial]]) -> None:
    """What the scenario says holds."""
    trials[name].result()
