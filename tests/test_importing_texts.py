"""Names that every endpoint takes, and descriptions as a model should read them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.importing.names import MAX_NAME, prefixed, readable, short_title, snake
from toolflow.importing.text import clean

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@given(st.text())
def test_any_text_becomes_a_name(text):
    """Usable, stable, and a good name stays as it is."""
    name = readable(text)
    assert NAME.fullmatch(name)
    assert readable(name) == name == readable(text)


@given(st.text(), st.integers(40, 400))
def test_cleaning_what_is_clean_changes_nothing(text, limit):
    """And what is clean has no control characters, no tags, and no more characters than allowed."""
    once = clean(text, limit)
    assert clean(once, limit) == once
    assert len(once) <= limit
    assert all(char.isprintable() or char in "\n\u3000" for char in once)


@given(
    st.lists(
        st.sampled_from(
            [
                "<b>",
                "</b>",
                "&lt;",
                "&amp;",
                "<!--",
                "-->",
                "<script>",
                "</script>",
                "[a](",
                "http://x)",
                "x",
                " ",
                "<",
                ">",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_markup_that_hides_markup_is_clean_as_well(text):
    """Escapes of escapes, tags in tags: cleaning reaches an end."""
    once = clean(text, 1_000)
    assert clean(once, 1_000) == once
    assert "<b>" not in once and "<script>" not in once


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("<p>One &amp; <code>two</code></p><ul><li>a</li><li>b</li></ul>", "One & two\n\na\nb"),
        ("See [the docs](https://x.com/y) and [1]", "See the docs and [1]"),
        ("List<String> of <id>, a < b", "List<String> of <id>, a < b"),
        ("a  \t b\r\n\r\n\r\n\r\nc", "a b\n\nc"),
        ("zero\u200bwidth \x1b[31mred", "zerowidth [31mred"),
        ("<script>alert(1)</script>fine", "fine"),
        (None, ""),
        (7, ""),
    ],
)
def test_descriptions(text, becomes):
    """Markup goes, words stay."""
    assert clean(text, 1_000) == becomes


def test_long_descriptions_end_with_a_sentence():
    """Where one ends in the second half, else with a word."""
    assert clean("One two. Three four. " + "five " * 50, 40) == "One two. Three four."
    assert clean("word " * 50, 40) == "word word word word word word word…"


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("GitHub v3 REST API", "github"),
        ("GitHub's official OpenAPI spec + Octokit extension", "github"),
        ("Swagger Petstore", "petstore"),
        ("Web API", "web_api"),
        ("Air Quality API", "air_quality"),
        ("", ""),
    ],
)
def test_titles_are_shortened_to_what_tells(title, short):
    """The words that every API's title has say nothing."""
    assert short_title(title) == short


@pytest.mark.parametrize(
    ("api", "name", "becomes"),
    [
        ("github", "repos/get", "github_repos_get"),
        ("tasks", "tasks.lists.get", "tasks_lists_get"),
        ("google_maps", "GoogleMaps.find", "GoogleMaps_find"),
        ("", "x", "x"),
    ],
)
def test_the_name_of_the_api_is_said_once(api, name, becomes):
    """In front, unless the name begins with it."""
    assert prefixed(api, name) == becomes


def test_a_long_name_keeps_its_beginning_and_its_end():
    """Words in the middle go, and a suffix from all of them keeps names apart; of too few words, the end goes."""
    names = {readable("list_" + "very_" * 20 + middle + "_very" * 20 + "_large.things") for middle in ("one", "two")}
    assert len(names) == 2
    assert {name[:-7] for name in names} == {"list_" + "very_" * 8 + "large_things"}
    long = readable("list_" + "x" * 70)
    assert len(long) == MAX_NAME and long.startswith("list_xxx")


def test_snake():
    """As AWS's operations are called in Python."""
    names = {
        "SendMessage": "send_message",
        "ListDBClusters": "list_db_clusters",
        "already_snake": "already_snake",
        "orgs/list-teams": "orgs_list_teams",
        "listCoreV1NamespacedPod": "list_core_v1_namespaced_pod",
    }
    assert {name: snake(name) for name in names} == names
