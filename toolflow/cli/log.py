"""What the library has to tell while it works, on stderr beside the progress."""

import logging

from rich.console import Console
from rich.logging import RichHandler

from toolflow.bugs import Once
from toolflow.cli.printable import printable

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""What ``-v`` and ``-vv`` add."""


def log_to(console: Console, verbose: int = 0) -> None:
    """Show the warnings of this package; with ``-v`` what it does, with ``-vv`` everything."""
    handler = RichHandler(console=console, show_path=False, show_time=False, markup=False, highlighter=None)
    handler.setFormatter(_Printable("%(message)s"))
    handler.addFilter(Once())
    logger = logging.getLogger("toolflow")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(LEVELS[min(verbose, len(LEVELS) - 1)])


class _Printable(logging.Formatter):
    """Messages may quote files and models."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return printable(super().formatMessage(record))
