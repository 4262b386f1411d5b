"""For each tool a list of other tools, as compressed rows: two columns, whatever the number of tools.

A row is a view that costs nothing to make and gives Python numbers, so a sampler may ask for millions of them.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


class Adjacency:
    """``adjacency[tool]`` are the tools listed for one, ascending."""

    def __init__(self, tools: int, ends: Ints, others: Ints) -> None:
        """From distinct pairs in any order: ``others[i]`` is listed for ``ends[i]``."""
        keys = np.sort(ends.astype(np.int64) * tools + others)
        self.others: Ints = (keys % max(tools, 1)).astype(np.int32)
        """Every row, one after the other."""
        self.first: Ints = np.searchsorted(keys, np.arange(tools + 1) * tools).astype(np.int32)
        """Where each row begins; one more entry at the end."""
        self._first: list[int] = self.first.tolist()
        self._others = self.others.data

    def __len__(self) -> int:
        """Number of tools."""
        return len(self._first) - 1

    def __getitem__(self, tool: int) -> "memoryview[int]":
        """The tools listed for this one."""
        return self._others[self._first[tool] : self._first[tool + 1]]
