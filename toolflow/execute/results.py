"""What counts as a result of a real tool, and what its errors look like.

What a tool says is taken as it is, its errors included: a real service gives errors as well, and an assistant has to
live with them. What is no answer (none in time, too much of it, no JSON) is none that a service gave, and none is made
up for it: the record is set aside. Whether a result fits what the tool says it returns is for the rules to judge.
"""

import json
from typing import Any

from toolflow.conformance import nests_deeper
from toolflow.errors import DialogueError
from toolflow.schema import Failure

MAX_DEPTH = 64
"""A result nested deeper is not taken."""
MAX_MESSAGE = 2_000
"""Characters of the message of an error."""


def read_result(text: str, max_bytes: int) -> Any:
    """The JSON value of a result; `DialogueError` when it is too large, or none that can be written down again."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    except (ValueError, RecursionError) as error:
        raise DialogueError(f"returned no JSON value: {error}") from None
    if size > max_bytes:
        raise DialogueError(f"returned {size:,} bytes, more than the {max_bytes:,} of execute.max_bytes")
    if nests_deeper(value, MAX_DEPTH):
        raise DialogueError(f"returned a value nested more than {MAX_DEPTH} levels deep")
    return value


def error_of(kind: str, message: str) -> dict[str, Any]:
    """An error that a tool reported."""
    readable = message[:MAX_MESSAGE].encode(errors="replace").decode()
    return {"error": {"type": kind, "message": readable or "The tool failed and did not say why."}}


def refusal(where: str, why: str) -> dict[str, Any]:
    """What a real service answers to arguments that do not fit its schema."""
    message = f"{where}: {why}" if where else why
    return {"error": {"status": 422, "type": str(Failure.INVALID), "message": message}}


def content_of(answer: Any) -> str:
    """The JSON text in the answer of an MCP server: structured content, else its text.

    A text is taken for JSON where it is an object or an array, else for a string. `DialogueError` when there is more
    than text, such as an image.
    """
    if answer.structured_content is not None and not answer.is_error:
        return json.dumps(answer.structured_content, ensure_ascii=False)
    other = next((block.type for block in answer.content if block.type != "text"), None)
    if other is not None:
        raise DialogueError(f"answered with content of type {other}, which is no JSON")
    text = "\n".join(block.text for block in answer.content)
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        value = None
    return text if isinstance(value, dict | list) else json.dumps(text, ensure_ascii=False)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
