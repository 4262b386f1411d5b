"""scripts/figures: reads a run or makes one, and says what is off the mark."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from toolflow.cli import run
from toolflow.records import KEPT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run of selfplay."""
    folder = tmp_path_factory.mktemp("run")
    assert run(["synthesize", "-n", "30", "-o", str(folder)]) == 0
    return folder


def figures(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "figures"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_each_share_stands_beside_its_quota(folder: Path) -> None:
    """Kinds, requests, tools and languages of the run, then the measures with their marks."""
    done = figures("--dialogues", folder / KEPT)
    rows = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    for part in ("kinds: chain", "kinds: follow_up", "requests: 2", "tools: 3", "languages: en"):
        assert "± 2" in rows[part]
    assert " 30 of " in rows["dialogues kept"]
    for measure in ("every argument traceable, before the filter", "every argument traceable, after it"):
        assert rows[measure].split("≥")[0].split()[-1] == "100.0%"
    assert "≥ 45.0%" in rows["tool turns of several steps"]
    assert "≥ 7.20" in rows["entropy of user words, bits"]
    assert done.returncode == (1 if "off the mark: " in done.stderr else 0)


def test_what_is_off_the_mark_is_named(folder: Path, tmp_path: Path) -> None:
    """One dialogue says everything once; no quota is known of a file that lies in no run."""
    lonely = tmp_path / "one.jsonl"
    lonely.write_bytes((folder / KEPT).read_bytes().splitlines(keepends=True)[0])
    done = figures("--dialogues", lonely)
    assert done.returncode == 1
    assert done.stderr.startswith("off the mark: ") and "commonest frame of user turns" in done.stderr
    assert "kinds: " not in done.stdout


@pytest.mark.parametrize("wrong", [["--dialogues", "none.jsonl"], ["--config", "none"]])
def test_a_mistake_is_one_line(wrong: list[str], tmp_path: Path) -> None:
    """No traceback."""
    done = figures(*wrong)
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1 and "none" in done.stderr
