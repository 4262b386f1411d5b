"""The assistant: a model with the dialogue's tools at hand, called natively where the endpoint can.

It sees the messages and the tools (without ``returns``, as the trained model will), never the plan. A call is
checked before it counts: an offered tool, arguments that fit its schema, and every value from somewhere. What
does not fit goes back with the reason. Ours: an optional argument that comes from nowhere is left out when
asking again does not help, and a value of the wrong JSON type is put right where only one reading is possible.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from toolflow.cast import AssistantTurn, AssistantView
from toolflow.conformance import conformance
from toolflow.errors import DialogueError
from toolflow.llm.calls import call_arguments, written_calls
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest, WireCall
from toolflow.llm.coerce import coerced_arguments
from toolflow.llm.prompts import Prompt, Reader, read_prompt
from toolflow.llm.questions import NOT_USED, Misfit, Questioner
from toolflow.llm.repair import speech
from toolflow.llm.strict import without_examples
from toolflow.schema import (
    AssistantMessage,
    FunctionCall,
    Message,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from toolflow.trace import Trace

_USER = re.compile(r"(?im)^\W*(user|human)\W*:")
_PSEUDO_CALL = re.compile(r"</?tool_(?:call|response)>|```|\{\s*\"(name|arguments|tool)\"")


def read_assistant_prompt(read: Reader = read_prompt) -> Prompt:
    """The assistant's prompt file, checked."""
    return read("assistant", {"system": set()})


class LLMAssistant:
    """Speaks and calls for the assistant."""

    def __init__(self, questioner: Questioner, prompt: Prompt, *, keep_reasoning: bool = False) -> None:
        self._questioner = questioner
        self._prompt = prompt
        self._keep_reasoning = keep_reasoning

    async def reply(self, view: AssistantView) -> AssistantTurn:
        """The next message; `DialogueError` when no answer passed the checks."""
        messages = self._messages(view.messages)
        tools = [_offered(tool) for tool in view.tools]
        checks = _Checks(view, self._keep_reasoning)
        return await self._questioner.ask(ChatRequest("assistant", messages, tools=tools), checks.read, DialogueError)

    def _messages(self, messages: Sequence[Message]) -> list[ChatMessage]:
        """The talk so far, without what was thought; our guidance goes before the dialogue's own system message and
        into no record."""
        told = [message.content for message in messages if isinstance(message, SystemMessage)]
        guidance = "\n\n".join([self._prompt.render("system"), *told])
        rest = [message.model_dump() for message in messages if not isinstance(message, SystemMessage)]
        for message in rest:
            message.pop("reasoning_content", None)
        return [{"role": "system", "content": guidance}, *rest]


class _Checks:
    """Reads one answer against what was said before."""

    def __init__(self, view: AssistantView, keep_reasoning: bool) -> None:
        self.keep_reasoning = keep_reasoning
        self.tools = {tool.name: tool for tool in view.tools}
        self.trace = Trace(view.today)
        self.numbered = 0
        self.patience = 1
        self.made: list[tuple[str, Any]] = []
        """Calls since the user spoke last."""
        for message in view.messages:
            self._take_in(message)

    def _take_in(self, message: Message) -> None:
        match message:
            case SystemMessage():
                self.trace.context(message.content)
            case UserMessage():
                self.trace.hear(message.content)
                self.made = []
            case AssistantMessage():
                if message.content:
                    self.trace.propose(message.content)
                self.numbered += len(message.tool_calls)
                self.made += [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls]
            case ToolMessage():
                self.trace.result(message.content)

    def read(self, answer: ChatAnswer) -> AssistantTurn:
        """The turn that an answer means; `Misfit` when it cannot stand."""
        said, written = written_calls(answer)
        text = speech(said)
        thought = answer.reasoning if self.keep_reasoning else None
        if written:
            calls, complaint = self._calls(written)
            turn = AssistantTurn(text if text and self._problem(text) is None else None, calls, thought)
            if complaint:
                raise Misfit(complaint, usable=turn)
            return turn
        if answer.finish == "length":
            raise Misfit("it was cut off because it was too long; answer in a few sentences")
        problem = self._problem(text)
        if problem is not None:
            raise Misfit(problem)
        return AssistantTurn(text, reasoning=thought)

    def _problem(self, text: str) -> str | None:
        """Why a reply is none; None when it may be said."""
        if not text:
            return "it was empty"
        if _USER.search(text) or NOT_USED in text:
            return "it speaks for the user; write the assistant's next message only"
        if _PSEUDO_CALL.search(text):
            return "it holds something like a call in text; make a real tool call, or answer the user in prose"
        if text.startswith(("{", "[{")):
            return "it is JSON; answer the user in plain sentences"
        for name in self.tools:
            if "_" in name and name in text:
                return f"it names the tool {name}; call it, or speak of it in a user's words"
        return None

    def _calls(self, written: Sequence[WireCall]) -> tuple[list[ToolCall], str | None]:
        """The calls as they can be made, and what was left out of them."""
        calls: list[ToolCall] = []
        complaint = None
        for call in written:
            arguments, invented = self._arguments(call)
            complaint = complaint or invented
            if (call.name, arguments) in self.made:
                raise Misfit("this was already done; tell the user what the results say", speak=True)
            content = json.dumps(arguments, ensure_ascii=False)
            function = FunctionCall(name=call.name, arguments=content)
            calls.append(ToolCall(id=f"call_{self.numbered + len(calls) + 1}", function=function))
        return calls, complaint

    def _arguments(self, call: WireCall) -> tuple[dict[str, Any], str | None]:
        """The arguments that come from somewhere and fit, and a complaint about the others."""
        tool = self.tools.get(call.name)
        if tool is None:
            offered = ", ".join(self.tools) or "none"
            raise Misfit(f"there is no tool {call.name!r}; the tools are {offered}; if none fits, say so")
        try:
            given = coerced_arguments(call_arguments(call), tool.parameters)
        except ValueError as error:
            raise Misfit(f"the arguments of {call.name} must be a JSON object, but {error}") from None
        given = {name: value for name, value in given.items() if value is not None or name in tool.required}
        invented = {name: value for name, value in given.items() if self._is_invented(tool, name, value)}
        complaint = _invented(tool, invented) if invented else None
        if any(name in tool.required for name in invented):
            self._refuse(complaint or "", [name for name in invented if name in tool.required])
        arguments = {name: value for name, value in given.items() if name not in invented}
        errors = conformance(tool.parameters).errors(arguments)
        if errors:
            listed = "; ".join(f"{error.path or 'arguments'}: {error.message}" for error in errors[:4])
            raise Misfit(f"the arguments of {tool.name} do not fit: {listed}; what you do not know, ask for")
        return arguments, complaint and f"{complaint}; give what was said, or leave it out"

    def _refuse(self, complaint: str, names: Sequence[str]) -> NoReturn:
        """Once a value may have been copied wrongly; twice, the model does not want to speak and is made to."""
        if self.made:
            advice = "tell the user what the results say"
        else:
            advice = f"ask the user for the {' and the '.join(name.replace('_', ' ') for name in names)}"
        self.patience -= 1
        if self.patience < 0:
            raise Misfit(f"nothing can be done yet; {advice}", speak=True)
        raise Misfit(f"{complaint}; do not call, {advice}")

    def _is_invented(self, tool: Tool, name: str, value: Any) -> bool:
        return name in tool.properties and self.trace.source(value, tool.properties[name]) is None


def _invented(tool: Tool, arguments: dict[str, Any]) -> str:
    listed = ", ".join(f"{json.dumps(value, ensure_ascii=False)[:100]} for {name}" for name, value in arguments.items())
    return f"in the call of {tool.name}, {listed} was made up: neither the user nor a result gave it"


def _offered(tool: Tool) -> dict[str, Any]:
    """The tool as a model is offered it: without what it returns, and without examples, which tempt a model
    to call with them."""
    parameters = without_examples(tool.parameters)
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}
