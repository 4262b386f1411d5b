"""The world of the llm cast: what answers before have settled, and what a new one may not deny."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from tests.scripted import Scripted, questioner, run
from toolflow.cast import Answered, ToolView
from toolflow.errors import DialogueError
from toolflow.llm.tool import LLMTool, read_tool_prompt
from toolflow.schema import Tool

TODAY = date(2026, 3, 2)
HOTEL = {"hotel_id": "H-7701", "name": "Aurora", "price": 120, "distance": 2.5}
OTHER = {"hotel_id": "H-7702", "name": "Bellevue", "price": 90, "distance": 1.0}
BOOKING = {"booking_id": "BK-1001", "hotel_id": "H-7701", "city": "Rome", "status": "confirmed"}


def tool(name: str, /, *required: str, **returns: Any) -> Tool:
    """A tool of text parameters."""
    properties = {parameter: {"type": "string"} for parameter in required}
    return Tool(
        name=name,
        description=name.replace("_", " ").capitalize(),
        parameters={"type": "object", "properties": properties, "required": list(required)},
        returns={"type": "object", "properties": returns, "required": list(returns)},
    )


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
LISTED = {"type": "array", "items": {"type": "object"}}
TOOLS = {
    one.name: one
    for one in (
        tool("search_hotels", "city", hotels=LISTED),
        tool("get_hotel", "hotel_id", hotel_id=TEXT, name=TEXT, price=NUMBER),
        tool("update_hotel", "hotel_id", "name", hotel_id=TEXT, name=TEXT),
        tool("book_hotel", "hotel_id", "city", booking_id=TEXT, status=TEXT),
        tool("list_bookings", "city", bookings=LISTED),
        tool("get_booking", "booking_id", booking_id=TEXT, status=TEXT),
        tool("cancel_booking", "booking_id", booking_id=TEXT, status=TEXT),
        tool("delete_booking", "booking_id", booking_id=TEXT, status=TEXT),
    )
}
SEARCHED = ("search_hotels", {"city": "Rome"}, {"hotels": [HOTEL, OTHER]})
BOOKED = ("book_hotel", {"hotel_id": "H-7701", "city": "Rome"}, {"booking_id": "BK-1001", "status": "confirmed"})
ID = {"booking_id": "BK-1001"}
CANCELLED = ("cancel_booking", ID, ID | {"status": "cancelled"})
DELETED = ("delete_booking", ID, ID | {"status": "deleted"})
Call = tuple[str, dict[str, Any], Any]


def answer(history: Sequence[Call], name: str, arguments: dict[str, Any], *answers: Any) -> tuple[Any, Scripted]:
    """What a call is answered with after a history, and the model that was asked."""
    model = Scripted(*answers)
    service = LLMTool(questioner(model), read_tool_prompt())
    service._tools.update(TOOLS)
    view = ToolView(TOOLS[name], arguments, tuple(Answered(*call) for call in history), TODAY)
    return run(service.answer(view)), model


def test_the_same_question_gets_the_same_answer() -> None:
    """And no model is asked, as long as nothing was changed in between."""
    result, model = answer([SEARCHED, ("get_hotel", {"hotel_id": "H-7702"}, OTHER)], *SEARCHED[:2])
    assert (result, model.shown) == (SEARCHED[2], [])
    again = {"hotels": [OTHER]}
    assert answer([SEARCHED, BOOKED], *SEARCHED[:2], again)[0] == again


def test_what_is_done_twice_is_done_twice() -> None:
    """Only questions are answered from memory."""
    second = {"booking_id": "BK-1002", "status": "confirmed"}
    assert answer([BOOKED], *BOOKED[:2], second)[0] == second


@pytest.mark.parametrize(
    ("history", "call", "kind"),
    [
        ([BOOKED, DELETED], ("get_booking", ID), "not_found"),
        ([BOOKED, DELETED], ("cancel_booking", ID), "not_found"),
        ([BOOKED, CANCELLED], ("cancel_booking", ID), "conflict"),
    ],
)
def test_what_is_gone_is_not_found(history: list[Call], call: tuple[str, Any], kind: str) -> None:
    """A real error, without a question."""
    result, model = answer(history, *call)
    assert (result["error"]["type"], model.shown) == (kind, [])
    assert answer([BOOKED, CANCELLED], "get_booking", ID, ID | {"status": "cancelled"})[0]["status"] == "cancelled"


HOTEL_1 = {"hotel_id": "H-7701"}
OBJECTIONS: list[tuple[list[Call], tuple[str, dict[str, Any]], Any, str, Any]] = [
    (
        [SEARCHED],
        ("get_hotel", HOTEL_1),
        {"hotel_id": "H-7701", "name": "Bellevue", "price": 120},
        'name of hotel_id "H-7701" must be "Aurora", as before',
        {"hotel_id": "H-7701", "name": "Aurora", "price": 120},
    ),
    (
        [("get_hotel", HOTEL_1, HOTEL)],
        ("search_hotels", {"city": "Rome"}),
        {"hotels": [OTHER, HOTEL | {"price": 75, "distance": 9}]},
        'price of hotel_id "H-7701" must be 120, as before',
        {"hotels": [OTHER, HOTEL | {"distance": 9}]},
    ),
    (
        [BOOKED, DELETED],
        ("list_bookings", {"city": "Rome"}),
        {"bookings": [BOOKING, BOOKING | {"booking_id": "BK-1002"}]},
        'booking_id "BK-1001" was deleted and must not be listed',
        {"bookings": [BOOKING | {"booking_id": "BK-1002"}]},
    ),
    (
        [BOOKED],
        ("list_bookings", {"city": "Rome"}),
        {"bookings": [BOOKING | {"booking_id": "BK-1002"}]},
        'booking_id "BK-1001" was created before and belongs in the list',
        None,
    ),
    (
        [BOOKED, CANCELLED],
        ("get_booking", ID),
        ID | {"status": "confirmed"},
        'was cancelled or closed before, so that status cannot be "confirmed"',
        None,
    ),
    (
        [BOOKED],
        ("book_hotel", {"hotel_id": "H-7702", "city": "Rome"}),
        ID | {"status": "confirmed"},
        'booking_id must be a new one; "BK-1001" is taken',
        None,
    ),
]


@pytest.mark.parametrize(("history", "call", "wrong", "reason", "right"), OBJECTIONS)
def test_an_answer_that_denies_what_stands_goes_back(
    history: list[Call], call: tuple[str, dict[str, Any]], wrong: Any, reason: str, right: Any
) -> None:
    """With what it denies; where that does not help, it is put right, or the dialogue is set aside."""
    name, arguments = call
    model = Scripted(wrong, wrong, wrong)
    service = LLMTool(questioner(model), read_tool_prompt())
    service._tools.update(TOOLS)
    view = ToolView(TOOLS[name], arguments, tuple(Answered(*one) for one in history), TODAY)
    if right is None:
        with pytest.raises(DialogueError, match="no answer fitted"):
            run(service.answer(view))
    else:
        assert run(service.answer(view)) == right
    assert reason in model.complaint()


@pytest.mark.parametrize(
    ("history", "call", "given"),
    [
        ([SEARCHED], ("search_hotels", {"city": "Rome, centre"}), {"hotels": [HOTEL | {"distance": 0.3}]}),
        (
            [SEARCHED, ("update_hotel", HOTEL_1 | {"name": "Eos"}, HOTEL_1 | {"name": "Eos"})],
            ("get_hotel", HOTEL_1),
            HOTEL | {"name": "Eos", "price": 130},
        ),
        ([BOOKED], ("list_bookings", {"city": "Oslo"}), {"bookings": [BOOKING | {"booking_id": "BK-9"}]}),
        ([BOOKED], ("list_bookings", {"city": "Rome"}), {"bookings": [BOOKING, BOOKING | {"booking_id": "BK-1002"}]}),
        ([SEARCHED], ("update_hotel", HOTEL_1 | {"name": "Eos"}), HOTEL_1 | {"name": "Eos"}),
        ([SEARCHED], ("get_booking", {"booking_id": "H-1"}), {"booking_id": "H-1", "status": "open"}),
    ],
)
def test_what_may_be_otherwise(history: list[Call], call: tuple[str, dict[str, Any]], given: Any) -> None:
    """Distances, what a call changed, lists that want others, things that were never spoken of."""
    result, model = answer(history, *call, given)
    assert result == given
    assert len(model.shown) == 1


def test_the_model_sees_what_stands() -> None:
    """What was created and what was ended, beside the calls."""
    _, model = answer([SEARCHED, BOOKED], "list_bookings", {"city": "Rome"}, {"bookings": [BOOKING]})
    question = model.shown[0].messages[1]["content"]
    assert 'What stands now:\ncreated: booking_id "BK-1001"\n' in question
    _, model = answer([BOOKED, CANCELLED], "get_booking", ID, ID | {"status": "cancelled"})
    assert 'cancelled or closed: booking_id "BK-1001"' in model.shown[0].messages[1]["content"]
