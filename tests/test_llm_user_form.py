"""The form of what a small model says: every value in it, and nothing made up."""

import re
from datetime import date
from typing import Any

import pytest

from toolflow.llm.user_form import said_pattern

TODAY = date(2026, 11, 1)
PARCEL = [
    ("quote_id", "SQ-40817"),
    ("recipient", {"full_name": "Ewa Nowak", "address": "ulica Piękna 24 (2nd floor)"}),
    ("pickup_date", "2026-12-04"),
    ("insured", True),
    ("value", 2000),
]


def fits(text: str, values: list[tuple[str, Any]]) -> bool:
    """Whether the form admits a message."""
    return re.fullmatch(str(said_pattern(values, TODAY)), text) is not None


@pytest.mark.parametrize("day", ["2026-12-04", "4 December 2026", "December 4, 2026"])
@pytest.mark.parametrize("link", [" and pick it up on", ". Please pick it up on"])
def test_any_words_around_the_values(day: str, link: str) -> None:
    """Parts of an object are said one by one, a day in several ways, yes and no in words."""
    assert fits(
        f"Can you ship quote SQ-40817 to Ewa Nowak, at ulica Piękna 24 (2nd floor){link} {day}, for 2000, please?",
        PARCEL,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Please buy 1000 shares of AAPL.",
        "For AAPL I would like to buy 1000 shares.",
        "Of AAPL, 1000 shares, please buy.",
    ],
)
def test_few_values_come_in_any_order(text: str) -> None:
    """As people say them, whatever order a tool's parameters have."""
    assert fits(text, [("ticker", "AAPL"), ("side", "buy"), ("shares", 1000)])


@pytest.mark.parametrize(
    "text",
    [
        "Can you ship quote SQ-40817, insured?",
        "Can you ship quote SQ-40818 to Porto?",
        "Can you ship the other thing SQ-40817 to Porto?",
        "Can you ship quote SQ-40817 to Porto for Eva Blanc?",
        "Can you ship 3 of quote SQ-40817 to Porto?",
        "Can you ship quote SQ-40817 to [insert city], Porto?",
        "Can you ship quote SQ-40817 just for me as it is right now to Porto?",
    ],
)
def test_nothing_is_left_out_or_made_up(text: str) -> None:
    """Values, what an identifier is of, figures, names and blanks of one's own; too many words between two values."""
    values = [("quote_id", "SQ-40817"), ("city", "Porto")]
    assert fits("Can you ship quote SQ-40817 to Porto?", values)
    assert not fits(text, values)


def test_without_values_it_is_words_alone() -> None:
    """Small talk, and what refers to something said before."""
    assert fits("Please track it with that number.", [])
    assert not fits("Please track it, with the number P-123.", [])


@pytest.mark.parametrize("value", ['the "Aurora"', "C:\\temp", "two\nlines", "a" * 201])
def test_what_cannot_stand_in_a_pattern_asks_for_none(value: str) -> None:
    """Quotes and backslashes would have to be escaped twice, as each endpoint likes; the checks remain."""
    assert said_pattern([("name", value)], TODAY) is None
