"""What is installed is whole: the wheel works from any folder, outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


def build(target: str, source: Path, out: Path) -> Path:
    """Build a wheel or an sdist with the build backend that is installed here."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a fresh environment with the wheel, and beside it what this one has installed, but no checkout."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    # A path file in a folder that a path file names is not read, so the editable checkout stays out.
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n" + sysconfig.get_path("platlib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    return folder / "bin"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command of the fresh environment prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPENAI_"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_the_data(wheel: Path) -> None:
    """Catalog, configs, prompts, vocabulary and its notice; neither tests nor scripts."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, pattern in (("tools", "*.jsonl"), ("configs", "*.yaml")):
        expected = {f"toolflow/{folder}/{path.name}" for path in (ROOT / folder).glob(pattern)}
        assert expected
        assert expected <= names
    for folder in ("prompts", "encoder_data"):
        expected = {f"toolflow/{folder}/{path.name}" for path in (ROOT / "toolflow" / folder).iterdir()}
        assert expected - {f"toolflow/{folder}/__pycache__"} <= names
    assert {"toolflow/py.typed", "toolflow/prompts", "LICENSE"} & {name.split("/licenses/")[-1] for name in names}
    assert {name.split("/")[0].split("-")[0] for name in names} == {"toolflow"}


def test_an_sdist_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """Whoever builds from the source archive gets all of it."""
    archive = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as source:
        source.extractall(tmp_path / "source", filter="data")
    (unpacked,) = (tmp_path / "source").iterdir()
    again = build("wheel", unpacked, tmp_path / "wheel")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_the_installed_program_runs_anywhere(installed: Path, tmp_path: Path) -> None:
    """Help, two dialogues from the packaged catalog, their validation; with a packaged config too."""
    place = run(installed / "python", "-c", "import toolflow; print(toolflow.__file__)", cwd=tmp_path)
    assert Path(place.strip()).is_relative_to(installed.parent)
    assert "synthesize" in run(installed / "toolflow", "--help", cwd=tmp_path)
    run(installed / "toolflow", "synthesize", "-n", "2", "-o", "run", cwd=tmp_path)
    assert (tmp_path / "run" / "dialogues.jsonl").read_bytes().count(b"\n") == 2
    run(installed / "toolflow", "validate", "run/dialogues.jsonl", cwd=tmp_path)
    tools = installed.parent.glob("lib/python*/site-packages/toolflow/tools/weather.jsonl")
    run(installed / "toolflow", "build-graph", *tools, "-o", "g", "--config", "paper", cwd=tmp_path)


def test_the_installed_prompts_are_found(installed: Path, tmp_path: Path) -> None:
    """The llm cast reads its prompt files from the package."""
    program = (
        "from random import Random; from toolflow.config import LLMConfig; from toolflow.llm import make_llm_cast;"
        "print(len(make_llm_cast('m', None, 'k', LLMConfig())(Random(0)).prompts))"
    )
    assert int(run(installed / "python", "-c", program, cwd=tmp_path)) == 4
