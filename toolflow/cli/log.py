"""What the library has to tell while it works, on stderr beside the progress."""

import logging
import traceback

from rich.console import Console
from rich.logging import RichHandler

from toolflow.cli.printable import printable

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""What ``-v`` and ``-vv`` add."""


def log_to(console: Console, verbose: int = 0) -> None:
    """Show the warnings of this package; with ``-v`` what it does, with ``-vv`` everything."""
    handler = RichHandler(console=console, show_path=False, show_time=False, markup=False, highlighter=None)
    handler.setFormatter(_Printable("%(message)s"))
    handler.addFilter(_Once())
    logger = logging.getLogger("toolflow")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(LEVELS[min(verbose, len(LEVELS) - 1)])


class _Once(logging.Filter):
    """A bug that meets a thousand records shows its traceback once, and then in one line each."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[tuple[str, int]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        _, error, trace = record.exc_info or (None, None, None)
        if trace is not None:
            *_, (frame, number) = traceback.walk_tb(trace)
            place = (frame.f_code.co_filename, number)
            if place in self._seen:
                record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error!r}, as before", (), None
            self._seen.add(place)
        return True


class _Printable(logging.Formatter):
    """Messages may quote files and models."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return printable(super().formatMessage(record))
