"""Drafting of the selfplay planner: the calls of one talk fit each other."""

from itertools import combinations
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY, play

from toolflow.cast import Brief, Flow
from toolflow.schema import FromOutput, FromUser, Tool
from toolflow.selfplay.detours import recall
from toolflow.selfplay.drafting import Drafting
from toolflow.selfplay.gazetteer import city_in
from toolflow.selfplay.values import NoValue, Values

TEXT = {"type": "string"}
DAY = {"type": "string", "format": "date"}
SEEDS = range(30)


def made(name: str, description: str, returns: dict[str, Any] | None = None, **properties: Any) -> Tool:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    returned = {"type": "object", "properties": returns} if returns is not None else None
    return Tool(name=name, description=description, parameters=parameters, returns=returned)


def drafting(seed: int, *tools: Tool, flows: tuple[Flow, ...] = ()) -> Drafting:
    return Drafting(Brief(list(tools), (), flows, TODAY), Random(seed))


def said(draft: Drafting, tool: Tool) -> dict[str, Any]:
    """The values of a call that the user is to say."""
    draft.call(tool)
    return {name: arg.value for name, arg in draft.calls[-1].arguments.items() if isinstance(arg, FromUser)}


SEARCH = made("search", "Search for rooms.", {"rooms": {"type": "array"}}, check_in_date=DAY, check_out_date=DAY)
BOOK = made("book", "Book a room.", {"booking_id": TEXT}, room_id=TEXT, check_in_date=DAY, check_out_date=DAY)
CANCEL = made("cancel", "Cancel a booking.", {"status": TEXT}, booking_id=TEXT)
MOVE = made("move", "Change a booking.", {"booking_id": TEXT}, booking_id=TEXT, room_id=TEXT)
FOUND = Flow("search", "rooms[].room_id", "book", "room_id")


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_searched_for_is_booked(seed: int) -> None:
    """A room is booked for the days it was searched for."""
    draft = drafting(seed, SEARCH, BOOK, flows=(FOUND,))
    assert said(draft, SEARCH) == said(draft, BOOK)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_places_of_one_call_differ(seed: int) -> None:
    """Nobody rides from a house to the same house, nor to another country."""
    address = {**TEXT, "examples": ["9 Kloof Road, Cape Town", "12 Ermou, Athens"]}
    ride = said(
        drafting(seed, tool := made("ride", "Request a ride.", pickup_address=address, dropoff_address=address)), tool
    )
    assert ride["pickup_address"] != ride["dropoff_address"]
    assert city_in(ride["pickup_address"]) is city_in(ride["dropoff_address"])


@pytest.mark.parametrize("seed", SEEDS)
def test_an_address_lies_where_the_talk_is(seed: int) -> None:
    """After a search in Lisbon, the address to go to is one in Lisbon."""
    address = {**TEXT, "examples": ["9 Kloof Road, Cape Town", "12 Ermou, Athens"]}
    draft = drafting(seed, tool := made("park", "Find a garage.", address=address))
    draft.given.said["city"] = "Lisbon"
    assert city_in(said(draft, tool)["address"]) is city_in("Lisbon")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_chain_stays_in_its_city(seed: int) -> None:
    """The city of the step before counts more than that of an earlier request."""
    address = {**TEXT, "examples": ["9 Kloof Road, Cape Town", "12 Ermou, Athens"]}
    cars = made("cars", "Find cars.", {"car_id": TEXT}, city={**TEXT, "examples": ["Palermo"]})
    ride = made("ride", "Request a car.", {}, car_id=TEXT, address=address)
    draft = drafting(seed, cars, ride, flows=(Flow("cars", "car_id", "ride", "car_id"),))
    draft.given.said["home"] = "Athens"
    draft.call(cars)
    assert city_in(said(draft, ride)["address"]) is city_in("Palermo")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_team_does_not_play_itself(seed: int) -> None:
    """One result feeds one of two parameters; the other one is said."""
    teams = made("teams", "List teams.", {"team_id": TEXT})
    compare = made("compare", "Compare two teams.", {}, team_id=TEXT, opponent_id=TEXT)
    flows = tuple(Flow("teams", "team_id", "compare", name) for name in ("team_id", "opponent_id"))
    draft = drafting(seed, teams, compare, flows=flows)
    draft.call(teams)
    draft.call(compare)
    sources = draft.calls[-1].arguments
    assert isinstance(sources["team_id"], FromOutput)
    assert isinstance(sources["opponent_id"], FromUser)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_changes_something(seed: int) -> None:
    """A booking is not moved to the room that it is for."""
    book = made("book", "Book a room.", {"booking_id": TEXT, "room_id": TEXT}, room_id=TEXT)
    flows = (Flow("book", "booking_id", "move", "booking_id"), Flow("book", "room_id", "move", "room_id"))
    draft = drafting(seed, book, MOVE, flows=flows)
    draft.call(book)
    draft.call(MOVE)
    assert isinstance(draft.calls[-1].arguments["booking_id"], FromOutput)
    assert isinstance(draft.calls[-1].arguments["room_id"], FromUser)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_moved_is_moved_to_another_day(seed: int) -> None:
    """Days said before are said again, but not as the new ones."""
    move = made("move", "Reschedule a booking.", {}, booking_id=TEXT, check_in_date=DAY, check_out_date=DAY)
    draft = drafting(seed, BOOK, move, flows=(Flow("book", "booking_id", "move", "booking_id"),))
    before, after = said(draft, BOOK), said(draft, move)
    assert before["check_in_date"] != after["check_in_date"]


def test_a_thing_is_known_through_what_came_with_it() -> None:
    """A booking of a room is for that room, whichever call is asked."""
    book = made("book", "Book a room.", {"booking_id": TEXT, "room_id": TEXT}, room_id=TEXT)
    flows = (Flow("book", "booking_id", "move", "booking_id"), Flow("move", "room_id", "book", "room_id"))
    move = made("move", "Move a booking.", {"booking_id": TEXT, "room_id": TEXT}, booking_id=TEXT)
    draft = drafting(1, book, move, flows=flows)
    draft.call(book)
    draft.call(move)
    with pytest.raises(NoValue):
        draft.call(book)


def test_what_was_cancelled_is_over() -> None:
    """No later call goes on with it."""
    flows = (Flow("book", "booking_id", "cancel", "booking_id"), Flow("book", "booking_id", "move", "booking_id"))
    draft = drafting(1, BOOK, CANCEL, MOVE, flows=flows)
    draft.call(BOOK)
    assert draft.sources(MOVE, "booking_id")
    draft.call(CANCEL)
    assert not draft.sources(MOVE, "booking_id")


def test_once_is_enough() -> None:
    """A thing is not cancelled twice."""
    draft = drafting(1, CANCEL)
    draft.given.values.draw = lambda *_: "BK-10001"  # type: ignore[method-assign]
    draft.call(CANCEL)
    with pytest.raises(NoValue):
        draft.call(CANCEL)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_place_goes_with_what_varies(seed: int) -> None:
    """Asked for an address elsewhere, the country goes along."""
    address = {**TEXT, "examples": ["9 Kloof Road, Cape Town", "12 Ermou, Athens"]}
    tool = made("locate", "Find the coordinates.", address=address, country=TEXT)
    draft = drafting(seed, tool)
    draft.call(tool)
    draft.vary("address", 1)
    for call in draft.calls:
        place = {name: argument.value for name, argument in call.arguments.items() if isinstance(argument, FromUser)}
        assert place["country"] == city_in(place["address"]).country.name  # type: ignore[union-attr]


def test_no_two_tools_are_chained_twice() -> None:
    """A talk asks for a pair of tools in a chain once."""
    for seed in SEEDS:
        plan = play(seed).plan
        chains = [{call.tool for call in request.calls} for request in plan.requests if request.kind == "chain"]  # type: ignore[union-attr]
        assert all(len(one & other) < 2 for one, other in combinations(chains, 2))


def test_what_was_done_lies_behind_us() -> None:
    """A finished workout is logged for a day that was."""
    tool = made("log_workout", "Log a finished workout.", date=DAY)
    assert all(said(drafting(seed, tool), tool).get("date", "") < TODAY.isoformat() for seed in SEEDS)


@pytest.mark.parametrize("schema", [{"minimum": 1, "maximum": 20}, {}])
def test_a_party_is_small(schema: dict[str, int]) -> None:
    """A few people go out, even where a table for twenty is to be had."""
    values = Values(Random(1), TODAY, spoken=True)
    assert max(values.draw({"type": "integer", **schema}, "guest_count") for _ in range(30)) <= 4


def test_minutes_as_people_count_them() -> None:
    """Three quarters of an hour, not 47 minutes."""
    values = Values(Random(1), TODAY, spoken=True)
    drawn = {values.draw({"type": "integer", "minimum": 15, "maximum": 720}, "extra_minutes") for _ in range(30)}
    assert drawn <= {15, 30, 45, 60, 90, 120}


def test_two_guests_have_two_names() -> None:
    """Nobody travels twice."""
    person = {"type": "object", "properties": {"full_name": {**TEXT, "examples": ["Mei Tanaka", "Luis Vega"]}}}
    person["required"] = ["full_name"]
    values = Values(Random(1), TODAY, spoken=True)
    for _ in range(20):
        names = [
            guest["full_name"] for guest in values.draw({"type": "array", "items": person, "minItems": 2}, "guests")
        ]
        assert len(set(names)) == len(names)


def test_an_option_that_undoes_is_left_alone() -> None:
    """Nobody adds a reaction and takes it back in one breath."""
    properties = {
        "message_id": TEXT,
        "remove": {"type": "boolean", "description": "Whether to take the reaction back"},
        "access_token": {"type": "string", "description": "Token of the account"},
    }
    parameters = {"type": "object", "properties": properties, "required": ["message_id"]}
    tool = Tool(name="react", description="Change a reaction to a message.", parameters=parameters)
    for seed in SEEDS:
        assert set(said(drafting(seed, tool), tool)) == {"message_id"}


def test_nobody_asks_after_the_name_of_another_thing() -> None:
    """Nor how a deed turned out; the price of what was booked they may."""
    book = made("book", "Book a room.", {"status": TEXT, "hotel_name": TEXT, "price": {"type": "number"}}, room_id=TEXT)
    for seed in SEEDS:
        draft = drafting(seed, book)
        draft.call(book)
        assert recall(draft, Random(seed), ()).path == "price"  # type: ignore[union-attr]


def test_an_old_end_gives_way_to_a_new_beginning() -> None:
    """Days said before in part are brought in order with those that are new."""
    tool = made("report", "Get a report.", {}, start_date=DAY, end_date=DAY)
    for seed in SEEDS:
        draft = drafting(seed, tool)
        draft.given.said["end_date"] = "2026-05-15"
        days = said(draft, tool)
        assert days["start_date"] < days["end_date"]


def test_two_coordinates_come_together() -> None:
    """Where a result gives the latitude, it gives the longitude too."""
    number = {"type": "number"}
    city = made("city", "Find a city.", {"latitude": number, "longitude": number}, city=TEXT)
    near = made("near", "Find places.", {}, latitude=number, longitude=number)
    draft = drafting(1, city, near, flows=(Flow("city", "latitude", "near", "latitude"),))
    draft.call(city)
    draft.call(near)
    assert draft.calls[-1].arguments["longitude"] == FromOutput(call=1, path="longitude")


def test_no_day_to_come_where_a_tool_looks_back() -> None:
    """The forecast's days are not those of the weather that was."""
    forecast = made("forecast", "Get the forecast.", {"place_id": TEXT}, start_date=DAY, end_date=DAY)
    past = made("past", "Get past weather.", {}, place_id=TEXT, start_date=DAY, end_date=DAY)
    for seed in SEEDS:
        draft = drafting(seed, forecast, past, flows=(Flow("forecast", "place_id", "past", "place_id"),))
        draft.call(forecast)
        days = said(draft, past)
        assert days["start_date"] < TODAY.isoformat()
        assert days["start_date"] < days["end_date"]


def test_nobody_weighs_as_much_as_a_schema_allows() -> None:
    """A weight is a usual one."""
    values = Values(Random(1), TODAY, spoken=True)
    drawn = [values.draw({"type": "number", "minimum": 20, "maximum": 400}, "weight_kg") for _ in range(30)]
    assert max(drawn) <= 90


STREETS = {**TEXT, "examples": ["9 Kloof Road", "12 Ermou"]}
RIDE = made("request_ride", "Request a ride.", {"ride_id": TEXT}, address=STREETS)
RIDES = made(
    "list_rides", "List rides.", {"rides": {"type": "array", "items": {"properties": {"ride_id": TEXT}}}}, city=TEXT
)
DROP = made("cancel_ride", "Cancel a ride.", {"status": TEXT}, ride_id=TEXT)
TRACK = made("track_ride", "Track a ride.", {"status": TEXT}, ride_id=TEXT)
TO_DROP = tuple(Flow(made_by, path, "cancel_ride", "ride_id") for made_by, path in (
    ("request_ride", "ride_id"), ("list_rides", "rides[].ride_id")
))  # fmt: skip


def rode(*tools: Tool) -> Drafting:
    """A talk in which these were called, the first alone and the others in one request."""
    draft = drafting(1, RIDE, RIDES, TRACK, DROP, flows=TO_DROP)
    for tool in tools:
        draft.call(tool)
    return draft


def test_that_ride_is_the_one_just_requested() -> None:
    """An earlier ride is not pointed at in a request that makes or finds another one, nor after one was named."""
    assert rode(RIDE).sources(DROP, "ride_id")
    assert rode(RIDES).sources(DROP, "ride_id")
    for beside in (RIDE, RIDES, TRACK):
        assert rode(RIDE, beside).sources(DROP, "ride_id", until=1) == []
    assert [number for number, _ in rode(RIDE, TRACK).sources(DROP, "ride_id")] == []
    assert [number for number, _ in rode(RIDE, RIDE).sources(DROP, "ride_id")] == [2, 1]


def test_that_team_is_none_of_two() -> None:
    """Of the two teams of a match, none goes by "that team"; the match it is does."""
    team = {"type": "object", "properties": {"team_id": TEXT}}
    cup = {"type": "object", "properties": {"cup_id": TEXT}}
    match = made("get_match", "Get a match.", {"home_team": team, "away_team": team, "next": cup})
    show = made("show", "Show a team.", None, team_id=TEXT, cup_id=TEXT)
    paths = {"team_id": "home_team.team_id", "cup_id": "next.cup_id"}
    flows = tuple(Flow("get_match", path, "show", name) for name, path in paths.items())
    draft = drafting(1, match, show, flows=flows)
    draft.call(match)
    assert draft.sources(show, "team_id") == []
    assert draft.sources(show, "cup_id") == [(1, flows[1])]


def test_what_a_later_result_says_as_well_is_not_asked_for() -> None:
    """After two results with a status, "what is the status?" is answered from the second."""
    first = made("track", "Track a parcel.", {"status": TEXT, "price": {"type": "number"}}, city=TEXT)
    second = made("get_parcel", "Get a parcel.", {"status": TEXT}, city=TEXT)
    for seed in SEEDS:
        draft = drafting(seed, first, second)
        draft.call(first)
        draft.call(second)
        about = recall(draft, Random(seed), ())
        assert about in (FromOutput(call=2, path="status"), FromOutput(call=1, path="price"))
