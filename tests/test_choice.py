"""Choosing among the items of a list: the best of them, what it is called, and whether somebody said so."""

from typing import Any

import pytest

from toolflow.choice import Choice, choice_in, read_choice, usual_choices, written
from toolflow.fields import schema_at
from toolflow.path import alternatives, resolve, split

CHEAPEST, BEST = Choice("price", most=False), Choice("rating", most=True)
HOTELS: dict[str, Any] = {
    "hotels": [
        {"id": "A", "price": 120, "rating": 4.5, "rooms": [{"room": 1}]},
        {"id": "B", "price": 90, "rating": 4.5, "rooms": [{"room": 2}, {"room": 3}]},
        {"id": "C", "price": True, "rating": None},
        {"id": "D"},
        "no hotel",
    ]
}


def test_the_best_item_is_chosen() -> None:
    """By numbers alone; items without one do not compete."""
    assert resolve(HOTELS, "hotels[least price].id") == "B"
    assert resolve(HOTELS, "hotels[most price].id") == "A"
    assert resolve(HOTELS, "hotels[least price].rooms[].room") == [2, 3]


def test_of_equally_good_items_any_is_right() -> None:
    """The first one is taken; a rule allows the others."""
    assert resolve(HOTELS, "hotels[most rating].id") == "A"
    assert alternatives(HOTELS, "hotels[most rating].id") == ["A", "B"]
    assert alternatives(HOTELS, "hotels[1].id") == ["B"]
    assert alternatives(HOTELS, "hotels[].price") == [[120, 90, True]]


@pytest.mark.parametrize("path", ["hotels[least distance].id", "hotels[0].rooms[least price]", "hotels[least id].id"])
def test_where_nothing_can_be_compared_nothing_is_found(path: str) -> None:
    """A path that leads nowhere."""
    with pytest.raises(LookupError):
        resolve(HOTELS, path)


@pytest.mark.parametrize("choice", [CHEAPEST, BEST, Choice("total_price", most=True)])
def test_a_choice_is_a_step_of_a_path(choice: Choice) -> None:
    """Written, read, found."""
    path = f"found.hotels{written(choice)}.id"
    assert split(path) == ["found", "hotels", choice, "id"]
    assert choice_in(path) == ("found.hotels", choice)
    assert read_choice(written(choice).strip("[]")) == choice


@pytest.mark.parametrize(
    "path", ["hotels[0].id", "hotels[].id", "hotels[least ].id", "hotels[less price].id", 'a["least b"]']
)
def test_other_paths_hold_no_choice(path: str) -> None:
    """Numbers, any items, names in brackets."""
    assert choice_in(path) is None


def test_a_chosen_item_has_the_schema_of_items() -> None:
    """So that a plan can be checked."""
    item = {"type": "object", "properties": {"id": {"type": "string"}}}
    schema = {"type": "object", "properties": {"hotels": {"type": "array", "items": item}}}
    assert schema_at(schema, "hotels[least price].id") == {"type": "string"}


def test_people_choose_by_prices_and_the_like() -> None:
    """By numbers that each item has, the cheapest and the best-rated."""
    number = {"type": "number"}
    properties = {"price_per_night": number, "guestRating": number, "distance_km": number, "floor": number}
    item = {"properties": {**properties, "fee": {"type": "string"}}, "required": ["price_per_night", "guestRating"]}
    assert usual_choices(item) == [Choice("price_per_night", most=False), Choice("guestRating", most=True)]
    assert Choice("distance_km", most=False) in usual_choices({"properties": properties})
    assert usual_choices({"type": "string"}) == []


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (CHEAPEST, "the cheapest hotel"),
        (BEST, "the best-rated hotel"),
        (Choice("distance_km", most=False), "the nearest hotel"),
        (Choice("guestScore", most=True), "the hotel with the highest guest score"),
    ],
)
def test_a_choice_in_words(choice: Choice, words: str) -> None:
    """Which it itself recognises."""
    assert choice.of("hotel") == words
    assert choice.is_stated(f"Please book {words}.")
    assert not choice.is_stated("Please book the hotel.")


@pytest.mark.parametrize(
    "text", ["whichever costs the least", "the lowest price", "something cheaper won't do: the cheapest"]
)
def test_a_choice_may_be_stated_in_other_words(text: str) -> None:
    """Any superlative of that direction; not one of the other."""
    assert CHEAPEST.is_stated(text)
    assert not CHEAPEST.is_stated("the most expensive one")
