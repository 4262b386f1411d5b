"""What all tests share: Hypothesis is the same everywhere in CI, and caches stay inside the checkout."""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

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
