"""A short string for a regular expression, drawn at random.

Only Python's parser of patterns is used, never its matcher, and the output is bounded, so a hostile
pattern costs no time and no memory. What cannot be drawn (look-arounds, syntax Python does not know)
gives None; whoever asks checks the result against the schema anyway.
"""

import re
import string
import warnings
from random import Random
from re import _parser  # type: ignore[attr-defined]
from typing import Any

LONGEST_PATTERN = 500
LONGEST_STRING = 400
MOST_STEPS = 5_000
FEW_REPEATS = 6
"""What ``*`` and ``+`` draw at most beyond their least."""

_ALPHABET = string.ascii_letters + string.digits
_CATEGORIES = {
    "category_digit": string.digits,
    "category_word": string.ascii_letters + string.digits,
    "category_space": " ",
    "category_not_digit": string.ascii_letters,
    "category_not_word": "-",
    "category_not_space": string.ascii_letters + string.digits,
}


class _Undrawable(Exception):
    pass


def draw(pattern: str, rng: Random) -> str | None:
    """A string that ``pattern`` should match, or None."""
    if len(pattern) > LONGEST_PATTERN:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser warns of patterns that other engines read differently
            parsed = _parser.parse(pattern)
        return _Drawing(rng).sequence(parsed)
    except (re.error, OverflowError, RecursionError, _Undrawable):
        return None


class _Drawing:
    """One string under way, and the steps and characters it may still take."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.groups: dict[int, str] = {}
        self.room = LONGEST_STRING
        self.steps = MOST_STEPS

    def sequence(self, parsed: Any) -> str:
        return "".join(self.piece(str(opcode).lower(), value) for opcode, value in parsed)

    def piece(self, opcode: str, value: Any) -> str:
        self.steps -= 1
        if self.steps < 0 or self.room < 0:
            raise _Undrawable
        match opcode:
            case "at":
                return ""
            case "literal":
                return self.letter(chr(value))
            case "any":
                return self.letter(_ALPHABET)
            case "not_literal":
                return self.letter(_class([("negate", None), ("literal", value)]))
            case "in":
                return self.letter(_class(value))
            case "branch":
                return self.sequence(self.rng.choice(value[1]))
            case "subpattern":
                self.groups[value[0]] = self.sequence(value[-1])
                return self.groups[value[0]]
            case "groupref":
                text = self.groups.get(value, "")
                self.room -= len(text)
                return text
            case "max_repeat" | "min_repeat" | "possessive_repeat":
                least, most, inner = value
                times = self.rng.randint(least, min(int(most), least + FEW_REPEATS))
                return "".join(self.sequence(inner) for _ in range(times))
        raise _Undrawable

    def letter(self, choices: str) -> str:
        self.room -= 1
        return self.rng.choice(choices)


def _class(parts: Any) -> str:
    """The characters of a class; of a negated one, the letters and digits outside it."""
    inside = ""
    negated = False
    for opcode, value in parts:
        match str(opcode).lower():
            case "negate":
                negated = True
            case "literal":
                inside += chr(value)
            case "range":
                low, high = value
                inside += "".join(chr(code) for code in range(low, min(high, low + 200) + 1))
            case "category":
                inside += _CATEGORIES.get(str(value).lower(), "")
    chosen = "".join(letter for letter in _ALPHABET if letter not in inside) if negated else inside
    if not chosen:
        raise _Undrawable
    return chosen
