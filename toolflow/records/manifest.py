"""What ``run.json`` says of a run: what makes its records, how far it is, what it has counted.

Two runs make the same records when their identities agree. The number of dialogues asked for is no
part of it, nor is anything else that only says how a run goes on (limits, timeouts, concurrency), so
that a run may be continued further, or more patiently, than it began. There are no times in here: a
finished run of a deterministic cast has the same manifest, byte for byte, however often it was stopped.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from toolflow.schema import AssistantMessage, Noun, Record

GRAPH_SECTIONS = ("catalog.", "encoder.", "graph.")
"""Settings that reach a record only through the graph, whose hash stands beside them."""
PACE_SETTINGS = (
    *("synthesize.max_draws_per_kept", "llm.timeout", "llm.retries", "llm.retry_seconds", "llm.limits."),
    *("llm.budget", "llm.cache", "llm.models.", "llm.support.", "llm.prompts."),
    *("execute.timeout", "execute.processes"),
)
"""Settings of how a run goes on, not of what it makes; which models play stands in `Identity.models`, and where
they are asked, and with which key, may change as ``--base-url`` may, and so may what is said of an endpoint instead
of found out. The hashes of prompts stand in `Identity.prompts`, wherever their files lie."""


class Identity(Noun):
    """Everything that a record is a function of, but for its draw."""

    toolflow: str
    """Version of this program."""
    cast: str
    models: dict[str, str]
    """Name of the model, or of the pool it is drawn from, by role."""
    prompts: dict[str, str]
    """Hash of the prompt file by role."""
    seed: int
    graph: str
    """Hash of the tool graph, its tools included."""
    config: dict[str, Any]
    """All settings, as `Config` dumps them."""

    @property
    def attempts(self) -> int:
        """How often a dialogue is tried; once where the settings say nothing of it."""
        return int(self.config.get("synthesize", {}).get("attempts", 1))

    def changes(self, later: "Identity") -> list[str]:
        """What differs in ``later``, one ``name: before → after`` each; empty when the records would be the same."""
        before, after = dict(_leaves(self.model_dump())), dict(_leaves(later.model_dump()))
        ignored: tuple[str, ...] = PACE_SETTINGS
        if self.graph == later.graph:
            ignored += GRAPH_SECTIONS
        if self.cast == later.cast == "selfplay":
            ignored += ("llm.",)
        return [
            f"{name}: {before.get(name, 'not set')} → {after.get(name, 'not set')}"
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name) and not name.startswith(ignored)
        ]


class Manifest(Noun):
    """The content of ``run.json``."""

    format: Literal["toolflow-run/1"] = "toolflow-run/1"
    status: Literal["running", "finished", "stopped"]
    """``running`` also stands there after a kill; the same command continues such a run."""
    why: str | None = None
    """Why it was stopped."""
    wanted: int
    """Dialogues asked for."""
    counts: dict[str, Any]
    """See `Records.counts`."""
    mix: dict[str, dict[str, dict[str, float]]] = Field(default_factory=dict)
    """For each part of the settings' mix and each of its values, the share ``kept`` and the one ``wanted``."""
    spending: dict[str, Any] | None = None
    """What a run that is paid for cost so far, by role and model, its continuations and lost records included."""
    estimate: dict[str, Any] | None = None
    """What it was expected to take, when it began."""
    identity: Identity


@dataclass(slots=True)
class Tally:
    """Counts over all records of a run, kept up as they are written; the same when read back from the files."""

    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Rejected records, by the first rule that rejected each."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Requests of the kept dialogues, by kind."""
    requests: Counter[str] = field(default_factory=Counter)
    """Kept dialogues, by number of requests, where there is a plan …"""
    tools: Counter[str] = field(default_factory=Counter)
    """… by number of tools that they are about …"""
    languages: Counter[str] = field(default_factory=Counter)
    """… and by language."""
    calls: int = 0
    """Tool calls in the kept dialogues."""
    turns: int = 0
    """User messages in the kept dialogues."""
    usage: dict[str, Any] = field(default_factory=dict)
    """Summed over all records, the rejected ones too: they were paid for as well."""
    wording: dict[str, Any] = field(default_factory=dict)
    """Turns of the kept dialogues that were reworded and that stood, by speaker, where any were to be reworded."""

    @property
    def rejected(self) -> int:
        """Number of rejected records."""
        return self.reasons.total()

    @property
    def draws(self) -> int:
        """Number of records made."""
        return self.kept + self.rejected

    def add(self, record: Record) -> None:
        """Count one record."""
        _sum_into(self.usage, record.meta.usage)
        if not record.kept:
            self.reasons[next(verdict.rule for verdict in record.meta.verdicts if verdict.severity == "error")] += 1
            return
        self.kept += 1
        _sum_into(self.wording, record.meta.wording)
        if record.plan is not None:
            self.kinds.update(request.kind.value for request in record.plan.requests)
            self.requests[str(len(record.plan.requests))] += 1
        self.tools[str(len(record.meta.subset))] += 1
        self.languages[record.meta.language] += 1
        for message in record.messages:
            self.turns += message.role == "user"
            if isinstance(message, AssistantMessage):
                self.calls += len(message.tool_calls)

    def _mix(self) -> dict[str, Counter[str]]:
        return {"kinds": self.kinds, "requests": self.requests, "tools": self.tools, "languages": self.languages}

    def mix(self, wanted: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, dict[str, float]]]:
        """Each share that is kept beside the one wanted, for every part of a mix that anything was counted of."""
        shares: dict[str, dict[str, dict[str, float]]] = {}
        for part, counted in self._mix().items():
            weights = {value: weight for value, weight in wanted.get(part, {}).items() if weight}
            if counted and weights:
                both: dict[str, Mapping[str, float]] = {"kept": counted, "wanted": weights}
                shares[part] = {
                    value: {
                        name: round(numbers.get(value, 0) / sum(numbers.values()), 6) for name, numbers in both.items()
                    }
                    for value in dict.fromkeys([*weights, *sorted(counted)])
                }
        return shares

    def counts(self) -> dict[str, Any]:
        """As plain JSON, in an order that does not depend on the order of the records."""
        return {
            "draws": self.draws,
            "kept": self.kept,
            "rejected": self.rejected,
            "reasons": dict(sorted(self.reasons.items())),
            **{part: dict(sorted(counted.items())) for part, counted in self._mix().items()},
            "turns": self.turns,
            "calls": self.calls,
            "usage": _sorted(self.usage),
            **({"wording": _sorted(self.wording)} if self.wording else {}),
        }


def _leaves(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of a nested mapping; settings go by the names they have in a config file."""
    for key, item in value.items():
        name = f"{path}{key}".removeprefix("config.")
        if isinstance(item, Mapping):
            yield from _leaves(item, f"{name}." if name != "config" else "")
        else:
            yield name, item


def _sum_into(total: dict[str, Any], usage: Mapping[str, Any]) -> None:
    """Add up numbers at equal places; what is no number (a model's name) stays as first met."""
    for key, value in usage.items():
        if isinstance(value, Mapping):
            below = total.setdefault(key, {})
            if isinstance(below, dict):
                _sum_into(below, value)
        elif isinstance(value, int | float) and isinstance(total.get(key, 0), int | float):
            total[key] = total.get(key, 0) + value
        else:
            total.setdefault(key, value)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return value
