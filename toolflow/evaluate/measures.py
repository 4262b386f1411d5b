"""The measures: for each its name, what it means, and how it is read off the counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from toolflow.evaluate.interval import Interval
from toolflow.evaluate.judged import Judged
from toolflow.evaluate.structure import Structure
from toolflow.evaluate.words import Wording


@dataclass
class Counts:
    """All that is counted while a file is read."""

    structure: Structure = field(default_factory=Structure)
    user: Wording = field(default_factory=Wording)
    """User turns of the sample …"""
    assistant: Wording = field(default_factory=Wording)
    """… replies of the assistant in it …"""
    talk: Wording = field(default_factory=Wording)
    """… and both."""
    similarity: float | None = None
    """Mean cosine of a request and the round before it, in the sample."""
    edges: int | None = None
    """Edges of a given graph between tools called one after the other …"""
    edges_of: int | None = None
    """… of so many …"""
    covered: int | None = None
    """… and its tools that are called …"""
    tools_of: int | None = None
    """… of so many."""
    entailed: Interval | None = None
    """Share of requests that an NLI model finds entailed by the round before, in the sample."""
    judged: Judged | None = None
    """What a judge said of the sampled dialogues, if one was asked."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table."""

    key: str
    label: str
    meaning: str
    form: Literal["count", "number", "share"]
    value: Callable[[Counts], float | Interval | None]
    paper: float | None = None
    """What the paper reports for its full method (§4.2: 8,000 dialogues by GPT-4)."""
    always: bool = False
    """Whether its row is there also when nobody has a value."""


def _by(part: float | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _entailment(counts: Counts) -> Interval | None:
    found = counts.entailed
    if found is None and counts.judged is not None:
        found = counts.judged.entailment
    return None if found is None else found.times(100)


def _scored(aspect: str) -> Callable[[Counts], Interval | None]:
    return lambda counts: None if counts.judged is None else counts.judged.mean(aspect)


MEASURES: tuple[Measure, ...] = (
    Measure("dialogues", "dialogues", "dialogues in the file", "count", lambda c: c.structure.dialogues, 8000),
    Measure(
        "valid", "valid", "no rule of `toolflow validate` rejects it", "share",
        lambda c: _by(c.structure.valid, c.structure.dialogues),
    ),
    Measure(
        "traceable", "every argument traceable", "no argument comes from nowhere", "share",
        lambda c: _by(c.structure.traceable, c.structure.dialogues), 0.165,
    ),
    Measure(
        "faithful", "every report faithful", "no reply tells a figure or name that nobody gave, nor hides a failure",
        "share", lambda c: _by(c.structure.faithful, c.structure.dialogues),
    ),
    Measure(
        "several_steps", "tool turns of several steps", "user turns with calls that take several messages with calls",
        "share", lambda c: _by(c.structure.several_steps, c.structure.tool_turns), 0.07,
    ),
    Measure(
        "parallel", "tool turns with parallel calls", "user turns with several calls in one message", "share",
        lambda c: _by(c.structure.parallel, c.structure.tool_turns),
    ),
    Measure(
        "user_turns", "user turns a dialogue", "mean", "number",
        lambda c: _by(c.structure.user_turns, c.structure.dialogues),
    ),
    Measure(
        "calls", "calls a dialogue", "mean", "number", lambda c: _by(c.structure.calls, c.structure.dialogues),
        21069 / 8000,
    ),
    Measure(
        "tokens", "tokens a dialogue", "mean, from bytes; without the tools offered", "count",
        lambda c: _by(c.structure.tokens, c.structure.dialogues), 1000,
    ),
    Measure(
        "tools_used", "tools used of tools offered", "mean over the tools of all dialogues", "share",
        lambda c: _by(c.structure.used, c.structure.offered),
    ),
    Measure("tools_called", "different tools called", "in the whole file", "count", lambda c: len(c.structure.called)),
    Measure(
        "tool_pairs", "different tool pairs", "two tools called one right after the other", "count",
        lambda c: len(c.structure.pairs),
    ),
    Measure(
        "tools_covered", "tools of the graph called", "in the whole file", "share",
        lambda c: _by(c.covered, c.tools_of),
    ),
    Measure(
        "edges_used", "edges of the graph used", "edges whose tools are called one right after the other", "share",
        lambda c: _by(c.edges, c.edges_of),
    ),
    Measure("words_user", "words a user turn", "mean, in the sample", "number", lambda c: c.user.words_per_turn),
    Measure("words_assistant", "words a reply", "mean, in the sample", "number", lambda c: c.assistant.words_per_turn),
    Measure("h", "H", "entropy of all words in bits, in the sample", "number", lambda c: c.talk.entropy, 10.36),
    Measure("h_user", "H of user turns", "in bits, in the sample", "number", lambda c: c.user.entropy),
    Measure("d3", "D-3", "Distinct-3 of all turns, in the sample", "number", lambda c: c.talk.distinct_3, 0.4865),
    Measure("d3_user", "D-3 of user turns", "in the sample", "number", lambda c: c.user.distinct_3),
    Measure("d3_assistant", "D-3 of replies", "in the sample", "number", lambda c: c.assistant.distinct_3),
    Measure("mattr_user", "MATTR of user turns", "windows of 100 words", "number", lambda c: c.user.mattr),
    Measure("mattr_assistant", "MATTR of replies", "windows of 100 words", "number", lambda c: c.assistant.mattr),
    Measure("compression_user", "compression of user turns", "zlib; more is more repetitive", "number",
            lambda c: c.user.compression),
    Measure("compression_assistant", "compression of replies", "zlib; more is more repetitive", "number",
            lambda c: c.assistant.compression),
    Measure("opening_user", "commonest opening of user turns", "three words, in the sample", "share",
            lambda c: c.user.commonest_opening),
    Measure("ss", "SS", "cosine of a request and the round before it, times 100", "number",
            lambda c: None if c.similarity is None else 100 * c.similarity, 63.36),
    Measure("enr", "EnR", "requests that the round before entails, of 100", "number", _entailment, 47.3,
            always=True),
    Measure("nat", "NAT", "naturalness from 1 to 5, says a judge", "number", _scored("naturalness"), 3.72),
    Measure("coh", "COH", "coherence from 1 to 5, says a judge", "number", _scored("coherence"), 3.91),
    Measure("help", "HELP", "helpfulness from 1 to 5, says a judge", "number", _scored("helpfulness")),
    Measure("acc", "ACC", "accuracy of calls and reports from 1 to 5, says a judge", "number", _scored("accuracy")),
)  # fmt: skip
"""Every measure, in the order of the table."""
