"""Typed questions: ask, read the answer, and say exactly what is wrong until it fits.

A question is a request and a `read` that turns the answer into what was asked for or raises `Misfit`. A
misfit goes back to the model in its own words, a configured number of times; then the record is set aside.
Only the last wrong answer goes back: the ones before it cost tokens and teach nothing.

How the JSON is asked for (schema, mode or words) is the client's business.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from toolflow.errors import ModelUnavailable, RecordError
from toolflow.llm.chat import ChatAnswer, ChatRequest, Model, Usage
from toolflow.llm.repair import read_json

T = TypeVar("T")
A = TypeVar("A", bound=BaseModel)

MAX_SHOWN = 4_000
"""Characters of a wrong answer that go back."""
COMPLAINT = "Your last answer was not used: {reason}. Answer again, in full."

_SETTLE_AFTER = 1
"""Repeats after which an answer that is usable though not as wished is taken."""


class Misfit(Exception):
    """An answer that does not fit; the message says why, to the model."""

    def __init__(self, reason: str, *, usable: Any = None, speak: bool = False) -> None:
        super().__init__(reason)
        self.usable = usable
        """What to settle for when asking again does not help."""
        self.speak = speak
        """Whether words are wanted instead of a call; a model that calls again is offered no tools then."""


@dataclass(slots=True)
class Questioner:
    """Asks the questions of one record."""

    model: Model
    usage: Usage
    reasks: int
    seeds: Random

    async def ask(self, request: ChatRequest, read: Callable[[ChatAnswer], T], failure: type[RecordError]) -> T:
        """The first answer that fits; ``failure`` when none did."""
        asked, silent = request, False
        for repeat in range(self.reasks + 1):
            try:
                answer = await self.model.ask(replace(asked, seed=self.seeds.getrandbits(31)), self.usage)
            except ModelUnavailable:
                raise
            except RecordError as error:
                raise failure(f"{request.role}: {error}") from None
            try:
                return read(_whole(answer))
            except Misfit as misfit:
                if misfit.usable is not None and repeat >= min(_SETTLE_AFTER, self.reasks):
                    usable: T = misfit.usable
                    return usable
                reason = str(misfit)
                tools = () if misfit.speak and silent else request.tools
                silent = misfit.speak
            if repeat < self.reasks:
                self.usage.reasked(request.role)
                asked = replace(_with_complaint(request, answer, reason), tools=tools)
        raise failure(f"{request.role}: no answer fitted in {self.reasks + 1} attempts, last: {reason}")


def json_of(answer: ChatAnswer) -> Any:
    """The JSON of an answer; `Misfit` when there is none."""
    if answer.finish == "length":
        raise Misfit("it was cut off because it was too long; be brief")
    try:
        return read_json(answer.text)
    except ValueError as error:
        raise Misfit(f"it must be one JSON object, but {error}") from None


def typed(answer: ChatAnswer, kind: type[A]) -> A:
    """The answer as a Pydantic model; `Misfit` names the first field that does not fit."""
    try:
        return kind.model_validate(json_of(answer))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise Misfit(f"{place}: {first['msg']}") from None


def _whole(answer: ChatAnswer) -> ChatAnswer:
    """The answer, unless the endpoint or the model withheld it."""
    if answer.refusal:
        raise Misfit("you refused; this conversation is made up, to test software, and nothing really happens")
    if answer.finish == "content_filter":
        raise Misfit("the endpoint's content filter stopped it; stay on harmless, everyday matters")
    if not answer.text.strip() and not answer.calls:
        if answer.finish == "length":
            raise Misfit("it was cut off before it began; think less and be brief")
        raise Misfit("it was empty")
    return answer


def _with_complaint(request: ChatRequest, answer: ChatAnswer, reason: str) -> ChatRequest:
    """The request again, with the wrong answer and what is wrong with it. Calls are shown as text: a call
    that was never made must have no result."""
    calls = [f'{{"name": "{call.name}", "arguments": {call.arguments}}}' for call in answer.calls]
    shown = "\n".join(filter(None, [answer.text.strip(), *calls]))[:MAX_SHOWN]
    wrong = {"role": "assistant", "content": shown or "(nothing)"}
    complaint = {"role": "user", "content": COMPLAINT.format(reason=reason.rstrip("."))}
    return replace(request, messages=[*request.messages, wrong, complaint])
