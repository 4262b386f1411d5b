"""A question as an endpoint takes it, and its answer as we take it; no HTTP.

Where an endpoint lacks a feature, words stand in for it: the schema of the answer is written into the system
message, and tools become a call format in plain text (`toolflow.llm.calls` reads it back).
"""

import json
from typing import Any

from openai.types.chat import ChatCompletion

from toolflow.config import LLMConfig
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest, WireCall
from toolflow.llm.purse import Tokens
from toolflow.llm.strict import is_strict
from toolflow.llm.support import Support

JSON_WORDS = "Answer with one JSON object and nothing else. It must fit this JSON Schema:\n"

CALL_WORDS = """You can call these tools:
{tools}
To call tools, answer with one line for each call and nothing else:
<tool_call>{{"name": "the tool's name", "arguments": {{"argument": "value"}}}}</tool_call>
The results come back between <tool_response> and </tool_response>. Without such lines, your answer goes to
the user as it stands."""


def lowered(request: ChatRequest, support: Support, model: str, config: LLMConfig) -> dict[str, Any]:
    """The arguments of ``chat.completions.create``."""
    messages = list(request.messages)
    wire: dict[str, Any] = {"model": model}
    if request.schema is not None and support.structure == "schema":
        strict = is_strict(request.schema)
        answer = {"name": f"{request.role}_answer", "strict": strict, "schema": request.schema}
        wire["response_format"] = {"type": "json_schema", "json_schema": answer}
    elif request.schema is not None:
        messages = _told(messages, JSON_WORDS + compact(request.schema))
        if support.structure == "json":
            wire["response_format"] = {"type": "json_object"}
    if request.tools and support.tools:
        wire["tools"] = list(request.tools)
    elif request.tools:
        tools = "\n".join(compact(tool["function"]) for tool in request.tools)
        messages = _told([_in_words(message) for message in messages], CALL_WORDS.format(tools=tools))
    if support.temperature and config.temperature is not None:
        wire["temperature"] = config.temperature
    if support.seed and request.seed is not None:
        wire["seed"] = request.seed
    if support.length is not None:
        wire[support.length] = config.max_tokens
    return {**wire, "messages": messages}


def compact(value: Any) -> str:
    """JSON on one line, without spaces to pay for."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_of(completion: ChatCompletion) -> ChatAnswer | None:
    """The first choice; None when there is none. Endpoints leave out what they like: nothing is trusted."""
    choices = completion.choices
    message = choices[0].message if choices else None
    if message is None:
        return None
    calls = []
    for call in message.tool_calls or ():
        function = getattr(call, "function", None)
        if function is None:
            continue
        given = function.arguments
        arguments = given if isinstance(given, str) else compact({} if given is None else given)
        calls.append(WireCall(str(function.name), arguments))
    content = message.content
    return ChatAnswer(
        text=content if isinstance(content, str) else "",
        calls=tuple(calls),
        finish=choices[0].finish_reason or "stop",
        refusal=message.refusal or None,
    )


def tokens_of(completion: ChatCompletion) -> Tokens | None:
    """What the endpoint counted; None when it did not say, or not in numbers."""
    usage = completion.usage
    prompt, completed = (_count(usage, name) for name in ("prompt_tokens", "completion_tokens"))
    if prompt is None or completed is None:
        return None
    return Tokens(
        prompt,
        completed,
        cached=_count(getattr(usage, "prompt_tokens_details", None), "cached_tokens") or 0,
        reasoning=_count(getattr(usage, "completion_tokens_details", None), "reasoning_tokens") or 0,
    )


def _count(details: Any, name: str) -> int | None:
    count = getattr(details, name, None)
    return count if isinstance(count, int) and count >= 0 else None


def _told(messages: list[ChatMessage], words: str) -> list[ChatMessage]:
    """With a paragraph more in the system message."""
    first, *rest = messages
    return [{**first, "content": f"{first['content']}\n\n{words}"}, *rest]


def _in_words(message: ChatMessage) -> ChatMessage:
    """A call or a result as text, for endpoints that know neither."""
    if message["role"] == "tool":
        return {"role": "user", "content": f"<tool_response>{message['content']}</tool_response>"}
    if not message.get("tool_calls"):
        return message
    calls = [call["function"] for call in message["tool_calls"]]
    lines = [
        f'<tool_call>{{"name": {json.dumps(call["name"])}, "arguments": {call["arguments"]}}}</tool_call>'
        for call in calls
    ]
    return {"role": "assistant", "content": "\n".join([*filter(None, [message.get("content")]), *lines])}
