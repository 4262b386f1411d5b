"""toolflow.heard: folding makes alike what people write in more than one way."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.heard import fold

PIECES = st.sampled_from(
    ["Zürich", "ZURICH", "é", "e\u0301", "\u0301", "ﬁ", "½", "①", "Å", "ſ", "ß", "İ", "각", "ᄀ", "ᅡ", "ᆨ", "か",
     "\u3099", "‘", "–", "“", "…", "\u2028", "\xa0", "\0", " ", "  ", "`", "\uff40", "day after tomorrow",
     "2026-05-14T15:00:00Z", "2026-05-14", "T15:00", "\ud83d"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=8)).map("".join)


def folded(text: str) -> str:
    """The whole text at once."""
    if not text.isascii():
        for plain, marks in (("'", "‘’ʼ`´"), ('"', "“”"), ("-", "‐‑‒–—−")):
            text = text.translate(str.maketrans(dict.fromkeys(marks, plain)))
        bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
        text = unicodedata.normalize("NFC", bare)
    text = " ".join(text.casefold().split()).replace("day after tomorrow", "overmorrow")
    return re.sub(r"(\d{4}-\d\d-\d\d)t(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(z|[+-]\d\d:?\d\d)?", r"\1 \2 \3", text)


@given(TEXTS)
def test_letters_beyond_ascii_fold_as_the_whole_text_would(text: str) -> None:
    """They are folded run by run; nothing composes across a run's edge."""
    assert fold(text) == folded(text), ascii(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  ZÜRICH \n is  “nice” ", 'zurich is "nice"'),
        ("the day after tomorrow", "the overmorrow"),
        ("2026-05-14T15:00:00.5Z", "2026-05-14 15:00:00 z"),
        ("각 ½", "각 1⁄2"),
    ],
)
def test_what_is_alike_folds_alike(text: str, expected: str) -> None:
    """Accents, quotes, spaces, and the T of a date-time."""
    assert fold(text) == expected
