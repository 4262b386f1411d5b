"""What so many dialogues would take: calls, tokens, money and hours, by role and model.

Hours are arithmetic on three assumptions, all of them to be set: how many dialogues are under way at once (each has
one call under way), how long an endpoint takes before an answer begins, and how fast it writes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from toolflow.estimate.basis import TOKENS, Basis, Need
from toolflow.llm.prices import UNKNOWN, PriceList, in_dollars

LATENCY = 0.8
"""Seconds."""
SPEED = 60.0
"""Tokens a second."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast endpoints are taken to be."""

    concurrency: int
    """Dialogues under way at once."""
    latency: float = LATENCY
    """Seconds until an answer begins."""
    speed: float = SPEED
    """Tokens of an answer in a second."""

    def hours(self, calls: float, tokens: float) -> float:
        """How long so many calls take."""
        return (calls * self.latency + tokens / self.speed) / self.concurrency / 3600


def estimate(basis: Basis, number: int, prices: PriceList, pace: Pace) -> dict[str, Any]:
    """What ``number`` dialogues would take, as plain JSON; a model without a price costs `UNKNOWN`."""
    needs = [need.scaled(number) for need in basis.per_dialogue()]
    rows = [
        {"role": need.role, "model": need.model, "endpoint": need.endpoint, **_row([need], prices)}
        for need in sorted(needs, key=lambda need: (need.role, need.model, need.endpoint))
    ]
    total = _row(needs, prices)
    unpriced = sorted({need.model for need in needs if prices.price(need.endpoint, need.model) is None})
    dates = {need.endpoint: prices.as_of(need.endpoint) for need in needs}
    return {
        "dialogues": number,
        "total": {**total, **({"unpriced": unpriced} if unpriced else {})},
        "hours": round(pace.hours(total["calls"], total["completion_tokens"]), 4),
        "rows": rows,
        "basis": {"kind": basis.kind, "dialogues": basis.dialogues, "allowance": basis.allowance, "said": basis.said},
        "pace": asdict(pace),
        "prices": {
            "file": str(prices.path),
            "as_of": {endpoint: date.isoformat() for endpoint, date in sorted(dates.items()) if date is not None},
        },
    }


def per_dialogue(basis: Basis, prices: PriceList) -> float | None:
    """What one dialogue costs on average, in dollars; None when that is unknown."""
    cost = _cost(list(basis.per_dialogue()), prices)
    return None if cost is None else cost / 1e12


def _row(needs: Iterable[Need], prices: PriceList) -> dict[str, Any]:
    needs = list(needs)
    cost = _cost(needs, prices)
    counts = {name: round(sum(need.tokens.get(name, 0) for need in needs)) for name in TOKENS}
    usual = {name: count for name, count in counts.items() if count or name in ("prompt_tokens", "completion_tokens")}
    usd = UNKNOWN if cost is None else in_dollars(round(cost))
    return {"calls": round(sum(need.calls for need in needs)), **usual, "usd": usd}


def _cost(needs: Iterable[Need], prices: PriceList) -> float | None:
    """In picodollars; None when a price is missing."""
    cost = 0.0
    for need in needs:
        price = prices.price(need.endpoint, need.model)
        if price is None:
            return None
        prompt, cached, completion, _ = (need.tokens.get(name, 0.0) for name in TOKENS)
        cost += (prompt - cached) * price.input + cached * price.cached_input + completion * price.output
    return cost


def compared(expected: Mapping[str, Any], spending: Mapping[str, Any], kept: int) -> list[tuple[str, float, float]]:
    """What was expected of ``kept`` dialogues beside what they took; money only where both are known."""
    share = kept / expected["dialogues"]
    truth = spending["total"]
    pairs = [(name, expected["total"].get(name, 0) * share, truth.get(name, 0)) for name in ("calls", *TOKENS[::2])]
    usd = expected["total"]["usd"], truth["usd"]
    if UNKNOWN not in usd:
        pairs.append(("usd", usd[0] * share, usd[1]))
    return pairs
