"""The README tells the truth: its commands run, its files exist, its map is whole."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.endpoint import Endpoint, served

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith("$ ")
]


def test_every_command_runs(tmp_path: Path) -> None:
    """In the order of the README, in an empty folder, with a loopback endpoint where a model is asked."""
    assert len(COMMANDS) >= 5
    (tmp_path / "toolflow").write_text(f'#!/bin/sh\nexec {sys.executable} -m toolflow "$@"\n')
    (tmp_path / "toolflow").chmod(0o755)
    with served(Endpoint(key="secret")) as endpoint:
        environment = os.environ | {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "OPENAI_API_KEY": "secret",
            "OPENAI_BASE_URL": endpoint.url,
        }
        for command in COMMANDS:
            if command.startswith("pip install"):
                continue  # tests/test_wheel.py installs
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}: {done.stderr}"
    assert (tmp_path / "run" / "dialogues.jsonl").read_bytes().count(b"\n") == 100


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:toolflow|tools|configs|scripts|\.ci)/[\w./-]*)`", README)))
)
def test_every_path_exists(path: str) -> None:
    """Files and folders that the README names."""
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_every_link_leads_somewhere(target: str) -> None:
    """Links inside the repository."""
    assert (ROOT / target).exists()


def test_the_exit_codes_and_files_are_named() -> None:
    """What others rely on stands in the README."""
    for name in ("dialogues.jsonl", "rejected.jsonl", "run.json", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        assert f"`{name}`" in README
