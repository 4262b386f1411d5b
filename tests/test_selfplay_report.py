"""What the selfplay assistant makes of results that no schema foretold: those of real tools."""

import asyncio
import json
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.cast import Answered, AssistantTurn, AssistantView, ToolView
from toolflow.schema import AssistantMessage, FunctionCall, Tool, ToolCall, ToolMessage, UserMessage
from toolflow.selfplay.acts import Ask, Intent, Recall, Reference
from toolflow.selfplay.assistant import SelfplayAssistant
from toolflow.selfplay.report import report
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.world import SelfplayTool

TODAY = date(2026, 5, 14)
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
LOOKUP = Tool(name="get_weather", description="Get the weather of a city.", parameters=PARAMETERS)
DEED = Tool(name="create_note", description="Create a note.", parameters=PARAMETERS)
ARGUMENTS = {"city": "Oslo"}

NAMES = st.sampled_from("id name status price currency start_time end_time date city shops error message count".split())
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(),
    st.sampled_from(["2026-01-02", "2026-01-02T10:00:00", "10:00", "http://x", "timeout"]),
)  # fmt: skip
RESULTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("tool", "result", "said"),
    [
        (LOOKUP, "It is\nsunny.", "Here is what came back: “It is sunny.”"),
        (LOOKUP, {"city": "Oslo", "temperature": 21.5}, "the temperature is 21.5"),
        (LOOKUP, [], "The answer is empty, so there is nothing to tell."),
        (LOOKUP, None, "The answer is empty, so there is nothing to tell."),
        (LOOKUP, 0, "The result is 0."),
        (LOOKUP, {"error": "no such city"}, "That did not work: No such city."),
        (LOOKUP, {"error": {"message": "no such city"}}, "That did not work: No such city."),
        (LOOKUP, {"error": {"code": 4}}, "That did not work."),
        (DEED, {"note_id": "N-7", "words": 9}, "there are 9 words"),
        (DEED, None, "I've created the note."),
    ],
)
def test_what_is_told(tool: Tool, result: Any, said: str) -> None:
    """The value, an error in any words, or that nothing came."""
    assert said in report(tool, ARGUMENTS, result, Speech(Random(3), TODAY, 5))


def test_a_long_text_is_not_read_out() -> None:
    """Its beginning is."""
    assert len(report(LOOKUP, ARGUMENTS, "so and so " * 1_000, Speech(Random(3), TODAY, 5))) < 300


@given(RESULTS, st.sampled_from([LOOKUP, DEED]), st.integers(0, 99))
def test_any_result(result: Any, tool: Tool, seed: int) -> None:
    """It is told or asked for again, it can be asked about, and the simulated tools live with it."""
    call = ToolCall(id="call_1", function=FunctionCall(name=tool.name, arguments=json.dumps(ARGUMENTS)))
    messages = [
        UserMessage(content="Hello"),
        AssistantMessage(content=None, tool_calls=(call,)),
        ToolMessage(tool_call_id="call_1", name=tool.name, content=json.dumps(result)),
    ]
    acts: list[Any] = [Ask((Intent(tool.name, ARGUMENTS, {}),))]
    told = _reply(seed, tool, messages, acts)
    assert told.calls or (told.text and told.text.strip())
    asked = [*messages, AssistantMessage(content="Well."), UserMessage(content="And?")]
    assert _reply(seed, tool, asked, [*acts, Recall(Reference(1, "shops[0].name"))]).text
    history = (Answered(tool.name, ARGUMENTS, result),)
    assert asyncio.run(SelfplayTool(seed).answer(ToolView(LOOKUP, {"city": "Rome"}, history, TODAY)))


def _reply(seed: int, tool: Tool, messages: list[Any], acts: list[Any]) -> AssistantTurn:
    return asyncio.run(SelfplayAssistant(Random(seed)).reply(AssistantView([tool], messages, acts, TODAY)))
