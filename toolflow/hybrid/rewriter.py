"""The wording of a model: one short question for each turn, an answer that passes the checks or the turn as it was.

The model is shown who speaks and in what manner, the end of the talk, and the turn that the simulator has made; its
answer is held against that turn (`toolflow.hybrid.fidelity`), asked for once more with what is wrong, and then the
turn stands. A model that is ``small`` is asked sentence by sentence, without the talk, in a form that holds the
values (`toolflow.hybrid.form`), and once more with the same question, since it would answer the complaint, in a
form that begins otherwise. An endpoint that gives no answer at all fails the dialogue, as in the llm cast. Ours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from toolflow.errors import DialogueError
from toolflow.hybrid.fidelity import check_rewording, is_reworded
from toolflow.hybrid.form import reworded_pattern
from toolflow.hybrid.matter import matter
from toolflow.hybrid.said import Said, Speaker
from toolflow.hybrid.speakers import Talk
from toolflow.llm.chat import ChatAnswer, ChatMessage, ChatRequest
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Misfit, Questioner, typed
from toolflow.llm.repair import speech

MAX_TALK = 4
"""Turns of the talk that are shown …"""
MAX_LETTERS = 1_200
"""… and letters of them, the end."""
FEW_WORDS = 5
"""A sentence of fewer is asked about with the next one."""
EXAMPLES = tuple("one two three four five six seven eight nine ten eleven twelve".split())

_SENTENCE = re.compile(r"(?:“[^”]*”|\b(?:Dr|Mrs?|Ms|Prof|St|No)\.|[^.!?“]|[.!?](?!\s))*[.!?]*”?[.!?]?\s*")


class Reworded(BaseModel):
    """What a model answers."""

    model_config = ConfigDict(extra="ignore")

    say: str


def read_rewrite_prompt(read: Reader = read_prompt) -> Prompt:
    """The prompt file, checked."""
    speakers = ("user", "assistant")
    examples = {f"{who}_{name}{part}": set[str]() for who in speakers for name in EXAMPLES for part in ("", "_answer")}
    sections = {"user": set[str](), "assistant": set[str](), "begin": {"manner", "said"}, "sentence": {"said"}}
    return read("rewrite", sections | {"next": {"manner", "talk", "said"}} | examples)


@dataclass(slots=True)
class Rewriter:
    """Rewords the turns of one speaker of one record."""

    speaker: Speaker
    questioner: Questioner
    prompt: Prompt
    manner: str
    count: dict[str, int]
    """Turns that were ``reworded``, and those that ``stood``."""
    small: bool = False
    _examples: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        shown = (self.prompt.render(f"{self.speaker}_{name}") for name in EXAMPLES)
        self._examples = frozenset(word for text in shown for word in matter(text))

    async def reword(self, said: Said, talk: Talk) -> str:
        """The turn in other words, or as it was; `DialogueError` when the endpoint gave no answer."""
        if self.small:
            parts = [await self._reworded(part, ()) for part in sentences(said)]
            text = " ".join(parts)
        else:
            text = await self._reworded(said, talk)
        self.count["reworded" if is_reworded(said.text, text) else "stood"] += 1
        return text

    async def _reworded(self, said: Said, talk: Talk) -> str:
        def read(answer: ChatAnswer) -> str:
            text = speech(typed(answer, Reworded).say)
            try:
                check_rewording(said, text, self._examples)
            except Misfit as misfit:
                raise Misfit(str(misfit), schema=self._form(said, other=True)) from None
            return text

        question = ChatRequest(self.speaker, self._messages(said, talk), self._form(said))
        return await self.questioner.ask(question, read, DialogueError, afresh=self.small, fallback=said.text)

    def _form(self, said: Said, *, other: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.small and (pattern := reworded_pattern(said, other=other)) is not None:
            schema["pattern"] = pattern
        return {"type": "object", "properties": {"say": schema}, "required": ["say"], "additionalProperties": False}

    def _messages(self, said: Said, talk: Talk) -> list[ChatMessage]:
        messages = [{"role": "system", "content": self.prompt.render(self.speaker)}]
        for name in EXAMPLES:
            messages.append({"role": "user", "content": self.prompt.render(f"{self.speaker}_{name}")})
            messages.append({"role": "assistant", "content": self.prompt.render(f"{self.speaker}_{name}_answer")})
        text = quoted(said.text)
        if self.small:
            question = self.prompt.render("sentence", said=text)
        elif talk:
            question = self.prompt.render("next", manner=self.manner, talk=_end_of(talk), said=text)
        else:
            question = self.prompt.render("begin", manner=self.manner, said=text)
        return [*messages, {"role": "user", "content": question}]


def sentences(said: Said) -> list[Said]:
    """A turn sentence by sentence, a short one with the next; a quotation is not split."""
    parts: list[str] = []
    for part in filter(None, map(str.strip, _SENTENCE.findall(said.text))):
        if parts and len(parts[-1].split()) < FEW_WORDS:
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return [replace(said, text=part) for part in parts]


def _end_of(talk: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{role}: {quoted(text[-MAX_LETTERS:])}" for role, text in talk[-MAX_TALK:])
