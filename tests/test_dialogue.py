"""The dialogue loop: who sees what, how a talk goes on, and how it ends."""

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from toolflow.cast import Answered, AssistantTurn, AssistantView, Brief, Cast, ToolView, UserTurn, UserView
from toolflow.config import DialogueConfig
from toolflow.dialogue import Talk, act_out, unmade_calls
from toolflow.errors import DialogueError
from toolflow.schema import End, FunctionCall, Plan, Tool, ToolCall

TODAY = date(2026, 5, 14)
WEATHER = Tool(name="get_weather", description="Get the weather.", parameters={"type": "object", "properties": {}})
PLAN = Plan.model_validate(
    {"requests": [{"kind": "single", "goal": "a SECRET goal", "calls": [{"tool": "get_weather", "arguments": {}}]}]}
)


class Script:
    """A cast that says what it is told to, and remembers what it was shown."""

    def __init__(self, user: Sequence[str | None], assistant: Sequence[Any], results: Sequence[Any] = ()) -> None:
        self.lines, self.replies, self.results = list(user), list(assistant), list(results)
        self.seen: list[UserView | AssistantView | ToolView] = []

    def allows(self, brief: Brief) -> bool:
        raise NotImplementedError

    async def plan(self, brief: Brief) -> Plan:
        raise NotImplementedError

    async def speak(self, view: UserView) -> UserTurn:
        self.seen.append(view)
        return UserTurn(self.lines.pop(0), request=view.request, act=f"act {len(self.lines)}")

    async def reply(self, view: AssistantView) -> AssistantTurn:
        self.seen.append(view)
        reply = self.replies.pop(0)
        if isinstance(reply, DialogueError):
            raise reply
        return AssistantTurn(reply) if isinstance(reply, str) else AssistantTurn(None, reply)

    async def answer(self, view: ToolView) -> Any:
        self.seen.append(view)
        return self.results.pop(0)

    def views(self, kind: type) -> list[Any]:
        return [view for view in self.seen if isinstance(view, kind)]


def call(name: str = "get_weather", arguments: str = "{}", number: int = 1) -> list[ToolCall]:
    return [ToolCall(id=f"call_{number}", function=FunctionCall(name=name, arguments=arguments))]


def talk(script: Script, plan: Plan | None = PLAN, **limits: Any) -> Talk:
    cast = Cast("script", planner=script, user=script, assistant=script, tool=script)
    return asyncio.run(act_out(cast, plan, [WEATHER], [WEATHER], TODAY, 2, DialogueConfig(**limits)))


def roles(ended: Talk) -> list[str]:
    return [message.role for message in ended.messages]


def test_a_talk_goes_from_question_to_call_to_answer() -> None:
    """User, call, result, reply; done when the user falls silent."""
    ended = talk(Script(["Is it raining?", None], [call(), "It is."], [{"rain": True}]))
    assert roles(ended) == ["system", "user", "assistant", "tool", "assistant"]
    assert ended.end is End.DONE
    assert ended.messages[3].model_dump() == {
        "role": "tool",
        "tool_call_id": "call_1",
        "name": "get_weather",
        "content": '{"rain": true}',
    }


def test_the_user_never_sees_calls_results_or_the_system_message() -> None:
    """What the user hears is the spoken talk."""
    script = Script(["Is it raining?", None], [call(), "It is."], [{"rain": True}])
    talk(script)
    assert script.views(UserView)[-1].talk == (("user", "Is it raining?"), ("assistant", "It is."))


def test_with_a_plan_the_user_sees_no_tools() -> None:
    """Tools reach the user only where there is no plan to speak from."""
    planned, improvised = Script([None], []), Script([None], [])
    talk(planned)
    talk(improvised, plan=None)
    assert planned.views(UserView)[0].tools == ()
    assert improvised.views(UserView)[0].tools == [WEATHER]
    assert improvised.views(UserView)[0].plan is None


def test_the_assistant_never_sees_the_plan() -> None:
    """Nothing in what the assistant is handed comes from the plan."""
    script = Script(["Is it raining?", None], [call(), "It is."], [{"rain": True}])
    talk(script)
    assert all("SECRET" not in repr(view) for view in script.views(AssistantView))


def test_the_assistant_hears_the_acts_of_the_turns_so_far() -> None:
    """One act for each user message, in order."""
    script = Script(["One.", "Two.", None], ["Yes.", "Yes."])
    talk(script)
    assert [view.acts for view in script.views(AssistantView)] == [("act 2",), ("act 2", "act 1")]


def test_a_tool_sees_its_definition_the_call_and_what_was_answered_before() -> None:
    """And nothing of the talk or the plan."""
    script = Script(
        ["Rain?", None], [call(), call(arguments='{"again": 1}', number=2), "Yes."], [{"rain": 1}, {"rain": 2}]
    )
    talk(script)
    first, second = script.views(ToolView)
    assert (first.tool, first.arguments, first.history) == (WEATHER, {}, ())
    assert [(answered.tool, answered.result) for answered in second.history] == [("get_weather", {"rain": 1})]


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (call("fly_to_moon"), "unknown tool fly_to_moon"),
        (call(arguments="{oops"), "not valid JSON"),
        (call(arguments="[1]"), "must be a JSON object"),
    ],
)
def test_a_call_that_cannot_be_made_is_answered_with_an_error(made: list[ToolCall], error: str) -> None:
    """As a real service would, and without asking the tool."""
    script = Script(["Go.", None], [made, "Sorry."])
    ended = talk(script)
    assert error in json.loads(ended.messages[3].model_dump()["content"])["error"]
    assert not script.views(ToolView)


def test_a_talk_without_end_is_cut_at_the_turn_limit() -> None:
    """So many user turns and no more."""
    ended = talk(Script(["Again."] * 9, ["Yes."] * 9), max_turns=3)
    assert (ended.end, roles(ended).count("user"), roles(ended)[-1]) == (End.TURN_LIMIT, 3, "assistant")


def test_calls_without_end_are_cut_at_the_step_limit() -> None:
    """So many messages with calls for one turn and no more."""
    ended = talk(Script(["Go."], [call(number=at) for at in range(9)], [{}] * 9), max_steps=2)
    assert ended.end is End.STEP_LIMIT
    assert roles(ended).count("assistant") == 2


def test_a_speaker_that_fails_ends_the_talk_and_loses_nothing_said() -> None:
    """The record keeps the talk so far and the reason."""
    ended = talk(Script(["Hello."], [DialogueError("lost my voice")]))
    assert (ended.end, ended.failure, roles(ended)) == (End.FAILED, "lost my voice", ["system", "user"])


def test_the_date_is_said_beforehand_and_can_be_left_out() -> None:
    """A system message gives the simulated date, if the settings want one."""
    assert talk(Script([None], [])).messages[0].model_dump()["content"] == "Today is Thursday, 14 May 2026."
    assert talk(Script([None], []), system_message=False).messages == ()


FAILING = Plan.model_validate(
    {
        "requests": [
            {"kind": "single", "goal": "a", "calls": [{"tool": "get_weather", "arguments": {}}]},
            {
                "kind": "recovery",
                "goal": "b",
                "calls": [
                    {"tool": "get_weather", "arguments": {}, "failure": "rate_limit"},
                    {"tool": "get_weather", "arguments": {}},
                ],
            },
        ]
    }
)


class Onward(Script):
    """Goes to the next request with every turn."""

    async def speak(self, view: UserView) -> UserTurn:
        turn = await super().speak(view)
        return UserTurn(turn.text, sum(role == "user" for role, _ in view.talk))


def test_a_planned_failure_comes_once_and_in_its_request_only() -> None:
    """The tool is not asked, and what failed is no part of the world's history."""
    replies = [call(), "Fine.", call(number=2), call(number=3), "Fine now."]
    script = Onward(["One.", "Two.", None], replies, [{"at": 1}, {"at": 2}])
    done = talk(script, FAILING)
    contents = [json.loads(message.content) for message in done.messages if message.role == "tool"]
    assert contents[0] == {"at": 1}
    assert contents[1]["error"]["status"] == 429
    assert contents[2] == {"at": 2}
    assert [len(view.history) for view in script.views(ToolView)] == [0, 1]


def test_every_user_turn_says_which_request_it_belongs_to() -> None:
    """Positions in the plan, one for each user message."""
    assert talk(Onward(["One.", "Two.", "Three.", None], ["A.", "B.", "C."]), FAILING).turns == (0, 1, 2)


def planned(city: str, *, linked: bool = False) -> dict[str, Any]:
    """A call of the weather; of ``linked`` ones the city comes from an earlier output."""
    source = {"source": "output", "call": 1, "path": "city"} if linked else {"source": "user", "value": city}
    return {"tool": "get_weather", "arguments": {"city": source}}


@pytest.mark.parametrize(
    ("made", "under_way", "unmade"),
    [
        ([], 0, (0, 1)),
        (["Oslo"], 0, (1,)),
        (["Rome"], 0, (0,)),
        (["Bergen"], 0, (0, 1)),
        (["oslo", "ROME"], 0, ()),
        (["Oslo", "Rome"], 1, (0, 1)),
        (["Oslo", "Rome", "Paris"], 1, (0,)),
        (["Oslo", "Rome", "Oslo"], 1, (1,)),
        (["Oslo", "Oslo"], 1, (1,)),
        (["Oslo", "Rome", "Oslo", "Bergen"], 1, ()),
    ],
)
def test_it_is_known_which_planned_calls_were_not_made(
    made: list[str], under_way: int, unmade: tuple[int, ...]
) -> None:
    """Each call stands for one planned call, with the values the user was to give; what went astray, for none."""
    first = {"kind": "parallel", "goal": "x", "calls": [planned("Oslo"), planned("Rome")]}
    second = {"kind": "chain", "goal": "y", "calls": [planned("Oslo"), planned("", linked=True)]}
    plan = Plan.model_validate({"requests": [first, second]})
    history = [Answered("get_weather", {"city": city}, {}) for city in made]
    assert unmade_calls(plan, under_way, history) == unmade


def test_a_call_that_is_to_fail_was_made_when_it_failed() -> None:
    """By its number in the plan, though it is no part of the history; until then both calls are to come."""
    failing = {"kind": "recovery", "goal": "x", "calls": [planned("Oslo") | {"failure": "timeout"}, planned("Oslo")]}
    plan = Plan.model_validate({"requests": [{"kind": "single", "goal": "y", "calls": [planned("Rome")]}, failing]})
    rome, oslo = (Answered("get_weather", {"city": city}, {}) for city in ("Rome", "Oslo"))
    assert unmade_calls(plan, 1, [rome]) == (0, 1)
    assert unmade_calls(plan, 1, [rome], {1}) == (1,)
    assert unmade_calls(plan, 1, [rome, oslo], {1}) == ()


def test_the_user_is_told_what_was_not_called_and_no_more() -> None:
    """Before and after the call."""
    script = Script(["Weather?", "Thanks", None], [call(), "Sunny.", "Bye."], [{"sky": "SECRET"}])
    talk(script)
    views = script.views(UserView)
    assert [view.pending for view in views] == [(0,), (), ()]
    assert "SECRET" not in str([view.talk for view in views])
