"""Settings of execution: which tools answer themselves instead of being simulated.

They name code and commands, which a run with ``--execute`` starts with the rights of whoever started it, and no
other run looks at. Like all settings they are copied into the manifest: secrets belong into environment variables,
and of a command line only the program and what it runs are written down.
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator, model_validator

from toolflow.pools import PlainUrl, Variable, holds_key

Function = Annotated[str, Field(max_length=500, pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*$")]
"""``module.path:function``."""


class ServerConfig(BaseModel):
    """One MCP server: the command that starts it, or its URL."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: tuple[str, ...] | None = Field(None, min_length=1, max_length=1_000)
    url: PlainUrl | None = None
    env: tuple[Variable, ...] = ()
    """Environment variables that the command gets beside the few that every server does."""
    key_env: Variable | None = None
    """Name of the variable that holds the bearer token for the URL."""
    tools: tuple[str, ...] | dict[str, str] | None = None
    """The tools that are called there, in place of all that the catalog has as well; as a mapping where a tool goes by
    another name in the catalog."""

    @field_validator("command")
    @classmethod
    def _no_key(cls, command: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if command and any((not word.strip() and at == 0) or "\0" in word for at, word in enumerate(command)):
            raise ValueError("must be the words of a command line, as in [python, server.py]")
        if any(map(holds_key, command or ())):
            raise ValueError("holds what looks like a key; it belongs into an environment variable that env names")
        return command

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.command is None) == (self.url is None):
            raise ValueError("needs a command or a url, and not both")
        if self.key_env is not None and self.url is None:
            raise ValueError("key_env goes with a url; a command gets the variables that env names")
        if self.env and self.command is None:
            raise ValueError("env goes with a command")
        return self

    @field_serializer("command")
    def _shown(self, command: tuple[str, ...] | None) -> list[str] | None:
        return None if command is None else shown_command(command)


def shown_command(command: tuple[str, ...]) -> list[str]:
    """Of a command line, the program and what it runs, without folders: ``python``, ``weather.py``."""
    first, *rest = command
    more = [word for word in rest[:1] if not word.startswith("-") and "=" not in word]
    return [word.rstrip("/").rpartition("/")[2] for word in (first, *more)]


class ExecuteConfig(BaseModel):
    """Which tools answer themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    python: dict[str, Function] = {}
    """Tool: the Python function that answers for it."""
    mcp: tuple[ServerConfig, ...] = ()
    """Servers whose tools answer for those of the same name."""
    allow: tuple[str, ...] = ()
    """Tools of these servers that may be called though they may have side effects."""
    timeout: float = Field(10.0, gt=0, le=3_600)
    """Seconds for one call."""
    max_bytes: int = Field(20_000, ge=100, le=10_000_000)
    """Of one result, as JSON."""
    processes: int = Field(1, ge=1, le=256)
    """For Python functions; calls run side by side in more, which share no state."""

    @property
    def names_anything(self) -> bool:
        """Whether there is anything to execute."""
        return bool(self.python or self.mcp)
