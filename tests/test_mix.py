"""The mix is dealt: in its shares, in an order that makes a talk, and the same whoever asks."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.config import MixConfig
from toolflow.mix import BLOCK, dealt
from toolflow.schema import Kind

WEIGHTS = st.dictionaries(st.sampled_from(Kind), st.floats(0.01, 9), min_size=1).filter(
    lambda weights: any(not kind.idle for kind in weights)
)
COUNTS = st.dictionaries(st.integers(1, 9), st.floats(0.01, 9), min_size=1)


@pytest.mark.parametrize("seed", range(5))
def test_five_hundred_dialogues_have_the_shares_of_the_default(seed: int) -> None:
    """Every kind, number of requests, number of tools and language within one in a hundred of what is asked for."""
    config = MixConfig()
    languages = {"en": 0.5, "de": 0.3, "pt-BR": 0.2}
    config = MixConfig(languages=languages)
    hands = [dealt(config, seed, index) for index in range(500)]
    for weights, found in (
        (config.kinds, Counter(kind for hand in hands for kind in hand.kinds)),
        (config.requests, Counter(len(hand.kinds) for hand in hands)),
        (config.tools, Counter(hand.tools for hand in hands)),
        (languages, Counter(hand.language for hand in hands)),
    ):
        assert set(found) == set(weights)
        for value, weight in weights.items():
            assert found[value] / found.total() == pytest.approx(weight / sum(weights.values()), abs=0.01)


@given(WEIGHTS, COUNTS, st.integers(0, 9), st.integers(0, 3 * BLOCK))
def test_every_hand_makes_a_talk(weights: dict[Kind, float], counts: dict[int, float], seed: int, index: int) -> None:
    """Whatever the weights: kinds of the config alone, a call in each talk, and no way back to one that never was."""
    config = MixConfig(kinds=weights, requests=counts)
    hand = dealt(config, seed, index).kinds
    assert len(hand) in counts
    assert set(hand) <= set(weights)
    called = next(at for at, kind in enumerate(hand) if not kind.idle)
    assert Kind.FOLLOW_UP not in hand[:called]


def test_nobody_chats_twice_in_a_row() -> None:
    """However heavy chat weighs."""
    config = MixConfig(kinds={Kind.CHAT: 9, Kind.SINGLE: 1}, requests={4: 1})
    for index in range(2 * BLOCK):
        hand = dealt(config, 1, index).kinds
        assert all({Kind.CHAT} != set(pair) for pair in pairwise(hand)), hand


def test_languages_do_not_depend_on_what_is_asked() -> None:
    """Each language has the kinds in the same shares, roughly: nothing but chance ties them."""
    config = MixConfig(languages={"en": 0.5, "de": 0.5})
    hands = [dealt(config, 3, index) for index in range(2_000)]
    for language in config.languages:
        kinds = Counter(kind for hand in hands if hand.language == language for kind in hand.kinds)
        for kind, weight in config.kinds.items():
            assert kinds[kind] / kinds.total() == pytest.approx(weight, abs=0.03)


def test_a_hand_has_the_tools_it_wants() -> None:
    """Four requests that lead to calls get four tools, where other dialogues can spare them."""
    for seed in range(5):
        hands = [dealt(MixConfig(), seed, index) for index in range(BLOCK)]
        short = [hand for hand in hands if hand.tools < sum(not kind.idle for kind in hand.kinds)]
        assert len(short) <= 2


def test_seeds_differ_and_blocks_differ() -> None:
    """The same shares, in another order."""
    config = MixConfig()
    starts = [(seed, first) for seed in (1, 2) for first in (0, BLOCK)]
    deals = [[dealt(config, seed, first + index).kinds for index in range(BLOCK)] for seed, first in starts]
    assert len({str(deal) for deal in deals}) == len(deals)
