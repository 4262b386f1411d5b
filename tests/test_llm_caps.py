"""Caps by the minute: how long a request waits, to the second, and what gives room back."""

from math import inf

import pytest

from toolflow.limits import Limits
from toolflow.llm.caps import Booking, Caps, Need


def requests(most: int) -> Caps:
    return Caps(Limits(requests_per_minute=most))


def inputs(most: int) -> Caps:
    return Caps(Limits(input_tokens_per_minute=most))


def outputs(most: int) -> Caps:
    return Caps(Limits(output_tokens_per_minute=most))


def sent(caps: Caps, at: float, input: int = 0, output: int = 0) -> Booking:
    """A request that left at a time."""
    booking = caps.book(Need(input, output))
    booking.sent(at)
    return booking


def test_without_caps_nobody_waits() -> None:
    """Whatever is under way."""
    caps = Caps(Limits())
    for _ in range(100):
        sent(caps, 0.0, 1_000, 1_000)
    assert caps.wait(Need(1_000, 1_000), 0.0) == 0


def test_a_request_counts_for_a_minute() -> None:
    """The third of two a minute goes a minute after the first, and not a moment before."""
    caps = requests(2)
    sent(caps, 0.0)
    sent(caps, 10.0)
    need = Need(0, 0)
    assert caps.wait(need, 20.0) == 40.0
    assert caps.wait(need, 59.0) == 1.0
    assert caps.wait(need, 60.0) == 0.0
    sent(caps, 60.0)
    assert caps.wait(need, 60.0) == 10.0


def test_what_is_booked_and_not_sent_counts_whenever_one_looks() -> None:
    """Nobody knows when there will be room, until it is sent or dropped."""
    caps = requests(1)
    booking = caps.book(Need(0, 0))
    assert caps.wait(Need(0, 0), 1e6) == inf
    booking.dropped()
    assert caps.wait(Need(0, 0), 1e6) == 0


def test_a_large_request_waits_for_as_many_as_it_takes() -> None:
    """30, 40 and 30 tokens were sent; 60 more need the room of the first two, 30 of the first alone."""
    caps = inputs(100)
    for at, amount in ((0.0, 30), (10.0, 40), (20.0, 30)):
        sent(caps, at, amount)
    assert caps.wait(Need(30, 0), 30.0) == 30.0
    assert caps.wait(Need(31, 0), 30.0) == 40.0
    assert caps.wait(Need(60, 0), 30.0) == 40.0
    assert caps.wait(Need(60, 0), 65.0) == 5.0


def test_only_what_is_sent_frees_room_by_itself() -> None:
    """Half is booked, half was sent: what fits into that half knows its time, what is larger does not."""
    caps = inputs(100)
    caps.book(Need(50, 0))
    sent(caps, 0.0, 50)
    assert caps.wait(Need(50, 0), 10.0) == 50.0
    assert caps.wait(Need(51, 0), 10.0) == inf


def test_a_request_larger_than_a_cap_goes_alone() -> None:
    """When nothing else is in the minute; and nothing else goes in the minute after it."""
    caps = inputs(100)
    sent(caps, 0.0, 1)
    assert caps.wait(Need(500, 0), 10.0) == 50.0
    assert caps.wait(Need(500, 0), 60.0) == 0
    sent(caps, 60.0, 500)
    assert caps.wait(Need(1, 0), 61.0) == 59.0


@pytest.mark.parametrize(("counted", "waits"), [(20, 0.0), (100, 30.0), (None, 30.0)])
def test_input_is_put_right_by_the_answer(counted: int | None, waits: float) -> None:
    """An estimate of 80 tokens that were 20 leaves room for 80, one that was too low leaves less than none."""
    caps = inputs(100)
    sent(caps, 0.0, 80).ended(30.0, input_tokens=counted)
    assert caps.wait(Need(80, 0), 30.0) == waits


def test_an_answer_after_the_minute_changes_nothing() -> None:
    """What it cost is no longer looked at, whether or not others were sent since."""
    caps = inputs(100)
    late = sent(caps, 0.0, 80)
    assert caps.wait(Need(100, 0), 60.0) == 0
    late.ended(61.0, input_tokens=200)
    assert caps.wait(Need(100, 0), 61.0) == 0
    late = sent(caps, 100.0, 40)
    sent(caps, 150.0, 40)
    assert caps.wait(Need(60, 0), 165.0) == 0
    late.ended(166.0, input_tokens=100)
    assert caps.wait(Need(60, 0), 166.0) == 0


def test_the_first_of_a_minute_is_put_right_like_any_other() -> None:
    """Two that left in the same moment, each too dear by estimate."""
    caps = inputs(100)
    one, other = sent(caps, 5.0, 50), sent(caps, 5.0, 50)
    one.ended(6.0, input_tokens=10)
    other.ended(7.0, input_tokens=10)
    assert caps.wait(Need(80, 0), 7.0) == 0
    assert caps.wait(Need(81, 0), 7.0) == 58.0


@pytest.mark.parametrize(("answered", "waits"), [(40, 0.0), (50, 60.0), (None, 60.0), (0, 0.0)])
def test_output_counts_from_the_answer(answered: int | None, waits: float) -> None:
    """At most what was booked until then, and for a minute what was said; not known, what was booked."""
    caps = outputs(100)
    booking = sent(caps, 0.0, output=60)
    assert caps.wait(Need(0, 60), 29.0) == inf
    booking.ended(30.0, output_tokens=answered)
    assert caps.wait(Need(0, 60), 30.0) == waits
    assert caps.wait(Need(0, 100), 90.0) == 0
    caps.book(Need(0, 100))
    assert caps.wait(Need(0, 1), 90.0) == inf


def test_what_was_sent_before_the_last_minute_is_forgotten() -> None:
    """However many there were."""
    caps = requests(10)
    for second in range(1_000):
        sent(caps, float(second))
        assert caps.wait(Need(0, 0), float(second)) >= 0
    assert caps.requests is not None
    assert len(caps.requests._sent) == 60


def test_each_cap_counts_on_its_own() -> None:
    """The longest wait of the three; a request that is dropped gives all three back."""
    caps = Caps(Limits(requests_per_minute=2, input_tokens_per_minute=100, output_tokens_per_minute=100))
    sent(caps, 0.0, 90, 10).ended(5.0, 90, 10)
    assert caps.wait(Need(10, 90), 10.0) == 0
    assert caps.wait(Need(11, 90), 10.0) == 50.0
    assert caps.wait(Need(11, 91), 10.0) == 55.0
    dropped = caps.book(Need(10, 90))
    assert caps.wait(Need(0, 0), 10.0) == 50.0
    dropped.dropped()
    assert caps.wait(Need(10, 90), 10.0) == 0
