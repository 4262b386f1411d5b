"""One prepared question for each role, asked through the library's own speakers, clients and checks.

A small model's plans seldom come to a dialogue, so a run alone would not show all roles to a server. What the
model answers matters little: a question ends with an answer that passed the checks, or set aside with the reason.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from tests.scripted import BOOK, SEARCH
from toolflow.cast import AssistantView, Brief, Flow, ToolView, UserView
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import CatalogConfig, LLMConfig
from toolflow.errors import DialogueError, RecordError
from toolflow.llm.assistant import LLMAssistant, read_assistant_prompt
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage
from toolflow.llm.client import ModelClient
from toolflow.llm.planner import LLMPlanner, read_planner_prompt
from toolflow.llm.questions import Misfit, Questioner
from toolflow.llm.tool import LLMTool, read_tool_prompt
from toolflow.llm.user import LLMUser, read_user_prompt
from toolflow.pools import Features
from toolflow.schema import (
    AssistantMessage,
    FromUser,
    FunctionCall,
    Kind,
    Message,
    Plan,
    PlannedCall,
    Request,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)

TODAY = date(2026, 3, 2)
STAY = {"city": "Rome", "check_in": "2026-05-03"}
CONFIG = LLMConfig(temperature=0, max_tokens=160, timeout=300, retries=1, reasks=1, cache=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    question: str
    answer: Any
    """What passed the checks; None when nothing did."""
    reason: str
    """Why it was set aside, or empty."""
    usage: Usage


def planner(ask: Questioner) -> Awaitable[Any]:
    """Two requests from two tools; the largest schema of all."""
    flow = Flow("search_hotels", "hotels[].hotel_id", "book_hotel", "hotel_id")
    brief = Brief([SEARCH, BOOK], [Kind.SINGLE, Kind.CHAIN], [flow], TODAY)
    return LLMPlanner(ask, read_planner_prompt()).plan(brief)


def user(ask: Questioner) -> Awaitable[Any]:
    """The first words of a talk."""
    call = PlannedCall(tool="search_hotels", arguments={name: FromUser(value=value) for name, value in STAY.items()})
    plan = Plan(requests=(Request(kind=Kind.SINGLE, goal="Find a hotel in Rome from 3 May 2026", calls=(call,)),))
    return LLMUser(ask, read_user_prompt()).speak(UserView(plan, (), 0, (), 0, TODAY))


def assistant(ask: Questioner) -> Awaitable[Any]:
    """Another call of the kind that was made before; tools in the request, calls and results in the talk."""
    return LLMAssistant(ask, read_assistant_prompt()).reply(AssistantView([SEARCH, BOOK], _talk(), [], TODAY))


def held_to_speak(ask: Questioner) -> Awaitable[Any]:
    """The assistant, told that its answer was not used and that it must speak: no tools any more, but a schema."""
    talk = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": "A hotel?"}]
    answers: list[ChatAnswer] = []

    def read(answer: ChatAnswer) -> str:
        answers.append(answer)
        if len(answers) == 1:
            raise Misfit("it is not clear which city is meant; ask the user for it", speak=True)
        return answer.text

    tools = [{"type": "function", "function": SEARCH.function()["function"]}]
    return ask.ask(ChatRequest("assistant", talk, tools=tools), read, DialogueError)


def many_tools(ask: Questioner) -> Awaitable[Any]:
    """The assistant with so many tools that their absence from a prompt shows."""
    packaged = read_catalog([packaged_tools()], CatalogConfig()).tools[:3]
    talk = [UserMessage(content="Find me a hotel in Rome from 2026-05-03.")]
    return LLMAssistant(ask, read_assistant_prompt()).reply(AssistantView([SEARCH, BOOK, *packaged], talk, [], TODAY))


def tool(ask: Questioner) -> Awaitable[Any]:
    """A result that fits what the tool returns."""
    return LLMTool(ask, read_tool_prompt()).answer(ToolView(SEARCH, STAY, (), TODAY))


WORDS_ONLY = CONFIG.model_copy(update={"support": Features(structure="text", tools=False)})
"""As if the endpoint knew neither schemas nor tools."""

QUESTIONS: dict[str, Callable[[Questioner], Awaitable[Any]]] = {
    "planner": planner,
    "user": user,
    "assistant": assistant,
    "held to speak": held_to_speak,
    "many tools": many_tools,
    "tool": tool,
}


def put(question: str, url: str, config: LLMConfig = CONFIG) -> Outcome:
    """Ask one of the questions; whatever comes back that is no fault of the wire is an outcome."""
    usage = Usage()

    async def go() -> Any:
        client = ModelClient("smollm2", url, None, config)
        try:
            return await QUESTIONS[question](Questioner(client, usage, config.reasks, Random(1)))
        finally:
            await client.aclose()

    try:
        return Outcome(question, asyncio.run(go()), "", usage)
    except RecordError as error:
        return Outcome(question, None, str(error), usage)


def _talk() -> list[Message]:
    """Two cities found, the third one asked for."""
    talk: list[Message] = [SystemMessage(content="Today is Monday, 2 March 2026.")]
    for number, city in enumerate(("Rome", "Oslo", "Lima"), start=1):
        talk.append(UserMessage(content=f"Find me a hotel in {city} from 2026-05-03."))
        call = FunctionCall(name="search_hotels", arguments=json.dumps({**STAY, "city": city}))
        result = {"city": city, "hotels": [{"hotel_id": f"H-{number}", "name": f"Grand {city}"}]}
        talk.append(AssistantMessage(content=None, tool_calls=(ToolCall(id=f"call_{number}", function=call),)))
        talk.append(ToolMessage(tool_call_id=f"call_{number}", name="search_hotels", content=json.dumps(result)))
        talk.append(AssistantMessage(content=f"The Grand {city} has free rooms."))
    return talk[:-3]
