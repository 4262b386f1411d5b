"""Draws the subset of a record: a start, a sampler, distractors.

The choices that the paper leaves open, and ours:

- Starts: a fresh shuffle of all tools for every pass over the catalog, so that a long run covers it evenly.
  Record ``index`` takes start ``index mod N`` of pass ``index div N``.
- The sampler of a record is drawn by weight; the paper knows ``walk``, and ``random`` as its ablation.
- Isolated starts, and components smaller than n, give a smaller subset.
- n is dealt (`toolflow.mix`), and the number of distractors drawn from a configured distribution.
"""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from toolflow.config import SampleConfig, SampleMode
from toolflow.mix import weighted
from toolflow.sample.distractors import GraphOfTools, draw_distractors
from toolflow.sample.samplers import Sampler, fan_in, fan_out, flow, scatter, walk

SAMPLERS: dict[SampleMode, Sampler] = {
    "walk": walk,
    "flow": flow,
    "fan_out": fan_out,
    "fan_in": fan_in,
    "random": scatter,
}


@dataclass(frozen=True, slots=True)
class Subset:
    """The tools of one dialogue, as positions in the catalog."""

    tools: tuple[int, ...]
    """In the order in which they were met."""
    distractors: tuple[int, ...]
    """Offered to the assistant as well, though the plan has no use for them."""
    mode: SampleMode
    """The sampler that found the tools."""


def draw_subset(graph: GraphOfTools, config: SampleConfig, size: int, seed: int, index: int, rng: Random) -> Subset:
    """Up to ``size`` tools, from the start of record ``index``; ``rng`` is the record's own."""
    passes, at = divmod(index, len(graph))
    mode = weighted(config.mode, rng)
    tools = SAMPLERS[mode](graph, _pass_order(len(graph), seed, passes)[at], size, rng)
    wanted = weighted(config.distractors, rng)
    distractors = draw_distractors(graph, tools, wanted, config.near_distractors, rng) if wanted else []
    return Subset(tuple(tools), tuple(distractors), mode)


@lru_cache(maxsize=4)
def _pass_order(tools: int, seed: int, number: int) -> tuple[int, ...]:
    order = list(range(tools))
    Random(f"{seed}:pass:{number}").shuffle(order)
    return tuple(order)
