"""The nouns: values that stages hand to each other and write to disk."""

from toolflow.schema.base import Noun
from toolflow.schema.message import (
    AssistantMessage,
    FunctionCall,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from toolflow.schema.plan import (
    Argument,
    Failure,
    FromContext,
    FromDefault,
    FromOutput,
    FromUser,
    Kind,
    Plan,
    PlannedCall,
    Request,
)
from toolflow.schema.record import Draw, End, FailedAnswer, Meta, Record, Verdict
from toolflow.schema.tool import Field, Tool

__all__ = [
    "Argument",
    "AssistantMessage",
    "Draw",
    "End",
    "FailedAnswer",
    "Failure",
    "Field",
    "FromContext",
    "FromDefault",
    "FromOutput",
    "FromUser",
    "FunctionCall",
    "Kind",
    "Message",
    "Meta",
    "Noun",
    "Plan",
    "PlannedCall",
    "Record",
    "Request",
    "SystemMessage",
    "Tool",
    "ToolCall",
    "ToolMessage",
    "UserMessage",
    "Verdict",
]
