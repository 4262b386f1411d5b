"""toolflow.claims: figures in prose are alike however they are written, and follow from others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.claims import _CLAIM, MANY, Claim, Known, _figures, claims
from toolflow.effort import Effort
from toolflow.heard import fold
from toolflow.told_names import names_unheard

RESULT: Any = {
    "start": "2026-09-04T08:45:00Z",
    "end": "21:15",
    "price": 5341.5,
    "share": 0.375,
    "rating": 4.62,
    "minutes": 150,
    "owner": "mei.bennett@example.net",
    "order": "BK-48213",
    "flights": [{"id": "FL-1"}, {"id": "FL-2"}, {"id": "FL-3"}],
    "link": "https://example.com/a/b",
    "balance": -12,
    "cents": 1234,
}


@pytest.fixture
def known() -> Known:
    known = Known()
    known.take_in(RESULT)
    known.listen("We are three, from the 17th on, for half an hour, or on 3/21.")
    return known


@pytest.mark.parametrize(
    "text",
    [
        "4 September", "September 4th, 2026", "the 4th of September", "Sept 4", "2026-09-04", "8:45am", "08:45",
        "9:15 pm", "21:15", "5,341.50", "5341.5", "37.5%", "37.5 percent", "37.5% min", "4.6", "about 5", "2.5 hours",
        "150 minutes", "150", "3 of them", "2 more", "3 flights", "bk-48213", "booking 48213", "FL-2.",
        "mei.bennett@example.net.", "(https://example.com/a/b)", "-12", "12 euros", "30 minutes", "17 June",
        "12.34 euros", "3-year terms", "on 9/4", "4.9.2026", "09/04/2026", "21 March",
        "a 150-page book", "no figures at all", "",
    ],
)  # fmt: skip
def test_what_follows_is_borne(known: Known, text: str) -> None:
    """By a result, or by what the user said."""
    assert [claim.text for claim in claims(text) if not known.bears(claim)] == []


@pytest.mark.parametrize(
    "text",
    [
        "5 September", "September 4th, 2027", "2026-09-05", "8:45 pm", "8:50", "5,342.50", "39%", "4.7", "3.5 hours",
        "151", "4 more", "13 flights", "BK-48214", "FL-22", "mei.benett@example.net", "https://example.com/a/c",
        "4-year terms", "BK-4821-year", "15,000", "12.3 euros", "46,200", "on 9/5", "09/04/2027", "22 March",
    ],
)  # fmt: skip
def test_what_is_changed_is_not(known: Known, text: str) -> None:
    """One figure off is another claim."""
    assert [claim for claim in claims(text) if not known.bears(claim)]


def test_a_range_of_hours_is_two_times() -> None:
    """The half of the day stands once, behind the second one."""
    assert [(claim.kind, claim.value) for claim in claims("from 8 to 9:30 pm")] == [
        ("time", (8, 0)),
        ("time", (21, 30)),
    ]


def test_figures_of_hostile_texts_are_read_in_time() -> None:
    """Neither digits nor separators without end make it slow or raise."""
    for piece in ("1,", "1-", "a1", "1:", "9" * 50, "a@", "http://", "may 1 ", "1 k"):
        known = Known()
        known.listen(piece * 20_000)
        assert not [claim for claim in claims("4711") if known.bears(claim)]


FIGURES = st.lists(
    st.sampled_from(
        ["may", "September", "sept.", "the", "of", "4", "4th", "17", "2026", "2026-09-04", "T08:45", ":45", "8:45",
         "pm", "a.m.", "to", "or", "12,000", "5,341.50", ".5", "%", "per cent", "k", "million", "hours", "more",
         "of them", "BK-48213", "fl-2", "a@b.example.net", "@", "//", "https://example.com/a", "x-", "_1", "€",
         "five", "half an hour", "٣", "½", "\u0301", ",", ".", "-", "/", "#", "nothing", "at all"]
    )
    | st.text(max_size=4)
    | st.sampled_from(["", " ", " ", " ", "\n"]),
    max_size=14,
).map("".join)  # fmt: skip


@given(FIGURES)
def test_no_figure_is_passed_over(text: str) -> None:
    """Where nothing is near that figures are made of, nothing is looked for, and nothing is missed."""
    found = [match.span() for match in _figures(fold(text))]
    assert found == [match.span() for match in _CLAIM.finditer(fold(text))]


@given(st.lists(st.tuples(st.booleans(), FIGURES), max_size=4), FIGURES)
def test_it_does_not_matter_when_figures_are_read(brought_up: list[tuple[bool, str]], told: str) -> None:
    """One by one as claims ask for them, or all at once, as a claim makes it that nothing bears."""
    asked, read = Known(), Known()
    for known in (asked, read):
        for is_value, text in brought_up:
            if is_value:
                known.take_in({"key": [text, 41, 5341.47]})
            else:
                known.listen(text)
    assert not read.bears(Claim("code", "a claim that nothing bears", ""))
    assert list(map(asked.bears, claims(told))) == list(map(read.bears, claims(told)))


@pytest.mark.parametrize("texts", [2, MANY, MANY + 1])
def test_every_text_of_a_result_is_read(texts: int) -> None:
    """Whether those that a claim is likely to come from are read first, or all of them together."""
    known = Known()
    known.take_in([f"BK-{number}" for number in range(1000, 1000 + texts)])
    last = 999 + texts
    assert [known.bears(claim) for claim in claims(f"bk-{last}, bk-1000, {last} and bk-{last + 1}")] == [
        *(True, True, True, False)
    ]


@pytest.mark.parametrize(
    ("text", "unheard"),
    [
        ("It leaves from Zxarghan at noon.", ["Zxarghan"]),
        ("- It leaves from Zxarghan\n- Late: from Ydrassil", ["Zxarghan", "Ydrassil"]),
        ("These:\n- Since you are three\n  - Departing at noon\n* Bring a coat", []),
        ("# Summary\n## Costs\n**Baggage:** None\n• Insured", []),
        ("Zxarghan - Ydrassil is the line.", ["Ydrassil"]),
    ],
)
def test_names_are_found_where_no_sentence_begins(text: str, unheard: list[str]) -> None:
    """Neither does a heading, an item of a list, or what a label in bold print heads."""
    assert list(names_unheard(text, ["nothing"], lambda: "", Effort())) == unheard
