"""The user: a model that acts the plan out, one request after the other (paper §3.4).

Each turn is one question with one decision in it: how to say what there is to say. What that is follows from the
plan and from what the stage knows: a request is done when its planned calls were made and the assistant has spoken,
and then the next one is made; while a withheld value is owed, that is said; where the plan changes a value, that is
said when the first call was made; else the assistant is answered. The model sees the spoken talk and, of the plan,
the request it is at, as a person would know it (`toolflow.llm.user_plan`): what it does not see it cannot give
away. ``blinkered``, it sees the request alone: small models go on with any talk they are shown, in the assistant's
part; it says a chain step by step, in a form that holds the values (`toolflow.llm.user_form`). What it says is
checked (`toolflow.llm.user_checks`).

Ours: all that, and that a request is given up, and its dialogue with it, after `MAX_TURNS` turns in vain. Without
a plan the model makes up requests of its own, and says itself when one is done.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from toolflow.cast import UserTurn, UserView
from toolflow.errors import DialogueError
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Misfit, Questioner, typed
from toolflow.llm.repair import speech
from toolflow.llm.user_checks import (
    check_done,
    check_invention,
    check_pertinence,
    check_pointed,
    check_question,
    check_speech,
    check_task,
    check_values,
    check_words,
    listed,
    owed_values,
    parted,
)
from toolflow.llm.user_form import said_pattern
from toolflow.llm.user_plan import due_part, is_changing, shown_change, shown_part, shown_request
from toolflow.schema import Kind

MAX_TURNS = 4
"""Turns of the user on one request, and one for each of its further calls and withheld values."""


class UserWords(BaseModel):
    """What the user's model answers with a plan."""

    model_config = ConfigDict(extra="ignore")

    user_says: str


class UserAnswer(UserWords):
    """What it answers without one."""

    request_done: bool


EXAMPLES = {
    "planned": ("begin", "asked", "waiting", "next"),
    "blinkered": ("one", "two", "three", "four", "five", "six"),
}
"""Answered questions of a talk of old that go before the question: small models follow those, not rules."""


def read_user_prompt(read: Reader = read_prompt) -> Prompt:
    """The user's prompt file, checked."""
    examples = {
        f"{form}_{name}{part}": set[str]()
        for form, names in EXAMPLES.items()
        for name in names
        for part in ("", "_answer")
    }
    sections = {
        "planned": set[str](),
        "language": {"language"},
        "blinkered": set[str](),
        "improvised": {"abilities", "wanted"},
        "begin": {"today", "task"},
        "asked": {"today", "talk", "task", "unsaid"},
        "waiting": {"today", "talk", "task"},
        "change": {"today", "talk", "task"},
        "next": {"today", "talk", "task"},
        "say": {"task"},
        "improvise": {"today"},
        "turn": {"today", "talk", "next"},
    }
    return read("user", sections | examples)


class LLMUser:
    """Speaks for the user."""

    def __init__(self, questioner: Questioner, prompt: Prompt, *, blinkered: bool = False) -> None:
        self._questioner = questioner
        self._prompt = prompt
        self._blinkered = blinkered
        self._turns = 0
        """Turns on the request under way."""

    async def speak(self, view: UserView) -> UserTurn:
        """The next turn, or one without text when every request is done; `DialogueError` when none is fit to be
        said, or the request under way gets nowhere."""
        begins = not any(role == "user" for role, _ in view.talk)
        if view.plan is None:
            return await self._improvised(view, begins)
        moves_on = not begins and not view.pending and view.talk[-1][0] == "assistant"
        position = view.request + moves_on
        if position == len(view.plan.requests):
            return UserTurn(None, view.request)
        request = view.plan.requests[position]
        opens = begins or moves_on
        self._turns = 1 if opens else self._turns + 1
        if self._turns > MAX_TURNS + max(0, len(request.calls) - 1) + len(request.withheld):
            waiting = ", ".join(request.calls[at].tool for at in view.pending)
            raise DialogueError(f"user: asked {self._turns - 1} times, and {waiting} was not called as planned")

        if self._blinkered:
            return await self._blinkered_turn(view, position, opens)

        def read(answer: ChatAnswer) -> UserTurn:
            turn = UserTurn(speech(typed(answer, UserWords).user_says), position)
            check_speech(turn.text or "", view)
            if opens:
                check_pertinence(turn, view)
                check_question(turn, view)
            check_values(turn, view, opens=opens)
            return turn

        question = ChatRequest("user", self._wide(view, position, opens), _schema(UserWords))
        return await self._questioner.ask(question, read, DialogueError)

    async def _blinkered_turn(self, view: UserView, position: int, opens: bool) -> UserTurn:
        """What is due, in a form that holds its values."""
        assert view.plan is not None
        owed = [] if opens else owed_values(view)
        due = due_part(view.plan.requests[position], None if opens else view.pending, owed)
        task = shown_part(due)

        def read(answer: ChatAnswer) -> UserTurn:
            turn = UserTurn(parted(speech(typed(answer, UserWords).user_says), task), position)
            check_speech(turn.text or "", view)
            if not owed and view.plan is not None and view.plan.requests[position].kind is not Kind.CHAT:
                check_task(turn, task)
            check_question(turn, view)
            check_invention(turn.text or "", task)
            try:
                check_words(turn.text or "", task)
            except Misfit as misfit:  # the form leaves no room for what the model would say
                raise Misfit(str(misfit), schema=_schema(UserWords)) from None
            check_pointed(turn.text or "", due.pointed)
            check_values(turn, view, opens=opens, due=due.values)
            return turn

        messages = [
            *self._head("blinkered", view.language),
            {"role": "user", "content": self._prompt.render("say", task=task)},
        ]
        schema = _schema(UserWords)
        if pattern := said_pattern(due.values, view.today, due.pointed):
            schema["properties"]["user_says"]["pattern"] = pattern
        return await self._questioner.ask(ChatRequest("user", messages, schema), read, DialogueError, afresh=True)

    def _wide(self, view: UserView, position: int, opens: bool) -> list[ChatMessage]:
        """The question with the talk before it."""
        assert view.plan is not None
        known = _known(view)
        request = view.plan.requests[position]
        known["task"] = quoted(shown_request(position + 1, request))
        if "talk" not in known:
            question = self._prompt.render("begin", **known)
        elif opens:
            question = self._prompt.render("next", **known)
        elif is_changing(request, view.pending):
            known["task"] = quoted(shown_change(position + 1, request))
            question = self._prompt.render("change", **known)
        elif owed := owed_values(view):
            question = self._prompt.render("asked", **known, unsaid=listed(owed))
        else:
            question = self._prompt.render("waiting", **known)
        return [*self._head("planned", view.language), {"role": "user", "content": question}]

    def _head(self, form: str, language: str) -> list[ChatMessage]:
        """What is the same for every turn of every dialogue."""
        messages = [{"role": "system", "content": self._prompt.guidance(form, language)}]
        for name in EXAMPLES[form]:
            messages.append({"role": "user", "content": self._prompt.render(f"{form}_{name}")})
            messages.append({"role": "assistant", "content": self._prompt.render(f"{form}_{name}_answer")})
        return messages

    async def _improvised(self, view: UserView, begins: bool) -> UserTurn:
        last = view.request + 1 >= view.wanted
        abilities = "\n".join(quoted(tool.description[:300]) for tool in view.tools)
        role = self._prompt.guidance("improvised", view.language, abilities=abilities, wanted=str(view.wanted))
        if begins:
            question = self._prompt.render("improvise", **_known(view))
        else:
            following = "says thanks and goodbye." if last else "makes the next request."
            question = self._prompt.render("turn", **_known(view), next=following)

        def read(answer: ChatAnswer) -> UserTurn:
            said = typed(answer, UserAnswer)
            done = said.request_done and not begins
            if done:
                check_done(view)
            if done and last:
                return UserTurn(None, view.request)
            turn = UserTurn(speech(said.user_says), view.request + done)
            check_speech(turn.text or "", view)
            return turn

        messages = [{"role": "system", "content": role}, {"role": "user", "content": question}]
        return await self._questioner.ask(
            ChatRequest("user", messages, _schema(UserAnswer, open_end=not begins)), read, DialogueError
        )


def _known(view: UserView) -> dict[str, str]:
    """The day, and the talk where there is one."""
    known = {"today": f"{view.today:%A}, {view.today.isoformat()}"}
    if view.talk:
        known["talk"] = "\n".join(f"{role}: {quoted(text)}" for role, text in view.talk)
    return known


def _schema(kind: type[UserWords], *, open_end: bool = True) -> dict[str, Any]:
    """The answer; a request that cannot be done yet cannot be called done."""
    done: dict[str, Any] = {"type": "boolean"} if open_end else {"type": "boolean", "enum": [False]}
    words: dict[str, Any] = {"user_says": {"type": "string"}}
    properties = {"request_done": done, **words} if kind is UserAnswer else words
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
