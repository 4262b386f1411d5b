"""A question as an endpoint takes it, and its answer as we take it; no HTTP.

Where an endpoint lacks a feature, words stand in for it: the schema of the answer is written into the system
message, and tools become a call format in plain text (`toolflow.llm.calls` reads it back).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolflow.config import LLMConfig
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest, WireCall
from toolflow.llm.purse import Tokens
from toolflow.llm.repair import cleaned, split_thought
from toolflow.llm.strict import is_strict
from toolflow.llm.support import Support

MAX_TOKEN_BYTES = 8
"""More than any tokenizer gets into a token on the average of a whole prompt; English prose takes about four."""

JSON_WORDS = "Answer with one JSON object and nothing else. It must fit this JSON Schema:\n"

_FINISHES = {
    "length": {"length", "max_tokens", "max_output_tokens", "model_length"},
    "content_filter": {"content_filter", "safety", "recitation", "blocklist", "prohibited_content", "sensitive"},
    "tool_calls": {"tool_calls", "function_call", "tool_use"},
}
"""What endpoints call OpenAI's reasons to finish; any other is a stop."""
_BROKEN_OFF = {"error", "abort", "insufficient_system_resource"}
"""The endpoint did not finish: asking again is worth the while."""

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
        messages = _told(_in_words(messages), CALL_WORDS.format(tools=tools))
    if support.temperature and config.temperature is not None:
        wire["temperature"] = config.temperature
    if support.seed and request.seed is not None:
        wire["seed"] = request.seed
    if support.length is not None:
        wire[support.length] = config.max_tokens
    if support.effort and config.reasoning_effort is not None:
        wire["reasoning_effort"] = config.reasoning_effort
    if not support.system:
        messages = _folded(messages)
    return {**wire, "messages": messages}


def compact(value: Any) -> str:
    """JSON on one line, without spaces to pay for."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer_of(completion: Mapping[str, Any]) -> ChatAnswer | None:
    """The first choice of a body; None when there is none, or when the endpoint broke off in the middle of it.

    Endpoints leave out what they like and put anything where something else belongs: nothing is trusted.
    """
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = _at(choice, "message")
    if message is None:
        return None
    finish = str(_at(choice, "finish_reason") or "stop").lower()
    if finish in _BROKEN_OFF:
        return None
    content = _at(message, "content")
    text, thought = split_thought(_text_of(content))
    thoughts = [_at(message, "reasoning_content"), _at(message, "reasoning"), _thinking_in(content), thought]
    return ChatAnswer(
        text=text,
        calls=tuple(_calls_of(message)),
        finish=next((name for name, said in _FINISHES.items() if finish in said), "stop"),
        refusal=_refusal_of(message),
        reasoning=next((given for given in map(cleaned, thoughts) if given), None),
    )


def _text_of(content: Any) -> str:
    """A text, or the text parts of a list; what else may stand there is not said."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = [_at(part, "text") for part in parts if _at(part, "type") in ("text", "output_text")]
    return "".join(text for text in texts if isinstance(text, str))


def _thinking_in(content: Any) -> str:
    """Mistral's way: a part of type ``thinking`` that holds parts of type ``text``."""
    parts = content if isinstance(content, list) else ()
    return "".join(_text_of(_at(part, "thinking")) for part in parts if _at(part, "type") == "thinking")


def _refusal_of(message: Any) -> str | None:
    content = _at(message, "content")
    parts = [_at(part, "refusal") for part in content] if isinstance(content, list) else []
    return next((said for said in [_at(message, "refusal"), *parts] if isinstance(said, str) and said), None)


def _calls_of(message: Any) -> Iterator[WireCall]:
    """Its calls, the older ``function_call`` too; ids are ours to give."""
    given = _at(message, "tool_calls")
    functions = [_at(call, "function") for call in given] if isinstance(given, list) else []
    for function in functions or [_at(message, "function_call")]:
        name, arguments = _at(function, "name"), _at(function, "arguments")
        if isinstance(name, str):
            text = arguments if isinstance(arguments, str) else compact({} if arguments is None else arguments)
            yield WireCall(name, text)


def _at(value: Any, name: str) -> Any:
    """A field of what should be an object."""
    return value.get(name) if isinstance(value, dict) else None


def tokens_of(completion: Mapping[str, Any]) -> Tokens | None:
    """What the endpoint counted; None when it did not say, or not in numbers."""
    usage = completion.get("usage")
    prompt, completed = (_count(usage, name) for name in ("prompt_tokens", "completion_tokens"))
    if prompt is None or completed is None:
        return None
    total = _count(usage, "total_tokens") or 0
    return Tokens(
        prompt,
        max(completed, total - prompt),  # some leave thoughts out of the answer's tokens and bill them
        cached=_count(_at(usage, "prompt_tokens_details"), "cached_tokens") or 0,
        reasoning=_count(_at(usage, "completion_tokens_details"), "reasoning_tokens") or 0,
    )


def leaves_tools_out(wire: dict[str, Any], size: int, tokens: Tokens | None) -> bool:
    """Whether the prompt was so short that the model cannot have been shown the tools; ``size`` is that of all of
    ``wire``, in bytes.

    A server whose chat template knows no tools may take them and drop them without a word (llama.cpp does). Ours:
    the prompt as counted then holds the messages, but not messages and tools at `MAX_TOKEN_BYTES`.
    """
    if tokens is None or "tools" not in wire or size <= MAX_TOKEN_BYTES * tokens.prompt:
        return False
    told, offered = (len(compact(wire[name]).encode(errors="replace")) for name in ("messages", "tools"))
    return told < MAX_TOKEN_BYTES * tokens.prompt < told + offered


def _count(details: Any, name: str) -> int | None:
    count = _at(details, name)
    return count if isinstance(count, int) and count >= 0 else None


def _told(messages: list[ChatMessage], words: str) -> list[ChatMessage]:
    """With a paragraph more in the system message."""
    first, *rest = messages
    return [{**first, "content": f"{first['content']}\n\n{words}"}, *rest]


def _folded(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Without a system message: its text begins the first message of the user."""
    first, *rest = messages
    if first["role"] != "system":
        return messages
    if rest and rest[0]["role"] == "user":
        return [{**rest[0], "content": f"{first['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{**first, "role": "user"}, *rest]


def _in_words(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Calls and results as text, for endpoints that know neither; roles alternate, as some chat templates want."""
    told: list[ChatMessage] = []
    for message in messages:
        if message["role"] == "tool":
            result = f"<tool_response>{message['content']}</tool_response>"
            if told[-1]["role"] == "user":
                told[-1] = {**told[-1], "content": f"{told[-1]['content']}\n{result}"}
            else:
                told.append({"role": "user", "content": result})
        elif message.get("tool_calls"):
            calls = [call["function"] for call in message["tool_calls"]]
            lines = [
                f'<tool_call>{{"name": {json.dumps(call["name"])}, "arguments": {call["arguments"]}}}</tool_call>'
                for call in calls
            ]
            said = "\n".join([*filter(None, [message.get("content")]), *lines])
            told.append({"role": "assistant", "content": said})
        else:
            told.append(message)
    return told
