"""Formats of others that are no OpenAI chat format but known: what they are, and what would have to become of them.

They are recognised, not read: nothing that a rule says of such a record would be worth saying.
"""

from collections.abc import Iterator
from typing import Any

from toolflow.validate.finding import Finding

_SHAREGPT = (
    "is ShareGPT's format; OpenAI's has messages with role (user for human, assistant for gpt) and content, calls in "
    "tool_calls and results under role tool"
)
_FUNCTION_CALL = (
    "is OpenAI's old format; today a function_call is one of the message's tool_calls, with an id, a result has role "
    "tool and that id as tool_call_id, and functions stand in tools"
)
_ANTHROPIC = "is Anthropic's format; OpenAI's has calls in tool_calls and results in messages of role tool"
_AS_TEXT = "is JSON written as a text, and must be the list itself: json.loads it"
_LIST = "is a list; a line must be an object with messages (jq -c '.[]' takes a file that is one list apart)"


def other_format(record: Any) -> Finding | None:
    """What a record is instead of a dialogue in OpenAI's chat format; None when it is one, or nothing that is known."""
    if isinstance(record, list):
        return Finding("", _LIST)
    return next(_signs(record), None) if isinstance(record, dict) else None


def _signs(record: dict[str, Any]) -> Iterator[Finding]:
    messages = record.get("messages")
    for key in ("conversations", "conversation"):
        if messages is None and isinstance(record.get(key), list):
            yield Finding(key, _SHAREGPT)
    for key in ("messages", "tools"):
        if isinstance(record.get(key), str) and record[key].lstrip().startswith("["):
            yield Finding(key, _AS_TEXT)
    for at, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict):
            continue
        if "role" not in message and {"from", "value"} <= message.keys():
            yield Finding(f"messages[{at}]", _SHAREGPT)
        if message.get("role") == "function" or isinstance(message.get("function_call"), dict):
            yield Finding(f"messages[{at}]", _FUNCTION_CALL)
        parts = message.get("content")
        if isinstance(parts, list) and any(
            isinstance(part, dict) and part.get("type") in ("tool_use", "tool_result") for part in parts
        ):
            yield Finding(f"messages[{at}].content", _ANTHROPIC)
