"""What the selfplay assistant says when something does not work: an error, or a wish that no tool can meet."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolflow.schema import Failure, Tool
from toolflow.selfplay.names import entity, is_identifier, label
from toolflow.selfplay.phrases import Deed, deed, joined, sentence
from toolflow.selfplay.speech import Speech

_PASSING = frozenset(failure.value for failure in Failure if failure.passes)
_RETRYING = {
    Failure.TIMEOUT: (
        "That took too long to answer. Let me try again.",
        "The service didn't respond in time, so I'll try once more.",
    ),
    Failure.RATE_LIMIT: (
        "The service asks me to slow down. Let me try that again.",
        "I was a little too fast for the service. Trying once more.",
    ),
    Failure.UNAVAILABLE: (
        "The service was briefly unavailable. I'll try again.",
        "That service dropped out for a moment. One more try.",
    ),
}


def error_in(result: Any) -> str | None:
    """The type of error that a result reports; None when it reports none that has one."""
    error = result.get("error") if isinstance(result, dict) and len(result) == 1 else None
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) else None


def passes(result: Any) -> bool:
    """Whether a result reports an error after which the same call is made again."""
    return error_in(result) in _PASSING


def retrying(result: Any, speech: Speech) -> str:
    """Said beside the call that is made again."""
    return speech.rng.choice(_RETRYING[Failure(error_in(result) or Failure.TIMEOUT)])


def explained(tool: Tool, arguments: Mapping[str, Any], result: dict[str, Any], speech: Speech) -> str:
    """An error that only another value cures: what is wrong, and what to do about it."""
    doing, message = deed(tool), str(result["error"].get("message"))
    name = next((name for name, value in arguments.items() if f"{name} '{value}'" in message), None)
    if name is None:
        return f"That did not work: {sentence(message)} Would you like to change something?"
    said = speech.value(arguments[name], tool.properties.get(name) or {})
    what = entity(name) if is_identifier(name) else label(name)
    if result["error"].get("type") == Failure.NOT_FOUND:
        problem = speech.rng.choice(
            (
                f"I tried to {doing.phrase}, but nothing came up for {said}.",
                f"I'm afraid there is nothing for {said}.",
                f"The search for {said} came back empty.",
            )
        )
    elif result["error"].get("type") == Failure.INVALID:
        problem = speech.rng.choice(
            (
                f"I couldn't {_shortly(doing)}: {said} is not accepted as the {what}.",
                f"I'm sorry, the service does not take {said} as the {what}, so nothing has been done yet.",
            )
        )
    else:
        problem = speech.rng.choice(
            (
                f"I couldn't {_shortly(doing)}: the {what} {said} is not available.",
                f"I'm sorry, {said} is not available as the {what}, so nothing has been done yet.",
            )
        )
    ask = (
        f"Shall I try another {what}?",
        f"Would you like to try a different {what}?",
        f"Which other {what} should I try?",
    )
    return f"{problem} {speech.rng.choice(ask)}"


def _shortly(doing: Deed) -> str:
    return doing.phrase if len(doing.phrase) < 50 else f"{doing.verb} that"


def refusal(phrase: str, tools: Sequence[Tool], speech: Speech) -> str:
    """No tool can do it: said honestly, with what can be done instead."""
    can = joined([deed(tool).phrase for tool in tools[:2]], "or")
    no = speech.rng.choice(
        (
            f"I'm sorry, but I can't {phrase}.",
            f"I'm afraid I have no way to {phrase} here.",
            f"Unfortunately that's beyond me: I can't {phrase}.",
            f"I wish I could, but I'm not able to {phrase}.",
        )
    )
    offer = speech.rng.choice(("", f" I can {can}, if that's useful.", f" What I can do is {can}.", ""))
    return no + offer
