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
from toolflow.llm.repair import CutOff, read_json, whole_json
from toolflow.schema import FailedAnswer

T = TypeVar("T")
A = TypeVar("A", bound=BaseModel)

MAX_SHOWN = 4_000
"""Characters of a wrong answer that go back."""
NOT_USED = "Your last answer was not used"
COMPLAINT = NOT_USED + ": {reason}. Answer again, in full."

SPEAK: dict[str, Any] = {
    "type": "object",
    "properties": {"say": {"type": "string"}},
    "required": ["say"],
    "additionalProperties": False,
}
"""The answer of a model that is to speak."""
SPEAK_WORDS = ' Call nothing: answer with {"say": "what you say to the user"}.'

_SETTLE_AFTER = 1
"""Repeats after which an answer that is usable though not as wished is taken."""


class Misfit(Exception):
    """An answer that does not fit; the message says why, to the model."""

    def __init__(
        self,
        reason: str,
        *,
        usable: Any = None,
        instead: ChatRequest | None = None,
        schema: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.usable = usable
        """What to settle for when asking again does not help."""
        self.instead = instead
        """A narrower question, asked next in place of this one."""
        self.schema = schema
        """A tighter schema, in place of this question's when it goes out again."""


@dataclass(slots=True)
class Questioner:
    """Asks the questions of one record."""

    model: Model
    usage: Usage
    reasks: int
    seeds: Random

    async def ask(
        self,
        request: ChatRequest,
        read: Callable[[ChatAnswer], T],
        failure: type[RecordError],
        *,
        afresh: bool = False,
        fallback: T | None = None,
    ) -> T:
        """The first answer that fits; ``failure`` when none did. Asked ``afresh``, the question goes out again as it
        was, with another seed: small models answer the complaint rather than the question. A ``fallback`` is settled
        for when asking again has not helped; it is none for an endpoint that gives no answer."""
        asked = request
        history: list[FailedAnswer] = []
        for repeat in range(self.reasks + 1):
            try:
                answer = await self.model.ask(replace(asked, seed=self.seeds.getrandbits(31)), self.usage)
            except ModelUnavailable:
                raise
            except RecordError as error:
                history.append(_attempt(asked, None, str(error), first=not repeat))
                raise failure(f"{request.role}: {error}", history) from None
            try:
                return read(_whole(_said(answer) if asked.schema is SPEAK else answer))
            except Misfit as misfit:
                usable: T | None = fallback if misfit.usable is None else misfit.usable
                patient = afresh and fallback is None
                if usable is not None and repeat >= (self.reasks if patient else min(_SETTLE_AFTER, self.reasks)):
                    return usable
                reason, instead, schema = str(misfit), misfit.instead, misfit.schema
            history.append(_attempt(asked, answer, reason, first=not repeat))
            if repeat < self.reasks:
                self.usage.reasked(request.role)
                again = instead or (request if afresh else _with_complaint(request, answer, reason))
                asked = replace(again, schema=schema or again.schema, again=True)
        advice = " (llm.max_tokens may be too small)" if answer.finish == "length" else ""
        raise failure(
            f"{request.role}: no answer fitted in {self.reasks + 1} attempts, last: {reason}{advice}", history
        )


def _attempt(asked: ChatRequest, answer: ChatAnswer | None, problem: str, *, first: bool) -> FailedAnswer:
    """One attempt for the history of a reject. Repeats ask the same with the problem before, so that only the first
    shows its question: the last message, of which all before is in the record or in the prompt."""
    question = str(asked.messages[-1].get("content") or "") if first else ""
    said = None if answer is None else _shown(answer) or answer.refusal or ""
    return FailedAnswer.of(asked.role, question, said, problem)


def json_of(answer: ChatAnswer) -> Any:
    """The JSON of an answer; `Misfit` when there is none."""
    try:
        if answer.finish == "length":  # endpoints that decode to a schema may go on with blanks after its end
            return whole_json(answer.text)
        return read_json(answer.text)
    except CutOff:
        raise Misfit("it was cut off because it was too long; be brief") from None
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
        if answer.finish == "length" and answer.reasoning:
            raise Misfit("it was cut off while you were still thinking; think briefly, then answer")
        if answer.finish == "length":
            raise Misfit("it was cut off before it began; think less and be brief")
        if answer.reasoning:
            raise Misfit("it held thoughts and no answer; give the answer itself")
        raise Misfit("it was empty")
    return answer


def _said(answer: ChatAnswer) -> ChatAnswer:
    """What a model said that was asked to speak."""
    value = json_of(answer)
    said = str(value.get("say") or "") if isinstance(value, dict) else ""
    return ChatAnswer(said, reasoning=answer.reasoning)


def _shown(answer: ChatAnswer) -> str:
    """An answer in words."""
    calls = [f"(I wanted to call {call.name} with {call.arguments})" for call in answer.calls]
    return "\n".join(filter(None, [answer.text.strip(), *calls]))


def _with_complaint(request: ChatRequest, answer: ChatAnswer, reason: str) -> ChatRequest:
    """The request again, with the wrong answer and what is wrong with it. Calls are told in words: one that
    was never made has no result, and one shown as JSON teaches a model to write calls into its text."""
    shown = _shown(answer)[:MAX_SHOWN]
    complaint = COMPLAINT.format(reason=reason.rstrip("."))
    messages = list(request.messages)
    if shown:
        messages.append({"role": "assistant", "content": shown})
    elif messages[-1]["role"] == "user":  # some chat templates want the roles to alternate
        complaint = f"{messages.pop()['content']}\n\n{complaint}"
    messages.append({"role": "user", "content": complaint})
    return replace(request, messages=messages)
