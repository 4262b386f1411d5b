"""Which tools of a catalog answer themselves in a run, and their calls."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toolflow.config import ExecuteConfig, ServerConfig
from toolflow.errors import ConfigError, DialogueError
from toolflow.execute.functions import Functions
from toolflow.execute.servers import LiveServer
from toolflow.importing.connection import Place
from toolflow.importing.names import readable
from toolflow.llm.censor import Censor
from toolflow.schema import Tool

LEAST_SECRET = 8
"""Letters of a value in the environment that is kept out of records, where its name says that it is secret."""
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.I)


class Execution:
    """The real tools of one run, open from `start` to `aclose`.

    `ConfigError` when the settings name a tool that the catalog does not have, or a variable that is not set.
    """

    def __init__(self, config: ExecuteConfig, catalog: Sequence[Tool], environ: Mapping[str, str]) -> None:
        self.config = config
        self.catalog = {tool.name for tool in catalog}
        named = {name for server in config.mcp for name in (*server.env, *([server.key_env] if server.key_env else ()))}
        censored = Censor(
            value
            for name, value in environ.items()
            if name in named or (_SECRET.search(name) and len(value) >= LEAST_SECRET)
        )
        self._functions = Functions(config, censored)
        self._servers = [
            LiveServer(_place(server, environ, f"execute.mcp[{number}]"), config.timeout, config.max_bytes, censored)
            for number, server in enumerate(config.mcp)
        ]
        self._calls: dict[str, Callable[[Mapping[str, Any]], Any]] = {}
        self._offered: set[str] = set()
        """Names of the servers' tools, there and in the catalog."""
        self.withheld: list[str] = []
        """Tools that may have side effects, and are simulated for it."""
        self.answers = self.errors = self.failures = 0
        """Calls that were answered, those of them with an error, and those that were not."""
        for tool in config.python:
            if tool not in self.catalog:
                raise ConfigError(f"execute.python.{tool}: there is no such tool in the catalog")
            self._calls[tool] = _calling(self._functions, tool)

    @property
    def tools(self) -> list[str]:
        """Names of the tools that answer themselves; all of them after `start`."""
        return list(self._calls)

    async def start(self) -> None:
        """Import the functions, reach the servers; `ConfigError` names what cannot be had."""
        await self._functions.start()
        for server, settings in zip(self._servers, self.config.mcp, strict=True):
            await server.start()
            self._match(server, settings)
        unknown = [name for name in self.config.allow if name not in self._offered]
        if unknown:
            raise ConfigError(f"execute.allow: no MCP server of the settings has a tool {unknown[0]!r}")

    def _match(self, server: LiveServer, settings: ServerConfig) -> None:
        """Find the catalog's tools on a server."""
        chosen = settings.tools
        if isinstance(chosen, dict):
            named = chosen
        else:
            names = server.read_only if chosen is None else chosen
            named = {name if name in self.catalog else readable(name): name for name in names}
        unknown = [name for name in named.values() if name not in server.read_only]
        if unknown:
            raise ConfigError(f"execute.mcp: {server.name} has no tool {unknown[0]!r}")
        found = {tool: name for tool, name in named.items() if tool in self.catalog}
        if not found:
            raise ConfigError(
                f"execute.mcp: {server.name}: none of its {len(named):,} tools is in the catalog; "
                "'toolflow import' makes a catalog of them"
            )
        self._offered |= {*found, *server.read_only}
        for tool, name in found.items():
            if not (server.read_only[name] or {tool, name} & set(self.config.allow)):
                if tool not in self._calls:
                    self.withheld.append(tool)
            elif tool in self._calls:
                raise ConfigError(
                    f"execute: {tool} would be answered twice, by {server.name} as well; 'tools' of a server names "
                    "those that are called there"
                )
            else:
                self._calls[tool] = _calling(server, name)

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """What a tool answers, its errors included; `DialogueError` when it gives no result, which names it."""
        try:
            result = await self._calls[tool](arguments)
        except DialogueError as error:
            self.failures += 1
            raise DialogueError(f"{tool}, called for real: {error}") from None
        self.answers += 1
        self.errors += isinstance(result, dict) and bool(result.get("error"))
        return result

    async def aclose(self) -> None:
        """End everything that was started."""
        await self._functions.aclose()
        for server in self._servers:
            await server.aclose()


def _calling(caller: Functions | LiveServer, name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda arguments: caller.call(name, arguments)


def _place(server: ServerConfig, environ: Mapping[str, str], where: str) -> Place:
    """Where a server is, with what the environment holds for it."""
    wanted = [*server.env, *([server.key_env] if server.key_env else [])]
    missing = [name for name in wanted if not environ.get(name)]
    if missing:
        raise ConfigError(f"{where}: the environment variable {missing[0]} is not set")
    if server.command is not None:
        return Place(command=server.command, variables={name: environ[name] for name in server.env})
    return Place(url=server.url or "", token=environ[server.key_env] if server.key_env else None)
