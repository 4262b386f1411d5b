"""What an assistant may say to the user: prose that is no call, no instruction, no echo, and tells no made-up figures.

It judges one text; what was called, and what is asked next, is for `toolflow.llm.assistant_checks`. Ours, all of it.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from toolflow.claims import Known, claims
from toolflow.effort import Effort
from toolflow.heard import content_words, stem
from toolflow.llm.known import named_values
from toolflow.llm.prompts import Prompt, runs_of_words
from toolflow.llm.questions import NOT_USED
from toolflow.ordinary import is_ordinary
from toolflow.schema import Tool
from toolflow.told_names import names_unheard
from toolflow.trace import Trace

_GUIDING = ("system", "speaker", "ask", "tell")
"""Sections of the prompt that instruct."""
LEAST_ECHO = 4
"""Words of an echo; one more than the user said may come to every so many."""
MAX_COUNT = 12
"""Up to so many things may be counted."""

_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,12})?|\d{1,18}(?:\.\d{1,12})?")
_MARK = re.compile(r"[.,'’ \u00a0\u202f]")
_FIGURE_ABROAD = re.compile(r"\d{1,18}(?:(?:[.,'’\u00a0\u202f]| (?=\d{3}(?!\d)))\d{1,12}){0,6}")
_USER = re.compile(r"(?im)^\W*(user|human)\W*:")
_OF_THE_USER = re.compile(
    r"(?i)\bthe user (?:should|can|could|may|must|is|has|had|was|will|wants?|needs?|asked|said)\b"
)
_NAME = re.compile(r"[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){1,3}")
"""Two words or more that begin with capitals."""
_SENTENCE = re.compile(r"\w\W+\w+\W.*[.!?][\"')\]]*$", re.S)
"""Two words and an end."""
_PSEUDO_CALL = re.compile(r"</?tool_(?:call|response)>|```|\{\s*\"(name|arguments|tool)\"")


class Replies:
    """Judges what is said, by what was brought up before."""

    def __init__(self, prompt: Prompt, tools: Sequence[Tool], *, small: bool, english: bool = True) -> None:
        self._guidance = _guidance(tuple(prompt.sections[part].template for part in _GUIDING))
        self._tools = tools
        self._small = small
        self._english = english
        self._brought_up: list[tuple[str, bool]] = []
        """What was said, and (true) what is JSON: the arguments of calls, and results."""
        self._examples = _names(tuple(part.template for name, part in prompt.sections.items() if "_example" in name))
        """Names that stand in our examples, and in the talk by no more than chance."""
        self._of_users = False
        """Whether users are what the talk is about."""

    def bring_up(self, text: str, *, is_json: bool = False) -> None:
        """The user says it, or a call or a result holds it."""
        self._of_users = self._of_users or "user" in text.casefold()
        self._examples = tuple(name for name in self._examples if name not in text)
        self._brought_up.append((text, is_json))

    def problem(self, text: str) -> str | None:
        """Why a reply is none; None when it may be said."""
        if not text:
            return "it was empty"
        if _USER.search(text) or NOT_USED in text:
            return "it speaks for the user; write the assistant's next message only"
        if not self._of_users and _OF_THE_USER.search(text):
            return 'it speaks of the user; speak to them, as "you"'
        if copied := next((name for name in self._examples if name in text), None):
            return f"nobody spoke of {copied}; say what concerns the user"
        if self._guidance & runs_of_words(text):
            return "it repeats the instructions; say what concerns the user"
        if _PSEUDO_CALL.search(text):
            return "it holds something like a call in text; make a real tool call, or answer the user in prose"
        if text.startswith(("{", "[{")):
            return "it is JSON; answer the user in plain sentences"
        if self._small and not _SENTENCE.search(text):
            return "it is no sentence; say a whole one to the user"
        for tool in self._tools:
            if "_" in tool.name and tool.name in text:
                return f"it names the tool {tool.name}; call it, or speak of it in a user's words"
        return None

    def unheard(self, text: str) -> list[str]:
        """Figures and names that neither the user nor a result brought up, as the rules find them
        (`toolflow.validate.report`); in other languages than English figures alone, and those that count a few things
        are fine."""
        if not self._english:
            return [figure for figure in _FIGURE_ABROAD.findall(text) if not self._has_abroad(figure)]
        known = Known()
        for said, is_json in self._brought_up:
            known.take_in(json.loads(said)) if is_json else known.listen(said)
        figures = [claim.text for claim in claims(text) if not known.bears(claim)]
        names = names_unheard(text, [said for said, _ in self._brought_up], self._offer, Effort())
        return [*figures, *(name for name in names if not is_ordinary(name))]

    def _offer(self) -> str:
        return "\n".join(tool.model_dump_json() for tool in self._tools)

    @cached_property
    def _figures(self) -> set[Decimal]:
        """The numbers that were written, whole and in parts: of "2026-05-03" the year, the month and the day."""
        figures: set[Decimal] = set()
        for figure in (figure for text, _ in self._brought_up for figure in _FIGURE.findall(text)):
            number = Decimal(figure.replace(",", ""))
            figures |= {number, number - 12, *map(Decimal, re.findall(r"\d+", figure))}
        return figures

    def _has_abroad(self, figure: str) -> bool:
        """A figure with points and commas, read in every way there is: "1.234,50" and "3.9.2026"."""
        parts = _MARK.split(figure)
        readings = {"".join(parts), f"{''.join(parts[:-1])}.{parts[-1]}" if len(parts) > 1 else figure}
        return any(map(self._has, readings)) or (len(parts) > 1 and all(map(self._has, parts)))

    def _has(self, figure: str) -> bool:
        number = Decimal(figure.replace(",", ""))
        return number <= MAX_COUNT or number in self._figures


@lru_cache(maxsize=16)
def _guidance(texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The runs of words of our instructions."""
    return frozenset().union(*map(runs_of_words, texts))


@lru_cache(maxsize=16)
def _names(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The names in our examples."""
    return tuple(sorted({name for text in texts for name in _NAME.findall(text)}))


def echoes(text: str, heard: str, returned: Sequence[str]) -> bool:
    """Whether a text has hardly a word that the user has not just said, and none of what was ``returned`` before:
    "The status is running" answers a question for the status."""
    if text.casefold().strip(" .!") == heard.casefold().strip(" .!"):
        return True
    words, said = ({stem(word) for word in content_words(one)} for one in (text, heard))
    if len(words) < LEAST_ECHO or len(words - said) > len(words) // LEAST_ECHO:
        return False
    if returned and set(_FIGURE.findall(text)) - set(_FIGURE.findall(heard)):
        return False
    return not any((words - said) & {stem(word) for word in content_words(result)} for result in returned)


def tells_of(text: str, results: Sequence[str], made: Sequence[tuple[str, Any]]) -> bool:
    """Whether a text tells a value of the results that was not in the calls; true where they hold none."""
    given = [value for _, arguments in made for _, value in named_values(arguments)]
    returned = [value for result in results for _, value in named_values(json.loads(result))]
    news = [value for value in returned if value not in given]
    trace = Trace()
    trace.hear(text)
    return not news or any(trace.source(value) is not None for value in news)
