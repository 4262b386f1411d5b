"""How likely a return value of one tool is what a parameter of another wants: a score in [0, 1], the sum of its parts.

Similar is not yet usable: of the pairs that the paper's rule (§3.1) ties, few feed each other. What tells them apart
is as plain as the parts below; each is a number from 0 to 1 (`order` from -1) that counts by its weight:

- ``text``: the paper's cosine of ``{Name}: {Description}``;
- ``name``: the names speak of one thing, owners in front (`toolflow.graph.names`: ``flight.id`` feeds ``flight_id``);
- ``identifier``: the parameter names a single thing (an id, a code), which a person seldom knows by heart;
- ``required``: the consumer cannot be called without it;
- ``rarity``: few tools of the catalog take a parameter of this name;
- ``order``: the verbs of the tools come in this order (`toolflow.graph.stages`), or against it;
- ``category``: the tools are of one category;
- ``kin``: the names of the tools share words that few other tools' names have (``buses_find``, ``buses_buy_ticket``);
- ``echo``: the producer was given the value itself, so that it is no news;
- ``dependent``: the producer wants an identifier as well, so that it comes late itself.

The weights are ours, set by hand while looking at five public sets of gold relations, so their figures on those sets
flatter them. Weights fitted without one set were tried on that one: only ``kin`` came out of all five such fits; less
``text`` came out of four, less ``required`` and more of ``dependent`` of three. On the set left out, the fitted weights
were on average no better than the hand-set ones they began from, which is why nothing is fitted here.
`scripts/bench_edges` measures it on any.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolflow.graph.kinds import Bools, Fields, Ints, Kinds
from toolflow.graph.names import words
from toolflow.graph.stages import stage
from toolflow.schema import Tool

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.integer]


class Parts(NamedTuple):
    """Parts of a score, or their weights."""

    text: float
    name: float
    identifier: float
    required: float
    rarity: float
    order: float
    category: float
    kin: float
    echo: float
    dependent: float


WEIGHTS = Parts(
    text=1.5, name=0.5, identifier=0.5, required=0.2, rarity=0.3, order=0.6, category=0.4, kin=0.25, echo=-0.2,
    dependent=-0.8,
)  # fmt: skip
BEST = sum(weight for weight in WEIGHTS if weight > 0)
_STAGES_APART = 2
"""So many stages forward are as good as it gets."""
_UNKNOWN = -1
_WORDS = 6
"""So many of the rarest words of a tool's name are looked at."""


@dataclass(frozen=True)
class Traits:
    """What the score knows of a catalog, beside texts and names: columns over kinds of field, fields and tools."""

    identifier: Bools
    rarity: Floats
    """Of kinds …"""
    required: Bools
    echo: Bools
    """… of fields …"""
    stage: Ints
    category: Ints
    dependent: Bools
    """… and of tools; of those also"""
    word: Ints
    """the rarest words of the name, shape (tools, words),"""
    worth: Floats
    """and their rarity, 0 where there are fewer."""

    def of_kinds(self, parameter: Ints, cosine: Floats, named: Bools) -> Floats:
        """What the kinds of two fields tell: weighted parts, summed."""
        total = WEIGHTS.text * cosine + WEIGHTS.name * named
        total += WEIGHTS.identifier * self.identifier[parameter] + WEIGHTS.rarity * self.rarity[parameter]
        return total.astype(np.float32)

    def of_fields(self, fields: Fields, value: Numbers, parameter: Numbers) -> Floats:
        """What two fields and their tools tell."""
        producer, consumer = fields.tool[value], fields.tool[parameter]
        total = WEIGHTS.required * self.required[parameter] + WEIGHTS.echo * self.echo[value]
        total += WEIGHTS.order * self.order(producer, consumer) + WEIGHTS.dependent * self.dependent[producer]
        total += WEIGHTS.category * self.same_category(producer, consumer) + WEIGHTS.kin * self.kin(producer, consumer)
        return np.asarray(total, np.float32)

    def order(self, producer: Ints, consumer: Ints) -> Floats:
        """1 where the consumer stands two stages or more behind the producer, -1 where before it, 0 if unknown."""
        before, after = self.stage[producer], self.stage[consumer]
        apart: Floats = np.clip(after - before, -_STAGES_APART, _STAGES_APART) / np.float32(_STAGES_APART)
        known = (before != _UNKNOWN) & (after != _UNKNOWN)
        return np.asarray(apart * known, np.float32)

    def same_category(self, producer: Ints, consumer: Ints) -> Bools:
        """Whether both are known to be of one category."""
        one, other = self.category[producer], self.category[consumer]
        return np.asarray((one == other) & (one != _UNKNOWN), bool)

    def kin(self, producer: Ints, consumer: Ints) -> Floats:
        """Rarity of the words that both names have, as a share of all words of the one that has less."""
        shared = np.zeros(len(producer), np.float32)
        theirs = [self.word[consumer, place] for place in range(_WORDS)]
        for place in range(_WORDS):
            own = self.word[producer, place]
            held = np.logical_or.reduce([own == other for other in theirs])
            shared += self.worth[producer, place] * held
        total = self.worth.sum(axis=1)
        return np.asarray(shared / np.maximum(np.minimum(total[producer], total[consumer]), 1e-6), np.float32)


def in_unit(total: Floats) -> Floats:
    """A weighted sum as a score in [0, 1]."""
    return np.asarray(np.clip(total / np.float32(BEST), 0, 1), np.float32)


class WordHolders:
    """How many of these names have each word."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = len(names)
        self.of = Counter(word for name in names for word in sorted(set(words(name))))


def traits(tools: Sequence[Tool], fields: Fields, kinds: Kinds, words_known: WordHolders | None = None) -> Traits:
    """Everything that the score needs to know of these tools.

    Where they are only some of a catalog, ``words_known`` are those of all its names, and `rarity` is that among some.
    """
    keys = [name.key for name in kinds.names]
    taken = [set[tuple[str, ...]]() for _ in tools]
    """By tool, the names of its parameters."""
    dependent = np.zeros(len(tools), bool)
    tool, name, returned = fields.tool.tolist(), kinds.name[fields.kind].tolist(), kinds.returned[fields.kind].tolist()
    for one, number, out, required in zip(tool, name, returned, fields.required.tolist(), strict=True):
        if not out:
            taken[one].add(keys[number])
            dependent[one] |= required and keys[number][-1:] == ("id",)
    takers = Counter(key for names in taken for key in names)
    scale = math.log(len(tools) + 1)
    rarity = {key: math.log((len(tools) + 1) / takers[key]) / scale if takers[key] else 1.0 for key in set(keys)}
    echo = [out and keys[number] in taken[one] for one, number, out in zip(tool, name, returned, strict=True)]
    categories: dict[str, int] = {}
    stages = [stage(one.name) for one in tools]
    names = [one.name for one in tools]
    word, worth = _rarest_words(names, words_known or WordHolders(names))
    return Traits(
        identifier=np.array([name.identifies for name in kinds.names], bool)[kinds.name],
        rarity=np.array([rarity[key] for key in keys], np.float32)[kinds.name],
        required=fields.required,
        echo=np.array(echo, bool),
        stage=np.array([_UNKNOWN if one is None else one for one in stages], np.int32),
        category=np.array(
            [categories.setdefault(one.category, len(categories)) if one.category else _UNKNOWN for one in tools],
            np.int32,
        ),
        dependent=dependent,
        word=word,
        worth=worth,
    )


def _rarest_words(names: Sequence[str], holders: WordHolders) -> tuple[Ints, Floats]:
    """Numbers and rarity of the rarest words of each name, rarest first; shape (names, `_WORDS`)."""
    numbers: dict[str, int] = {}
    word = np.full((len(names), _WORDS), _UNKNOWN, np.int32)
    worth = np.zeros((len(names), _WORDS), np.float32)
    for row, name in enumerate(names):
        for place, text in enumerate(sorted(set(words(name)), key=lambda text: (holders.of[text], text))[:_WORDS]):
            word[row, place] = numbers.setdefault(text, len(numbers))
            worth[row, place] = math.log((holders.names + 1) / (holders.of[text] + 0.5))
    return word, worth
