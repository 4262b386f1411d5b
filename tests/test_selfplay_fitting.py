"""The selfplay world and what is asked of it fit: places lie together, days and bounds hold, nobody is someone else."""

import re
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY
from selfplay_worlds import MOMENT, TEXT, answers, made, thing

from toolflow.cast import Brief, Flow
from toolflow.schema import FromOutput, FromUser, Tool
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.drafting import Drafting
from toolflow.selfplay.gazetteer import city_in, city_near
from toolflow.selfplay.pointing import reference_words, standing
from toolflow.selfplay.settle import settle
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.wording import clause

NUMBER = {"type": "number"}
DAY = {**TEXT, "format": "date"}
SEEDS = range(12)
CITIES = {**TEXT, "examples": ["Lisbon", "Oslo", "Kyoto"]}
STREETS = {**TEXT, "examples": ["9 Kloof Road, Cape Town", "12 Ermou, Athens", "Torstraße 96, Berlin"]}


def listing(**fields: Any) -> dict[str, Any]:
    return thing(found={"type": "array", "minItems": 3, "items": thing(**fields)})


def drafted(tool: Tool, seed: int) -> Drafting:
    draft = Drafting(Brief([tool], (), (), TODAY), Random(seed))
    draft.call(tool)
    return draft


def spoken(draft: Drafting, call: int = -1) -> dict[str, Any]:
    return {name: arg.value for name, arg in draft.calls[call].arguments.items() if isinstance(arg, FromUser)}


@pytest.mark.parametrize("seed", SEEDS)
def test_coordinates_that_a_user_gives_are_of_a_city(seed: int) -> None:
    """Nobody asks for a pharmacy in the middle of the ocean."""
    said = spoken(drafted(made("find", "Find shops.", None, latitude=NUMBER, longitude=NUMBER), seed))
    assert city_near(said["latitude"], said["longitude"]) is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_found_around_a_spot_lies_beside_it(seed: int) -> None:
    """Near the spot, in its city, and not all of it at the very spot."""
    fields = {"shop_id": TEXT, "address": STREETS, "latitude": NUMBER, "longitude": NUMBER}
    find = made("find_shops", "Find shops.", listing(**fields), latitude=NUMBER, longitude=NUMBER)
    (result,) = answers((find, {"latitude": 38.72, "longitude": -9.13}), seed=seed)
    spots = {(shop["latitude"], shop["longitude"]) for shop in result["found"]}
    assert len(spots) == len(result["found"])
    assert all(abs(latitude - 38.72) < 0.1 and abs(longitude + 9.13) < 0.1 for latitude, longitude in spots)
    assert {city_in(shop["address"]) for shop in result["found"]} == {city_in("Lisbon")}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tour_stays_in_its_city_and_goes_on(seed: int) -> None:
    """The stops of a tour lie in the city where it starts, and are reached one after the other, after the start."""
    stops = {"type": "array", "items": thing(place_id=TEXT, address=STREETS, arrival_time=MOMENT)}
    plan = made(
        "plan", "Plan a tour.", thing(stops=stops), place_ids={"type": "array"}, address=TEXT, departure_time=MOMENT
    )
    given = {
        "place_ids": ["PL-11", "PL-22"],
        "address": "3-5-8 Kitazawa, Tokyo",
        "departure_time": "2026-05-20T19:45:00",
    }
    (result,) = answers((plan, given), seed=seed)
    assert {city_in(stop["address"]) for stop in result["stops"]} == {city_in("Tokyo")}
    reached = [stop["arrival_time"][:19] for stop in result["stops"]]
    assert [given["departure_time"], *reached] == sorted([given["departure_time"], *reached])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_known_of_a_project_gives_way_to_what_is_asked(seed: int) -> None:
    """Tasks due before a day are, though their project is due later."""
    projects = made("list_projects", "List projects.", listing(project_id=TEXT, due_date=DAY))
    tasks = made("list_tasks", "List tasks.", listing(task_id=TEXT, due_date=DAY), project_id=TEXT, due_before=DAY)
    limit = (TODAY + timedelta(days=2)).isoformat()
    project = {"project_id": lambda so_far: so_far[0]["found"][0]["project_id"], "due_before": limit}
    _, result = answers((projects, {}), (tasks, project), seed=seed)
    assert all(task["due_date"] <= limit for task in result["found"])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_flight_leaves_at_the_same_hour_every_day(seed: int) -> None:
    """The status of one flight on two days differs by the days."""
    status = made(
        "get_status",
        "Get the status of a flight.",
        thing(flight_number=TEXT, departure_time=MOMENT, arrival_time=MOMENT),
        flight_number=TEXT,
        departure_date=DAY,
    )
    days = ["2026-06-01", "2026-06-11"]
    one, other = answers(*((status, {"flight_number": "TP7517", "departure_date": day}) for day in days), seed=seed)
    for name in ("departure_time", "arrival_time"):
        apart = date.fromisoformat(other[name][:10]) - date.fromisoformat(one[name][:10])
        assert (apart.days, other[name][10:]) == (10, one[name][10:])


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_asks_for_what_cannot_be_found(seed: int) -> None:
    """A longest running time leaves something of what there is."""
    runtime = {"type": "integer", "minimum": 78, "maximum": 190}
    asked = {"type": "integer", "minimum": 30, "maximum": 240}
    tool = made("find_films", "Find films.", listing(film_id=TEXT, runtime_minutes=runtime), max_runtime_minutes=asked)
    assert spoken(drafted(tool, seed))["max_runtime_minutes"] > 78


def test_an_address_is_not_given_to_another_person() -> None:
    """Where the user names somebody, the address that an earlier result gave somebody else is not taken."""
    lead = made("get_lead", "Get a lead.", thing(email=TEXT))
    invite = made("invite", "Invite a guest.", None, full_name=TEXT, email={**TEXT, "format": "email"})
    share = made("share", "Share a file.", None, email={**TEXT, "format": "email"})
    flows = [Flow("get_lead", "email", tool.name, "email") for tool in (invite, share)]
    for tool, taken in ((invite, False), (share, True)):
        draft = Drafting(Brief([lead, tool], (), flows, TODAY), Random(1))
        draft.call(lead)
        draft.call(tool)
        assert isinstance(draft.calls[-1].arguments["email"], FromOutput) is taken


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_place_is_not_the_other_one(seed: int) -> None:
    """Who changes where to drop off does not name where to pick up."""
    tool = made("find_cars", "Find cars.", None, pickup_city=CITIES, dropoff_city=CITIES)
    draft = drafted(tool, seed)
    draft.vary("dropoff_city", 1)
    assert len(draft.calls) == 2
    said = spoken(draft)
    assert said["pickup_city"] != said["dropoff_city"] != spoken(draft, 0)["dropoff_city"]


def test_another_person_has_another_address() -> None:
    """With the name, the address changes."""
    name = {**TEXT, "examples": ["Mei Tanaka", "Ada Weber"]}
    draft = drafted(made("find_guest", "Find a guest.", None, full_name=name, email={**TEXT, "format": "email"}), 1)
    draft.vary("full_name", 1)
    said = spoken(draft)
    assert said["full_name"].split()[0].lower() in said["email"]


def test_a_lead_is_converted_once() -> None:
    """No two things are made at once of one thing that can only be used up."""
    convert = made("convert_lead", "Convert a lead.", None, lead_id=TEXT, deal_name=CITIES)
    look = made("find_flats", "Find flats.", None, city=CITIES)
    draft = Drafting(Brief([convert, look], (), (), TODAY), Random(1))
    assert [draft.may_repeat(tool) for tool in (convert, look)] == [False, True]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_is_in_one_currency(seed: int) -> None:
    """What was bought in euros stands in a list of euros."""
    currency = {**TEXT, "enum": ["EUR", "GBP", "USD"]}
    submit = made("submit", "Submit a claim.", thing(claim_id=TEXT, currency=currency), currency=currency)
    claims = made("list_claims", "List claims.", listing(claim_id=TEXT, currency=currency))
    for spent in ("EUR", "GBP"):
        _, result = answers((submit, {"currency": spent}), (claims, {}), seed=seed)
        assert {claim["currency"] for claim in result["found"]} == {spent}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shop_opens_before_it_closes(seed: int) -> None:
    """Hours of opening lie before those of closing."""
    clock = {**TEXT, "format": "time"}
    (result,) = answers((made("get_hours", "Get hours.", thing(opens_at=clock, closes_at=clock)), {}), seed=seed)
    assert result["opens_at"] < result["closes_at"]


def test_one_sets_out_from_where_a_way_begins() -> None:
    """An address that is said to be a starting point is where one comes from."""
    start = {**TEXT, "description": "Street address of the starting point"}
    plan = made("plan_route", "Plan a route.", None, address=start)
    given = Intent("plan_route", {"address": "14 Moi Avenue, Nairobi"}, {})
    assert clause(plan, given, Speech(Random(1), TODAY, 0)).main == "plan a route from 14 Moi Avenue, Nairobi"


@pytest.mark.parametrize("seed", SEEDS)
def test_things_of_a_list_lie_at_addresses_of_their_own(seed: int) -> None:
    """None at another's, nor at the very address that they were looked for around."""
    shops = listing(shop_id=TEXT, address=STREETS)
    find = made("find_shops", "Find shops around an address.", shops, address=STREETS)
    asked = "Torstraße 96, Berlin"
    one, other = answers((find, {"address": asked}), (find, {"address": "Torstraße 12, Berlin"}), seed=seed)
    addresses = [asked, *(shop["address"] for result in (one, other) for shop in result["found"])]
    assert len(set(addresses)) == len(addresses)
    assert {city_in(address) for address in addresses} == {city_in("Berlin")}


@pytest.mark.parametrize("seed", SEEDS)
def test_an_address_lies_where_it_lay(seed: int) -> None:
    """What was listed at an address is found there."""
    where = {"address": STREETS, "latitude": NUMBER, "longitude": NUMBER}
    find = made("find_shops", "Find shops.", listing(shop_id=TEXT, **where), city=CITIES)
    locate = made("locate", "Find the coordinates of an address.", thing(place_id=TEXT, **where), address=STREETS)
    first = {"address": lambda so_far: so_far[0]["found"][0]["address"]}
    found, spot = answers((find, {"city": "Lisbon"}), (locate, first), seed=seed)
    assert {name: spot[name] for name in where} == {name: found["found"][0][name] for name in where}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"address": "Torstraße 96, 10119 Berlin"}, "10119"),
        ({"address": "27 Harcourt Terrace, Dublin D02 F627"}, "D02 F627"),
        ({"address": "14 Moi Avenue, Nairobi"}, r"\d{5}"),
        ({"city": "Tokyo"}, r"\d{3}-\d{4}"),
        ({"country": "Netherlands"}, r"\d{4} [A-Z]{2}"),
    ],
)
def test_a_postal_code_is_that_of_its_address_or_country(said: dict[str, str], code: str) -> None:
    """The code that the address holds, else one of the country's form."""
    codes = {**TEXT, "examples": ["1100-053", "NW1 7JL", "94110", "155-0031"]}
    fields = dict.fromkeys(said, TEXT)
    find = made("find", "Find a place.", thing(place_id=TEXT, postal_code=codes, **fields), **fields)
    for seed in SEEDS:
        (result,) = answers((find, said), seed=seed)
        assert re.fullmatch(code, result["postal_code"]), result


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_call_opts_for_or_out_of(seed: int) -> None:
    """Only open shops are open, coupons that are not to be shown are not, and what has the tag has it."""
    boolean = {"type": "boolean"}
    shops = listing(shop_id=TEXT, open_now=boolean, tags={"type": "array", "items": TEXT})
    find = made("find_shops", "Find shops.", shops, open_now_only=boolean, tag=TEXT)
    (result,) = answers((find, {"open_now_only": True, "tag": "garden"}), seed=seed)
    assert all(shop["open_now"] and "garden" in shop["tags"] for shop in result["found"])
    coupons = {"cart_id": TEXT, "coupons": {"type": "array", "items": thing(coupon_code=TEXT)}}
    cart = Tool(
        name="get_cart",
        description="Get a cart.",
        parameters=thing(cart_id=TEXT, show_coupons=boolean),
        returns={"type": "object", "properties": coupons},
    )
    shown, hidden = answers(*((cart, {"cart_id": "CRT-1001", "show_coupons": show}) for show in (True, False)))
    assert "coupons" in shown
    assert "coupons" not in hidden


def test_nobody_goes_on_with_what_they_did_not_want_to_see() -> None:
    """A coupon is not taken from a cart that was shown without."""
    coupons = {"type": "array", "items": thing(coupon_code=TEXT)}
    returns = {"type": "object", "properties": {"coupons": coupons}}
    show = {"type": "boolean", "default": True, "description": "Whether to show coupons"}
    cart = Tool(name="get_cart", description="Get a cart.", parameters=thing(show_coupons=show), returns=returns)
    order = made("place_order", "Place an order.", None, coupon_code=TEXT)
    flow = Flow("get_cart", "coupons[].coupon_code", "place_order", "coupon_code")
    draft = Drafting(Brief([cart, order], (), [flow], TODAY), Random(1))
    draft.call(cart)
    assert draft.calls[0].arguments["show_coupons"] == FromUser(value=False)
    assert draft.sources(order, "coupon_code") == []


@pytest.mark.parametrize("seed", SEEDS)
def test_numbered_rows_are_in_order(seed: int) -> None:
    """Ranks count from one, with falling points; minutes rise, and none is that of the whole."""
    count = {"type": "integer", "minimum": 1, "maximum": 90}
    table = made("get_table", "Get the table.", listing(rank=count, team_id=TEXT, wins=count, points=count))
    events = {"type": "array", "items": thing(minute=count)}
    match = made("get_match", "Get a match.", thing(minute=count, events=events))
    (standings,) = answers((table, {}), seed=seed)
    rows = standings["found"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["points"] for row in rows] == sorted((row["points"] for row in rows), reverse=True)
    played = [answers((match, {}), seed=many)[0] for many in range(seed, seed + 9)]
    minutes = [[event["minute"] for event in one["events"]] for one in played]
    assert all(one == sorted(one) for one in minutes)
    assert any(len(set(one)) > 1 for one in minutes)


def test_parts_are_no_more_than_their_whole() -> None:
    """Nobody wins more matches than were played, and a loan is what the down payment leaves."""

    def settled(**values: Any) -> dict[str, Any]:
        fixed = ("asking_price", "down_payment")
        return settle(Draft(values, {name: {} for name in values}, fixed, {}, Random(1)), close=False)

    row = settled(matches_played=16, wins=26)
    assert row["wins"] <= row["matches_played"] == 16
    assert settled(asking_price=600_000, down_payment=440_000, loan_amount=150_284)["loan_amount"] == 160_000
    groups = [{"amount": 73.32}, {"amount": 12.25}]
    assert settled(total_spent=42.72, groups=groups)["total_spent"] == 85.57


def test_of_lists_that_came_at_once_the_one_meant_is_named() -> None:
    """After two searches in one request, "the first shop" is of the last list or of the first."""
    assert [standing(call, [1, 2], beside) for call, beside in ((2, ()), (2, (1, 2)), (1, (1, 2)))] == [
        "last", "very last", "first",
    ]  # fmt: skip
    words = [
        reference_words("shop_id", Reference(2, "shops[0].shop_id", one)) for one in ("last", "very last", "first")
    ]
    assert words == ["the first shop", "the first shop from the last list", "the first shop from the first list"]
    assert reference_words("ride_id", Reference(2, "ride_id", "very last")) == "that last ride"


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_booked_costs_what_it_was_listed_at(seed: int) -> None:
    """For each of two passengers the price of the flight."""
    flight = {"flight_id": {**TEXT, "examples": ["FL-48213"]}, "price": {"type": "number", "minimum": 40}}
    search = made("search_flights", "Search for flights.", listing(**flight))
    booking = thing(booking_id=TEXT, flight_id=TEXT, total_price=NUMBER)
    names = {"type": "array", "items": TEXT}
    book = made("book_flight", "Book a flight.", booking, flight_id=TEXT, passenger_names=names)
    first = {"flight_id": lambda so_far: so_far[0]["found"][0]["flight_id"], "passenger_names": ["Mei", "Ada"]}
    found, booked = answers((search, {}), (book, first), seed=seed)
    assert booked["total_price"] == pytest.approx(2 * found["found"][0]["price"], abs=0.02)


@pytest.mark.parametrize(("state", "share"), [("won", 100), ("lost", 0), ("proposal", 37)])
def test_what_is_decided_leaves_no_doubt(state: str, share: int) -> None:
    """A deal that is won has no chance of three percent any more."""
    deal = {"stage": state, "win_probability": 37}
    assert settle(Draft(deal, {name: {} for name in deal}, (), {}, Random(1)), close=False)["win_probability"] == share
