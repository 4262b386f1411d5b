"""What a result says of time fits the dates beside it: counts of days, extremes, deadlines, what comes next."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY
from selfplay_worlds import MOMENT, TEXT, answers, made, thing

from toolflow.selfplay.draft import TODAY as THE_DAY
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.settle import settle

SEEDS = range(10)
NUMBER = {"type": "number"}
DAY = {**TEXT, "format": "date"}
WHEN = date(2026, 5, 14)
"""A Thursday."""


def settled(values: dict[str, Any], seed: int = 1, fixed: tuple[str, ...] = (), **schemas: Any) -> dict[str, Any]:
    """What becomes of an object drawn on a Thursday."""
    kinds = {int: "integer", float: "number", str: "string", list: "array"}
    properties = {name: schemas.get(name, {"type": kinds[type(value)]}) for name, value in values.items()}
    return settle(Draft(dict(values), properties, fixed, {THE_DAY: WHEN}, Random(seed)), close=False)


WEEK = {"start_date": "2026-05-04", "end_date": "2026-05-10"}


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("days_covered", 7, 7), ("total_days", 7, 7), ("working_days", 5, 5), ("rainy_day_count", 0, 7)],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_days_are_those_of_the_period(name: str, least: int, most: int, seed: int) -> None:
    """All of them, those of work, or some of them."""
    assert least <= settled({**WEEK, name: 29}, seed)[name] <= most


def test_days_left_are_none_of_the_period() -> None:
    """Of a leave of a week, nobody knows what is left of the year's."""
    assert settled({**WEEK, "days_remaining": 19})["days_remaining"] == 19


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("limits", [{}, {"minimum": -20, "maximum": 22}])
def test_an_average_lies_near_its_extremes(seed: int, limits: dict[str, int]) -> None:
    """No week has both frost and forty degrees, whatever the schema allows."""
    drawn = {"average_celsius": 28.0, "hottest_celsius": 38.8, "coldest_celsius": -6.8}
    week = settled(drawn, seed, coldest_celsius={**NUMBER, **limits})
    low, mean, high = (week[f"{word}_celsius"] for word in ("coldest", "average", "hottest"))
    assert low < mean < high
    assert high - low <= 20


def test_a_day_without_an_average_is_no_colder_than_it_is() -> None:
    """The highest of a day lies near the lowest."""
    day = settled({"low_celsius": -9.0, "high_celsius": 33.1})
    assert 0 < day["high_celsius"] - day["low_celsius"] <= 16


@pytest.mark.parametrize(
    ("weekdays", "day"),
    [(["Monday"], "2026-05-18"), (["Sunday", "Friday"], "2026-05-15"), (["Thursday"], "2026-05-21")],
)
def test_what_comes_next_does_on_its_weekday_and_hour(weekdays: list[str], day: str) -> None:
    """The first such day after today."""
    drawn = {"weekdays": weekdays, "time_of_day": "11:30:00", "next_run_time": "2026-05-02T10:00:00Z"}
    assert settled(drawn)["next_run_time"] == f"{day}T11:30:00Z"


def test_what_comes_next_is_to_come() -> None:
    """Where nothing says when, it is at least no day of the past."""
    assert settled({"next_review_date": "2026-05-02"})["next_review_date"] > WHEN.isoformat()


def test_nothing_is_to_be_collected_before_it_arrives() -> None:
    """A deadline follows the delivery that it is about."""
    parcel = settled({"estimated_delivery_date": "2026-05-27", "collect_by": "2026-05-23"})
    assert parcel["estimated_delivery_date"] == "2026-05-27" < parcel["collect_by"]


def test_what_was_before_a_change_is_something_else() -> None:
    """Another day for a moment, another choice for a stage; what the call says stays."""
    moved = settled({"previous_start_time": "2026-05-20T10:00:00Z", "start_time": "2026-05-20T10:00:00Z"})
    assert moved["previous_start_time"] < moved["start_time"] == "2026-05-20T10:00:00Z"
    stage = {**TEXT, "enum": ["proposal", "won"]}
    deal = settled({"previous_stage": "won", "stage": "won"}, fixed=("stage",), stage=stage, previous_stage=stage)
    assert (deal["previous_stage"], deal["stage"]) == ("proposal", "won")


def test_daylight_lasts_from_sunrise_to_sunset() -> None:
    """Minutes are counted, and the golden hour is the last one."""
    drawn = {"sunrise": "2026-05-14T05:45:00Z", "sunset": "2026-05-14T18:15:00Z"}
    sun = settled({**drawn, "golden_hour_start": "2026-05-14T09:30:00Z", "daylight_minutes": 470})
    assert (sun["daylight_minutes"], sun["golden_hour_start"]) == (750, "2026-05-14T17:15:00Z")
    assert (sun["sunrise"], sun["sunset"]) == (drawn["sunrise"], drawn["sunset"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("order", [("check", "book"), ("book", "check")])
def test_boarding_is_shortly_before_departure(seed: int, order: tuple[str, str]) -> None:
    """On its day where only that is known, and at its hour whichever was told first."""
    booking = {"booking_id": {**TEXT, "examples": ["BK-10293"]}, "departure_date": DAY}
    tools = {
        "check": made("check_in", "Check in a passenger.", thing(**booking, boarding_time=MOMENT), booking_id=TEXT),
        "book": made("get_booking", "Get a booking.", thing(**booking, departure_time=MOMENT), booking_id=TEXT),
    }
    told: dict[str, Any] = {}
    for result in answers(*((tools[name], {"booking_id": "BK-10293"}) for name in order), seed=seed):
        told |= result
    boards, leaves = (datetime.fromisoformat(told[f"{what}_time"]) for what in ("boarding", "departure"))
    assert boards.date().isoformat() == told["departure_date"]
    assert timedelta(minutes=15) <= leaves - boards <= timedelta(minutes=75)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_of_the_flight_follows_the_flight(seed: int) -> None:
    """A booking that is moved to another flight has that one's number and hour."""
    flight = {"flight_id": {**TEXT, "examples": ["FL-48213"]}, "flight_number": {**TEXT, "examples": ["TP1352"]}}
    flight["departure_time"] = MOMENT
    flights = {"type": "array", "minItems": 2, "items": thing(**flight)}
    search = made("search_flights", "Search for flights.", thing(flights=flights))
    booking = {"booking_id": {**TEXT, "examples": ["BK-7Q4M2"]}, **flight}
    book = made("book_flight", "Book a flight.", thing(**booking), flight_id=TEXT)
    change = made(
        "change_booking", "Move a booking to another flight.", thing(**booking), booking_id=TEXT, flight_id=TEXT
    )

    def listed(number: int) -> Any:
        return lambda so_far: so_far[0]["flights"][number]["flight_id"]

    moved = {"booking_id": lambda so_far: so_far[1]["booking_id"], "flight_id": listed(1)}
    found, booked, changed = answers((search, {}), (book, {"flight_id": listed(0)}), (change, moved), seed=seed)
    for result, row in ((booked, found["flights"][0]), (changed, found["flights"][1])):
        assert {name: result[name] for name in flight} == row


@pytest.mark.parametrize("seed", SEEDS)
def test_what_has_happened_lies_behind_today(seed: int) -> None:
    """Notes were edited, prices were paid; a transaction that is listed as recent is."""
    note = thing(note_id=TEXT, edited_at=MOMENT, paid={**DAY, "description": "Day the price was paid"})
    notes = made("list_notes", "List notes.", thing(notes={"type": "array", "items": note}))
    rows = {"type": "array", "items": thing(transaction_id=TEXT, date=DAY)}
    recent = made("list_transactions", "List recent transactions.", thing(transactions=rows))
    found, money = answers((notes, {}), (recent, {}), seed=seed)
    days = [str(item[name])[:10] for item in found["notes"] for name in ("edited_at", "paid")]
    days += [item["date"] for item in money["transactions"]]
    assert days
    assert max(days) <= TODAY.isoformat()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_of_a_new_thing_was_before_it(seed: int) -> None:
    """An application of today was not updated last month, and nobody has commented on it."""
    application = {"application_id": {**TEXT, "examples": ["APP-10293"]}, "updated_time": MOMENT}
    apply = made("apply", "Apply for a job.", thing(application_id=application["application_id"]), job_id=TEXT)
    count = {"type": "integer", "minimum": 0, "maximum": 90}
    status = made("get_status", "Get the status.", thing(**application, comment_count=count), application_id=TEXT)
    made_, told = answers(
        (apply, {"job_id": "JOB-1001"}),
        (status, {"application_id": lambda so_far: so_far[0]["application_id"]}),
        seed=seed,
    )
    assert told["application_id"] == made_["application_id"]
    assert (told["updated_time"][:10], told["comment_count"]) == (TODAY.isoformat(), 0)


@pytest.mark.parametrize(("due", "late"), [("2026-05-04", 10), ("2026-05-20", 0)])
def test_what_is_late_is_so_since_it_was_due(due: str, late: int) -> None:
    """Ten days after, and not at all before."""
    assert settled({"due_date": due, "days_overdue": 51}, fixed=("due_date",))["days_overdue"] == late


def test_what_is_late_was_due() -> None:
    """Where a task is said to be overdue, its day lies behind."""
    days = {"type": "integer", "minimum": 1}
    task = settled({"due_date": "2026-05-20", "days_late": 6}, days_late=days)
    assert (task["due_date"], task["days_late"]) == ("2026-05-08", 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forecast_starts_on_the_day_that_was_asked_for(seed: int) -> None:
    """Its days follow from there."""
    days = {"type": "array", "minItems": 3, "items": thing(date=DAY, high_celsius=NUMBER)}
    tool = made("get_forecast", "Get the forecast.", thing(days=days), start_date=DAY)
    (result,) = answers((tool, {"start_date": "2026-06-10"}), seed=seed)
    assert [row["date"] for row in result["days"]][:3] == ["2026-06-10", "2026-06-11", "2026-06-12"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_held_for_minutes_is_held_today(seed: int) -> None:
    """A hold of a quarter of an hour does not last till next month."""
    minutes = {"type": "integer", "minimum": 5, "maximum": 60}
    tool = made("hold", "Hold seats.", thing(hold_id=TEXT, expires_at=MOMENT), hold_minutes=minutes)
    (result,) = answers((tool, {"hold_minutes": 15}), seed=seed)
    assert result["expires_at"][:10] == TODAY.isoformat()
