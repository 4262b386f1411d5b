"""Which names of return values feed which names of parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.graph.names import FieldName, feeds, field_name, use, words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("flight_id", "flight id"),
        ("flightIDs", "flight id"),
        ("FlightId", "flight id"),
        ("HTTPServer2Port", "http server 2 port"),
        ("departure-dates", "departure date"),
        ("lat", "latitude"),
        ("addresses", "address"),
        ("status", "status"),
        ("cities", "city"),
        ("city_name", "city"),
        ("file_name", "file name"),
        ("größe", "größe"),
        ("", ""),
        ("[]", ""),
    ],
)
def test_words(name, said):
    """A name is its words: lower case, singular, short forms spelled out."""
    assert " ".join(words(name)) == said


def named(said: str) -> FieldName:
    """``flights.id@list_flights``: the field id of flights, in the result of list_flights."""
    path, _, tool = said.partition("@")
    *parents, name = path.split(".")
    return field_name(name, tuple(parents), tool)


@pytest.mark.parametrize(
    ("value", "parameter"),
    [
        ("flight_id", "flight_id"),
        ("flights.flight_id", "flightId"),
        ("flight.id", "flight_id"),
        ("flights.id", "flight_id"),
        ("data.flights.items.id", "flight_id"),
        ("id@get_flight", "flight_id"),
        ("results.id@search_movies", "movie_id"),
        ("flight_id", "id@get_flight"),
        ("flights.id", "id@cancel_flight"),
        ("city", "destination_city"),
        ("arrival_city", "city"),
        ("city_name", "city"),
        ("city.name", "city"),
        ("airport.code", "departure_airport_code"),
        ("folder_id", "parent_folder_id"),
        ("date", "departure_date"),
        ("file_id", "file_id"),
        ("token", "token"),
    ],
)
def test_feeds(value, parameter):
    """Names that speak of the same thing."""
    assert feeds(named(value), named(parameter))


@pytest.mark.parametrize(
    ("value", "parameter"),
    [
        ("departure_date", "return_date"),
        ("flight_id", "booking_id"),
        ("flight.id", "booking_id"),
        ("id", "flight_id"),
        ("id@get_artist", "id@get_flight"),
        ("flights.id", "id@get_hotel"),
        ("hotel.name", "city"),
        ("file_id", "message_id"),
        ("city", "country"),
        ("status@get_order", "order_id"),
        ("identity", "entity"),
    ],
)
def test_does_not_feed(value, parameter):
    """Names that are only alike."""
    assert not feeds(named(value), named(parameter))


@given(st.text(), st.text(), st.text())
def test_any_names(one, other, tool):
    """Whatever the names, the rule has an answer, and equal names of one owner feed each other."""
    value, parameter = field_name(one, (other,), tool), field_name(other, (one,), tool)
    assert feeds(value, parameter) in (True, False)
    assert feeds(value, value) or (value.bare and not value.owners)


@pytest.mark.parametrize(
    ("name", "tie", "flow", "alone"),
    [
        ("city", True, True, True),
        ("pageSize", False, False, True),
        ("access_token", False, True, True),
        ("currency", True, True, False),
    ],
)
def test_use(name, tie, flow, alone):
    """Paging ties nothing, credentials only flow, settings do not tie alone."""
    found = use(name)
    assert (found.tie, found.flow, found.alone) == (tie, flow, alone)
