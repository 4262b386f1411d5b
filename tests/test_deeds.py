"""What was said to be done: told as done and not supposed, asked or denied; and tools that may have done it."""

import pytest

from toolflow.deeds import deeds
from toolflow.verbs import may_act


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("I've booked the table for you.", ["booked"]),
        (
            "Good news: I have now successfully cancelled it, and your refund has been canceled too.",
            ["cancelled", "canceled"],
        ),
        ("We went ahead and submitted the form. The message has just been sent.", ["submitted", "sent"]),
        ("Your account has been successfully created!", ["created"]),
        ("I have already rescheduled it.", ["rescheduled"]),
        ("Once I've booked it, you will get a mail.", []),
        ("I'll tell you when it has been sent.", []),
        ("Shall I tell them that it has been booked?", []),
        ("I haven't booked anything. It has not been sent.", []),
        ("The meeting has been scheduled already.", []),
        ("I can book it, if you like. I have found two.", []),
    ],
)
def test_deeds_are_what_is_told_as_done(text: str, verbs: list[str]) -> None:
    """In the first person or the passive; what is supposed, asked or denied is none."""
    assert [verb for verb, _ in deeds(text)] == verbs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("book_table", True),
        ("search_flights", False),
        ("Hotels_2_ReserveHotel", True),
        ("getWeather", False),
        ("OpenBankAccount", True),
        ("weather", True),
        ("", True),
    ],
)
def test_a_tool_may_act_unless_its_first_verb_finds_out(name: str, expected: bool) -> None:
    """Where the name says nothing, or means either, it may."""
    assert may_act(name) == expected
