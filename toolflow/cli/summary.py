"""What became of a run: for programs, for people, and what it took beside what was expected."""

from collections.abc import Iterator, Mapping
from typing import Any

from toolflow.cli.printable import printable
from toolflow.estimate import compared
from toolflow.llm.prices import shown
from toolflow.records import KEPT, LEDGER, MANIFEST, REJECTED, Records
from toolflow.synthesize import reasons

NAMES = {"prompt_tokens": "prompt tokens", "completion_tokens": "answer tokens", "usd": "USD"}

OFF = 0.02
"""A share further than this from what was asked for is said to be."""
PARTS = {"kinds": "requests", "requests": "requests a dialogue", "tools": "tools a dialogue", "languages": "languages"}
"""What the parts of the mix are called."""


def summary_of(records: Records) -> dict[str, Any]:
    """What became of the run, for programs."""
    spending = records.spending()
    files = (KEPT, REJECTED, MANIFEST, *([] if spending is None else [LEDGER]))
    return {
        "status": records.status,
        "wanted": records.wanted,
        **records.counts(),
        "mix": records.mix(),
        **({} if spending is None else {"spending": spending, "estimate": records.estimate}),
        "files": {name: str(records.folder / name) for name in files},
    }


def in_words(summary: Mapping[str, Any]) -> str:
    """The same for people."""
    files, kept = summary["files"], summary["kept"]
    lines = [f"{kept:,} dialogues in {files[KEPT]}"]
    if summary["rejected"]:
        lines.append(f"{summary['rejected']:,} rejected ({reasons(summary['reasons'])}) in {files[REJECTED]}")
    if kept:
        lines.append(f"per dialogue: {summary['turns'] / kept:.1f} user turns, {summary['calls'] / kept:.1f} calls")
    known = sum(account.get("recalled", 0) for account in summary["usage"].values())
    if known:
        asked = sum(account["calls"] for account in summary["usage"].values())
        lines.append(f"model: {asked:,} answers asked for, {known:,} known from the cache (--no-cache asks again)")
    if summary.get("spending"):
        lines.append(f"spent: {money(summary['spending'])}")
    if summary.get("wording"):
        lines.append(f"reworded: {', '.join(_reworded(summary['wording']))}; the others stand as selfplay said them")
    for part, shares in summary["mix"].items():
        if len(shares) > 1:
            lines.append(f"{PARTS[part]}: " + ", ".join(_met(shares, ranked=part in ("kinds", "languages"))))
    return "\n".join(printable(line) for line in lines)


def _reworded(wording: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """How many turns of each speaker a model put in other words."""
    for speaker, count in sorted(wording.items(), reverse=True):
        total = count["reworded"] + count["stood"]
        yield f"{count['reworded']:,} of {total:,} {speaker} turns ({count['reworded'] / max(total, 1):.0%})"


def _met(shares: Mapping[str, Mapping[str, float]], *, ranked: bool) -> Iterator[str]:
    """Each share, the largest first or in order of numbers, and what was asked for where it is two points off."""
    for value in sorted(shares, key=lambda value: (-shares[value]["kept"], value) if ranked else (int(value), "")):
        kept, wanted = shares[value]["kept"], shares[value]["wanted"]
        off = f" (wanted {wanted:.0%})" if abs(kept - wanted) > OFF else ""
        yield f"{value}{'' if ranked else ' in'} {kept:.0%}{off}"


def expectation(expected: Mapping[str, Any]) -> str:
    """An estimate on one line."""
    total = expected["total"]
    tokens, hours = total["prompt_tokens"] + total["completion_tokens"], expected["hours"]
    parts = (
        f"{expected['dialogues']:,} dialogues",
        f"about {_round(total['calls'])} calls",
        f"{_round(tokens)} tokens",
        dollars(total["usd"], total.get("unpriced", ())),
        f"{hours:,.1f} h" if hours >= 1 else f"{hours * 60:,.0f} min",
    )
    return printable(", ".join(parts))


def account_of(summary: Mapping[str, Any]) -> list[str]:
    """Estimate against truth, for the dialogues that are there; nothing when nobody was asked."""
    expected, spending, kept = summary.get("estimate"), summary.get("spending"), summary["kept"]
    if not expected or not spending or not kept or not spending["total"]["calls"]:
        return []
    lines = [f"{f'for {kept:,} dialogues':<20}{'estimated':>16}{'taken':>16}"]
    for name, guess, truth in compared(expected, spending, kept):
        digits = 2 if name == "usd" else 0
        off = f"{guess / truth - 1:+.0%}" if truth else ""
        lines.append(f"{NAMES.get(name, name):<20}{guess:>16,.{digits}f}{truth:>16,.{digits}f}  {off}".rstrip())
    return lines


def dollars(usd: float | str, unpriced: Any = ()) -> str:
    """A sum, or why it is unknown."""
    if isinstance(usd, str):
        named = ", ".join(unpriced)
        return f"cost {usd}" + (f" (no price for {named})" if named else "")
    return f"{shown(usd)} USD"


def money(spending: Mapping[str, Any]) -> str:
    """What was spent, perhaps spent, and may be spent."""
    total, budget = spending["total"], spending["budget_usd"]
    text = dollars(total["usd"], total.get("unpriced", ())).removeprefix("cost ")
    if total["possibly_usd"]:
        text += (
            f", and possibly {dollars(total['possibly_usd']).removeprefix('cost ')} more for attempts that broke off"
        )
    return text if budget is None else f"{text}, of {shown(budget)}"


def _round(count: float) -> str:
    """Three digits are enough of a guess."""
    for unit, name in ((1e9, " billion"), (1e6, " million")):
        if count >= unit:
            return f"{count / unit:.3g}{name}"
    return f"{count:,.0f}"
