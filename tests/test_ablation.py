"""scripts/ablation: four runs that differ in two settings, one table, the paper's beside it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.endpoint import Endpoint, served
from toolflow.records import KEPT, MANIFEST

pytestmark = pytest.mark.usefixtures("cache")
SETS = ("full", "no-plan", "no-graph", "neither")


def ablation(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The script, from outside."""
    command = [sys.executable, str(ROOT / "scripts" / "ablation"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def identity(run: Path) -> dict[str, Any]:
    """What a run's manifest says it was made of."""
    found: dict[str, Any] = json.loads((run / MANIFEST).read_bytes())["identity"]
    return found


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """The table, by label."""
    lines = done.stdout.split("\n\n")[0].splitlines()
    return {cells[0]: cells[1:] for line in lines if (cells := [cell.strip() for cell in line.split("  ") if cell])}


def test_the_four_sets_differ_in_two_settings(graph: Path, tmp_path: Path) -> None:
    """Seed, size and all else are the same; the table has their measures and the paper's; again, nothing is made."""
    (tmp_path / "my.yaml").write_text("plan: {attempts: 2}\n")
    words = ("-n", 8, "--seed", 3, "--graph", graph, "-o", tmp_path / "out", "--config", tmp_path / "my.yaml")
    done = ablation(*words)
    assert done.returncode == 0, done.stderr
    made = [identity(tmp_path / "out" / name) for name in SETS]
    assert [one["seed"] for one in made] == [3] * 4
    configs = [one["config"] for one in made]
    assert [one["plan"].pop("mode") for one in configs] == ["plan", "none", "plan", "none"]
    assert [one["sample"].pop("mode") == {"random": 1.0} for one in configs] == [False, False, True, True]
    assert all(one == configs[0] and one["plan"]["attempts"] == 2 for one in configs)
    table = rows(done)
    assert table["full"] == ["no plan", "no graph", "neither", *(f"paper: {n.replace('-', ' ')}" for n in SETS)]
    assert table["dialogues"][:4] == ["8"] * 4
    assert table["tool turns of several steps"][1] == table["tool turns of several steps"][3] == "0.0%"
    assert table["SS"][4:] == ["63.36", "62.03", "61.72", "58.65"]
    assert table["EnR"] == ["–"] * 4 + ["47.30", "32.10", "48.10", "35.40"]
    directions = done.stdout.split("\n\n")[1].splitlines()
    assert [line.split(":")[0] for line in directions] == ["H, no graph", "D-3, no graph", "SS, no plan"]
    before = (tmp_path / "out" / "full" / KEPT).read_bytes()
    again = ablation(*words)
    assert again.stdout == done.stdout and again.stderr.count("nothing to do") == 4
    assert (tmp_path / "out" / "full" / KEPT).read_bytes() == before


def test_models_make_and_judge(graph: Path, tmp_path: Path) -> None:
    """The llm cast acts the sets out, and a judge's scores stand in the table."""
    with served(Endpoint()) as endpoint:
        words = ("-n", 2, "--graph", graph, "--model", "maker", "--judge", "judge", "--base-url", endpoint.url)
        done = ablation(*words, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {identity(tmp_path / "out" / name)["cast"] for name in SETS} == {"llm"}
    assert {body["model"] for role, body in endpoint.requests if role == "judge"} == {"judge"}
    table = rows(done)
    for label in ("NAT", "COH", "HELP", "ACC"):
        means, margins = zip(*(map(float, cell.split(" ± ")) for cell in table[label][:4]), strict=True)
        assert all(1 <= mean <= 5 for mean in means) and all(0 <= one < 20 for one in margins)
    assert "COH, no plan: " in done.stdout


@pytest.mark.parametrize(
    ("wrong", "code"), [(["--config", "none"], 2), (["--graph", "none.graph"], 2), (["--base-url", "x"], 2)]
)
def test_a_mistake_is_told(wrong: list[str], code: int, tmp_path: Path) -> None:
    """No traceback."""
    done = ablation("-n", 1, "-o", tmp_path / "out", "--model", "m", *wrong)
    assert done.returncode == code
    assert "error: " in done.stderr and "Traceback" not in done.stderr
