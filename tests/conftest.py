"""What all tests share: Hypothesis is the same everywhere in CI, caches stay in the checkout, and some fixtures."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.endpoint import Endpoint, served
from toolflow.catalog import packaged_tools
from toolflow.cli import run

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

CACHE = ROOT / ".pytest_cache" / "toolflow"
os.environ.setdefault("TOOLFLOW_CACHE", str(CACHE))
for answers in CACHE.glob("answers-*"):  # of endpoints of earlier test runs, whose ports come again
    answers.unlink(missing_ok=True)
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tool graph: flights and hotels of the packaged catalog."""
    path = tmp_path_factory.mktemp("graph") / "tools.graph"
    tools = [str(packaged_tools() / f"{name}.jsonl") for name in ("flights", "hotels")]
    assert run(["build-graph", *tools, "-o", str(path)]) == 0
    return path


INPUT, OUTPUT = 2.0, 8.0
"""Dollars for a million tokens at the endpoint on loopback."""


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """A price list that knows the endpoint on loopback."""
    path = tmp_path / "prices.yaml"
    path.write_text(
        "format: toolflow-prices/1\nendpoints:\n  127.0.0.1:\n    as_of: 2026-01-02\n    source: this test\n"
        f"    models:\n      m: {{input: {INPUT}, output: {OUTPUT}}}\n"
    )
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache folder for this test."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A model that answers."""
    with served(Endpoint()) as endpoint:
        yield endpoint
