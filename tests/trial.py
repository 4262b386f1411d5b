"""A whole run against an endpoint with bad days, and what must hold after it.

A `Ground` has the tools, the folder and the size; a `Trial` is one run folder, one cache and one endpoint
(`tests.till`), and the command again and again, each time as a process of its own.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from tests.endpoint import Faults, never, served
from tests.forked import Running
from tests.till import Till
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import Config
from toolflow.records import KEPT, MANIFEST, REJECTED, Manifest
from toolflow.schema import Draw, Record, Tool

PRICES = {"input": 2.0, "output": 8.0}
"""US dollars for a million tokens."""
ROUNDED = 1e-5
"""Dollars in run.json are rounded."""
KEYS = ("sk-first-0123456789abcdef", "sk-second-0123456789abcdef")


@dataclass(frozen=True)
class Size:
    """How long the scenarios are."""

    dialogues: int = 12
    concurrency: int = 6
    """Dialogues at once."""
    latency: float = 0.01
    """Seconds of every answer."""
    spell: float = 2.0
    """Seconds of a bad spell: a minute at full length."""
    kills: int = 20
    timeout: float = 1.5
    """Seconds after which an answer that only trickles is given up."""
    wait: float = 0.05
    """Seconds that a 429 asks to wait."""
    deadline: float = 120.0
    """Seconds after which a run that does not end is a failure."""


SMALL = Size()
FULL = Size(dialogues=100, concurrency=16, latency=0.1, spell=60.0, kills=20, timeout=5.0, wait=0.5, deadline=1800.0)


class Ground:
    """Where trials take place: a folder, a small tool graph, and the run that nothing disturbed."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder, self.size = folder, size
        self.graph = folder / "tools.graph"
        sources = [packaged_tools() / f"{name}.jsonl" for name in ("flights", "hotels")]
        arguments = ["build-graph", *map(str, sources), "-o", str(self.graph)]
        process = Running(arguments, os.environ, folder / "out", folder / "err")
        process.wait(size.deadline)
        assert process.code == 0, (folder / "err").read_text()
        self.tools: Sequence[Tool] = read_catalog(sources, Config().catalog).tools

    @cached_property
    def undisturbed(self) -> "Trial":
        """A run without faults."""
        with Trial(self, "undisturbed") as trial:
            trial.finishes()
        assert set(trial.till.answered.values()) == {1}
        assert trial.till.count("answered") == len(trial.till.book)
        return trial


class Trial:
    """One run folder, one cache and one endpoint, and the command again and again."""

    def __init__(
        self, ground: Ground, name: str, faults: Faults = never, *, llm: dict[str, Any] | None = None, **till: Any
    ) -> None:
        self.ground, self.name, self.size = ground, name, ground.size
        self.home = ground.folder / name.replace(" ", "-")
        self.home.mkdir()
        self.out = self.home / "run"
        self.till = Till(faults, tools=ground.tools, latency=self.size.latency, patience=self.size.wait, **till)
        self.stops: list[int] = []
        """How many requests there had been each time the run ended before its end."""
        self.seconds = 0.0
        self._served = ExitStack()
        llm = {"timeout": self.size.timeout * 4, "retries": 12, **(llm or {})}
        (self.home / "faults.yaml").write_text(yaml.safe_dump({"llm": llm}))
        listed = {"as_of": date(2026, 1, 1), "source": "made up", "models": {"m": PRICES}}
        prices = {"format": "toolflow-prices/1", "endpoints": {"127.0.0.1": listed}}
        (self.home / "prices.yaml").write_text(yaml.safe_dump(prices))

    def __enter__(self) -> "Trial":
        self._served.enter_context(served(self.till))
        return self

    def __exit__(self, *error: object) -> None:
        self._served.close()

    def start(self, *options: str, key: str | None = None) -> Running:
        """The command, running."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
        environment |= {"TOOLFLOW_CACHE": str(self.home / "cache")} | ({"OPENAI_API_KEY": key} if key else {})
        arguments = [
            *("synthesize", "-n", str(self.size.dialogues), "--graph", str(self.ground.graph), "-o", str(self.out)),
            *("--model", "m", "--base-url", self.till.url, "--concurrency", str(self.size.concurrency)),
            *("--config", str(self.home / "faults.yaml"), "--prices", str(self.home / "prices.yaml"), *options),
        ]
        for name in ("out", "err"):
            (self.home / name).unlink(missing_ok=True)
        return Running(arguments, environment, self.home / "out", self.home / "err")

    def go(self, *options: str, key: str | None = None, stop_after: int | None = None) -> int | None:
        """The command to its end, its exit code; ``stop_after``: it is told to stop after so many answers."""
        began = time.monotonic()
        process = self.start(*options, key=key)
        if stop_after is not None:
            process.wait(self.size.deadline, lambda: len(self.till.answered) >= stop_after)
            process.send(signal.SIGTERM)
        process.wait(self.size.deadline)
        self.seconds += time.monotonic() - began
        assert "Traceback" not in self.said, self.said
        return process.code

    @property
    def said(self) -> str:
        """What the last command wrote on stderr."""
        return (self.home / "err").read_text()

    @property
    def manifest(self) -> Manifest:
        return Manifest.model_validate_json((self.out / MANIFEST).read_bytes())

    @property
    def usage(self) -> Counter[str]:
        """The account in run.json, over all roles."""
        counted: Counter[str] = Counter()
        for account in self.manifest.counts["usage"].values():
            counted.update(account)
        return counted

    def finishes(self, *options: str, key: str | None = None) -> None:
        """The command ends well and leaves exactly the dialogues asked for."""
        code = self.go(*options, key=key)
        assert code == 0, (code, self.said)
        assert (self.manifest.status, self.manifest.why) == ("finished", None)
        assert len(self.records(KEPT)) == self.size.dialogues
        self.is_sound()

    def stops_with(self, *words: str, options: Sequence[str] = (), **how: Any) -> None:
        """The command ends with exit code 1, says why in its last line and in run.json, and keeps what there is."""
        code = self.go(*options, **how)
        self.stops.append(len(self.till.book))
        assert code == 1, (code, self.said)
        last = self.said.splitlines()[-1]
        assert last.startswith("error: ") and self.said.count("error: ") == 1, self.said
        assert not [word for word in words if word not in last], last
        assert self.manifest.status == "stopped"
        assert self.manifest.why and self.manifest.why in last, (self.manifest.why, last)
        assert len(self.records(KEPT)) < self.size.dialogues
        self.is_sound()

    def records(self, name: str) -> list[Record]:
        """Every line of a file; each is whole."""
        content = (self.out / name).read_bytes()
        assert not content or content.endswith(b"\n"), content[-200:]
        return [Record.model_validate_json(line) for line in content.splitlines()]

    def is_sound(self) -> None:
        """No record torn, in the wrong file or there twice; run.json counts what stands in the files."""
        kept, rejected = self.records(KEPT), self.records(REJECTED)
        assert all(record.kept for record in kept) and not any(record.kept for record in rejected)
        for one in ("id", "draw"):
            found = [record.id if one == "id" else record.draw for record in kept + rejected]
            assert len(set(found)) == len(found), Counter(found).most_common(3)
        counts = self.manifest.counts
        assert (counts["draws"], counts["kept"], counts["rejected"]) == (
            len(kept + rejected),
            len(kept),
            len(rejected),
        )
        assert sum(counts["reasons"].values()) == len(rejected)
        written = b"".join(path.read_bytes() for path in self.home.rglob("*") if path.is_file())
        assert not [key for key in KEYS if key.encode() in written]

    def dialogues(self) -> dict[Draw, Any]:
        """What was written, by draw, without what it cost."""
        return {
            record.draw: record.model_dump(mode="json", exclude={"meta": {"usage"}})
            for record in self.records(KEPT) + self.records(REJECTED)
        }

    def is_as_undisturbed(self) -> None:
        """The same dialogues and rejects, from the same questions."""
        assert self.dialogues() == self.ground.undisturbed.dialogues()
        assert set(self.till.answered) == set(self.ground.undisturbed.till.answered)

    def paid_once(self, lost: int = 0, *, killed: bool = False) -> None:
        """Every question was answered once, and ``lost`` answers went astray, however often the run was stopped. Each
        time it was killed, a question of every dialogue under way may have been asked in vain besides, and none
        further back."""
        book, answered = self.till.book, self.till.answered
        in_vain = answered.total() - len(answered) + self.till.count("lost") - lost
        assert not self.till.count("open")
        assert in_vain >= 0 if killed else in_vain == 0, (in_vain, self.stops)
        for stop, following in pairwise([*self.stops, len(book)]):
            before = {entry.question for entry in book[:stop] if entry.end in ("answered", "lost")}
            again = before & {entry.question for entry in book[stop:following]}
            assert len(again) <= self.size.concurrency, (stop, len(again))

    def counted_truly(self, unseen: int = 0) -> None:
        """A run in one piece counts every answer, token and failure as the endpoint does, and knows what it cost;
        up to so many attempts may have been lost ``unseen`` by the endpoint, besides those that nobody took."""
        book, usage = self.till.book, self.usage
        whole = [entry for entry in book if entry.end == "answered"]
        assert usage["calls"] == len(whole)
        assert usage["prompt_tokens"] == sum(entry.prompt for entry in whole)
        assert usage["completion_tokens"] == sum(entry.completion for entry in whole)
        failed = len(book) - len(whole)
        assert usage["failed"] == failed or (unseen and usage["failed"] > failed), (usage, failed)
        lost = self.till.count("lost")
        assert lost <= usage["lost"] <= lost + unseen, (usage, lost)
        by_role = {role: account["calls"] for role, account in self.manifest.counts["usage"].items()}
        assert by_role == Counter(entry.role for entry in whole)
        assert abs(self.spent[0] - self.till.bill("answered", **PRICES)) < ROUNDED, self.spent
        self.accounted_for(unseen)

    @property
    def spent(self) -> tuple[float, float]:
        """What run.json says that the run cost, and what perhaps besides."""
        total = self.manifest.spending["total"]
        return total["usd"], total["possibly_usd"]

    def accounted_for(self, unseen: int = 0) -> None:
        """However often the run was stopped or killed: nothing that was billed is missing in run.json, and nothing
        is there that was not, but for an attempt of each dialogue under way at each kill that was never sent, and
        those that were lost ``unseen``."""
        paid = self.till.count("answered") + self.till.count("lost")
        noted = self.usage["calls"] + self.usage["lost"]
        assert self.usage["calls"] <= self.till.count("answered")
        assert paid <= noted <= paid + len(self.stops) * self.size.concurrency + unseen, (paid, self.usage)
        sure, possible = self.spent
        bill = self.till.bill("answered", "lost", **PRICES)
        assert sure <= bill + ROUNDED and bill <= sure + possible + ROUNDED, (sure, bill, possible)
