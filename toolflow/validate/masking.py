"""Masking: a dialogue whose faults are all the assistant's is kept, without being trained on those turns.

A turn that is not to be learned from gets ``"weight": 0``, as in OpenAI's fine-tuning format (an assistant message
of weight 0 is context and no target; trainers that know no weights must leave such turns out themselves). What others
said or returned, and what went well afterwards, a recovery for example, stays as it is.
"""

import re
from collections.abc import Sequence
from typing import Any

from toolflow.schema import Verdict

_MESSAGE = re.compile(r"messages\[(\d{1,9})\]")


def masked(record: Any, verdicts: Sequence[Verdict]) -> dict[str, Any] | None:
    """The record with the turns masked that its errors stand on; None when an error stands elsewhere, or nothing
    would be left to train on."""
    bad: set[int] = set()
    for verdict in verdicts:
        if verdict.severity == "error":
            match = _MESSAGE.match(verdict.where)
            if match is None:
                return None
            bad.add(int(match[1]))
    messages = record["messages"]
    objects = ((at, message) for at, message in enumerate(messages) if isinstance(message, dict))
    turns = {at for at, message in objects if message.get("role") == "assistant"}
    if not bad <= turns or bad == turns:
        return None
    marked = [message | {"weight": 0} if at in bad else message for at, message in enumerate(messages)]
    return {**record, "messages": marked}
