"""A model that answers from a script and remembers what it was shown; runs the real speakers without HTTP."""

import asyncio
import json
from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

from toolflow.errors import ToolFlowError
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage, WireCall
from toolflow.llm.purse import Tokens
from toolflow.llm.questions import Questioner
from toolflow.schema import Tool

T = TypeVar("T")


class Scripted:
    """A `toolflow.llm.chat.Model`; each answer is a text, a JSON value, a `ChatAnswer` or an error to raise."""

    name = "scripted"

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.shown: list[ChatRequest] = []

    async def ask(self, request: ChatRequest, usage: Usage) -> ChatAnswer:
        self.shown.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, ToolFlowError):
            raise answer
        usage.answered(request.role, Tokens(1, 1))
        if isinstance(answer, ChatAnswer):
            return answer
        return ChatAnswer(answer if isinstance(answer, str) else json.dumps(answer))

    def hold(self) -> int:
        """Every answer comes at once."""
        return 0

    async def aclose(self) -> None:
        """Nothing is open."""

    def complaint(self, number: int = 1) -> str:
        """What the model was told after its ``number``-th wrong answer."""
        return self.shown[number].messages[-1]["content"]


def questioner(model: Scripted, reasks: int = 2) -> Questioner:
    """A questioner in front of a script."""
    return Questioner(model, Usage(), reasks, Random(0))


def calls(*made: tuple[str, Any], text: str = "") -> ChatAnswer:
    """An answer that calls tools; arguments as a value, or as raw text."""
    wire = [WireCall(name, given if isinstance(given, str) else json.dumps(given)) for name, given in made]
    return ChatAnswer(text, tuple(wire), "tool_calls")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for it."""
    return asyncio.run(coroutine)


SEARCH = Tool(
    name="search_hotels",
    description="Search for hotels with free rooms in a city.",
    parameters={
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "City to stay in"},
            "check_in": {"type": "string", "format": "date", "description": "First night"},
            "guests": {"type": "integer", "minimum": 1, "description": "Number of guests"},
            "sort": {"type": "string", "enum": ["price", "rating"], "default": "price"},
        },
        "required": ["city", "check_in"],
        "additionalProperties": False,
    },
    returns={
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "hotels": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"hotel_id": {"type": "string"}, "name": {"type": "string"}},
                    "required": ["hotel_id", "name"],
                },
            },
        },
        "required": ["city", "hotels"],
    },
)
BOOK = Tool(
    name="book_hotel",
    description="Book a room in a hotel.",
    parameters={
        "type": "object",
        "properties": {
            "hotel_id": {"type": "string", "description": "Hotel to book"},
            "nights": {"type": "integer", "description": "How many nights"},
        },
        "required": ["hotel_id", "nights"],
        "additionalProperties": False,
    },
    returns={"type": "object", "properties": {"booking_id": {"type": "string"}}, "required": ["booking_id"]},
)
