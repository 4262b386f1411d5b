"""What a result says of each thing it names is what the world keeps for that thing."""

import asyncio
from datetime import date
from typing import Any

import pytest
from selfplay_worlds import TEXT, answers, made, thing

from toolflow.cast import ToolView
from toolflow.errors import DialogueError
from toolflow.schema import Tool
from toolflow.selfplay.belonging import belonging
from toolflow.selfplay.world import SelfplayTool

NUMBER = {"type": "number", "minimum": 500, "maximum": 500_000}
STAGE = {**TEXT, "enum": ["proposal", "negotiation", "won"]}


def of(what: str, schema: dict[str, Any] = TEXT) -> dict[str, Any]:
    return {**schema, "description": f"It is that of the {what}"}


CONVERT = made(
    "convert_lead",
    "Convert a lead into a customer with a deal.",
    thing(
        lead_id=TEXT,
        deal_id=TEXT,
        customer_id=TEXT,
        company=of("new customer"),
        amount=of("deal", NUMBER),
        stage=of("deal", STAGE),
    ),
    lead_id=TEXT,
)
DEAL = made("get_deal", "Get a deal.", thing(deal_id=TEXT, amount=NUMBER, stage=STAGE), deal_id=TEXT)
CUSTOMER = made("get_customer", "Get a customer.", thing(customer_id=TEXT, company=TEXT), customer_id=TEXT)
SHOWTIMES = made(
    "list_showtimes",
    "List the showtimes of a movie at a cinema.",
    thing(cinema_id=TEXT, cinema_name=TEXT, movie_id=TEXT, movie_title=TEXT),
    cinema_id=TEXT,
    movie_id=TEXT,
)
MENU = made(
    "get_menu",
    "Get the menu of a restaurant.",
    thing(
        sections={
            "type": "array",
            "minItems": 3,
            "items": thing(
                dishes={
                    "type": "array",
                    "minItems": 3,
                    "items": thing(dish_id={**TEXT, "examples": ["D-10"]}, price={"type": "number"}),
                }
            ),
        }
    ),
)


@pytest.mark.parametrize(
    ("name", "description", "is_its"),
    [
        ("deal_name", "", True),
        ("amount", "Expected value of the deal", True),
        ("amount", "Expected value of the deal, without tax", True),
        ("stage", "Stage of the new deal", True),
        ("amount", "Amount of the deal score", False),
        ("amount", "Expected value", False),
        ("customer_id", "Customer of the deal", True),
    ],
)
def test_whose_a_field_is(name: str, description: str, is_its: bool) -> None:
    """By its name, or by its description."""
    found = belonging("deal_id", {"deal_id": "DL-1", name: 1}, {name: {"description": description}})
    assert found == ({name: 1} if is_its else {})


@pytest.mark.parametrize("seed", range(8))
def test_what_was_told_of_two_things_holds_for_both(seed: int) -> None:
    """The amount that came with a converted lead is that of its deal, the company that of its customer."""
    converted, deal, customer = answers(
        (CONVERT, {"lead_id": "LD-9041"}),
        (DEAL, {"deal_id": lambda so_far: so_far[0]["deal_id"]}),
        (CUSTOMER, {"customer_id": lambda so_far: so_far[0]["customer_id"]}),
        seed=seed,
    )
    assert (deal["amount"], deal["stage"]) == (converted["amount"], converted["stage"])
    assert customer["company"] == converted["company"]


@pytest.mark.parametrize("seed", range(8))
def test_what_was_known_of_a_thing_is_told_where_it_is_mentioned(seed: int) -> None:
    """What a deal was known for beforehand, a result that names it says again."""
    mention = made(
        "create_quote",
        "Create a quote.",
        thing(quote_id=TEXT, deal_id=TEXT, stage=of("deal", STAGE)),
        deal_id=TEXT,
    )
    deal, quote = answers((DEAL, {"deal_id": "DL-2816"}), (mention, {"deal_id": "DL-2816"}), seed=seed)
    assert quote["stage"] == deal["stage"]


@pytest.mark.parametrize("seed", range(8))
def test_a_thing_looked_up_beside_another_keeps_out_of_it(seed: int) -> None:
    """Two movies at one cinema have a title each."""
    titles = {
        one["movie_id"]: one["movie_title"]
        for one in answers(
            *((SHOWTIMES, {"cinema_id": "CIN-191", "movie_id": f"MOV-4473{number}"}) for number in range(6)), seed=seed
        )
    }
    assert len(set(titles.values())) > 1


def test_no_identifier_twice_in_one_answer() -> None:
    """Dishes of several sections have an identifier each."""
    (menu,) = answers((MENU, {}))
    dishes = [dish["dish_id"] for section in menu["sections"] for dish in section["dishes"]]
    assert len(set(dishes)) == len(dishes) > 4


def test_a_state_that_allows_nothing_is_no_crash() -> None:
    """A fuzzed record had such a tool; the call cannot be answered, and that is said."""
    returns = {"type": "object", "properties": {"status": {"enum": []}}, "required": ["status"]}
    tool = Tool(name="get_order", description="Get an order.", parameters={"type": "object"}, returns=returns)
    with pytest.raises(DialogueError, match="no value found for 'status'"):
        asyncio.run(SelfplayTool(1).answer(ToolView(tool, {}, (), date(2026, 1, 1))))
