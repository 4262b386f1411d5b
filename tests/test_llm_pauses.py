"""Attempts at one question: which of them count, how long it waits in between, when it has had enough."""

from random import Random
from types import SimpleNamespace
from typing import cast

import pytest
from tenacity import RetryCallState

from toolflow.limits import Limits
from toolflow.llm.censor import Censor
from toolflow.llm.failures import Address, Failure
from toolflow.llm.gate import Gate
from toolflow.llm.pauses import Pauses, Tries
from toolflow.llm.timer import Timer

BROKEN = Failure("500")
BUSY = Failure("429", busy=True, blameless=True)
TOLD = Failure("429", busy=True, blameless=True, headers={"retry-after": "7"})


class Longest(Random):
    """Draws the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Shortest(Random):
    """Draws the lower end."""

    def uniform(self, a: float, b: float) -> float:
        return a


def quiet_gate() -> Gate:
    """A gate that nobody but the test passes."""
    return Gate(Address("http://here/v1", "m", Censor([]), "KEY", 120.0), Limits(), Timer(), Random(1))


def after(attempt: int) -> RetryCallState:
    """What tenacity says after so many attempts."""
    return cast(RetryCallState, SimpleNamespace(attempt_number=attempt))


def tries_at(gate: Gate, attempts: int = 3, seconds: float = 1e9, jitter: Random | None = None) -> Tries:
    return Tries(Pauses(attempts, seconds, jitter or Longest()), gate)


@pytest.mark.parametrize(("jitter", "share"), [(Longest(), 1.0), (Shortest(), 0.5)])
def test_waits_double_up_to_a_minute(jitter: Random, share: float) -> None:
    """From one second on, each somewhere in the upper half of its bound."""
    tries = tries_at(quiet_gate(), jitter=jitter)
    bounds = [1, 2, 4, 8, 16, 32, 60, 60]
    assert [tries.wait(after(number)) for number in range(1, 9)] == [bound * share for bound in bounds]
    assert tries.wait(after(5_000)) == 60 * share


@pytest.mark.parametrize(
    ("failure", "asking", "others", "counts"),
    [
        (BROKEN, 1, False, True),  # alone, and it may lie with what was asked
        (BUSY, 1, False, False),  # alone, and it cannot
        (BROKEN, 2, False, False),  # everybody is as badly off
        (BROKEN, 2, True, True),  # others are answered, this one is not
        (BUSY, 2, True, True),
        (BUSY, 1, True, True),
    ],
)
def test_what_counts_against_a_question(failure: Failure, asking: int, others: bool, counts: bool) -> None:
    """Only what can be its fault; an attempt that does not count takes no time from it either."""
    gate = quiet_gate()
    gate.asking = asking
    by_attempts, by_time = tries_at(gate, attempts=1), tries_at(gate, attempts=99, seconds=5)
    gate.signs += others
    for tries in (by_attempts, by_time):
        tries.failed(failure, 6.0)
        assert tries.stop(after(1)) is counts


def test_an_answer_to_others_counts_once() -> None:
    """One that came before the last attempt says nothing about this one."""
    gate = quiet_gate()
    gate.asking = 2
    tries = tries_at(gate, attempts=2)
    gate.signs += 1
    for _ in range(5):
        tries.failed(BROKEN, 1.0)
    assert not tries.stop(after(5))
    gate.signs += 1
    tries.failed(BROKEN, 1.0)
    assert tries.stop(after(6))


def test_it_has_enough_after_so_many_attempts() -> None:
    """Not before the last of them."""
    gate = quiet_gate()
    gate.asking = 1
    tries = tries_at(gate, attempts=3)
    stops = []
    for number in range(1, 4):
        tries.failed(BROKEN, 0.0)
        stops.append(tries.stop(after(number)))
    assert stops == [False, False, True]


def test_it_has_enough_after_so_many_seconds() -> None:
    """Of attempts and of waits between them: 4 + 1 + 5 are not more than ten, one more is."""
    gate = quiet_gate()
    gate.asking = 1
    tries = tries_at(gate, attempts=99, seconds=10)
    tries.failed(BROKEN, 4.0)
    assert not tries.stop(after(1))
    tries.wait(after(1))
    tries.failed(BROKEN, 5.0)
    assert not tries.stop(after(2))
    tries.failed(BROKEN, 0.1)
    assert tries.stop(after(3))


def test_where_the_gate_says_when_it_does_not_wait_itself() -> None:
    """After a Retry-After, and while the breaker is open; after any other failure it does again."""
    gate = quiet_gate()
    tries = tries_at(gate, attempts=99)
    tries.failed(TOLD, 1.0)
    assert tries.wait(after(1)) == 0
    tries.failed(BROKEN, 1.0)
    assert tries.wait(after(2)) == 2
    gate.breaker.probe_at = 50.0
    tries.failed(BROKEN, 1.0)
    assert tries.wait(after(3)) == 0
