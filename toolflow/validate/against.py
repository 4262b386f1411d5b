"""Decontamination: what a dialogue shares with the benchmarks that a model will be judged by (paper §8).

`Benchmark` reads any JSON or JSON lines; everything in them counts: texts, tools, calls. A word is contaminated when it
lies in a run of `RUN` words or more that the benchmark has as well; a tool is leaked when more than `LEAKED` of the
words of its definition are, or when the cosine of its name and description to those of a tool of the benchmark is
above `NEAREST`. These bounds are the paper's. Ours: words stand for tokens; a message with one contaminated word
rejects its dialogue, and so do exactly the calls of a benchmark's example; what the settings allow (phrases of `RUN`
words and more, names of tools) is passed over.

Memory holds the benchmark (8 bytes for each of its words), never the set that is checked.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from toolflow.conformance import nests_deeper
from toolflow.errors import ConfigError
from toolflow.heard import fold
from toolflow.languages import WORD
from toolflow.validate.finding import Finding
from toolflow.validate.jsonl import check_readable, opened
from toolflow.validate.reading import Call, Dialogue, function_of, read
from toolflow.validate.rules import MAX_RECORD_DEPTH

RUN = 11
"""Words: a shared run longer than ten."""
LEAKED = 0.1
NEAREST = 0.9
MAX_BYTES = 1_000_000_000
"""A benchmark file with more is refused."""

Runs = npt.NDArray[np.uint64]
Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Texts to unit vectors, one in each row, as `toolflow.encoder.Encoder.encode` does."""

_WORD = re.compile(WORD)


class Benchmark:
    """The files that a set must have nothing of."""

    def __init__(self, files: Sequence[Path], allowed: Sequence[str] = (), encode: Encode | None = None) -> None:
        """Read them; without what may ``encode`` them, tools are compared by their words alone. `ConfigError` when a
        file cannot be read."""
        self._read: list[Runs] = []
        self._calls: dict[bytes, str] = {}
        self._tools: dict[str, str] = {}
        self._names = {fold(name) for name in allowed}
        self._judged: dict[str, Finding | None] = {}
        check_readable(files, "compare with")
        for path in files:
            for value in _values(path):
                self._take(value, path.name)
        mine = [run for phrase in allowed for run in _hashes(_words(phrase)).tolist()]
        self._runs = np.setdiff1d(np.concatenate([np.empty(0, np.uint64), *self._read]), np.array(mine, np.uint64))
        self._read = []
        self._encode = encode
        self._vectors = encode(list(self._tools)) if encode is not None and self._tools else None

    def _take(self, value: Any, name: str) -> None:
        stack = [value]
        while stack:
            part = stack.pop()
            if isinstance(part, str):
                self._read.append(_hashes(_words(part)))
            elif isinstance(part, list):
                stack += part
            elif isinstance(part, dict):
                told = _is_tool(part) or isinstance(part.get("messages"), list)
                bearable = told and not nests_deeper(part, MAX_RECORD_DEPTH)
                if bearable and _is_tool(part):
                    self._read.append(_hashes(_words(_definition(part))))
                    self._tools.setdefault(_meaning(part), str(part["name"]))
                if bearable and isinstance(part.get("messages"), list) and (calls := read(part).calls):
                    self._calls.setdefault(_signature(calls), str(part.get("id", name)))
                stack += part.values()

    def shares(self, dialogue: Dialogue) -> Iterator[tuple[str, Finding]]:
        """(rule, finding) for what a dialogue has of the benchmark."""
        if dialogue.calls and (found := self._calls.get(_signature(dialogue.calls))) is not None:
            yield "benchmark-calls", Finding("", f"makes exactly the calls of {found}")
        for message in dialogue.messages:
            words = _words(message.text)
            shared = self._shared(words)
            if shared:
                run = " ".join(words[shared[0] : shared[0] + RUN])
                yield "contaminated", Finding(f"{message.where}.content", f"says what the benchmark says: {run!r}")
        tools = dialogue.record.get("tools")
        for number, tool in enumerate(tools if isinstance(tools, list) else ()):
            function = function_of(tool)
            if function is not None and _is_tool(function) and fold(function["name"]) not in self._names:
                finding = self._leak(function)
                if finding is not None:
                    yield "leaked-tool", Finding(f"tools[{number}]", finding.why)

    def _shared(self, words: Sequence[str]) -> list[int]:
        """Where the runs begin that the benchmark has as well."""
        runs = _hashes(words)
        if not len(runs) or not len(self._runs):
            return []
        places = np.searchsorted(self._runs, runs).clip(max=len(self._runs) - 1)
        return np.flatnonzero(self._runs[places] == runs).tolist()

    def _leak(self, function: dict[str, Any]) -> Finding | None:
        """Whether a tool is one of the benchmark's; each is looked at once."""
        definition = _definition(function)
        if definition not in self._judged:
            self._judged[definition] = self._judge(function, _words(definition))
        return self._judged[definition]

    def _judge(self, function: dict[str, Any], words: Sequence[str]) -> Finding | None:
        inside = {at + step for at in self._shared(words) for step in range(RUN)}
        if words and len(inside) > LEAKED * len(words):
            return Finding("", f"{function['name']!r}: {len(inside) / len(words):.0%} of its words are the benchmark's")
        if self._encode is None or self._vectors is None:
            return None
        near = self._vectors @ self._encode([_meaning(function)])[0]
        best = int(np.argmax(near))
        if near[best] <= NEAREST:
            return None
        named = list(self._tools.values())[best]
        return Finding("", f"{function['name']!r}: means what {named!r} of the benchmark means ({near[best]:.2f})")


def _values(path: Path) -> Iterator[Any]:
    """The JSON values of a file: one for each line, or the one that the file is."""
    with opened(path) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: holds more than {MAX_BYTES:,} bytes")
    try:
        yield orjson.loads(content)
        return
    except orjson.JSONDecodeError:
        pass
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise ConfigError(f"{path}:{number}: neither JSON nor JSON lines: {error}") from None


def _is_tool(value: dict[str, Any]) -> bool:
    return isinstance(value.get("name"), str) and isinstance(value.get("parameters"), dict)


def _definition(function: dict[str, Any]) -> str:
    """A tool as JSON, without what others may have added to it."""
    known = {name: function[name] for name in ("name", "description", "parameters") if name in function}
    return json.dumps(known, ensure_ascii=False)


def _meaning(function: dict[str, Any]) -> str:
    return f"{function['name']}: {function.get('description') or ''}"


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _hashes(words: Sequence[str]) -> Runs:
    """A number for each run of `RUN` words: a rolling sum of the words' own numbers, mixed by place."""
    if len(words) < RUN:
        return np.empty(0, np.uint64)
    numbers = np.array([_number(word) for word in words], np.uint64)
    runs = np.zeros(len(words) - RUN + 1, np.uint64)
    for step in range(RUN):
        runs = runs * np.uint64(0x9E3779B97F4A7C15) + numbers[step : len(numbers) - RUN + 1 + step]
    return runs


def _number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest(), "big")


def _signature(calls: Sequence[Call]) -> bytes:
    made = json.dumps([[call.name, call.arguments] for call in calls], sort_keys=True)
    return hashlib.blake2b(made.encode(errors="replace"), digest_size=16).digest()
