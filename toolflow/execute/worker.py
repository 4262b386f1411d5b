"""The process in which Python functions run: a call a line on stdin, an answer a line on stdout, both JSON.

It is started as a script and imports nothing of the package. What a function prints goes to stderr, so that it cannot
be taken for an answer. Functions run in a thread of their own: one that hangs does not keep the process from ending
when whoever started it is gone.

    {"load": {tool: "module:function"}}                → {"loaded": {tool: what is wrong with it, or null}}
    {"call": tool, "arguments": {…}, "max_bytes": n}   → {"result": …}, {"error": {"type": …, "message": …}} for what
                                                         it raised, {"unusable": why} for what is no result
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial, reduce
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

MAX_MESSAGE = 2_000
"""Characters of what an exception says."""

Functions = dict[str, Callable[..., Any]]


class Unusable(Exception):
    """A function returned what is no result."""


def found(target: str) -> Callable[..., Any]:
    """The function at ``module:function``; whatever goes wrong with its module, and TypeError when it is none."""
    module, _, path = target.partition(":")
    function: Any = reduce(getattr, path.split("."), importlib.import_module(module))
    if not callable(function):
        raise TypeError("it cannot be called")
    return function  # type: ignore[no-any-return]


def result(function: Callable[..., Any], arguments: dict[str, Any], max_bytes: int) -> bytes:
    """What a function returns, as JSON; what it raises, and `Unusable` when that is no JSON, or too much of it."""
    value = function(**arguments)
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    try:
        text = to_json(value, inf_nan_mode="constants")
        json.loads(text, parse_constant=_refuse)
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise Unusable(f"returned no JSON value: {error}") from None
    if len(text) > max_bytes:
        raise Unusable(f"returned {len(text):,} bytes, more than the {max_bytes:,} of execute.max_bytes")
    return text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def answer(future: "Future[bytes]") -> bytes:
    """The line about a call that has ended."""
    error = future.exception()
    if error is None:
        return b'{"result": ' + future.result() + b"}\n"
    if isinstance(error, Unusable):
        return _line({"unusable": str(error)[:MAX_MESSAGE]})
    return _line({"error": {"type": type(error).__name__, "message": str(error)[:MAX_MESSAGE]}})


def problem(future: "Future[Any]") -> str | None:
    """What is wrong with a function that was looked for."""
    error = future.exception()
    return None if error is None else f"{type(error).__name__}: {error}"[:MAX_MESSAGE]


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def main() -> None:
    """Answer until stdin ends."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    functions: Functions = {}
    pool = ThreadPoolExecutor(1)
    for line in calls:
        message = json.loads(line)
        if "load" in message:
            looked_for = {tool: pool.submit(found, target) for tool, target in message["load"].items()}
            problems = {tool: problem(future) for tool, future in looked_for.items()}
            functions = {tool: looked_for[tool].result() for tool, why in problems.items() if why is None}
            answers.write(_line({"loaded": problems}))
        else:
            call = partial(result, functions[message["call"]], message["arguments"], message["max_bytes"])
            pool.submit(call).add_done_callback(lambda future: _write(answers.fileno(), answer(future)))
    os._exit(0)


def _write(file: int, line: bytes) -> None:
    """All of a line, however little the pipe takes at a time."""
    while line:
        line = line[os.write(file, line) :]


if __name__ == "__main__":
    main()
