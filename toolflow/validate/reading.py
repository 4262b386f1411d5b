"""A record of anybody's, read as far as it can be: its messages, tools, calls, results and plan.

What does not have the right shape is left out here, and named by the rule ``format``; all other rules
look at what is left.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from toolflow.conformance import Conformance, conformance
from toolflow.errors import TooMuchWork
from toolflow.languages import is_english
from toolflow.schema import Plan
from toolflow.validate.values import UnreadableJSON, read_arguments, read_json

CONTEXT_ROLES = ("system", "developer")
ROLES = (*CONTEXT_ROLES, "user", "assistant", "tool")
_NO_ERROR = ("", "none", "null", "no error", "no errors", "n/a", "false", "0")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, the text of its parts joined."""

    index: int
    role: str
    text: str
    has_calls: bool

    @property
    def where(self) -> str:
        """Its place in the record."""
        return f"messages[{self.index}]"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an assistant message."""

    message: int
    position: int
    id: str
    name: str
    text: str
    """The arguments as they stand there."""
    arguments: dict[str, Any] | None
    """… and read; None when they cannot be."""

    @property
    def where(self) -> str:
        """Its place in the record."""
        return f"messages[{self.message}].tool_calls[{self.position}]"


def _is_error(error: Any) -> bool:
    """Whether what stands under ``error`` tells of one: not "none", nor the error of a measurement."""
    if isinstance(error, dict):
        return any(error.values())
    if isinstance(error, str):
        return error.strip().casefold() not in _NO_ERROR
    return bool(error) and not isinstance(error, float)


@dataclass(frozen=True, slots=True)
class Result:
    """One tool message."""

    message: int
    call_id: str
    name: str | None
    text: str
    value: Any
    """The result read as JSON, or the text itself when it is none."""
    is_json: bool

    @property
    def where(self) -> str:
        """Its place in the record."""
        return f"messages[{self.message}]"

    @property
    def failed(self) -> bool:
        """Whether the tool reported an error: ``{"error": …}``, or ``"status": "error"``."""
        if not isinstance(self.value, dict):
            return False
        return _is_error(self.value.get("error")) or self.value.get("status") in ("error", "failed", "failure")


@dataclass(frozen=True)
class OfferedTool:
    """A tool the assistant may call."""

    position: int
    parameters: Any
    returns: Any

    @cached_property
    def taken(self) -> Conformance | None:
        """The schema of its arguments, compiled; None when it has none."""
        return None if self.parameters is None else conformance(self.parameters)

    @cached_property
    def given(self) -> Conformance | None:
        """The schema of its results, compiled; None when it has none."""
        return None if self.returns is None else conformance(self.returns)


Made = TypeVar("Made")


@dataclass
class Dialogue:
    """What of a record could be read."""

    record: dict[str, Any]
    messages: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    tools: dict[str, OfferedTool] = field(default_factory=dict)
    words: Sequence[str] = ()
    """Words of the user's list that nobody may say."""
    _made: dict[Callable[..., Any], Any] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether ToolFlow made it."""
        meta = self.record.get("meta")
        return self.record.get("plan") is not None or (isinstance(meta, dict) and "cast" in meta)

    @property
    def in_english(self) -> bool:
        """Whether the talk is, as far as the record says; rules on wording know no other language."""
        meta = self.record.get("meta")
        tag = meta.get("language") if isinstance(meta, dict) else None
        return not isinstance(tag, str) or is_english(tag)

    @cached_property
    def plan(self) -> Plan | None:
        """The plan, when there is a readable one."""
        try:
            return Plan.model_validate(self.record.get("plan"))
        except ValidationError:
            return None

    @cached_property
    def calls_at(self) -> dict[int, list[Call]]:
        """The calls, by the message they stand in."""
        return _by_message(self.calls)

    @cached_property
    def results_at(self) -> dict[int, list[Result]]:
        """The results, by the message that each of them is."""
        return _by_message(self.results)

    @cached_property
    def answers(self) -> dict[tuple[int, int], Result]:
        """The result of each answered call, by message and position."""
        found: dict[tuple[int, int], Result] = {}
        waiting: dict[str, Call] = {}
        for message in self.messages:
            waiting |= {call.id: call for call in self.calls_at.get(message.index, ())}
            for result in self.results_at.get(message.index, ()):
                call = waiting.pop(result.call_id, None)
                if call is not None:
                    found[call.message, call.position] = result
        return found

    def brought_up(self, phrase: str, before: int) -> bool:
        """Whether a phrase stands in what a user or a tool said before a message; letter case does not matter."""
        said = (
            message.text for message in self.messages if message.role in ("user", "tool") and message.index < before
        )
        return any(phrase.casefold() in text.casefold() for text in said)

    def once(self, make: Callable[["Dialogue"], Made]) -> Made:
        """What ``make`` makes of the dialogue: made when the first rule asks for it, and shared by all."""
        if make not in self._made:
            try:
                self._made[make] = make(self)
            except TooMuchWork as error:
                self._made[make] = error
        if isinstance(self._made[make], TooMuchWork):
            raise self._made[make]
        return cast(Made, self._made[make])

    def answer(self, call: Call) -> Result | None:
        """The result of a call."""
        return self.answers.get((call.message, call.position))


Placed = TypeVar("Placed", Call, Result)


def _by_message(items: Iterable[Placed]) -> dict[int, list[Placed]]:
    grouped: dict[int, list[Placed]] = {}
    for item in items:
        grouped.setdefault(item.message, []).append(item)
    return grouped


def argument_schema(dialogue: Dialogue, call: Call, name: str) -> Any:
    """The schema of one argument of a call; None when the tool does not know it."""
    tool = dialogue.tools.get(call.name)
    parameters = tool.parameters if tool is not None else None
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    return properties.get(name) if isinstance(properties, dict) else None


def read(record: dict[str, Any], words: Sequence[str] = ()) -> Dialogue:
    """Read a record; what has not the right shape is passed over."""
    dialogue = Dialogue(record, words=words)
    for position, function in _functions(record.get("tools")):
        name = function.get("name")
        if isinstance(name, str):
            dialogue.tools.setdefault(name, OfferedTool(position, function.get("parameters"), function.get("returns")))
    messages = record.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            continue
        calls = list(_calls(index, message)) if message["role"] == "assistant" else []
        text = text_of(message.get("content"))
        dialogue.messages.append(Message(index, message["role"], text or "", bool(calls)))
        dialogue.calls += calls
        if message["role"] == "tool":
            name = message.get("name")
            value, is_json = _result(text or "")
            dialogue.results.append(
                Result(
                    index,
                    call_id=str(message.get("tool_call_id")),
                    name=name if isinstance(name, str) else None,
                    text=text or "",
                    value=value,
                    is_json=is_json,
                )
            )
    return dialogue


def text_of(content: Any) -> str | None:
    """The text of a message: a string, or the text parts of a list; None when there is none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return None


def prose(text: str) -> str:
    """A text without what it shows as code."""
    return _CODE.sub(" ", text) if "`" in text else text


def _functions(tools: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for position, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = function_of(tool)
        if function is not None:
            yield position, function


def function_of(tool: Any) -> dict[str, Any] | None:
    """The function in a tool of OpenAI's format, or the tool itself when it stands there bare."""
    if not isinstance(tool, dict):
        return None
    function = tool.get("function", tool)
    return function if isinstance(function, dict) else None


def _calls(index: int, message: dict[str, Any]) -> Iterator[Call]:
    calls = message.get("tool_calls")
    for position, call in enumerate(calls if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(function, dict) or not isinstance(name, str):
            continue
        given = function.get("arguments")
        text, arguments = given if isinstance(given, str) else "", given if isinstance(given, dict) else None
        if isinstance(given, str):
            try:
                arguments = read_arguments(given)
            except UnreadableJSON:
                arguments = None
        yield Call(index, position, str(call.get("id")), name, text, arguments)


def _result(text: str) -> tuple[Any, bool]:
    try:
        return read_json(text), True
    except UnreadableJSON:
        return text, False
