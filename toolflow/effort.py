"""How much work one dialogue may cause. Steps are counted, not seconds, so that the same dialogue always ends the same.

A step is what takes about a tenth of a microsecond. No dialogue that people would make comes near the bound; one that
was made to keep a checker busy for days comes to an end.
"""

from toolflow.errors import TooMuchWork

MOST = 50_000_000
"""Steps of one rule for one dialogue, or of whoever else looks values up in it."""
SEARCHED = 200
"""Characters of a text that are searched in one step."""


class Effort:
    """The steps that are left."""

    def __init__(self, steps: int | None = None) -> None:
        """`MOST` steps, or as many as are given."""
        self._left = MOST if steps is None else steps

    def spend(self, steps: int) -> None:
        """So many steps are taken; `TooMuchWork` when there are not so many left."""
        self._left -= steps
        if self._left < 0:
            raise TooMuchWork("there is too much to look through; make it shorter, or switch the rule off")

    def search(self, text: str) -> None:
        """A text is searched once."""
        self.spend(10 + len(text) // SEARCHED)
