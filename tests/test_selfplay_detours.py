"""Detours of the selfplay planner: what fails can fail so."""

from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY
from selfplay_worlds import TEXT, made

from toolflow.cast import Brief
from toolflow.failures import error_result
from toolflow.schema import Failure, Tool
from toolflow.selfplay.detours import fail
from toolflow.selfplay.drafting import Drafting
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.trouble import explained

CHOICE = {**TEXT, "enum": ["damaged", "lost", "late"], "description": "What went wrong"}
DAY = {**TEXT, "format": "date"}
NUMBER = {"type": "integer", "minimum": 1, "maximum": 90}
PLACE = {**TEXT, "examples": ["Lisbon", "Oslo", "Kyoto"]}
ORDER = {**TEXT, "examples": ["ORD-12345"]}


def failed(tool: Tool) -> dict[str | None, set[Failure]]:
    """By the argument at fault, how calls of a tool fail."""
    found: dict[str | None, set[Failure]] = {}
    for seed in range(40):
        draft = Drafting(Brief([tool], (), (), TODAY), Random(seed))
        draft.call(tool)
        fail(draft, draft.rng)
        call = draft.calls[0]
        assert call.failure is not None
        found.setdefault(call.at_fault, set()).add(call.failure)
    return found


def test_only_what_can_be_missing_is_not_found() -> None:
    """A lookup finds nothing for an order or a city; never for a choice, a day or a number."""
    arguments = {"order_id": ORDER, "city": PLACE, "problem": CHOICE, "date": DAY, "guests": NUMBER}
    found = failed(made("get_help", "Get help.", None, **arguments))
    assert {name for name, failures in found.items() if Failure.NOT_FOUND in failures} == {"order_id", "city"}
    assert found.keys() == {"order_id", "city", None}


def test_what_cannot_be_missing_fails_in_passing() -> None:
    """A lookup by a choice alone fails for a while, and the same call is made again."""
    found = failed(made("get_help", "Get help.", None, problem=CHOICE))
    assert found.keys() == {None}
    assert all(failure.passes for failure in found[None])


@pytest.mark.parametrize(
    ("schema", "failure"), [(CHOICE, Failure.CONFLICT), (DAY, Failure.CONFLICT), (NUMBER, Failure.INVALID)]
)
def test_what_is_taken_and_what_is_not_accepted(schema: dict[str, Any], failure: Failure) -> None:
    """A deed fails because a choice or a day is gone, or because a number is too much."""
    found = failed(made("book_room", "Book a room.", None, wanted=schema))
    assert found["wanted"] == {failure}


def test_a_number_that_is_not_accepted_is_said_so() -> None:
    """Nobody says that an income is not available."""
    tool = made("apply", "Apply for a flat.", None, monthly_income=NUMBER)
    for seed in range(10):
        error = error_result(Failure.INVALID, {"monthly_income": 70}, "monthly_income")
        said = explained(tool, {"monthly_income": 70}, error, Speech(Random(seed), TODAY, 0))
        assert "70" in said
        assert "available" not in said
