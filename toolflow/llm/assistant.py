"""The assistant: a model with the dialogue's tools at hand, called natively where the endpoint can.

It sees the messages and the tools (without ``returns``, as the trained model will), never the plan. What it answers
is checked before it counts (`toolflow.llm.assistant_checks`) and goes back with the reason when it does not fit; a
model that twice gives nothing to go on with is asked a narrower question: for its next step as JSON
(`toolflow.llm.assistant_step`), or for what to say and no more. Ours: that; one that needed the narrow question is
asked it first for the rest of the dialogue; an assistant that asked `MAX_ASKED` times and called nothing sees the
user's words without its own questions, or it would go on asking; an optional argument that comes from nowhere is
left out when asking again does not help, and a value of the wrong JSON type is put right where only one reading is
possible.
"""

from collections.abc import Sequence
from typing import Any

from toolflow.cast import AssistantTurn, AssistantView
from toolflow.errors import DialogueError
from toolflow.llm.assistant_checks import Checks
from toolflow.llm.chat import ChatMessage, ChatRequest
from toolflow.llm.prompts import Prompt, Reader, read_prompt
from toolflow.llm.questions import Questioner
from toolflow.llm.strict import without_examples
from toolflow.schema import (
    AssistantMessage,
    Message,
    SystemMessage,
    Tool,
    ToolMessage,
    UserMessage,
)

MAX_ASKED = 3
"""Questions without a call, one after the other, after which the assistant does not see them."""


def read_assistant_prompt(read: Reader = read_prompt) -> Prompt:
    """The assistant's prompt file, checked."""
    tasks = {"ask": {"said", "wanted"}, "tell": {"said", "results"}, "step": {"talk", "tools"}}
    tasks |= {"chat": {"said"}, "unable": {"said"}}
    examples = {f"{task}_example{part}": set[str]() for task in tasks for part in ("", "_answer")}
    sections = {"system": set[str](), "speaker": set[str](), "language": {"language"}, **tasks}
    return read("assistant", sections | examples)


class LLMAssistant:
    """Speaks and calls for the assistant."""

    def __init__(self, questioner: Questioner, prompt: Prompt, *, small: bool = False) -> None:
        self._questioner = questioner
        self._prompt = prompt
        self._small = small
        self._narrow = small
        """Whether the narrow question is asked first: of a small model, or of one that needed it before."""

    async def reply(self, view: AssistantView) -> AssistantTurn:
        """The next message; `DialogueError` when no answer passed the checks."""
        tools = [_offered(tool) for tool in view.tools]

        def question(asked: int) -> ChatRequest:
            return ChatRequest("assistant", self._messages(view, asked), tools=tools)

        checks = Checks(view, self._prompt, lambda: question(0), small=self._small)
        first = checks.step() if self._narrow else question(MAX_ASKED)
        turn = await self._questioner.ask(first, checks.read, DialogueError)
        self._narrow = self._narrow or checks.patience < 0
        return turn

    def _messages(self, view: AssistantView, asked: int) -> list[ChatMessage]:
        """The talk so far, without what was thought; our guidance goes before the dialogue's own system message and
        into no record."""
        told = [message.content for message in view.messages if isinstance(message, SystemMessage)]
        guidance = "\n\n".join([self._prompt.guidance("system", view.language), *told])
        rest = [message.model_dump() for message in _forgetful(view.messages, asked)]
        for message in rest:
            message.pop("reasoning_content", None)
        return [{"role": "system", "content": guidance}, *rest]


def _forgetful(messages: Sequence[Message], asked: int) -> list[Message]:
    """The talk; the end of it, since the assistant last called, without its questions when they were more."""
    talk: list[Message] = [message for message in messages if not isinstance(message, SystemMessage)]
    begin = max((at for at, message in enumerate(talk) if isinstance(message, ToolMessage)), default=-1) + 1
    begin += bool(begin) and begin < len(talk) and isinstance(talk[begin], AssistantMessage)  # it told the results
    answered = (at for at, message in enumerate(talk) if isinstance(message, AssistantMessage) and not _asks(message))
    begin = max(begin, max(answered, default=-1) + 1)
    said = [message.content for message in talk[begin:] if isinstance(message, UserMessage)]
    if len(said) <= asked or not isinstance(talk[-1], UserMessage):
        return talk
    return [*talk[:begin], UserMessage(content="\n".join(said))]


def _asks(message: AssistantMessage) -> bool:
    return "?" in (message.content or "")


def _offered(tool: Tool) -> dict[str, Any]:
    """The tool as a model is offered it: without what it returns, and without examples, which tempt a model
    to call with them."""
    parameters = without_examples(tool.parameters)
    function = {"name": tool.name, "description": tool.description, "parameters": parameters}
    return {"type": "function", "function": function}
