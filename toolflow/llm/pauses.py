"""How long to wait between two attempts at the same question, and when to stop.

The wait doubles from one second, with full jitter so that many questions do not come back at once; an
endpoint that says Retry-After gets exactly that, and a little jitter on top. Attempts and total time are
both bounded: no attempt starts after the time is up, and no wait begins that would end there.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

import openai
from tenacity import RetryCallState

FIRST = 1.0
LONGEST = 60.0


class Pauses:
    """Waits and stops, as tenacity asks for them."""

    def __init__(self, attempts: int, seconds: float, jitter: Random) -> None:
        self._attempts = attempts
        self._seconds = seconds
        self._jitter = jitter

    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next attempt."""
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(error) if isinstance(error, openai.APIStatusError) else None
        if asked is not None:
            return asked + self._jitter.uniform(0, min(1.0, asked / 10))
        longest = min(LONGEST, FIRST * 2 ** (state.attempt_number - 1))
        return self._jitter.uniform(longest / 2, longest)

    def stop(self, state: RetryCallState) -> bool:
        """Whether this was the last attempt."""
        elapsed = max(state.seconds_since_start or 0.0, state.idle_for)
        return state.attempt_number >= self._attempts or elapsed + state.upcoming_sleep > self._seconds


def retry_after(error: openai.APIStatusError) -> float | None:
    """What the endpoint asks for: seconds, milliseconds (OpenAI's own header) or a date."""
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        return seconds if 0 <= seconds < float("inf") else None
    try:
        when = parsedate_to_datetime(headers.get("retry-after", ""))
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
