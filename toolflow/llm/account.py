"""The account of a run: what was asked, answered and spent, by role and model; memory does not grow with the calls.

What is sure (an answer that its endpoint counted) stands apart from what is only possible: an attempt that broke off
midway, or an answer without counts, may have cost anything up to the bound that was reserved for it. A model without
a price costs an unknown sum, and so does every total with a part unknown; neither is ever zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from toolflow.llm.prices import UNKNOWN, Price, in_dollars
from toolflow.llm.purse import Noted, Tokens


@dataclass(frozen=True, slots=True)
class Line:
    """Who asks whom, at what price: one line of the account."""

    endpoint: str
    model: str
    role: str
    price: Price | None = None


@dataclass(slots=True)
class Sums:
    """What one line adds up to."""

    calls: int = 0
    """Answers."""
    failed: int = 0
    """Attempts without an answer, the lost ones too."""
    lost: int = 0
    """Attempts of which nobody knows whether they were billed."""
    uncounted: int = 0
    """Answers without a word on what they cost."""
    reasked: int = 0
    """Of the answers, those asked for again because the one before did not fit."""
    recalled: int = 0
    """Answers known from the cache of answers, which cost nothing."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    saved_prompt_tokens: int = 0
    """What the recalled answers cost when they were asked for."""
    saved_completion_tokens: int = 0
    possible_prompt: int = 0
    """At most so many tokens more were sent …"""
    possible_completion: int = 0
    """… and answered by what was lost or not counted."""
    unbounded: int = 0
    """Of those, attempts that had no length limit, so that there is no most."""

    def answered(self, tokens: Tokens | None, prompt: int, completion: int | None) -> None:
        """An answer, with the bounds of its tokens."""
        self.calls += 1
        if tokens is None:
            self.uncounted += 1
            self._possible(prompt, completion)
            return
        self.prompt_tokens += tokens.prompt
        self.cached_tokens += min(tokens.cached, tokens.prompt)
        self.completion_tokens += tokens.completion
        self.reasoning_tokens += tokens.reasoning

    def noted(self, what: Noted, saved: Tokens | None) -> None:
        """An answer that was no attempt, or was one more."""
        self.recalled += what == "recalled"
        self.reasked += what == "reasked"
        if saved is not None:
            self.saved_prompt_tokens += saved.prompt
            self.saved_completion_tokens += saved.completion

    def broke_off(self, prompt: int, completion: int | None) -> None:
        """No answer, and perhaps a bill."""
        self.failed += 1
        self.lost += 1
        self._possible(prompt, completion)

    def _possible(self, prompt: int, completion: int | None) -> None:
        self.possible_prompt += prompt
        self.possible_completion += completion or 0
        self.unbounded += completion is None

    def add(self, other: "Sums") -> None:
        """Take over what another one counted."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def spent(self, price: Price) -> int:
        """What is sure, in picodollars."""
        return price.cost(Tokens(self.prompt_tokens, self.completion_tokens, self.cached_tokens))

    def possible(self, price: Price) -> int:
        """What may come on top."""
        return price.bound(self.possible_prompt, self.possible_completion)


COUNTED = (
    *("calls", "failed", "lost", "uncounted", "reasked", "recalled"),
    *("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"),
    *("saved_prompt_tokens", "saved_completion_tokens"),
)
"""What a report shows of each line; zeros of the less usual ones are left out."""
ALWAYS = frozenset({"calls", "prompt_tokens", "completion_tokens"})


@dataclass(slots=True)
class Account:
    """All lines of a run."""

    lines: dict[Line, Sums] = field(default_factory=dict)

    def sums(self, line: Line) -> Sums:
        """The sums of one line, begun at zero."""
        found = self.lines.get(line)
        if found is None:
            found = self.lines[line] = Sums()
        return found

    def charged(self) -> int:
        """What all priced lines cost at most by now, in picodollars."""
        return sum(
            sums.spent(line.price) + sums.possible(line.price)
            for line, sums in self.lines.items()
            if line.price is not None
        )

    def roles(self) -> dict[str, dict[str, int]]:
        """The counts by role."""
        by_role: dict[str, list[Sums]] = {}
        for line, sums in self.lines.items():
            by_role.setdefault(line.role, []).append(sums)
        return {role: _counts(by_role[role]) for role in sorted(by_role)}

    def report(self) -> dict[str, Any]:
        """Counts and money by role and model, and in total, as plain JSON."""
        groups: dict[tuple[str, str, str], dict[Line, Sums]] = {}
        for line, sums in self.lines.items():
            groups.setdefault((line.role, line.model, line.endpoint), {})[line] = sums
        rows = [
            {"role": role, "model": model, "endpoint": endpoint, **_row(lines)}
            for (role, model, endpoint), lines in sorted(groups.items())
        ]
        unpriced = sorted({line.model for line, sums in self.lines.items() if line.price is None and _cost_some(sums)})
        known = sum(sums.spent(line.price) for line, sums in self.lines.items() if line.price is not None)
        total = {**_row(self.lines), **({"known_usd": in_dollars(known), "unpriced": unpriced} if unpriced else {})}
        return {"total": total, "rows": rows}


def _row(lines: Mapping[Line, Sums]) -> dict[str, Any]:
    """Counts and money of some lines."""
    spent: int | None = 0
    possible: int | None = 0
    for line, sums in lines.items():
        if line.price is None:
            if _cost_some(sums):
                spent = None
            if sums.possible_prompt:
                possible = None
            continue
        spent = None if spent is None else spent + sums.spent(line.price)
        unknown = possible is None or (sums.unbounded and line.price.output)
        possible = None if possible is None or unknown else possible + sums.possible(line.price)
    return {**_counts(lines.values()), "usd": _dollars(spent), "possibly_usd": _dollars(possible)}


def _counts(several: Iterable[Sums]) -> dict[str, int]:
    several = list(several)
    counts = {name: sum(getattr(sums, name) for sums in several) for name in COUNTED}
    return {name: count for name, count in counts.items() if count or name in ALWAYS}


def _cost_some(sums: Sums) -> bool:
    """Whether anything was asked that may have cost something."""
    return bool(sums.calls or sums.lost)


def _dollars(pico: int | None) -> float | str:
    return UNKNOWN if pico is None else in_dollars(pico)
