"""Values of the right kind in the wrong JSON type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.conformance import conformance
from toolflow.llm.coerce import coerced

INTEGER, NUMBER, BOOLEAN, STRING = ({"type": name} for name in ("integer", "number", "boolean", "string"))
CHOICE = {"type": "string", "enum": ["first_class", "economy", "Economy Plus"]}
LIST = {"type": "array", "items": STRING}
NESTED = {"type": "object", "properties": {"guests": INTEGER}}


@pytest.mark.parametrize(
    ("value", "schema", "becomes"),
    [
        ("2", INTEGER, 2),
        (" -3 ", INTEGER, -3),
        (2.0, INTEGER, 2),
        ("2.5", NUMBER, 2.5),
        ("2", NUMBER, 2),
        ("true", BOOLEAN, True),
        ("False", BOOLEAN, False),
        (90210, STRING, "90210"),
        ("First Class", CHOICE, "first_class"),
        ("economy plus", CHOICE, "Economy Plus"),
        ("vegan", LIST, ["vegan"]),
        (["vegan", 3], LIST, ["vegan", "3"]),
        ({"guests": "2", "x": "1"}, NESTED, {"guests": 2, "x": "1"}),
    ],
)
def test_one_reading_is_taken(value: Any, schema: Any, becomes: Any) -> None:
    """Numbers and truth in strings, numbers for strings, choices in other letters, one item for a list."""
    assert coerced(value, schema) == becomes
    assert type(coerced(value, schema)) is type(becomes)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("two", INTEGER),
        ("2.5", INTEGER),
        (2.5, INTEGER),
        ("9" * 30, INTEGER),
        ("1e5", NUMBER),
        ("yes", BOOLEAN),
        (True, STRING),
        (None, STRING),
        ("business", CHOICE),
        ("a", {"type": "array", "items": NESTED}),
        ("1", None),
        ("1", True),
    ],
)
def test_what_has_two_readings_stays(value: Any, schema: Any) -> None:
    """The checks may refuse it."""
    assert coerced(value, schema) is value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(VALUES, st.sampled_from([INTEGER, NUMBER, BOOLEAN, STRING, CHOICE, LIST, NESTED]))
def test_what_fits_is_left_alone(value: Any, schema: Any) -> None:
    """A value that conforms is the same afterwards."""
    if not conformance(schema).errors(value):
        assert coerced(value, schema) == value


@pytest.mark.parametrize("written", ["3 May 2026", "May 3, 2026", "Sunday, 3 May 2026"])
def test_a_day_in_words_is_a_date(written: str) -> None:
    """With its year; where the schema wants a date."""
    assert coerced(written, {"type": "string", "format": "date"}) == "2026-05-03"
    assert coerced(written, STRING) == written


@pytest.mark.parametrize("written", ["3 May", "next Sunday", "05/03/2026", "between 3 May 2026 and 5 May 2026"])
def test_another_day_is_not_guessed(written: str) -> None:
    """Without a year, or with two readings."""
    assert coerced(written, {"type": "string", "format": "date"}) == written
