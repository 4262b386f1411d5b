"""Masking: a dialogue whose faults are all the assistant's is kept, without being trained on those turns.

A turn that is not to be learned from gets ``"weight": 0``, as in OpenAI's fine-tuning format (an assistant message
of weight 0 is context and no target; trainers that know no weights must leave such turns out themselves). What others
said or returned, and what went well afterwards, a recovery for example, stays as it is. What is masked only warns, so
that a file made here passes when it is checked again.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from toolflow.schema import Verdict

_MESSAGE = re.compile(r"messages\[(\d{1,9})\]")


def masked(record: Any, verdicts: Sequence[Verdict]) -> dict[str, Any] | None:
    """The record with the turns masked that its errors stand on; None when an error stands elsewhere, or nothing
    would be left to train on."""
    places = {_message(verdict) for verdict in verdicts if verdict.severity == "error"}
    turns = dict(_turns(record))
    if not places <= turns.keys() or places >= {at for at, is_target in turns.items() if is_target}:
        return None
    marked = [message | {"weight": 0} if at in places else message for at, message in enumerate(record["messages"])]
    return {**record, "messages": marked}


def softened(record: dict[str, Any], verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts, where those on masked turns only warn."""
    context = {at for at, is_target in _turns(record) if not is_target}
    if not context:
        return verdicts
    return [
        verdict.model_copy(update={"severity": "warning"}) if _message(verdict) in context else verdict
        for verdict in verdicts
    ]


def _message(verdict: Verdict) -> int | None:
    """Which message a verdict stands on."""
    match = _MESSAGE.match(verdict.where)
    return None if match is None else int(match[1])


def _turns(record: Any) -> Iterator[tuple[int, bool]]:
    """The assistant's messages by their places, and whether each is to be learned from."""
    messages = record.get("messages") if isinstance(record, dict) else None
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict) and message.get("role") == "assistant":
            weight = message.get("weight")
            yield at, isinstance(weight, bool) or weight != 0
