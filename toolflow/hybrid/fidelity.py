"""Whether a rewording says what the sentence said: everything of it, nothing else, by the same speaker.

Each rule raises `Misfit` with what is wrong, to the model. Values are looked for as the rule on sources of arguments
looks for them (`toolflow.trace`, `toolflow.hybrid.marks`), so that what a call needs can still be found in the talk.
The rules are strict rather than clever: a good rewording may be refused, and then the sentence stands as it was.
Ours, all of it.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from toolflow.heard import fold, stem
from toolflow.hybrid.asking import check_questions
from toolflow.hybrid.marks import compared
from toolflow.hybrid.matter import check_matter, shared
from toolflow.hybrid.said import Said
from toolflow.hybrid.voice import check_voice
from toolflow.llm.questions import NOT_USED, Misfit
from toolflow.ordinary import is_word
from toolflow.trace import Trace

MAX_LISTED = 6
ROOM = 12
"""Words by which even a short sentence may grow."""
LEAST_CHANGED = 2
"""Words by which a rewording differs."""
RUN = 3
"""So many words of a quotation in a row are not said by chance."""
WORD = r"[\w']+"

_QUOTED = re.compile(r'"[^"]*"')
_MARKUP = re.compile(r"[\[\]{}<>|*#`~\\]|\n\s*[-•]|(?i:\b(?:user|assistant)(?:_says)?\s*:)")
_IDENTIFIER = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\b[a-z]+[A-Z]\w*")


def check_rewording(said: Said, text: str, examples: Collection[str] = ()) -> None:
    """Raise the first thing that is wrong with ``text`` in place of what was said; ``examples`` holds the stems of
    what other sentences were about that the model has seen."""
    _check_form(said, text)
    _check_values(said, text)
    _check_language(said, text)
    check_questions(said, text)
    check_voice(said, text)
    check_matter(said, text, examples)
    if not is_reworded(said.text, text):
        raise Misfit("that is the sentence as it was; say it in other words")


def is_reworded(before: str, after: str) -> bool:
    """Whether the words differ, by two at least, and not only their signs."""
    one, other = (re.findall(r"\w+", fold(text)) for text in (before, after))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    changed = max(len(one), len(other)) - sum(block.size for block in matcher.get_matching_blocks())
    return changed >= min(LEAST_CHANGED, len(one))


def _check_form(said: Said, text: str) -> None:
    if not text:
        raise Misfit("it was empty")
    before, after = len(said.text.split()), len(text.split())
    if after > before * 1.5 + ROOM:
        raise Misfit(f"it is too long: {after} words for {before}; add nothing")
    if after < before * 0.35:
        raise Misfit(f"it is too short: {after} words for {before}; leave nothing out")
    if fold(NOT_USED.partition("last ")[2]) in fold(text):
        raise Misfit("it speaks of the answer before; write the sentence and no more")
    for pattern, problem in ((_MARKUP, "markup"), (_IDENTIFIER, "a technical name")):
        odd = [found for found in pattern.findall(text) if found not in said.text]
        if odd:
            raise Misfit(f"it holds {problem}: {' '.join(odd[:MAX_LISTED]).strip()}; write as people talk")
    if re.search(r"'(?!(?:s|t|re|ve|ll|d|m)\b)[a-z]", re.sub(r"(?<!\w)'", "", fold(text))):
        raise Misfit("it has an apostrophe where none belongs")
    if re.search(r"[,:;]\s*[.?!,]", text) and not re.search(r"[,:;]\s*[.?!,]", said.text):
        raise Misfit("it breaks off")
    if _echo(said, text):
        raise Misfit(f'it says "{_echo(said, text)}" outside the quotation marks too')


def _echo(said: Said, text: str) -> str | None:
    """Some words of a quotation that stand outside of one as well."""
    outside = f" {' '.join(re.findall(WORD, _QUOTED.sub(' ', fold(text))))} "
    before = f" {' '.join(re.findall(WORD, _QUOTED.sub(' ', fold(said.text))))} "
    for quotation in _QUOTED.findall(fold(said.text)):
        words = re.findall(WORD, quotation)
        for at in range(len(words) - RUN + 1):
            run = " ".join(words[at : at + RUN])
            if f" {run} " in outside and f" {run} " not in before and _QUOTED.search(fold(text)):
                return run
    return None


def _check_language(said: Said, text: str) -> None:
    """English, and nothing but words."""
    known = [stem(fold(word)) for word in re.findall(r"[^\W\d_]+", said.text)]
    strange = [
        word for word in re.findall(r"[^\W\d_]+", text) if not is_word(word) and not shared([stem(fold(word))], known)
    ]
    if strange:
        raise Misfit(f"it has words that are none: {', '.join(strange[:MAX_LISTED])}; write English")


def _check_values(said: Said, text: str) -> None:
    """Every value is there, in the same order where it matters, and no other one is."""
    found = compared(said.text, said.marks, text, said.today, exact=said.speaker == "assistant")
    lost = [mark.said for mark in found.lost]
    for value in said.given:
        if _untraced(value, text, said.today) - _untraced(value, said.text, said.today):
            lost.append(str(value))
    if lost:
        raise Misfit(f"it leaves out {_listed(lost)}; every value must be in it, as it was")
    if found.new:
        raise Misfit(f"it makes up {_listed([mark.said for mark in found.new])}; name only what the sentence names")
    if found.repeated:
        raise Misfit(f"it says {_listed([mark.said for mark in found.repeated])} more often than it was said")
    if found.moved is not None:
        first, second = found.moved
        raise Misfit(f"{first.said} must come before {second.said}, as it did")


def _untraced(value: Any, text: str, today: date) -> set[str]:
    """The places inside a value that the rule on sources does not find in a text."""
    trace = Trace(today)
    trace.hear(text)
    return set(trace.untraced(value))


def _listed(values: Sequence[str]) -> str:
    return ", ".join(list(dict.fromkeys(values))[:MAX_LISTED])
