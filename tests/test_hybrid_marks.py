"""The values of a sentence: found whatever they look like, and looked for in its rewording."""

from datetime import date

import pytest

from toolflow.hybrid.marks import Known, compared, known_in, marks

TODAY = date(2027, 10, 20)
KNOWN = [
    *known_in(
        {"city": "Lisbon", "check_in": "2027-10-29", "check_out": "2027-10-31", "time": "17:00", "status": "open"}
    ),
    *known_in({"hotels": [{"name": "The Linden House"}, {"name": "Riad Zahra"}]}),
]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hotels in Lisbon from 29 October to 31 October.", ["Lisbon", "29 October", "31 October"]),
        (
            "The Linden House (rated 6.6); and Riad Zahra (9,882.47 USD).",
            ["The Linden House", "6.6", "Riad Zahra", "9,882.47", "USD"],
        ),
        ("Write “See you at 5. Bye!” to ana@example.org.", ["See you at 5. Bye!", "ana@example.org"]),
        ("Move DL-3513 and PX9407283376 to 5 pm tomorrow.", ["DL-3513", "PX9407283376", "5 pm", "tomorrow"]),
        ("Take the first one, for two people, with open status.", ["first", "two", "open"]),
        ("I'd like Mama Adjoa's menu on Friday.", ["Mama", "Adjoa's", "Friday"]),
        ("Please list it, and may I see it?", []),
    ],
)
def test_values_are_found(text: str, said: list[str]) -> None:
    """Known ones in any form, and whatever looks like one, in order; ordinary words are none."""
    assert [mark.said for mark in marks(text, KNOWN, TODAY)] == said


SENTENCE = "Book The Linden House in Lisbon from 29 October to 31 October for 2 guests at 5 pm."


@pytest.mark.parametrize(
    ("text", "lost", "new", "moved"),
    [
        ("The Linden House in Lisbon, October 29th until October 31, a couple of us, at 17:00.", [], [], None),
        ("The Linden House in LISBON, 2027-10-29 to 2027-10-31, two guests, 5pm please.", [], [], None),
        ("The Linden House from 29 October to 31 October for 2 guests at 5 pm.", ["Lisbon"], [], None),
        (
            "The Linden House in Lisbon from 29 October to 1 November for 2 at 5 pm.",
            ["31 October"],
            ["1", "November"],
            None,
        ),
        (
            "Riad Zahra in Lisbon from 29 October to 31 October for 2 guests at 5 pm.",
            ["The Linden House"],
            ["Riad", "Zahra"],
            None,
        ),
        (
            "The Linden House in Lisbon from 31 October to 29 October, 2 guests, 5 pm.",
            [],
            [],
            ("29 October", "31 October"),
        ),
        ("The Linden House in Lisbon from 29 October to 31 October for 2 guests and 3 dogs at 5 pm.", [], ["3"], None),
        ("The Linden House in Lisbon from 29 October to 31 October for 2 guests at 5 pm, ID HT-9.", [], ["HT-9"], None),
        ("The Linden House in Lisbon from 29 October to 31 October for 2 guests at 5 pm today.", [], ["today"], None),
    ],
)
def test_a_rewording_is_compared(text: str, lost: list[str], new: list[str], moved: tuple[str, str] | None) -> None:
    """Other forms of a value are the value; one that is gone, added or in another's place is told."""
    found = compared(SENTENCE, marks(SENTENCE, KNOWN, TODAY), text, TODAY)
    assert [mark.said for mark in found.lost] == lost
    assert [mark.said for mark in found.new] == new
    assert (found.moved and (found.moved[0].said, found.moved[1].said)) == moved


def test_a_number_said_twice_must_be_said_twice() -> None:
    """Two guests and two rooms."""
    before = marks("2 guests and 2 rooms", [], TODAY)
    assert not compared("", before, "two guests, 2 rooms", TODAY).lost
    assert [mark.said for mark in compared("", before, "2 guests and rooms", TODAY).lost] == ["2"]


def test_a_place_in_a_row_is_no_amount() -> None:
    """The first flight is not 1 flight."""
    before = marks("Book the first flight.", [], TODAY)
    assert [mark.said for mark in compared("", before, "Book 1 flight.", TODAY).lost] == ["first"]
    assert not compared("", before, "Book the 1st flight.", TODAY).lost


def test_names_can_be_taken_for_each_other_and_words_within_their_field() -> None:
    """A city for another; a status only for a status."""
    assert list(known_in({"from": "Oslo", "to": ["Rome"], "status": "open"})) == [
        Known("name", "Oslo"),
        Known("name", "Rome"),
        Known("status", "open"),
    ]
