#!/usr/bin/env python3
"""The llm cast against a real server with a tiny model; called by scripts/wire, which installs both.

Asks every role a prepared question, with all that the server supports and in words alone, then runs
`toolflow synthesize` until some attempts are done, and checks that every request was taken, every answer read,
every attempt ended as a kept dialogue or as a reject with its reason, and that run.json counts what was served.
Exits with 1 when a check fails.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.endpoint import served
from tests.wire_roles import CONFIG, QUESTIONS, WORDS_ONLY, put
from tests.wire_server import Exchange, Relay, real_server, served_tokens

SETTINGS = """\
mix: {kinds: {single: 0.5, chat: 0.5}, requests: {2: 1}, tools: {2: 1}}
sample: {distractors: {0: 1}}
plan: {attempts: 1}
llm: {max_tokens: 160, temperature: 0.3, timeout: 300, reasks: 1, cache: false}
"""
IN_WORDS = ("user", "assistant", "tool")
LONGEST = 600
"""Seconds for the attempts; those that are done by then are checked."""


def main() -> None:
    """Print the table and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=4, help="dialogues to try (4)")
    options = parser.parse_args()
    faults: list[str] = []
    with real_server() as address, served(Relay(address)) as relay, tempfile.TemporaryDirectory() as folder:
        print(f"{'question':24}{'asked as':34}{'seconds':>8}{'tokens':>8}  outcome")
        for question in QUESTIONS:
            faults += asked(question, relay, in_words=False)
        for question in IN_WORDS:
            faults += asked(question, relay, in_words=True)
        sums = tuple(sum(e.usage[f"{kind}_tokens"] for e in relay.exchanges) for kind in ("prompt", "completion"))
        if served_tokens(address) != sums:
            faults.append(f"the server counts {served_tokens(address)} tokens, its answers told of {sums}")
        before = len(relay.exchanges)
        synthesized(relay, Path(folder), options.attempts)
        faults += compared(Path(folder) / "run", relay.exchanges[before:])
    print(*(f"FAULT {fault}" for fault in faults), f"{len(faults)} faults", sep="\n")
    sys.exit(1 if faults else 0)


def asked(question: str, relay: Relay, *, in_words: bool) -> list[str]:
    """Ask one question and print its line; what went wrong on the wire."""
    before, began = len(relay.exchanges), time.monotonic()
    outcome = put(question, relay.url, WORDS_ONLY if in_words else CONFIG)
    exchanges = relay.exchanges[before:]
    forms = ", ".join(exchange.form for exchange in exchanges)
    tokens = sum(exchange.usage["completion_tokens"] for exchange in exchanges if exchange.status == 200)
    result = "answered" if not outcome.reason else f"set aside: {outcome.reason}"
    print(f"{question:24}{forms:34}{time.monotonic() - began:8.1f}{tokens:8}  {result[:110]}", flush=True)
    faults = refused(exchanges)
    return faults + ([] if faults else differences(question, outcome.usage.by_role, exchanges))


def differences(place: str, told: dict[str, dict[str, int]], exchanges: Sequence[Exchange]) -> list[str]:
    """Where an account of calls and tokens by role is not what the server told."""
    served: dict[str, Counter[str]] = {}
    for exchange in exchanges:
        role = served.setdefault(exchange.role, Counter())
        role["calls"] += 1
        role["prompt_tokens"] += exchange.usage["prompt_tokens"]
        role["completion_tokens"] += exchange.usage["completion_tokens"]
    ours = {role: {name: account.get(name, 0) for name in served.get(role, ())} for role, account in told.items()}
    if ours == served and not any("failed" in account for account in told.values()):
        return []
    return [f"{place}: counted {told}, served {served}"]


def refused(exchanges: Sequence[Exchange]) -> list[str]:
    """Requests that the server did not take: with this server and model, none has to be."""
    return [f"{e.role} as {e.form}: {e.status} {str(e.reply)[:300]}" for e in exchanges if e.status != 200]


def synthesized(relay: Relay, folder: Path, attempts: int) -> None:
    """Run until so many attempts are done, one after the other, and stop the run as a person would."""
    (folder / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "toolflow", "synthesize", "-n", str(attempts), "-o", str(folder / "run")]
    command += ["--config", str(folder / "settings.yaml"), "--model", "smollm2", "--base-url", relay.url]
    began = time.monotonic()
    run = subprocess.Popen([*command, "--concurrency", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while run.poll() is None and time.monotonic() - began < LONGEST and len(records(folder / "run")) < attempts:
            time.sleep(0.1)
        if run.poll() is None:
            run.send_signal(signal.SIGINT)
        run.wait(60)
    finally:
        run.kill()
    print(f"toolflow synthesize: {time.monotonic() - began:.0f} s, exit status {run.returncode}")


def records(run: Path) -> list[dict[str, Any]]:
    """Kept and rejected ones; a line that is still being written is none yet."""
    lines: list[str] = []
    for name in ("dialogues.jsonl", "rejected.jsonl"):
        if (run / name).exists():
            text = (run / name).read_text(encoding="utf-8")
            lines += text[: text.rfind("\n") + 1].splitlines()
    return [json.loads(line) for line in lines]


def compared(run: Path, exchanges: list[Exchange]) -> list[str]:
    """Print what became of the attempts; where run.json and the server disagree.

    Attempts went one after the other, so the first exchanges belong to the finished ones and the rest to the
    one that was abandoned at the stop.
    """
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    done = records(run)
    for record in done:
        wrong = [verdict for verdict in record["meta"]["verdicts"] if verdict["severity"] == "error"]
        why = f"rejected: {wrong[0]['rule']}: {wrong[0]['why']}" if wrong else "kept"
        print(f"  {record['id']:16}{len(record['messages']):3} messages  {why[:120]}")
    faults = refused(exchanges)
    counts = manifest["counts"]
    calls = sum(account["calls"] for account in counts["usage"].values())
    if not faults:
        faults += differences("run.json", counts["usage"], exchanges[:calls])
    if not done or counts["draws"] != len(done):
        faults.append(f"run.json says {counts['draws']} attempts, there are {len(done)}")
    if counts["reasons"].get("internal-error"):
        faults.append("a bug of ours came to light; run the same with -v")
    print(f"  run.json: {calls} calls of {len(exchanges)} served; any more are of the attempt under way at the stop")
    return faults


main()
