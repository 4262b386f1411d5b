"""Reads a file of dialogues and takes every measure; memory holds the sample and what is distinct, not the file.

The size of the sample is ours: 200 dialogues, the number the paper's judge saw.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from toolflow.config import ValidateConfig
from toolflow.encoder import Encoder
from toolflow.errors import ConfigError
from toolflow.evaluate.interval import Interval, interval
from toolflow.evaluate.judged import Judged
from toolflow.evaluate.measures import MEASURES, Counts
from toolflow.evaluate.nli import Entails
from toolflow.evaluate.sample import Drawn, Sample, Talk
from toolflow.evaluate.words import Round, rounds
from toolflow.graph import ToolGraph
from toolflow.validate import check
from toolflow.validate.formats import other_format
from toolflow.validate.jsonl import read_lines
from toolflow.validate.reading import Dialogue, read

SAMPLE = 200


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
    intervals: dict[str, Interval] = field(default_factory=dict)
    """By key, of what is a mean over the sample: SS, EnR, and what a judge said."""
    not_judged: int = 0
    """Questions to the judge without an answer that fits; they count for nothing else."""

    def as_json(self) -> dict[str, Any]:
        """For programs; numbers to six digits."""
        values = {key: None if value is None else round(value, 6) for key, value in self.values.items()}
        kinds = {kind: round(share, 6) for kind, share in self.kinds.items()}
        found: dict[str, Any] = {
            "name": self.name,
            "sample": self.sample,
            "unreadable": self.unreadable,
            **values,
            "kinds": kinds,
        }
        intervals = {key: _as_json(one) for key, one in self.intervals.items()}
        return found | {"intervals": intervals, "not_judged": self.not_judged}


def _as_json(found: Interval) -> dict[str, float | None]:
    margin = found.margin
    low, high = (None, None) if margin is None else (round(found.mean - margin, 6), round(found.mean + margin, 6))
    return {"low": low, "high": high, "n": found.size}


@dataclass
class Counted:
    """A file that was read: its counts, and the dialogues that a judge may be asked about."""

    name: str
    counts: Counts
    sample: int
    unreadable: int
    to_judge: list[Drawn]

    def evaluation(self, judged: Judged | None = None) -> Evaluation:
        """Every measure, those of a judge if there is one."""
        self.counts.judged = judged
        found = {measure.key: measure.value(self.counts) for measure in MEASURES}
        intervals = {key: value for key, value in found.items() if isinstance(value, Interval)}
        values = {key: value.mean if isinstance(value, Interval) else value for key, value in found.items()}
        requests = self.counts.structure.kinds.total()
        kinds = {kind: number / requests for kind, number in self.counts.structure.kinds.most_common()}
        not_judged = 0 if judged is None else judged.not_judged
        return Evaluation(self.name, values, kinds, self.sample, self.unreadable, intervals, not_judged)


def count(
    path: Path,
    sample: int = SAMPLE,
    seed: int = 0,
    *,
    encoder: Encoder | None = None,
    graph: ToolGraph | None = None,
    entails: Entails | None = None,
    to_judge: int = 0,
    seen: Callable[[], None] = lambda: None,
) -> Counted:
    """Read the dialogues of a ``.jsonl`` or ``.jsonl.gz`` file; `ConfigError` when it holds none.

    ``encoder`` is needed for SS, ``entails`` for EnR without a judge, ``graph`` for the shares of its tools and edges
    used. ``seen`` is called for every line.
    """
    counts, unreadable = Counts(), 0
    drawn = Sample(max(sample, to_judge), seed)
    for number, line in read_lines(path):
        seen()
        dialogue = _dialogue(line)
        if dialogue is None:
            unreadable += 1
            continue
        counts.structure.add(dialogue, check(dialogue.record, ValidateConfig()))
        drawn.offer(number, line, dialogue)
    if not counts.structure.dialogues:
        raise ConfigError(f"{path}: holds no dialogue in OpenAI's chat format; 'toolflow validate' says what is wrong")
    talks = [one.talk for one in drawn.first(sample)]
    _listen(counts, talks)
    if encoder is not None:
        counts.similarity = _mean(talks, lambda pairs: _cosines(pairs, encoder))
    if entails is not None:
        counts.entailed = _mean(talks, entails)
    if graph is not None:
        _cover(counts, graph)
    return Counted(str(path), counts, len(talks), unreadable, drawn.first(to_judge))


def evaluate(
    path: Path,
    *,
    sample: int = SAMPLE,
    seed: int = 0,
    encoder: Encoder | None = None,
    graph: ToolGraph | None = None,
) -> Evaluation:
    """Measure the dialogues of a file, without a judge; as `count`."""
    return count(path, sample, seed, encoder=encoder, graph=graph).evaluation()


def _dialogue(line: bytes) -> Dialogue | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("messages"), list) or other_format(record) is not None:
        return None
    dialogue = read(record)
    return dialogue if dialogue.messages else None


def _cover(counts: Counts, graph: ToolGraph) -> None:
    """Which tools and edges of the graph occur; an edge in either direction."""
    called = {number for name in counts.structure.called if (number := graph.number.get(name)) is not None}
    pairs = {frozenset(graph.number.get(name) for name in pair) for pair in counts.structure.pairs}
    ends = zip(graph.edges.one.tolist(), graph.edges.other.tolist(), strict=True)
    counts.covered, counts.tools_of = len(called), len(graph)
    counts.edges, counts.edges_of = sum(frozenset(pair) in pairs for pair in ends), len(graph.edges.one)


def _listen(counts: Counts, talks: list[Talk]) -> None:
    for talk in talks:
        for role, text in talk:
            (counts.user if role == "user" else counts.assistant).add(text)
            counts.talk.add(text)


def _mean(talks: list[Talk], measure: Callable[[list[Round]], Iterable[float]]) -> Interval | None:
    """Of what is measured on each round."""
    each = [rounds(talk) for talk in talks]
    found = iter(measure([pair for pairs in each for pair in pairs]))
    return interval([(sum(islice(found, len(pairs))), len(pairs)) for pairs in each])


def _cosines(pairs: list[Round], encoder: Encoder) -> list[float]:
    if not pairs:
        return []
    before, now = (encoder.encode([pair[side] for pair in pairs]) for side in (0, 1))
    cosines: list[float] = (before * now).sum(axis=1).tolist()
    return cosines
