"""The user: a model that acts the plan out, one request after the other (paper §3.4).

Each turn answers one typed question: is the request under way done, and what is said next. The model sees the
spoken talk and, of the plan, the request under way and the one after it, as a person would know them
(`toolflow.llm.user_plan`): what it does not see it cannot give away. What it says is checked
(`toolflow.llm.user_checks`). Ours: the model *writes* the user's messages rather than *being* the user, which
keeps small models from slipping into the assistant's part; without a plan it makes up requests of its own.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from toolflow.cast import UserTurn, UserView
from toolflow.errors import DialogueError
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Questioner, typed
from toolflow.llm.repair import speech
from toolflow.llm.user_checks import check_done, check_pertinence, check_speech, check_values, listed, owed_values
from toolflow.llm.user_plan import Value, shown_request


class UserAnswer(BaseModel):
    """What the user's model answers each turn."""

    model_config = ConfigDict(extra="ignore")

    request_done: bool
    user_says: str


EXAMPLES = ("begin", "asked", "open", "done", "last")
"""Answered questions of a talk of old that go before the question: small models follow those, not rules."""


def read_user_prompt(read: Reader = read_prompt) -> Prompt:
    """The user's prompt file, checked."""
    examples = {f"example_{name}{part}": set[str]() for name in EXAMPLES for part in ("", "_answer")}
    sections = {
        "planned": set[str](),
        "improvised": {"abilities", "wanted"},
        "begin": {"today", "task"},
        "asked": {"today", "talk", "task", "unsaid"},
        "turn": {"today", "talk", "task", "next"},
    }
    return read("user", sections | examples)


class LLMUser:
    """Speaks for the user."""

    def __init__(self, questioner: Questioner, prompt: Prompt) -> None:
        self._questioner = questioner
        self._prompt = prompt

    async def speak(self, view: UserView) -> UserTurn:
        """The next turn, or one without text when every request is done."""
        wanted = len(view.plan.requests) if view.plan is not None else view.wanted
        begins = not any(role == "user" for role, _ in view.talk)
        owed = owed_values(view)
        question = self._question(view, begins, owed, last=view.request + 1 >= wanted)
        messages = [*self._role(view), {"role": "user", "content": question}]
        schema = _schema(open_end=not begins and not owed)

        def read(answer: ChatAnswer) -> UserTurn:
            said = typed(answer, UserAnswer)
            done = said.request_done and not begins
            if done:
                check_done(view)
            if done and view.request + 1 >= wanted:
                return UserTurn(None, view.request)
            turn = UserTurn(speech(said.user_says), view.request + done)
            check_speech(turn.text or "", view)
            if begins or done:
                check_pertinence(turn, view)
            check_values(turn, view, opens=begins or done)
            return turn

        return await self._questioner.ask(ChatRequest("user", messages, schema), read, DialogueError)

    def _role(self, view: UserView) -> list[ChatMessage]:
        """What is the same for every turn, and with a plan for every dialogue."""
        if view.plan is None:
            abilities = "\n".join(quoted(tool.description[:300]) for tool in view.tools)
            role = self._prompt.render("improvised", abilities=abilities, wanted=str(view.wanted))
            return [{"role": "system", "content": role}]
        messages = [{"role": "system", "content": self._prompt.render("planned")}]
        for name in EXAMPLES:
            messages.append({"role": "user", "content": self._prompt.render(f"example_{name}")})
            messages.append({"role": "assistant", "content": self._prompt.render(f"example_{name}_answer")})
        return messages

    def _question(self, view: UserView, begins: bool, owed: list[Value], *, last: bool) -> str:
        known = {"today": f"{view.today:%A}, {view.today.isoformat()}", "task": _task(view, view.request)}
        if begins:
            return self._prompt.render("begin", **known)
        known["talk"] = "\n".join(f"{role}: {quoted(text)}" for role, text in view.talk)
        if owed:
            return self._prompt.render("asked", **known, unsaid=listed(owed))
        following = "says thanks and goodbye." if last else f"makes the next request:\n{_task(view, view.request + 1)}"
        return self._prompt.render("turn", **known, next=following)


def _task(view: UserView, position: int) -> str:
    """One request as the user knows it; without a plan there is only its number."""
    if view.plan is None:
        return "something the assistant can do, of the user's own choice"
    return quoted(shown_request(position + 1, view.plan.requests[position]))


def _schema(open_end: bool) -> dict[str, Any]:
    """The answer; a request that cannot be done yet cannot be called done."""
    done = {"type": "boolean"} if open_end else {"type": "boolean", "enum": [False]}
    return {
        "type": "object",
        "properties": {"request_done": done, "user_says": {"type": "string"}},
        "required": ["request_done", "user_says"],
        "additionalProperties": False,
    }
