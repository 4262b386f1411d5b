"""Errors as real services give them: a status, a type, and a sentence that says what is wrong; and how they are told.

Made from the planned failure and the call alone, so that both casts get the same and nobody has to invent one.
"""

import re
from typing import Any

from toolflow.heard import fold
from toolflow.schema import Failure

_TROUBLE = re.compile(
    r"\b(?:not?|none|nothing|never|neither|cannot|unable|un\w+able|unfortunately|sorry|apolog\w+|fail\w*|errors?|invalid"
    r"|denied|refused|rejected|problem\w*|trouble|issues?|down|busy|taken|missing|wrong|already|instead|again|timed out"
    r"|too \w+|limit\w*|only|must|needs?|clash\w*|conflict\w*|overlap\w*|however|but|incorrect|expired|locked|blocked"
    r"|restricted|insufficient|declined|exceed\w*|offline|occupied|maintenance|out of stock"
    r"|please (?:check|double-check|verify|provide|give|enter|log in|sign in|make sure))\b|n't\b|\?"
)
_SUCCESS = re.compile(
    r"\b(?:success\w*|done|all set|good news|congratulations|ha(?:s|ve)(?: now)? been"
    r"|(?:is|are)(?: now)? (?:booked|set|ready|confirmed|scheduled)|here (?:is|are)|enjoy"
    r"|i(?: have|'ve)(?: now| just)? (?:\w+ed|sent|set|made|put|found))\b"
)
"""What is said where something went well."""
_STATUS = {
    Failure.TIMEOUT: 504,
    Failure.RATE_LIMIT: 429,
    Failure.UNAVAILABLE: 503,
    Failure.NOT_FOUND: 404,
    Failure.CONFLICT: 409,
    Failure.INVALID: 422,
}
_WORDS = {
    Failure.TIMEOUT: "The service did not answer in time.",
    Failure.RATE_LIMIT: "Too many requests. Please try again in a moment.",
    Failure.UNAVAILABLE: "The service is temporarily unavailable.",
    Failure.NOT_FOUND: "Nothing was found.",
    Failure.CONFLICT: "The request conflicts with the current state.",
    Failure.INVALID: "The request could not be processed.",
}
_WORDS_ABOUT = {
    Failure.NOT_FOUND: "Nothing was found for {name} '{value}'.",
    Failure.CONFLICT: "{name} '{value}' is not available.",
    Failure.INVALID: "{name} '{value}' is not accepted here.",
}


def error_result(failure: Failure, arguments: dict[str, Any], at_fault: str | None) -> dict[str, Any]:
    """What the tool answers; ``at_fault`` names the argument that the error is about."""
    message = _WORDS[failure]
    value = arguments.get(at_fault) if at_fault is not None else None
    if isinstance(value, str | int | float) and failure in _WORDS_ABOUT:
        message = _WORDS_ABOUT[failure].format(name=at_fault, value=value)
    return {"error": {"status": _STATUS[failure], "type": str(failure), "message": message}}


def tells_of_failure(text: str) -> bool:
    """Whether an English text says that something went wrong, or asks."""
    return _TROUBLE.search(fold(text)) is not None


def tells_of_success(text: str) -> bool:
    """Whether an English text says that something was done or found."""
    return _SUCCESS.search(fold(text)) is not None
