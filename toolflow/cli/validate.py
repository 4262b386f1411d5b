"""``toolflow validate``: check dialogue files, ours or anybody's, against the rules."""

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from toolflow.cli.printable import encodable, printable
from toolflow.cli.progress import counter
from toolflow.config import Config, ValidateConfig, find_config, read_config
from toolflow.cpus import cpus
from toolflow.validate import ALL_RULES, severity_of
from toolflow.validate.against import Benchmark
from toolflow.validate.files import Report, validate_files
from toolflow.validate.jsonl import check_readable
from toolflow.validate.lines import Checked
from toolflow.validate.outputs import Outputs

WORTH_WORKERS = 20_000_000
"""Bytes of dialogues that take longer to check than processes take to start."""
PACKED = 10
"""Bytes in one of a packed file, about."""
MAX_SHOWN = 160
"""Characters of each part of an example in the summary: dialogue, place, reason."""


def validate_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Dialogue files, .jsonl or .jsonl.gz.", show_default=False)
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the counts as JSON to this file.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Write the dialogues that pass to this file.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Write the others, with their verdicts, to this file.")] = None,
    mask: Annotated[
        Path | None,
        typer.Option(
            help="Write the dialogues that pass, and others with their bad turns marked not to be trained on: weight 0."
        ),
    ] = None,
    fail_on: Annotated[
        Literal["error", "warning", "never"], typer.Option(help="What makes the exit code 1.", metavar="SEVERITY")
    ] = "error",
    max_errors: Annotated[
        int, typer.Option(min=0, help="So many of what --fail-on counts are borne with exit code 0.")
    ] = 0,
    config: Annotated[str | None, typer.Option(metavar="FILE", help="Settings; the section 'validate' counts.")] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Make the calls of simulated dialogues again; results must be the same.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=0, max=256, help="Processes that check; default: one per CPU for large files.")
    ] = None,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules and check nothing.")] = False,
    duplicates: Annotated[
        bool,
        typer.Option(
            "--duplicates", help="Find dialogues that repeat an earlier one that is kept, in any of the files."
        ),
    ] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A benchmark, JSON or JSON lines: find what dialogues have of it. May be given again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts, or the rules, as JSON.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every verdict on stderr.")] = False,
) -> None:
    """Check dialogues against the rules: format, schemas, and where every argument comes from.

    Example: toolflow validate run/dialogues.jsonl --keep good.jsonl --rejects bad.jsonl

    Exit code 0 when every dialogue passes, 1 when any is rejected (--fail-on, --max-errors) or there is none, 2 for
    wrong usage.
    """
    read = read_config(find_config(config))
    settings = read.validate_
    if rules:
        typer.echo(listed_rules(settings, as_json))
        return
    outputs = Outputs(keep, rejects, mask, report)
    check_readable(files or [], "validate")
    outputs.check(files or [], against or [])
    benchmark = _benchmark(against, read) if against else None
    with counter("validating") as count:

        def seen(checked: Checked) -> None:
            count()
            if verbose:
                _name_verdicts(checked)

        found = validate_files(
            *(files or [], settings, outputs, seen),
            replaying=replay,
            duplicates=duplicates,
            benchmark=benchmark,
            workers=_workers_for(files or []) if workers is None else workers,
        )
    typer.echo(encodable(found.as_text()) if as_json else summary(found))
    for name, counts in found.files.items():
        if not counts["dialogues"]:
            typer.echo(printable(f"{name}: holds no lines, so that nothing was checked"), err=True)
    if not found.total("dialogues") and fail_on != "never":
        raise typer.Exit(1)
    bad = {"never": 0, "error": found.total("rejected"), "warning": found.total("rejected") + found.warned}[fail_on]
    raise typer.Exit(1 if bad > max_errors else 0)


def _benchmark(files: Sequence[Path], read: Config) -> Benchmark:
    encoder: Any = importlib.import_module("toolflow.encoder")  # of use, and slow to load, only here
    return Benchmark(files, read.validate_.allowed, encoder.make_encoder(read.encoder).encode)


def _workers_for(files: Sequence[Path]) -> int:
    """One for each CPU; none where the files are so small that one process is as fast."""
    size = sum(path.stat().st_size * (PACKED if path.suffix == ".gz" else 1) for path in files if path.is_file())
    return cpus() if size >= WORTH_WORKERS and cpus() > 1 else 0


def listed_rules(settings: ValidateConfig, as_json: bool) -> str:
    """Every rule with its family, what a break of it does under these settings, and what must hold."""
    rules = [
        {"id": rule.id, "family": rule.family, "severity": severity_of(rule, settings), "holds": rule.summary}
        for rule in ALL_RULES
    ]
    if as_json:
        return json.dumps(rules, ensure_ascii=False, indent=2)
    rows = [("rule", "family", "severity", "what must hold"), *(tuple(rule.values()) for rule in rules)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[3]]) for row in rows)


def _name_verdicts(checked: Checked) -> None:
    for verdict in checked.verdicts:
        line = ": ".join(filter(None, [checked.name, verdict.severity, verdict.rule, verdict.where, verdict.why]))
        typer.echo(printable(line), err=True)


def summary(report: Report) -> str:
    """The counts as a table, with the first example of each broken rule."""
    rows: list[tuple[str, ...]] = [("file", "dialogues", "kept", "rejected")]
    keys = rows[0][1:]
    rows += [(printable(name), *(f"{counts[key]:,}" for key in keys)) for name, counts in report.files.items()]
    if len(report.files) > 1:
        rows.append(("total", *(f"{report.total(key):,}" for key in keys)))
    lines = _table(rows)
    if report.masked is not None:
        lines += ["", f"masked {report.masked:,} of {report.total('rejected'):,} rejected"]
    if report.replayed is not None:
        lines += ["", "replayed {replayed:,}, skipped {skipped:,} that selfplay did not make".format(**report.replayed)]
        if report.replayed["real_results"]:
            lines.append("{real_results:,} results of real tools were taken as they stand".format(**report.replayed))
    if report.rules:
        rules: list[tuple[str, ...]] = [("rule", "rejects", "warns")]
        rules += [
            (name, f"{count['errors']:,}", f"{count['warnings']:,}")
            for name, count in report.as_json()["rules"].items()
        ]
        lines += ["", *_table(rules), "", "First example of each:"]
        for name, count in report.as_json()["rules"].items():
            example = count["example"]
            told = (_cut(example[part]) for part in ("dialogue", "where", "why") if example[part])
            lines.append(f"  {name}: {': '.join(told)}")
    return "\n".join(lines)


def _cut(text: str) -> str:
    return printable(text[:MAX_SHOWN]) + ("…" if len(text) > MAX_SHOWN else "")


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The first column to the left, the numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(widths[i]) for i, cell in enumerate(row[1:], 1))])
        for row in rows
    ]
