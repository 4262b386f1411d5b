"""An object of the selfplay world agrees with itself: places, money, spans, totals, and what a list was asked for."""

from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.selfplay.draft import Draft
from toolflow.selfplay.gazetteer import cities, city_in, country_called
from toolflow.selfplay.settle import settle
from toolflow.selfplay.wanted import in_asked_order, limit, satisfies

TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array"}


def settled(values: dict[str, Any], fixed: tuple[str, ...] = (), **schemas: Any) -> dict[str, Any]:
    """What becomes of an object whose schemas allow anything of its types, unless they are given."""
    properties = {name: schemas.get(name, {"type": TYPES[type(value)]}) for name, value in values.items()}
    return settle(Draft(dict(values), properties, fixed, {}, Random(1)), close=False)


@pytest.mark.parametrize("city", sorted(city.name for city in cities().values()))
def test_everything_lies_in_the_city(city: str) -> None:
    """Country, coordinates, time zone, currency, telephone and address follow from a city that is settled."""
    place = settled(
        {
            "city": city,
            "country": "Atlantis",
            "country_code": "XX",
            "latitude": 0.5,
            "longitude": 0.5,
            "timezone": "UTC",
            "currency": "XXX",
            "address": "1 Nowhere",
            "phone_number": "5550100",
        },
        fixed=("city",),
    )
    home = cities()[city.lower()]
    assert (place["country"], place["country_code"], place["currency"]) == (
        home.country.name,
        home.country.code,
        home.country.currency,
    )
    assert abs(place["latitude"] - home.latitude) < 0.1 > abs(place["longitude"] - home.longitude)
    assert place["timezone"] == home.timezone
    assert city_in(place["address"]) is home
    assert place["phone_number"].startswith(f"+{home.country.calling_code} ")


def test_a_settled_country_draws_its_city() -> None:
    """Where the country is given, the city moves there."""
    place = settled({"country": "Kenya", "city": "Lisbon"}, fixed=("country",))
    assert cities()[place["city"].lower()].country is country_called("Kenya")


def test_streets_named_after_cities_are_no_cities() -> None:
    """An address lies in the city it ends with."""
    assert city_in("780 Valencia Street, San Francisco") is cities()["san francisco"]


def test_a_place_unheard_of_stays() -> None:
    """What the gazetteer does not know is left alone."""
    assert settled({"city": "Ankh", "country": "Discworld"}) == {"city": "Ankh", "country": "Discworld"}


def test_two_places_in_one_object_stay() -> None:
    """Where two cities stand in one object nothing says which the country is of."""
    route = {"origin_city": "Lisbon", "destination_city": "Osaka", "country": "Portugal"}
    assert settled(route) == route


@given(st.floats(0.5, 5000))
def test_yen_have_no_cents(price: float) -> None:
    """An amount in yen is whole, and about a hundred and fifty times as large."""
    paid = settled({"price": price, "currency": "JPY"}, fixed=("currency",))["price"]
    assert paid == int(paid)
    assert abs(paid - 150 * price) <= 10


def test_limits_keep_yen_out() -> None:
    """Where the limits are those of euros, another currency is taken."""
    priced = settled({"price": 40.0, "currency": "JPY"}, price={"type": "number", "maximum": 100})
    assert priced["currency"] != "JPY"


@given(st.floats(0, 9999))
def test_at_most_two_decimals(amount: float) -> None:
    """Money has cents and no less."""
    paid = settled({"amount": amount, "currency": "EUR"})["amount"]
    assert round(paid, 2) == paid


@given(st.integers(1, 9), st.floats(1, 500))
def test_quantity_times_price(quantity: int, price: float) -> None:
    """A total is the quantity times the price."""
    order = settled({"quantity": quantity, "unit_price": price, "total_price": 1.0})
    assert order["total_price"] == pytest.approx(order["unit_price"] * quantity)


def test_a_total_out_of_reach_moves_the_price() -> None:
    """Where the schema limits the total, the price gives way."""
    order = settled({"quantity": 5, "unit_price": 90.0, "total_price": 50.0}, total_price={"maximum": 100})
    assert order["total_price"] == pytest.approx(order["unit_price"] * 5)


@pytest.mark.parametrize("total", ["total_amount", "subtotal", "total_price", "total"])
def test_a_total_is_the_sum_of_its_list(total: str) -> None:
    """Whatever a total is called, it is the sum of the lines."""
    lines = [{"quantity": 2, "unit_price": 10.5}, {"quantity": 1, "unit_price": 4.0}]
    assert settled({"items": lines, total: 3.0})[total] == 25.0


def test_subtotal_and_extras() -> None:
    """Tax and shipping come on top, a discount goes off."""
    bill = settled({"subtotal": 100.0, "tax": 20.0, "discount": 5.0, "total": 1.0})
    assert bill["total"] == bill["subtotal"] + bill["tax"] - bill["discount"]


def test_net_and_average() -> None:
    """What is taken off is gone, and an average is one of what stands beside it."""
    pay = settled({"gross_pay": 3000.0, "deduction_amount": 5000.0, "net_pay": 1.0})
    assert pay["net_pay"] == pay["gross_pay"] - pay["deduction_amount"] > 0
    assert settled({"grades": [{"score": 2}, {"score": 4}], "average_score": 9.0})["average_score"] == 3.0


@given(st.integers(5, 300))
def test_duration_is_what_lies_between(minutes: int) -> None:
    """Start, end and duration agree."""
    times = {"start_time": "2026-05-14T10:00:00Z", "end_time": "2026-05-14T12:00:00Z", "duration_minutes": minutes}
    event = settled(times)
    spent = datetime.fromisoformat(event["end_time"]) - datetime.fromisoformat(event["start_time"])
    assert spent.total_seconds() == 60 * event["duration_minutes"]
    assert settled(times, fixed=tuple(times)) == times


def test_a_stay_costs_its_nights() -> None:
    """The price of a stay is that of its nights."""
    stay = {"check_in_date": "2026-05-14", "check_out_date": "2026-05-18", "price_per_night": 80.0, "total_price": 1.0}
    found = settled(stay)
    assert found["total_price"] == pytest.approx(4 * found["price_per_night"])


@pytest.mark.parametrize(
    ("asked", "belongs"),
    [
        ({"city": "Oslo"}, True),
        ({"city": "Bergen"}, False),
        ({"max_price": 50}, True),
        ({"max_price": 30}, False),
        ({"minimum_price": 45}, False),
        ({"due_before": "2026-06-01"}, True),
        ({"due_after": "2026-06-01"}, False),
        ({"genre": "jazz"}, False),
        ({"max_results": 3, "sort_by": "price"}, True),
    ],
)
def test_what_belongs_in_a_list(asked: dict[str, Any], belongs: bool) -> None:
    """A known thing is listed again only where everything that was asked for is known to hold."""
    thing = {"city": "Oslo", "price": 40.0, "due_date": "2026-05-20"}
    assert satisfies(thing, {}, asked, made=False) == belongs


@pytest.mark.parametrize(
    ("order", "prices"),
    [
        ("price", [1, 2, 3]),
        ("price_high_to_low", [3, 2, 1]),
        ("cheapest first", [1, 2, 3]),
        ("guest rating", [2, 1, 3]),
        ("colour", [3, 1, 2]),
    ],
)
def test_asked_order(order: str, prices: list[int]) -> None:
    """A list stands in the order asked for, the best rated first; an order that says nothing of it changes nothing."""
    items = [{"price": price, "guest_rating": rating} for price, rating in ((3, 1), (1, 3), (2, 5))]
    assert [item["price"] for item in in_asked_order(items, {"sort_by": order})] == prices


def test_limit() -> None:
    """A number of results is a limit under any of its names, and nothing else is."""
    assert limit({"maxResults": 3}) == limit({"limit": 3}) == 3
    assert limit({"guest_count": 3}) is limit({"limit": True}) is None


@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        ({"line_items": [{"name": "Bowl", "quantity": 2, "unit_price": 160}]}, 320),
        ({"items": [{"amount": 210, "category": "meals"}, {"amount": 12.5, "category": "taxi"}]}, 222.5),
        ({"items": [{"quantity": 2, "unit_price": 50, "discount_percent": 10}]}, 90),
        ({"items": [{"product_id": "P-1", "quantity": 2}]}, 10),
        ({"amounts": [1, 2]}, 10),
    ],
)
@pytest.mark.parametrize("name", ["amount", "total_amount", "total_price"])
def test_what_was_ordered_adds_up_to_the_answer(name: str, ordered: dict[str, Any], expected: float) -> None:
    """An invoice over its line items, an expense claim over its expenses; what has no price is left alone."""
    properties = {name: {"type": "number"}, "tip_amount": {"type": "number"}}
    draft = Draft({name: 10.0, "tip_amount": 1.0}, properties, (), {}, Random(1), ordered)
    assert settle(draft, close=False) == {name: expected, "tip_amount": 1.0}
