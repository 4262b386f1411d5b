"""``toolflow graph``: looks into a tool graph."""

import typer

from toolflow.cli.graph.export import export_command
from toolflow.cli.graph.path import path_command
from toolflow.cli.graph.show import show_command
from toolflow.cli.graph.stats import stats_command

graph_app = typer.Typer(
    help="Look into a tool graph: figures, the neighbours of a tool, the way between two, other formats.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
graph_app.command("stats")(stats_command)
graph_app.command("show")(show_command)
graph_app.command("path")(path_command)
graph_app.command("export")(export_command)
