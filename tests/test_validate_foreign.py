"""toolflow.validate on dialogues that others made: what is only unlike ours warns, what is wrong is an error."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from toolflow.config import ValidateConfig
from toolflow.validate import check

DEFAULTS = ValidateConfig()
Change = Callable[[dict[str, Any]], Any]


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "description": name, "parameters": parameters}}


def call(number: int, name: str, **arguments: Any) -> dict[str, Any]:
    made = {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return {"role": "assistant", "content": None, "tool_calls": [made]}


def result(number: int, content: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"call_{number}", "content": json.dumps(content)}


def says(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


GOOD: dict[str, Any] = {
    "tools": [
        tool(
            "find_song",
            title={"type": "string"},
            genre={"type": "string", "enum": ["Pop", "Rock"], "default": "dontcare"},
            year={"type": "integer", "default": None},
            limit={"type": "integer", "default": 5},
        ),
        tool("transfer_to_human_agents"),
        tool("transfer_money", amount={"type": "integer"}),
        tool("endConversation"),
    ],
    "messages": [
        says("user", "Find the song Yesterday."),
        call(1, "find_song", title="Yesterday"),
        result(1, {"artist": "The Beatles"}),
        says("assistant", "It is by the Beatles."),
        says("user", "And the song Help?"),
        call(2, "find_song", title="Help"),
        result(2, {"artist": "The Beatles"}),
        says("assistant", "That one, too."),
    ],
}


def changed(change: Change, record: dict[str, Any] = GOOD) -> dict[str, Any]:
    record = copy.deepcopy(record)
    change(record["messages"])
    return record


def verdicts(record: dict[str, Any], severity: str) -> set[str]:
    return {verdict.rule for verdict in check(record, DEFAULTS) if verdict.severity == severity}


def ends_at(name: str, **arguments: Any) -> dict[str, Any]:
    """The dialogue with one call more, and its result at the end."""
    return changed(lambda m: m.extend([says("user", "Go on."), call(3, name, **arguments), result(3, "done")]))


CALLS_ALONE = changed(lambda m: (m.pop(3), m.pop()))
"""Nothing of the assistant but its calls."""
REPEATED_ID = changed(lambda m: (m.__setitem__(5, call(1, "find_song", title="Help")),
                                 m.__setitem__(6, result(1, {"artist": "The Beatles"}))))  # fmt: skip
SAME_ID_AT_ONCE = changed(lambda m: m[1]["tool_calls"].append(m[1]["tool_calls"][0]))


def ends_with(reply: str, asked: str = "And the song Help?") -> dict[str, Any]:
    return changed(lambda m: (m[4].update(content=asked), m[7].update(content=reply)))


def failing(reply: str) -> dict[str, Any]:
    """The last call fails, and the assistant says this."""
    return changed(lambda m: (m.__setitem__(6, result(2, {"error": "no such user"})), m[7].update(content=reply)))


def with_argument(**arguments: Any) -> dict[str, Any]:
    return changed(lambda m: m.__setitem__(1, call(1, "find_song", **{"title": "Yesterday"} | arguments)))


def test_the_good_dialogue_has_nothing_against_it() -> None:
    """What the changes start from."""
    assert check(GOOD, DEFAULTS) == []


WARNS = [
    ("a greeting first", "order", changed(lambda m: m.insert(0, says("assistant", "Hello, how may I help?")))),
    ("calls alone", "order", CALLS_ALONE),
    ("calls alone at the end", "ends-with-reply", CALLS_ALONE),
    ("a tool twice", "format", GOOD | {"tools": [*GOOD["tools"], GOOD["tools"][0]]}),
    ("handed over", "ends-with-reply", ends_at("transfer_to_human_agents")),
    ("hung up", "ends-with-reply", ends_at("endConversation")),
    ("an id again, much later", "call-id", REPEATED_ID),
    ("trouble in other words", "failure-told", failing("A concert fills the hall that evening.")),
    ("a refusal of a model", "boilerplate", ends_with("I'm sorry, but as an AI, I cannot sing it for you.")),
    ("a default against its enum", "arguments-schema", with_argument(genre="dontcare")),
    ("a default against its type", "arguments-schema", with_argument(year=None)),
]


@pytest.mark.parametrize(("rule", "record"), [case[1:] for case in WARNS], ids=[case[0] for case in WARNS])
def test_what_others_may_do_is_a_warning(rule: str, record: dict[str, Any]) -> None:
    """It is named, and does not reject; in a dialogue of ours it does."""
    assert rule in verdicts(record, "warning")
    assert verdicts(record, "error") == set()
    assert rule in verdicts(record | {"meta": {"cast": "selfplay"}}, "error")


ERRORS = [
    ("a model of itself", "boilerplate", ends_with("As an AI, I like the Beatles best of all.")),
    ("dummy text", "boilerplate", ends_with("Lorem ipsum dolor sit amet.")),
    ("a blank left", "placeholder", ends_with("Regards, [your name]")),
    ("a blank in a call", "placeholder", with_argument(title="{{title}}")),
    ("a blank left by the user", "placeholder", ends_with("It is by the Beatles.", "And the song [enter title]?")),
    ("a shouted blank", "placeholder", ends_with("It is by <ARTIST>.")),
    ("a call before the user", "order", changed(lambda m: m.pop(0))),
    ("a turn without a reply", "order", changed(lambda m: m.pop(3))),
    ("an end without a reply", "ends-with-reply", changed(lambda m: m.pop())),
    ("an end at another tool", "ends-with-reply", ends_at("transfer_money", amount=5)),
    ("two tools of a name", "format", GOOD | {"tools": [*GOOD["tools"], tool("find_song")]}),
    ("an id twice at once", "call-id", SAME_ID_AT_ONCE),
    ("success told of a failure", "failure-told", failing("Your account has been deleted.")),
    ("another value against its enum", "arguments-schema", with_argument(genre="Polka")),
    ("null without such a default", "arguments-schema", with_argument(limit=None)),
]


@pytest.mark.parametrize(("rule", "record"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_what_is_wrong_is_an_error_in_anybodys_dialogue(rule: str, record: dict[str, Any]) -> None:
    """The severe sides of the same rules."""
    assert rule in verdicts(record, "error")


@pytest.mark.parametrize(
    "record",
    [
        ends_with("Write it as ` Dear [your name] `: that is how it is done.", "And the song Help? Is there a form?"),
        ends_with("A bold word is written <STRONG>so</STRONG>."),
        ends_with('The form is "Dear {{first_name}}".', "Put Help! into `Dear {{first_name}}`, please."),
        ends_with("A line ends at <BR> and a square is x^{{2}}, or {{2}}."),
        ends_with("As an AI engineer, you would know the Beatles."),
        ends_with("A language model, in a sentence? Surely.", "Help me: what is a language model?"),
        ends_with("In LaTeX it is ```\nLorem ipsum dolor\n```.", "And the song Help? I'd like it in LaTeX."),
    ],
)
def test_what_is_quoted_or_asked_for_is_no_slip(record: dict[str, Any]) -> None:
    """Code, markup, a subject that the user brought up."""
    assert not verdicts(record, "error") & {"placeholder", "boilerplate"}


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Could you give me the user ID and the reason for the song?", False),
        ("Could you give me the song ID and the reason?", True),
        ("What is the ID of the song?", True),
        ("What is the song's ID?", True),
    ],
)
def test_what_is_asked_for_stands_together(question: str, asks: bool) -> None:
    """The words of a parameter's name, found apart in a question, ask for other things."""
    record = changed(lambda m: m.insert(5, says("assistant", question)))
    record["messages"][4]["content"] = "And the song S-77?"
    record["messages"][6] = call(2, "find_song", song_id="S-77")
    assert ("asks-known" in verdicts(record, "warning")) == asks


@pytest.mark.parametrize(
    ("error", "fails"),
    [
        ("no such user", True),
        ({"code": 404}, True),
        (["no such user"], True),
        (True, True),
        (404, True),
        ("", False),
        (None, False),
        (False, False),
        ("None", False),
        ("No error", False),
        ({"code": 0, "message": ""}, False),
        (0.2, False),
    ],
)
def test_an_error_of_nothing_is_none(error: Any, fails: bool) -> None:
    """Tools that always answer with an ``error`` say in many ways that there was none."""
    record = failing("Your account has been deleted.")
    record["messages"][6] = result(2, {"error": error, "id": 5})
    assert ("failure-told" in verdicts(record, "error")) == fails


@pytest.mark.parametrize(("text", "torn"), [("Transfer successful", False), ('{"artist": "The', True), ("", False)])
def test_results_may_be_plain_text(text: str, torn: bool) -> None:
    """Other people's tools need not answer in JSON; what begins so and breaks off is named."""
    assert ("result-json" in verdicts(changed(lambda m: m[2].update(content=text)), "warning")) == torn
