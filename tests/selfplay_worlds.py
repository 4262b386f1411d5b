"""Small tools, and what one simulated world answers when they are called one after another."""

import asyncio
from typing import Any

from selfplay_talks import TODAY

from toolflow.cast import Answered, ToolView
from toolflow.schema import Tool
from toolflow.selfplay.world import SelfplayTool

TEXT = {"type": "string"}
MOMENT = {**TEXT, "format": "date-time"}


def thing(**fields: Any) -> dict[str, Any]:
    """The schema of an object with these fields, all of them required."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def made(name: str, description: str, returns: Any, **properties: Any) -> Tool:
    """A tool with these parameters, all of them required."""
    return Tool(name=name, description=description, parameters=thing(**properties), returns=returns)


def answers(*calls: tuple[Tool, dict[str, Any]], seed: int = 7) -> list[Any]:
    """The results of these calls, one after another in one world; an argument may be a function of them so far."""
    world, history, results = SelfplayTool(seed), [], []
    for tool, given in calls:
        arguments = {name: value(results) if callable(value) else value for name, value in given.items()}
        result = asyncio.run(world.answer(ToolView(tool, arguments, tuple(history), TODAY)))
        history.append(Answered(tool.name, arguments, result))
        results.append(result)
    return results
