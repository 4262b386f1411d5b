"""Ways to damage a good dialogue, and the rules that should name each.

A damage changes one thing of a record in place, with values that look right (those of other calls and other
dialogues), and says whether it found something to change.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from toolflow.surface.dates import MONTHS, WEEKDAYS

Record = dict[str, Any]
Change = Callable[[Record, Random, Record], bool]

_NUMBER = re.compile(r"(?<![\w.,:-])\d{2,6}(?:\.\d+)?(?![\w:-]|[.,]\d)")
_DAY = re.compile(r"\b\d{1,2}(?= (?:of )?(?:January|February|March|April|May|June|July|August|Sept|Oct|Nov|Dec))")
_TIME = re.compile(r"\b\d{1,2}:\d\d(?= ?[ap]m)")
_CODE = re.compile(r"\b[A-Z]{2,4}-\d{3,6}\b")
_NAME = re.compile(rf"(?<=[a-z] )(?!(?:{'|'.join([*MONTHS, *WEEKDAYS])})\b)[A-Z][a-zA-Zé]{{3,}}\b")
"""Months and days of the week are figures."""


@dataclass(frozen=True)
class Damage:
    """One kind of damage."""

    name: str
    rules: frozenset[str]
    """Any of them is the right one."""
    change: Change


DAMAGES: list[Damage] = []


def damage(*rules: str) -> Callable[[Change], Change]:
    """Register a change under its name."""

    def register(change: Change) -> Change:
        DAMAGES.append(Damage(change.__name__, frozenset(rules), change))
        return change

    return register


def damaged(kind: Damage, record: Record, rng: Random, other: Record) -> Record | None:
    """A damaged copy, or None when the dialogue has nothing that this kind could damage."""
    copy = deepcopy(record)
    return copy if kind.change(copy, rng, other) and copy != record else None


def calls(record: Record) -> list[tuple[int, int, Any]]:
    """(message, position, call)."""
    return [
        (at, position, call)
        for at, message in enumerate(record["messages"])
        for position, call in enumerate(message.get("tool_calls") or ())
    ]


def planned(record: Record) -> list[tuple[int, int, Any]]:
    """The calls that went well."""
    failed = {m["tool_call_id"] for m in record["messages"] if m["role"] == "tool" and '"error"' in m["content"]}
    return [found for found in calls(record) if found[2]["id"] not in failed]


def arguments(call: Any) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(call["function"]["arguments"])
    return given


def give(call: Any, given: dict[str, Any]) -> None:
    call["function"]["arguments"] = json.dumps(given, ensure_ascii=False)


def replies(record: Record) -> list[Any]:
    """What the assistant says after results."""
    found, called = [], False
    for message in record["messages"]:
        called = message["role"] == "tool" or (called and message["role"] != "user")
        if message["role"] == "assistant" and message["content"] and not message.get("tool_calls") and called:
            found.append(message)
    return found


def schema_of(record: Record, call: Any) -> dict[str, Any]:
    tools = {tool["function"]["name"]: tool["function"] for tool in record["tools"]}
    found: dict[str, Any] = tools[call["function"]["name"]]["parameters"]
    return found


def of_type(record: Record, rng: Random, *types: type) -> tuple[Any, dict[str, Any], str] | None:
    """A call, its arguments, and the name of one of these types, no choice among an enum's."""
    found = []
    for _, _, call in planned(record):
        properties = schema_of(record, call)["properties"]
        for name, value in arguments(call).items():
            if type(value) in types and "enum" not in properties.get(name, {}):
                found.append((call, arguments(call), name))
    return rng.choice(found) if found else None


def replace_in(message: Any, pattern: re.Pattern[str], rng: Random, by: Callable[[str], str]) -> bool:
    """One match in a text, replaced."""
    found = list(pattern.finditer(message["content"]))
    if not found:
        return False
    match = rng.choice(found)
    message["content"] = message["content"][: match.start()] + by(match[0]) + message["content"][match.end() :]
    return True


def in_some_reply(record: Record, rng: Random, pattern: re.Pattern[str], by: Callable[[str], str]) -> bool:
    spoken = replies(record)
    rng.shuffle(spoken)
    return any(replace_in(message, pattern, rng, by) for message in spoken)


def drop_call(record: Record, at: int, position: int) -> None:
    """A call, its result, and their message when nothing is left in it."""
    message = record["messages"][at]
    gone = message["tool_calls"].pop(position)
    record["messages"] = [m for m in record["messages"] if m.get("tool_call_id") != gone["id"]]
    if not message["tool_calls"]:
        record["messages"].remove(message)


@damage("ends-with-reply", "order")
def last_reply_is_lost(record: Record, rng: Random, other: Record) -> bool:
    """The dialogue ends before the assistant replied."""
    record["messages"].pop()
    return True


@damage("plan-call", "ends-with-reply")
def it_ends_early(record: Record, rng: Random, other: Record) -> bool:
    """Everything from a later request on is lost."""
    starts = [at for at, message in enumerate(record["messages"]) if message["role"] == "user"]
    made = [at for at, _, _ in planned(record)]
    cuts = [start for start in starts[1:] if any(at > start for at in made)]
    if cuts:
        del record["messages"][rng.choice(cuts) :]
    return bool(cuts)


@damage("order")
def a_user_turn_is_lost(record: Record, rng: Random, other: Record) -> bool:
    """Two turns of the assistant follow each other."""
    found = [at for at, message in enumerate(record["messages"]) if message["role"] == "user"]
    del record["messages"][rng.choice(found)]
    return True


@damage("order", "empty-message", "ends-with-reply")
def speakers_are_exchanged(record: Record, rng: Random, other: Record) -> bool:
    """The user's words stand as the assistant's and the other way round."""
    found = [at for at, message in enumerate(record["messages"]) if message["role"] == "user"]
    at = rng.choice(found)
    record["messages"][at]["role"], record["messages"][at + 1]["role"] = "assistant", "user"
    return not record["messages"][at + 1].get("tool_calls")


@damage("empty-message")
def a_turn_is_emptied(record: Record, rng: Random, other: Record) -> bool:
    """Somebody says nothing."""
    said = [m for m in record["messages"] if m["content"] and m["role"] != "tool" and not m.get("tool_calls")]
    rng.choice(said[1:])["content"] = ""
    return True


@damage("placeholder")
def a_blank_is_left(record: Record, rng: Random, other: Record) -> bool:
    """A value in a reply is a blank to be filled in."""
    blank = rng.choice(["[Your Name]", "{{value}}", "<VALUE>", "<insert value>"])
    return in_some_reply(record, rng, re.compile(r"\b[A-Z][a-z]+\b|\d+"), lambda said: blank)


@damage("call-answered", "order")
def a_result_is_lost(record: Record, rng: Random, other: Record) -> bool:
    """A call is never answered."""
    found = [message for message in record["messages"] if message["role"] == "tool"]
    if found:
        record["messages"].remove(rng.choice(found))
    return bool(found)


@damage("call-id")
def an_id_is_used_twice(record: Record, rng: Random, other: Record) -> bool:
    """Two calls and their results have the same id."""
    found = calls(record)
    if len(found) < 2:
        return False
    first, second = found[0][2]["id"], found[-1][2]["id"]
    for _, _, call in found:
        call["id"] = first if call["id"] == second else call["id"]
    for message in record["messages"]:
        if message.get("tool_call_id") == second:
            message["tool_call_id"] = first
    return True


@damage("orphan-result")
def a_result_is_somebody_elses(record: Record, rng: Random, other: Record) -> bool:
    """A result answers a call that nobody made."""
    found = [message for message in record["messages"] if message["role"] == "tool"]
    if found:
        rng.choice(found)["tool_call_id"] = "call_99"
    return bool(found)


@damage("tool-offered")
def a_tool_is_taken_from_the_offer(record: Record, rng: Random, other: Record) -> bool:
    """It is called all the same."""
    found = calls(record)
    if found:
        name = rng.choice(found)[2]["function"]["name"]
        record["tools"] = [tool for tool in record["tools"] if tool["function"]["name"] != name]
    return bool(found)


@damage("plan-call", "arguments-schema", "argument-unknown")
def another_tool_is_called(record: Record, rng: Random, other: Record) -> bool:
    """One of those offered, with the arguments of the right one."""
    found = planned(record)
    if not found or len(record["tools"]) < 2:
        return False
    call = rng.choice(found)[2]
    names = [tool["function"]["name"] for tool in record["tools"]]
    given = rng.choice([name for name in names if name != call["function"]["name"]])
    call["function"]["name"] = given
    for message in record["messages"]:
        if message.get("tool_call_id") == call["id"]:
            message["name"] = given
    return True


@damage("plan-call")
def a_call_is_dropped(record: Record, rng: Random, other: Record) -> bool:
    """A planned call and its result are gone."""
    found = planned(record)
    if found:
        at, position, _ = rng.choice(found)
        drop_call(record, at, position)
    return bool(found)


@damage("call-as-text")
def a_call_is_written_out(record: Record, rng: Random, other: Record) -> bool:
    """As code, in a reply."""
    found = planned(record)
    if found:
        at, position, call = rng.choice(found)
        given = ", ".join(f"{name}={json.dumps(value)}" for name, value in arguments(call).items())
        record["messages"].insert(at, {"role": "assistant", "content": f"{call['function']['name']}({given})"})
        drop_call(record, at + 1, position)
    return bool(found)


@damage("missed-call")
def what_no_call_did_is_told(record: Record, rng: Random, other: Record) -> bool:
    """Before anything but a search was called, the assistant says that all is booked."""
    for message in record["messages"]:
        names = [call["function"]["name"] for call in message.get("tool_calls") or ()]
        if any(not name.startswith(("search_", "get_", "list_", "find_", "check_")) for name in names):
            return False
        if message["role"] == "assistant" and not names:
            message["content"] = f"I've booked it. {message['content']}"
            return True
    return False


@damage("plan-call", "argument-source")
def two_calls_are_exchanged(record: Record, rng: Random, other: Record) -> bool:
    """Of a chain, the second call comes before what it builds on."""
    made = calls(record)
    for (at, _, call), (later, _, second) in pairwise(made):
        result = next((m["content"] for m in record["messages"] if m.get("tool_call_id") == call["id"]), "")
        alone = len(record["messages"][at]["tool_calls"]) == len(record["messages"][later]["tool_calls"]) == 1
        said = " ".join(m["content"] or "" for m in record["messages"][:later] if m["role"] == "user")
        values = [v for v in arguments(second).values() if isinstance(v, str) and v in result and v not in said]
        if alone and later == at + 2 and values:
            four = record["messages"][at : later + 2]
            record["messages"][at : later + 2] = [*four[2:], *four[:2]]
            return True
    return False


@damage("repeated-call", "unplanned-call")
def a_call_is_made_twice(record: Record, rng: Random, other: Record) -> bool:
    """With its result, right after it went well."""
    found = [(at, call) for at, _, call in planned(record) if len(record["messages"][at]["tool_calls"]) == 1]
    if not found:
        return False
    at, _ = rng.choice(found)
    again = deepcopy(record["messages"][at : at + 2])
    again[0]["tool_calls"][0]["id"] = again[1]["tool_call_id"] = "call_99"
    record["messages"][at + 2 : at + 2] = again
    return True


@damage("arguments-json")
def arguments_are_torn(record: Record, rng: Random, other: Record) -> bool:
    """Their JSON ends early."""
    found = calls(record)
    if found:
        call = rng.choice(found)[2]
        call["function"]["arguments"] = call["function"]["arguments"][:-1]
    return bool(found)


@damage("arguments-schema")
def a_required_argument_is_left_out(record: Record, rng: Random, other: Record) -> bool:
    """A call lacks what its tool needs."""
    found = [(call, name) for _, _, call in calls(record) for name in schema_of(record, call).get("required", ())]
    if found:
        call, name = rng.choice(found)
        give(call, {key: value for key, value in arguments(call).items() if key != name})
    return bool(found)


@damage("argument-unknown", "arguments-schema")
def an_argument_is_added(record: Record, rng: Random, other: Record) -> bool:
    """One that the tool does not know."""
    found = calls(record)
    if found:
        call = rng.choice(found)[2]
        give(call, arguments(call) | {rng.choice(["verbose", "locale", "include_details"]): "en"})
    return bool(found)


@damage("arguments-schema")
def a_number_becomes_a_text(record: Record, rng: Random, other: Record) -> bool:
    """ "2" for 2."""
    found = of_type(record, rng, int, float)
    if found:
        call, given, name = found
        give(call, given | {name: str(given[name])})
    return bool(found)


@damage("arguments-schema")
def a_choice_is_none(record: Record, rng: Random, other: Record) -> bool:
    """A value that is not among the enum's."""
    found = [
        (call, name)
        for _, _, call in calls(record)
        for name, schema in schema_of(record, call)["properties"].items()
        if "enum" in schema and name in arguments(call)
    ]
    if found:
        call, name = rng.choice(found)
        give(call, arguments(call) | {name: "standard_plus"})
    return bool(found)


@damage("plan-call")
def another_choice_is_taken(record: Record, rng: Random, other: Record) -> bool:
    """Another value of the enum, which nobody asked for."""
    for _, _, call in planned(record):
        for name, schema in schema_of(record, call)["properties"].items():
            given = arguments(call)
            if "enum" in schema and name in given and len(schema["enum"]) > 1:
                give(call, given | {name: rng.choice([one for one in schema["enum"] if one != given[name]])})
                return True
    return False


@damage("argument-source", "plan-call")
def a_number_is_off(record: Record, rng: Random, other: Record) -> bool:
    """By a little, within the schema's limits mostly."""
    found = of_type(record, rng, int, float)
    if found:
        call, given, name = found
        give(call, given | {name: given[name] + rng.choice([1, 2, 3])})
    return bool(found)


@damage("argument-source", "plan-call")
def a_day_is_off(record: Record, rng: Random, other: Record) -> bool:
    """By one."""
    for _, _, call in planned(record):
        given = arguments(call)
        for name, value in given.items():
            if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                give(call, given | {name: (date.fromisoformat(value) + timedelta(days=1)).isoformat()})
                return True
    return False


@damage("argument-source", "plan-call")
def a_text_is_of_another_dialogue(record: Record, rng: Random, other: Record) -> bool:
    """A name or place of another talk."""
    here, there = of_type(record, rng, str), of_type(other, rng, str)
    if here is None or there is None:
        return False
    call, given, name = here
    give(call, given | {name: there[1][there[2]]})
    return given[name] != there[1][there[2]]


@damage("argument-source", "plan-call")
def an_id_is_of_another_dialogue(record: Record, rng: Random, other: Record) -> bool:
    """Of the same shape."""
    for _, _, call in planned(record):
        given = arguments(call)
        for name, value in given.items():
            if isinstance(value, str) and _CODE.fullmatch(value):
                give(call, given | {name: value[:-3] + f"{(int(value[-3:]) + rng.randrange(1, 999)) % 1000:03d}"})
                return True
    return False


@damage("plan-call", "arguments-schema")
def two_arguments_are_exchanged(record: Record, rng: Random, other: Record) -> bool:
    """From and to, say."""
    for _, _, call in planned(record):
        given = arguments(call)
        texts = [name for name, value in given.items() if isinstance(value, str)]
        if len(texts) > 1 and given[texts[0]] != given[texts[1]]:
            give(call, given | {texts[0]: given[texts[1]], texts[1]: given[texts[0]]})
            return True
    return False


def used_later(record: Record) -> Iterator[tuple[Any, str, Any]]:
    """(result, a text in it, the later call that takes it as an argument and nobody said)."""
    for at, message in enumerate(record["messages"]):
        if message["role"] == "tool":
            for later, _, call in planned(record):
                for value in arguments(call).values() if later > at else ():
                    before = [m["content"] or "" for m in record["messages"][:later] if m is not message]
                    elsewhere = [one for _, _, c in calls(record) if c is not call for one in arguments(c).values()]
                    held = isinstance(value, str) and f'"{value}"' in message["content"] and value not in elsewhere
                    if held and not any(value in text for text in before):
                        yield message, value, call


@damage("plan-call", "argument-source", "replay")
def a_result_used_later_is_altered(record: Record, rng: Random, other: Record) -> bool:
    """After the fact: the id in it is another one than the later call takes."""
    for message, value, _ in used_later(record):
        if value[-1].isdigit():
            message["content"] = message["content"].replace(f'"{value}"', f'"{value[:-1]}{(int(value[-1]) + 1) % 10}"')
            return True
    return False


@damage("report-figures", "replay", "result-schema", "plan-call", "argument-source")
def a_result_told_later_is_altered(record: Record, rng: Random, other: Record) -> bool:
    """After the fact: a number in it is another one than the assistant tells."""
    told = " ".join(message["content"] for message in replies(record))
    for message in record["messages"]:
        if message["role"] == "tool":
            for match in re.finditer(r"(?<=: )\d+\.\d+(?=[,}])", message["content"]):
                if re.search(rf"(?<![\d.,]){re.escape(match[0])}(?![\d,])", told):
                    changed = f"{float(match[0]) + 7.31:.2f}"
                    text = message["content"]
                    message["content"] = text[: match.start()] + changed + text[match.end() :]
                    return True
    return False


@damage("result-schema")
def a_result_lacks_what_it_must_have(record: Record, rng: Random, other: Record) -> bool:
    """A required property is gone."""
    tools = {tool["function"]["name"]: tool["function"].get("returns") or {} for tool in record["tools"]}
    for message in record["messages"]:
        if message["role"] == "tool" and '"error"' not in message["content"]:
            content = json.loads(message["content"])
            for name in tools[message["name"]].get("required", ()):
                if isinstance(content, dict) and name in content:
                    del content[name]
                    message["content"] = json.dumps(content)
                    return True
    return False


@damage("result-json")
def a_result_is_torn(record: Record, rng: Random, other: Record) -> bool:
    """Its JSON ends early."""
    found = [message for message in record["messages"] if message["role"] == "tool"]
    if found:
        message = rng.choice(found)
        message["content"] = message["content"][: len(message["content"]) * 2 // 3]
    return bool(found)


@damage("report-figures")
def a_number_in_the_report_is_changed(record: Record, rng: Random, other: Record) -> bool:
    """The assistant tells another one than the result."""
    return in_some_reply(record, rng, _NUMBER, lambda said: f"{float(said) + 17:g}")


@damage("report-figures")
def a_day_in_the_report_is_changed(record: Record, rng: Random, other: Record) -> bool:
    """One too late."""
    return in_some_reply(record, rng, _DAY, lambda said: f"{int(said) % 27 + 1}")


@damage("report-figures")
def a_time_in_the_report_is_changed(record: Record, rng: Random, other: Record) -> bool:
    """Ten minutes off."""
    return in_some_reply(record, rng, _TIME, lambda said: f"{said[:-2]}{(int(said[-2:]) + 10) % 60:02d}")


@damage("report-figures")
def an_id_in_the_report_is_changed(record: Record, rng: Random, other: Record) -> bool:
    """A digit is another one."""
    return in_some_reply(record, rng, _CODE, lambda said: f"{said[:-1]}{(int(said[-1]) + 1) % 10}")


@damage("report-names")
def a_name_in_the_report_is_changed(record: Record, rng: Random, other: Record) -> bool:
    """To a name of another dialogue."""
    names = _NAME.findall(" ".join(message["content"] for message in replies(other)))
    here = json.dumps(record, ensure_ascii=False)
    names = [name for name in names if name not in here and name.casefold() not in here.casefold()]
    return bool(names) and in_some_reply(record, rng, _NAME, lambda said: rng.choice(names))


@damage("report-figures", "report-names", "repeated-turn")
def a_report_is_of_another_dialogue(record: Record, rng: Random, other: Record) -> bool:
    """The whole reply."""
    here = [message for message in replies(record) if _NUMBER.search(message["content"])]
    there = [message for message in replies(other) if _NUMBER.search(message["content"])]
    if here and there:
        rng.choice(here)["content"] = rng.choice(there)["content"]
    return bool(here and there)


@damage("tool-name-leak")
def the_user_names_a_tool(record: Record, rng: Random, other: Record) -> bool:
    """As nobody would."""
    user = rng.choice([message for message in record["messages"] if message["role"] == "user"])
    user["content"] += f" Please use {rng.choice(record['tools'])['function']['name']} for that."
    return True


@damage("argument-source", "plan-call")
def what_the_user_said_is_changed(record: Record, rng: Random, other: Record) -> bool:
    """Another id than the call takes."""
    for message in record["messages"]:
        if message["role"] == "user" and (match := _CODE.search(message["content"])):
            everything = json.dumps([m for m in record["messages"] if m is not message and m["role"] != "assistant"])
            if match[0] not in everything:
                changed = f"{match[0][:-1]}{(int(match[0][-1]) + 1) % 10}"
                message["content"] = message["content"].replace(match[0], changed)
                return any(match[0] in call["function"]["arguments"] for _, _, call in planned(record))
    return False


@damage("boilerplate")
def the_assistant_speaks_of_itself(record: Record, rng: Random, other: Record) -> bool:
    """As of a language model."""
    message = rng.choice([m for m in record["messages"] if m["role"] == "assistant" and m["content"]])
    message["content"] = f"As an AI language model, I can tell you this. {message['content']}"
    return True


@damage("failure-told")
def a_failure_is_kept_back(record: Record, rng: Random, other: Record) -> bool:
    """The only calls of a turn fail, and the assistant says all is well."""
    messages = record["messages"]
    for at, message in enumerate(messages[:-1]):
        ends = at + 2 == len(messages) or messages[at + 2]["role"] == "user"
        began = messages[at - 2]["role"] == "user"
        if message["role"] == "tool" and ends and began and messages[at + 1]["content"]:
            message["content"] = json.dumps({"error": {"code": "conflict", "message": "It was changed meanwhile."}})
            messages[at + 1]["content"] = "Done, everything is as you wished."
            return True
    return False
