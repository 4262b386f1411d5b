"""The narrow question of the assistant: its next step as JSON, a call or words, held to what can be known.

Small models answer native tools with calls in prose, with values of their own making, or with the result itself.
Here the form leaves them no room: a call has the arguments that the tool requires and those whose values came up
(`toolflow.llm.known`); for a tool of which a required one never did, the step is to ask for it. Everything comes from
the talk, nothing from the plan, and what is chosen is the model's. The checks of the assistant hold for it as for any
other call. Ours, all of it.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from toolflow.heard import content_words, stem
from toolflow.llm.known import Known, stems
from toolflow.llm.prompts import quoted, untagged
from toolflow.llm.user_plan import plain
from toolflow.schema import AssistantMessage, Message, SystemMessage, Tool, ToolMessage, UserMessage

MAX_TALK = 6_000
"""Characters of the talk that are shown, the end of it."""
LEAST_LETTERS = 3
"""Of a value that is told from any other text."""

_POLITE = frozenset(map(stem, "can could would need want like help let know hello thanks great".split()))
"""Words that say nothing of what is wanted."""
_REQUEST = re.compile(
    r"(?i)\?|\b(?:please|(?:can|could|would|will) you|i(?:'d| would) (?:need|want|like)|i (?:need|want|have to))\b"
)
_END = re.compile(r"[.!?:…][\"')\]]*\s*\Z")


def related(tools: Sequence[Tool], messages: Sequence[Message]) -> list[Tool]:
    """The tools that have to do with what the user said last: that share half as many of its words as any does; of
    those that share most of them, the ones whose first word was said, if there are any: "reschedule" is no "track"."""
    said = next((message.content for message in reversed(messages) if isinstance(message, UserMessage)), "")
    words, said_stems = set(content_words(said)), stems(said) - _POLITE
    shared = {
        tool.name: len(said_stems & stems(f"{tool.name} {tool.description} {' '.join(tool.properties)}"))
        for tool in tools
    }
    most = max(shared.values(), default=0)
    named = [
        tool for tool in tools if most and shared[tool.name] == most and plain(tool.name).partition(" ")[0] in words
    ]
    return named or [tool for tool in tools if shared[tool.name] and shared[tool.name] >= most / 2]


def asks(text: str) -> bool:
    """Whether an English text wants something."""
    return _REQUEST.search(text) is not None


def wanted(tools: Sequence[Tool], messages: Sequence[Message]) -> list[Tool]:
    """The tools that the user's last words name and give a value for, and for which every other one came up."""
    known = Known(messages)
    words = content_words(known.asked)
    forms = {tool.name: [known.argument(name, tool.properties.get(name)) for name in tool.required] for tool in tools}

    def is_wanted(tool: Tool) -> bool:
        choices = [form.get("enum", ()) if form else () for form in forms[tool.name]]
        said = any(
            len(str(value)) >= LEAST_LETTERS and str(value).casefold() in known.asked for value in chain(*choices)
        )
        return said and all(choices) and plain(tool.name).partition(" ")[0] in words

    return [tool for tool in tools if is_wanted(tool)]


def step_schema(tools: Sequence[Tool], messages: Sequence[Message], *, speaks: bool = True) -> dict[str, Any]:
    """The JSON schema of the next step; of one that does not speak, to call or to ask."""
    known = Known(messages)
    steps = [_step(tool, known) for tool in tools]
    return {"anyOf": [*steps, _object({"say": {"type": "string"}})] if speaks else steps}


def step_said(text: str) -> str:
    """What is said by a step in words; any other text as it is."""
    if text.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            said, asked = (value.get("say"), value.get("ask")) if isinstance(value, dict) else (None, None)
            if isinstance(said, str):
                return said
            if isinstance(asked, str):
                return asked if _END.search(asked) else f"{asked[:1].upper()}{asked[1:].rstrip()}?"
    return text


def step_talk(messages: Sequence[Message]) -> str:
    """The talk in lines."""
    lines: list[str] = []
    for message in messages:
        match message:
            case SystemMessage(content=content) if content:
                lines.append(content)
            case UserMessage():
                lines.append(f"user: {quoted(message.content)}")
            case AssistantMessage():
                calls = [call.function for call in message.tool_calls]
                lines += [f"call: {call.name} {untagged(call.arguments)}" for call in calls]
                lines += [f"assistant: {quoted(message.content)}"] if message.content else []
            case ToolMessage():
                lines.append(f"result: {untagged(message.content)}")
    return "\n".join(lines)[-MAX_TALK:]


def step_tools(tools: Sequence[Tool]) -> str:
    """The tools in lines."""
    return "\n".join(f"{tool.name}: {quoted(tool.description)}" for tool in tools)


def _step(tool: Tool, known: Known) -> dict[str, Any]:
    """To call a tool, or to ask for what it requires and nobody said."""
    forms = {
        name: known.argument(name, schema) if name in tool.required else known.optional(name, schema)
        for name, schema in tool.properties.items()
    }
    name = {"type": "string", "enum": [tool.name]}
    unknown = [plain(argument) for argument, form in forms.items() if form is None and argument in tool.required]
    if unknown:
        return _object({"name": name, "unknown": {"type": "string", "enum": unknown}, "ask": {"type": "string"}})
    arguments = {argument: form for argument, form in forms.items() if form is not None}
    given = {**_object(arguments), "required": [argument for argument in arguments if argument in tool.required]}
    return _object({"name": name, "arguments": given})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
