"""Calls as models write them, made into calls that can be sent.

Some endpoints return a call as text: in a ``<tool_call>`` tag, a fenced block, or bare JSON. They are
recognised by their form (a name and arguments); whether they are any good is for the assistant's checks. Of an
answer that reached the length limit, only whole calls count: the last one may lack half its arguments.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from toolflow.llm.chat import ChatAnswer, WireCall
from toolflow.llm.repair import CutOff, read_json, whole_json, without_thought

MAX_CALLS = 32
"""A model that writes more calls in one message is running wild."""

_TAGGED = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.S)
_FENCED = re.compile(r"```(?:json|tool_call|xml)?\s*\n?(.*?)(?:```|\Z)", re.S)
_MARK = re.compile(r"\[TOOL_CALLS\]|<\|?(?:python_tag|tool_calls?)\|?>|</?tools?>")


def written_calls(answer: ChatAnswer) -> tuple[str, list[WireCall]]:
    """What was said, and the calls: native ones, else those written into the text; each call once."""
    text = without_thought(answer.text)
    cut = answer.finish == "length"
    if answer.calls:
        return text, _distinct(call for call in answer.calls if not cut or _is_whole(call))
    for pattern in (_TAGGED, _FENCED):
        found = _distinct(call for part in pattern.findall(text) for call in _calls_in(part, cut))
        if found:
            return pattern.sub("", text), found
    start = _MARK.sub("", text).strip()
    found = _distinct(_calls_in(start, cut)) if start.startswith(("{", "[")) else []
    return ("", found) if found else (text, [])


def call_arguments(call: WireCall) -> dict[str, Any]:
    """The arguments as an object, slight damage repaired; ValueError when there is none."""
    if not call.arguments.strip():
        return {}
    value = {} if call.arguments.strip() == "{}" else read_json(call.arguments)
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    return value


def _is_whole(call: WireCall) -> bool:
    try:
        whole_json(call.arguments)
    except CutOff:
        return False
    return True


def _calls_in(text: str, cut: bool) -> Iterator[WireCall]:
    """Every call in a piece of JSON text: one, a list, or several in a row; broken ones too, unless it was cut."""
    decoder = json.JSONDecoder()
    at = min((place for place in (text.find("{"), text.find("[")) if place >= 0), default=-1)
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            if not cut:
                yield from _repaired(text[at:])
            return
        yield from _calls_of(value)
        rest = re.search(r"[{\[]", text[end:])
        at = end + rest.start() if rest else -1


def _repaired(text: str) -> Iterator[WireCall]:
    try:
        yield from _calls_of(read_json(text))
    except ValueError:
        return


def _calls_of(value: Any) -> Iterator[WireCall]:
    if isinstance(value, list):
        for item in value[:MAX_CALLS]:
            yield from _calls_of(item)
    if not isinstance(value, dict):
        return
    function = value.get("function")
    inner = function if isinstance(function, dict) else value
    name = inner.get("name")
    arguments = next((inner[key] for key in ("arguments", "parameters") if key in inner), None)
    if isinstance(name, str) and isinstance(arguments, dict | str):
        yield WireCall(name, arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False))


def _distinct(calls: Iterable[WireCall]) -> list[WireCall]:
    found: list[WireCall] = []
    for call in calls:
        if call not in found:
            found.append(call)
        if len(found) == MAX_CALLS:
            break
    return found
