"""How a bug is told that meets many records: its traceback once."""

import logging
import traceback


class Once(logging.Filter):
    """A bug that meets a thousand records shows its traceback once, and then in one line each."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[tuple[str, int]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """True; a traceback that was shown before is left away."""
        _, error, trace = record.exc_info or (None, None, None)
        if trace is not None:
            *_, (frame, number) = traceback.walk_tb(trace)
            place = (frame.f_code.co_filename, number)
            if place in self._seen:
                record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error!r}, as before", (), None
            self._seen.add(place)
        return True
