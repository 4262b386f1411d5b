"""What an assistant may say and call, judged by the talk before it, and what it is asked when it may not.

A call is of an offered tool, its arguments fit, and every value comes from somewhere; what a reply may be is
`toolflow.llm.reply_checks`' matter. It reads one answer; how often a question is asked is `toolflow.llm.questions`'
business. Ours, all of it.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NoReturn

from toolflow.cast import AssistantTurn, AssistantView
from toolflow.conformance import conformance
from toolflow.failures import tells_of_failure
from toolflow.languages import is_english
from toolflow.llm.assistant_step import asks, related, step_said, step_schema, step_talk, step_tools, wanted
from toolflow.llm.calls import call_arguments, written_calls
from toolflow.llm.chat import ChatAnswer, ChatRequest, WireCall
from toolflow.llm.coerce import coerced_arguments
from toolflow.llm.known import Known
from toolflow.llm.prompts import Prompt, quoted, untagged
from toolflow.llm.questions import SPEAK, SPEAK_WORDS, Misfit
from toolflow.llm.repair import speech
from toolflow.llm.reply_checks import Replies, echoes, tells_of
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

_QUESTION = re.compile(r"[^.!?]*\?\s*")


class Checks:
    """Reads one answer against what was said before."""

    def __init__(self, view: AssistantView, prompt: Prompt, bare: Callable[[], ChatRequest], small: bool) -> None:
        self.prompt = prompt
        self.bare = bare
        """The question without what the assistant asked, for one that repeats itself."""
        self.small = small
        self.view = view
        self.tools = {tool.name: tool for tool in view.tools}
        self.trace = Trace(view.today)
        self.numbered = 0
        self.patience = 1
        self.stepped = False
        """Whether the next step was asked for narrowly."""
        self.english = is_english(view.language)
        self.replies = Replies(prompt, view.tools, small=small, english=self.english)
        self.made: list[tuple[str, Any]] = []
        """Calls since the user spoke last …"""
        self.results: list[str] = []
        """… what they returned …"""
        self.failed: list[tuple[str, Any]] = []
        """… and those of them that failed, which may be made again."""
        self.before: list[tuple[str, Any]] = []
        """Calls that were made before the user spoke last."""
        self.returned: list[str] = []
        """All that was returned before, in this turn or earlier."""
        self.heard = ""
        self.spoken: set[str] = set()
        for message in view.messages:
            self._take_in(message)

    @cached_property
    def known(self) -> Known:
        """The values that the talk has brought up."""
        return Known(self.view.messages)

    def _take_in(self, message: Message) -> None:
        match message:
            case SystemMessage():
                self.replies.bring_up(message.content)
                self.trace.context(message.content)
            case UserMessage():
                self.replies.bring_up(message.content)
                self.trace.hear(message.content)
                self.before += [call for call in self.made if call not in self.failed]
                self.made, self.results, self.failed = [], [], []
                self.heard = message.content
            case AssistantMessage():
                if message.content:
                    self.trace.propose(message.content)
                    self.spoken.add(message.content)
                for call in message.tool_calls:
                    self.replies.bring_up(call.function.arguments, is_json=True)
                self.numbered += len(message.tool_calls)
                self.made += [(call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls]
            case ToolMessage():
                self.replies.bring_up(message.content, is_json=True)
                self.trace.result(message.content)
                if _is_error(message.content):
                    self.failed.append(self.made[len(self.results)])
                self.results.append(message.content)
                self.returned.append(message.content)

    def read(self, answer: ChatAnswer) -> AssistantTurn:
        """The turn that an answer means; `Misfit` when it cannot stand."""
        said, written = written_calls(answer)
        text = speech(step_said(said))
        thought = answer.reasoning or None
        if written:
            calls, complaint = self._calls(written)
            turn = AssistantTurn(text if text and self.replies.problem(text) is None else None, calls, thought)
            if complaint:
                raise Misfit(complaint, usable=turn)
            return turn
        problem = self.replies.problem(text)
        if problem is not None or answer.finish == "length":
            self.patience -= 1
        narrower = self.step() if self.patience < 0 else None
        if answer.finish == "length":
            raise Misfit("it was cut off because it was too long; answer in a few sentences", instead=narrower)
        if problem is not None:
            raise Misfit(problem, instead=narrower)
        if self.small and self.made and _QUESTION.fullmatch(text):
            raise Misfit("it asks, and tells nothing of the results", instead=self._speak())
        if self.small and self.made and not self.failed and not tells_of(text, self.results, self.made):
            reason = "it tells nothing of the results; say what they hold"
            raise Misfit(reason, usable=AssistantTurn(text, reasoning=thought), instead=self._speak())
        if self.made and len(self.failed) == len(self.made) and self.english and not tells_of_failure(text):
            reason = "everything failed; tell the user that, and why"
            raise Misfit(reason, usable=AssistantTurn(text, reasoning=thought), instead=self._speak())
        if text in self.spoken:
            reason = "you said exactly that before; do what the user asks now, with a tool where one is needed"
            raise Misfit(reason, instead=self._speak() if self.made else self.bare())
        if unheard := self.replies.unheard(text):
            self.patience -= 1
            reason = f"nobody said and no result holds {', '.join(unheard)}; say what the results say, or call a tool"
            if self.made:
                raise Misfit(reason, usable=AssistantTurn(text, reasoning=thought), instead=self._speak())
            raise Misfit(reason, instead=self.step())
        if self.small and not self.made and (told := self._recalled):
            if not tells_of(text, [json.dumps(told)], []):
                raise Misfit(f"it does not tell the {' and the '.join(map(plain, told))}", instead=self.step())
        elif self.small and not self.made and "?" not in text and (due := wanted(self._tools(), self.view.messages)):
            raise Misfit(
                "nothing was done yet; call the tool that the user needs", instead=self._step(due, speaks=False)
            )
        if not self.made and "?" not in text and echoes(text, self.heard, self.returned):
            reason = "it repeats what the user said; do it, with a tool, or ask for what is missing"
            raise Misfit(reason, instead=self.step() if self.small else self.bare())
        return AssistantTurn(text, reasoning=thought)

    def _calls(self, written: Sequence[WireCall]) -> tuple[list[ToolCall], str | None]:
        """The calls as they can be made, and what was left out of them."""
        calls: list[ToolCall] = []
        complaint = None
        for call in written:
            try:
                arguments, invented = self._arguments(call)
            except Misfit as misfit:
                if len(written) == 1 or (call is written[0] and not calls):
                    raise
                complaint = complaint or str(misfit)
                continue
            complaint = complaint or invented
            if self.made.count((call.name, arguments)) > self.failed.count((call.name, arguments)):
                raise Misfit("this was already done", instead=self._speak())
            others = [tool for tool in self._tools() if tool.name != call.name]
            if self.small and others and (call.name, arguments) in self.before:
                raise Misfit("this was done before, and the user wants something else", instead=self._step(others))
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
        given = {name: self._spelt(tool, name, value) for name, value in given.items()}
        invented = {name: value for name, value in given.items() if self._is_invented(tool, name, value)}
        complaint = _invented(tool, invented) if invented else None
        if any(name in tool.required for name in invented):
            self._refuse(complaint or "", tool, [name for name in invented if name in tool.required])
        arguments = {name: value for name, value in given.items() if name not in invented}
        errors = conformance(tool.parameters).errors(arguments)
        if errors:
            listed = "; ".join(f"{error.path or 'arguments'}: {error.message}" for error in errors[:4])
            self.patience -= 1
            instead = self.step() if self.patience < 0 else None
            reason = f"the arguments of {tool.name} do not fit: {listed}; what you do not know, ask for"
            raise Misfit(reason, instead=instead)
        return arguments, complaint and f"{complaint}; give what was said, or leave it out"

    def _refuse(self, complaint: str, tool: Tool, names: Sequence[str]) -> NoReturn:
        """Once a value may have been copied wrongly; twice, the model does not want to speak and is made to."""
        if self.made:
            advice = "tell the user what the results say"
        else:
            advice = f"ask the user for the {' and the '.join(name.replace('_', ' ') for name in names)}"
        self.patience -= 1
        if self.patience < 0:
            at_hand = all("enum" in (self.known.argument(name, tool.properties[name]) or ()) for name in names)
            again = self.step() if at_hand and not self.stepped else self._speak(names)
            raise Misfit(f"nothing can be done yet; {advice}", instead=again)
        raise Misfit(f"{complaint}; do not call, {advice}")

    def _speak(self, wanted: Sequence[str] = ()) -> ChatRequest:
        """The narrower question: how to tell the results, or before there are any, to ask for what is wanted."""
        said = quoted(self.heard)
        if self.made:
            return self._words("tell", said=said, results="\n".join(map(untagged, self.results)))
        return self._words("ask", said=said, wanted=", ".join(map(plain, wanted)))

    def _words(self, task: str, **known: str) -> ChatRequest:
        """A question for words alone, after an answered one of its kind."""
        messages = [
            {"role": "system", "content": self.prompt.guidance("speaker", self.view.language)},
            {"role": "user", "content": self.prompt.render(f"{task}_example") + SPEAK_WORDS},
            {"role": "assistant", "content": self.prompt.render(f"{task}_example_answer")},
            {"role": "user", "content": self.prompt.render(task, **known) + SPEAK_WORDS},
        ]
        return ChatRequest("assistant", messages, SPEAK)

    def step(self) -> ChatRequest:
        """The narrow question for the next step (`toolflow.llm.assistant_step`); a small model takes one step at a
        time, and chooses among tools that have to do with what was said."""
        self.stepped = True
        if self.small and self.made:
            return self._speak()
        if self.small and (told := self._recalled):
            return self._words("tell", said=quoted(self.heard), results=quoted(told))
        if self.small and not self._tools():
            return self._words("unable" if asks(self.heard) else "chat", said=quoted(self.heard))
        return self._step(self._tools())

    @cached_property
    def _recalled(self) -> dict[str, Any]:
        """What the user asks to hear again."""
        told = [*self.spoken, *self.returned, *(json.dumps(arguments) for _, arguments in self.before)]
        earlier = [message.content for message in self.view.messages[:-1] if isinstance(message, UserMessage)]
        return self.known.recalled([*earlier, *told])

    def _tools(self) -> Sequence[Tool]:
        return related(self.view.tools, self.view.messages) if self.small else self.view.tools

    def _step(self, tools: Sequence[Tool], *, speaks: bool = True) -> ChatRequest:
        talk = step_talk(self.view.messages)
        messages = [
            {"role": "system", "content": self.prompt.guidance("speaker", self.view.language)},
            {"role": "user", "content": self.prompt.render("step_example")},
            {"role": "assistant", "content": self.prompt.render("step_example_answer")},
            {"role": "user", "content": self.prompt.render("step", talk=talk, tools=step_tools(tools) or "(none)")},
        ]
        return ChatRequest("assistant", messages, step_schema(tools, self.view.messages, speaks=speaks))

    def _spelt(self, tool: Tool, name: str, value: Any) -> Any:
        """The value; of one that nobody gave, what it is a misspelling of."""
        meant = self.known.misspelt(value) if self._is_invented(tool, name, value) else None
        return value if meant is None else meant

    def _is_invented(self, tool: Tool, name: str, value: Any) -> bool:
        if name not in tool.properties:
            return tool.parameters.get("additionalProperties") is False
        return self.trace.source(value, tool.properties[name]) is None


def _is_error(content: str) -> bool:
    result = json.loads(content)
    return isinstance(result, dict) and bool(result.get("error"))


def _invented(tool: Tool, arguments: dict[str, Any]) -> str:
    listed = ", ".join(f"{json.dumps(value, ensure_ascii=False)[:100]} for {name}" for name, value in arguments.items())
    return f"in the call of {tool.name}, {listed} was made up: neither the user nor a result gave it"
