"""What all tests share: Hypothesis is the same everywhere in CI, and caches stay inside the checkout."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
