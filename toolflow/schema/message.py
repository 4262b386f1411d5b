"""Chat messages, in OpenAI's format to the letter."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_serializer

from toolflow.schema.base import Noun


class FunctionCall(Noun):
    """What is called and with what."""

    name: str
    arguments: str
    """A JSON object, as text."""


class ToolCall(Noun):
    """One call of an assistant message."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class SystemMessage(Noun):
    """What the assistant knows before the talk begins, such as today's date."""

    role: Literal["system"] = "system"
    content: str


class UserMessage(Noun):
    """One turn of the user."""

    role: Literal["user"] = "user"
    content: str


class AssistantMessage(Noun):
    """A reply, or calls (with or without a word beside them)."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    reasoning_content: str | None = None
    """What was thought before, when the settings ask for it: DeepSeek's addition to OpenAI's format."""
    tool_calls: tuple[ToolCall, ...] = ()

    @model_serializer(mode="plain")
    def _without_what_is_empty(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.reasoning_content:
            message["reasoning_content"] = self.reasoning_content
        if self.tool_calls:
            message["tool_calls"] = [call.model_dump() for call in self.tool_calls]
        return message


class ToolMessage(Noun):
    """The result of one call."""

    role: Literal["tool"] = "tool"
    tool_call_id: str
    name: str
    content: str
    """JSON, as text."""


Message = Annotated[SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")]
"""Any message of a dialogue."""
