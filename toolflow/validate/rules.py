"""The registry of rules, and `check`, which applies them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from toolflow.config import ValidateConfig
from toolflow.conformance import nests_deeper
from toolflow.errors import ConfigError, TooMuchWork
from toolflow.schema import Verdict
from toolflow.validate import calls, replies, report, shape, sources, talk, uncalled
from toolflow.validate.finding import Finding, Severity
from toolflow.validate.formats import other_format
from toolflow.validate.masking import softened
from toolflow.validate.reading import Dialogue, read

MAX_RECORD_DEPTH = 100
"""A record nested deeper is not read; tools with schemas so deep are no use to anybody."""
MAX_FINDINGS = 25
"""Verdicts of one rule on one dialogue; a damaged record must not drown the report."""


Family = Literal["structure", "schema", "calls", "sources", "report", "talk", "plan", "set"]
"""What a rule is about: the format; tools, arguments and results as their schemas want them; calls made twice or in
vain; where arguments come from; what is told of results; the words; the plan of a dialogue of ours; a whole set."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    family: Family
    severity: Severity
    """Of its breaks, where the rule does not say otherwise for a single one."""
    find: Callable[[Dialogue], Iterator[Finding]] | None
    """None where more than the dialogue itself must be known."""
    said: str = ""

    @property
    def summary(self) -> str:
        """What must hold, in a sentence."""
        return self.said or " ".join((self.find.__doc__ or "").split())


FORMAT = Rule("format", "structure", "error", shape.format_of_record)
RULES: tuple[Rule, ...] = (
    FORMAT,
    Rule("tool-format", "structure", "warning", shape.tool_format),
    Rule("order", "structure", "error", shape.order),
    Rule("empty-message", "talk", "error", shape.empty_message),
    Rule("placeholder", "talk", "error", shape.placeholder),
    Rule("ends-with-reply", "structure", "error", shape.ends_with_reply),
    Rule("ends-with-call", "structure", "warning", shape.ends_with_call),
    Rule("end-reason", "structure", "error", shape.end_reason),
    Rule("tool-schema", "schema", "warning", calls.tool_schema),
    Rule("tool-offered", "schema", "error", calls.tool_offered),
    Rule("arguments-json", "schema", "error", calls.arguments_json),
    Rule("arguments-schema", "schema", "error", calls.arguments_schema),
    Rule("argument-unknown", "schema", "error", calls.argument_unknown),
    Rule("argument-source", "sources", "error", sources.argument_source),
    Rule("call-id", "structure", "error", calls.call_id),
    Rule("call-answered", "structure", "error", calls.call_answered),
    Rule("orphan-result", "structure", "error", calls.orphan_result),
    Rule("result-json", "schema", "error", calls.result_json),
    Rule("result-schema", "schema", "error", calls.result_schema),
    Rule("repeated-call", "calls", "error", calls.repeated_call),
    Rule("report-figures", "report", "error", report.report_figures),
    Rule("report-names", "report", "error", report.report_names),
    Rule("failure-told", "report", "error", report.failure_told),
    Rule("missed-call", "calls", "error", uncalled.missed_call),
    Rule("call-as-text", "calls", "error", uncalled.call_as_text),
    Rule("asks-known", "talk", "warning", talk.asks_known),
    Rule("tool-name-leak", "talk", "error", talk.tool_name_leak),
    Rule("repeated-turn", "talk", "warning", talk.repeated_turn),
    Rule("boilerplate", "talk", "error", talk.boilerplate),
    Rule("listed-word", "talk", "error", talk.listed_word),
    Rule("language", "talk", "warning", talk.language),
    Rule("plan-format", "plan", "error", sources.plan_format),
    Rule("plan-call", "plan", "error", sources.plan_call),
    Rule("unplanned-call", "plan", "warning", sources.unplanned_call),
    Rule("needless-call", "plan", "error", sources.needless_call),
    Rule("unmet-wish", "plan", "error", replies.unmet_wish),
    Rule("follow-up-answer", "plan", "error", replies.follow_up_answer),
    Rule("choice-stated", "plan", "error", replies.choice_stated),
)
"""Every rule that a dialogue is held to by itself, in the order of its verdicts."""

LINE = Rule("json", "structure", "error", None, "A line is one JSON value of bearable length.")
REPLAY = Rule("replay", "calls", "error", None, "With --replay: the calls of a selfplay dialogue get the same results.")
SET_RULES = (
    Rule("duplicate", "set", "error", None, "With --duplicates: no dialogue repeats an earlier one that is kept."),
    Rule(
        "near-duplicate",
        "set",
        "error",
        None,
        "With --duplicates: no two that are kept share four fifths of their runs of words.",
    ),
    Rule(
        "same-calls", "set", "warning", None, "With --duplicates: none makes just the calls that an earlier one makes."
    ),
)
AGAINST_RULES = (
    Rule("contaminated", "set", "error", None, "With --against: nothing said is a run of words of a benchmark."),
    Rule("leaked-tool", "set", "error", None, "With --against: no tool is one of a benchmark's, or means the same."),
    Rule("benchmark-calls", "set", "error", None, "With --against: the calls are not those of a benchmark's example."),
)
ALL_RULES = (LINE, *RULES, REPLAY, *SET_RULES, *AGAINST_RULES)


def check(record: Any, config: ValidateConfig) -> list[Verdict]:
    """Every break of a rule in one record, in the order of `RULES`; empty when there is none. Those on turns that are
    masked (`toolflow.validate.masking`) are warnings.

    Any JSON value may be passed. `ConfigError` when the configuration names a rule that does not exist.
    """
    rules = _chosen(config)
    if (finding := other_format(record)) is not None and severity_of(FORMAT, config) == "error":
        return _verdicts(FORMAT, [finding], config)
    if not isinstance(record, dict):
        return _verdicts(FORMAT, [Finding("", "a dialogue must be an object with messages")], config)
    if nests_deeper(record, MAX_RECORD_DEPTH):
        return _verdicts(FORMAT, [Finding("", f"nested more than {MAX_RECORD_DEPTH} levels deep")], config)
    dialogue = read(record, config.words)
    verdicts: list[Verdict] = []
    for rule in rules:
        if rule.find is not None:
            try:
                for finding in islice(rule.find(dialogue), MAX_FINDINGS):
                    verdicts.append(_verdict(rule, finding, config))
            except TooMuchWork as error:
                verdicts.append(_verdict(rule, Finding("", str(error)), config))
    return softened(record, verdicts)


@lru_cache(maxsize=64)
def _chosen(config: ValidateConfig) -> tuple[Rule, ...]:
    known = [rule.id for rule in ALL_RULES if rule is not LINE]
    for key, ids in (("off", config.off), ("warn", config.warn)):
        for name in ids:
            if name not in known:
                raise ConfigError(f"validate.{key}: there is no rule {name!r}; the rules are {', '.join(known)}")
    return tuple(rule for rule in RULES if rule.id not in config.off)


def severity_of(rule: Rule, config: ValidateConfig) -> Literal["error", "warning", "off"]:
    """What a break of the rule does under these settings."""
    _chosen(config)
    if rule.id in config.off:
        return "off"
    return "warning" if rule.id in config.warn else rule.severity


def verdicts_of(found: Iterable[tuple[str, Finding]], config: ValidateConfig) -> list[Verdict]:
    """The verdicts of rules that are applied elsewhere, by their ids."""
    by_id = {rule.id: rule for rule in ALL_RULES}
    return [verdict for name, finding in found for verdict in _verdicts(by_id[name], [finding], config)]


def _verdicts(rule: Rule, findings: Iterable[Finding], config: ValidateConfig) -> list[Verdict]:
    if rule.id in config.off:
        return []
    return [_verdict(rule, finding, config) for finding in findings]


def _verdict(rule: Rule, finding: Finding, config: ValidateConfig) -> Verdict:
    severity = "warning" if rule.id in config.warn else finding.severity or rule.severity
    return Verdict(rule=rule.id, severity=severity, where=finding.where, why=finding.why)
