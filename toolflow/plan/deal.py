"""Which kinds of request a dialogue is to have: shares that are kept, not chances that are taken.

The configured shares of request counts and kinds are dealt out like cards: every `BLOCK` dialogues in a row have
the counts and kinds in just these shares (up to one card each, rounded at random), in an order of their own. So a
set of a few hundred dialogues meets its shares within a point, and still a record's kinds depend on settings, seed
and index alone. The paper says nothing of all this.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import TypeVar

from toolflow.config import PlanConfig
from toolflow.sample import weighted
from toolflow.schema import Kind

T = TypeVar("T")

BLOCK = 100
"""Dialogues that share a deck."""
_SWAPS = 200
_SHUFFLES = 100


def dealt_kinds(config: PlanConfig, seed: int, index: int) -> tuple[Kind, ...]:
    """The kinds wanted of record ``index``, in order.

    A talk never goes without a call, nor back to a call that never was, and nobody chats twice in a row.
    """
    deck = tuple(config.requests.items()), tuple(config.kinds.items())
    return _deal(*deck, seed, index // BLOCK)[index % BLOCK]


@lru_cache(maxsize=8)
def _deal(
    requests: Iterable[tuple[int, float]], kinds: Iterable[tuple[Kind, float]], seed: int, block: int
) -> list[tuple[Kind, ...]]:
    rng = Random(f"{seed}:kinds:{block}")
    weights = dict(kinds)
    sizes = _cards(dict(requests), BLOCK, rng)
    cards = _cards(weights, sum(sizes), rng)
    hands = [[cards.pop() for _ in range(size)] for size in sizes]
    for hand in hands:
        _mend(hand, hands, weights, rng)
    return [_in_order(hand, rng) for hand in hands]


def _cards(weights: Mapping[T, float], number: int, rng: Random) -> list[T]:
    """So many cards in these shares, shuffled; what is left of a card counts as the chance of a whole one."""
    total, before, offset = sum(weights.values()), 0.0, rng.random()
    cards: list[T] = []
    for card, weight in weights.items():
        upto = before + weight / total * number
        cards += [card] * (int(upto + offset) - int(before + offset))
        before = upto
    cards += [weighted(weights, rng) for _ in range(number - len(cards))]  # rounding may have lost the last one
    rng.shuffle(cards)
    return cards


def _mend(hand: list[Kind], hands: list[list[Kind]], weights: Mapping[Kind, float], rng: Random) -> None:
    """Swap cards with other hands until this one can be played; without such a swap, put a call in it."""
    for _ in range(_SWAPS):
        if _playable(hand):
            return
        other = rng.choice(hands)
        mine, theirs = rng.randrange(len(hand)), rng.randrange(len(other))
        hand[mine], other[theirs] = other[theirs], hand[mine]
        if _playable(other) or other is hand:
            continue
        hand[mine], other[theirs] = other[theirs], hand[mine]
    working = {kind: weight for kind, weight in weights.items() if not kind.idle}
    for at in range(len(hand)):
        if not _playable(hand):
            hand[at] = weighted(working, rng)


def _playable(hand: list[Kind]) -> bool:
    """Whether there is an order in which these make a talk."""
    return not all(kind.idle for kind in hand) and hand.count(Kind.CHAT) <= (len(hand) + 1) // 2


def _in_order(hand: list[Kind], rng: Random) -> tuple[Kind, ...]:
    for _ in range(_SHUFFLES):
        called = next(at for at, kind in enumerate(hand) if not kind.idle)
        if Kind.FOLLOW_UP not in hand[:called] and (Kind.CHAT, Kind.CHAT) not in pairwise(hand):
            break
        rng.shuffle(hand)
    return tuple(hand)
