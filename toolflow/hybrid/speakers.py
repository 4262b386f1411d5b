"""Speakers of two minds: a simulator says what, a `Wording` says how.

The simulator goes on as if its own words had been spoken: it is shown the talk as it said it, so that plan, calls and
results are those of a selfplay dialogue, whatever becomes of the words. What the other side hears, and what the
record keeps, is the wording.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from toolflow.cast import Assistant, AssistantTurn, AssistantView, User, UserTurn, UserView
from toolflow.hybrid.marks import Known, known_in
from toolflow.hybrid.said import Said
from toolflow.schema import AssistantMessage, FromOutput, Message, Plan, ToolMessage, UserMessage
from toolflow.selfplay.acts import Ask, Change, Inform

Talk = Sequence[tuple[str, str]]
"""(role, text) of user and assistant."""


class Wording(Protocol):
    """Puts in other words what a simulator said."""

    async def reword(self, said: Said, talk: Talk) -> str:
        """The sentence in other words, or as it was; ``talk`` is what was spoken before it, in their words."""
        ...


@dataclass
class Script:
    """What the two simulators of one dialogue said, in their own words, in order."""

    lines: list[str] = field(default_factory=list)

    def talk(self, talk: Talk) -> list[tuple[str, str]]:
        """The talk with the simulators' words."""
        return [(role, self.lines[at]) for at, (role, _) in enumerate(talk)]

    def messages(self, messages: Sequence[Message]) -> list[Message]:
        """The messages with the simulators' words."""
        own = iter(self.lines)
        return [
            message.model_copy(update={"content": next(own)})
            if isinstance(message, UserMessage | AssistantMessage) and message.content
            else message
            for message in messages
        ]


@dataclass
class RewordedUser:
    """Speaks for the user."""

    simulator: User
    wording: Wording
    script: Script

    async def speak(self, view: UserView) -> UserTurn:
        """The simulator's turn in other words."""
        turn = await self.simulator.speak(replace(view, talk=self.script.talk(view.talk)))
        if turn.text is None:
            return turn
        given, tools = _meant(turn.act)
        given += _wished(view.plan, turn.request)
        deeds = [re.split(r"[_\-]", tool)[0] for tool in tools]
        known = [one for name, value in given for one in known_in(value, name)]
        said = Said("user", turn.text, view.today, known, [value for _, value in given], deeds)
        text = await self.wording.reword(said, view.talk)
        self.script.lines.append(turn.text)
        return replace(turn, text=text)


@dataclass
class RewordedAssistant:
    """Speaks and calls for the assistant; its calls are the simulator's."""

    simulator: Assistant
    wording: Wording
    script: Script

    async def reply(self, view: AssistantView) -> AssistantTurn:
        """The simulator's reply in other words."""
        turn = await self.simulator.reply(replace(view, messages=self.script.messages(view.messages)))
        if not turn.text:
            return turn
        talk = [
            (message.role, message.content)
            for message in view.messages
            if isinstance(message, UserMessage | AssistantMessage) and message.content
        ]
        said = Said("assistant", turn.text, view.today, list(_returned(view.messages)))
        text = await self.wording.reword(said, talk)
        self.script.lines.append(turn.text)
        return replace(turn, text=text)


def _meant(act: Any) -> tuple[list[tuple[str, Any]], list[str]]:
    """The arguments that a turn of the user gives, and the tools that it is about."""
    match act:
        case Ask(intents=intents):
            given = [argument for intent in intents for argument in intent.given.items()]
            return given, [intent.tool for intent in intents]
        case Inform(values=values) | Change(values=values):
            return list(values.items()), []
    return [], []


def _wished(plan: Plan | None, request: int) -> list[tuple[str, Any]]:
    """What is given with a wish that no tool can meet."""
    wish = plan.requests[request].wish if plan is not None else None
    arguments = wish.arguments.items() if wish is not None else ()
    return [(name, source.value) for name, source in arguments if not isinstance(source, FromOutput)]


def _returned(messages: Sequence[Message]) -> Iterator[Known]:
    """What calls and results of a dialogue hold."""
    for message in messages:
        if isinstance(message, ToolMessage):
            yield from known_in(json.loads(message.content))
        elif isinstance(message, AssistantMessage):
            for call in message.tool_calls:
                yield from known_in(json.loads(call.function.arguments))
