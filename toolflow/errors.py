"""The one tree of errors.

::

    ToolFlowError
    ├── RunError                 stop the run: nothing further can succeed
    │   ├── ConfigError          wrong usage or configuration (exit code 2)
    │   │   └── CatalogError     no usable tools, or a tools file that cannot be read
    │   ├── GraphError           a graph file that is damaged or of another version (exit code 2)
    │   ├── OutputError          the output cannot be written: full disk, no permission (exit code 1)
    │   ├── ToolUnavailable      a real tool cannot be reached any more (exit code 1)
    │   ├── ModelUnavailable     the endpoint is gone or refuses us for good (exit code 1)
    │   ├── BudgetReached        the money is spent (exit code 1)
    │   └── WorkerDied           a process that makes records is gone (exit code 1)
    └── RecordError              skip this record, go on with the others
        ├── ReferenceRefused     a tool to import refers to another machine, or out of its folder
        ├── PlanError            no plan passed the checks
        └── DialogueError        the dialogue could not be finished

A message says what is wrong, where, and what to do about it, in one line.
"""

from collections.abc import Sequence
from typing import Any


class ToolFlowError(Exception):
    """Base of every error a user can cause or meet; anything else is a bug."""

    exit_code = 1


class RunError(ToolFlowError):
    """Stops the run; what was finished before stays."""


class ConfigError(RunError):
    """Wrong usage or configuration."""

    exit_code = 2


class CatalogError(ConfigError):
    """A tools file that cannot be read, or a catalog without a usable tool."""


class GraphError(RunError):
    """A graph file that is damaged, or of another format version."""

    exit_code = 2


class OutputError(RunError):
    """The output folder or file cannot be written."""


class ModelUnavailable(RunError):
    """The endpoint refuses the connection, the key or the model for good."""


class ToolUnavailable(RunError):
    """What was to answer calls for real was lost and cannot be started again."""


class BudgetReached(RunError):
    """The next request might cost more than is left of the budget."""


class WorkerDied(RunError):
    """A worker process ended that should not have."""


class RecordError(ToolFlowError):
    """This record is set aside with its reason; the run goes on."""

    def __init__(self, reason: str, history: Sequence[Any] = ()) -> None:
        super().__init__(reason)
        self.history = tuple(history)
        """`toolflow.schema.FailedAnswer`: what was asked and answered before it failed."""


class ReferenceRefused(RecordError):
    """A tool to import refers to another machine, or to a file out of the folder that was given."""


class TooMuchWork(RecordError):
    """What is to be looked through would take minutes or days."""


class PlanError(RecordError):
    """No plan passed the checks within the allowed attempts."""


class DialogueError(RecordError):
    """The dialogue could not be finished."""
