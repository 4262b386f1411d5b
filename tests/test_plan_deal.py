"""Kinds are dealt: in their shares, in an order that makes a talk, and the same whoever asks."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.config import PlanConfig
from toolflow.plan.deal import BLOCK, dealt_kinds
from toolflow.schema import Kind

WEIGHTS = st.dictionaries(st.sampled_from(Kind), st.floats(0.01, 9), min_size=1).filter(
    lambda weights: any(not kind.idle for kind in weights)
)
COUNTS = st.dictionaries(st.integers(1, 9), st.floats(0.01, 9), min_size=1)


@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_dialogues_have_the_shares_of_the_default(seed: int) -> None:
    """Every kind and every number of requests within one in a hundred of what is asked for."""
    config = PlanConfig()
    hands = [dealt_kinds(config, seed, index) for index in range(500)]
    kinds = Counter(kind for hand in hands for kind in hand)
    sizes = Counter(len(hand) for hand in hands)
    for kind, weight in config.kinds.items():
        assert kinds[kind] / kinds.total() == pytest.approx(weight / sum(config.kinds.values()), abs=0.01)
    for size, weight in config.requests.items():
        assert sizes[size] / 500 == pytest.approx(weight / sum(config.requests.values()), abs=0.01)


@given(WEIGHTS, COUNTS, st.integers(0, 9), st.integers(0, 3 * BLOCK))
def test_every_hand_makes_a_talk(weights: dict[Kind, float], counts: dict[int, float], seed: int, index: int) -> None:
    """Whatever the weights: kinds of the config alone, a call in each talk, and no way back to one that never was."""
    config = PlanConfig(kinds=weights, requests=counts)
    hand = dealt_kinds(config, seed, index)
    assert len(hand) in counts
    assert set(hand) <= set(weights)
    called = next(at for at, kind in enumerate(hand) if not kind.idle)
    assert Kind.FOLLOW_UP not in hand[:called]


def test_nobody_chats_twice_in_a_row() -> None:
    """However heavy chat weighs."""
    config = PlanConfig(kinds={Kind.CHAT: 9, Kind.SINGLE: 1}, requests={4: 1})
    for index in range(2 * BLOCK):
        hand = dealt_kinds(config, 1, index)
        assert all({Kind.CHAT} != set(pair) for pair in pairwise(hand)), hand


def test_seeds_differ_and_blocks_differ() -> None:
    """The same shares, in another order."""
    config = PlanConfig()
    starts = [(seed, first) for seed in (1, 2) for first in (0, BLOCK)]
    deals = [[dealt_kinds(config, seed, first + index) for index in range(BLOCK)] for seed, first in starts]
    assert len({str(deal) for deal in deals}) == len(deals)
