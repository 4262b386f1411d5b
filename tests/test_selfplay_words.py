"""Selfplay words: names, deeds, questions and the sentences made of them."""

import re
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.schema import Tool
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.names import entity, is_identifier, label, singular, words
from toolflow.selfplay.phrases import are, deed, plural, sentence
from toolflow.selfplay.pointing import reference_words
from toolflow.selfplay.questions import question
from toolflow.selfplay.report import report
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.wording import clause
from toolflow.verbs import base_form, participle


def speech() -> Speech:
    return Speech(Random(1), date(2026, 5, 14), 1)


def tool(description: str, name: str = "do_it", returns: Any = None, **properties: Any) -> Tool:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return Tool(name=name, description=description, parameters=parameters, returns=returns)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("departureDate", ["departure", "date"]), ("HTTPStatus", ["http", "status"]), ("日付", ["日付"]), ("", ["value"])],
)
def test_words(name: str, expected: list[str]) -> None:
    """A name is its words."""
    assert words(name) == expected


@given(st.text(max_size=30))
def test_any_name(name: str) -> None:
    """Every name has a word, a label and an entity."""
    assert words(name)
    assert label(name)
    assert entity(name)
    assert isinstance(is_identifier(name), bool)


@pytest.mark.parametrize(
    ("many", "one"),
    [("flights", "flight"), ("matches", "match"), ("addresses", "address"), ("cities", "city"), ("movies", "movie"),
     ("news", "news"), ("series", "series"), ("boxes", "box"), ("status", "status")],
)  # fmt: skip
def test_singular(many: str, one: str) -> None:
    """One of many."""
    assert singular(many) == one


@pytest.mark.parametrize(
    ("name", "expected"),
    [("room_offer_id", "room offer"), ("apiKey", "api key"), ("id", "one"), ("tracking_number", "tracking number")],
)
def test_entity(name: str, expected: str) -> None:
    """What an identifier identifies."""
    assert entity(name) == expected


@pytest.mark.parametrize(
    ("description", "name", "phrase", "seeks"),
    [
        ("Cancel a flight booking. Refunds follow.", "x", "cancel a flight booking", False),
        ("Returns the weather in a city, hourly.", "x", "get the weather in a city", True),
        ("This API allows you to search for hotels", "x", "search for hotels", True),
        ("Get the user's emails", "x", "get my emails", True),
        ("List of the recipients", "x", "get the list of the recipients", True),
        ("<b>Weather</b>", "getWeatherByCity", "get the weather", True),
        ("https://example.com", "api_v1", "look this up", True),
        ("", "take_screenshot", "take the screenshot", False),
    ],
)
def test_deed(description: str, name: str, phrase: str, seeks: bool) -> None:
    """The deed is in the words of the description, else of the name."""
    doing = deed(tool(description, name))
    assert (doing.phrase, doing.seeks) == (phrase, seeks)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("cancel", "cancelled"), ("send", "sent"), ("reply", "replied"), ("play", "played"), ("book", "booked"),
     ("take", "taken"), ("move", "moved"), ("plan", "planned")],
)  # fmt: skip
def test_participle(verb: str, expected: str) -> None:
    """Past participles, regular and not."""
    assert participle(verb) == expected


@pytest.mark.parametrize(
    ("word", "base"), [("returns", "return"), ("queries", "query"), ("making", "make"), ("blue", None)]
)
def test_base_form(word: str, base: str | None) -> None:
    """The base form of a verb, None for other words."""
    assert base_form(word) == base


@pytest.mark.parametrize(
    ("what", "verb"),
    [
        ("number of seats", "is"),
        ("years of experience", "are"),
        ("status", "is"),
        ("tickets solved", "are"),
        ("price", "is"),
    ],
)
def test_are(what: str, verb: str) -> None:
    """The verb goes with the head of the noun phrase."""
    assert are(what) == verb


@pytest.mark.parametrize(
    ("noun", "number", "expected"),
    [("guest", 2, "guests"), ("matches", 1, "match"), ("people", 1, "person"), ("city", 3, "cities")],
)
def test_plural(noun: str, number: int, expected: str) -> None:
    """The noun that goes with a number."""
    assert plural(noun, number) == expected


@pytest.mark.parametrize(
    ("name", "description", "asked"),
    [
        ("flight_id", "Identifier of the flight to book", "Which flight should I book? Please give me the ID."),
        ("guests", "Number of guests", "How many guests?"),
        ("date", "Date to travel", "What date would you like?"),
        ("email", "Your e-mail in the system", "What is your e-mail in the system?"),
        ("city", "<b>The city</b>", "Which city should I use?"),
        ("city", "City to stay in", "Which city would you like to stay in?"),
        ("path", "추가할 파일", "Which path should I use?"),
        ("flight_id", "", "Which flight ID should I use?"),
    ],
)
def test_question(name: str, description: str, asked: str) -> None:
    """A question is in the description's words where they are plain, else in the name's."""
    assert question(name, {"description": description}) == asked


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("flights[0].flight_id", "the first flight"),
        ("flight_id", "that flight"),
        ("results[1].flight_id", "the second flight"),
    ],
)
def test_pointing(path: str, expected: str) -> None:
    """A user points at a result."""
    assert reference_words("flight_id", Reference(1, path)) == expected


STRING = {"type": "string"}
DAY = {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    ("made", "given", "main"),
    [
        (tool("Get the weather in a city", city=STRING), {"city": "Oslo"}, "get the weather in Oslo"),
        (tool("Cancel a booking", booking_id=STRING), {"booking_id": "BK-1"}, "cancel booking BK-1"),
        (
            tool("Get the price of shares", ticker=STRING),
            {"ticker": "KO"},
            "get the price of shares with the ticker KO",
        ),
        (tool("Book a table", guests={"type": "integer"}), {"guests": 1}, "book a table for 1 guest"),
        (
            tool("Search for hotels", check_in_date=DAY, check_out_date=DAY),
            {"check_in_date": "2026-05-15", "check_out_date": "2026-05-16"},
            "search for hotels, checking in tomorrow and checking out the day after tomorrow",
        ),
        (
            tool("Get the time of a given block number", block_number={"type": "integer"}),
            {"block_number": 21000},
            "get the time of block number 21000",
        ),
    ],
)
def test_clause(made: Tool, given: dict[str, Any], main: str) -> None:
    """A value stands where the deed has a noun for it, or behind the preposition its name calls for."""
    said = clause(made, Intent(made.name, given, {}), Speech(Random(1), date(2026, 5, 14), 2))
    assert said.main.replace("one guest", "1 guest") == main
    assert not said.more


@pytest.mark.parametrize("value", [{}, [], True, "a b " * 30, {"a": 1}, [{"a": 1}], 3.5])
def test_own_sentence(value: Any) -> None:
    """What no phrase carries is a whole sentence."""
    made = tool("Do this", "do_this", thing={})
    (said,) = clause(made, Intent(made.name, {"thing": value}, {}), speech()).more
    assert said[0].isupper()
    assert said.endswith((".", "”."))


def test_two_choices_share_a_sentence() -> None:
    """What has no role of its own is told two at a time, not in two sentences of one frame."""
    made = tool("Create a thing", "create_thing", width=STRING, colour=STRING)
    (both,) = clause(made, Intent(made.name, {"width": "x", "colour": "y"}, {}), speech()).more
    assert all(word in both.lower() for word in ("width", "x", "colour", "y"))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"pieces": [{}, {}]}, "2 pieces."),
        ([{"name": "Oslo"}], "1 result: Oslo."),
        ({"error": "no seats"}, "That did not work: No seats."),
        ({"count": 2, "url": "x"}, "the count is 2"),
    ],
)
def test_report(result: Any, expected: str) -> None:
    """What came back is told."""
    made = tool("List things", "list_things", returns={"type": "object"})
    assert expected in report(made, {}, result, speech()).replace("The count", "the count")


def test_listed_things_are_told_by_the_same_attributes() -> None:
    """Not the price of one and the row of another; a start with its end is one span, an even sum has no decimals."""
    made = tool("List seats", "list_seats", returns={"type": "object"})
    seats = [
        {"seat_id": "S1", "price": 20.0, "currency": "USD", "start_time": "2026-06-29T10:00:00Z",
         "end_time": "2026-06-29T11:30:00Z"},
        {"seat_id": "S2", "price": 8.5, "currency": "USD", "start_time": "2026-06-30T13:00:00Z",
         "end_time": "2026-06-30T14:00:00Z", "row": "M"},
    ]  # fmt: skip
    told = report(made, {}, {"seats": seats}, speech())
    assert "20 USD" in told
    assert "8.50 USD" in told
    assert "row" not in told
    assert re.search(r"10(:00)? to 11:30 ?am", told)


def test_report_of_rows() -> None:
    """A history tells how many rows there are, and from when to when."""
    made = tool("Get the price history of a share", returns={"type": "object"})
    rows = [{"date": "2026-05-11", "close": 3.5}, {"date": "2026-05-12", "close": 4.5}]
    told = report(made, {}, {"gain": 1.0, "low": 2, "prices": rows}, speech())
    assert "2 prices from " in told


def test_report_of_the_unknown() -> None:
    """Of a tool whose results nobody knows nothing is told but that it went well."""
    assert "status" not in report(tool("Get the news"), {}, {"status": "success"}, speech())
    assert "I've sent the letter." in report(tool("Send a letter"), {}, {"status": "success"}, speech())


@pytest.mark.parametrize(("text", "expected"), [("hello", "Hello."), ("iOS rocks?", "IOS rocks?"), ("h1", "h1.")])
def test_sentence(text: str, expected: str) -> None:
    """A sentence has a capital, or begins with something written as it is, and an end."""
    assert sentence(text) == expected
