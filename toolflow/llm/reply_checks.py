"""What an assistant may say to the user: prose that is no call, no instruction, no echo, and tells no made-up figures.

It judges one text; what was called, and what is asked next, is for `toolflow.llm.assistant_checks`. Ours, all of it.
"""

import re
from collections.abc import Collection
from decimal import Decimal

from toolflow.heard import content_words, stem
from toolflow.llm.prompts import Prompt
from toolflow.llm.questions import NOT_USED

LEAST_ECHO = 4
"""Words of an echo; one more than the user said may come to every so many."""
RUN = 7
"""So many words in a row are not said by chance."""

MAX_COUNT = 12
"""Up to so many things may be counted."""

_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,12})?|\d{1,18}(?:\.\d{1,12})?")
_MARK = re.compile(r"[.,'’ \u00a0\u202f]")
_FIGURE_ABROAD = re.compile(r"\d{1,18}(?:(?:[.,'’\u00a0\u202f]| (?=\d{3}(?!\d)))\d{1,12}){0,6}")
_USER = re.compile(r"(?im)^\W*(user|human)\W*:")
_OF_THE_USER = re.compile(
    r"(?i)\bthe user (?:should|can|could|may|must|is|has|had|was|will|wants?|needs?|asked|said)\b"
)
_SENTENCE = re.compile(r"\w\W+\w+\W.*[.!?][\"')\]]*$", re.S)
"""Two words and an end."""
_PSEUDO_CALL = re.compile(r"</?tool_(?:call|response)>|```|\{\s*\"(name|arguments|tool)\"")


class Replies:
    """Judges what is said, by what was brought up before."""

    def __init__(self, prompt: Prompt, tools: Collection[str], *, small: bool, english: bool = True) -> None:
        self._guidance = set[tuple[str, ...]]().union(
            *(_runs_of_words(prompt.sections[part].template) for part in ("system", "speaker", "ask", "tell"))
        )
        self._tools = tools
        self._small = small
        self._english = english
        self._figures: set[Decimal] = set()
        """The numbers that were written, whole and in parts: of "2026-05-03" the year, the month and the day."""

        self._of_users = False
        """Whether users are what the talk is about."""

    def bring_up(self, text: str) -> None:
        """The user says it, or a result holds it."""
        self._of_users = self._of_users or "user" in text.casefold()
        for figure in _FIGURE.findall(text):
            number = Decimal(figure.replace(",", ""))
            self._figures |= {number, number - 12}
            self._figures |= {Decimal(part) for part in re.findall(r"\d+", figure)}

    def problem(self, text: str) -> str | None:
        """Why a reply is none; None when it may be said."""
        if not text:
            return "it was empty"
        if _USER.search(text) or NOT_USED in text:
            return "it speaks for the user; write the assistant's next message only"
        if not self._of_users and _OF_THE_USER.search(text):
            return 'it speaks of the user; speak to them, as "you"'
        if self._guidance & _runs_of_words(text):
            return "it repeats the instructions; say what concerns the user"
        if _PSEUDO_CALL.search(text):
            return "it holds something like a call in text; make a real tool call, or answer the user in prose"
        if text.startswith(("{", "[{")):
            return "it is JSON; answer the user in plain sentences"
        if self._small and not _SENTENCE.search(text):
            return "it is no sentence; say a whole one to the user"
        for name in self._tools:
            if "_" in name and name in text:
                return f"it names the tool {name}; call it, or speak of it in a user's words"
        return None

    def unheard(self, text: str) -> list[str]:
        """Figures that neither the user nor a result brought up; what counts a few things is fine."""
        if self._english:
            return [figure for figure in _FIGURE.findall(text) if not self._has(figure)]
        return [figure for figure in _FIGURE_ABROAD.findall(text) if not self._has_abroad(figure)]

    def _has_abroad(self, figure: str) -> bool:
        """A figure with points and commas, read in every way there is: "1.234,50" and "3.9.2026"."""
        parts = _MARK.split(figure)
        readings = {"".join(parts), f"{''.join(parts[:-1])}.{parts[-1]}" if len(parts) > 1 else figure}
        return any(map(self._has, readings)) or (len(parts) > 1 and all(map(self._has, parts)))

    def _has(self, figure: str) -> bool:
        number = Decimal(figure.replace(",", ""))
        return number <= MAX_COUNT or number in self._figures


def echoes(text: str, heard: str) -> bool:
    """Whether a text has hardly a word that the user has not just said."""
    if text.casefold().strip(" .!") == heard.casefold().strip(" .!"):
        return True
    words, said = ({stem(word) for word in content_words(one)} for one in (text, heard))
    return len(words) >= LEAST_ECHO and len(words - said) <= len(words) // LEAST_ECHO


def _runs_of_words(text: str) -> set[tuple[str, ...]]:
    """Every `RUN` words in a row."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
