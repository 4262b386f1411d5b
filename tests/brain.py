"""A model for `tests.endpoint` to answer with: it reads the prompts of the llm cast and thinks with selfplay.

It knows what a real model would know: the question it was asked, and nothing else. Two memories stand in for
a model's wits: the plan behind the requests that a user is shown, and what a sentence it said meant (the act),
so that the assistant's side can understand it.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

from toolflow.cast import Answered, AssistantTurn, AssistantView, Brief, Flow, ToolView, UserTurn, UserView
from toolflow.errors import DialogueError
from toolflow.llm.plan_answer import read_plan, write_plan
from toolflow.llm.prompts import quoted
from toolflow.llm.questions import NOT_USED, SPEAK_WORDS, Misfit
from toolflow.plan import problems
from toolflow.schema import (
    AssistantMessage,
    FunctionCall,
    Kind,
    Message,
    Plan,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from toolflow.selfplay.assistant import SelfplayAssistant
from toolflow.selfplay.planner import SelfplayPlanner
from toolflow.selfplay.user import SelfplayUser
from toolflow.selfplay.world import SelfplayTool

OPENINGS = {
    "You plan": "planner",
    "You write": "user",
    "You are": "assistant",
    "You simulate": "tool",
    "You document": "complete",
    "You put in other words what the user": "rewrite user",
    "You put in other words what an assistant": "rewrite assistant",
    "You check": "check_edges",
    "You judge": "judge",
}
LOST = (
    "I could not find what that needs.",
    "I am not sure what you mean.",
    "Nothing came of that, I am afraid.",
    "I do not quite follow you.",
    "That is not clear to me yet.",
    "Let us look at it from another side.",
    "There is something missing here.",
)
"""What an assistant says that did not understand …"""
WAITING = ("Please go on.", "Could you do that now?", "I am still waiting.", "Is it done?", "Any news on it?", "Well?")
"""… and a user who has said all and was not served; neither says the same twice in a row."""
TRIES = 20
"""Plans drawn until one has all the requests wanted."""
GOAL_MARK = "(as planned, no."
"""Stands in every goal, and in nothing that anybody says."""

_FEED = re.compile(r"^(\w+)\.(\S+) of \1 can feed (\S+) of (\w+)$", re.M)
_TODAY = re.compile(r"Today is \w+, (\d{4}-\d\d-\d\d)")
_TAGGED = re.compile(r"<tool_call>(.*?)</tool_call>")
_RESULT = re.compile(r"<tool_response>(.*?)</tool_response>", re.S)


def role_of(body: dict[str, Any]) -> str:
    """Who asks, by the first words of the system message."""
    system = body["messages"][0]["content"]
    return next(role for opening, role in OPENINGS.items() if system.startswith(opening))


class Brain:
    """Answers questions; ``tools`` are known beforehand, those of briefs are learnt."""

    def __init__(self, tools: Sequence[Tool] = ()) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self.plans: dict[str, Plan] = {}
        """By mark, and by those goals that have none."""
        self.acts: dict[str, Any] = {}
        self.reword: Callable[[str, bool], str] = lambda said, again: f"Well then, {said}"
        """How it words a sentence of the hybrid cast, asked for the first time or again."""

    async def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The assistant message of a chat completion."""
        messages = list(body["messages"])
        if str(messages[-1]["content"]).endswith(SPEAK_WORDS):
            at = next((at for at, text in enumerate(WAITING) if text in str(messages[-1]["content"])), -1)
            return {"role": "assistant", "content": json.dumps({"say": LOST[at]})}
        content = str(messages[-1]["content"])
        again = NOT_USED in content
        if content.startswith(NOT_USED):
            del messages[-2 if messages[-2]["role"] == "assistant" else -1 :]
        elif NOT_USED in content:
            messages[-1] = {**messages[-1], "content": content.rpartition(f"\n\n{NOT_USED}")[0]}
        messages = _unfolded(messages)
        rng = Random(hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).digest())
        role = role_of(body)
        if role == "assistant":
            return await self._assistant(messages, body.get("tools"), rng)
        system, question = messages[0]["content"], messages[-1]["content"]
        if role.startswith("rewrite"):
            said = json.loads(re.findall(r'^".*"$', question, re.M)[-1])
            return {"role": "assistant", "content": json.dumps({"say": self.reword(said, again)})}
        think = {
            "planner": self._plan,
            "user": self._speak,
            "tool": self._result,
            "complete": self._complete,
            "check_edges": self._check,
            "judge": self._judge,
        }[role]
        return {"role": "assistant", "content": json.dumps(await think(system, question, rng))}

    async def _plan(self, system: str, question: str, rng: Random) -> dict[str, Any]:
        tools = [Tool.model_validate(tool) for tool in _between(question, "tools")]
        self.tools.update((tool.name, tool) for tool in tools)
        kinds = [Kind(kind) for kind in re.findall(r"^request_\d+: (\w+)$", question, re.M)]
        flows = [Flow(found[1], found[2], found[4], found[3]) for found in _FEED.finditer(question)]
        absent = [Tool.model_validate(tool) for tool in _between(question, "absent")]
        self.tools.update((tool.name, tool) for tool in absent)
        brief = Brief(tools, kinds, flows, _today(question), absent)
        for _ in range(TRIES):
            answer = write_plan(await SelfplayPlanner(rng, {}).plan(brief))
            mark = hashlib.sha256(json.dumps([question, answer]).encode()).hexdigest()[:12]
            for request in answer.values():
                request["goal"] += f" {GOAL_MARK} {mark})"
            with contextlib.suppress(Misfit):
                plan = read_plan(answer, brief, kinds)
                unmarked = [request.goal for request in plan.requests if mark not in request.goal]
                self.plans |= dict.fromkeys([mark, *unmarked], plan)
                if not problems(plan, tools, brief.today, absent):
                    break
        return answer

    async def _speak(self, system: str, question: str, rng: Random) -> dict[str, Any]:
        talk = re.findall(r"^(user|assistant): (\".*\")$", question, re.M)
        spoken = [(role, json.loads(text)) for role, text in talk]
        plan = self.plan_of(question)
        abilities = set(_between(system, "abilities"))
        tools = [tool for tool in self.tools.values() if tool.description[:300] in abilities]
        wanted = int((re.findall(r"The user makes (\d+) requests", system) or ["0"])[0])
        user = SelfplayUser(Random(self._mark(plan) or system), dict(self.tools))
        before, said = 0, UserTurn(None)
        for _ in range(sum(role == "user" for role, _ in spoken) + 1):
            before = said.request
            said = await user.speak(UserView(plan, tools, wanted, spoken, before, _today(question)))
        if said.text is None:
            return {"request_done": True, "user_says": WAITING[len(spoken) // 2 % len(WAITING)]}
        self.acts[_key([*spoken, ("user", said.text)])] = said.act
        return {"request_done": said.request > before, "user_says": said.text}

    def plan_of(self, question: str) -> Plan | None:
        """The plan behind the request that a user is shown."""
        marked = re.search(rf"{re.escape(GOAL_MARK)} (\w+)\)", question)
        shown = marked[1] if marked else next((goal for goal in self.plans if f'"goal":{quoted(goal)}' in question), "")
        return self.plans.get(shown)

    def _mark(self, plan: Plan | None) -> str | None:
        return next((mark for mark, known in self.plans.items() if known is plan), None)

    async def _assistant(self, messages: list[dict[str, Any]], offered: Any, rng: Random) -> dict[str, Any]:
        talk, acts, spoken = [], [], []
        for message in _native(messages):
            talk.append(message)
            if isinstance(message, UserMessage | AssistantMessage) and message.content:
                spoken.append((message.role, message.content))
            if isinstance(message, UserMessage):
                acts.append(self.acts.get(_key(spoken)))
        told = json.dumps(offered) if offered else "".join(message["content"] or "" for message in messages[:2])
        tools = [tool for tool in self.tools.values() if f'"{tool.name}"' in told]
        view = AssistantView(tools, talk, acts, date(2026, 3, 2))
        try:
            if None in acts:  # several turns were put into one message
                raise DialogueError("nobody said that")
            turn = await SelfplayAssistant(rng).reply(view)
        except DialogueError:
            turn = AssistantTurn(LOST[(len(acts) + str(talk[-1].content).count("\n")) % len(LOST)])
        answer: dict[str, Any] = {"role": "assistant", "content": turn.text}
        if turn.calls and offered:
            calls = [call.model_dump() for call in turn.calls]
            answer["tool_calls"] = [{**call, "id": f"chatcmpl-tool-{rng.getrandbits(32)}"} for call in calls]
        elif turn.calls:
            functions = [call.function for call in turn.calls]
            lines = [f'{{"name": "{call.name}", "arguments": {call.arguments}}}' for call in functions]
            answer["content"] = "\n".join(f"<tool_call>{line}</tool_call>" for line in lines)
        return answer

    async def _result(self, system: str, question: str, rng: Random) -> Any:
        tool = Tool.model_validate(_between(system, "tool")[0])
        state = [Answered(**answered) for answered in _between(question, "earlier")]
        arguments = json.loads(re.findall(r"^The call: \".*?\" with arguments (\{.*\})$", question, re.M)[0])
        view = ToolView(tool, arguments, state, _today(f"{question}\n{system}"))
        return await SelfplayTool(len(state)).answer(view)

    async def _complete(self, system: str, question: str, rng: Random) -> Any:
        (lacking,) = _between(question, "lacking")
        fields = [
            {"path": "report.id", "type": "string", "format": "uuid", "description": "Identifier of the report."},
            {"path": "lines[].text", "type": "string", "format": "none", "description": "What the line says."},
            {"path": "tags[]", "type": "string", "format": "none", "description": "One of the tags."},
        ]
        return {path: fields if path == "returns" else f"What {path} stands for." for path in lacking}

    async def _check(self, system: str, question: str, rng: Random) -> Any:
        fits, then = rng.choice(["yes", "yes", "no"]), rng.choice(["use", "use", "known", "never"])
        return {"why": f"Of {_between(question, 'first')[0]['name']}.", "fits": fits, "next": then}

    async def _judge(self, system: str, question: str, rng: Random) -> Any:
        talk = _between(question, "conversation")
        if not talk:
            return {"why": f"Of {_between(question, 'request')[0][:20]!r}.", "entails": rng.choice(["yes", "no"])}
        aspects = ("naturalness", "coherence", "helpfulness", "accuracy")
        said = {aspect: rng.randint(1, 5) for aspect in aspects}
        return {key: value for aspect in aspects for key, value in ((f"{aspect}_why", "So."), (aspect, said[aspect]))}


def _unfolded(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With a system message again, where the assistant's stands in the user's first one."""
    if messages[0]["role"] == "system" or role_of({"messages": messages}) != "assistant":
        return messages
    system, _, said = messages[0]["content"].rpartition("\n\n")
    return [{"role": "system", "content": system}, {"role": "user", "content": said}, *messages[1:]]


def _native(messages: Sequence[dict[str, Any]]) -> list[Message]:
    """The talk as messages, calls in words made calls again."""
    talk: list[Message] = [SystemMessage(content=messages[0]["content"].rpartition("\n\n")[2])]
    waiting: list[ToolCall] = []
    for number, message in enumerate(messages[1:]):
        content = message["content"]
        written = _TAGGED.findall(content or "") if message["role"] == "assistant" else []
        calls = message.get("tool_calls") or [
            {"id": f"{number}-{at}", "function": {**json.loads(call), "arguments": _arguments(call)}}
            for at, call in enumerate(written)
        ]
        if message["role"] == "assistant":
            made = [ToolCall(id=call["id"], function=FunctionCall(**call["function"])) for call in calls]
            waiting += made
            talk.append(AssistantMessage(content=None if written else content, tool_calls=tuple(made)))
        elif message["role"] == "tool" or content.startswith("<tool_response>"):
            for result in _RESULT.findall(content) or [content]:
                call = waiting.pop(0)
                talk.append(ToolMessage(tool_call_id=call.id, name=call.function.name, content=result))
        else:
            talk.append(UserMessage(content=content))
    return talk


def _arguments(call: str) -> str:
    return json.dumps(json.loads(call)["arguments"], ensure_ascii=False)


def _between(text: str, tag: str) -> list[Any]:
    """The JSON lines between two tags."""
    found = re.search(rf"^<{tag}>\n(.*?)\n</{tag}>", text, re.M | re.S)
    return [json.loads(line) for line in found[1].splitlines() if line != "(none)"] if found else []


def _today(text: str) -> date:
    return date.fromisoformat(_TODAY.findall(text)[0])


def _key(value: Any) -> str:
    return quoted(value)
