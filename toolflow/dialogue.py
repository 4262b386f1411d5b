"""The dialogue loop: user, assistant and tool act a plan out (paper §3.4).

The loop is handed a cast and knows neither prompts nor HTTP. It gives each speaker its view and no
more, keeps the message list in OpenAI's format, and ends when the user has nothing more to ask or a
limit is reached; both limits are open in the paper and come from the configuration.

A call to a tool that is not offered, or with arguments that are no JSON object, is answered as a real
service would, with an error, so that an assistant may mend it; the rules judge it afterwards. So is a call
that the plan wants to fail, whoever plays the tool: the tool is not asked, and the world stays as it was.
"""

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from toolflow.cast import Answered, AssistantView, Cast, Executed, ToolSimulator, ToolView, UserView
from toolflow.config import DialogueConfig
from toolflow.errors import DialogueError
from toolflow.failures import error_result
from toolflow.languages import ENGLISH
from toolflow.schema import (
    AssistantMessage,
    End,
    FailedAnswer,
    FromUser,
    Message,
    Plan,
    PlannedCall,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from toolflow.trace import alike


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialogue that ended, one way or another."""

    messages: tuple[Message, ...]
    end: End
    turns: tuple[int, ...] = ()
    """For each user message, the position in the plan of its request."""
    failure: str | None = None
    """Why a speaker could not go on, when `end` is ``failed`` …"""
    history: Sequence[FailedAnswer] = ()
    """… and what it was asked and answered last."""
    executed: tuple[str, ...] = ()
    """Ids of the calls that a real tool answered."""


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
    language: str = ENGLISH,
) -> Talk:
    """Let the cast act ``plan`` out with ``tools`` at hand (the subset and its distractors).

    ``subset`` and ``wanted`` (a number of requests) matter only without a plan: the user improvises
    from them. A speaker that fails ends the talk; what was said until then is kept for the record.
    """
    stage = _Stage(cast, plan, tools, () if plan is not None else subset, today, wanted, config, language)
    if config.system_message:
        stage.messages.append(system_message(today))
    try:
        end = await stage.talk()
    except DialogueError as error:
        return stage.ended(End.FAILED, str(error), error.history)
    return stage.ended(end)


def unmade_calls(plan: Plan, request: int, history: Sequence[Answered], failed: Container[int] = ()) -> tuple[int, ...]:
    """Positions of the planned calls of a request that nothing in the history stands for.

    A call that was made stands for one planned call, the first that it fits: of the same tool, with the values
    that the user is to give. Whether what came from earlier outputs is right is for the rules. A call that is to
    fail is no part of the history; it was made when its number in the plan, from 0, is among the ``failed``.
    """
    made = list(history)
    unmade: list[int] = []
    number = -1
    for earlier in plan.requests[: request + 1]:
        unmade = []
        for position, planned in enumerate(earlier.calls):
            number += 1
            if planned.failure is not None:
                unmade += [] if number in failed else [position]
                continue
            fitting = next((call for call in made if _stands_for(call, planned)), None)
            if fitting is None:
                unmade.append(position)
            else:
                made.remove(fitting)
    return tuple(unmade)


def _stands_for(call: Answered, planned: PlannedCall) -> bool:
    said = {name: source.value for name, source in planned.arguments.items() if isinstance(source, FromUser)}
    given = call.arguments
    return call.tool == planned.tool and all(name in given and alike(said[name], given[name]) for name in said)


@dataclass(slots=True)
class Service:
    """What stands behind the tools of one talk, and what it has answered so far."""

    simulator: ToolSimulator
    tools: Sequence[Tool]
    plan: Plan | None
    today: date
    history: list[Answered] = field(default_factory=list)
    raised: set[int] = field(default_factory=set)
    """Numbers of the planned calls whose failure has been raised."""
    executed: list[str] = field(default_factory=list)
    """Ids of the calls that a real tool answered."""

    async def result(self, call: ToolCall, request: int) -> Any:
        """What the tool answers, or the error a real service would give; ``request`` is the one under way."""
        tool = next((tool for tool in self.tools if tool.name == call.function.name), None)
        if tool is None:
            return {"error": f"unknown tool {call.function.name}"}
        try:
            arguments = json.loads(call.function.arguments)
        except (ValueError, RecursionError):
            return {"error": "the arguments are not valid JSON"}
        if not isinstance(arguments, dict):
            return {"error": "the arguments must be a JSON object"}
        planned = self._failing(tool.name, request)
        if planned is not None and planned.failure is not None:
            return error_result(planned.failure, arguments, planned.at_fault)
        result = await self.simulator.answer(ToolView(tool, arguments, tuple(self.history), self.today))
        if isinstance(result, Executed):
            self.executed.append(call.id)
            result = result.result
        self.history.append(Answered(tool.name, arguments, result))
        return result

    def _failing(self, tool: str, request: int) -> PlannedCall | None:
        """The planned call of this tool that is to fail now, once: the first such one of the request."""
        if self.plan is None or request >= len(self.plan.requests):
            return None
        before = sum(len(earlier.calls) for earlier in self.plan.requests[:request])
        for number, call in enumerate(self.plan.requests[request].calls, start=before):
            if call.failure is not None and call.tool == tool and number not in self.raised:
                self.raised.add(number)
                return call
        return None


@dataclass(slots=True)
class _Stage:
    """One talk under way: who is in it, and what has happened so far."""

    cast: Cast
    plan: Plan | None
    tools: Sequence[Tool]
    improvised: Sequence[Tool]
    """What the user improvises from, without a plan."""
    today: date
    wanted: int
    config: DialogueConfig
    language: str
    messages: list[Message] = field(default_factory=list)
    acts: list[Any] = field(default_factory=list)
    request: int = 0
    turns: list[int] = field(default_factory=list)
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.service = Service(self.cast.tool, self.tools, self.plan, self.today)

    async def talk(self) -> End:
        """Turn after turn, until the user falls silent or a limit is reached."""
        while True:
            turn = await self.cast.user.speak(self.user_view())
            if turn.text is None:
                return End.DONE
            if len(self.turns) == self.config.max_turns:
                return End.TURN_LIMIT
            self.request = turn.request
            self.turns.append(turn.request)
            self.messages.append(UserMessage(content=turn.text))
            self.acts.append(turn.act)
            if not await self.answer():
                return End.STEP_LIMIT

    def ended(self, end: End, failure: str | None = None, history: Sequence[FailedAnswer] = ()) -> Talk:
        """What there is of the talk now that it is over."""
        executed = tuple(self.service.executed)
        return Talk(tuple(self.messages), end, tuple(self.turns), failure, history, executed)

    def user_view(self) -> UserView:
        """No calls, no results, no system message: what a person would hear."""
        spoken = [
            (message.role, message.content)
            for message in self.messages
            if isinstance(message, UserMessage | AssistantMessage) and message.content
        ]
        done, talk = self.service, tuple(spoken)
        pending = unmade_calls(self.plan, self.request, done.history, done.raised) if self.plan is not None else ()
        return UserView(
            *(self.plan, self.improvised, self.wanted, talk, self.request, self.today, pending, self.language)
        )

    async def answer(self) -> bool:
        """Let the assistant work on the user's last turn; False when it would call on beyond the step limit."""
        for step in range(self.config.max_steps + 1):
            view = AssistantView(self.tools, tuple(self.messages), tuple(self.acts), self.today, self.language)
            reply = await self.cast.assistant.reply(view)
            if reply.calls and step == self.config.max_steps:
                return False
            calls = tuple(reply.calls)
            thought = reply.reasoning if self.config.reasoning else None
            message = AssistantMessage(content=reply.text, reasoning_content=thought, tool_calls=calls)
            self.messages.append(message)
            if not reply.calls:
                return True
            for call in reply.calls:
                content = json.dumps(await self.service.result(call, self.request), ensure_ascii=False)
                self.messages.append(ToolMessage(tool_call_id=call.id, name=call.function.name, content=content))
        return False
