"""The rule: which kinds of field are tied.

With every check off this is the paper's (§3.1): a pair of parameters (P-P) or a return value and a
parameter (P-R) whose texts have a cosine strictly greater than the threshold. Ours on top: types must be
compatible (`toolflow.graph.compatible`), the names of a P-R pair must speak of the same thing
(`toolflow.graph.names`), and where both name the same identifier (``flight_id``) the texts need
only be as similar as `GraphConfig.name_threshold` says.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from toolflow.config import GraphConfig
from toolflow.graph.cells import find_pairs
from toolflow.graph.compatible import alike, fits
from toolflow.graph.flow_score import Traits
from toolflow.graph.kinds import Bools, Ints, Kinds
from toolflow.graph.names import feeds
from toolflow.graph.similar import Floats, Pairs, exact_cosines

Longs = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]

NO_PAIRS: Pairs = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))


def tied_parameters(kinds: Kinds, vectors: Floats, config: GraphConfig, progress: Progress | None = None) -> Pairs:
    """P-P: (kind, kind, cosine), each pair in both orders."""
    chosen = np.flatnonzero(kinds.tie & ~kinds.returned).astype(np.int32)
    texts = np.unique(kinds.text[chosen])
    pairs = find_pairs(vectors, texts, texts, config.threshold, config, progress)
    one, other, cosine = _of_texts(pairs, kinds.text, chosen, chosen)
    if config.check_types:
        kept = _judge(kinds.value[one], kinds.value[other], lambda a, b: alike(kinds.values[a], kinds.values[b]))
        one, other, cosine = one[kept], other[kept], cosine[kept]
    return one, other, cosine


def flowing_values(kinds: Kinds, vectors: Floats, config: GraphConfig, progress: Progress | None = None) -> Pairs:
    """P-R: (kind of return value, kind of parameter, cosine)."""
    values = np.flatnonzero(kinds.flow & kinds.returned).astype(np.int32)
    parameters = np.flatnonzero(kinds.flow & ~kinds.returned).astype(np.int32)
    value_texts, parameter_texts = np.unique(kinds.text[values]), np.unique(kinds.text[parameters])
    pairs = find_pairs(vectors, value_texts, parameter_texts, config.threshold, config, progress)
    value, parameter, cosine = _of_texts(pairs, kinds.text, values, parameters)
    if config.check_names:
        kept = _judge(kinds.name[value], kinds.name[parameter], lambda a, b: feeds(kinds.names[a], kinds.names[b]))
        named = _of_one_name(kinds, vectors, values, parameters, config)
        value = np.concatenate([value[kept], named[0]])
        parameter = np.concatenate([parameter[kept], named[1]])
        cosine = np.concatenate([cosine[kept], named[2]])
    if config.check_types:
        kept = _judge(kinds.value[value], kinds.value[parameter], lambda a, b: fits(kinds.values[a], kinds.values[b]))
        value, parameter, cosine = value[kept], parameter[kept], cosine[kept]
    return value, parameter, cosine


def scored_kinds(kinds: Kinds, known: Traits, flows: Pairs) -> Pairs:
    """The same flows with what their kinds tell (`Traits.of_kinds`) in place of the cosine."""
    value, parameter, cosine = flows
    named = _judge(kinds.name[value], kinds.name[parameter], lambda a, b: feeds(kinds.names[a], kinds.names[b]))
    return value, parameter, known.of_kinds(parameter, cosine, named)


def _of_one_name(kinds: Kinds, vectors: Floats, values: Ints, parameters: Ints, config: GraphConfig) -> Pairs:
    """Pairs of the same identifier whose cosine is above the lower threshold but not above the general one."""
    numbers: dict[tuple[str, ...], int] = {}
    specific = np.full(len(kinds.names), -1, np.int32)
    for number, name in enumerate(kinds.names):
        if (key := name.specific) is not None:
            specific[number] = numbers.setdefault(key, len(numbers))
    values = values[specific[kinds.name[values]] >= 0]
    parameters = parameters[specific[kinds.name[parameters]] >= 0]
    left, right = join(specific[kinds.name[values]], specific[kinds.name[parameters]])
    value, parameter = values[left], parameters[right]
    cosine = exact_cosines(vectors, kinds.text[value], kinds.text[parameter])
    kept = (cosine > config.name_threshold) & (cosine <= config.threshold)
    return value[kept], parameter[kept], cosine[kept].astype(np.float32)


def _of_texts(pairs: Pairs, text: Ints, left: Ints, right: Ints) -> Pairs:
    """Pairs of kinds (one of ``left``, one of ``right``) from pairs of their texts."""
    one, other, cosine = pairs
    row, kind = join(one, text[left])
    one, other, cosine = left[kind], other[row], cosine[row]
    row, kind = join(other, text[right])
    return one[row], right[kind], cosine[row]


def join(left: Ints, right: Ints) -> tuple[Longs, Longs]:
    """Every (position in ``left``, position in ``right``) of equal values."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    first = np.searchsorted(ordered, left, "left")
    count = np.searchsorted(ordered, left, "right") - first
    return np.repeat(np.arange(len(left)), count), order[ranges(first, count)]


def ranges(first: Longs, count: Longs) -> Longs:
    """``first[0], first[0] + 1, …`` (``count[0]`` numbers), then the same for the next one, and so on."""
    before = np.cumsum(count) - count
    numbers: Longs = np.arange(int(count.sum()), dtype=np.int64) + np.repeat(first - before, count)
    return numbers


def _judge(one: Ints, other: Ints, rule: Callable[[int, int], bool]) -> Bools:
    """The rule's answer for each pair, asked once for each distinct pair."""
    if not len(one):
        return np.empty(0, bool)
    width = int(other.max()) + 1
    distinct, back = np.unique(one.astype(np.int64) * width + other, return_inverse=True)
    answers = np.fromiter((rule(int(pair) // width, int(pair) % width) for pair in distinct), bool, len(distinct))
    return answers[back]
