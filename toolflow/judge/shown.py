"""What a judge is shown of a dialogue: bounded in every direction, whatever a file holds.

Tools that are called come with their parameters, the others with name and description.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from toolflow.llm.prompts import quoted
from toolflow.validate.reading import Dialogue, function_of

TEXT, RESULT, ARGUMENTS, DESCRIPTION, PARAMETERS, NAME = 2_000, 1_500, 1_000, 300, 1_500, 100
"""Characters of each …"""
TOOLS, MESSAGES = 40_000, 80_000
"""… of all tools and of all messages, as JSON …"""
CALLS = 10
"""… and calls of a message."""


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and three dots."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown_tools(dialogue: Dialogue) -> str:
    """The tools offered, in their order, a line of JSON each."""
    return _lines(_tools(dialogue), TOOLS)


def shown_messages(dialogue: Dialogue) -> str:
    """The messages as they were said, with calls and results, a line of JSON each."""
    return _lines(_messages(dialogue), MESSAGES)


def _tools(dialogue: Dialogue) -> Iterator[dict[str, Any]]:
    called = {call.name for call in dialogue.calls}
    for name, tool in dialogue.tools.items():
        function = function_of(dialogue.record["tools"][tool.position]) or {}
        shown = {"name": cut(name, NAME), "description": cut(_text(function.get("description")), DESCRIPTION)}
        if name in called:
            shown["parameters"] = cut(_text(tool.parameters), PARAMETERS)
        yield shown


def _messages(dialogue: Dialogue) -> Iterator[dict[str, Any]]:
    for message in dialogue.messages:
        limit = RESULT if message.role == "tool" else TEXT
        shown: dict[str, Any] = {"role": message.role}
        if message.text:
            shown["content"] = cut(message.text, limit)
        made = dialogue.calls_at.get(message.index, [])
        if made:
            shown["calls"] = [
                {"name": cut(call.name, NAME), "arguments": cut(call.text or _text(call.arguments), ARGUMENTS)}
                for call in made[:CALLS]
            ]
        yield shown


def _lines(items: Iterable[dict[str, Any]], limit: int) -> str:
    lines, size = list[str](), 0
    for item in items:
        line = quoted(item)
        size += len(line)
        if size > limit:
            lines.append(quoted("The rest is not shown …"))
            break
        lines.append(line)
    return "\n".join(lines) or "(none)"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
