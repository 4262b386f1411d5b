"""Python functions as tools: they run in processes of their own, which are killed when a call takes too long."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from toolflow.config import ExecuteConfig
from toolflow.errors import ConfigError, DialogueError, ToolUnavailable
from toolflow.execute.results import error_of, read_result
from toolflow.importing.connection import SECONDS, last_words

WORKER = Path(__file__).with_name("worker.py")
ENVELOPE = 1_000_000
"""Bytes of an answer beside its result."""


class Gone(Exception):
    """The process is no more; the message says why."""


class Functions:
    """The functions that a config names, and the processes that run them."""

    def __init__(self, config: ExecuteConfig, censored: Callable[[str], str]) -> None:
        self.config = config
        self._censored = censored
        self._idle: asyncio.Queue[_Process] = asyncio.Queue()
        self._processes = [_Process(config) for _ in range(config.processes if config.python else 0)]
        for process in self._processes:
            self._idle.put_nowait(process)

    async def start(self) -> None:
        """Import every function once; `ConfigError` names the one that cannot be."""
        for process in self._processes[:1]:
            try:
                problems = await process.load()
            except Gone as gone:
                raise ConfigError(self._censored(f"execute.python: cannot be imported: {gone}")) from None
            for tool, problem in problems.items():
                if problem is not None:
                    shown = " ".join(problem.split())
                    target = self.config.python[tool]
                    raise ConfigError(self._censored(f"execute.python.{tool}: {target} cannot be used: {shown}"))

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """What the function returns, or an error of what it raises; `DialogueError` when it gives no result."""
        process = await self._idle.get()
        try:
            answer = await process.call(tool, arguments)
        finally:
            self._idle.put_nowait(process)
        if "error" in answer:
            return error_of(answer["error"]["type"], self._censored(answer["error"]["message"]))
        if "unusable" in answer:
            raise DialogueError(self._censored(answer["unusable"]))
        text = json.dumps(answer["result"], ensure_ascii=False)
        return read_result(self._censored(text), self.config.max_bytes)

    async def aclose(self) -> None:
        """End all processes."""
        for process in self._processes:
            await process.aclose()


class _Process:
    """One process, started when it is needed."""

    def __init__(self, config: ExecuteConfig) -> None:
        self.config = config
        self._process: asyncio.subprocess.Process | None = None
        self._ready = False
        """Whether the process waits for calls."""
        self._said: IO[bytes] | None = None
        """What the process says on stderr."""

    async def load(self) -> dict[str, str | None]:
        """Start, and import the functions; for each, what is wrong with it."""
        await self._end()
        self._said = self._said or tempfile.TemporaryFile()  # noqa: SIM115
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(WORKER)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._said,
            limit=self.config.max_bytes + ENVELOPE,
            start_new_session=True,
        )
        try:
            answer = await self._ask({"load": self.config.python}, SECONDS)
        except TimeoutError:
            raise Gone(f"that took longer than {SECONDS:g} seconds") from None
        loaded: dict[str, str | None] = answer["loaded"]
        self._ready = True
        return loaded

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one call; `DialogueError` when there is none."""
        if not self._ready:
            try:
                problem = (await self.load())[tool]
            except Gone as gone:
                problem = str(gone)
            if problem is not None:
                raise ToolUnavailable(f"{tool}: {self.config.python[tool]} cannot be imported any more: {problem}")
        request = {"call": tool, "arguments": arguments, "max_bytes": self.config.max_bytes}
        try:
            return await self._ask(request, self.config.timeout)
        except TimeoutError:
            raise DialogueError(f"did not answer within {self.config.timeout:g} seconds") from None
        except Gone as gone:
            raise DialogueError(str(gone)) from None

    async def _ask(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a message; without one in time, or when nobody waits for it any more, the process is killed."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        answered = False
        try:
            async with asyncio.timeout(seconds):
                process.stdin.write(json.dumps(message).encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
            answer = json.loads(line)
            answered = True
        except TimeoutError:
            raise
        except (ValueError, RecursionError, OSError):
            raise Gone(f"its process ended{last_words(self._said)}") from None
        finally:
            if not answered:
                self._kill()
        return dict(answer)

    def _kill(self) -> None:
        """End the process, and what it has started."""
        self._ready = False
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def aclose(self) -> None:
        """End the process for good."""
        await self._end()
        if self._said is not None:
            self._said.close()

    async def _end(self) -> None:
        """Kill the process, and wait until it is gone."""
        if self._process is not None:
            self._kill()
            if self._process.stdin is not None:
                self._process.stdin.close()
            await self._process.wait()
            self._process = None
