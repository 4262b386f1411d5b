"""Answers as endpoints write them, read through the real client from a real endpoint on loopback."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_llm_client import Session, question, session
from toolflow.llm.chat import ChatAnswer, WireCall
from toolflow.llm.repair import split_thought
from toolflow.llm.support import Support
from toolflow.llm.wire import answer_of, lowered

ARGUMENTS = '{"city": "Rome"}'
CALL = {"id": "x", "type": "function", "function": {"name": "wait", "arguments": ARGUMENTS}}
MADE = WireCall("wait", ARGUMENTS)


def call(**function: Any) -> dict[str, Any]:
    """A tool call whose function is as given."""
    return {"id": "x", "type": "function", "function": {"name": "wait", **function}}


def part(text: str, kind: str = "text") -> dict[str, Any]:
    """A part of a content."""
    return {"type": kind, "text": text}


ANSWERS: dict[str, tuple[dict[str, Any], str | None, ChatAnswer]] = {
    "text": ({"content": "Hello."}, "stop", ChatAnswer("Hello.")),
    "cut off": ({"content": "Hel"}, "length", ChatAnswer("Hel", finish="length")),
    "filtered": ({"content": None}, "content_filter", ChatAnswer("", finish="content_filter")),
    "refused": ({"content": None, "refusal": "No."}, "stop", ChatAnswer("", refusal="No.")),
    "refused in a part": (
        {"content": [{"type": "refusal", "refusal": "No."}]},
        "stop",
        ChatAnswer("", refusal="No."),
    ),
    "null content": ({"content": None}, "stop", ChatAnswer("")),
    "no content": ({}, "stop", ChatAnswer("")),
    "no finish reason": ({"content": "Hello."}, None, ChatAnswer("Hello.")),
    "unknown finish reason": ({"content": "Hello."}, "eos_token", ChatAnswer("Hello.")),
    "Anthropic's finish reason": ({"content": "Hel"}, "max_tokens", ChatAnswer("Hel", finish="length")),
    "Gemini's finish reasons": ({"content": ""}, "SAFETY", ChatAnswer("", finish="content_filter")),
    "Mistral's finish reason": ({"content": "Hel"}, "model_length", ChatAnswer("Hel", finish="length")),
    "list of parts": ({"content": [part("Hel"), part("lo."), part("x", "image")]}, "stop", ChatAnswer("Hello.")),
    "Mistral's thinking": (
        {"content": [{"type": "thinking", "thinking": [part("Hm.")]}, part("Hello.")]},
        "stop",
        ChatAnswer("Hello.", reasoning="Hm."),
    ),
    "DeepSeek's thinking": (
        {"content": "Hello.", "reasoning_content": "Hm.\x07"},
        "stop",
        ChatAnswer("Hello.", reasoning="Hm."),
    ),
    "vLLM's and OpenRouter's thinking": (
        {"content": "Hello.", "reasoning": "Hm.", "reasoning_content": None},
        "stop",
        ChatAnswer("Hello.", reasoning="Hm."),
    ),
    "thinking in the text": (
        {"content": "<think>\nIs {} right?\n</think>\n\nHello."},
        "stop",
        ChatAnswer("Hello.", reasoning="Is {} right?"),
    ),
    "thinking that the template began": (
        {"content": "Hm.\n</think>\n\nHello."},
        "stop",
        ChatAnswer("Hello.", reasoning="Hm."),
    ),
    "thinking without end": (
        {"content": "<think>Hm. But"},
        "length",
        ChatAnswer("", finish="length", reasoning="Hm. But"),
    ),
    "nothing thought": ({"content": "<think>\n\n</think>\n\nHello."}, "stop", ChatAnswer("Hello.")),
    "thinking before a call": (
        {"content": "<think>Hm.</think>", "tool_calls": [CALL]},
        "tool_calls",
        ChatAnswer("", (MADE,), "tool_calls", reasoning="Hm."),
    ),
    "text beside a call": (
        {"content": "One moment.", "tool_calls": [CALL]},
        "tool_calls",
        ChatAnswer("One moment.", (MADE,), "tool_calls"),
    ),
    "several calls, ids twice and missing": (
        {"content": None, "tool_calls": [CALL, CALL, {**CALL, "id": None}, {"function": CALL["function"]}]},
        "tool_calls",
        ChatAnswer("", (MADE,) * 4, "tool_calls"),
    ),
    "calls that are said to stop": ({"tool_calls": [CALL]}, "stop", ChatAnswer("", (MADE,))),
    "arguments as an object": (
        {"tool_calls": [call(arguments={"city": "Rome"})]},
        "tool_calls",
        ChatAnswer("", (WireCall("wait", '{"city":"Rome"}'),), "tool_calls"),
    ),
    "no arguments": (
        {"tool_calls": [call(), call(arguments=None)]},
        "tool_calls",
        ChatAnswer("", (WireCall("wait", "{}"),) * 2, "tool_calls"),
    ),
    "broken arguments": (
        {"tool_calls": [call(arguments='{"city": "Ro')]},
        "tool_calls",
        ChatAnswer("", (WireCall("wait", '{"city": "Ro'),), "tool_calls"),
    ),
    "no function, no name": (
        {"content": "Well", "tool_calls": [{"id": "x"}, {"function": {"arguments": "{}"}}, "x", None]},
        "stop",
        ChatAnswer("Well"),
    ),
    "the older function_call": (
        {"content": None, "function_call": {"name": "wait", "arguments": ARGUMENTS}},
        "function_call",
        ChatAnswer("", (MADE,), "tool_calls"),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_read_whoever_writes_them(name: str) -> None:
    """Through HTTP and the SDK, in one attempt."""
    message, finish, expected = ANSWERS[name]
    written = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    done = session(message=lambda choice: written)
    assert done.answers == [expected]
    assert len(done.sent) == 1


@pytest.mark.parametrize("finish", ["error", "abort", "insufficient_system_resource"])
def test_an_endpoint_that_broke_off_is_asked_again(finish: str) -> None:
    """What it had written until then is no answer; it is counted as paid and failed."""
    first = [{"index": 0, "message": {"role": "assistant", "content": "Hel"}, "finish_reason": finish}]
    done = session(message=lambda choice: first.pop() if first else choice)
    assert done.answers[0].text.startswith("{")
    assert (len(done.sent), len(done.waits)) == (2, 1)
    assert done.usage.by_role["tool"]["failed"] == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "content": JSON | st.lists(st.fixed_dictionaries({"type": st.just("thinking"), "thinking": JSON}), max_size=2),
        "tool_calls": JSON | st.lists(st.fixed_dictionaries({"function": JSON}), max_size=2),
        "function_call": JSON,
        "reasoning": JSON,
        "reasoning_content": JSON,
        "refusal": JSON,
    },
)
CHOICES = JSON | st.lists(st.fixed_dictionaries({}, optional={"message": JSON | MESSAGES, "finish_reason": JSON}))


@given(CHOICES)
def test_whatever_an_endpoint_writes_is_an_answer_or_none(choices: Any) -> None:
    """Nothing in a response can be a bug of ours."""
    answer = answer_of({"id": "x", "choices": choices})
    assert answer is None or isinstance(answer.text, str)


@given(*[st.text(st.characters(exclude_characters="<>"))] * 2, st.sampled_from(["think", "thinking", "thought"]))
def test_a_thought_is_split_off_and_nothing_else(thought: str, answer: str, tag: str) -> None:
    """With its tags; a text without one stays as it is, and one that is JSON is never taken for a thought."""
    said, thoughts = split_thought(f"<{tag}>{thought}</{tag}>{answer}")
    assert (said, thoughts) == (answer.lstrip(), thought.strip())
    assert split_thought(answer) == (answer, "")
    assert split_thought(f'{{"say": "{tag}</think>"}}')[1] == ""


def test_results_in_words_follow_each_other_in_one_message() -> None:
    """Some chat templates want user and assistant to alternate."""
    calls = [{**CALL, "id": "1"}, {**CALL, "id": "2"}]
    results = [{"role": "tool", "tool_call_id": number, "content": f"[{number}]"} for number in "12"]
    asked = question(tools=[CALL])
    talk = [*asked.messages, {"role": "assistant", "content": None, "tool_calls": calls}, *results]
    sent = lowered(type(asked)("tool", talk, tools=[CALL]), Support(tools=False), "m", Session().config)["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert sent[-1]["content"] == "<tool_response>[1]</tool_response>\n<tool_response>[2]</tool_response>"
