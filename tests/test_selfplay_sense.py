"""The selfplay world makes sense: moments in their order, people with their own addresses, what was named answered."""

import re
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY
from selfplay_worlds import MOMENT, TEXT, answers, made, thing

from toolflow.selfplay import lexicon
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.settle import settle
from toolflow.selfplay.values import Values
from toolflow.selfplay.wanted import bounds_on


def settled(values: dict[str, Any], around: dict[str, Any] | None = None) -> dict[str, Any]:
    """What becomes of an object of texts and numbers of which nothing is settled."""
    properties = {name: {"type": "integer" if isinstance(value, int) else "string"} for name, value in values.items()}
    return settle(Draft(dict(values), properties, (), around or {}, Random(1)), close=False)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("doors_open_at", "start_time"),
        ("created_at", "updated_at"),
        ("issue_date", "due_date"),
        ("cancel_before", "start_time"),
        ("departure_time", "arrival_time"),
    ],
)
def test_moments_stand_in_the_order_of_their_names(first: str, then: str) -> None:
    """What comes first by its name comes first by its date, whatever was drawn."""
    day = first.endswith("_date")
    late, early = ("2026-05-20", "2026-05-11") if day else ("2026-05-20T18:00:00Z", "2026-05-11T09:00:00Z")
    first = first.replace("issue_", "issued_")
    found = settled({first: late, then: early})
    assert found[first] < found[then]
    assert len(found[first]) == len(late)


def test_doors_open_shortly_before_the_start() -> None:
    """Not the day before."""
    show = settled({"doors_open_at": "2026-05-13T09:00:00Z", "start_time": "2026-05-14T19:00:00Z"})
    waited = datetime.fromisoformat(show["start_time"]) - datetime.fromisoformat(show["doors_open_at"])
    assert 0 < waited.total_seconds() <= 3 * 3600


def test_an_arrival_lies_after_the_departure_asked_for() -> None:
    """The call says when it leaves, the result when it arrives."""
    found = settled({"arrival_time": "2026-05-14T08:00:00Z"}, {"departure_time": "2026-05-14T17:30:00"})
    assert found["arrival_time"] > "2026-05-14T17:30"


@pytest.mark.parametrize(
    ("name", "person", "email"),
    [("full_name", "Lucía Fernández", "email"), ("driver_name", "Dr. Henrik Berg", "driver_email")],
)
def test_an_address_is_in_the_name_of_its_owner(name: str, person: str, email: str) -> None:
    """Whoever stands beside an address owns it."""
    found = settled({name: person, email: "kwame.sharma@example.org"})
    assert found[email] in ("lucia.fernandez@example.org", "henrik.berg@example.org")


def test_a_company_keeps_its_address() -> None:
    """A company is nobody's first and last name."""
    invoice = {"company_name": "Casa Verde Hotel", "email": "kwame.sharma@example.org"}
    assert settled(invoice) == invoice


def test_a_ticker_has_its_company() -> None:
    """Disney is not Microsoft."""
    assert settled({"ticker": "DIS", "company_name": "Microsoft"})["company_name"] == "Walt Disney"


def test_what_a_call_names_one_by_one_is_answered_one_by_one() -> None:
    """Two products compared are those two, in the order asked for."""
    items = {"type": "array", "items": thing(product_id=TEXT, price={"type": "number"})}
    compare = made("compare", "Compare products.", thing(comparison=items), product_ids={"type": "array"})
    (result,) = answers((compare, {"product_ids": ["PRD-11", "PRD-22"]}))
    assert [item["product_id"] for item in result["comparison"]] == ["PRD-11", "PRD-22"]


def test_an_extension_ends_as_much_later() -> None:
    """The new end is the old one and what was added."""
    reserve = made("reserve_space", "Reserve a space.", thing(space_id=TEXT, end_time=MOMENT), end_time=MOMENT)
    extend = made(
        "extend_space",
        "Extend a reservation.",
        thing(space_id=TEXT, extended_until=MOMENT),
        space_id=TEXT,
        extra_minutes={"type": "integer"},
    )
    at = {"end_time": "2026-05-20T15:30:00"}
    first = answers((reserve, at))[0]
    twice = {"space_id": first["space_id"], "extra_minutes": 30}
    again = answers((reserve, at), (extend, twice), (extend, {**twice, "extra_minutes": 60}))[2]
    assert again["extended_until"].startswith("2026-05-20T17:00:00")
    extended = answers(
        (reserve, {"end_time": "2026-05-20T15:30:00"}), (extend, {"space_id": first["space_id"], "extra_minutes": 90})
    )[1]
    assert extended["extended_until"].startswith("2026-05-20T17:00:00")


def test_versions_of_a_file_differ() -> None:
    """Each has an identifier of its own, and a file keeps its name when one is restored."""
    version = thing(file_version_id={**TEXT, "examples": ["VER-9013", "VER-4478"]})
    returns = thing(file_id={**TEXT, "examples": ["FILE-73015"]}, file_name={**TEXT, "examples": ["Budget", "Lease"]})
    restore = made("restore_version", "Restore a version of a file.", returns, file_version_id=TEXT)
    versions = made(
        "list_versions", "List the versions of a file.", thing(versions={"type": "array", "items": version}),
        file_id=TEXT,
    )  # fmt: skip
    file = answers((restore, {"file_version_id": "VER-6131"}))[0]
    again = answers(
        (restore, {"file_version_id": "VER-6131"}),
        (versions, {"file_id": file["file_id"]}),
        (restore, {"file_version_id": "VER-6131"}),
    )
    ids = [item["file_version_id"] for item in again[1]["versions"]]
    assert len(set(ids)) == len(ids) > 1


def test_identifiers_with_a_pattern_differ_too() -> None:
    """A pattern that allows other digits gets other digits; one that does not keeps its example."""
    values = Values(Random(3), TODAY, spoken=False)
    free = {**TEXT, "examples": ["FL-10001"], "pattern": "^FL-[0-9]{5}$"}
    bound = {**TEXT, "examples": ["FL-10001"], "pattern": "^FL-10001$"}
    assert len({values.draw(free, "flight_id") for _ in range(5)}) > 1
    assert values.draw(bound, "flight_id") == "FL-10001"


def test_a_telephone_number_keeps_its_country() -> None:
    """Only what follows the calling code is another."""
    number = Values(Random(3), TODAY, spoken=False).draw({**TEXT, "examples": ["+351 21 555 0147"]}, "phone_number")
    assert number.startswith("+351 ")
    assert number != "+351 21 555 0147"


def test_a_radius_bounds_the_distance() -> None:
    """Nothing farther is found."""
    assert bounds_on("distance_km", {"radius_km": 20}) == (None, 20)


def test_an_address_settled_names_its_owner() -> None:
    """Where the address is given, the name follows."""
    properties = {"full_name": TEXT, "email": TEXT}
    person = {"full_name": "Hannah Fischer", "email": "mateo.tanaka@example.org"}
    assert settle(Draft(person, properties, {"email"}, {}, Random(1)), close=False)["full_name"] == "Mateo Tanaka"


def test_an_address_finds_one_person() -> None:
    """Nobody shares it."""
    people = thing(people={"type": "array", "items": thing(full_name=TEXT, email=TEXT)})
    (result,) = answers((made("find", "Find people.", people, email=TEXT), {"email": "mei.novak@example.org"}))
    assert [person["full_name"] for person in result["people"]] == ["Mei Novak"]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("barcode", r"\d{13}"),
        ("position", r"\d{1,2}"),
        ("door_password", r"[A-Z][a-z]+-\d{4}"),
        ("endpoint", r"/[a-z]+"),
    ],
)
def test_a_text_looks_like_what_its_name_says(name: str, pattern: str) -> None:
    """A barcode is no word."""
    assert re.fullmatch(pattern, Values(Random(3), TODAY, spoken=True).draw(TEXT, name))


def test_a_forecast_goes_day_by_day() -> None:
    """Its rows are the days from today on."""
    rows = {"type": "array", "items": thing(date={**TEXT, "format": "date"}, conditions=TEXT)}
    (result,) = answers((made("forecast", "Get the daily forecast.", thing(days=rows), city=TEXT), {"city": "Oslo"}))
    first = date.fromisoformat(result["days"][0]["date"])
    assert first == TODAY
    assert [row["date"] for row in result["days"]] == [
        (first + timedelta(days=number)).isoformat() for number in range(len(result["days"]))
    ]


def test_a_place_at_coordinates_has_an_address_there() -> None:
    """What is found near given coordinates lies in their city."""
    number = {"type": "number"}
    places = {"type": "array", "items": thing(address=TEXT, latitude=number, longitude=number)}
    nearby = made("nearby", "Find places.", thing(places=places), latitude=number, longitude=number)
    (result,) = answers((nearby, {"latitude": 38.72, "longitude": -9.13}))
    assert all("Lisbon" in place["address"] for place in result["places"])


def test_the_hours_of_one_event_lie_on_one_day() -> None:
    """The driver comes on the day of the ride."""
    ride = settled({"driver_arrival_time": "2026-06-20T09:00:00Z", "pickup_time": "2026-05-20T10:00:00Z"})
    assert ride["driver_arrival_time"][:10] == ride["pickup_time"][:10]


def test_another_thing_keeps_its_name() -> None:
    """The hall of every event is the same hall, in one answer and in the next."""
    event = thing(event_id=TEXT, hall_id=TEXT, hall_name=TEXT)
    events = made("list_events", "List events.", thing(events={"type": "array", "items": event}), hall_id=TEXT)
    details = made("get_event", "Get an event.", event, event_id=TEXT)
    (listed,) = answers((events, {"hall_id": "HL-10001"}))
    assert len({item["hall_name"] for item in listed["events"]}) == 1
    first = listed["events"][0]
    found = answers((events, {"hall_id": "HL-10001"}), (details, {"event_id": first["event_id"]}))[1]
    assert found["hall_name"] == first["hall_name"]


def test_a_part_of_a_known_thing_is_known() -> None:
    """The opponent of a match stays the opponent."""
    match = thing(match_id=TEXT, opponent=thing(team_id=TEXT, team_name=TEXT))
    matches = made("list_matches", "List matches.", thing(matches={"type": "array", "items": match}))
    details = made("get_match", "Get a match.", match, match_id=TEXT)
    (listed,) = answers((matches, {}))
    first = listed["matches"][0]
    assert answers((matches, {}), (details, {"match_id": first["match_id"]}))[1]["opponent"] == first["opponent"]


def test_the_time_before_was_the_time_before() -> None:
    """What was moved knows from when."""
    book = made("book", "Book a visit.", thing(visit_id=TEXT, start_time=MOMENT), start_time=MOMENT)
    returned = thing(visit_id=TEXT, previous_start_time=MOMENT, start_time=MOMENT)
    move = made("move", "Move a visit.", returned, visit_id=TEXT, start_time=MOMENT)
    at = {"start_time": "2026-05-20T15:30:00"}
    visit = answers((book, at))[0]["visit_id"]
    moved = answers((book, at), (move, {"visit_id": visit, "start_time": "2026-05-21T10:00:00"}))[1]
    assert moved["previous_start_time"] == at["start_time"]


def test_days_off_are_no_more_than_the_days() -> None:
    """Three days of leave, the first a Sunday, take two days of work."""
    leave = {"start_date": "2026-06-07", "end_date": "2026-06-09", "working_days": 113}
    assert settled(leave)["working_days"] == 2


def test_a_thing_named_in_a_question_is_known() -> None:
    """The film of a programme that was asked for by its identifier has the title it had there."""
    returned = thing(cinema_id=TEXT, film_id=TEXT, film_title=TEXT)
    shows = made("list_shows", "List the shows.", returned, cinema_id=TEXT, film_id=TEXT)
    film = made("get_film", "Get a film.", thing(film_id=TEXT, film_title=TEXT), film_id=TEXT)
    asked = {"cinema_id": "CN-10001", "film_id": "FM-20002"}
    first, second = answers((shows, asked), (film, {"film_id": "FM-20002"}))
    assert first["film_title"] == second["film_title"]


def test_what_nobody_dated_happens_today() -> None:
    """A ride is called for now."""
    ride = made("request_ride", "Request a ride.", thing(ride_id=TEXT, pickup_time=MOMENT), address=TEXT)
    (result,) = answers((ride, {"address": "12 Ermou, Athens"}))
    assert result["pickup_time"].startswith(TODAY.isoformat())


def test_what_is_created_is_new() -> None:
    """A ticket for the customer of a ticket is another ticket."""
    ticket = thing(ticket_id={**TEXT, "examples": ["TCK-10001"]}, customer_id={**TEXT, "examples": ["CUS-10001"]})
    get = made("get_ticket", "Get a ticket.", ticket, ticket_id=TEXT)
    create = made("create_ticket", "Create a ticket.", ticket, customer_id=TEXT)
    first = answers((get, {"ticket_id": "TCK-34118"}))[0]
    second = answers((get, {"ticket_id": "TCK-34118"}), (create, {"customer_id": first["customer_id"]}))[1]
    assert second["ticket_id"] != "TCK-34118"


@pytest.mark.parametrize(
    ("description", "bank"),
    [
        ("Name of the package", lexicon.REPOSITORIES),
        ("Name of the city", lexicon.CITIES),
        ("The exchange to ask", lexicon.SPOKEN_OF["exchange"]),
    ],
)
def test_a_description_says_what_a_name_is_of(description: str, bank: tuple[str, ...]) -> None:
    """A package is called otherwise than a person."""
    name = "where" if "exchange" in description else "name"
    assert Values(Random(3), TODAY, spoken=True).draw({**TEXT, "description": description}, name) in bank


def test_what_is_found_at_coordinates_lies_there() -> None:
    """An address asked for by its coordinates is in their city."""
    number = {"type": "number"}
    find = made("find", "Find the address.", thing(address=TEXT, city=TEXT), latitude=number, longitude=number)
    (result,) = answers((find, {"latitude": 38.72, "longitude": -9.13}))
    assert result["city"] == "Lisbon"
    assert "Lisbon" in result["address"]


def test_what_was_done_was_done_today() -> None:
    """A message is posted now; when it is expected there stays open."""
    returned = thing(message_id=TEXT, posted_at=MOMENT, expected_at=MOMENT)
    post = made("post", "Post a message.", returned, body=TEXT)
    days = {answers((post, {"body": str(number)}))[0]["expected_at"][:10] for number in range(5)}
    assert all(answers((post, {"body": "x"}))[0]["posted_at"].startswith(TODAY.isoformat()) for _ in range(3))
    assert days != {TODAY.isoformat()}


def test_things_named_one_by_one_are_no_copies() -> None:
    """The address a tour starts at is not that of every stop."""
    stops = {"type": "array", "items": thing(place_id=TEXT, address=TEXT)}
    plan = made("plan", "Plan a tour.", thing(stops=stops), place_ids={"type": "array"}, address=TEXT)
    (result,) = answers((plan, {"place_ids": ["PL-11", "PL-22", "PL-33"], "address": "12 Ermou, Athens"}))
    assert len({stop["address"] for stop in result["stops"]}) > 1


def test_counts_that_can_be_known() -> None:
    """A note has the words it was given, a new playlist no tracks yet."""
    number = {"type": "integer"}
    note = made("write", "Write a note.", thing(note_id=TEXT, word_count=number), text=TEXT)
    assert answers((note, {"text": "Ask about parking before we book."}))[0]["word_count"] == 6
    playlist = made("create", "Create a playlist.", thing(playlist_id=TEXT, track_count=number), label=TEXT)
    assert answers((playlist, {"label": "Gym"}))[0]["track_count"] == 0
