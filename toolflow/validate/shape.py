"""Rules on the shape of a record: OpenAI's chat format, the order of roles, the beginning and the end."""

import re
from collections.abc import Iterator
from typing import Any

from toolflow.validate.finding import Finding, strict
from toolflow.validate.reading import CONTEXT_ROLES, ROLES, Dialogue, function_of, prose

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_PLACEHOLDER = re.compile(
    r"API_call_\d+|(?<!\^)\{\{(?![\d.,\s]+\})[^{}\n]{0,60}\}\}"
    r"|<(?!(?:br|hr|img|html|head|body|div|span|table|t[rdh]|[uo]l|li|em|strong)>)[A-Z]{2,}(?:[_ ][A-Z]+)*>"
    r"|<(?:your|insert|enter|user|the)[_ -][a-z_ -]{1,40}>|\[(?:your|insert|enter)[_ ][^\]\n]{1,40}\]",
    re.IGNORECASE,
)
_SIGNS = ("<", "[", "{{", "_call_", "_CALL_")
_SHOUTED = re.compile(r"<[A-Za-z]+>")
_HUMP = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_PARTS_WITH_USER = re.compile(
    r"\b(?:transfer|escalate|forward|connect|hand)\b.{1,40}\b(?:human|agent|operator|representative|person|staff|support)\b"
    r"|\bhand ?(?:off|over)\b|\bhang ?up\b|^(?:finish|terminate)$"
    r"|\b(?:end|close|finish|terminate)\b.{1,40}\b(?:call|chat|conversation|dialogue?|session)\b"
)
"""The words of a tool's name after whose call there is nobody left to reply to."""


def format_of_record(dialogue: Dialogue) -> Iterator[Finding]:
    """Messages, calls and tools have the shape of OpenAI's chat format."""
    messages = dialogue.record.get("messages")
    if not isinstance(messages, list) or not messages:
        yield Finding("messages", "must be a list with at least one message")
        return
    for index, message in enumerate(messages):
        yield from _message(f"messages[{index}]", message)
    tools = dialogue.record.get("tools")
    if tools is not None and not isinstance(tools, list):
        yield Finding("tools", "must be a list")
    names: dict[str, Any] = {}
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = function_of(tool)
        name = function.get("name") if function else None
        if not isinstance(name, str) or not name:
            yield Finding(f"tools[{index}]", "must be a function with a name")
        elif name in names:
            severity = strict(dialogue.ours or function != names[name])
            yield Finding(f"tools[{index}]", f"the name {name!r} is taken by an earlier tool", severity)
        else:
            names[name] = function


def _message(where: str, message: Any) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield Finding(where, "must be an object")
        return
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        yield Finding(f"{where}.role", f"must be one of {', '.join(ROLES)}")
        return
    calls = message.get("tool_calls")
    if calls is not None and role != "assistant":
        yield Finding(f"{where}.tool_calls", f"a message of role {role} cannot call")
    elif calls is not None:
        yield from _calls(f"{where}.tool_calls", calls)
    if content is None:
        if not (role == "assistant" and calls):
            yield Finding(f"{where}.content", "may be null only beside tool_calls")
    elif not isinstance(content, str) and not _is_parts(content):
        yield Finding(f"{where}.content", "must be a text, or a list of text parts")
    if not isinstance(message.get("reasoning_content") or "", str):
        yield Finding(f"{where}.reasoning_content", "must be a text")
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        yield Finding(f"{where}.tool_call_id", "must name the call that is answered")


def _calls(where: str, calls: Any) -> Iterator[Finding]:
    if not isinstance(calls, list) or not calls:
        yield Finding(where, "must be a list with at least one call")
        return
    for position, call in enumerate(calls):
        place = f"{where}[{position}]"
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            yield Finding(place, "must be an object with a function")
            continue
        if not isinstance(call.get("id"), str) or not call["id"]:
            yield Finding(f"{place}.id", "must be a text")
        if call.get("type") != "function":
            yield Finding(f"{place}.type", "must be 'function'")
        if not isinstance(function.get("name"), str) or not function["name"]:
            yield Finding(f"{place}.function.name", "must be a text")
        if not isinstance(function.get("arguments"), str):
            yield Finding(f"{place}.function.arguments", "must be a JSON object written as a text")


def _is_parts(content: Any) -> bool:
    return isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("type"), str) for part in content
    )


def tool_format(dialogue: Dialogue) -> Iterator[Finding]:
    """Tools are wrapped as ``{"type": "function", "function": …}`` and have names that every API takes."""
    tools = dialogue.record.get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, dict) and "function" not in tool:
            yield Finding(f"tools[{index}]", "must stand as {'type': 'function', 'function': …} in OpenAI's format")
            break
    for name, offered in dialogue.tools.items():
        if not _NAME.fullmatch(name):
            yield Finding(f"tools[{offered.position}]", f"{name!r} is no name of up to 64 letters, digits, _ and -")
            break


def order(dialogue: Dialogue) -> Iterator[Finding]:
    """The system speaks first if at all, then the user; results follow calls, and a reply follows results."""
    before = ""
    calling = False
    silent = strict(dialogue.ours or _speaks(dialogue))
    for message in dialogue.messages:
        role = message.role
        if role in CONTEXT_ROLES:
            if before not in ("", *CONTEXT_ROLES):
                yield Finding(message.where, f"a {role} message must stand at the beginning", "warning")
        elif before in ("", *CONTEXT_ROLES) and role != "user":
            greets = role == "assistant" and not message.has_calls
            severity = strict(dialogue.ours or not greets)
            yield Finding(message.where, f"the {role} speaks before the user has said anything", severity)
        elif role == "tool" and not (before == "tool" or calling):
            yield Finding(message.where, "a result must follow the message with its call")
        elif role == "user" and before == "tool":
            yield Finding(message.where, "the assistant never replied to the results before this turn", silent)
        elif role == "user" and calling:
            yield Finding(message.where, "the calls before this turn were never answered")
        elif role == before and role in ("user", "assistant"):
            yield Finding(message.where, f"two {role} messages in a row", strict(dialogue.ours))
        before, calling = role, message.has_calls


def _speaks(dialogue: Dialogue) -> bool:
    """Whether the assistant says anything in words; others' records may hold nothing of it but the calls."""
    return any(message.role == "assistant" and message.text.strip() for message in dialogue.messages)


def empty_message(dialogue: Dialogue) -> Iterator[Finding]:
    """Nobody says nothing."""
    for message in dialogue.messages:
        if message.role in ("user", "assistant") and not message.text.strip() and not message.has_calls:
            yield Finding(f"{message.where}.content", f"the {message.role} says nothing")


def placeholder(dialogue: Dialogue) -> Iterator[Finding]:
    """No blank was left to be filled in: ``{{city}}``, ``<YOUR_KEY>``, ``[your name]``, ``API_call_0``.

    A user may speak of one, in code or as markup, and the assistant may then use it.
    """
    for message in dialogue.messages:
        spoken = message.role in ("user", "assistant") and _blank(message.text)
        blank = _blank(prose(message.text)) if spoken else None
        if blank and (message.role == "user" or not dialogue.brought_up(blank, message.index)):
            yield Finding(f"{message.where}.content", f"{blank!r} stands where something should be filled in")
    for call in dialogue.calls:
        if (blank := _blank(call.text)) and not dialogue.brought_up(blank, call.message):
            yield Finding(f"{call.where}.function.arguments", f"{blank!r} stands where a value should be")


def _blank(text: str) -> str | None:
    if not any(sign in text for sign in _SIGNS):
        return None
    for match in _PLACEHOLDER.finditer(text):
        # <city> may be markup or mathematics, as is <B> with </B>; <CITY> is shouted at whoever fills it in
        if not _SHOUTED.fullmatch(match[0]) or (match[0].isupper() and f"</{match[0][1:]}" not in text):
            return match[0]
    return None


def ends_with_reply(dialogue: Dialogue) -> Iterator[Finding]:
    """The last word is a reply of the assistant."""
    if not dialogue.messages:
        return
    last = dialogue.messages[-1]
    if last.role != "assistant":
        # another's dialogue may end with thanks, be a question that needs no call, hold calls alone, or be handed over
        open_end = last.role == "user" or not _speaks(dialogue) or _parts_with_user(dialogue)
        severity = strict(dialogue.ours or not open_end)
        yield Finding(last.where, f"the dialogue ends with the {last.role}; the assistant never replied", severity)


def _parts_with_user(dialogue: Dialogue) -> bool:
    """Whether the last call ends the talk: it hands the user over to a person, or hangs up."""
    name = dialogue.calls[-1].name if dialogue.calls else ""
    return _PARTS_WITH_USER.search(_HUMP.sub(" ", name).lower().strip()) is not None


def ends_with_call(dialogue: Dialogue) -> Iterator[Finding]:
    """A dialogue may end at a call (good for training the call alone); ours may not."""
    if dialogue.messages and dialogue.messages[-1].has_calls:
        yield Finding(dialogue.messages[-1].where, "the dialogue ends at the call", strict(dialogue.ours))


def end_reason(dialogue: Dialogue) -> Iterator[Finding]:
    """A dialogue of ours ended because all was done, not at a limit."""
    meta = dialogue.record.get("meta")
    end = meta.get("end") if isinstance(meta, dict) and "cast" in meta else None
    if end is not None and end != "done":
        yield Finding("meta.end", f"ended by {end!r}, not because all was done")
