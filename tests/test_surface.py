"""toolflow.surface: what is said can be read back, and found."""

import calendar
import re
from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.heard import Heard
from toolflow.surface import forms, parts, read_date_in, say, spelled

TODAY = date(2026, 5, 12)  # a Tuesday
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TIMES = st.times().map(lambda moment: moment.replace(microsecond=0))
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 3)),
)


def read_day(text: str, today: date) -> date:
    """A reader of its own: what a careful person takes a spoken day to be."""
    relative = {"today": 0, "tomorrow": 1, "the day after tomorrow": 2}
    if text in relative:
        return today + timedelta(days=relative[text])
    if text in calendar.day_name:
        ahead = (list(calendar.day_name).index(text) - today.weekday()) % 7
        return today + timedelta(days=ahead or 7)
    month = next(number for number, name in enumerate(calendar.month_name) if name and name in text)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if len(numbers) == 2:
        return date(numbers[1], month, numbers[0])
    for year in range(today.year, today.year + 9):
        try:
            day = date(year, month, numbers[0])
        except ValueError:
            continue
        if day >= today:
            return day
    raise AssertionError(text)


@given(DAYS, DAYS, st.integers())
def test_a_said_day_is_read_back_as_itself(day: date, today: date, seed: int) -> None:
    """Whatever is said of a day leads a reader who knows today to the same day."""
    assert read_day(say(day.isoformat(), today, Random(seed)), today) == day


@given(st.integers(0, 400), DAYS, st.integers())
def test_a_day_near_today_is_read_back_as_itself(ahead: int, today: date, seed: int) -> None:
    """The same for the coming year, where days are said without a year or by weekday."""
    day = today + timedelta(days=ahead)
    assert read_day(say(day.isoformat(), today, Random(seed)), today) == day


@given(TIMES, st.integers())
def test_a_said_time_is_read_back_as_itself(moment: time, seed: int) -> None:
    """Noon, 3 pm, 3:30 pm and 15:30 are one time of day each."""
    said = say(moment.isoformat(), None, Random(seed))
    if said in ("noon", "midnight"):
        assert moment == time(12 if said == "noon" else 0)
        return
    match = re.fullmatch(r"(\d+)(?::(\d\d))?(?::(\d\d))? ?(am|pm)?", said)
    assert match
    hour = int(match[1]) % 12 + 12 * (match[4] == "pm") if match[4] else int(match[1])
    assert time(hour, int(match[2] or 0), int(match[3] or 0)) == moment


@given(NUMBERS, st.integers())
def test_a_said_number_is_read_back_as_itself(number: float, seed: int) -> None:
    """Digits, thousands with commas, or a word up to ten."""
    said = say(number, None, Random(seed))
    words = {spelled(small): small for small in range(11)}
    assert words.get(said) == number if said in words else float(said.replace(",", "")) == float(number)


VALUES = st.one_of(
    DAYS.map(date.isoformat),
    TIMES.map(lambda moment: f"{moment:%H:%M}"),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
    NUMBERS,
    st.sampled_from(
        ["round_trip", "US", "EUR", "FL-48213", "ana@example.org", "https://example.org/a?b=1", "São Paulo"]
    ),
)


@given(VALUES, st.none() | DAYS, st.integers(), st.booleans())
def test_what_is_said_is_found(value: str | float, today: date | None, seed: int, closed: bool) -> None:
    """Looking for a value in a sentence that says it always succeeds."""
    heard = Heard()
    heard.add(f"Well, {say(value, today, Random(seed), {'enum': [value]} if closed else None)}, please!")
    assert all(heard.has(part) for part in parts(value, today))


@given(VALUES, DAYS)
def test_forms_begin_with_the_literal_and_repeat_nothing(value: str | float, today: date) -> None:
    """The literal first, every form once, the same list every time."""
    listed = forms(value, today)
    assert listed[0] in (value, str(value), repr(value))
    assert len(listed) == len(set(listed))
    assert listed == forms(value, today)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2026-05-14", "14 May"),
        ("2026-05-14", "May 14"),
        ("2026-05-14", "14 May 2026"),
        ("2026-05-14", "May 14, 2026"),
        ("2026-05-14", "the 14th of May"),
        ("2026-05-14", "14/05/2026"),
        ("2026-05-14", "05/14/2026"),
        ("2026-05-14", "the day after tomorrow"),
        ("2026-05-14", "Thursday"),
        ("2026-05-14", "next Thursday"),
        ("2026-05-13", "tomorrow"),
        ("2026-05-12", "today"),
        ("2026-05-16", "weekend"),
        ("2026-05-26", "in two weeks"),
        ("15:00", "3 pm"),
        ("15:00", "3pm"),
        ("15:00:00", "3:00 pm"),
        ("15:45", "quarter to four"),
        ("15:30", "half past three"),
        ("12:00", "noon"),
        ("00:00", "midnight"),
        ("2026-05-14T15:00:00Z", "14 May at 3 pm"),
        (2, "two"),
        (2, "2nd"),
        (1200, "1,200"),
        (1200, "1.2k"),
        (1200.0, "1200"),
        (0.2, "20%"),
        (0.2, "20 percent"),
        (250, "two hundred and fifty"),
        ("US", "United States"),
        ("United States", "US"),
        ("EUR", "euros"),
        ("round_trip", "round trip"),
        ("round_trip", "round-trip"),
        ("Europe/Lisbon", "Lisbon"),
        ("es", "Spanish"),
        ("03/04/2026", "3 April"),
        ("09:00 AM", "9 am"),
    ],
)
def test_people_write_it_that_way(value: str | float, form: str) -> None:
    """Each of these is a form of its value on 12 May 2026."""
    assert form in forms(value, TODAY)


@pytest.mark.parametrize("value", ["round_trip", "john_smith", "US", "EUR"])
def test_words_outside_an_enum_are_said_as_they_are(value: str) -> None:
    """Without an enum nothing leads from "john smith" back to john_smith."""
    assert {say(value, TODAY, Random(seed)) for seed in range(20)} == {value}


def test_an_offset_is_said() -> None:
    """A time zone other than UTC cannot be left away."""
    assert say("2026-05-14T15:00:00+02:00", TODAY, Random(1)).endswith("(UTC+02:00)")


@pytest.mark.parametrize(
    "value", ["2026-02-30", "25:00", "", "12-2026", "2026-05-14T25:00:00Z", "1" * 400, float("nan"), 10**400]
)
def test_odd_values_have_forms_all_the_same(value: object) -> None:
    """What looks like a date and is none is just a text."""
    assert parts(value, TODAY) is not None
    if not isinstance(value, int):
        assert forms(value, TODAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Today is Tuesday, 12 May 2026.", TODAY),
        ("Today's date: 2026-05-12", TODAY),
        ("It is May 12th, 2026 today", TODAY),
        ("Ask about order 2026-99-99 on May 12, 2026", TODAY),
        ("You are helpful.", None),
    ],
)
def test_the_date_of_a_system_message_is_read(text: str, day: date | None) -> None:
    """The first full date in a text."""
    assert read_date_in(text) == day
