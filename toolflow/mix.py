"""The mix: what a dialogue is to have, by shares that are kept rather than chances that are taken.

The configured shares (kinds of request, requests and tools of a dialogue, languages) are dealt out like cards: every
`BLOCK` indices in a row have each of them in just these shares (up to one card each, rounded at random), each in an
order of its own; only where many requests would meet few tools, two dialogues swap theirs. A set of a few hundred
dialogues thus meets its shares within a point, and still what a record is to have depends on settings, seed and index
alone; a reject is made again with the same hand (`toolflow.synthesize`). The paper says nothing of all this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import TypeVar

from toolflow.config import MixConfig
from toolflow.schema import Kind

T = TypeVar("T")
Shares = tuple[tuple[T, float], ...]

BLOCK = 100
"""Indices that share a deck."""
_SWAPS = 200
_SHUFFLES = 100


@dataclass(frozen=True, slots=True)
class Hand:
    """What one dialogue is to have."""

    kinds: tuple[Kind, ...]
    """Of its requests, in order. A talk never goes without a call, nor back to a call that never was, and nobody
    chats twice in a row."""
    tools: int
    """In its subset."""
    language: str
    """Of the talk."""


def dealt(config: MixConfig, seed: int, index: int) -> Hand:
    """The hand of record ``index``, whichever attempt at it."""
    shares = (tuple(part.items()) for part in (config.kinds, config.requests, config.tools, config.languages))
    return _deal(*shares, seed, index // BLOCK)[index % BLOCK]


def weighted(weights: Mapping[T, float], rng: Random) -> T:
    """One key, drawn by weight; at least one weight is positive."""
    left = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        left -= weight
        if left < 0:
            return key
    return next(key for key in reversed(list(weights)) if weights[key])  # what is left is a rounding error


@lru_cache(maxsize=8)
def _deal(
    kinds: Shares[Kind], requests: Shares[int], tools: Shares[int], languages: Shares[str], seed: int, block: int
) -> list[Hand]:
    rng = Random(f"{seed}:kinds:{block}")
    weights = dict(kinds)
    sizes = _cards(dict(requests), BLOCK, rng)
    cards = _cards(weights, sum(sizes), rng)
    hands = [[cards.pop() for _ in range(size)] for size in sizes]
    for hand in hands:
        _mend(hand, hands, weights, rng)
    orders = [_in_order(hand, rng) for hand in hands]
    sets = _cards(dict(tools), BLOCK, Random(f"{seed}:tools:{block}"))
    _make_room(sets, orders)
    talks = _cards(dict(languages), BLOCK, Random(f"{seed}:languages:{block}"))
    return [Hand(*hand) for hand in zip(orders, sets, talks, strict=True)]


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


def _make_room(sets: list[int], orders: Sequence[Sequence[Kind]]) -> None:
    """Swap tools between hands where that leaves fewer wanting, the neediest hand first."""
    needs = [_tools_for(kinds) for kinds in orders]

    def lack(at: int, tools: int) -> int:
        return max(0, needs[at] - tools)

    for at in sorted(range(len(sets)), key=lambda at: -needs[at]):
        mine = sets[at]
        gains = [
            lack(at, mine) + lack(other, its) - lack(at, its) - lack(other, mine) for other, its in enumerate(sets)
        ]
        best = max(range(len(sets)), key=gains.__getitem__)
        if gains[best] > 0:
            sets[at], sets[best] = sets[best], mine


def _tools_for(kinds: Sequence[Kind]) -> int:
    """One for each request that leads to a call, and one more where a chain would leave nothing new to a second one,
    nor anything to withhold."""
    more = Kind.CHAIN in kinds and (kinds.count(Kind.CHAIN) > 1 or Kind.MISSING in kinds)
    return sum(not kind.idle for kind in kinds) + more
