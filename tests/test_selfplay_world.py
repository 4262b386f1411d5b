"""The selfplay world: results agree with the call, with each other and with the date."""

import asyncio
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY, catalog

from toolflow.cast import Answered, Brief, ToolView
from toolflow.conformance import conformance, fits
from toolflow.errors import DialogueError
from toolflow.schema import FromOutput, Kind, Tool
from toolflow.selfplay.planner import SelfplayPlanner
from toolflow.selfplay.world import SelfplayTool

TEXT = {"type": "string"}


def listing(**fields: Any) -> dict[str, Any]:
    items = {"type": "object", "properties": fields, "required": list(fields)}
    return {
        "type": "object",
        "properties": {"total_count": {"type": "integer"}, "hotels": {"type": "array", "items": items}},
        "required": ["total_count", "hotels"],
    }


def made(name: str, description: str, returns: Any, **properties: Any) -> Tool:
    parameters = {"type": "object", "properties": properties}
    return Tool(name=name, description=description, parameters=parameters, returns=returns)


SEARCH = made(
    "search_hotels",
    "Search for hotels in a city.",
    listing(
        hotel_id={**TEXT, "examples": ["HT-1001"]},
        hotel_name={**TEXT, "examples": ["Alma", "Lux", "Sol"]},
        city=TEXT,
        price={"type": "number"},
    ),
    city=TEXT,
    max_price={"type": "number"},
)
DETAILS = made(
    "get_hotel",
    "Get a hotel.",
    {"type": "object", "properties": {"hotel_id": TEXT, "hotel_name": TEXT, "price": {"type": "number"}}},
    hotel_id=TEXT,
)
BOOK = made(
    "book_hotel",
    "Book a hotel.",
    {
        "type": "object",
        "properties": {"booking_id": TEXT, "guest_name": TEXT, "status": {"enum": ["cancelled", "confirmed"]}},
    },
    hotel_id=TEXT,
    guest_name=TEXT,
)
BOOKING = made(
    "get_booking",
    "Get a booking.",
    {
        "type": "object",
        "properties": {"booking_id": TEXT, "guest_name": TEXT},
        "required": ["booking_id", "guest_name"],
    },
    booking_id=TEXT,
)


def answer(tool: Tool, arguments: dict[str, Any], *history: Answered, seed: int = 0) -> Any:
    return asyncio.run(SelfplayTool(seed).answer(ToolView(tool, arguments, history, TODAY)))


def test_same_call_same_answer() -> None:
    """The same lookup gets the same answer, whatever came in between."""
    first = answer(SEARCH, {"city": "Oslo"})
    history = (Answered("search_hotels", {"city": "Oslo"}, first), Answered("get_hotel", {"hotel_id": "x"}, {}))
    assert answer(SEARCH, {"city": "Oslo"}, *history) == first


def test_arguments_come_back() -> None:
    """What was asked for comes back under the same name."""
    assert {hotel["city"] for hotel in answer(SEARCH, {"city": "Bergen"})["hotels"]} == {"Bergen"}


@pytest.mark.parametrize("seed", range(10))
def test_max_price(seed: int) -> None:
    """A limit of the call binds every price."""
    hotels = answer(SEARCH, {"city": "Oslo", "max_price": 70}, seed=seed)["hotels"]
    assert all(hotel["price"] <= 70 for hotel in hotels)


@pytest.mark.parametrize("seed", range(10))
def test_total_is_length(seed: int) -> None:
    """A total beside a list is its length."""
    result = answer(SEARCH, {"city": "Oslo"}, seed=seed)
    assert result["total_count"] == len(result["hotels"])


@pytest.mark.parametrize("seed", range(10))
def test_same_identifier_same_thing(seed: int) -> None:
    """The details of a listed thing are those of the list."""
    found = answer(SEARCH, {"city": "Oslo"}, seed=seed)
    hotel = found["hotels"][1]
    history = Answered("search_hotels", {"city": "Oslo"}, found)
    details = answer(DETAILS, {"hotel_id": hotel["hotel_id"]}, history, seed=seed)
    assert details.items() <= hotel.items()


def test_created_is_found_again() -> None:
    """What was booked can be looked up by the identifier it got."""
    arguments = {"hotel_id": "HT-1", "guest_name": "Mei Costa"}
    booked = answer(BOOK, arguments)
    found = answer(BOOKING, {"booking_id": booked["booking_id"]}, Answered("book_hotel", arguments, booked))
    assert found == {"booking_id": booked["booking_id"], "guest_name": "Mei Costa"}


def test_outcome() -> None:
    """A booking is confirmed."""
    assert answer(BOOK, {"hotel_id": "HT-1", "guest_name": "Mei"})["status"] == "confirmed"


def test_what_is_marked_as_done_is_done() -> None:
    """The state that the deed itself names."""
    states = {"type": "string", "enum": ["open", "waiting", "done"]}
    returns = {"type": "object", "properties": {"task_status": states}, "required": ["task_status"]}
    assert answer(made("finish", "Mark a task as done", returns), {})["task_status"] == "done"


def test_unknown_returns() -> None:
    """A tool without returns acknowledges the call."""
    assert answer(made("send", "Send it", None), {"to": "you"}) == {"status": "success", "to": "you"}


def test_references_in_returns() -> None:
    """A result described by reference is drawn as well."""
    returns = {
        "type": "object",
        "properties": {"place": {"$ref": "#/$defs/place"}},
        "required": ["place"],
        "$defs": {"place": {"type": "object", "properties": {"city": TEXT}, "required": ["city"]}},
    }
    assert answer(made("find", "Find a place", returns), {})["place"]["city"]


def test_impossible_optional_field() -> None:
    """A field that cannot be filled is left out when it may be."""
    returns = {
        "type": "object",
        "properties": {"odd": {"type": "string", "minLength": 9, "maxLength": 1}, "city": TEXT},
        "required": ["city"],
    }
    assert "odd" not in answer(made("find", "Find it", returns), {})


def test_impossible_result() -> None:
    """A result that cannot be drawn at all ends the dialogue, with a reason."""
    returns = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 5, "maximum": 4}},
        "required": ["n"],
    }
    with pytest.raises(DialogueError, match="find: no value found"):
        answer(made("find", "Find it", returns), {})


@pytest.mark.parametrize("part", range(4))
def test_packaged_results_fit(part: int) -> None:
    """Every packaged tool answers a planned call with a result that fits its returns."""
    for tool in catalog()[part::4]:
        plan = asyncio.run(SelfplayPlanner(Random(part), {}).plan(Brief([tool], [Kind.SINGLE], (), TODAY)))
        given = {
            name: value.value for name, value in plan.calls[0].arguments.items() if not isinstance(value, FromOutput)
        }
        assert fits(tool.parameters, given)
        assert tool.returns is None or not conformance(tool.returns).errors(answer(tool, given))


STATES = {"enum": ["active", "confirmed", "cancelled"]}
BOOKING_ID = {**TEXT, "examples": ["BK-10293"]}
BOOK_TABLE = made(
    "book_table",
    "Book a table.",
    {
        "type": "object",
        "properties": {"booking_id": BOOKING_ID, "status": STATES},
        "required": ["booking_id", "status"],
    },
    guests={"type": "integer"},
)
CANCEL_TABLE = made("cancel_table", "Cancel a table.", BOOK_TABLE.returns, booking_id=BOOKING_ID)
DELETE_TABLE = made("delete_table", "Delete a table.", None, booking_id=BOOKING_ID)
UPDATE_TABLE = made(
    "update_table", "Update a table.", BOOK_TABLE.returns, booking_id=BOOKING_ID, guests={"type": "integer"}
)
LIST_TABLES = made(
    "list_tables",
    "List my tables.",
    {
        "type": "object",
        "properties": {
            "tables": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"booking_id": BOOKING_ID, "status": STATES, "guests": {"type": "integer"}},
                    "required": ["booking_id", "status", "guests"],
                },
            }
        },
        "required": ["tables"],
    },
)


def visit(*calls: tuple[Tool, dict[str, Any]], seed: int) -> list[Any]:
    """The answers of one world to several calls; an argument that is a function is told the answers so far."""
    world, history, answers = SelfplayTool(seed), [], []
    for tool, arguments in calls:
        given = {name: value(answers) if callable(value) else value for name, value in arguments.items()}
        answers.append(asyncio.run(world.answer(ToolView(tool, given, history, TODAY))))
        history.append(Answered(tool.name, given, answers[-1]))
    return answers


def booked(answers: list[Any]) -> Any:
    return answers[0]["booking_id"]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("before", [False, True])
def test_created_is_listed(seed: int, before: bool) -> None:
    """What was booked stands in the list, with what was asked for, even if that was read before; a change shows."""
    book, change = (BOOK_TABLE, {"guests": 3}), (UPDATE_TABLE, {"booking_id": booked, "guests": 5})
    listing_, *_ = visit((LIST_TABLES, {}), seed=seed)
    calls = [book, *([(LIST_TABLES, {})] if before else []), change, (LIST_TABLES, {})]
    answers = visit(*calls, seed=seed)
    mine = [table for table in answers[-1]["tables"] if table["booking_id"] == answers[0]["booking_id"]]
    assert [table["guests"] for table in mine] == [5]
    assert len(listing_["tables"]) > 0


@pytest.mark.parametrize("seed", range(10))
def test_what_was_there_stays_when_something_is_booked(seed: int) -> None:
    """A list read again after a booking holds what it held, and the booking."""
    first, made_, second = visit((LIST_TABLES, {}), (BOOK_TABLE, {"guests": 3}), (LIST_TABLES, {}), seed=seed)
    assert [table for table in second["tables"] if table["booking_id"] != made_["booking_id"]] == first["tables"]
    assert len(second["tables"]) == len(first["tables"]) + 1


@pytest.mark.parametrize("seed", range(10))
def test_cancelled_is_cancelled(seed: int) -> None:
    """After a cancellation the list says so."""
    answers = visit((BOOK_TABLE, {"guests": 3}), (CANCEL_TABLE, {"booking_id": booked}), (LIST_TABLES, {}), seed=seed)
    states = {table["booking_id"]: table["status"] for table in answers[-1]["tables"]}
    assert states[booked(answers)] == "cancelled"


@pytest.mark.parametrize("seed", range(10))
def test_deleted_is_gone(seed: int) -> None:
    """What was deleted is listed no more."""
    answers = visit((BOOK_TABLE, {"guests": 3}), (DELETE_TABLE, {"booking_id": booked}), (LIST_TABLES, {}), seed=seed)
    assert booked(answers) not in [table["booking_id"] for table in answers[-1]["tables"]]


@pytest.mark.parametrize("seed", range(10))
def test_two_bookings_are_two(seed: int) -> None:
    """A second booking gets an identifier of its own."""
    one, other = visit((BOOK_TABLE, {"guests": 3}), (BOOK_TABLE, {"guests": 4}), seed=seed)
    assert one["booking_id"] != other["booking_id"]


def test_bare_identifier() -> None:
    """What was asked for by ``album_id`` comes back with that as its ``id``."""
    returns = {"type": "object", "properties": {"id": TEXT, "name": TEXT}, "required": ["id", "name"]}
    assert (
        answer(made("get_album", "Get an album.", returns, album_id=TEXT), {"album_id": "AL-77812"})["id"] == "AL-77812"
    )


def test_default_comes_back() -> None:
    """An argument left to its default is that in the result."""
    returns = {"type": "object", "properties": {"guests": {"type": "integer"}}, "required": ["guests"]}
    tool = made("find_table", "Find a table.", returns, guests={"type": "integer", "default": 7})
    assert answer(tool, {}) == {"guests": 7}


@pytest.mark.parametrize(
    ("first", "then", "error"),
    [(CANCEL_TABLE, CANCEL_TABLE, "conflict"), (DELETE_TABLE, CANCEL_TABLE, "not_found")],
)
def test_ended_twice(first: Tool, then: Tool, error: str) -> None:
    """What was cancelled cannot be cancelled again, and what was deleted is found no more."""
    gone = {"booking_id": booked}
    *_, last = visit((BOOK_TABLE, {"guests": 3}), (first, gone), (then, gone), seed=1)
    assert last["error"]["type"] == error


@pytest.mark.parametrize("seed", range(5))
def test_others_like_it_are_others(seed: int) -> None:
    """What is found by its likeness to a known thing does not take that thing's name over."""
    returns = {**SEARCH.returns, "required": ["hotels"]} if SEARCH.returns else {}
    similar = made("find_similar_hotels", "Find similar hotels.", returns, hotel_id=TEXT)
    found = answer(SEARCH, {"city": "Oslo"}, seed=seed)
    known = found["hotels"][0]
    others = answer(similar, {"hotel_id": known["hotel_id"]}, Answered("search_hotels", {"city": "Oslo"}, found))
    assert len({hotel["hotel_name"] for hotel in others["hotels"]}) > 1
