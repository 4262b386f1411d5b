"""What the selfplay user says with tools of any origin: keys once, addresses of their kind, nothing without meaning."""

import asyncio
import json
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY
from selfplay_worlds import TEXT, answers, made, thing

from toolflow.cast import UserView
from toolflow.schema import FromUser, Kind, Plan, PlannedCall, Request, Tool
from toolflow.selfplay.acts import Intent
from toolflow.selfplay.given import Given
from toolflow.selfplay.questions import question
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.texts import Texts, has_words
from toolflow.selfplay.user import SelfplayUser
from toolflow.selfplay.wording import clause

WHOLE = {"type": "integer"}


def said(tool: Tool, **given: Any) -> str:
    return clause(tool, Intent(tool.name, given, {}), Speech(Random(1), TODAY, 0)).main


@pytest.mark.parametrize(
    ("name", "description", "known"),
    [
        ("city", "", True),
        ("reb_per_game", "Filter by reb_per_game", False),
        ("mode", "Mode, such as strict", True),
        ("word", "", True),
        ("tema", "Tema", False),
    ],
)
def test_what_says_what_a_text_is(name: str, description: str, known: bool) -> None:
    """Its name, or an example in its description."""
    assert has_words(name, description) is known


def test_nobody_narrows_by_what_means_nothing() -> None:
    """An optional text of which nothing is known is left out; one that speaks for itself may be said."""
    optional = {name: {**TEXT, "description": "Filter"} for name in ("gp", "city")}
    tool = Tool(name="get_totals", description="Get totals.", parameters={"type": "object", "properties": optional})
    names = {name for seed in range(40) for name in Given(TODAY, Random(seed)).arguments(tool, {}, {}, ())}
    assert names == {"city"}


def test_a_key_is_given_once() -> None:
    """The same key opens every call, and is said with the first alone."""
    tools = [made(f"get_{what}", f"Get the {what}.", None, access_token=TEXT) for what in ("videos", "genres")]
    given = Given(TODAY, Random(1))
    calls = [PlannedCall(tool=tool.name, arguments=given.arguments(tool, {}, {}, ())) for tool in tools]
    keys = {source.value for call in calls for source in call.arguments.values() if isinstance(source, FromUser)}
    assert len(keys) == 1
    key = keys.pop()
    for requests in (
        [Request(kind=Kind.SINGLE, goal="x", calls=(call,)) for call in calls],
        [Request(kind=Kind.PARALLEL, goal="x", calls=tuple(calls))],
    ):
        user = SelfplayUser(Random(1), {tool.name: tool for tool in tools})
        view = UserView(plan=Plan(requests=tuple(requests)), talk=(), tools=tools, request=0, today=TODAY, wanted=1)
        spoken = " ".join(asyncio.run(user.speak(view)).text or "" for _ in requests)
        assert spoken.count(key) == 1


@pytest.mark.parametrize(
    ("name", "description", "pattern"),
    [
        ("token_address", "Address of the ERC20 token contract", "0x"),
        ("to", "Recipient wallet address", "0x"),
        ("address", "The member's email address", "@"),
        ("address", "Street address", " "),
        ("to", "Last day of the period", "2026-"),
    ],
)
def test_an_address_is_of_its_kind(name: str, description: str, pattern: str) -> None:
    """A wallet is at no street, and the mail not at a wallet."""
    for seed in range(6):
        assert pattern in Texts(Random(seed), TODAY, spoken=True).named(name, description, past=False)


def test_a_number_names_a_thing() -> None:
    """An identifier that is a number goes with what it identifies, and is asked for as an ID."""
    assert (
        said(made("get_fixtures", "Get fixtures.", None, season_id=WHOLE), season_id=8000)
        == "get fixtures for season 8000"
    )
    assert said(made("get_player", "Get the details of a match.", None, id=WHOLE), id=835169).endswith("for ID 835169")
    assert question("id", {}) == "Which ID should I use?"


@pytest.mark.parametrize(
    ("description", "main"),
    [
        ("Find reminders containing the given text.", "find reminders matching “tea”"),
        ("Find reminders by ID and returns them in the response.", "find reminders matching “tea”"),
        ("Find reminders with the specified search terms.", "find reminders matching “tea”"),
    ],
)
def test_what_follows_anyway_is_not_announced(description: str, main: str) -> None:
    """The half sentence that only says that something is given."""
    assert said(made("find_reminders", description, None, query=TEXT), query="tea") == main


def test_a_sentence_is_no_part_of_another() -> None:
    """A value that is a whole sentence is quoted in one of its own."""
    tool = made("generate", "Generate text.", None, prompt=TEXT)
    told = clause(tool, Intent("generate", {"prompt": "Please start without me."}, {}), Speech(Random(1), TODAY, 0))
    assert told.main == "generate text"
    assert "“Please start without me.”" in told.more[0]


def test_an_identifier_is_echoed_as_the_result_writes_it() -> None:
    """A number that was given in a text comes back as a number, and the other way round."""
    for given, returned, echoed in (("11902", WHOLE, 11902), (11902, TEXT, "11902")):
        (result,) = answers((made("get_team", "Get a team.", thing(id=returned), id=TEXT), {"id": given}))
        assert json.dumps(result) == json.dumps({"id": echoed})
