"""Errors of tools: what a real service would answer, made from the planned failure alone."""

import pytest

from toolflow.failures import error_result, tells_of_failure, tells_of_success
from toolflow.schema import Failure
from toolflow.selfplay.trouble import error_in, passes


@pytest.mark.parametrize("failure", Failure)
def test_an_error_names_its_status_and_type(failure: Failure) -> None:
    """A status of 4xx or 5xx, the type, and a sentence."""
    error = error_result(failure, {"city": "Oslo"}, None)["error"]
    assert 400 <= error["status"] < 600
    assert error["type"] == failure
    assert error["message"].endswith(".")


@pytest.mark.parametrize("failure", [Failure.NOT_FOUND, Failure.CONFLICT, Failure.INVALID])
def test_an_error_about_an_argument_quotes_it(failure: Failure) -> None:
    """So that an assistant can say what was wrong."""
    assert "city 'Oslo'" in error_result(failure, {"city": "Oslo"}, "city")["error"]["message"]


@pytest.mark.parametrize("failure", Failure)
def test_the_simulator_reads_what_is_written(failure: Failure) -> None:
    """The same failures pass in its eyes as in the plan's."""
    result = error_result(failure, {}, None)
    assert error_in(result) == failure
    assert passes(result) == failure.passes
    assert error_in({"status": "ok"}) is None


@pytest.mark.parametrize(
    ("text", "failure", "success"),
    [
        ("The password is incorrect.", True, False),
        ("Your balance is insufficient for this.", True, False),
        ("Please provide the right account number.", True, False),
        ("A concert fills the hall that evening.", False, False),
        ("Your table is booked. Enjoy your dinner!", False, True),
        ("I have now sent the message.", False, True),
        ("I have sent it, but the printer is offline.", True, True),
    ],
)
def test_what_a_reply_tells(text: str, failure: bool, success: bool) -> None:
    """Trouble and success are known by their words, each for itself."""
    assert (tells_of_failure(text), tells_of_success(text)) == (failure, success)
