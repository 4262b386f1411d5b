"""Real tools of a run: only with ``--execute``, and it is said which they are."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import typer

from toolflow.cli.printable import printable
from toolflow.cli.stopping import Stop
from toolflow.config import ExecuteConfig
from toolflow.errors import ConfigError
from toolflow.execute import Execution
from toolflow.schema import Tool

SHOWN = 8
"""Names in one line."""


def execution_of(config: ExecuteConfig, catalog: Sequence[Tool], *, execute: bool) -> Execution | None:
    """The real tools that the settings name; `ConfigError` when ``--execute`` and the settings do not agree.

    Settings that name something are refused without the option: neither is it run unasked, nor simulated unnoticed.
    """
    if not execute and config.names_anything:
        raise ConfigError(
            "execute: these settings name functions or servers to run; --execute runs them (read the settings first), "
            "and without that section everything is simulated"
        )
    if execute and not config.names_anything:
        raise ConfigError("--execute: the settings name nothing to run; execute.python and execute.mcp do")
    return Execution(config, catalog, os.environ) if execute else None


@asynccontextmanager
async def executing(execution: Execution | None, stop: Stop) -> AsyncIterator[None]:
    """Have the real tools at hand, where there are any; `ConfigError` when one cannot be had.

    Whoever asks to stop need not wait for a server to start.
    """
    if execution is None:
        yield
        return
    try:
        starting, stopping = asyncio.create_task(execution.start()), asyncio.create_task(stop.asked.wait())
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if starting.done():
            starting.result()
            _say(execution)
        else:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        yield
    finally:
        await execution.aclose()
        if execution.answers or execution.failures:
            typer.echo(
                f"real tools gave {execution.answers:,} answers, {execution.errors:,} of them errors; "
                f"{execution.failures:,} calls got none",
                err=True,
            )


def _say(execution: Execution) -> None:
    typer.echo(printable(f"run for real: {_named(execution.tools) or 'nothing'}; all others are simulated"), err=True)
    if execution.withheld:
        names = _named(execution.withheld)
        typer.echo(printable(f"simulated, for they may have side effects: {names} (execute.allow)"), err=True)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
