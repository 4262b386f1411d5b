"""The form of a small model's rewording: words of its own, and the values as they are, in their order.

A JSON Schema pattern for constrained decoding, like that of a small model's user (`toolflow.llm.user_form`): it
leaves no room for other figures, names or signs, nor for many words more than the sentence had. Where an endpoint
takes no pattern, the checks remain.
"""

import re
from string import ascii_uppercase

from toolflow.hybrid.asking import asks
from toolflow.hybrid.said import Said

SPARE = 3
"""Words by which the text between two values may grow."""
LONGEST = 200
"""Characters of a value that can stand in a pattern."""

_WORD = "(I('m|'d|'ve|'ll)?|[a-z]{1,15}('(s|t|re|ve|ll|d))?)"
_SIGN = re.compile("[%°+]")
_SPECIAL = re.compile(r"[\\.^$*+?()\[\]{}|]")
_NOT_SAID = re.compile(r"[\"\\\x00-\x1f]")


def reworded_pattern(said: Said, *, other: bool = False) -> str | None:
    """What a rewording of a sentence looks like; None when a value in it cannot stand in a pattern.

    ``other``, it begins with another letter than the sentence: what was said over is not said over once more.
    """
    first = _first_word(said.text[:1] if other else "")
    pieces: list[str] = []
    rest = said.text
    for mark in said.marks:
        before, found, rest = rest.partition(mark.said)
        if not found or len(mark.said) > LONGEST or _NOT_SAID.search(mark.said):
            return None
        pieces.append(_between(before, "" if pieces else first))
        sign = _SIGN.match(rest)
        literal = _SPECIAL.sub(r"\\\g<0>", mark.said + (sign[0] if sign else ""))
        pieces.append(f"“{literal}[.]?”" if mark.group == "quotation" else literal)
    room = len(rest.split()) + SPARE
    if not pieces:
        return f"^{first}(,? {_WORD}){{1,{room + SPARE}}}{_end(said)}$"
    return f"^{''.join(pieces)}('s)?(,? {_WORD}){{0,{room}}}{_end(said)}$"


def _first_word(letter: str) -> str:
    """A word with a capital, but for one letter."""
    capitals = "".join(capital for capital in ascii_uppercase if capital != letter)
    alone = "I('m|'d|'ve|'ll)?|" if letter != "I" else ""
    return f"({alone}[{capitals}][a-z]{{0,14}}('(s|t|re|ve|ll|d))?)"


def _between(text: str, first: str) -> str:
    """Words before a value; ``first`` is what they begin with, where they begin the sentence."""
    room = len(text.split()) + SPARE
    if text and text not in "“(" and not re.search(r"\s", text):
        return _SPECIAL.sub(r"\\\g<0>", text)
    if first:
        return f"({first}(,? {_WORD}){{0,{room}}},? )?"
    opens = "\\(?" if text.endswith("(") else ""
    closes = "\\)?" if ")" in text else ""
    return f"('s)?{closes}([,:;]? {_WORD}){{0,{room}}}[,:;]? {opens}"


def _end(said: Said) -> str:
    closes = "\\)?" if said.text.rstrip(" .!?").endswith(")") else ""
    if asks(said):
        return f"{closes}\\?"
    return f"{closes}[.?!]" if said.speaker == "user" else f"{closes}[.!]"
