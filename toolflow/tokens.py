"""How many tokens a text will be, when its tokenizer is somebody else's.

Bytes per token, by what the text is. Measured (scripts/measure_tokens) on what the llm cast would send in 100
dialogues of the packaged catalog. The last two columns are the error of what is taken here, over all tokens of the
questions and of the answers: a little too much for the large vocabularies of today, too little for a small one.

================  ========  ========  =======  =========  =======
tokenizer         messages  attached  answers  questions  answers
================  ========  ========  =======  =========  =======
OpenAI o200k          3.88      4.44     3.56      +6 %     +11 %
OpenAI cl100k         3.84      4.61     3.55      +7 %     +11 %
Qwen 2.5              3.63      4.57     3.17      +2 %      -1 %
SmolLM2               3.28      3.74     2.79     -10 %     -13 %
**taken here**         3.6       4.3      3.2
================  ========  ========  =======  =========  =======

A tokenizer known to make more tokens, and tools in another language, are what ``--bytes-per-token`` is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WRITTEN = 3.6
"""Bytes per token of messages …"""
ATTACHED = 4.3
"""… of tools and schemas …"""
ANSWERED = 3.2
"""… and of answers."""
PER_MESSAGE = 4
"""Tokens around each message."""


def message_tokens(texts: Sequence[str]) -> float:
    """Tokens of messages with these texts."""
    return len(texts) * PER_MESSAGE + sum(len(text.encode(errors="replace")) for text in texts) / WRITTEN


@dataclass(frozen=True, slots=True)
class Size:
    """Of a question and its answer; bytes."""

    messages: int = 0
    written: int = 0
    """Of all messages."""
    attached: int = 0
    """Of tools and of the schema of the answer."""
    answered: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(
            self.messages + other.messages,
            self.written + other.written,
            self.attached + other.attached,
            self.answered + other.answered,
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """Bytes per token."""

    written: float = WRITTEN
    attached: float = ATTACHED
    answered: float = ANSWERED

    def prompt(self, size: Size) -> float:
        """Tokens of a question."""
        return size.messages * PER_MESSAGE + size.written / self.written + size.attached / self.attached

    def completion(self, size: Size, answers: int) -> float:
        """Tokens of answers."""
        return answers * PER_MESSAGE + size.answered / self.answered
