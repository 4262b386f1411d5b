"""Keys stay where they belong: a whole run against an endpoint that repeats them, and then every file is searched."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from tests.conftest import ROOT
from tests.endpoint import Endpoint, odds, served
from toolflow.catalog import packaged_tools
from toolflow.cli import run
from toolflow.llm.answer_store import NAME
from toolflow.records import KEPT, MANIFEST, REJECTED

RUN_KEY = "sk-run/Very+Secret=0123456789abcdef"
MEMBER_KEY = "sk-member/Very+Secret=fedcba9876543210"
PASSWORD = "hunter2-very-secret"

BUGGY = """
import asyncio, functools, os, sys
import toolflow.cli.casting, toolflow.making
from toolflow.cli import run

async def no_wait(seconds):
    await asyncio.sleep(0)

make = toolflow.cli.casting.make_llm_cast
toolflow.cli.casting.make_llm_cast = functools.partial(make, sleep=no_wait)

check = toolflow.making.check
checked = []

def buggy(record, config):
    checked.append(record)
    key = os.environ["MEMBER_KEY"]  # in the frame that the traceback shows
    if len(checked) % 2 == 0:
        raise KeyError("a bug of ours")
    if len(checked) == int(sys.argv[1]):
        os._exit(9)
    return check(record, config)

toolflow.making.check = buggy
sys.exit(run(sys.argv[2:]))
"""
"""The program with a bug in every second record, and killed from inside at the n-th."""


def forms(key: str) -> set[bytes]:
    """What a key may look like in a file: plain, quoted for URLs, base64 at any offset, its halves exchanged."""
    half = len(key) // 2
    texts = {key, quote(key), quote(key, safe=""), key[half:] + key[:half], key[::-1], json.dumps(key)[1:-1]}
    found = {text.encode() for text in texts}
    for before in range(3):
        coded = base64.b64encode(b"x" * before + key.encode())
        found.add(coded[4:-4])  # without what depends on its neighbours
    found.add(base64.urlsafe_b64encode(key.encode()).rstrip(b"="))
    return found | {key[:half].encode(), key[half:].encode()}


def found_in(contents: dict[str, bytes]) -> list[str]:
    """Where a secret stands."""
    secrets = forms(RUN_KEY) | forms(MEMBER_KEY) | forms(PASSWORD) | {base64.b64encode(f"me:{PASSWORD}".encode())}
    return [name for name, content in contents.items() if any(secret in content for secret in secrets)]


def test_the_search_finds_what_it_looks_for() -> None:
    """A test that could not fail would be worth nothing."""
    coded = base64.b64encode(f"Bearer {RUN_KEY}".encode())
    for hidden in (f"Bearer {RUN_KEY}".encode(), coded, quote(MEMBER_KEY).encode(), RUN_KEY[-20:].encode()):
        assert found_in({"x": b"abc" + hidden + b"xyz"}) == ["x"]


def test_no_key_is_written_anywhere(tmp_path: Path) -> None:
    """Two keys and a password in the address; errors that repeat them, rejects, cache, bugs, a kill, every log."""
    work = tmp_path / "work"
    work.mkdir()
    graph = work / "tools.graph"
    assert run(["build-graph", str(packaged_tools() / "flights.jsonl"), "-o", str(graph)]) == 0
    secrets = {"OPENAI_API_KEY": RUN_KEY, "MEMBER_KEY": MEMBER_KEY}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    environment |= {"TOOLFLOW_CACHE": str(work / "cache"), "OPENAI_LOG": "debug", "PYTHONPATH": str(ROOT), **secrets}
    (tmp_path / "key").write_text(f"{RUN_KEY}\n")
    (tmp_path / "key").chmod(0o644)
    from_file = {"OPENAI_API_KEY": "", "OPENAI_API_KEY_FILE": str(tmp_path / "key")}
    faults = odds({"429": 0.05, "500": 0.05, "drop": 0.03, "broken": 0.1, "too_long": 0.02, "length": 0.05}, seed=5)
    outcomes = []
    with served(Endpoint(faults, key=RUN_KEY, echo=True)) as first, served(Endpoint(key=MEMBER_KEY)) as second:
        second.brain, second.echo, second.faults = first.brain, True, faults
        member = {"model": "b", "base_url": second.url, "key_env": "MEMBER_KEY"}
        llm = {"models": {"user": ["a", member], "assistant": [member]}, "reasks": 1}
        (work / "my.yaml").write_text(json.dumps({"llm": llm}))
        command = [
            *("synthesize", "-n", "4", "--graph", str(graph), "-o", str(work / "run"), "--json", "-vv", "--seed", "3"),
            *("--model", "a", "--config", str(work / "my.yaml"), "--concurrency", "3", "--base-url", first.url),
        ]

        def start(kill_at: int, *options: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
            program = [sys.executable, "-c", BUGGY, str(kill_at), *command, *options]
            done = subprocess.run(program, env=environment | changes, capture_output=True, check=False)
            outcomes.append(done.stdout + done.stderr)
            return done

        assert start(3).returncode == 9
        continued = start(-1, **from_file)
        assert continued.returncode == 0
        assert b"OPENAI_API_KEY_FILE: everybody" in continued.stderr
        wrong = start(-1, "-n", "30", MEMBER_KEY=f"{MEMBER_KEY[:-1]}x")
        assert wrong.returncode == 1
        assert b"MEMBER_KEY" in wrong.stderr
        address = first.url.replace("http://", f"http://me:{PASSWORD}@")
        sent_otherwise = start(-1, "-n", "30", "--base-url", address, "-o", str(work / "run2"))
        assert b"refuses the key" in sent_otherwise.stderr  # a password in the address takes the key's place
        asked = [headers["Authorization"] for endpoint in (first, second) for headers in endpoint.headers]
        assert {f"Bearer {RUN_KEY}", f"Bearer {MEMBER_KEY}"} <= set(asked)
        assert first.met["429"] + second.met["429"] > 0

    files = {str(path.relative_to(work)): path.read_bytes() for path in work.rglob("*") if path.is_file()}
    assert {f"run/{name}" for name in (KEPT, REJECTED, MANIFEST)} | {f"cache/{NAME}"} <= files.keys()
    assert b"internal-error" in files[f"run/{REJECTED}"]
    assert b'"history"' in files[f"run/{REJECTED}"]
    assert b"Traceback" in b"".join(outcomes)
    files |= {f"output {number}": output for number, output in enumerate(outcomes)}
    assert found_in(files) == []
    assert str(tmp_path / "key").encode() not in b"".join(files.values())
