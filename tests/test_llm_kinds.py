"""Requests that do not go straight, in the llm cast: what a planner's model writes, what the user says when."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.scripted import BOOK, SEARCH, Scripted, calls, questioner, run
from toolflow.cast import AssistantView, Brief, Flow, UserTurn, UserView
from toolflow.conformance import Conformance
from toolflow.errors import PlanError
from toolflow.llm.assistant import LLMAssistant, read_assistant_prompt
from toolflow.llm.plan_schema import answer_schema, wanted_kinds
from toolflow.llm.planner import LLMPlanner, read_planner_prompt
from toolflow.llm.user import LLMUser, read_user_prompt
from toolflow.plan import problems
from toolflow.schema import (
    AssistantMessage,
    Failure,
    FromOutput,
    FromUser,
    FunctionCall,
    Kind,
    Message,
    Plan,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)

TODAY = date(2026, 3, 2)
RENT = Tool(
    name="rent_car",
    description="Rent a car in a city.",
    parameters={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
FLOW = Flow("search_hotels", "hotels[].hotel_id", "book_hotel", "hotel_id")
ROME = {"tool": "search_hotels", "arguments": {"city": "Rome", "check_in": "2026-05-03"}}
OSLO = {"tool": "search_hotels", "arguments": {"city": "Oslo", "check_in": "2026-05-03"}}
SINGLE = {"kind": "single", "first": ROME, "goal": "Find a hotel in Rome from 3 May"}
FORMS: dict[Kind, dict[str, Any]] = {
    Kind.UNAVAILABLE: {
        "kind": "unavailable",
        "wish": {"tool": "rent_car", "arguments": {"city": "Rome"}},
        "goal": "Rent a car in Rome",
    },
    Kind.RECOVERY: {
        "kind": "recovery",
        "first": OSLO,
        "failure": "not_found",
        "instead": {"city": "Bergen"},
        "goal": "Find a hotel in Oslo from 3 May",
    },
    Kind.CORRECTION: {
        "kind": "correction",
        "first": OSLO,
        "instead": {"city": "Bergen"},
        "goal": "Find a hotel in Oslo from 3 May",
    },
    Kind.FOLLOW_UP: {
        "kind": "follow_up",
        "about": "search_hotels.hotels[0].name",
        "goal": "Hear the name of the first hotel again",
    },
}
PASSING = {name: value for name, value in FORMS[Kind.RECOVERY].items() if name != "instead"} | {"failure": "timeout"}


def brief(kind: Kind) -> Brief:
    """A single request, and one of the kind."""
    return Brief([SEARCH, BOOK], [Kind.SINGLE, kind], [FLOW], TODAY, [RENT])


def plan(kind: Kind, *answers: Any, frugal: bool = False) -> tuple[Plan, Scripted]:
    """The plan that becomes of a model's answers, and the model."""
    model = Scripted(*({"request_1": SINGLE, "request_2": answer} for answer in answers))
    return run(LLMPlanner(questioner(model), read_planner_prompt(), frugal=frugal).plan(brief(kind))), model


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_has_a_form_and_passes_the_checks(kind: Kind) -> None:
    """What the prompt asks for is what the schema allows and the plan checks take."""
    made, model = plan(kind, FORMS[kind])
    assert problems(made, [SEARCH, BOOK], TODAY, [RENT]) == []
    assert made.requests[1].kind is kind
    assert made.requests[1].goal == FORMS[kind]["goal"]
    answer = {"request_1": SINGLE, "request_2": FORMS[kind]}
    assert Conformance(model.shown[0].schema or {}).errors(answer) == []


@pytest.mark.parametrize("kind", Kind)
def test_the_planner_is_told_what_its_kinds_mean(kind: Kind) -> None:
    """Of those wanted, and of no others; tools that are not there only for who wishes for them."""
    model = Scripted("no", "no", "no")
    with pytest.raises(PlanError):
        run(LLMPlanner(questioner(model), read_planner_prompt()).plan(brief(kind)))
    question = model.shown[0].messages[1]["content"]
    told = {other for other in Kind if f"\n- {other}: " in question}
    assert told == {Kind.SINGLE, kind}
    assert ("rent_car" in question) == (kind is Kind.UNAVAILABLE)


def test_a_call_that_is_made_twice_is_written_once() -> None:
    """The error stands at the first, the other value in the second; after a passing one it is the same again."""
    first, second = plan(Kind.RECOVERY, FORMS[Kind.RECOVERY])[0].requests[1].calls
    assert (first.failure, first.at_fault) == (Failure.NOT_FOUND, "city")
    assert second.arguments == first.arguments | {"city": FromUser(value="Bergen")}
    again = plan(Kind.RECOVERY, PASSING)[0].requests[1].calls
    assert again[0].failure is Failure.TIMEOUT
    assert again[1] == again[0].model_copy(update={"failure": None})
    changed = plan(Kind.CORRECTION, FORMS[Kind.CORRECTION])[0].requests[1]
    assert [call.failure for call in changed.calls] == [None, None]
    assert changed.changes == {"city": "Bergen"}


@pytest.mark.parametrize(
    ("kind", "wrong", "reason"),
    [
        (Kind.UNAVAILABLE, {"wish": None}, "request_2.wish: must be"),
        (Kind.RECOVERY, {"failure": "explosion"}, '"failure" must be one of timeout, rate_limit'),
        (Kind.RECOVERY, {"instead": None}, '"instead" must give another value'),
        (Kind.RECOVERY, {"instead": {"city": "Oslo"}}, 'city must be another value than "Oslo"'),
        (Kind.CORRECTION, {"instead": {"guests": 2}}, "guests must be an argument of the call that the user says"),
        (Kind.FOLLOW_UP, {"about": "name"}, 'must be a text "tool.path"'),
        (Kind.FOLLOW_UP, {"about": "book_hotel.booking_id"}, "book_hotel is not called before"),
        (Kind.FOLLOW_UP, {"about": "search_hotels.price"}, "search_hotels does not return price; it returns hotels[0]"),
    ],
)
def test_what_does_not_fit_its_kind_goes_back(kind: Kind, wrong: dict[str, Any], reason: str) -> None:
    """With the exact error."""
    _, model = plan(kind, FORMS[kind] | wrong, FORMS[kind])
    assert reason in model.complaint()


def test_a_wish_that_can_be_met_is_refused() -> None:
    """By the plan checks, which the stage sends back."""
    made, _ = plan(Kind.UNAVAILABLE, FORMS[Kind.UNAVAILABLE] | {"wish": ROME})
    assert "the wish (search_hotels): unknown tool" in problems(made, [SEARCH, BOOK], TODAY, [RENT])[0]


@pytest.mark.parametrize(
    ("kind", "changed", "becomes"),
    [
        (Kind.UNAVAILABLE, {"absent": []}, Kind.SINGLE),
        (Kind.CORRECTION, {"tools": [BOOK]}, Kind.SINGLE),
        (Kind.FOLLOW_UP, {"tools": [BOOK]}, Kind.SINGLE),
        (Kind.FOLLOW_UP, {"kinds": [Kind.CHAT, Kind.FOLLOW_UP]}, Kind.SINGLE),
        (Kind.RECOVERY, {"tools": [BOOK]}, Kind.RECOVERY),
    ],
)
def test_kinds_that_the_tools_do_not_allow(kind: Kind, changed: dict[str, Any], becomes: Kind) -> None:
    """Nothing is absent, nothing can be looked up or asked about; then another subset of tools is drawn."""
    asked = replace(brief(kind), **changed)
    assert wanted_kinds(asked)[1] is becomes
    planner = LLMPlanner(questioner(Scripted()), read_planner_prompt())
    assert planner.allows(asked) == (wanted_kinds(asked) == list(asked.kinds))


def test_only_what_the_user_says_can_be_changed() -> None:
    """No identifier that another tool gives, and nothing that is booked."""
    schema = answer_schema(brief(Kind.CORRECTION), [Kind.CORRECTION], questioner(Scripted()).seeds)
    form = schema["properties"]["request_1"]
    assert [part["properties"] for part in form["properties"]["instead"]["anyOf"]] == [
        {"city": {"type": "string"}},
        {"check_in": {"type": "string", "format": "date"}},
    ]
    assert form["properties"]["first"] == {"$ref": "#/$defs/call_search_hotels"}


@pytest.mark.parametrize(
    ("kind", "goal"),
    [
        (Kind.CORRECTION, "Find a hotel in Oslo, and then in Bergen, from 3 May"),
        (Kind.MISSING, "Find a hotel in Oslo from 3 May"),
    ],
)
def test_a_goal_does_not_say_what_comes_later(kind: Kind, goal: str) -> None:
    """The user's model would give it away; what the tools do stands for it."""
    missing = {"kind": "missing", "first": OSLO, "withheld": "city"}
    made, _ = plan(kind, FORMS.get(kind, missing) | {"goal": goal})
    assert made.requests[1].goal == "Search for hotels with free rooms in a city"


def test_frugal_forms() -> None:
    """No goals; where no earlier result is named, the last one is asked about."""
    bare = {"kind": "follow_up", "about": "book_hotel.booking_id"}
    asked = plan(Kind.FOLLOW_UP, bare, frugal=True)[0].requests[1]
    assert asked.about == FromOutput(call=1, path="hotels[0].name")
    assert asked.goal == "Hear the name of the first hotel"
    wish = {name: value for name, value in FORMS[Kind.UNAVAILABLE].items() if name != "goal"}
    assert plan(Kind.UNAVAILABLE, wish, frugal=True)[0].requests[1].goal == "Rent a car in a city"


PRICED = SEARCH.model_copy(deep=True)
PRICED.returns["properties"]["hotels"]["items"]["properties"]["price"] = {"type": "number"}  # type: ignore[index]
PRICED.returns["properties"]["hotels"]["items"]["required"].append("price")  # type: ignore[index]
READ = BOOK.model_copy(update={"name": "get_hotel", "description": "Get the details of a hotel."})


def chained(*references: str) -> tuple[Plan, Scripted]:
    """A chain whose further calls take the hotel from these places."""
    flow = Flow("search_hotels", "hotels[].hotel_id", "get_hotel", "hotel_id")
    taken = [{"tool": "get_hotel", "arguments": {"hotel_id": {"from": one}, "nights": 2}} for one in references]
    chain = {
        "kind": "chain",
        "first": ROME,
        **dict(zip(("second", "third"), taken, strict=False)),
        "goal": "Stay in Rome",
    }
    model = Scripted({"request_1": chain})
    asked = Brief([PRICED, READ], [Kind.CHAIN], [flow], TODAY)
    made = run(LLMPlanner(questioner(model), read_planner_prompt()).plan(asked))
    assert Conformance(model.shown[0].schema or {}).errors({"request_1": chain}) == []
    assert problems(made, [PRICED, READ], TODAY) == []
    return made, model


def test_a_chain_may_choose_among_what_was_found() -> None:
    """The planner is told what can be chosen by, and the user which is wanted; without it, the turn goes back."""
    made, model = chained("search_hotels.hotels[least price].hotel_id")
    assert made.calls[1].arguments["hotel_id"] == FromOutput(call=1, path="hotels[least price].hotel_id")
    assert "so can search_hotels.hotels[least price].hotel_id" in model.shown[0].messages[1]["content"]
    seen = UserView(made, (), 0, (), 0, TODAY, (0, 1))
    turn, model = speak(
        seen, "Rome from 3 May, and a hotel for 2 nights.", "For 2 nights in Rome from 3 May, the cheapest."
    )
    assert '"choose":"the cheapest hotel"' in str(model.shown[0].messages[-1]["content"])
    assert '"user_says" must say which is wanted: the cheapest hotel' in model.complaint()
    assert "cheapest" in str(turn.text)


def test_a_chain_may_go_on_with_each_of_two() -> None:
    """Two calls of a lookup, for the first and the second item."""
    made, _ = chained("search_hotels.hotels[0].hotel_id", "search_hotels.hotels[1].hotel_id")
    assert [call.tool for call in made.calls] == ["search_hotels", "get_hotel", "get_hotel"]
    seen = UserView(made, (), 0, (), 0, TODAY, (0, 1, 2))
    _, model = speak(seen, "Hotels in Rome from 3 May for 2 nights, and the details of the first two.")
    assert "each of the first two" in str(model.shown[0].messages[-1]["content"])


def view(kind: Kind, *talk: tuple[str, str], pending: tuple[int, ...] = ()) -> UserView:
    """The user at the request of this kind."""
    made = plan(kind, FORMS[kind])[0].requests[1]
    return UserView(Plan(requests=(made,)), (), 0, talk, 0, TODAY, pending)


def speak(seen: UserView, *said: str, blinkered: bool = False) -> tuple[UserTurn, Scripted]:
    """The turn that becomes of a model's answers."""
    model = Scripted(*({"user_says": text} for text in said))
    return run(LLMUser(questioner(model), read_user_prompt(), blinkered=blinkered).speak(seen)), model


FIRST = ("user", "A hotel in Oslo from 3 May, please.")
FOUND = ("assistant", "The Aurora has rooms.")
NOT_FOUND = ("assistant", "I found nothing for Oslo.")


@pytest.mark.parametrize(("kind", "told"), [(Kind.CORRECTION, FOUND), (Kind.RECOVERY, NOT_FOUND)])
@pytest.mark.parametrize("blinkered", [False, True])
def test_a_value_is_changed_when_its_time_has_come(kind: Kind, told: tuple[str, str], blinkered: bool) -> None:
    """At first nothing of it is shown, and it may not be said; then it must be."""
    opening = view(kind, pending=(0, 1))
    turn, model = speak(opening, "Oslo or Bergen, from 3 May?", FIRST[1], blinkered=blinkered)
    assert turn.text == FIRST[1]
    assert "Bergen" not in str(model.shown[0].messages)
    if not blinkered:
        assert "must not say city: Bergen before" in model.complaint()
    changing = view(kind, FIRST, told, pending=(1,))
    turn, model = speak(changing, "Then somewhere else.", "Then a hotel in Bergen, please.", blinkered=blinkered)
    assert turn == UserTurn("Then a hotel in Bergen, please.", 0)
    assert "city: Bergen" in str(model.shown[0].messages[-1])


def test_a_call_that_was_not_made_yet_is_waited_for() -> None:
    """The assistant asked something first; the value is not changed before there was a result."""
    _, model = speak(view(Kind.CORRECTION, FIRST, ("assistant", "Any wishes?"), pending=(0, 1)), "None, thanks.")
    assert "Bergen" not in str(model.shown[0].messages)


@pytest.mark.parametrize("blinkered", [False, True])
def test_a_wish_is_said_with_its_values(blinkered: bool) -> None:
    """The user does not know that nobody can do it."""
    _, model = speak(view(Kind.UNAVAILABLE), "Can you rent me a car in Rome?", blinkered=blinkered)
    assert "city: Rome" in str(model.shown[0].messages[-1])
    assert "rent_car" not in str(model.shown[0].messages)
    refused = view(Kind.UNAVAILABLE, ("user", "A car in Rome?"), ("assistant", "I can't do that."))
    assert run(LLMUser(questioner(Scripted()), read_user_prompt()).speak(refused)).text is None


@pytest.mark.parametrize("blinkered", [False, True])
def test_a_question_about_a_result_goes_by_what_it_is(blinkered: bool) -> None:
    """In words, not as a path."""
    _, model = speak(view(Kind.FOLLOW_UP), "What was the name of the first hotel?", blinkered=blinkered)
    assert "name of the first hotel" in str(model.shown[0].messages[-1])
    assert "hotels[0]" not in str(model.shown[0].messages[-1])


def test_a_call_that_failed_may_be_made_again() -> None:
    """Once for each time it failed; one that went well may not."""
    call = ToolCall(id="call_1", function=FunctionCall(name="rent_car", arguments='{"city": "Rome"}'))
    error = ToolMessage(tool_call_id="call_1", name="rent_car", content='{"error": {"type": "timeout"}}')
    asked: list[Message] = [UserMessage(content="Rent me a car in Rome.")]
    talk = [*asked, AssistantMessage(content=None, tool_calls=(call,)), error]
    again = calls(("rent_car", {"city": "Rome"}))
    model = Scripted(again)
    assistant = LLMAssistant(questioner(model), read_assistant_prompt())
    assert len(run(assistant.reply(AssistantView([RENT], talk, [], TODAY))).calls) == 1
    done = ToolMessage(tool_call_id="call_2", name="rent_car", content='{"rental": "ok"}')
    talk += [AssistantMessage(content=None, tool_calls=(call.model_copy(update={"id": "call_2"}),)), done]
    model = Scripted(again, {"say": "Your car in Rome is rented."})
    assistant = LLMAssistant(questioner(model), read_assistant_prompt())
    assert run(assistant.reply(AssistantView([RENT], talk, [], TODAY))).text == "Your car in Rome is rented."
