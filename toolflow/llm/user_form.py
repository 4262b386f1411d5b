"""The form of what a small model says for the user: words of its own, and the values as they are.

A JSON Schema pattern for constrained decoding: in any words, but with every value in it, few values in any order and
many in that of the plan, and without other figures, names or blanks. Small models asked in rules and examples alone
leave values out and put those of the examples in. The words are the model's; where an endpoint takes no pattern, the
checks remain (`toolflow.llm.user_checks`). Ours, all of it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from toolflow.llm.user_plan import Value, is_identifier, plain
from toolflow.surface import forms

MOST_BETWEEN = 6
"""Words between two values."""
MOST_ALONE = 20
"""Words of a message without values."""
MOST_ORDERED = 3
"""So many values come in any order; the pattern holds each order, and 4 values have 24."""
LONGEST = 200
"""Characters of a value that can stand in a pattern."""

_FIRST = "[A-Z][a-z]{0,14}('[a-z]{1,2})?,?"
_WORD = "(I|[a-z]{1,15}('[a-z]{1,2})?)"
_SPECIAL = re.compile(r"[\\.^$*+?()\[\]{}|]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NOT_SAID = re.compile(r"[\"\\\x00-\x1f]")


def said_pattern(values: Sequence[Value], today: date) -> str | None:
    """What a message with these values looks like; None when one of them cannot stand in a pattern."""
    said = list(dict.fromkeys(leaf for name, value in values for leaf in _leaves(name, value)))
    if any(_NOT_SAID.search(literal) or len(literal) > LONGEST for _, literal in said):
        return None
    if not said:
        return f"^{_FIRST}( {_WORD}[,.]?){{3,{MOST_ALONE}}}[.?!]$"
    parts = [f"{_label(name)}{_any_form(literal, today)}" for name, literal in said]
    return f"^{_FIRST}{_joined(parts)},?( {_WORD},?){{0,{MOST_BETWEEN}}}[.?!]$"


def _joined(parts: Sequence[str]) -> str:
    """The values with words before each; any of them first, where they are few."""
    gap, link = f"( {_WORD},?){{0,{MOST_BETWEEN}}} ", f"(,|\\. {_FIRST})?"
    if len(parts) == 1 or len(parts) > MOST_ORDERED:
        return link.join(gap + part for part in parts)
    orders = (part + link + _joined([*parts[:at], *parts[at + 1 :]]) for at, part in enumerate(parts))
    return f"{gap}({'|'.join(orders)})"


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """What of a value is said as it is, with its name; yes and no are said in words."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(name, item)
    elif not isinstance(value, bool) and value not in (None, ""):
        yield name, str(value)


def _label(name: str) -> str:
    """An identifier is named, or one is taken for the other: "playlist PL-20418"."""
    words = plain(name)
    if not is_identifier(name) or not re.fullmatch("[a-z ]+", words):
        return ""
    short = words.removesuffix(" id")
    return f"({words} |{short} )" if short != words else f"{words} "


def _any_form(literal: str, today: date) -> str:
    """The value; a day also as people write it, with its year."""
    written = [literal]
    if _DAY.fullmatch(literal):
        written += [form for form in forms(literal, None) if form.endswith(literal[:4])][:2]
    return "(" + "|".join(_SPECIAL.sub(r"\\\g<0>", form) for form in written) + ")"
