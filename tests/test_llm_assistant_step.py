"""The assistant's narrow question: what the next step can be follows from the talk."""

import json
from datetime import date
from typing import Any

import pytest

from tests.scripted import BOOK, SEARCH, Scripted, calls, questioner, run
from toolflow.cast import AssistantTurn, AssistantView
from toolflow.llm.assistant import LLMAssistant, read_assistant_prompt
from toolflow.llm.assistant_step import related, step_said, step_schema
from toolflow.llm.known import Known
from toolflow.llm.questions import SPEAK
from toolflow.llm.reply_checks import tells_of
from toolflow.schema import AssistantMessage, FunctionCall, Message, SystemMessage, ToolCall, ToolMessage, UserMessage

TODAY = date(2026, 3, 2)
SYSTEM = SystemMessage(content="Today is Monday, 2 March 2026.")
MADE = ToolCall(
    id="call_1", function=FunctionCall(name="search_hotels", arguments='{"city": "Rome", "check_in": "2026-05-03"}')
)
RESULT = ToolMessage(
    tool_call_id="call_1",
    name="search_hotels",
    content='{"city": "Rome", "hotels": [{"hotel_id": "H-77", "name": "Aurora"}, {"hotel_id": "H-81"}]}',
)
FOUND: list[Message] = [
    SYSTEM,
    UserMessage(content="Find me a hotel in Rome from 3 May 2026, sorted by rating."),
    AssistantMessage(content=None, tool_calls=(MADE,)),
    RESULT,
]


def view_of(talk: list[Message]) -> AssistantView:
    return AssistantView([SEARCH, BOOK], talk, [], TODAY)


def steps(*said: Message) -> dict[str, Any]:
    """The form of the step of each tool."""
    schema = step_schema([SEARCH, BOOK], [SYSTEM, *said])
    return {step["properties"]["name"]["enum"][0]: step["properties"] for step in schema["anyOf"][:-1]}


def arguments(step: dict[str, Any]) -> dict[str, Any]:
    """What its arguments may be."""
    properties: dict[str, Any] = step["arguments"]["properties"]
    return properties


def test_identifiers_and_numbers_come_from_the_talk() -> None:
    """Of users and results, the latest first."""
    booking = arguments(steps(*FOUND[1:], UserMessage(content="Book H-81, or HX-9, for 3 nights."))["book_hotel"])
    assert booking["hotel_id"]["enum"] == ["H-81", "H-77", "HX-9"]
    assert booking["nights"]["enum"] == [3]


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("Book the first hotel for 3 nights.", ["H-77"]),
        ("Book that hotel id for 3 nights.", ["H-81", "H-77"]),
        ("Book HX-9 for 3 nights.", ["H-81", "H-77", "HX-9"]),
    ],
)
def test_what_the_user_points_to_is_of_the_last_result(said: str, offered: list[str]) -> None:
    """The first of its kind, or any."""
    booking = arguments(steps(*FOUND[1:], UserMessage(content=said))["book_hotel"])
    assert booking["hotel_id"]["enum"] == offered


def test_what_the_user_points_to_is_the_outermost() -> None:
    """Also of an argument that need not be given."""
    parcel = ToolMessage(tool_call_id="c", name="track", content='{"scans": [{"sort": "rating"}], "sort": "price"}')
    offered = arguments(steps(*FOUND[1:3], parcel, UserMessage(content="Search with that sort."))["search_hotels"])
    assert offered["sort"]["enum"] == ["price"]


def test_what_nobody_said_is_asked_for() -> None:
    """The tool cannot be called, and the step says what for."""
    step = steps(UserMessage(content="Book a hotel for 3 nights."))["book_hotel"]
    assert "arguments" not in step
    assert step["unknown"]["enum"] == ["hotel id"]


def test_days_are_those_that_were_said() -> None:
    """As people write them."""
    search = arguments(steps(UserMessage(content="A hotel in Rome from 3 May 2026 or May 5, 2026."))["search_hotels"])
    assert search["check_in"]["enum"] == ["2026-05-05", "2026-05-03", "2026-03-02"]


def test_optional_arguments_are_offered_when_they_came_up() -> None:
    """A word of an enum that the user said."""
    assert "sort" in arguments(steps(*FOUND[1:])["search_hotels"])
    assert not {"sort", "guests"} & arguments(steps(UserMessage(content="A hotel in Rome."))["search_hotels"]).keys()


@pytest.mark.parametrize(
    ("answer", "turn"),
    [
        ({"say": "The Aurora is free."}, AssistantTurn("The Aurora is free.")),
        ({"name": "book_hotel", "unknown": "nights", "ask": "How many nights?"}, AssistantTurn("How many nights?")),
        (
            {"name": "search_hotels", "arguments": {"city": "Rome", "check_in": "2026-05-03", "sort": "rating"}},
            AssistantTurn(
                None,
                [
                    ToolCall(
                        id="call_2",
                        function=FunctionCall(
                            name="search_hotels",
                            arguments='{"city": "Rome", "check_in": "2026-05-03", "sort": "rating"}',
                        ),
                    )
                ],
            ),
        ),
    ],
)
def test_a_step_is_words_or_a_call(answer: Any, turn: AssistantTurn) -> None:
    """Read like any other answer, and held to the same checks."""
    model = Scripted(answer)
    talk = [*FOUND, AssistantMessage(content="There is the Aurora."), UserMessage(content="And a hotel by rating?")]
    view = AssistantView([SEARCH, BOOK], talk, [], TODAY)
    assert run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view)) == turn
    assert not model.shown[0].tools
    assert '"H-77"' in model.shown[0].messages[-1]["content"]


def test_one_that_needed_it_is_asked_it_first_from_then_on() -> None:
    """Twice no answer to the open question, then one to the narrow one."""
    model = Scripted({"hotels": []}, {"hotels": []}, {"say": "Well, the Aurora."}, {"say": "Or the Bella."})
    assistant = LLMAssistant(questioner(model), read_assistant_prompt())
    for _ in range(2):
        run(assistant.reply(AssistantView([SEARCH, BOOK], FOUND, [], TODAY)))
    assert [bool(request.tools) for request in model.shown] == [True, True, False, False]


def test_figures_that_nobody_gave_are_not_told() -> None:
    """The call that would bring them was never made."""
    talk = [SYSTEM, UserMessage(content="What does the Aurora cost in Rome?")]
    model = Scripted("It costs 142 EUR.", {"name": "book_hotel", "unknown": "hotel id", "ask": "Which one is it?"})
    view = AssistantView([SEARCH, BOOK], talk, [], TODAY)
    assert run(LLMAssistant(questioner(model), read_assistant_prompt()).reply(view)).text == "Which one is it?"
    assert json.dumps(model.shown[1].schema).count("anyOf")


def test_figures_of_results_are_told_in_any_form() -> None:
    """Days in words, hours after noon, amounts with their zeros, few things counted."""
    content = '{"price": 19.8, "start": "2026-05-21T14:30:00", "places": 1200}'
    talk = [*FOUND[:3], ToolMessage(tool_call_id="call_1", name="search_hotels", content=content)]
    said = "There are 2: 19.80 EUR, on 21 May at 2:30 pm, 1,200 places."
    view = AssistantView([SEARCH, BOOK], talk, [], TODAY)
    assert run(LLMAssistant(questioner(Scripted(said)), read_assistant_prompt()).reply(view)).text == said


def test_what_is_worked_out_is_told_when_it_is_said_again() -> None:
    """A sum stands in no result."""
    model = Scripted("Both together cost 333 EUR.", {"say": "Together 333 EUR."})
    view = AssistantView([SEARCH, BOOK], FOUND, [], TODAY)
    assert run(LLMAssistant(questioner(model), read_assistant_prompt()).reply(view)).text == "Together 333 EUR."


def test_a_good_call_is_made_without_an_invented_one_beside_it() -> None:
    """Asked once more; when the other comes again, the good one stands."""
    stay = {"city": "Rome", "check_in": "2026-05-03"}
    answer = calls(("search_hotels", stay), ("book_hotel", {"hotel_id": "H-1", "nights": 99}))
    talk = [SYSTEM, UserMessage(content="Find me a hotel in Rome from 3 May.")]
    view = AssistantView([SEARCH, BOOK], talk, [], TODAY)
    turn = run(LLMAssistant(questioner(Scripted(answer, answer)), read_assistant_prompt()).reply(view))
    assert [call.function.name for call in turn.calls] == ["search_hotels"]


def test_a_small_model_tells_the_results_of_every_step() -> None:
    """One step at a time, and a question is no answer."""
    model = Scripted({"say": "Which hotel?"}, {"say": "The Aurora has free rooms."})
    view = AssistantView([SEARCH, BOOK], FOUND, [], TODAY)
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view))
    assert turn.text == "The Aurora has free rooms."
    assert all(request.schema is SPEAK for request in model.shown)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Thanks, that was kind.", []),
        ("A hotel room, please.", ["search_hotels", "book_hotel"]),
        ("Book me a hotel room.", ["book_hotel"]),
        ("Book me, please, in Rome: city, check in and guests are known.", ["search_hotels"]),
        ("Please search in Rome, check in on 3 May.", ["search_hotels"]),
    ],
)
def test_tools_have_to_do_with_what_was_said(said: str, names: list[str]) -> None:
    """Words of their names, descriptions and parameters."""
    assert [tool.name for tool in related([SEARCH, BOOK], [UserMessage(content=said)])] == names


def test_what_no_tool_has_to_do_with_is_answered_in_words() -> None:
    """A small model would call one all the same."""
    model = Scripted({"say": "You are welcome."})
    view = AssistantView([SEARCH, BOOK], [SYSTEM, UserMessage(content="Thanks, that was kind.")], [], TODAY)
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view))
    assert turn.text == "You are welcome."
    assert model.shown[0].schema is SPEAK


def test_a_word_of_an_enum_is_known_when_it_came_up() -> None:
    """One without a default is not chosen for the user."""
    kind = {"type": "string", "enum": ["cafe", "night_club"]}
    parameters = {"type": "object", "properties": {"place_type": kind}, "required": ["place_type"]}
    places = SEARCH.model_copy(update={"parameters": parameters})
    said = step_schema([places], [UserMessage(content="Any night club near here?")])["anyOf"][0]["properties"]
    assert arguments(said)["place_type"]["enum"] == ["night_club"]
    unsaid = step_schema([places], [UserMessage(content="What is near here?")])["anyOf"][0]["properties"]
    assert unsaid["unknown"]["enum"] == ["place type"]


@pytest.mark.parametrize("cut", ["Your track", "hotel_id", "Found."])
def test_a_small_model_says_whole_sentences(cut: str) -> None:
    """It stops anywhere."""
    model = Scripted({"say": cut}, {"say": "The Aurora has free rooms."})
    view = AssistantView([SEARCH, BOOK], FOUND, [], TODAY)
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view))
    assert turn.text == "The Aurora has free rooms."


def test_of_an_enum_whole_words_come_up() -> None:
    """ "Concerts" do not name the kind "concert"."""
    kind = {"type": "string", "enum": ["concert"]}
    shows = SEARCH.model_copy(update={"parameters": {"type": "object", "properties": {"show_type": kind}}})
    step = step_schema([shows], [UserMessage(content="Any concerts?")])["anyOf"][0]["properties"]
    assert arguments(step) == {}


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("Lisboa", "Lisbon"),
        ("porto novo", None),
        ("Madrid", None),
        ("HX-90", None),
        (7, None),
        ("Ana Rais", "Ana Reis"),
    ],
)
def test_a_misspelt_name_is_the_one_that_users_wrote(value: Any, meant: str | None) -> None:
    """Where one of theirs is nearly it; figures are never taken for others."""
    assert Known([UserMessage(content="From Lisbon to Porto for Ana Reis, HX-9.")]).misspelt(value) == meant


def test_a_misspelt_argument_is_put_right() -> None:
    """Or the user would be asked for what they said."""
    talk = [SYSTEM, UserMessage(content="Find me a hotel in Lisbon from 3 May 2026.")]
    model = Scripted({"name": "search_hotels", "arguments": {"city": "Lisboa", "check_in": "2026-05-03"}})
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt()).reply(AssistantView([SEARCH], talk, [], TODAY)))
    assert json.loads(turn.calls[0].function.arguments)["city"] == "Lisbon"


@pytest.mark.parametrize(("result", "asked"), [('{"rooms": 2}', 2), ('{"users": 2}', 1)])
def test_the_user_is_spoken_to(result: str, asked: int) -> None:
    """Unless users are what it is about."""
    talk = [*FOUND[:3], ToolMessage(tool_call_id="call_1", name="search_hotels", content=result)]
    model = Scripted("The user should call again.", "You should call again.")
    run(LLMAssistant(questioner(model), read_assistant_prompt()).reply(AssistantView([SEARCH], talk, [], TODAY)))
    assert len(model.shown) == asked


@pytest.mark.parametrize(
    ("said", "asked"), [("Book H-77 for 3 nights.", 2), ("Nice, H-77 it is then.", 1), ("Book it, please.", 1)]
)
def test_a_small_model_does_what_it_knows_all_about(said: str, asked: int) -> None:
    """Before it speaks; where something is not known, it may say so."""
    booked = {"name": "book_hotel", "arguments": {"hotel_id": "H-77", "nights": 3}}
    model = Scripted({"say": "The hotel is booked for you."}, booked)
    talk = [*FOUND, AssistantMessage(content="The Aurora has free rooms."), UserMessage(content=said)]
    run(
        LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(
            AssistantView([BOOK], talk, [], TODAY)
        )
    )
    assert len(model.shown) == asked
    assert asked == 1 or '"say"' not in json.dumps(model.shown[1].schema)


def test_names_of_our_examples_are_not_told() -> None:
    """Unless the talk has them too."""
    model = Scripted("Ana Reis has free rooms.", "The Aurora has free rooms.")
    view = AssistantView([SEARCH, BOOK], FOUND, [], TODAY)
    assert (
        run(LLMAssistant(questioner(model), read_assistant_prompt()).reply(view)).text == "The Aurora has free rooms."
    )
    talk = [*FOUND[:3], ToolMessage(tool_call_id="call_1", name="search_hotels", content='{"host": "Ana Reis"}')]
    model = Scripted("Ana Reis has free rooms.")
    run(LLMAssistant(questioner(model), read_assistant_prompt()).reply(AssistantView([SEARCH], talk, [], TODAY)))


def test_a_small_model_does_not_do_a_thing_twice() -> None:
    """While another tool has to do with what is wanted."""
    again = {"name": "search_hotels", "arguments": {"city": "Rome", "check_in": "2026-05-03"}}
    book = {"name": "book_hotel", "arguments": {"hotel_id": "H-77", "nights": 3}}
    said = UserMessage(content="Book the hotel in Rome, H-77, check in 3 May 2026, for 3 nights.")
    talk = [*FOUND, AssistantMessage(content="The Aurora has free rooms."), said]
    model = Scripted(again, book)
    view = AssistantView([SEARCH, BOOK], talk, [], TODAY)
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view))
    assert [call.function.name for call in turn.calls] == ["book_hotel"]
    assert '"search_hotels"' not in json.dumps(model.shown[1].schema)


@pytest.mark.parametrize(
    ("said", "asked"), [("Here are the hotels with their names.", 2), ("In Rome there is the Aurora.", 1)]
)
def test_a_small_model_tells_what_the_results_hold(said: str, asked: int) -> None:
    """Not only what they are about."""
    model = Scripted({"say": said}, {"say": "There is the Aurora."})
    view = AssistantView([SEARCH, BOOK], FOUND, [], TODAY)
    run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view))
    assert len(model.shown) == asked


def test_a_result_without_news_need_not_be_told() -> None:
    """There is nothing in it but what the call gave."""
    assert tells_of("It is done.", ['{"city": "Rome", "done": true}'], [("search", {"city": "Rome"})])
    assert not tells_of("It is done.", ['{"price": 20}'], [("search", {"city": "Rome"})])


ORDER: list[Message] = [
    SYSTEM,
    UserMessage(content="Show me venue VEN-20."),
    AssistantMessage(
        content=None,
        tool_calls=(ToolCall(id="c", function=FunctionCall(name="get_venue", arguments='{"venue_id": "VEN-20"}')),),
    ),
    ToolMessage(
        tool_call_id="c",
        name="get_venue",
        content='{"venue_id": "VEN-20", "city": "Porto", "opening_time": "09:00", "owner": {"user_id": "U-7"}}',
    ),
    AssistantMessage(content="The venue VEN-20 is in Porto."),
]


@pytest.mark.parametrize(
    ("said", "name", "offered"),
    [
        ("Book a viewing of the house.", "property_id", None),
        ("Book a viewing of PR-5.", "property_id", ["PR-5"]),
        ("Book a viewing of VEN-20.", "property_id", ["VEN-20"]),
        ("Close it.", "venue_id", ["VEN-20"]),
        ("Close it.", "id", ["U-7", "VEN-20"]),
        ("Give it to that user.", "assignee_id", ["U-7"]),
        ("Give it to them.", "new_user_id", ["U-7"]),
    ],
)
def test_an_identifier_is_of_the_right_thing(said: str, name: str, offered: list[str] | None) -> None:
    """That of a venue is none of a property, unless the user says so."""
    form = Known([*ORDER, UserMessage(content=said)]).argument(name, {"type": "string"})
    assert (form and form["enum"]) == offered


def test_numbers_that_do_not_fit_are_not_offered() -> None:
    """An income is no number of months."""
    known = Known([UserMessage(content="I earn 8000 and want it for 24 months.")])
    assert known.argument("lease_months", {"type": "integer", "maximum": 36}) == {"type": "integer", "enum": [24]}
    assert known.argument("rooms", {"type": "integer", "maximum": 5}) is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("What is the opening time of this venue?", {"opening_time": "09:00"}),
        ("Great, tell me the opening time once more, please.", {"opening_time": "09:00"}),
        ("What is the opening time in Lisbon?", {}),
        ("Change the opening time to noon.", {}),
        ("What is the venue id?", {}),
    ],
)
def test_what_is_asked_again_is_told_and_not_looked_up(said: str, told: dict[str, str]) -> None:
    """A small model would call the next best tool; it is asked to tell what the result says."""
    model = Scripted({"say": "The venue opens at 09:00."}, {"say": "Which one?"})
    talk = [*ORDER, UserMessage(content=said)]
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view_of(talk)))
    results = json.dumps(told, separators=(",", ":"))
    assert (model.shown[0].schema == SPEAK and results in model.shown[0].messages[-1]["content"]) == bool(told)
    assert not told or turn.text == "The venue opens at 09:00."


def test_what_is_asked_again_must_be_told() -> None:
    """And nothing else in its place."""
    model = Scripted({"say": "The venue is open."}, {"say": "The venue opens at 09:00."})
    talk = [*ORDER, UserMessage(content="What is the opening time of this venue?")]
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view_of(talk)))
    assert turn.text == "The venue opens at 09:00."


@pytest.mark.parametrize(
    ("asked", "said"), [("which city is it ", "Which city is it?"), ("Which one?", "Which one?"), ("Ask.", "Ask.")]
)
def test_a_question_ends_as_one(asked: str, said: str) -> None:
    """Where the form says that it is one."""
    assert step_said(json.dumps({"name": "book_hotel", "unknown": "city", "ask": asked})) == said


@pytest.mark.parametrize(
    ("invented", "right"),
    [
        ("It is the Aurora in Lisland.", "It is the Aurora in Rome."),
        ("The Aurora is free from September 3.", "The Aurora is free from 3 May."),
    ],
)
def test_names_and_days_that_nobody_gave_are_not_told(invented: str, right: str) -> None:
    """As the rules of the finished dialogue would find them, and while there is time to say it better."""
    model = Scripted({"say": invented}, {"say": right})
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view_of(FOUND)))
    assert turn.text == right
    assert len(model.shown) == 2


@pytest.mark.parametrize("small", [True, False])
def test_a_failure_is_told_as_one(small: bool) -> None:
    """Where all that was called failed; a reply that tells nothing of it is asked for again."""
    error = '{"error": {"status": 504, "type": "timeout", "message": "The service did not answer in time."}}'
    talk = [*FOUND[:3], ToolMessage(tool_call_id="call_1", name="search_hotels", content=error)]
    model = Scripted({"say": "Your search is under way."}, {"say": "The service did not answer in time, sorry."})
    turn = run(LLMAssistant(questioner(model), read_assistant_prompt(), small=small).reply(view_of(talk)))
    assert turn.text == "The service did not answer in time, sorry."
    assert len(model.shown) == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Can you water the plants, please?", "You have no tool for that."),
        ("Thanks, you are great!", "Answer with a friendly word"),
        ("I'd like a hotel in Rome.", None),
    ],
)
def test_where_no_tool_has_to_do_with_it_none_is_offered(said: str, told: str | None) -> None:
    """What is wanted then cannot be done; else it is small talk. "Can" is in every second description."""
    can = SEARCH.model_copy(update={"description": f"{SEARCH.description} Hotels that can be booked."})
    model = Scripted({"say": "I'm sorry, I can't do that."})
    view = AssistantView([can, BOOK], [SYSTEM, UserMessage(content=said)], [], TODAY)
    run(LLMAssistant(questioner(model), read_assistant_prompt(), small=True).reply(view))
    asked = model.shown[0]
    assert told in asked.messages[-1]["content"] if told else "search_hotels" in json.dumps(asked.schema)
