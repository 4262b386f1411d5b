"""JSON out of what a model wrote."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolflow.llm.repair import read_json, speech

SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=8
)
OBJECTS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), VALUES, min_size=1)


@settings(max_examples=50)
@given(OBJECTS, st.sampled_from(["{}", "```json\n{}\n```", "Sure:\n{}\nDone.", "<think>hm</think>{}"]))
def test_sound_json_is_read_as_it_is(value: Any, around: str) -> None:
    """Whatever stands around it, whatever its strings hold."""
    assert read_json(around.replace("{}", json.dumps(value))) == value


@given(st.text())
def test_any_text_gives_json_or_a_value_error(text: str) -> None:
    """What comes back can be written as UTF-8 JSON again."""
    try:
        value = read_json(text)
    except ValueError:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


PLAIN = st.text("abc 123.,:-é{}[]", min_size=1)


@given(st.dictionaries(PLAIN, PLAIN | st.lists(PLAIN) | st.dictionaries(PLAIN, PLAIN), min_size=1), st.data())
def test_a_cut_string_is_never_passed_off_as_whole(value: Any, data: st.DataObject) -> None:
    """A text cut anywhere gives whole strings of the original, or nothing."""
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    try:
        strings = set(_strings(read_json(cut)))
    except ValueError:
        return
    assert strings <= set(_strings(value))


@pytest.mark.parametrize("text", ["", "no", "[" * 100_000, '{"a": 1e999}', r'{"a": "\ud800"}', "x" * 300_000])
def test_what_cannot_be_json_is_refused(text: str) -> None:
    """Nothing, prose, endless nesting, what JSON cannot say, half a surrogate pair, a flood."""
    with pytest.raises(ValueError, match="it "):
        read_json(text)


def test_speech_holds_no_control_characters() -> None:
    """Escapes, direction marks and thinking go; line breaks and tabs stay."""
    assert speech("<think>a</think> \x1b[31mred\u202e\r\nand\tgreen\x00 ") == "[31mred\nand\tgreen"


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for name, item in value.items() for text in [name, *_strings(item)]]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [value] if isinstance(value, str) else []
