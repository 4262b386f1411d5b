"""The breaker: when it opens, how it probes, and when an endpoint is gone."""

from itertools import pairwise
from random import Random

import pytest

from toolflow.llm.breaker import FIRST, LONGEST, ROUNDS, UNREACHED, Breaker

PATIENCE = 600.0


class Longest(Random):
    """Draws the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Shortest(Random):
    """Draws the lower end."""

    def uniform(self, a: float, b: float) -> float:
        return a


def silent(rounds: int, *, jitter: Random | None = None, at: float = 100.0, patience: float = PATIENCE) -> Breaker:
    """After so many round trips in a row without an answer, of one request each, sent and ended at once."""
    breaker = Breaker(patience, jitter or Longest())
    for number in range(1, rounds + 1):
        breaker.failed(number, number, at, at)
    return breaker


def probes(breaker: Breaker, first: int, count: int) -> list[float]:
    """When the next probes go, each left unanswered the moment it goes."""
    times = []
    for number in range(first, first + count):
        assert breaker.probe_at is not None
        times.append(breaker.probe_at)
        breaker.failed(number, number, breaker.probe_at, breaker.probe_at)
    return times


def test_it_opens_after_three_round_trips_without_an_answer() -> None:
    """In a row: an answer in between begins the count anew."""
    breaker = silent(ROUNDS - 1)
    assert not breaker.is_open
    breaker.answered()
    for number in range(10, 12):
        breaker.failed(number, number, 100.0, 100.0)
    assert not breaker.is_open
    breaker.failed(12, 12, 100.0, 100.0)
    assert breaker.is_open


def test_what_was_under_way_together_is_one_round_trip() -> None:
    """Eight failures of one burst count once; the first one sent after them counts again."""
    breaker = Breaker(PATIENCE, Longest())
    for number in range(1, 9):
        breaker.failed(number, 8, 100.0, 100.0)
    breaker.failed(9, 9, 100.0, 100.0)
    assert not breaker.is_open
    breaker.failed(10, 10, 100.0, 100.0)
    assert breaker.is_open


@pytest.mark.parametrize(("jitter", "share"), [(Longest(), 1.0), (Shortest(), 0.5)])
def test_the_pauses_between_probes_double_up_to_half_a_minute(jitter: Random, share: float) -> None:
    """From two seconds on, each somewhere in the upper half of its bound."""
    times = [100.0, *probes(silent(ROUNDS, jitter=jitter), ROUNDS + 1, 6)]
    bounds = [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST]
    assert [later - earlier for earlier, later in pairwise(times)] == [bound * share for bound in bounds]


def test_an_answer_closes_it_and_the_pauses_begin_anew() -> None:
    """As if nothing had been."""
    breaker = silent(ROUNDS)
    probes(breaker, 10, 4)
    breaker.answered()
    assert not breaker.is_open
    assert breaker.silent_for(1e6) == 0
    for number in range(20, 20 + ROUNDS):
        breaker.failed(number, number, 500.0, 500.0)
    assert breaker.probe_at == 500.0 + FIRST


def test_silence_begins_with_the_first_request_that_got_no_answer() -> None:
    """When it was sent, not when it failed; later ones do not move it."""
    breaker = Breaker(PATIENCE, Longest())
    assert breaker.silent_for(50.0) == 0
    assert breaker.last_chance(50.0) == 50.0 + PATIENCE
    breaker.failed(1, 1, 100.0, 130.0)
    breaker.failed(2, 2, 140.0, 150.0)
    assert breaker.silent_for(160.0) == 60.0
    assert breaker.last_chance(160.0) == 100.0 + PATIENCE


def test_the_last_probe_goes_when_the_patience_ends() -> None:
    """Not after it, however long the pause would be."""
    assert silent(ROUNDS, patience=1.5).probe_at == 101.5


def test_it_is_gone_when_the_patience_has_ended() -> None:
    """To the second, and never while nothing was left unanswered."""
    breaker = silent(1)
    assert not breaker.is_gone(100.0 + PATIENCE - 1, unreachable=False)
    assert breaker.is_gone(100.0 + PATIENCE, unreachable=False)
    breaker.answered()
    assert not breaker.is_gone(1e9, unreachable=False)
    assert not Breaker(0.0, Longest()).is_gone(1e9, unreachable=False)


@pytest.mark.parametrize(
    ("rounds", "seconds", "unreachable", "gone"),
    [
        (ROUNDS, UNREACHED, True, True),
        (ROUNDS, UNREACHED, False, False),
        (ROUNDS, UNREACHED - 0.1, True, False),
        (ROUNDS - 1, UNREACHED, True, False),
    ],
)
def test_what_cannot_be_connected_to_is_gone_soon(rounds: int, seconds: float, unreachable: bool, gone: bool) -> None:
    """After three refused round trips and a second."""
    assert silent(rounds).is_gone(100.0 + seconds, unreachable=unreachable) is gone


def test_what_answered_once_has_the_whole_patience() -> None:
    """A server that restarts refuses connections too."""
    breaker = Breaker(PATIENCE, Longest())
    breaker.answered()
    for number in range(1, 10):
        breaker.failed(number, number, 100.0, 100.0)
    assert not breaker.is_gone(200.0, unreachable=True)
