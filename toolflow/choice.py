"""Choosing an item of a list by what it has the least or the most of: ``hotels[least price].hotel_id``.

A step of a path (`toolflow.fields`) in the place of an item's number. What it stands for depends on the result, so that
whoever makes the call must compare; where several items are equally good, any of them is right. The words for it are
English. Ours: the paper's plans know no choice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(r"(least|most) ([A-Za-z_][\w-]{0,99})")
_IN_PATH = re.compile(r"\[((?:least|most) [A-Za-z_][\w-]{0,99})\]")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ADJECTIVES = (
    (frozenset("price cost fare fee".split()), "cheapest", "most expensive"),
    (frozenset("rating stars".split()), "lowest-rated", "best-rated"),
    (frozenset(["distance"]), "nearest", "farthest"),
    (frozenset(["duration"]), "shortest", "longest"),
)
"""Words of a field, and what has the least and the most of it."""
_USUAL = {"price": False, "cost": False, "fare": False, "fee": False, "distance": False, "duration": False,
          "rating": True, "stars": True}  # fmt: skip
"""What people choose by, and whether they want the most of it."""
_STATED = {
    False: re.compile(
        r"(?i)\b(?:least|lowest|cheap\w*|small\w*|short\w*|near\w*|clos\w*|fast\w*|quick\w*|few\w*|best|min\w*)\b"
    ),
    True: re.compile(r"(?i)\b(?:most|high\w*|best|top|larg\w*|big\w*|long\w*|great\w*|farthest|furthest|max\w*)\b"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The item with the least, or the most, of one of its fields."""

    by: str
    most: bool

    def best(self, items: Sequence[Any]) -> list[Any]:
        """Every item that none is better than; empty where none has the number."""
        numbered = [(item[self.by], item) for item in items if isinstance(item, dict) and _is_number(item.get(self.by))]
        if not numbered:
            return []
        best = (max if self.most else min)(number for number, _ in numbered)
        return [item for number, item in numbered if number == best]

    def of(self, noun: str) -> str:
        """ "the cheapest hotel", "the hotel with the highest score"."""
        words = [word.lower() for word in _WORDS.findall(self.by)]
        for named, least, most in _ADJECTIVES:
            if named & set(words):
                return f"the {most if self.most else least} {noun}"
        return f"the {noun} with the {'highest' if self.most else 'lowest'} {' '.join(words)}"

    def is_stated(self, text: str) -> bool:
        """Whether an English text says by what is chosen, as far as a superlative tells."""
        return _STATED[self.most].search(text) is not None


def read_choice(step: str) -> Choice | None:
    """The choice that stands in a bracket of a path; None where none does."""
    found = _STEP.fullmatch(step)
    return Choice(found[2], found[1] == "most") if found else None


def choice_in(path: str) -> tuple[str, Choice] | None:
    """The path of the list that is chosen from, and the choice; None where there is none."""
    found = _IN_PATH.search(path)
    choice = read_choice(found[1]) if found else None
    return (path[: found.start()], choice) if found and choice else None


def written(choice: Choice) -> str:
    """The step as it stands in a path."""
    return f"[{'most' if choice.most else 'least'} {choice.by}]"


def usual_choices(item: Any) -> list[Choice]:
    """What people would choose by among items of this schema: prices, ratings and the like that each of them has."""
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict):
        return []
    found: list[Choice] = []
    for name, below in properties.items():
        number = isinstance(below, dict) and below.get("type") in ("number", "integer")
        there = name in (item.get("required") or properties)
        usual = next((_USUAL[word.lower()] for word in _WORDS.findall(name) if word.lower() in _USUAL), None)
        if number and there and usual is not None and _STEP.fullmatch(f"least {name}"):
            found.append(Choice(name, usual))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
