"""The user: a model that acts the plan out, one request after the other (paper §3.4).

Each turn answers one typed question: is the request under way completed, and what is said next. The model
sees the plan as a person would know it (goals and values, neither tool nor parameter names as such) and the
spoken talk. Ours are the guards against what user simulators are known to get wrong: stopping early, giving
withheld values away, leaving values out, speaking for the assistant, naming tools, saying a thing twice.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from toolflow.cast import UserTurn, UserView
from toolflow.errors import DialogueError
from toolflow.llm.chat import ChatAnswer, ChatRequest
from toolflow.llm.prompts import Prompt, quoted, read_prompt
from toolflow.llm.questions import Misfit, Questioner, typed
from toolflow.llm.repair import speech
from toolflow.schema import FromContext, FromUser, Kind, Plan, Request
from toolflow.trace import Trace

MAX_WORDS = 150
"""A longer turn is no turn of a user."""

_ASSISTANT = re.compile(
    r"(?i)\A\W*(assistant\b\W*:|(of course|certainly|sure|absolutely)\W+(i can|i'll|i will|here)"
    r"|how (can|may) i (help|assist)|here (is|are) (the|your)|i'd be happy to|i would be happy to"
    r"|i('ve| have) (found|booked|checked|updated|sent))"
    r"|(how|what) (else )?(can|may) i (help|assist|do for)|is there anything else (i|you'd)"
)
"""What only an assistant says."""
_IDENTIFIER = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+|[a-z]+[A-Z]\w*")


class UserAnswer(BaseModel):
    """What the user answers each turn."""

    model_config = ConfigDict(extra="ignore")

    request_done: bool
    text: str


def read_user_prompt() -> Prompt:
    """The user's prompt file, checked."""
    return read_prompt(
        "user",
        {
            "planned": {"today", "requests"},
            "improvised": {"today", "abilities", "wanted"},
            "begin": {"number", "task"},
            "turn": {"talk", "number", "task", "next"},
        },
    )


def shown_requests(plan: Plan) -> list[dict[str, Any]]:
    """The plan as the user knows it: goals and values, and nothing about how they are met."""
    return [_shown(number, request) for number, request in enumerate(plan.requests, start=1)]


class LLMUser:
    """Speaks for the user; remembers what its guards need of its own dialogue."""

    def __init__(self, questioner: Questioner, prompt: Prompt) -> None:
        self._questioner = questioner
        self._prompt = prompt

    async def speak(self, view: UserView) -> UserTurn:
        """The next turn, or one without text when every request is done."""
        wanted = len(view.plan.requests) if view.plan is not None else view.wanted
        begins = not any(role == "user" for role, _ in view.talk)
        messages = [
            {"role": "system", "content": self._role(view)},
            {"role": "user", "content": self._question(view, wanted, begins)},
        ]
        question = ChatRequest("user", messages, _schema(begins))

        def read(answer: ChatAnswer) -> UserTurn:
            said = typed(answer, UserAnswer)
            text, done = speech(said.text), said.request_done and not begins
            if done and view.request + 1 >= wanted:
                _check_done(view)
                return UserTurn(None, view.request)
            turn = UserTurn(text, view.request + done)
            _check_speech(text, view)
            if done:
                _check_done(view)
            if view.plan is not None:
                _check_values(turn, view, view.plan.requests[turn.request], opens=begins or done)
            return turn

        return await self._questioner.ask(question, read, DialogueError)

    def _role(self, view: UserView) -> str:
        today = f"{view.today:%A}, {view.today.isoformat()}"
        if view.plan is not None:
            requests = "\n".join(map(quoted, shown_requests(view.plan)))
            return self._prompt.render("planned", today=today, requests=requests)
        abilities = "\n".join(quoted(tool.description[:300]) for tool in view.tools)
        return self._prompt.render("improvised", today=today, abilities=abilities, wanted=str(view.wanted))

    def _question(self, view: UserView, wanted: int, begins: bool) -> str:
        number = str(view.request + 1)
        if begins:
            return self._prompt.render("begin", number=number, task=_task(view, view.request))
        talk = "\n".join(f"{'you' if role == 'user' else role}: {quoted(text)}" for role, text in view.talk)
        if view.request + 1 < wanted:
            upcoming = f'make request {view.request + 2} in "text": {_task(view, view.request + 1)}'
        else:
            upcoming = 'it was the last one: leave "text" empty'
        return self._prompt.render("turn", talk=talk, number=number, task=_task(view, view.request), next=upcoming)


def _task(view: UserView, position: int) -> str:
    """One request as the user knows it; without a plan there is only its number."""
    if view.plan is None:
        return "something the assistant can do, of your own choice"
    return quoted(_shown(position + 1, view.plan.requests[position]))


def _shown(number: int, request: Request) -> dict[str, Any]:
    shown: dict[str, Any] = {"request": number, "goal": request.goal}
    tell = dict.fromkeys(f"{_plain(name)}: {_literal(value)}" for name, value in _tellable(request))
    if tell:
        shown["tell"] = list(tell)
    if request.withheld:
        shown["only_when_asked"] = [f"{_plain(name)}: {_literal(value)}" for name, value in _withheld(request)]
    if request.kind is Kind.CHAT:
        shown["note"] = "small talk: ask for nothing to be looked up or done"
    return shown


def _tellable(request: Request) -> Iterator[tuple[str, Any]]:
    """Names and values that the user gives with the request."""
    for number, call in enumerate(request.calls):
        for name, source in call.arguments.items():
            kept = number == 0 and name in request.withheld
            if isinstance(source, FromUser | FromContext) and not kept:
                yield name, source.value


def _withheld(request: Request) -> Iterator[tuple[str, Any]]:
    for name in request.withheld:
        source = request.calls[0].arguments.get(name) if request.calls else None
        if isinstance(source, FromUser):
            yield name, source.value


def _plain(name: str) -> str:
    """A parameter name in words: ``departureDate`` as "departure date"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).strip().lower()


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else quoted(value)


def _schema(begins: bool) -> dict[str, Any]:
    done = {"type": "boolean", "enum": [False]} if begins else {"type": "boolean"}
    return {
        "type": "object",
        "properties": {"request_done": done, "text": {"type": "string"}},
        "required": ["request_done", "text"],
        "additionalProperties": False,
    }


def _check_speech(text: str, view: UserView) -> None:
    """Is this something a user says?"""
    if not text:
        raise Misfit('"text" is empty; say what comes next')
    if len(text.split()) > MAX_WORDS:
        raise Misfit('"text" is too long; a user says one to three sentences')
    if _ASSISTANT.search(text):
        raise Misfit("you speak as the assistant; you are the user, who wants help and gives none")
    for name in _names(view):
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            raise Misfit(f'"text" must not contain the technical name {name}; say it as a person would')
    if any(role == "user" and _bare(said) == _bare(text) for role, said in view.talk):
        raise Misfit(
            "you said exactly this before; answer what the assistant said last, or, if the request is "
            'completed, set "request_done" to true and make the next one'
        )


def _check_done(view: UserView) -> None:
    """A request is not done before it was answered, nor before a withheld value was given."""
    if not view.talk or view.talk[-1][0] != "assistant":
        raise Misfit('the assistant has not answered yet, so "request_done" must be false')
    if view.plan is None:
        return
    owed = _unsaid(_withheld(view.plan.requests[view.request]), _texts(view), view.today)
    if owed:
        raise Misfit(f'the request is not done, you still owe {_listed(owed)}; set "request_done" to false and say it')


def _check_values(turn: UserTurn, view: UserView, request: Request, *, opens: bool) -> None:
    """Are the planned values said, and the withheld ones not?"""
    text = turn.text or ""
    missing = _unsaid(_tellable(request), [*_texts(view), text], view.today)
    if missing:
        raise Misfit(f'"text" must also say {_listed(missing)}', usable=turn)
    if not opens:
        return
    withheld = list(_withheld(request))
    unsaid = _unsaid(withheld, [text], view.today)
    given = [item for item in withheld if item not in unsaid]
    if given:
        raise Misfit(f'"text" must not say {_listed(given)} before the assistant asks for it', usable=turn)


def _unsaid(
    values: Iterator[tuple[str, Any]] | list[tuple[str, Any]], texts: Sequence[str], today: date
) -> list[tuple[str, Any]]:
    """The values that none of the texts says, in any form a person writes them."""
    trace = Trace(today)
    for text in texts:
        trace.hear(text)
    return [(name, value) for name, value in values if not isinstance(value, bool) and trace.source(value) is None]


def _texts(view: UserView) -> list[str]:
    return [text for role, text in view.talk if role == "user"]


def _listed(values: list[tuple[str, Any]]) -> str:
    return ", ".join(f"{_plain(name)} ({_literal(value)})" for name, value in values[:6])


def _names(view: UserView) -> set[str]:
    """Names that only a program uses: tools and parameters written as identifiers."""
    names = {tool.name for tool in view.tools}
    if view.plan is not None:
        names |= {call.tool for call in view.plan.calls}
        names |= {name for call in view.plan.calls for name in call.arguments}
    return {name for name in names if _IDENTIFIER.fullmatch(name)}


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
