"""What the selfplay user says when coming back to something: another value, or a question about a result."""

import re
from collections.abc import Sequence
from typing import Any

from toolflow.schema import FromOutput, Request, Tool
from toolflow.selfplay.acts import Reference
from toolflow.selfplay.names import label, singular
from toolflow.selfplay.phrases import deed, sentence
from toolflow.selfplay.pointing import VAGUE
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.wording import inline

_INSTEAD = (
    "Actually, {} instead, please.",
    "Sorry, I meant {}.",
    "Hmm, and {} instead?",
    "Wait, could you try that again {}?",
    "On second thought, {}, please.",
    "Oh, I misspoke. It should be {}.",
)
_THEN = ("How about {} then?", "Then try {}, please.", "Okay, {} then.", "All right, what about {}?")
_REMIND = (
    "What's the {}?",
    "And what's the {}?",
    "Could you tell me the {} as well?",
    "Before we go on, what's the {}?",
    "One more thing: what is the {}?",
)
_AGAIN = (
    "Sorry, what was the {} again?",
    "Remind me, what's the {}?",
    "Can you repeat the {} for me?",
    "I didn't catch that. What was the {}?",
)
_PREPOSITION = re.compile(r"^(?:in|at|for|on|from|to|near|of|about|with|under|by) ")


def changed_mind(request: Request, name: str, value: Any, tool: Tool, speech: Speech) -> str:
    """The sentence that gives the second call of a request its other value."""
    first = request.calls[0]
    text = inline(name, value, tool.properties.get(name) or {}, deed(tool), speech)
    frame = speech.rng.choice(_INSTEAD if first.failure is None else _THEN)
    if text is None:
        said = speech.value(value, tool.properties.get(name) or {})
        return f"{'Actually, make' if first.failure is None else 'Then make'} the {label(name)} {said}."
    bare = _PREPOSITION.sub("", text)
    return sentence(frame.format(text if _takes_phrase(frame) else bare))


def _takes_phrase(frame: str) -> bool:
    """Whether ``for two people`` goes where the frame wants its words, rather than ``two people``."""
    return "that again" in frame or frame.startswith(("Actually", "Hmm", "On second"))


def question_about(about: FromOutput, talk: Sequence[tuple[str, str]], speech: Speech) -> str:
    """A question about a field of an earlier result, for the first time or again as the talk has it."""
    asked = thing_asked(Reference(about.call, about.path))
    name = label(about.path.rpartition(".")[2])
    told = any(f"{name} is" in text for role, text in talk if role == "assistant")
    return sentence(speech.rng.choice(_AGAIN if told else _REMIND).format(asked))


def thing_asked(reference: Reference) -> str:
    """``rating of the first hotel``, ``total price``."""
    holder, _, name = reference.path.rpartition(".")
    what = label(name)
    listed = re.search(r"([A-Za-z_]*)\[0\]$", holder)
    if listed is None:
        return what
    item = label(singular(listed.group(1)))
    whose = f"the first {item if item.split()[-1] not in VAGUE else 'one'}"
    return f"{what.removeprefix(item + ' ')} of {whose}"
