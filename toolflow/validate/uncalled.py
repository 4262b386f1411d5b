"""Rules on calls that were said and not made: told as done, or written out as text."""

import re
from collections.abc import Iterator

from toolflow.deeds import deeds
from toolflow.validate.finding import Finding, strict
from toolflow.validate.reading import Dialogue
from toolflow.verbs import may_act

_MARKUP = re.compile(r"</?(?:tool_call|function_call|functioncall|function=\w+)>|\[TOOL_CALLS\]|<\|python_tag\|>")
"""What models put around a call that an endpoint did not recognise."""


def missed_call(dialogue: Dialogue) -> Iterator[Finding]:
    """What the assistant says it has done was done by a call, where there are tools: "I've booked it" takes one."""
    if not dialogue.in_english or not dialogue.tools:
        return
    acted = False
    for message in dialogue.messages:
        acted = acted or any(may_act(call.name) for call in dialogue.calls_at.get(message.index, ()))
        if message.role == "assistant" and not acted:
            for verb, said in deeds(message.text):
                if not dialogue.brought_up(verb, message.index):
                    yield Finding(f"{message.where}.content", f"{said!r}, and no call did it", strict(dialogue.ours))


def call_as_text(dialogue: Dialogue) -> Iterator[Finding]:
    """A call stands where calls stand, and is not written into a reply: ``get_weather(city="Oslo")``."""
    for message in dialogue.messages:
        if message.role != "assistant":
            continue
        if found := _MARKUP.search(message.text):
            yield Finding(f"{message.where}.content", f"{found[0]!r} marks a call in a text", strict(dialogue.ours))
            continue
        for name in dialogue.tools:
            if name in message.text and _is_written(name, message.text):
                why = f"a call of {name!r} is written out as text"
                yield Finding(f"{message.where}.content", why, strict(dialogue.ours))


def _is_written(name: str, text: str) -> bool:
    """Whether a call of a tool stands in a text, as code or as JSON."""
    named = re.escape(name)
    return re.search(rf"(?<![\w.]){named}\((?:\)|\w+ ?[=:])|[\"']name[\"']: ?[\"']{named}[\"']", text) is not None
