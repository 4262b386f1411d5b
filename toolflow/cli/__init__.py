"""The command line: one thin file per command; parse, call, print.

Results go to stdout, progress and messages to stderr. Every error a user can cause is one line and an
exit code: 0 done, 1 the data is bad or the run could not be finished, 2 wrong usage or configuration.
Bugs keep their traceback.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from toolflow import __version__
from toolflow.cli.build_graph import build_graph_command
from toolflow.cli.estimate import estimate_command
from toolflow.cli.evaluate import evaluate_command
from toolflow.cli.graph import graph_app
from toolflow.cli.import_ import import_command
from toolflow.cli.log import log_to
from toolflow.cli.printable import printable
from toolflow.cli.prompts import prompts_command
from toolflow.cli.synthesize import synthesize_command
from toolflow.cli.validate import validate_command
from toolflow.errors import ToolFlowError

TYPER_INTERRUPTED = 130
"""What typer makes of a KeyboardInterrupt."""

app = typer.Typer(
    help="Synthesize multi-turn tool-calling dialogues for supervised fine-tuning.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("import")(import_command)
app.command("build-graph")(build_graph_command)
app.add_typer(graph_app, name="graph")
app.command("synthesize")(synthesize_command)
app.command("estimate")(estimate_command)
app.command("validate")(validate_command)
app.command("evaluate")(evaluate_command)
app.command("prompts")(prompts_command)


@app.callback(invoke_without_command=True)
def _toolflow(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    log_to(Console(stderr=True))
    if version:
        typer.echo(f"toolflow {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Entry point of the program ``toolflow``."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    try:
        code = app(list(arguments), prog_name="toolflow", standalone_mode=False)
    except ToolFlowError as error:
        return _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "toolflow"
        return _fail(f"{error.format_message().rstrip('.')} (see '{command} --help')", 2)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", 1)
    if code == TYPER_INTERRUPTED:
        return _fail("interrupted", 1)
    return code if isinstance(code, int) else 0


def _fail(problem: str, code: int) -> int:
    """Say in one line what went wrong; the exit code."""
    typer.echo(f"error: {printable(problem)}", err=True)
    return code
