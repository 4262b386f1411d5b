"""How many requests may be under way at once: as many as the endpoint can take, found out on the way.

Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain 1989; Jacobson 1988 for the slow
start): it begins with a few, doubles with every round trip until the endpoint first says that it is too much,
halves then, and grows slowly from there. All that were under way together and failed together are one sign.

Ours: after a decrease the steps grow by one with each round trip without another, so that a ceiling of
hundreds is regained in minutes; and it does not grow while answers take longer than a quarter of the timeout,
since a small server that is made to queue more would only run into it.
"""

START = 8
PATIENT_SHARE = 0.25
"""Of the timeout: answers that take longer are no reason to ask more at once."""


class Width:
    """The number of requests that may be under way; at least 1, at most ``ceiling``."""

    def __init__(self, ceiling: float, timeout: float) -> None:
        self._ceiling = ceiling
        self._slow_answer = PATIENT_SHARE * timeout
        self._width = min(float(START), ceiling)
        self._doubling = True
        self._step = 1.0
        self._seen = 0

    @property
    def allowed(self) -> int:
        """Requests at once."""
        return int(self._width)

    def answered(self, seconds: float) -> None:
        """An answer came while all of the width was in use."""
        if seconds > self._slow_answer:
            return
        if self._doubling:
            grown = self._width + 1
        else:
            grown = self._width + self._step / self._width
            self._step += 1 / self._width
        self._width = min(grown, self._ceiling)

    def overloaded(self, number: int, latest: int) -> None:
        """Request ``number`` was too much; ``latest`` is the last one that is on its way as well."""
        if number <= self._seen:
            return
        self._seen = latest
        self._width = max(1.0, self._width / 2)
        self._doubling = False
        self._step = 1.0

    def begin_anew(self) -> None:
        """The endpoint was gone and is back."""
        self._width = min(self._width, START)
        self._doubling = True
