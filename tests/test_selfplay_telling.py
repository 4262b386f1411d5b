"""The selfplay assistant tells results as people would: in words, once, and no more than is news."""

from datetime import date
from random import Random
from typing import Any

import pytest

from toolflow.schema import Tool
from toolflow.selfplay.questions import question
from toolflow.selfplay.report import report
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.telling import aside, clause_of, salient

OBJECT = {"type": "object"}


def speech(seed: int = 1) -> Speech:
    return Speech(Random(seed), date(2026, 5, 14), 1)


def told(
    description: str,
    result: Any,
    arguments: dict[str, Any] | None = None,
    before: str = "",
    heard: str = "",
    **more: Any,
) -> str:
    made = Tool(name="do_it", description=description, parameters=OBJECT, returns=OBJECT)
    return report(made, arguments or {}, result, more.pop("speech", speech()), before=before, heard=heard, **more)


@pytest.mark.parametrize(
    ("field", "value", "clause"),
    [
        ("cancel_before", "2026-05-20", "you can cancel until"),
        ("reply_by_date", "2026-05-20", "a reply is due by"),
        ("send_by", "2026-05-20", "please send by"),
        ("collect_by", "2026-05-20", "please collect by"),
        ("hold_until", "2026-05-20", "it is held until"),
        ("extended_until", "2026-05-20", "it is extended until"),
        ("doors_open_at", "2026-05-20T18:00:00Z", "the doors open on"),
        ("first_reply_due", "2026-05-20T18:00:00Z", "the first reply is due on"),
        ("created", "2026-05-20", "it was created on"),
        ("issued_by", "Civil Protection", "it was issued by Civil Protection"),
        ("people_with_access", 1, "there is 1 person with access"),
        ("seats_left", 3, "there are 3 seats left"),
        ("status", "driver assigned", "its status is driver assigned"),
        ("data", "not found", "it says “not found”"),
    ],
)
def test_a_field_as_a_clause(field: str, value: Any, clause: str) -> None:
    """The clause follows from the words of the name."""
    assert clause_of(field, {field: value}, speech()).startswith(clause)


def test_a_flight_leaves_and_arrives() -> None:
    """It does not run from one to the other."""
    flight = {"departure_time": "2026-05-20T09:00:00Z", "arrival_time": "2026-05-20T11:30:00Z"}
    clause = clause_of("departure_time", flight, speech())
    assert clause.startswith("it leaves ")
    assert " and arrives at 11:30" in clause


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("max_guests", 2, "up to 2 guests"),
        ("free_spaces", 306, "306 free spaces"),
        ("refills_left", 1, "1 refill left"),
        ("match_percent", 40, "40% match"),
        ("walking_minutes", 17, "17 minutes walking"),
        ("price", 9.0, "price 9"),
        ("plan", "standard", "standard plan"),
        ("estimated_delivery_date", "2026-05-15", "expected on 15 May"),
    ],
)
def test_a_field_as_an_aside(field: str, value: Any, expected: str) -> None:
    """Numbers stand before what they count; a price without a currency says that it is one."""
    assert aside(field, {field: value}, speech()) == expected


def test_technical_fields_are_not_told() -> None:
    """Nobody wants to hear the version of the answer."""
    assert salient({"version": 419, "statusCode": 200, "price": 3}, 3, speech()) == ["price"]


def test_a_list_whose_name_is_no_plural() -> None:
    """Of a comparison, its products are counted."""
    items = [{"product_id": "P-1", "price": 3.0}, {"product_id": "P-2", "price": 4.0}]
    assert "2 products" in told("Compare products", {"comparison": items})


def test_a_name_that_all_share_names_nothing() -> None:
    """Things of one name are told by what differs, and the chosen one by its place."""
    items = [{"rx_id": f"RX-{n}", "medicine_name": "ibuprofen", "dosage": f"{n} a day"} for n in (1, 2)]
    assert "ibuprofen" not in told("List my prescriptions", {"prescriptions": items})
    assert "the first one" in told("List my prescriptions", {"prescriptions": items}, brief=True, chosen=0)


def test_a_forecast_is_told_day_by_day() -> None:
    """The days to come with what they bring, not from when to when there are rows."""
    days = [{"date": f"2026-05-1{n}", "conditions": kind} for n, kind in ((5, "light rain"), (6, "windy"))]
    forecast = told("Get the forecast", {"country": "Norway", "city": "Oslo", "days": days})
    assert "light rain" in forecast
    assert "windy" in forecast


@pytest.mark.parametrize("seed", range(20))
def test_nothing_was_found_twice_in_a_row(seed: int) -> None:
    """The second of two sentences begins otherwise."""
    hotels = {"hotels": [{"hotel_name": "Alma"}, {"hotel_name": "Sol"}]}
    second = told("List hotels", hotels, before="I found 3 flights.", speech=speech(seed))
    assert "found" not in second


def test_the_same_done_twice() -> None:
    """The second thing is told by its name, or as the second one."""
    again = told("Create an event", {"ok": True}, {"title": "Budget review"}, before="I've created the event.")
    assert again == "I've created “Budget review” as well."
    assert "the second one as well" in told("Create an event", {"ok": True}, before="I've created the event.")


def test_only_news_is_told_of_a_deed() -> None:
    """Not what was said before, not that it was done just now, not that it is done."""
    result = {"title": "Budget review", "created_time": "2026-05-14T10:00:00Z", "status": "created", "room": "4b"}
    text = told("Create an event", result, heard="an event called “Budget review”")
    assert "4b" in text
    assert not any(word in text for word in ("Budget", "created time", "today", "status", "it is created"))


def test_two_news_have_a_sentence_of_their_own() -> None:
    """No "and … and …"."""
    text = told("Create an event", {"location": "Video call", "price": 5})
    assert text.count(" and ") == 1
    assert text.count(".") == 2


def test_what_is_done_is_not_cut_short() -> None:
    """The time of which reservation, marked as what."""
    assert "the time or size of the table" in told("Change the time or size of a table", {"ok": True})
    assert "the task as done" in told("Mark a task as done", {"ok": True})
    assert "after" not in told("Rate a restaurant after a meal", {"ok": True})


def test_a_wrapping_is_opened() -> None:
    """What stands inside is told."""
    assert "18" in told("Get the estimates", {"status": "ok", "data": {"growth": 18.0}})
    artist = {"data": {"artist": {"id": "A-1", "share": {"id": "S-1"}, "profile": {"name": "Inna"}}}}
    assert "Inna" in told("Get the artist", artist)


def test_an_empty_answer_is_said_to_be_empty() -> None:
    """Honestly."""
    assert "result is" not in told("Get the profile", {})


def test_questions_for_several_and_for_the_first() -> None:
    """Several things have an ID each; a first date is the first."""
    assert question("seat_ids", {"description": "Identifiers of the seats to hold"}).endswith(
        "Please give me the ID of each."
    )
    several = question("passengers", {"description": "Passengers traveling on the booking"})
    assert several == "What are the passengers traveling on the booking?"
    first = question("start", {"description": "First date to check"})
    assert first == "What is the first date to check?"


def test_a_thing_that_the_list_is_named_after() -> None:
    """Repositories are told by their repository."""
    items = [{"repository": f"lagoon/{name}", "stars": 4} for name in ("shop", "bell")]
    assert "lagoon/shop" in told("Search for repositories", {"repositories": items})


def test_two_lookups_without_a_word() -> None:
    """The second one is not said in full again."""
    made = Tool(name="look", description="Get the weather", parameters=OBJECT)
    first = report(made, {}, {"status": "success"}, speech())
    assert report(made, {}, {"status": "success"}, speech(), before=first) == "The same goes for the other lookup."


def test_there_are_is_said_once() -> None:
    """There are 3 seats and 2 rooms."""
    assert "there are 3 seats and 2 rooms" in told("Check the house", {"seat_count": 3, "room_count": 2}).lower()


def test_another_deed_is_not_the_same_again() -> None:
    """Logged and removed are two things; what no sentence can begin with does not begin one."""
    text = told("Remove a food", {"ok": True}, before="I've logged the food.")
    assert "the food" in text
    for seed in range(20):
        left = told("Withdraw from a course", {"ok": True}, before="I found 3.", speech=speech(seed))
        assert not left.startswith("From")
    assert "as part" not in told("Log a food as part of a meal", {"ok": True})
