"""Descriptions as a model writes them: cleaned as all are, and refused where they say nothing."""

import re
from typing import Any

from toolflow.complete.lacking import says_nothing
from toolflow.importing.text import MAX_RAW, clean

_CALLED = re.compile(r"\w{1,80}\(\)")
_PLACEHOLDERS = {
    "no description", "no description available", "not available", "not applicable", "to be determined",
    "a string", "a string value", "a number", "a value", "the value", "an object", "a parameter", "the parameter",
}  # fmt: skip


def worded(value: Any, name: str, longest: int, path: str) -> str:
    """The description of what has this name; ValueError says to the model what is wrong with it."""
    text = clean(value, MAX_RAW)
    if not text:
        raise ValueError(f"{path}: must be a text")
    if len(text) > longest:
        raise ValueError(f"{path}: has {len(text):,} characters; at most {longest:,}")
    if says_nothing(text, name) or text.casefold().strip(" .!…") in _PLACEHOLDERS:
        raise ValueError(f"{path}: {text[:60]!r} says nothing; say what it means")
    if called := _CALLED.search(text):
        raise ValueError(f"{path}: {called[0]!r} is no word of a user; say in plain words what it means")
    if text.isascii() and " " not in text:
        raise ValueError(f"{path}: {text[:60]!r} is one word; say in a few what it means")
    return text
