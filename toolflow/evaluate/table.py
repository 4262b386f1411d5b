"""Several data sets side by side, as lines of text or as Markdown."""

from collections.abc import Sequence
from pathlib import PurePath

from toolflow.evaluate.interval import Interval
from toolflow.evaluate.measures import MEASURES, Measure
from toolflow.evaluate.run import Evaluation

PAPER = "paper, graph + plan"
NOT_KNOWN = "–"


def rows(evaluations: Sequence[Evaluation], *, paper: bool = True) -> list[list[str]]:
    """The table: a head, one row for each measure that anybody has a value of, then the kinds of request.

    A mean over the sample has half the width of its 95 % confidence interval behind it, and the number of rounds or
    scores; what others counted on the paper's dialogues has their name.
    """
    table = [["", *_short([evaluation.name for evaluation in evaluations]), *([PAPER] if paper else [])]]
    for measure in MEASURES:
        values = [evaluation.values[measure.key] for evaluation in evaluations]
        if all(value is None for value in values) and not measure.always:
            continue
        cells = [
            shown(measure, value) + _spread(evaluation.intervals.get(measure.key))
            for value, evaluation in zip(values, evaluations, strict=True)
        ]
        table.append([measure.label, *cells, *([_reported(measure)] if paper else [])])
    for kind in dict.fromkeys(kind for evaluation in evaluations for kind in evaluation.kinds):
        shares = [evaluation.kinds.get(kind) for evaluation in evaluations]
        cells = [NOT_KNOWN if share is None else f"{share:.1%}" for share in shares]
        table.append([f"requests: {kind}", *cells, *([NOT_KNOWN] if paper else [])])
    return table


def legend() -> list[list[str]]:
    """A row for each measure: its name, what it means and in which unit, and the paper's figure."""
    return [["measure", "what it means", PAPER]] + [[one.label, one.meaning, _reported(one)] for one in MEASURES]


def _reported(measure: Measure) -> str:
    return shown(measure, measure.paper) + (f" ({measure.counted_by})" if measure.counted_by else "")


def _short(names: Sequence[str]) -> list[str]:
    """Paths by their last parts, as many as tell them apart."""
    parts = [PurePath(name).parts for name in names]
    longest = max(map(len, parts), default=0)
    for kept in range(1, longest):
        short = ["/".join(each[-kept:]) for each in parts]
        if len(set(short)) == len(set(names)):
            return short
    return list(names)


def shown(measure: Measure, value: float | None) -> str:
    """A value as the table has it."""
    if value is None:
        return NOT_KNOWN
    match measure.form:
        case "count":
            return f"{value:,.0f}"
        case "share":
            return f"{value:.1%}"
        case "number":
            return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def _spread(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"{'' if interval.margin is None else f' ± {interval.margin:.2f}'} ({interval.size:,})"


def as_text(table: Sequence[Sequence[str]]) -> str:
    """Aligned columns: the first to the left, the numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in table
    )


def as_markdown(table: Sequence[Sequence[str]]) -> str:
    """A table of GitHub's Markdown."""
    head, *body = ([cell.replace("\\", "\\\\").replace("|", "\\|") for cell in row] for row in table)
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *body])
