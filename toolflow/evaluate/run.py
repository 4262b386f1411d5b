"""Reads a file of dialogues and takes every measure; memory holds the sample and what is distinct, not the file.

The sample is drawn by the hash of seed and line, so that it does not depend on the order of lines and is the
same every time. Ours: 200 dialogues, the number the paper's judge saw.
"""

import hashlib
import heapq
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from toolflow.config import ValidateConfig
from toolflow.encoder import Encoder
from toolflow.errors import ConfigError
from toolflow.evaluate.measures import MEASURES, Counts
from toolflow.evaluate.words import rounds
from toolflow.validate import check
from toolflow.validate.lines import read_lines
from toolflow.validate.reading import Dialogue, read

SAMPLE = 200

Talk = list[tuple[str, str]]
"""(role, text) of what user and assistant said."""


@dataclass(frozen=True)
class Evaluation:
    """One data set, measured."""

    name: str
    values: dict[str, float | None]
    """By key of a `Measure`; None where it does not apply."""
    kinds: dict[str, float]
    """Share of each kind among the planned requests."""
    sample: int
    """Dialogues that the measures of wording were taken on."""
    unreadable: int
    """Lines that hold no dialogue; they count for nothing else."""

    def as_json(self) -> dict[str, Any]:
        """For programs; numbers to six digits."""
        values = {key: None if value is None else round(value, 6) for key, value in self.values.items()}
        kinds = {kind: round(share, 6) for kind, share in self.kinds.items()}
        return {"name": self.name, "sample": self.sample, "unreadable": self.unreadable, **values, "kinds": kinds}


def evaluate(
    path: Path,
    *,
    sample: int = SAMPLE,
    seed: int = 0,
    encoder: Encoder | None = None,
    edges: Collection[tuple[str, str]] | None = None,
    seen: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Measure the dialogues of a ``.jsonl`` or ``.jsonl.gz`` file; `ConfigError` when it holds none.

    ``encoder`` is needed for SS, ``edges`` (pairs of tool names, either order) for the share of edges used.
    ``seen`` is called for every line.
    """
    counts, unreadable = Counts(), 0
    sampled: list[tuple[int, int, Talk]] = []
    for number, line in read_lines(path):
        seen()
        dialogue = _dialogue(line)
        if dialogue is None:
            unreadable += 1
            continue
        counts.structure.add(dialogue, check(dialogue.record, ValidateConfig()))
        rank = int.from_bytes(hashlib.sha256(f"{seed}:".encode() + line).digest()[:8])
        entry = (-rank, number, _talk(dialogue))
        if len(sampled) < sample:
            heapq.heappush(sampled, entry)
        else:
            heapq.heappushpop(sampled, entry)
    if not counts.structure.dialogues:
        raise ConfigError(f"{path}: holds no dialogue with messages")
    talks = [talk for _, _, talk in sorted(sampled, key=lambda entry: entry[1])]
    _listen(counts, talks)
    if encoder is not None:
        counts.similarity = _similarity(talks, encoder)
    if edges is not None:
        known = {frozenset(pair) for pair in edges}
        counts.edges, counts.edges_of = len(known & {frozenset(pair) for pair in counts.structure.pairs}), len(known)
    requests = counts.structure.kinds.total()
    kinds = {kind: number / requests for kind, number in counts.structure.kinds.most_common()}
    values = {measure.key: measure.value(counts) for measure in MEASURES}
    return Evaluation(str(path), values, kinds, len(talks), unreadable)


def _dialogue(line: bytes) -> Dialogue | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("messages"), list):
        return None
    dialogue = read(record)
    return dialogue if dialogue.messages else None


def _talk(dialogue: Dialogue) -> Talk:
    spoken = (message for message in dialogue.messages if message.role in ("user", "assistant"))
    return [(message.role, message.text) for message in spoken if message.text.strip()]


def _listen(counts: Counts, talks: list[Talk]) -> None:
    for talk in talks:
        for role, text in talk:
            (counts.user if role == "user" else counts.assistant).add(text)
            counts.talk.add(text)


def _similarity(talks: list[Talk], encoder: Encoder) -> float | None:
    """SS: mean cosine of a request and the round before it."""
    pairs = [pair for talk in talks for pair in rounds(talk)]
    if not pairs:
        return None
    before = encoder.encode([one for one, _ in pairs])
    now = encoder.encode([other for _, other in pairs])
    return float(np.mean(np.sum(before * now, axis=1)))
