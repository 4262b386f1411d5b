"""Prompts: rendered strictly, hashed, and closed to forgery."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.errors import ConfigError
from toolflow.llm.assistant import read_assistant_prompt
from toolflow.llm.planner import read_planner_prompt
from toolflow.llm.prompts import Prompt, parse_prompt, quoted
from toolflow.llm.tool import read_tool_prompt
from toolflow.llm.user import read_user_prompt

PACKAGED = [read_planner_prompt, read_user_prompt, read_assistant_prompt, read_tool_prompt]


@pytest.mark.parametrize("read", PACKAGED)
def test_packaged_prompts_are_sound(read: Callable[[], Prompt]) -> None:
    """Every section and variable that the code gives, and no other; a hash to be recorded."""
    prompt = read()
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", prompt.digest)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# ask\nWhere is $city?", "section ask: $day is not used"),
        ("# ask\n$city $day $hour", "section ask: $hour is not a variable here; known: city, day"),
        ("# ask\n$city $day costs $5", "a $ that begins no variable; write $$"),
        ("# other\n$city $day", "section ask is missing"),
        ("# ask\n$city $day\n# more\nx", "section more is unknown"),
        ("Hello\n# ask\n$city $day", "belongs to no section"),
    ],
)
def test_an_unsound_prompt_is_refused_with_its_place(text: str, message: str) -> None:
    """Before any request, as a wrong configuration."""
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        parse_prompt("mine", text, {"ask": {"city", "day"}})
    assert str(caught.value).startswith("prompt mine.md")


@pytest.mark.parametrize("variables", [{"city": "Rome"}, {"city": "Rome", "day": "x", "hour": "9"}])
def test_rendering_takes_exactly_the_variables(variables: dict[str, str]) -> None:
    """One too few or too many is an error."""
    prompt = parse_prompt("mine", "# ask\n$city $day", {"ask": {"city", "day"}})
    with pytest.raises(ConfigError):
        prompt.render("ask", **variables)


def test_values_are_not_rendered_again() -> None:
    """A value that looks like a variable stays as it is."""
    prompt = parse_prompt("mine", "# ask\n$city, $$5", {"ask": {"city"}})
    assert prompt.render("ask", city="$city ${city}") == "$city ${city}, $5"


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6))
def test_quoted_text_cannot_forge_a_tag(value: object) -> None:
    """It holds no ``<`` and no line break, whatever it says."""
    assert not set("<\n\r") & set(quoted(value))


def test_equal_files_have_equal_hashes() -> None:
    """And different ones different hashes."""
    digests = [parse_prompt("p", f"# ask\n{text}", {"ask": set()}).digest for text in ("a", "a", "b")]
    assert digests[0] == digests[1] != digests[2]
