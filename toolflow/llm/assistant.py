"""The assistant: a model with the dialogue's tools at hand, called natively where the endpoint can.

It sees the messages and the tools (without ``returns``, as the trained model will), never the plan. A call is
checked before it counts: an offered tool, arguments that fit its schema, and every value from somewhere. What
does not fit goes back with the reason; a model that twice would call where it cannot, is asked a narrower
question: what to say, and no more. Ours: that; an assistant that asked `MAX_ASKED` times and called nothing sees
the user's words without its own questions, or it would go on asking; an optional argument that comes from
nowhere is left out when asking again does not help, and a value of the wrong JSON type is put right where only
one reading is possible.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from toolflow.cast import AssistantTurn, AssistantView
from toolflow.conformance import conformance
from toolflow.errors import DialogueError
from toolflow.heard import content_words, stem
from toolflow.llm.calls import call_arguments, written_calls
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest, WireCall
from toolflow.llm.coerce import coerced_arguments
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt, untagged
from toolflow.llm.questions import NOT_USED, SPEAK, SPEAK_WORDS, Misfit, Questioner
from toolflow.llm.repair import speech
from toolflow.llm.strict import without_examples
from toolflow.llm.user_plan import plain
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

MAX_ASKED = 2
"""Messages without a call, one after the other, after which the assistant does not see them."""

LEAST_ECHO = 4
"""Words of an echo; one more than the user said may come to every so many."""
RUN = 7
"""So many words in a row are not said by chance."""

_USER = re.compile(r"(?im)^\W*(user|human)\W*:")
_PSEUDO_CALL = re.compile(r"</?tool_(?:call|response)>|```|\{\s*\"(name|arguments|tool)\"")


def read_assistant_prompt(read: Reader = read_prompt) -> Prompt:
    """The assistant's prompt file, checked."""
    examples = {f"{task}_example{part}": set[str]() for task in ("ask", "tell") for part in ("", "_answer")}
    sections = {"system": set[str](), "speaker": set[str](), "ask": {"said", "wanted"}, "tell": {"said", "results"}}
    return read("assistant", sections | examples)


class LLMAssistant:
    """Speaks and calls for the assistant."""

    def __init__(self, questioner: Questioner, prompt: Prompt, *, keep_reasoning: bool = False) -> None:
        self._questioner = questioner
        self._prompt = prompt
        self._keep_reasoning = keep_reasoning

    async def reply(self, view: AssistantView) -> AssistantTurn:
        """The next message; `DialogueError` when no answer passed the checks."""
        tools = [_offered(tool) for tool in view.tools]
        question, bare = (
            ChatRequest("assistant", self._messages(view.messages, asked), tools=tools) for asked in (MAX_ASKED, 0)
        )
        checks = _Checks(view, self._prompt, bare, self._keep_reasoning)
        return await self._questioner.ask(question, checks.read, DialogueError)

    def _messages(self, messages: Sequence[Message], asked: int) -> list[ChatMessage]:
        """The talk so far, without what was thought; our guidance goes before the dialogue's own system message and
        into no record."""
        told = [message.content for message in messages if isinstance(message, SystemMessage)]
        guidance = "\n\n".join([self._prompt.render("system"), *told])
        rest = [message.model_dump() for message in _forgetful(messages, asked)]
        for message in rest:
            message.pop("reasoning_content", None)
        return [{"role": "system", "content": guidance}, *rest]


def _forgetful(messages: Sequence[Message], asked: int) -> list[Message]:
    """The talk; the end of it, since the assistant last called, without its questions when they were more."""
    talk: list[Message] = [message for message in messages if not isinstance(message, SystemMessage)]
    begin = max((at for at, message in enumerate(talk) if isinstance(message, ToolMessage)), default=-1) + 1
    begin += bool(begin) and begin < len(talk) and isinstance(talk[begin], AssistantMessage)  # it told the results
    said = [message.content for message in talk[begin:] if isinstance(message, UserMessage)]
    if len(said) <= asked or not isinstance(talk[-1], UserMessage):
        return talk
    return [*talk[:begin], UserMessage(content="\n".join(said))]


class _Checks:
    """Reads one answer against what was said before."""

    def __init__(self, view: AssistantView, prompt: Prompt, bare: ChatRequest, keep_reasoning: bool) -> None:
        self.prompt = prompt
        self.bare = bare
        """The question without what the assistant asked, for one that repeats itself."""
        self.keep_reasoning = keep_reasoning
        self.tools = {tool.name: tool for tool in view.tools}
        self.trace = Trace(view.today)
        self.numbered = 0
        self.guidance = set[tuple[str, ...]]().union(
            *(_runs_of_words(prompt.sections[part].template) for part in ("system", "speaker", "ask", "tell"))
        )
        self.patience = 1
        self.made: list[tuple[str, Any]] = []
        """Calls since the user spoke last …"""
        self.results: list[str] = []
        """… and what they returned."""
        self.heard = ""
        self.spoken: set[str] = set()
        for message in view.messages:
            self._take_in(message)

    def _take_in(self, message: Message) -> None:
        match message:
            case SystemMessage():
                self.trace.context(message.content)
            case UserMessage():
                self.trace.hear(message.content)
                self.made, self.results = [], []
                self.heard = message.content
            case AssistantMessage():
                if message.content:
                    self.trace.propose(message.content)
                    self.spoken.add(message.content)
                self.numbered += len(message.tool_calls)
                self.made += [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls]
            case ToolMessage():
                self.trace.result(message.content)
                self.results.append(message.content)

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
        problem = self._problem(text)
        if problem is not None or answer.finish == "length":
            self.patience -= 1
        narrower = self._speak() if self.made and self.patience < 0 else None
        if answer.finish == "length":
            raise Misfit("it was cut off because it was too long; answer in a few sentences", instead=narrower)
        if problem is not None:
            raise Misfit(problem, instead=narrower)
        if text in self.spoken:
            reason = "you said exactly that before; do what the user asks now, with a tool where one is needed"
            raise Misfit(reason, instead=self._speak() if self.made else self.bare)
        if not self.made and "?" not in text and self._echoes(text):
            reason = "it repeats what the user said; do it, with a tool, or ask for what is missing"
            raise Misfit(reason, instead=self.bare)
        return AssistantTurn(text, reasoning=thought)

    def _problem(self, text: str) -> str | None:
        """Why a reply is none; None when it may be said."""
        if not text:
            return "it was empty"
        if _USER.search(text) or NOT_USED in text:
            return "it speaks for the user; write the assistant's next message only"
        if self.guidance & _runs_of_words(text):
            return "it repeats the instructions; say what concerns the user"
        if _PSEUDO_CALL.search(text):
            return "it holds something like a call in text; make a real tool call, or answer the user in prose"
        if text.startswith(("{", "[{")):
            return "it is JSON; answer the user in plain sentences"
        for name in self.tools:
            if "_" in name and name in text:
                return f"it names the tool {name}; call it, or speak of it in a user's words"
        return None

    def _echoes(self, text: str) -> bool:
        """Whether a text has hardly a word that the user has not just said."""
        words, said = ({stem(word) for word in content_words(one)} for one in (text, self.heard))
        return len(words) >= LEAST_ECHO and len(words - said) <= len(words) // LEAST_ECHO

    def _calls(self, written: Sequence[WireCall]) -> tuple[list[ToolCall], str | None]:
        """The calls as they can be made, and what was left out of them."""
        calls: list[ToolCall] = []
        complaint = None
        for call in written:
            arguments, invented = self._arguments(call)
            complaint = complaint or invented
            if (call.name, arguments) in self.made:
                raise Misfit("this was already done", instead=self._speak())
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
            self.patience -= 1
            instead = self._speak() if self.made and self.patience < 0 else None
            reason = f"the arguments of {tool.name} do not fit: {listed}; what you do not know, ask for"
            raise Misfit(reason, instead=instead)
        return arguments, complaint and f"{complaint}; give what was said, or leave it out"

    def _refuse(self, complaint: str, names: Sequence[str]) -> NoReturn:
        """Once a value may have been copied wrongly; twice, the model does not want to speak and is made to."""
        if self.made:
            advice = "tell the user what the results say"
        else:
            advice = f"ask the user for the {' and the '.join(name.replace('_', ' ') for name in names)}"
        self.patience -= 1
        if self.patience < 0:
            raise Misfit(f"nothing can be done yet; {advice}", instead=self._speak(names))
        raise Misfit(f"{complaint}; do not call, {advice}")

    def _speak(self, wanted: Sequence[str] = ()) -> ChatRequest:
        """The narrower question: how to tell the results, or before there are any, to ask for what is wanted."""
        said = quoted(self.heard)
        if self.made:
            question = self.prompt.render("tell", said=said, results="\n".join(map(untagged, self.results)))
        else:
            question = self.prompt.render("ask", said=said, wanted=", ".join(map(plain, wanted)))
        task = "tell" if self.made else "ask"
        messages = [
            {"role": "system", "content": self.prompt.render("speaker")},
            {"role": "user", "content": self.prompt.render(f"{task}_example") + SPEAK_WORDS},
            {"role": "assistant", "content": self.prompt.render(f"{task}_example_answer")},
            {"role": "user", "content": question + SPEAK_WORDS},
        ]
        return ChatRequest("assistant", messages, SPEAK)

    def _is_invented(self, tool: Tool, name: str, value: Any) -> bool:
        if name not in tool.properties:
            return tool.parameters.get("additionalProperties") is False
        return self.trace.source(value, tool.properties[name]) is None


def _runs_of_words(text: str) -> set[tuple[str, ...]]:
    """Every `RUN` words in a row."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def _invented(tool: Tool, arguments: dict[str, Any]) -> str:
    listed = ", ".join(f"{json.dumps(value, ensure_ascii=False)[:100]} for {name}" for name, value in arguments.items())
    return f"in the call of {tool.name}, {listed} was made up: neither the user nor a result gave it"


def _offered(tool: Tool) -> dict[str, Any]:
    """The tool as a model is offered it: without what it returns, and without examples, which tempt a model
    to call with them."""
    parameters = without_examples(tool.parameters)
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}
