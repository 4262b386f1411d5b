"""Rehearsal: a cast is heard asking its questions in dialogues that selfplay acts out; nobody answers, nothing is sent.

Each speaker of the llm cast is handed the very view that its selfplay double has just answered, and asks what it
would ask: planner, user, assistant and tool, with their prompts, schemas, tools and history. The double's answer,
written as a model would write it, stands for the answer, and its turn goes into the talk. So the questions are those
of a run in which every answer fits at once; what goes back with an error, or is rejected, comes on top. The hybrid
cast asks for its rewordings, and the sentence itself stands for the answer.
"""

from collections import Counter
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from toolflow.cast import (
    Assistant,
    AssistantTurn,
    AssistantView,
    Brief,
    Cast,
    CastMaker,
    Planner,
    ToolSimulator,
    ToolView,
    User,
    UserTurn,
    UserView,
)
from toolflow.config import LLMConfig
from toolflow.errors import RecordError
from toolflow.hybrid import HybridCastMaker
from toolflow.hybrid.said import Said
from toolflow.hybrid.speakers import Talk, Wording
from toolflow.llm import LLMCastMaker
from toolflow.llm.chat import ChatAnswer, ChatRequest, Model, Usage
from toolflow.llm.client import OPENAI
from toolflow.llm.model_pool import ModelPool, Place, settle
from toolflow.llm.plan_answer import write_plan
from toolflow.llm.plan_schema import wanted_kinds
from toolflow.llm.prompts import Prompt
from toolflow.llm.wire import compact
from toolflow.pools import ROLES, Role, without_secrets
from toolflow.schema import Plan
from toolflow.selfplay import make_selfplay_cast
from toolflow.tokens import Size


@dataclass(slots=True)
class Heard:
    """Questions of one role to one model, and their answers."""

    calls: int = 0
    size: Size = field(default_factory=Size)


@dataclass(slots=True)
class Notebook:
    """What was heard, by role, model and address."""

    heard: dict[tuple[str, str, str], Heard] = field(default_factory=dict)
    answer: str = ""
    """What the double has answered."""

    async def listen(self, question: Awaitable[Any], answer: str) -> None:
        """Hear what a speaker asks, and note it with the answer of its double."""
        self.answer = answer
        try:
            await question
        except (_Asked, RecordError):  # a speaker that gives up on its view asks nothing more
            return

    def note(self, place: tuple[str, str], request: ChatRequest) -> None:
        """One question."""
        heard = self.heard.setdefault((request.role, *place), Heard())
        heard.calls += 1
        heard.size += _size(request, self.answer)


class _Asked(Exception):
    """The question was heard; there is no answer."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """A `toolflow.llm.chat.Model` that notes questions."""

    name: str
    endpoint: str
    notebook: Notebook

    async def ask(self, request: ChatRequest, usage: Usage) -> ChatAnswer:
        self.notebook.note((self.name, self.endpoint), request)
        raise _Asked

    def hold(self) -> int:
        """Nothing was ever asked."""
        return 0

    async def aclose(self) -> None:
        """Nothing is open."""


def make_rehearsal(
    places: Mapping[Role, ModelPool[Place]],
    prompts: Mapping[Role, Prompt] | Prompt,
    config: LLMConfig,
    notebook: Notebook,
) -> CastMaker:
    """A maker of casts that act out selfplay's dialogues and let ``notebook`` hear the questions: the llm cast's with
    the prompts of its roles, the hybrid cast's with the one it has.

    Each record draws its models as a run of the same seed would.
    """
    listeners: dict[Place, Model] = {
        place: _Listener(place.model, address(place), notebook) for pool in places.values() for place in pool.members
    }
    pools = {
        role: ModelPool(pool.name, tuple(listeners[place] for place in pool.members), pool.weights)
        for role, pool in places.items()
    }
    if isinstance(prompts, Prompt):
        return HybridCastMaker(pools, prompts, config, overhear=lambda wording: _Wording(wording, notebook))
    make_llm = LLMCastMaker(pools, prompts, config)

    def make(rng: Random) -> Cast:
        heard, double = make_llm(rng), make_selfplay_cast(rng)
        return Cast(
            name="rehearsal",
            planner=_Planner(heard.planner, double.planner, notebook),
            user=_User(heard.user, double.user, notebook),
            assistant=_Assistant(heard.assistant, double.assistant, notebook),
            tool=_Tool(heard.tool, double.tool, notebook),
        )

    return make


def unlocked(
    model: str | None, base_url: str | None, config: LLMConfig, roles: Sequence[Role] = ROLES
) -> dict[Role, ModelPool[Place]]:
    """Who would play each of these roles; no key is needed to ask nothing."""
    named = {member.key_env for pool in config.models.values() for member in pool if member.key_env}
    return settle(model, base_url or None, "none", config, dict.fromkeys(named, "none"), roles)


def address(place: Place) -> str:
    """Where a model is asked, without secrets."""
    return without_secrets(place.base_url or OPENAI)


@dataclass(frozen=True, slots=True)
class _Planner:
    heard: Planner
    double: Planner
    notebook: Notebook

    def allows(self, brief: Brief) -> bool:
        return self.heard.allows(brief)

    async def plan(self, brief: Brief) -> Plan:
        plan = await self.double.plan(replace(brief, kinds=wanted_kinds(brief)))
        await self.notebook.listen(self.heard.plan(brief), compact(write_plan(plan)))
        return plan


@dataclass(frozen=True, slots=True)
class _User:
    heard: User
    double: User
    notebook: Notebook

    async def speak(self, view: UserView) -> UserTurn:
        turn = await self.double.speak(view)
        done = turn.text is None or turn.request > view.request
        answer = {"request_done": done, "user_says": turn.text or ""}
        await self.notebook.listen(self.heard.speak(view), compact(answer))
        return turn


@dataclass(frozen=True, slots=True)
class _Assistant:
    heard: Assistant
    double: Assistant
    notebook: Notebook

    async def reply(self, view: AssistantView) -> AssistantTurn:
        turn = await self.double.reply(view)
        calls = [call.function.model_dump() for call in turn.calls]
        await self.notebook.listen(self.heard.reply(view), compact(calls) if calls else turn.text or "")
        return turn


@dataclass(frozen=True, slots=True)
class _Tool:
    heard: ToolSimulator
    double: ToolSimulator
    notebook: Notebook

    async def answer(self, view: ToolView) -> Any:
        result = await self.double.answer(view)
        await self.notebook.listen(self.heard.answer(view), compact(result))
        return result


@dataclass(frozen=True, slots=True)
class _Wording:
    heard: Wording
    notebook: Notebook

    async def reword(self, said: Said, talk: Talk) -> str:
        await self.notebook.listen(self.heard.reword(said, talk), compact({"say": said.text}))
        return said.text


def texts(request: ChatRequest, answer: str) -> Iterator[tuple[str, str]]:
    """Every text of a question and its answer, with the field of `Size` that its bytes belong to."""
    for message in request.messages:
        yield "written", message.get("content") or ""
        if message.get("tool_calls"):
            yield "written", compact(message["tool_calls"])
    for part in (*request.tools, *([] if request.schema is None else [request.schema])):
        yield "attached", compact(part)
    yield "answered", answer


def _size(request: ChatRequest, answer: str) -> Size:
    """The size of a question, its tools and the schema of its answer included, and of the answer."""
    sizes = Counter[str]()
    for kind, text in texts(request, answer):
        sizes[kind] += len(text.encode(errors="replace"))
    return Size(len(request.messages), sizes["written"], sizes["attached"], sizes["answered"])
