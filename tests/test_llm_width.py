"""The width: found by doubling, halved once for each sign, regained by steps that grow."""

import pytest

from toolflow.llm.width import START, Width

TIMEOUT = 120.0


def round_trip(width: Width) -> int:
    """As many answers as may be under way; how many may be then."""
    for _ in range(width.allowed):
        width.answered(1.0)
    return width.allowed


def wide(allowed: int, ceiling: float = 10_000) -> Width:
    """A width that has grown so far."""
    width = Width(ceiling, TIMEOUT)
    while width.allowed < allowed:
        width.answered(1.0)
    return width


def test_it_begins_with_a_few_and_doubles_up_to_its_ceiling() -> None:
    """No more than the ceiling, from the first request on."""
    width = Width(50, TIMEOUT)
    assert [width.allowed, *(round_trip(width) for _ in range(4))] == [8, 16, 32, 50, 50]
    assert Width(3, TIMEOUT).allowed == 3


def test_after_a_decrease_it_grows_by_steps_that_grow() -> None:
    """One more after the first round trip, then two, three, four …: a hundred are regained in fifteen."""
    width = wide(20)
    width.overloaded(1, 1)
    widths = [width.allowed, *(round_trip(width) for _ in range(16))]
    assert widths == [10, 11, 13, 16, 20, 24, 29, 35, 42, 50, 59, 68, 79, 90, 103, 116, 130]


def test_the_steps_begin_anew_with_each_decrease() -> None:
    """However long it grew before, the first round trip after a decrease adds one."""
    width = wide(20)
    width.overloaded(1, 1)
    while width.allowed < 200:
        width.answered(1.0)
    width.overloaded(2, 2)
    before = width.allowed
    assert before <= round_trip(width) <= before + 2


def test_one_end_of_many_that_were_under_way_is_no_new_sign() -> None:
    """Whatever was sent before the last decrease does not decrease again; what was sent after does."""
    width = Width(ceiling=10_000, timeout=TIMEOUT)
    width.overloaded(3, 8)
    assert width.allowed == START // 2
    width.overloaded(8, 20)
    assert width.allowed == START // 2
    width.overloaded(9, 20)
    assert width.allowed == START // 4


@pytest.mark.parametrize(("seconds", "grows"), [(TIMEOUT / 4, True), (TIMEOUT / 4 + 0.01, False)])
def test_how_slow_is_slow(seconds: float, grows: bool) -> None:
    """A quarter of the timeout is just quick enough."""
    width = Width(ceiling=10_000, timeout=TIMEOUT)
    width.answered(seconds)
    assert (width.allowed > START) is grows


def test_after_an_outage_it_begins_with_a_few_and_doubles() -> None:
    """As at the start; but where it was narrower than that, from there."""
    width = wide(100)
    width.overloaded(1, 1)
    width.begin_anew()
    assert width.allowed == START
    assert round_trip(width) == 2 * START
    for number in range(2, 10):
        width.overloaded(number, number)
    width.begin_anew()
    assert width.allowed == 1
