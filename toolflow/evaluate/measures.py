"""The measures: for each its name, what it means, and how it is read off the counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from toolflow.encoder import MAX_TOKENS
from toolflow.evaluate.interval import Interval
from toolflow.evaluate.judged import Judged
from toolflow.evaluate.structure import Structure
from toolflow.evaluate.words import WINDOW, Wording
from toolflow.tokens import PER_MESSAGE, WRITTEN


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
    similarity: Interval | None = None
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
    """What the paper reports for its full method (§4.2: 8,000 dialogues by GPT-4) …"""
    counted_by: str = ""
    """… or, if others counted it on the paper's dialogues, who did."""
    always: bool = False
    """Whether its row is there also when nobody has a value."""


def _by(part: float | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _of_100(mean: Interval | None) -> Interval | None:
    return None if mean is None else mean.times(100)


def _entailment(counts: Counts) -> Interval | None:
    return counts.entailed or (None if counts.judged is None else counts.judged.entailment)


def _scored(aspect: str) -> Callable[[Counts], Interval | None]:
    return lambda counts: None if counts.judged is None else counts.judged.mean(aspect)


MEASURES: tuple[Measure, ...] = (
    Measure("dialogues", "dialogues", "in the file", "count", lambda c: c.structure.dialogues, 8000),
    Measure(
        "valid", "valid", "dialogues that no rule of 'toolflow validate' rejects", "share",
        lambda c: _by(c.structure.valid, c.structure.dialogues),
    ),
    Measure(
        "traceable", "every argument traceable", "of the dialogues with calls, those in which no argument comes from "
        "nowhere: neither the user nor a result gave it, nor do context and schema (rule argument-source)", "share",
        lambda c: _by(c.structure.traceable, c.structure.with_calls), 0.165, "ToolWeave",
    ),
    Measure(
        "faithful", "every report faithful", "dialogues in which no reply tells a figure or name that nobody gave or a "
        "deed that no call did, nor hides a failure (rules report-figures, report-names, failure-told, missed-call)",
        "share", lambda c: _by(c.structure.faithful, c.structure.dialogues),
    ),
    Measure(
        "several_steps", "tool turns of several steps", "of the user turns that lead to calls, those that take several "
        "messages with calls; ToolWeave's figure is of all turns", "share",
        lambda c: _by(c.structure.several_steps, c.structure.tool_turns), 0.07, "ToolWeave",
    ),
    Measure(
        "parallel", "tool turns with parallel calls", "of the user turns that lead to calls, those with several calls "
        "in one message", "share", lambda c: _by(c.structure.parallel, c.structure.tool_turns),
    ),
    Measure(
        "user_turns", "user turns a dialogue", "mean over the file", "number",
        lambda c: _by(c.structure.user_turns, c.structure.dialogues),
    ),
    Measure(
        "calls", "calls a dialogue", "mean over the file", "number",
        lambda c: _by(c.structure.calls, c.structure.dialogues), 21069 / 8000,
    ),
    Measure(
        "tokens", "tokens a dialogue", "mean over the file of messages, calls and results, without the tools offered; "
        f"estimated: {WRITTEN} bytes are one, and each message takes {PER_MESSAGE} more", "count",
        lambda c: _by(c.structure.tokens, c.structure.dialogues), 1000,
    ),
    Measure(
        "tools_used", "tools used of tools offered", "tools called in a dialogue by those offered in it, over all "
        "dialogues", "share", lambda c: _by(c.structure.used, c.structure.offered),
    ),
    Measure("tools_called", "different tools called", "in the file", "count", lambda c: len(c.structure.called)),
    Measure(
        "tool_pairs", "different tool pairs", "two tools called one right after the other, in the file", "count",
        lambda c: len(c.structure.pairs),
    ),
    Measure(
        "tools_covered", "tools of the graph called", "with --graph: its tools that are called in the file", "share",
        lambda c: _by(c.covered, c.tools_of),
    ),
    Measure(
        "edges_used", "edges of the graph used", "with --graph: its edges whose tools are called one right after the "
        "other, in either direction", "share", lambda c: _by(c.edges, c.edges_of),
    ),
    Measure("words_user", "words a user turn", "mean, without marks", "number", lambda c: c.user.words_per_turn),
    Measure("words_assistant", "words a reply", "mean, without marks", "number",
            lambda c: c.assistant.words_per_turn),
    Measure("h", "H", "Shannon entropy of the words and marks of all turns, in bits; grows with the amount of text",
            "number", lambda c: c.talk.entropy, 10.36),
    Measure("h_user", "H of user turns", "the same of them alone", "number", lambda c: c.user.entropy),
    Measure("d3", "D-3", "Distinct-3: different runs of three words within turns by all such runs, from 0 to 1; falls "
            "with the amount of text", "number", lambda c: c.talk.distinct_3, 0.4865),
    Measure("d3_user", "D-3 of user turns", "the same of them alone", "number", lambda c: c.user.distinct_3),
    Measure("d3_assistant", "D-3 of replies", "the same of them alone", "number", lambda c: c.assistant.distinct_3),
    Measure("mattr_user", "MATTR of user turns", "different words by all words, from 0 to 1, mean over all windows of "
            f"{WINDOW} words", "number", lambda c: c.user.mattr),
    Measure("mattr_assistant", "MATTR of replies", "the same of replies", "number", lambda c: c.assistant.mattr),
    Measure("compression_user", "compression of user turns", "bytes by bytes after zlib; more is more repetitive",
            "number", lambda c: c.user.compression),
    Measure("compression_assistant", "compression of replies", "the same of replies", "number",
            lambda c: c.assistant.compression),
    Measure("opening_user", "commonest opening of user turns", "user turns that begin with the commonest three words",
            "share", lambda c: c.user.commonest_opening),
    Measure("ss", "SS", "semantic similarity: cosine of the vectors of a request and of the round before it (request "
            f"and reply), times 100, mean over rounds; by all-MiniLM-L6-v2, of the first {MAX_TOKENS} tokens of each. "
            "Compares sets; the paper's encoder is unknown", "number", lambda c: _of_100(c.similarity), 63.36),
    Measure("enr", "EnR", "entailment rate: requests that the round before entails, of 100; by the model of --nli, or "
            "else the judge", "number", lambda c: _of_100(_entailment(c)), 47.3, always=True),
    Measure("nat", "NAT", "naturalness from 1 to 5, mean of the judge's scores (--judge)", "number",
            _scored("naturalness"), 3.72),
    Measure("coh", "COH", "coherence from 1 to 5, mean of the judge's scores", "number", _scored("coherence"), 3.91),
    Measure("help", "HELP", "helpfulness from 1 to 5, mean of the judge's scores", "number", _scored("helpfulness")),
    Measure("acc", "ACC", "accuracy of calls and reports from 1 to 5, mean of the judge's scores", "number",
            _scored("accuracy")),
)  # fmt: skip
"""Every measure, in the order of the table. Those of words, and all after them, are taken on the sample."""
