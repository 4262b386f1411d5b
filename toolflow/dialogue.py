"""The dialogue loop: user, assistant and tool act a plan out (paper §3.4).

The loop is handed a cast and knows neither prompts nor HTTP. It gives each speaker its view and no
more, keeps the message list in OpenAI's format, and ends when the user has nothing more to ask or a
limit is reached; both limits are open in the paper and come from the configuration.

A call to a tool that is not offered, or with arguments that are no JSON object, is answered as a real
service would, with an error, so that an assistant may mend it; the rules judge it afterwards.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from toolflow.cast import Answered, AssistantView, Cast, ToolView, UserView
from toolflow.config import DialogueConfig
from toolflow.errors import DialogueError
from toolflow.schema import (
    AssistantMessage,
    End,
    Message,
    Plan,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialogue that ended, one way or another."""

    messages: tuple[Message, ...]
    end: End
    failure: str | None = None
    """Why a speaker could not go on, when `end` is ``failed``."""


@dataclass(slots=True)
class _Stage:
    """What has happened so far."""

    messages: list[Message] = field(default_factory=list)
    acts: list[Any] = field(default_factory=list)
    history: list[Answered] = field(default_factory=list)
    request: int = 0
    turns: int = 0

    def spoken(self) -> list[tuple[str, str]]:
        """The talk as the user hears it: no calls, no results, no system message."""
        return [
            (message.role, message.content)
            for message in self.messages
            if isinstance(message, UserMessage | AssistantMessage) and message.content
        ]


def system_message(today: date) -> SystemMessage:
    """What the assistant is told beforehand: the simulated date."""
    return SystemMessage(content=f"Today is {today:%A}, {today.day} {today:%B %Y}.")


async def act_out(
    cast: Cast,
    plan: Plan | None,
    tools: Sequence[Tool],
    subset: Sequence[Tool],
    today: date,
    wanted: int,
    config: DialogueConfig,
) -> Talk:
    """Let the cast act ``plan`` out with ``tools`` at hand (the subset and its distractors).

    ``subset`` and ``wanted`` (a number of requests) matter only without a plan: the user improvises
    from them. A speaker that fails ends the talk; what was said until then is kept for the record.
    """
    stage = _Stage()
    if config.system_message:
        stage.messages.append(system_message(today))
    try:
        end = await _talk(cast, plan, tools, subset, today, wanted, config, stage)
    except DialogueError as error:
        return Talk(tuple(stage.messages), End.FAILED, str(error))
    return Talk(tuple(stage.messages), end)


async def _talk(
    cast: Cast,
    plan: Plan | None,
    tools: Sequence[Tool],
    subset: Sequence[Tool],
    today: date,
    wanted: int,
    config: DialogueConfig,
    stage: _Stage,
) -> End:
    offered = {tool.name: tool for tool in tools}
    improvised = subset if plan is None else ()
    while True:
        view = UserView(plan, improvised, wanted, tuple(stage.spoken()), stage.request, today)
        turn = await cast.user.speak(view)
        if turn.text is None:
            return End.DONE
        if stage.turns == config.max_turns:
            return End.TURN_LIMIT
        stage.turns += 1
        stage.request = turn.request
        stage.messages.append(UserMessage(content=turn.text))
        stage.acts.append(turn.act)
        if not await _answer(cast, tools, offered, today, config.max_steps, stage):
            return End.STEP_LIMIT


async def _answer(
    cast: Cast, tools: Sequence[Tool], offered: dict[str, Tool], today: date, max_steps: int, stage: _Stage
) -> bool:
    """Let the assistant work on the user's last turn; False when it would go on calling after ``max_steps``."""
    for step in range(max_steps + 1):
        view = AssistantView(tools, tuple(stage.messages), tuple(stage.acts), today)
        reply = await cast.assistant.reply(view)
        if reply.calls and step == max_steps:
            return False
        stage.messages.append(AssistantMessage(content=reply.text, tool_calls=tuple(reply.calls)))
        if not reply.calls:
            return True
        for call in reply.calls:
            result = await _result(cast, call, offered, today, stage)
            content = json.dumps(result, ensure_ascii=False)
            stage.messages.append(ToolMessage(tool_call_id=call.id, name=call.function.name, content=content))
    return False


async def _result(cast: Cast, call: ToolCall, offered: dict[str, Tool], today: date, stage: _Stage) -> Any:
    tool = offered.get(call.function.name)
    if tool is None:
        return {"error": f"unknown tool {call.function.name}"}
    try:
        arguments = json.loads(call.function.arguments)
    except (ValueError, RecursionError):
        return {"error": "the arguments are not valid JSON"}
    if not isinstance(arguments, dict):
        return {"error": "the arguments must be a JSON object"}
    result = await cast.tool.answer(ToolView(tool, arguments, tuple(stage.history), today))
    stage.history.append(Answered(tool.name, arguments, result))
    return result
