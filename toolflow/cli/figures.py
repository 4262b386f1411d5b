"""The figures of a tool graph, for people."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from toolflow.cli.printable import printable
from toolflow.graph import GraphStats


def figures(stats: GraphStats, seconds: float | None = None) -> Group:
    """Two tables; ``seconds`` is how long the graph took to build."""
    counts = Table(show_header=False)
    counts.add_column()
    counts.add_column(justify="right")
    kinds = stats.edges_by_kind
    for label, value in (
        ("tools", f"{stats.tools:,}"),
        ("edges", f"{stats.edges:,}"),
        ("  parameter – parameter only", f"{kinds['pp']:,}"),
        ("  return value – parameter only", f"{kinds['pr']:,}"),
        ("  both", f"{kinds['both']:,}"),
        ("degree, mean", f"{stats.degree_mean:.1f}"),
        ("degree, median", f"{stats.degree_median:g}"),
        ("degree, maximum", f"{stats.degree_max:,}"),
        ("components", f"{stats.components:,}"),
        ("largest component", f"{stats.largest_component:,}"),
        ("isolated tools", f"{stats.isolated:,}"),
        *([("field pairs asserted", f"{stats.asserted:,}")] if stats.asserted else []),
        *([("flows a model said yes to", f"{stats.confirmed:,}")] if stats.confirmed else []),
        *([("flows a model said no to", f"{stats.refused:,}")] if stats.refused else []),
        *([] if seconds is None else [("seconds", f"{seconds:.1f}")]),
    ):
        counts.add_row(label, value)
    fields = Table(title="Most connected fields", title_justify="left")
    fields.add_column("field")
    fields.add_column("edges", justify="right")
    for field in stats.top_fields:
        fields.add_row(Text(printable(field.name)), f"{field.edges:,}")
    return Group(counts, fields)
