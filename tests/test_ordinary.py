"""Ordinary words are told from babble."""

import pytest

from toolflow.ordinary import is_ordinary, is_word


@pytest.mark.parametrize("word", ["parcel", "Filling", "scheduled", "abc", "reservations", "café"])
def test_words_in_any_inflection(word: str) -> None:
    """And what is too short to tell."""
    assert is_ordinary(word)


@pytest.mark.parametrize("word", ["umentary", "eterminal", "orsell", "deliverystate", "xxxxxxxxxx"])
def test_babble(word: str) -> None:
    """Parts of words and words run together."""
    assert not is_ordinary(word)


@pytest.mark.parametrize(
    ("word", "known"), [("the", True), ("sy", False), ("Parcel", True), ("café", True), ("列出", False)]
)
def test_short_words_are_told_too(word: str, known: bool) -> None:
    """Where babble is looked for in two letters, and other scripts are none."""
    assert is_word(word) is known
