"""The command line: one thin file per command; parse, call, print.

Results go to stdout, progress and messages to stderr. Every error a user can cause is one line and an
exit code: 0 done, 1 the data is bad or the run could not be finished, 2 wrong usage or configuration.
Bugs keep their traceback.
"""

import errno
import importlib
import io
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup
from typer.main import get_group

from toolflow import __version__
from toolflow.cli.log import log_to
from toolflow.cli.printable import printable
from toolflow.errors import ToolFlowError

TYPER_INTERRUPTED = 130
"""What typer makes of a KeyboardInterrupt."""

COMMANDS = {
    "import": "import_:import_command",
    "build-graph": "build_graph:build_graph_command",
    "graph": "graph:graph_app",
    "synthesize": "synthesize:synthesize_command",
    "estimate": "estimate:estimate_command",
    "validate": "validate:validate_command",
    "evaluate": "evaluate:evaluate_command",
    "prompts": "prompts:prompts_command",
}
"""Each command's file and what stands for it there: a function, or an app with commands of its own."""
STYLE: dict[str, Any] = {"pretty_exceptions_enable": False, "rich_markup_mode": "rich"}


class Commands(TyperGroup):
    """The commands, each imported when it is called: nobody who checks a file waits for the client of the models."""

    def list_commands(self, _: object) -> list[str]:
        """Their names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, _: object, cmd_name: str) -> Any:
        """One of them; for a name that is none all are imported, since the message says which was perhaps meant."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _imported(name)
        return self.commands.get(cmd_name)


def _imported(name: str) -> Any:
    file, attribute = COMMANDS[name].split(":")
    command = getattr(importlib.import_module(f"toolflow.cli.{file}"), attribute)
    alone = typer.Typer(**STYLE)
    if isinstance(command, typer.Typer):
        alone.add_typer(command, name=name)
    else:
        alone.command(name)(command)
    return get_group(alone).commands[name]


app = typer.Typer(
    help="Synthesize multi-turn tool-calling dialogues for supervised fine-tuning.",
    cls=Commands,
    add_completion=False,
    **STYLE,
)


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # of a terminal that knows few letters, the others as escapes
            stream.reconfigure(errors="backslashreplace")
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
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _fail(f"the output cannot be written: {error.strerror}", 1)
    if code == TYPER_INTERRUPTED:
        return _fail("interrupted", 1)
    return code if isinstance(code, int) else 0


def _fail(problem: str, code: int) -> int:
    """Say in one line what went wrong; the exit code."""
    typer.echo(f"error: {printable(problem)}", err=True)
    return code
