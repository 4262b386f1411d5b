"""Replay: the calls of a dialogue with selfplay's tools, made again in the world rebuilt from its record.

The world is a function of the seed, index and attempt of a record, its tools and its date, and of the calls before;
so the same calls must get the same results, errors that the plan wants included. Nothing else is replayed: a
model would answer otherwise, and a real tool may answer otherwise, or do again what it did. What a record says a
real tool answered is taken as it stands, and the world goes on from there.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from toolflow.cast import Answered, cast_source
from toolflow.catalog_check import Refused, read_tool
from toolflow.config import CatalogConfig
from toolflow.conformance import nests_deeper
from toolflow.dialogue import Service
from toolflow.errors import DialogueError
from toolflow.schema import AssistantMessage, Record, Tool, ToolMessage, UserMessage, Verdict
from toolflow.selfplay import make_selfplay_cast
from toolflow.trace import same_json

RULE = "replay"
_ANY_SIZE = CatalogConfig(max_tool_bytes=32_000_000, max_depth=64)
"""The simulated world knows schemas as a catalog takes them; a run may have allowed larger ones than usual."""
MAX_DEPTH = 100
"""A record nested deeper is not replayed."""
MAX_QUOTED = 120
SIMULATED = ("selfplay", "hybrid")
"""The casts whose tools answer from the simulated world."""


def is_replayable(record: Any) -> bool:
    """Whether a record says that a cast with a simulated world made it."""
    meta = record.get("meta") if isinstance(record, dict) else None
    return isinstance(meta, dict) and meta.get("cast") in SIMULATED and not nests_deeper(record, MAX_DEPTH)


def real_results(record: Any) -> int:
    """How many results of a replayable record are said to be those of real tools."""
    executed = record["meta"].get("executed")
    return len(executed) if isinstance(executed, list) else 0


def replay(record: Any) -> list[Verdict]:
    """The results of a simulated dialogue that its world would not give; empty when all are the same."""
    try:
        read = Record.model_validate_json(json.dumps(record))
        tools = [Tool.model_validate(tool["function"]) for tool in read.tools]
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        return [_verdict("", f"cannot be replayed: {reason}")]
    for at, tool in enumerate(tools):
        found = read_tool(tool.model_dump(), _ANY_SIZE, "")
        if isinstance(found, Refused):
            return [_verdict(f"tools[{at}]", f"cannot be replayed: {tool.name!r}: {found.problems[0].text}")]
    if read.meta.today is None:
        return [_verdict("meta.today", "cannot be replayed: the record names no date")]
    return asyncio.run(_replayed(read, tools))


async def _replayed(record: Record, tools: list[Tool]) -> list[Verdict]:
    assert record.meta.today is not None
    world = make_selfplay_cast(cast_source(record.meta.seed, record.draw)).tool
    service = Service(world, tools, record.plan, record.meta.today)
    contents = {
        message.tool_call_id: (f"messages[{at}].content", message.content)
        for at, message in enumerate(record.messages)
        if isinstance(message, ToolMessage)
    }
    verdicts: list[Verdict] = []
    for message, request in _with_requests(record):
        for call in message.tool_calls:
            where, content = contents.get(call.id, ("messages", ""))
            try:
                if call.id in record.meta.executed:
                    arguments, result = json.loads(call.function.arguments), json.loads(content)
                    service.history.append(Answered(call.function.name, arguments, result))
                    continue
                again = await service.result(call, request)
            except (DialogueError, ValueError, RecursionError) as error:
                verdicts.append(_verdict(where, f"cannot be replayed: {error}"))
                continue
            if not _same(again, content):
                text = json.dumps(again, ensure_ascii=False)
                verdicts.append(_verdict(where, f"{call.function.name} answers otherwise: {text[:MAX_QUOTED]}"))
    return verdicts


def _with_requests(record: Record) -> Iterator[tuple[AssistantMessage, int]]:
    """Each message of the assistant with the position of the request under way."""
    turn, turns = -1, record.meta.turns
    for message in record.messages:
        if isinstance(message, UserMessage):
            turn += 1
        elif isinstance(message, AssistantMessage):
            yield message, turns[turn] if 0 <= turn < len(turns) else 0


def _same(result: Any, content: str) -> bool:
    try:
        return same_json(result, json.loads(content))
    except (ValueError, RecursionError):
        return False


def _verdict(where: str, why: str) -> Verdict:
    return Verdict(rule=RULE, severity="error", where=where, why=why)
