"""Reasons of the selfplay assistant: there when asked for, true, and no part of the talk."""

import asyncio
import re
from functools import lru_cache
from typing import Any

from toolflow.config import Config, DialogueConfig
from toolflow.graph import packaged_graph
from toolflow.making import Recipe, make_record
from toolflow.schema import AssistantMessage, Draw, FromOutput, Kind, Record
from toolflow.selfplay import make_selfplay_cast
from toolflow.validate import check

RECORDS = 40


@lru_cache
def records(reasoning: bool) -> list[Record]:
    """The first records of a run."""
    config = Config(dialogue=DialogueConfig(reasoning=reasoning))
    recipe = Recipe(config, packaged_graph(config), make_selfplay_cast, 3)

    async def go() -> list[Record]:
        return [await make_record(recipe, Draw(index)) for index in range(RECORDS)]

    return asyncio.run(go())


def thoughts(record: Record) -> list[tuple[AssistantMessage, str]]:
    """Messages of the assistant with their reasons."""
    spoken = [message for message in record.messages if isinstance(message, AssistantMessage)]
    return [(message, message.reasoning_content) for message in spoken if message.reasoning_content]


def without(record: Record) -> Any:
    """The record without reasons."""
    dumped = record.model_dump(mode="json")
    for message in dumped["messages"]:
        message.pop("reasoning_content", None)
    return dumped


def test_every_call_has_a_reason_when_asked_for() -> None:
    """By default there is none; and nothing else changes."""
    assert not [thoughts(record) for record in records(False) if thoughts(record)]
    assert list(map(without, records(True))) == list(map(without, records(False)))
    for record in records(True):
        spoken = [message for message in record.messages if isinstance(message, AssistantMessage)]
        assert all(message.reasoning_content for message in spoken if message.tool_calls)


def test_a_reason_names_where_the_arguments_come_from() -> None:
    """The tools whose results feed a call, as the plan has it, and no others."""
    fed = 0
    for record in records(True):
        assert record.plan
        planned = record.plan.calls
        feeding = {
            (planned[source.call - 1].tool, call.tool)
            for call in planned
            for source in call.arguments.values()
            if isinstance(source, FromOutput)
        }
        told = {
            (producer, consumer)
            for _, thought in thoughts(record)
            for consumer, producer in re.findall(r"for (\w+) (?:is|are) in the result of (\w+)\.", thought)
        }
        assert told == feeding
        fed += len(feeding)
    assert fed


def test_reasons_for_calling_nothing() -> None:
    """What is missing is asked for, what cannot be done is declined, what is known is not called for."""
    said = [thought for record in records(True) for message, thought in thoughts(record) if not message.tool_calls]
    kinds = [request.kind for record in records(True) if record.plan for request in record.plan.requests]
    assert sum("so I have to ask" in thought for thought in said) == kinds.count(Kind.MISSING)
    assert sum("none of the tools does that" in thought for thought in said) == kinds.count(Kind.UNAVAILABLE)
    assert sum("nothing needs to be called" in thought for thought in said) == kinds.count(Kind.FOLLOW_UP)
    assert len(said) > 0


def test_reasons_are_no_part_of_the_talk() -> None:
    """No rule reads them: neither a name in them nor a value is held against anybody, or taken for said."""
    record = records(True)[0].model_dump(mode="json")
    before = check(record, Config().validate_)
    for message in record["messages"]:
        if message["role"] == "assistant":
            message["reasoning_content"] = "{{city}} <YOUR_KEY> get_weather 12345"
    assert check(record, Config().validate_) == before
