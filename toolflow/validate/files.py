"""Whole files of dialogues: read line by line, checked, counted, and sorted into two files.

Memory does not grow with the files. Lines that are no JSON are rejected like dialogues, under the rule
``json``. What is kept is written byte for byte as it stood there; a reject gets its verdicts into
``meta.verdicts``. A file appears whole or not at all: it is written beside its place and renamed when
everything went well.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolflow.config import ValidateConfig
from toolflow.errors import ConfigError
from toolflow.validate.against import Benchmark
from toolflow.validate.jsonl import check_readable
from toolflow.validate.lines import Checked, line_checker
from toolflow.validate.masking import masked
from toolflow.validate.outputs import Outputs, replacing
from toolflow.validate.reading import read
from toolflow.validate.rules import ALL_RULES, verdicts_of
from toolflow.validate.sets import Seen

MAX_QUOTED = 2_000
"""Bytes of an unreadable line that its reject repeats."""
NOWHERE = Outputs()


@dataclass
class Count:
    """How often one rule was broken."""

    errors: int = 0
    """Dialogues it rejects."""
    warnings: int = 0
    """Dialogues it only warns about."""
    example: dict[str, str] | None = None
    """The first break: dialogue, where, why."""


@dataclass
class Report:
    """What came of a validation."""

    files: dict[str, dict[str, int]] = field(default_factory=dict)
    """By file: dialogues, kept, rejected."""
    warned: int = 0
    """Kept dialogues that a rule warns about."""
    masked: int | None = None
    """Rejected dialogues that were written with their bad turns masked; None when none were to be."""
    replayed: dict[str, int] | None = None
    """Dialogues whose calls were made again, those skipped, and the results of real tools, which were taken as they
    stand; None when none were to be."""
    rules: dict[str, Count] = field(default_factory=dict)
    """By rule, in their order; only those that were broken."""

    def add(self, checked: Checked) -> None:
        """Count one line."""
        counts = self.files[checked.file]
        counts["dialogues"] += 1
        if self.replayed is not None:
            self.replayed["skipped" if checked.real_results is None else "replayed"] += 1
            self.replayed["real_results"] += checked.real_results or 0
        counts["kept" if checked.kept else "rejected"] += 1
        self.warned += checked.kept and bool(checked.verdicts)
        severities: dict[str, set[str]] = {}
        for verdict in checked.verdicts:
            severities.setdefault(verdict.rule, set()).add(verdict.severity)
            count = self.rules.setdefault(verdict.rule, Count())
            if count.example is None:
                count.example = {"dialogue": checked.name, "where": verdict.where, "why": verdict.why}
        for rule, found in severities.items():
            self.rules[rule].errors += "error" in found
            self.rules[rule].warnings += "error" not in found

    def total(self, key: str) -> int:
        """Dialogues, kept or rejected ones over all files."""
        return sum(counts[key] for counts in self.files.values())

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        order = [rule.id for rule in ALL_RULES]
        return {
            **{key: self.total(key) for key in ("dialogues", "kept", "rejected")},
            "warned": self.warned,
            **({} if self.masked is None else {"masked": self.masked}),
            **({} if self.replayed is None else {"replayed": self.replayed}),
            "files": self.files,
            "rules": {name: vars(self.rules[name]) for name in order if name in self.rules},
        }

    def as_text(self) -> str:
        """The same, written."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=2)


def validate_files(
    paths: Sequence[Path],
    config: ValidateConfig,
    outputs: Outputs = NOWHERE,
    seen: Callable[[Checked], None] | None = None,
    *,
    replaying: bool = False,
    duplicates: bool = False,
    benchmark: Benchmark | None = None,
    workers: int = 0,
) -> Report:
    """Check every line of the files, by ``replaying`` its calls as well, for ``duplicates``, and for what it shares
    with a ``benchmark``; ``seen`` is told of each. ``workers`` processes share what concerns each line alone.

    `ConfigError` when a file cannot be read, stands there twice, or would be replaced, `OutputError` when an output
    cannot be written.
    """
    check_readable(paths, "validate")
    _check_different(paths)
    outputs.check(paths)
    report = Report(
        masked=0 if outputs.mask else None,
        replayed={"replayed": 0, "skipped": 0, "real_results": 0} if replaying else None,
    )
    with ExitStack() as stack:
        to = [outputs.keep, outputs.rejects, outputs.mask]
        kept, rejected, trained = (stack.enter_context(replacing(path)) if path else None for path in to)
        repeats = stack.enter_context(Seen()) if duplicates else None
        check_lines = stack.enter_context(line_checker(config, replaying=replaying, workers=workers))
        for path in paths:
            report.files[str(path)] = {"dialogues": 0, "kept": 0, "rejected": 0}
            for alone in check_lines(path):
                checked = _among_others(alone, repeats, benchmark, config)
                report.add(checked)
                if checked.kept and kept:
                    kept(checked.content)
                elif not checked.kept and rejected:
                    rejected(_reject(checked))
                if trained is not None and (line_masked := _masked(checked)) is not None:
                    report.masked = (report.masked or 0) + (not checked.kept)
                    trained(line_masked)
                if seen is not None:
                    seen(checked)
    if outputs.report is not None:
        with replacing(outputs.report) as write:
            write(report.as_text().encode(errors="replace"))
    return report


def _check_different(paths: Sequence[Path]) -> None:
    taken: dict[Path, Path] = {}
    for path in paths:
        if taken.setdefault(path.resolve(), path) is not path:
            raise ConfigError(f"{path}: stands there twice; every file is checked once")


def _among_others(
    checked: Checked, repeats: Seen | None, benchmark: Benchmark | None, config: ValidateConfig
) -> Checked:
    """The line with what the set and the benchmark say of it."""
    if (repeats is None and benchmark is None) or not isinstance(checked.record, dict):
        return checked
    dialogue = read(checked.record)
    look = repeats.look(dialogue) if repeats else None
    found = [*look.found] if look else []
    found += benchmark.shares(dialogue) if benchmark else []
    checked = replace(checked, verdicts=[*checked.verdicts, *verdicts_of(found, config)])
    if repeats and look and checked.kept:
        repeats.remember(look, checked.name)
    return checked


def _reject(checked: Checked) -> bytes:
    verdicts = [verdict.model_dump() for verdict in checked.verdicts]
    if isinstance(checked.record, dict):
        meta = checked.record.get("meta")
        kept = meta if isinstance(meta, dict) else {} if meta is None else {"meta": meta}
        record = {**checked.record, "meta": {**kept, "verdicts": verdicts}}
    else:
        text = checked.content[:MAX_QUOTED].decode(errors="replace")
        source = {"file": checked.file, "line": checked.line, "text": text}
        record = {**source, "meta": {"verdicts": verdicts}}
    return json.dumps(record, ensure_ascii=False).encode(errors="replace")


def _masked(checked: Checked) -> bytes | None:
    if checked.kept:
        return checked.content
    record = masked(checked.record, checked.verdicts)
    return None if record is None else json.dumps(record, ensure_ascii=False).encode(errors="replace")
