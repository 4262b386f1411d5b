"""toolflow.trace: every value has a source, and what was made up has none."""

import json
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolflow.surface import say
from toolflow.trace import Trace

TODAY = date(2026, 5, 12)
CITIES = ["Lisbon", "San Francisco", "New Delhi", "Porto Alegre", "Zürich", "Oslo", "San José", "Salt Lake City"]


def heard(*texts: str, today: date | None = TODAY) -> Trace:
    trace = Trace(today)
    for text in texts:
        trace.hear(text)
    return trace


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Fly me to zurich on Thursday", "Zürich"),
        ("Fly me to Zurich on Thursday", "2026-05-14"),
        ("for May 14th at half past three", "2026-05-14T15:30:00Z"),
        ("the order is ORD-2026-0513, thanks", "ORD-2026-0513"),
        ("a table for two", 2),
        ("it cost $1,200.50", 1200.5),
        ("1.5 million people", 1_500_000),
        ("a 20% tip", 0.2),
        ("half an hour is fine", 30),
        ("for two hours", 120),
        ("in 2 weeks", 14),
        ("no children", 0),
        ("round-trip please", "round_trip"),
        ("in euros", "EUR"),
        ("call +44 20 7946 0112", "+44 20 7946 0112"),
        ("mine is (276) 216-0133", "276-216-0133"),
        ("mine is 2762160133", "(276) 216-0133"),
        ("mine is +1 (276) 216 0133", "+1-276-216-0133"),
        ("a room in SD", "San Diego"),
        ("any good porters?", "porter"),
        ("a scary movie", "movies"),
        ("a pair of glasses", "glass"),
        ("cash_flows=[200,300,400]", [200, 300, 400]),
        ("a charge of 1.6e-19", 1.6e-19),
        ("3e8 metres a second", 300_000_000),
        ("weather in Paris", "Paris, France"),
        ("I feel fatigued", "fatigue"),
        ("from 1 June for three nights", "2026-06-04"),
        ("on 14 May from 3 pm for two hours", "2026-05-14T17:00:00Z"),
        ("최근 박지성에 관한 뉴스를 찾아줘", "박지성"),
        ("compare Lisbon and Porto", ["Lisbon", "Porto"]),
        ("for Ana (ana@example.org)", {"name": "Ana", "email": "ana@example.org"}),
        (
            "tell Marek the meeting moved to Friday because the projector is broken",
            "Hi Marek, our meeting has moved to Friday, since the projector is broken.",
        ),
    ],
)
def test_the_user_said_it(text: str, value: Any) -> None:
    """Each value was said, though not always literally."""
    assert heard(text).source(value) == "user"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on 2021-09-11", 1),
        ("on 2021-09-11", 11),
        ("it cost 1,200", 200),
        ("version 2.5", 5),
        ("order FL-48213", "FL-4821"),
        ("order FL-48213", "FL-48214"),
        ("order ORD-2026-0513", "ORD-2026-0514"),
        ("on May 14", "2026-05-13"),
        ("on May 14, 2025", "2026-05-14"),
        ("on the 14th of May", "2026-06-14"),
        ("the day after tomorrow", "2026-05-13"),
        ("tomorrow", "2026-05-14"),
        ("at 3 pm", "16:00"),
        ("at 3:15 pm", "15:00"),
        ("in San Francisco", "San Diego"),
        ("mine is (276) 216-0134", "276-216-0133"),
        ("it cost 1,200 euros", 200),
        ("a charge of 1.6e-19", 1.6e-18),
        ("mine is (276) 216-0133", "+44 276-216-0133"),
        ("in New York", "New Delhi"),
        ("weather in Paris", "London, France"),
        ("write to ana@example.org", "anna@example.org"),
        ("the scandal", "scan"),
        ("20 Main Street", "21 Main Street"),
        ("compare Lisbon and Porto", ["Lisbon", "Faro"]),
        ("thank Marek for the flowers", "The quarterly report shows that revenue in Asia fell sharply last year"),
    ],
)
def test_nobody_said_it(text: str, value: Any) -> None:
    """Each value looks like something that was said, and is not."""
    assert heard(text).source(value) is None


@given(st.sampled_from(CITIES), st.sampled_from(CITIES))
def test_another_city_is_not_traced(said: str, called: str) -> None:
    """A random other city has no source."""
    trace = heard(f"What is the weather like in {said} today?")
    assert (trace.source(called) == "user") == (said == called)


@given(st.integers(3, 300), st.integers(), st.sampled_from([-1, 1]))
def test_a_date_off_by_one_is_not_traced(ahead: int, seed: int, off: int) -> None:
    """Whatever way a day is said, the next day and the day before are others."""
    day = TODAY + timedelta(days=ahead)
    trace = heard(f"Book it for {say(day.isoformat(), TODAY, Random(seed))}, please.")
    assert trace.source(day.isoformat()) == "user"
    assert trace.source((day + timedelta(days=off)).isoformat()) is None


@given(st.integers(13, 10**6), st.integers(13, 10**6), st.integers())
def test_another_number_is_not_traced(said: int, called: int, seed: int) -> None:
    """A number has a source when it is the number that was said."""
    assume(called * 100 != said and called != said * 100)
    assert (heard(f"I need {say(said, None, Random(seed))} of them").source(called) == "user") == (said == called)


IDS = st.from_regex(r"[A-Z]{2,4}-[0-9]{4,6}", fullmatch=True)


@given(IDS, IDS)
def test_another_id_is_not_traced(returned: str, called: str) -> None:
    """Only the id that a tool returned is an id that may be used."""
    trace = Trace(TODAY)
    trace.result({"flights": [{"flight_id": returned, "price": 120}]})
    assert (trace.source(called) == "output") == (returned == called)


@pytest.mark.parametrize(
    ("result", "value"),
    [
        ('{"flights": [{"flight_id": "FL-48213"}]}', "FL-48213"),
        ({"total": 12.5}, 12.5),
        ({"balances": {"ACC-1": 3}}, "ACC-1"),
        ({"start": "2026-05-14T15:00:00Z"}, "2026-05-14"),
        ({"start": "2026-05-14T15:00:00Z"}, "15:00"),
        ({"note": "Your code is QX-17."}, "QX-17"),
        ("Your code is QX-17.", "QX-17"),
    ],
)
def test_a_tool_returned_it(result: Any, value: Any) -> None:
    """Every leaf and key of a result is a source, and so is plain text."""
    trace = Trace(TODAY)
    trace.result(result)
    assert trace.source(value) == "output"


@pytest.mark.parametrize(
    ("schema", "value", "source"),
    [
        ({"default": 5}, 5, "default"),
        ({"enum": ["cheap", "dear"]}, "cheap", "enum"),
        ({"const": "v1"}, "v1", "enum"),
        ({"anyOf": [{"enum": ["x"]}, {"type": "null"}]}, "x", "enum"),
        ({"type": "boolean"}, True, "enum"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, ["a", "b"], "enum"),
        ({"properties": {"n": {"default": 1}}}, {"n": 1}, "default"),
        ({}, None, "default"),
        ({}, [], "default"),
        ({"enum": [1]}, True, "enum"),
        ({"default": 1, "enum": [1]}, 2, None),
    ],
)
def test_the_schema_offers_it(schema: dict[str, Any], value: Any, source: str | None) -> None:
    """Defaults, constants and closed sets are sources of their own."""
    assert Trace().source(value, schema) == source


def test_what_was_said_is_stronger_than_a_default() -> None:
    """The strongest source is named."""
    assert heard("five of them").source(5, {"default": 5}) == "user"


def test_an_array_has_the_weakest_source_of_its_parts() -> None:
    """One item from a tool makes the array an output."""
    trace = heard("Lisbon")
    trace.result(["Porto"])
    assert trace.source(["Lisbon", "Porto"]) == "output"


def test_a_date_time_may_come_in_two_turns() -> None:
    """The day in one turn and the hour in the next."""
    assert heard("On Thursday.", "At 3 pm.").source("2026-05-14T15:00:00Z") == "user"


def test_the_untraced_places_are_named() -> None:
    """A path for every part that has no source."""
    trace = heard("From Lisbon")
    value = {"stops": [{"city": "Lisbon"}, {"city": "Faro"}], "code": "ZZ-9"}
    assert trace.untraced(value) == ["stops[1].city", "code"]


def test_today_is_known_to_both() -> None:
    """The date of the system message needs not be said."""
    trace = Trace()
    trace.context("Today is Tuesday, 12 May 2026.")
    assert trace.source("2026-05-12") == "context"


def test_the_assistant_alone_is_no_source() -> None:
    """Or every invention could be laundered by announcing it."""
    trace = heard("Book me a table")
    trace.propose("I will book the 7 pm table at Casa Rio.")
    assert trace.source("Casa Rio") is None


@pytest.mark.parametrize(
    "answer", ["yes", "Yes, please.", "Sounds good!", "That works for me", "Oh great, do it", "Correct."]
)
def test_an_accepted_proposal_is_the_users_word(answer: str) -> None:
    """Agreeing is saying it."""
    trace = heard("Book me a table")
    trace.propose("Shall I book the 7 pm table at Casa Rio?")
    trace.hear(answer)
    assert trace.source("Casa Rio") == "user"


@pytest.mark.parametrize("answer", ["No, thanks", "What else is there?", "Not that one", "Yesterday was better"])
def test_a_refused_proposal_is_not(answer: str) -> None:
    """Only agreement takes a proposal over."""
    trace = heard("Book me a table")
    trace.propose("Shall I book the 7 pm table at Casa Rio?")
    trace.hear(answer)
    assert trace.source("Casa Rio") is None


def test_an_old_proposal_cannot_be_accepted_later() -> None:
    """Agreement is with the last words only."""
    trace = heard("Book me a table")
    trace.propose("Shall I book Casa Rio?")
    trace.hear("no")
    trace.propose("Shall I look for another one?")
    trace.hear("yes")
    assert trace.source("Casa Rio") is None


TOLD = st.sampled_from(
    ["2026-05-14", "2026-05-14T15:00:00Z", "2026-05-14t15:00:30.5+02:00", "2026-05-14 15:00:30.5",
     "2026-05-14T23:59", "9:30", "2026-02-30T10:00:00", "7pm", "05/12/2026", "BK-48213", "IN", "in", "San José",
     "US", "DE", "EUR", "Europe/Rome", "-12.50", "1200", "\u0301", " ", "round_trip", "٢٠٢٦-٠٥-١٤", "\0", "a\0b",
     "#tag", "https://example.com/a", "K", "ſ", "５"]
)  # fmt: skip


@given(st.lists(TOLD | st.text(max_size=5), max_size=4), TOLD | st.text(max_size=5), st.booleans())
def test_what_is_quoted_has_a_source(told: list[str], value: str, spoken: bool) -> None:
    """What `untraced` takes a shorter way for, `source` finds on the longer one."""
    trace = Trace(TODAY)
    for text in told:
        trace.hear(text) if spoken else trace.result([text])
    assert trace.untraced(value) == ([""] if trace.source(value) is None else [])


def test_without_a_date_any_relative_day_may_be_meant() -> None:
    """Foreign dialogues often do not say what day it is."""
    assert heard("tomorrow at nine", today=None).source("2023-10-26T09:00:00") == "user"


@given(st.text(), st.text() | st.floats() | st.integers() | st.lists(st.text()), st.text())
def test_any_text_and_value_give_an_answer(text: str, value: Any, answer: str) -> None:
    """Nothing raises, and what was said literally as a sentence of its own is never missed."""
    trace = heard(text)
    trace.propose(answer)
    trace.result(answer)
    trace.hear(answer)
    trace.context(text)
    assert trace.source(value) in {"user", "output", "context", "default", "enum", None}


def test_a_result_may_nest_without_end() -> None:
    """Leaves are collected without recursion."""
    trace = Trace()
    value: Any = "leaf"
    for _ in range(10_000):
        value = [value]
    trace.result(value)
    trace.result("[" * 10_000)
    assert trace.source("leaf") == "output"
    assert trace.source(json.dumps(1)) is None
