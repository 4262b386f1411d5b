"""toolflow.validate: every rule names its break, good dialogues pass, and no input raises."""

import copy
import gc
import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.config import ValidateConfig
from toolflow.errors import ConfigError
from toolflow.validate import RULES, check

DEFAULTS = ValidateConfig()

SEARCH = {
    "type": "function",
    "function": {
        "name": "search_flights",
        "description": "Search for flights.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "date": {"type": "string", "format": "date"},
                "class": {"type": "string", "enum": ["economy", "business"], "default": "economy"},
                "max_results": {"type": "integer", "default": 5},
            },
            "required": ["city", "date"],
        },
        "returns": {
            "type": "object",
            "properties": {"flights": {"type": "array", "items": {"type": "object", "required": ["flight_id"]}}},
            "required": ["flights"],
        },
    },
}
BOOK = {
    "type": "function",
    "function": {
        "name": "book_flight",
        "description": "Book a flight.",
        "parameters": {
            "type": "object",
            "properties": {"flight_id": {"type": "string"}, "seats": {"type": "integer"}},
            "required": ["flight_id"],
            "additionalProperties": False,
        },
        "returns": {"type": "object", "properties": {"status": {"enum": ["booked", "waiting"]}}},
    },
}


def call(number: int, name: str, **arguments: Any) -> dict[str, Any]:
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def result(number: int, name: str, content: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"call_{number}", "name": name, "content": json.dumps(content)}


GOOD: dict[str, Any] = {
    "id": "one",
    "tools": [SEARCH, BOOK],
    "messages": [
        {"role": "system", "content": "Today is Tuesday, 12 May 2026."},
        {"role": "user", "content": "Find me a flight to Lisbon on Thursday."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [call(1, "search_flights", city="Lisbon", date="2026-05-14")],
        },
        result(1, "search_flights", {"flights": [{"flight_id": "FL-48213", "price": 120}]}),
        {"role": "assistant", "content": "FL-48213 costs 120. Shall I book it?"},
        {"role": "user", "content": "Yes, two seats please."},
        {"role": "assistant", "content": None, "tool_calls": [call(2, "book_flight", flight_id="FL-48213", seats=2)]},
        result(2, "book_flight", {"status": "booked"}),
        {"role": "assistant", "content": "Booked. Have a good trip!"},
    ],
    "plan": {
        "requests": [
            {
                "kind": "single",
                "goal": "find a flight",
                "calls": [
                    {
                        "tool": "search_flights",
                        "arguments": {
                            "city": {"source": "user", "value": "Lisbon"},
                            "date": {"source": "user", "value": "2026-05-14"},
                            "class": {"source": "default", "value": "economy"},
                        },
                    }
                ],
            },
            {
                "kind": "single",
                "goal": "book it",
                "calls": [
                    {
                        "tool": "book_flight",
                        "arguments": {
                            "flight_id": {"source": "output", "call": 1, "path": "flights[0].flight_id"},
                            "seats": {"source": "user", "value": 2},
                        },
                    }
                ],
            },
        ]
    },
    "meta": {"index": 0, "seed": 1, "cast": "selfplay", "end": "done"},
}


def foreign() -> dict[str, Any]:
    record = copy.deepcopy(GOOD)
    del record["plan"], record["meta"]
    return record


def broken(change: Callable[[dict[str, Any]], Any], record: dict[str, Any] = GOOD) -> dict[str, Any]:
    record = copy.deepcopy(record)
    change(record)
    return record


def arguments(record: dict[str, Any], message: int, **values: Any) -> None:
    function = record["messages"][message]["tool_calls"][0]["function"]
    function["arguments"] = json.dumps(json.loads(function["arguments"]) | values)


WISH = {"kind": "unavailable", "goal": "a car", "wish": {"tool": "rent_car", "arguments": {}}}
RECALL = {
    "kind": "follow_up",
    "goal": "the price",
    "about": {"source": "output", "call": 1, "path": "flights[0].price"},
}


def answered(record: dict[str, Any], request: dict[str, Any], reply: str) -> None:
    """One more request, without a call, and its reply."""
    record["plan"]["requests"].append({"calls": [], **request})
    record["messages"] += [{"role": "user", "content": "One more thing?"}, {"role": "assistant", "content": reply}]
    record["meta"]["turns"] = [0, 1, 2]


def choosing(record: dict[str, Any], other: float, said: str) -> None:
    """The cheapest of two flights is to be booked; FL-48213, for 120, is."""
    flights = [{"flight_id": "FL-48213", "price": 120}, {"flight_id": "FL-48299", "price": other}]
    record["messages"][3] = result(1, "search_flights", {"flights": flights})
    record["messages"][5]["content"] = said
    record["plan"]["requests"][1]["calls"][0]["arguments"]["flight_id"]["path"] = "flights[least price].flight_id"
    record["meta"]["turns"] = [0, 1]


def unanswered(record: dict[str, Any]) -> None:
    """A call before the last reply."""
    calling = {"role": "assistant", "content": None, "tool_calls": [call(9, "book_flight", flight_id="FL-48213")]}
    record["messages"][-1:-1] = [calling, result(9, "book_flight", {"status": "booked"})]


def errors(record: Any) -> set[str]:
    return {verdict.rule for verdict in check(record, DEFAULTS) if verdict.severity == "error"}


def warnings(record: Any) -> set[str]:
    return {verdict.rule for verdict in check(record, DEFAULTS) if verdict.severity == "warning"}


def test_a_good_dialogue_has_no_verdicts() -> None:
    """Ours with plan and meta."""
    assert check(GOOD, DEFAULTS) == []


def test_a_good_foreign_dialogue_has_no_verdicts() -> None:
    """Without plan and meta."""
    assert check(foreign(), DEFAULTS) == []


def set_at(*path: Any) -> Callable[[dict[str, Any]], None]:
    *steps, last, value = path

    def change(record: dict[str, Any]) -> None:
        part: Any = record
        for step in steps:
            part = part[step]
        part[last] = value

    return change


def failing(record: dict[str, Any], reply: str) -> None:
    """The booking fails, and the assistant says this."""
    record["messages"][7]["content"] = '{"error": "no seats left"}'
    record["messages"][8]["content"] = reply


CALL = ("messages", 2, "tool_calls", 0)
BREAKS: list[tuple[str, str, Callable[[dict[str, Any]], Any]]] = [
    ("no messages", "format", set_at("messages", [])),
    ("messages no list", "format", set_at("messages", "hello")),
    ("message no object", "format", set_at("messages", 1, "hello")),
    ("unknown role", "format", set_at("messages", 1, "role", "customer")),
    ("null without calls", "format", set_at("messages", 4, "content", None)),
    ("content a number", "format", set_at("messages", 4, "content", 7)),
    ("user calls", "format", set_at("messages", 1, "tool_calls", [call(9, "book_flight")])),
    ("calls empty", "format", set_at("messages", 2, "tool_calls", [])),
    ("call without function", "format", set_at(*CALL, {"id": "call_1"})),
    ("call without id", "format", set_at(*CALL, "id", None)),
    ("call of no type", "format", set_at(*CALL, "type", "tool")),
    ("call without name", "format", set_at(*CALL, "function", "name", None)),
    ("arguments an object", "format", set_at(*CALL, "function", "arguments", {"city": "Lisbon"})),
    ("thought in pieces", "format", set_at("messages", 4, "reasoning_content", ["Hm."])),
    ("result for nobody", "format", lambda r: r["messages"][3].pop("tool_call_id")),
    ("tools no list", "format", set_at("tools", {})),
    ("tool without name", "format", set_at("tools", 0, "function", "name", None)),
    ("two tools of one name", "format", lambda r: r["tools"].append(SEARCH)),
    ("assistant first", "order", lambda r: r["messages"].insert(1, {"role": "assistant", "content": "Hello!"})),
    ("no reply to results", "order", lambda r: r["messages"].pop(4)),
    ("result without call", "order", lambda r: r["messages"].pop(2)),
    ("user interrupts a call", "order", lambda r: r["messages"].pop(3)),
    ("two assistant messages", "order", lambda r: r["messages"].append({"role": "assistant", "content": "Bye!"})),
    ("two user messages", "order", lambda r: r["messages"].insert(1, {"role": "user", "content": "Hello!"})),
    ("empty reply", "empty-message", set_at("messages", 4, "content", " \n")),
    ("empty user", "empty-message", set_at("messages", 1, "content", "")),
    ("braces", "placeholder", set_at("messages", 4, "content", "Welcome to {{city}}!")),
    ("shouting", "placeholder", set_at("messages", 4, "content", "Your key is <API_KEY>.")),
    ("your name", "placeholder", set_at("messages", 4, "content", "Regards, [Your Name]")),
    ("call result", "placeholder", lambda r: arguments(r, 6, flight_id="API_call_0")),
    ("ends with user", "ends-with-reply", lambda r: r["messages"].append({"role": "user", "content": "And?"})),
    ("ends with result", "ends-with-reply", lambda r: r["messages"].pop()),
    ("ends with call", "ends-with-call", lambda r: r["messages"].__delitem__(slice(7, None))),
    ("turn limit", "end-reason", set_at("meta", "end", "turn_limit")),
    ("tool not offered", "tool-offered", lambda r: r["tools"].pop(0)),
    ("arguments no JSON", "arguments-json", set_at(*CALL, "function", "arguments", "{city: Lisbon}")),
    ("arguments a list", "arguments-json", set_at(*CALL, "function", "arguments", "[]")),
    ("arguments NaN", "arguments-json", set_at(*CALL, "function", "arguments", '{"a": NaN}')),
    ("argument twice", "arguments-json", set_at(*CALL, "function", "arguments", '{"a": 1, "a": 2}')),
    ("arguments deep", "arguments-json", set_at(*CALL, "function", "arguments", '{"a":' + "[" * 90 + "]" * 90 + "}")),
    ("arguments very deep", "arguments-json", set_at(*CALL, "function", "arguments", "[" * 100_000)),
    ("missing argument", "arguments-schema", set_at(*CALL, "function", "arguments", '{"city": "Lisbon"}')),
    ("wrong type", "arguments-schema", lambda r: arguments(r, 6, seats="2")),
    ("wrong enum", "arguments-schema", lambda r: arguments(r, 2, **{"class": "first"})),
    ("wrong format", "arguments-schema", lambda r: arguments(r, 2, date="Thursday")),
    ("forbidden argument", "arguments-schema", lambda r: arguments(r, 6, window=True)),
    ("unknown argument", "argument-unknown", lambda r: arguments(r, 2, pets=0)),
    ("made-up city", "argument-source", lambda r: arguments(r, 2, city="Oslo")),
    ("made-up id", "argument-source", lambda r: arguments(r, 6, flight_id="FL-48214")),
    ("date off by one", "argument-source", lambda r: arguments(r, 2, date="2026-05-15")),
    ("id used twice", "call-id", set_at("messages", 6, "tool_calls", 0, "id", "call_1")),
    ("call not answered", "call-answered", lambda r: r["messages"].pop(3)),
    (
        "same call twice at once",
        "repeated-call",
        lambda r: r["messages"][2]["tool_calls"].append({**r["messages"][2]["tool_calls"][0], "id": "call_8"}),
    ),
    ("answer to nobody", "orphan-result", set_at("messages", 3, "tool_call_id", "call_9")),
    ("answered twice", "orphan-result", lambda r: r["messages"].insert(4, r["messages"][3])),
    ("answer by another", "orphan-result", set_at("messages", 3, "name", "book_flight")),
    ("result no JSON", "result-json", set_at("messages", 3, "content", "FL-48213 for 120")),
    ("result misfits", "result-schema", set_at("messages", 7, "content", '{"status": "maybe"}')),
    ("plan unreadable", "plan-format", set_at("plan", {"requests": 1})),
    ("planned call missing", "plan-call", lambda r: r["messages"].__delitem__(slice(5, 8))),
    ("planned value changed", "plan-call", lambda r: arguments(r, 2, city="Oslo")),
    (
        "planned argument left out",
        "plan-call",
        set_at("messages", 6, "tool_calls", 0, call(2, "book_flight", flight_id="FL-48213")),
    ),
    ("other output used", "plan-call", lambda r: arguments(r, 6, flight_id="FL-48214")),
    (
        "call in small talk",
        "needless-call",
        lambda r: (
            r["plan"]["requests"].__setitem__(1, {"kind": "chat", "goal": "talk"}),
            r["meta"].__setitem__("turns", [0, 1]),
        ),
    ),
    ("argument not planned", "plan-call", lambda r: arguments(r, 2, max_results=3)),
    ("price changed", "report-figures", set_at("messages", 4, "content", "FL-48213 costs 125.")),
    ("id changed", "report-figures", set_at("messages", 4, "content", "FL-48218 costs 120.")),
    ("day changed", "report-figures", set_at("messages", 4, "content", "FL-48213 leaves on 15 May.")),
    ("time from nowhere", "report-figures", set_at("messages", 4, "content", "FL-48213 leaves at 9:40 am.")),
    ("address from nowhere", "report-figures", set_at("messages", 4, "content", "Ask desk@example.com about it.")),
    ("airport from nowhere", "report-names", set_at("messages", 4, "content", "It leaves from Zxarghan at noon.")),
    ("failure kept back", "failure-told", lambda r: failing(r, "Booked. Have a good trip!")),
    ("done in words", "missed-call", set_at("messages", 4, "content", "I've reserved FL-48213 for you.")),
    ("done by nobody", "missed-call", set_at("messages", 4, "content", "FL-48213 has been paid.")),
    ("call as code", "call-as-text", set_at("messages", 4, "content", '[book_flight(flight_id="FL-48213")]')),
    ("call as JSON", "call-as-text", set_at("messages", 4, "content", '{"name": "book_flight", "arguments": {}}')),
    ("call in markup", "call-as-text", set_at("messages", 8, "content", "<tool_call>Booked.</tool_call>")),
    ("user names a tool", "tool-name-leak", set_at("messages", 1, "content", "Use search_flights for Lisbon, 14 May.")),
    ("an AI speaks", "boilerplate", set_at("messages", 4, "content", "As an AI, I like FL-48213.")),
    ("second-best chosen", "plan-call", lambda r: choosing(r, 90, "Yes, two seats in the cheapest please.")),
    ("choice not stated", "choice-stated", lambda r: choosing(r, 130, "Yes, two seats for the two of us please.")),
    ("wish not refused", "unmet-wish", lambda r: answered(r, WISH, "I have rented the car for you, enjoy.")),
    ("wish called for", "needless-call", lambda r: (answered(r, WISH, "I can't do that."), unanswered(r))),
    ("question not answered", "follow-up-answer", lambda r: answered(r, RECALL, "It is the one to Lisbon.")),
    ("question answered wrongly", "follow-up-answer", lambda r: answered(r, RECALL, "It costs 210.")),
]


@pytest.mark.parametrize(("rule", "change"), [case[1:] for case in BREAKS], ids=[case[0] for case in BREAKS])
def test_a_broken_dialogue_breaks_its_rule(rule: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Each change to the good dialogue is an error under the rule it offends."""
    assert rule in errors(broken(change))


@pytest.mark.parametrize(
    ("other", "said"),
    [(130, "Yes, two seats in the cheapest please."), (120, "Whichever has the lowest fare, two seats, for me."),
     (130, "Ja, zwei Plätze bitte.")],
)  # fmt: skip
def test_a_choice_that_is_right_and_stated(other: float, said: str) -> None:
    """By what the result says; of two equally good ones any is right; other languages are not read."""
    assert not errors(broken(lambda r: choosing(r, other, said))) & {"plan-call", "choice-stated"}


@pytest.mark.parametrize(("tag", "expected"), [("en", True), ("de", False)])
def test_what_is_said_is_judged_in_its_language(tag: str, expected: bool) -> None:
    """Words of a result have other words in another language; refusals and superlatives are known in English alone."""

    def change(record: dict[str, Any]) -> None:
        answered(record, RECALL, "You are to ask for the price at the desk.")
        record["meta"]["language"] = tag
        record["messages"][3] = result(
            1, "search_flights", {"flights": [{"flight_id": "FL-48213", "price": "moderate"}]}
        )

    assert ("follow-up-answer" in errors(broken(change))) == expected
    wish = broken(
        lambda r: (answered(r, WISH, "I have rented the car for you, enjoy."), r["meta"].update(language=tag))
    )
    assert ("unmet-wish" in errors(wish)) == expected


ASKED = broken(set_at("messages", 1, "content", "Find me a flight to Lisbon on Thursday, such as FL-48213."))
THANKS = {"role": "user", "content": "Thanks!"}


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (WISH, "I'm sorry, renting cars is beyond me."),
        (WISH, "That won't work for you here, I have no tool for it."),
        (WISH, "Das geht gerade."),
        (RECALL, "It costs 120 euros."),
    ],
)
def test_a_reply_without_a_call_may_be_worded_freely(request_: dict[str, Any], reply: str) -> None:
    """Refusals in many words, other languages, values in a sentence."""
    assert errors(broken(lambda r: answered(r, request_, reply))) == set()


WARNS: list[tuple[str, str, dict[str, Any]]] = [
    ("bare tools", "tool-format", broken(set_at("tools", 0, SEARCH["function"]))),
    ("dotted name", "tool-format", broken(lambda r: r["tools"].append({"function": {"name": "a.b"}}))),
    ("schema beyond use", "tool-schema", broken(set_at("tools", 1, "function", "returns", {"$ref": "#/x"}))),
    ("call not planned", "unplanned-call", broken(lambda r: r["plan"]["requests"].pop())),
    ("late system message", "order", broken(lambda r: r["messages"].insert(5, {"role": "system", "content": "Hi"}))),
    (
        "foreign: same call twice at once",
        "repeated-call",
        broken(
            lambda r: r["messages"][2]["tool_calls"].append({**r["messages"][2]["tool_calls"][0], "id": "call_8"}),
            foreign(),
        ),
    ),
    (
        "foreign: ends at the call",
        "ends-with-call",
        broken(lambda r: r["messages"].__delitem__(slice(7, None)), foreign()),
    ),
    ("foreign: torn result", "result-json", broken(set_at("messages", 3, "content", '{"id": "FL-48'), foreign())),
    ("foreign: made-up city", "argument-source", broken(lambda r: arguments(r, 2, city="Oslo"), foreign())),
    ("foreign: result misfits", "result-schema", broken(set_at("messages", 7, "content", '"ok"'), foreign())),
    ("foreign: ends with thanks", "ends-with-reply", broken(lambda r: r["messages"].append(THANKS), foreign())),
    ("foreign: price changed", "report-figures", broken(set_at("messages", 4, "content", "It costs 125."), foreign())),
    (
        "foreign: done in words",
        "missed-call",
        broken(set_at("messages", 4, "content", "I've reserved FL-48213 for you."), foreign()),
    ),
    (
        "foreign: call as code",
        "call-as-text",
        broken(set_at("messages", 4, "content", "book_flight(seats = 2)"), foreign()),
    ),
    ("another known city", "report-names", broken(set_at("messages", 4, "content", "It flies to Oslo for 120."))),
    (
        "asks again",
        "asks-known",
        broken(set_at("messages", 4, "content", "It costs 120. What is the id of the flight?"), ASKED),
    ),
    (
        "the same again",
        "repeated-turn",
        broken(
            lambda r: [
                r["messages"][at].__setitem__("content", "There is FL-48213 for 120, a flight to Lisbon.")
                for at in (4, 8)
            ]
        ),
    ),
    ("another script", "language", broken(set_at("messages", 4, "content", "Рейс FL-48213 стоит 120, забронировать?"))),
    (
        "foreign: two replies",
        "order",
        broken(lambda r: r["messages"].append({"role": "assistant", "content": "Bye!"}), foreign()),
    ),
]


@pytest.mark.parametrize(("rule", "record"), [case[1:] for case in WARNS], ids=[case[0] for case in WARNS])
def test_what_may_be_meant_is_a_warning(rule: str, record: dict[str, Any]) -> None:
    """A warning that does not reject."""
    assert rule in warnings(record)
    assert rule not in errors(record)


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("Find me a flight to Lisbon on Thursday, in business.", True),
        ("Find me a flight to Lisbon on Thursday.", False),
    ],
    ids=["said", "not said"],
)
def test_an_argument_beyond_the_plan_must_have_been_said(text: str, planned: bool) -> None:
    """Users say more than their plan, and the assistant may use it; a choice nobody mentioned is made up."""
    record = broken(lambda r: arguments(r, 2, **{"class": "business"}))
    del record["plan"]["requests"][0]["calls"][0]["arguments"]["class"]
    record["messages"][1]["content"] = text
    assert ("plan-call" in errors(record)) is not planned


def test_every_rule_has_a_test() -> None:
    """The two tables cover the registry."""
    needs_settings = {"listed-word"}
    assert {case[1] for case in BREAKS} | {case[1] for case in WARNS} | needs_settings == {rule.id for rule in RULES}


def test_every_rule_says_what_must_hold() -> None:
    """In one sentence, under an id of its own."""
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.summary for rule in RULES)


def test_a_verdict_names_tool_argument_and_place() -> None:
    """The place is a path into the record, the reason a sentence."""
    [verdict] = check(broken(lambda r: arguments(r, 6, seats="two")), ValidateConfig(off=("plan-call",)))
    assert verdict.where == "messages[6].tool_calls[0].arguments.seats"
    assert verdict.why == 'book_flight: "two" is not of type "integer"'


def test_a_question_that_shares_a_verb_with_a_parameter_does_not_ask_for_it() -> None:
    """``seat_at`` is asked for by neither word alone."""
    record = broken(set_at("messages", 4, "content", "It costs 120. What is the class of the flight id?"), ASKED)
    assert "asks-known" not in warnings(record)
    record = broken(set_at("messages", 4, "content", "It costs 120. Where should you be seated?"), ASKED)
    record["messages"][6]["tool_calls"][0]["function"]["arguments"] = '{"seat_at": "Lisbon"}'
    assert "asks-known" not in warnings(record)


def test_an_address_says_no_name() -> None:
    """Who gave an address for the mail may still be asked for the name that it is in."""
    given = "Find me a flight to Lisbon on Thursday, such as FL-48213, for mei.tanaka@example.com"
    for said, known in ((f"{given}.", False), (f"{given}, that is Mei Tanaka.", True)):
        record = broken(set_at("messages", 4, "content", "It costs 120. What is the full name of the guest?"))
        record["messages"][1]["content"] = said
        record["messages"][6]["tool_calls"][0]["function"]["arguments"] = '{"full_name": "Mei Tanaka"}'
        assert ("asks-known" in warnings(record)) is known
    record["messages"][4]["content"] = "It costs 120. What is the email of the guest?"
    record["messages"][6]["tool_calls"][0]["function"]["arguments"] = '{"email": "mei.tanaka@example.com"}'
    assert "asks-known" in warnings(record)


def test_a_value_from_nowhere_is_quoted_beside_the_nearest() -> None:
    """What was given, and what it may have been copied from."""
    record = broken(lambda r: arguments(r, 6, flight_id="FL-48214"))
    [verdict] = check(record, ValidateConfig(off=("plan-call",)))
    assert verdict.rule == "argument-source"
    assert verdict.why.endswith("""of 'flight_id', "FL-48214"; most like it is 'fl-48213'""")


ALLOWED: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("developer", set_at("messages", 0, "role", "developer")),
    (
        "no system message",
        lambda r: r["messages"].__setitem__(slice(0, 2), [{"role": "user", "content": "Lisbon on 14 May"}]),
    ),
    ("text parts", set_at("messages", 8, "content", [{"type": "text", "text": "Booked."}])),
    ("word beside a call", set_at("messages", 2, "content", "One moment.")),
    ("default spelled out", lambda r: arguments(r, 2, max_results=5)),
    ("other case", lambda r: arguments(r, 2, city="LISBON")),
    ("failure told", lambda r: failing(r, "I'm sorry, it is sold out.")),
    ("markup", set_at("messages", 8, "content", "Use <b>the gate</b> if x < y > z.")),
    ("no name on a result", lambda r: r["messages"][3].pop("name")),
    ("plan null", set_at("plan", None)),
]


@pytest.mark.parametrize("change", [case[1] for case in ALLOWED], ids=[case[0] for case in ALLOWED])
def test_what_is_allowed_has_no_verdict(change: Callable[[dict[str, Any]], Any]) -> None:
    """Each change leaves a good dialogue good."""
    assert check(broken(change), DEFAULTS) == []


def test_a_failed_call_may_be_repeated() -> None:
    """A retry after an error is neither unplanned nor repeated."""
    record = copy.deepcopy(GOOD)
    record["messages"][2:2] = [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [call(7, "search_flights", city="Lisbon", date="2026-05-14")],
        },
        result(7, "search_flights", {"error": "timeout"}),
    ]
    assert check(record, DEFAULTS) == []


def test_outputs_are_followed_through_the_call_that_was_made() -> None:
    """The planned path is resolved in the actual result, not in an ideal one."""
    record = broken(set_at("messages", 3, "content", '{"flights": [{"flight_id": "FL-1"}, {"flight_id": "FL-48213"}]}'))
    assert errors(record) == {"plan-call", "report-figures"}


def test_rules_can_be_switched_off() -> None:
    """An id under ``off`` is not applied."""
    record = broken(set_at("meta", "end", "turn_limit"))
    assert check(record, ValidateConfig(off=("end-reason",))) == []


def test_rules_can_be_made_to_warn() -> None:
    """An id under ``warn`` never rejects."""
    record = broken(set_at("meta", "end", "turn_limit"))
    assert [verdict.severity for verdict in check(record, ValidateConfig(warn=("end-reason",)))] == ["warning"]


@pytest.mark.parametrize("config", [ValidateConfig(off=("nonsense",)), ValidateConfig(warn=("nonsense",))])
def test_an_unknown_rule_id_is_an_error(config: ValidateConfig) -> None:
    """A typo must not switch off nothing; the message lists the ids."""
    with pytest.raises(ConfigError, match=r"there is no rule 'nonsense'; the rules are format, "):
        check(GOOD, config)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


PLACES = places(GOOD)[1:]


@given(JSON)
def test_any_json_value_gives_verdicts(value: Any) -> None:
    """No line of a file can raise."""
    assert "format" in errors(value)


@given(st.sampled_from(PLACES), JSON)
def test_any_damage_gives_an_answer(place: tuple[Any, ...], value: Any) -> None:
    """Nor can a good dialogue with anything at all at any place."""
    check(broken(set_at(*place, value)), DEFAULTS)


@given(st.sampled_from(PLACES), JSON)
def test_any_arguments_and_results_give_an_answer(place: tuple[Any, ...], value: Any) -> None:
    """The same with the value as text, where arguments and results are read."""
    check(broken(set_at(*place, json.dumps(value))), DEFAULTS)


def test_a_checked_dialogue_leaves_nothing_behind() -> None:
    """Nothing of it refers back to itself, or a file of them would wait in memory for the garbage collector."""
    check(GOOD, ValidateConfig())
    gc.collect()
    gc.disable()
    try:
        check(GOOD, ValidateConfig())
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_deep_records_are_not_read() -> None:
    """Nesting beyond reason is an error of its own, not a crash."""
    deep: Any = {}
    for _ in range(100_000):
        deep = {"messages": [deep]}
    assert errors(deep) == {"format"}


def test_one_rule_cannot_flood_the_report() -> None:
    """A thousand empty messages give 25 verdicts of a rule."""
    verdicts = check({"messages": [{"role": "user", "content": ""}] * 1_000}, DEFAULTS)
    assert max([verdict.rule for verdict in verdicts].count(rule.id) for rule in RULES) == 25


CORPORA = os.environ.get("TOOLFLOW_CORPORA")


def lines(name: str) -> list[dict[str, Any]]:
    assert CORPORA
    with gzip.open(Path(CORPORA) / "dialogues" / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.mark.skipif(not CORPORA, reason="TOOLFLOW_CORPORA names no folder of dialogues by others")
def test_natural_defects_are_named() -> None:
    """At least 95 % of the real slips in others' files: an error about that tool and that argument."""
    defects = lines("natural_defects.jsonl.gz")
    files = {defect["file"] for defect in defects}
    verdicts = {(file, row["id"]): check(row, DEFAULTS) for file in files for row in lines(f"{file}.gz")}
    named = 0
    for defect in defects:
        if defect["kind"] in ("schema_required", "unknown_argument"):
            argument = re.findall(r"'([^']+)'", defect["message"])[0]
        else:
            argument = re.split(r"[.\[:]", defect["message"])[0]
        named += any(
            verdict.severity == "error"
            and verdict.why.startswith(f"{defect['tool']}: ")
            and re.search(rf"\.arguments\.{re.escape(argument)}(\W|$)", verdict.where)
            for verdict in verdicts[defect["file"], defect["id"]]
        )
    assert named >= 0.95 * len(defects)


@pytest.mark.skipif(not CORPORA, reason="TOOLFLOW_CORPORA names no folder of dialogues by others")
def test_good_dialogues_by_people_pass() -> None:
    """Schema-Guided Dialogue, written by people, has nothing to reject."""
    assert not [row["id"] for row in lines("sgd.jsonl.gz") if errors(row)]


RECOVERED = {
    "kind": "recovery",
    "goal": "find a flight",
    "calls": [
        GOOD["plan"]["requests"][0]["calls"][0] | {"failure": "timeout"},
        GOOD["plan"]["requests"][0]["calls"][0],
    ],
}


def recovered(*contents: Any) -> dict[str, Any]:
    """The good dialogue with its search made as often as there are results."""
    record = broken(lambda r: r["plan"]["requests"].__setitem__(0, RECOVERED))
    record["plan"]["requests"].pop()
    first = record["messages"][2]
    talk = record["messages"][:2]
    for number, content in enumerate(contents):
        again = copy.deepcopy(first)
        again["tool_calls"][0]["id"] = f"call_{number}"
        talk += [again, result(number, "search_flights", content)]
    return {**record, "messages": [*talk, record["messages"][4]]}


def test_a_planned_failure_and_the_call_made_again_are_both_in_the_plan() -> None:
    """One failed, one went well: as planned. Without the failure, or without the second try, it is not."""
    failure, fine = {"error": {"type": "timeout"}}, {"flights": [{"flight_id": "FL-48213", "price": 120}]}
    assert check(recovered(failure, fine), DEFAULTS) == []
    assert "plan-call" in errors(recovered(failure))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (8, "I've booked it: FL-48213."),  # the call did it
        (4, "FL-48213 has been cancelled, says the service."),  # … the result says it
        (4, "Shall I mark that it has been paid?"),
        (4, "FL-48213 (search_flights has it) costs 120."),  # a name is no call
    ],
)
def test_what_was_done_or_said_is_no_missed_call(at: int, said: str) -> None:
    """A call that may have done it, a result that says so, a question; and a name in a text is no call."""
    record = broken(set_at("messages", at, "content", said))
    record["messages"][3]["content"] = json.dumps(
        {"flights": [{"flight_id": "FL-48213", "price": 120, "status": "cancelled"}]}
    )
    assert not {"missed-call", "call-as-text"} & errors(record)


def test_the_wording_of_other_languages_is_not_judged_as_english() -> None:
    """Nouns with capitals are no names, a failure may be told in any words, and figures written otherwise only warn."""
    german = "Der Flug kostet 1.200,50 Euro, das Gepäck ist im Preis enthalten."
    for tag, found in (("de", set()), ("de-AT", set()), ("en", {"report-figures", "report-names"}), (7, None)):
        record = broken(set_at("messages", 4, "content", german))
        record["meta"]["language"] = tag
        assert errors(record) == (found if found is not None else {"report-figures", "report-names"})
    told = broken(lambda record: failing(record, "Das hat leider nicht geklappt."))
    told["meta"]["language"] = "de"
    assert "failure-told" not in errors(told)
