"""Whether a rewording says what the sentence said: everything of it, nothing else, by the same speaker.

Each rule raises `Misfit` with what is wrong, to the model. Values are  for as the rule on sources of arguments
looks for them (`toolflow.trace`, `toolflow.hybrid.marks`), so that what a call needs can still be found in the talk.
The rules are strict rather than clever: a good rewording may be refused, and then the sentence stands as it was.
Ours, all of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from toolflow.heard import content_words, fold, stem
from toolflow.hybrid.marks import Known, Mark, compared, marks
from toolflow.llm.questions import NOT_USED, Misfit
from toolflow.ordinary import is_ordinary
from toolflow.trace import Trace

Speaker = Literal["user", "assistant"]

MAX_LISTED = 6
ROOM = 12
"""Words by which even a short sentence may grow."""
MOST_NEW = 3
"""Words of its own that even a short sentence may get …"""
SHARE_NEW = 0.5
"""… and a long one, beside the words it had."""
SHARE_KEPT = 0.25
"""Of the words of each clause of several, so many must be there again, and at least one."""

_CLAUSE = re.compile(r"[.!?;:]+\s|,? (?:and )?(?:then|after that|also|next)\b,?|, and\b")
_FILLING = frozenset(
    map(
        stem,
        "able afraid after ahead all also any anything appreciate ask before besides can certainly come could "
        "course do does don down favor fine first forget found get give glad gladly go going good got great had "
        "happy hello help here hey hi how if just kindly know let like ll look looked lovely make mean meant mind "
        "misspoke mistake more much need never news next not now ok okay one only please problem question quick "
        "re right say see show some something sorry still such sure take tell thank thanks that then there these "
        "thing things think those time too try use ve want was way well what which while who why will wish work "
        "would yes yet".split(),
    )
)
"""Words that carry no matter."""
_WEAK = frozenset("get find search list show look check see give fetch retrieve view read lookup query".split())
"""What is asked of a tool in these words may be asked in any."""
_NO = re.compile(
    r"\b(?:not|no|never|without|cannot|unable|unfortunately|none|nothing|neither|nor|except|skip|leave out)\b|n't\b"
)
_QUOTED = re.compile(r'"[^"]*"')
_ASKED = re.compile(r"[^.!?]*\?")
_OPEN = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have)\b")
"""Words that make a question one that wants to know."""
_UNMARKED = re.compile(
    r"(?:\A|[.!?]\s+)\W*(?:what|which|who|where|when|why|how|can|could|would|may|do|does|is|are)\b[^?.!]*[.!]"
)
"""A question without its sign."""
_MARKUP = re.compile(r"[\[\]{}<>|*#`~\\]|\n\s*[-•]|(?i:\b(?:user|assistant)(?:_says)?\s*:)")
_IDENTIFIER = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\b[a-z]+[A-Z]\w*")
_OF_ASSISTANT = re.compile(
    r"\b(?:i can|i'll|i will|let me|(?:offer|for) you\b"
    r"|(?:here is|here's|here are|i have|i've|we have|we've) (?!to\b|a\b|an\b|got to\b|decided\b|no\b)"
    r"|(?:has|have) been\b|as an ai\b|(?:can|could|may|would) i (?:help|assist|get you)|(?:assist|help) you\b"
    r"|you(?:'d| would)? (?:like|want|need)\b|your (?:request|order|question|search)\b|please provide|i apologi[sz]e"
    r"|how can i)"
)
_OF_USER = re.compile(
    r"\b(?:i (?:need|want|would like|wanted)|i'd (?:like|love|want)|(?:can|could|would|will) you|help me|for me\b"
    r"|tell me\b|my\b|please (?:find|get|book|send|show|list|help|make|add|search)|thank you|thanks\b)"
)
_PLEA = re.compile(r"\b(?:please|can you|could you|would you|help me|i need|let me know)\b")
_PROMISE = re.compile(
    r"\b(?:i'll|i will|i'm going to|i am going to|we'll|we will|you'll (?:get|receive)|let me know|let's|feel free"
    r"|don't hesitate|if you (?:need|have|want|would|'d)|is there anything|anything else|happy to|glad to|here to help"
    r"|guarantee|promise|soon)\b"
)


@dataclass(frozen=True)
class Said:
    """One sentence, or one turn, as the simulator said it, and what stands behind it."""

    speaker: Speaker
    text: str
    today: date
    known: Sequence[Known] = ()
    """Values that may stand in it."""
    given: Sequence[Any] = ()
    """Arguments that the user gives with it."""
    deeds: Sequence[str] = ()
    """First words of the tools it is about."""
    marks: list[Mark] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "marks", marks(self.text, self.known, self.today))


def check_rewording(said: Said, text: str) -> None:
    """Raise the first thing that is wrong with ``text`` in place of what was said."""
    _check_form(said, text)
    _check_values(said, text)
    _check_language(said, text)
    _check_questions(said, text)
    _check_speaker(said, text)
    _check_matter(said, text)


def is_reworded(before: str, after: str) -> bool:
    """Whether the words differ, and not only their signs."""
    return re.findall(r"\w+", fold(before)) != re.findall(r"\w+", fold(after))


def _check_form(said: Said, text: str) -> None:
    if not text:
        raise Misfit("it was empty")
    before, after = len(said.text.split()), len(text.split())
    if after > before * 1.5 + ROOM:
        raise Misfit(f"it is too long: {after} words for {before}; add nothing")
    if after < before * 0.35:
        raise Misfit(f"it is too short: {after} words for {before}; leave nothing out")
    if not is_reworded(said.text, text):
        raise Misfit("that is the sentence as it was; say it in other words")
    if fold(NOT_USED.partition("last ")[2]) in fold(text):
        raise Misfit("it speaks of the answer before; write the sentence and no more")
    for pattern, problem in ((_MARKUP, "markup"), (_IDENTIFIER, "a technical name")):
        odd = [found for found in pattern.findall(text) if found not in said.text]
        if odd:
            raise Misfit(f"it holds {problem}: {' '.join(odd[:MAX_LISTED]).strip()}; write as people talk")
    if _UNMARKED.search(fold(text)) and not _UNMARKED.search(fold(said.text)):
        raise Misfit("it asks without a question mark")


def _check_language(said: Said, text: str) -> None:
    """English, and nothing but words."""
    known = [stem(fold(word)) for word in re.findall(r"[^\W\d_]+", said.text)]
    strange = [
        word
        for word in re.findall(r"[^\W\d_]+", text)
        if not _is_english(word) and not _shared([stem(fold(word))], known)
    ]
    if strange:
        raise Misfit(f"it has words that are none: {', '.join(strange[:MAX_LISTED])}; write English")


def _is_english(word: str) -> bool:
    return is_ordinary(word) and fold(word).isascii()


def _check_values(said: Said, text: str) -> None:
    """Every value is there, in the same order where it matters, and no other one is."""
    found = compared(said.text, said.marks, text, said.today)
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


def _check_speaker(said: Said, text: str) -> None:
    """The same one speaks: who asks goes on asking, and who reports, reporting."""
    before, after = fold(said.text), fold(text)
    pattern, problem = {
        "user": (_OF_ASSISTANT, "that is what the assistant would say; the user asks, and has done nothing"),
        "assistant": (_OF_USER, "that is what the user would say; the assistant answers, and asks for nothing else"),
    }[said.speaker]
    new = [found for found in pattern.findall(after) if found not in before]
    if new:
        raise Misfit(f'{problem} ("{new[0].strip()}")')
    if said.speaker == "user" and not (said.given or said.deeds) and _PLEA.search(after) and not _PLEA.search(before):
        raise Misfit("it asks for something; the user only tells it")
    if said.speaker == "user" and "your" in after.split() and "your" not in before.split():
        raise Misfit('the user speaks of "your", and means the own things; say "my" or "the"')
    if (
        said.speaker == "user"
        and re.search(r"\bme|my|mine\b", before)
        and not re.search(r"\b(?:me|my|mine|i)\b", after)
    ):
        raise Misfit('the user must still say "me" or "my"')
    if said.speaker == "assistant":
        new = [found for found in _PROMISE.findall(after) if found not in before]
        if new:
            raise Misfit(f'it offers or promises something new ("{new[0]}"); say only what was said')


def asks(said: Said) -> bool:
    """Whether it is a question that is to stay one."""
    questions = _ASKED.findall(fold(said.text))
    return bool(questions) and (said.speaker == "assistant" or any(map(_wants_to_know, questions)))


def _check_questions(said: Said, text: str) -> None:
    """What was asked is asked, and nothing else."""
    before, after = _ASKED.findall(fold(said.text)), _ASKED.findall(fold(text))
    if said.speaker == "user":
        open_before, open_after = (list(filter(_wants_to_know, questions)) for questions in (before, after))
        if len(after) < len(open_before):
            raise Misfit(f"it must ask {len(open_before)} question{'s' * (len(open_before) != 1)}, as it did")
        spoken = [stem(word) for word in content_words(said.text)]
        for question in open_after if not open_before else ():  # "Which flights …?" asks for a list of flights
            if len(_shared(_matter(question), spoken)) < len(_matter(question)):
                raise Misfit(f'it asks something new: "{question.strip()}"')
        if len(open_after) > max(1, len(open_before)):
            raise Misfit("it asks too many questions; ask for the same things")
        return
    if len(before) != len(after):
        many = f"{len(before)} question{'s' * (len(before) != 1)}" if before else "no question"
        raise Misfit(f"it must ask {many}, as it did, not {len(after)}")
    for question in before:
        wanted = _matter(question)
        if wanted and not any(_shared(wanted, _matter(other)) for other in after):
            raise Misfit(f'it must still ask: "{question.strip()}"')


def _wants_to_know(question: str) -> bool:
    """Rather than a polite request."""
    words = re.findall(r"[\w']+", question)[:6]
    return not {"can", "could", "would", "will", "mind", "may"} & set(words) and any(map(_OPEN.match, words))


def _check_matter(said: Said, text: str) -> None:
    """No clause is dropped, no deed exchanged, no "not" lost or won, and not too much added."""
    after = _matter(text)
    everything = [stem(word) for word in content_words(text)]
    for clause in _clauses(said):
        words = _matter(clause)
        least = max(1, int(len(words) * SHARE_KEPT))
        if len(words) > 1 and len(_shared(words, everything)) < least:
            raise Misfit(f'it leaves out "{clause.strip()}"')
    before = _matter(said.text)
    spoken = [stem(word) for word in content_words(said.text)]
    for deed in said.deeds:
        if deed not in _WEAK and stem(deed) in spoken and not _shared([stem(deed)], everything):
            raise Misfit(f'it must still say "{deed}"')
    negated, denied = (_NO.search(_QUOTED.sub("", fold(one))) is not None for one in (said.text, text))
    if negated != denied and (before or said.marks):
        raise Misfit(f'it must {"still" if negated else "not"} say "not", "no" or the like')
    new = [word for word in after if not _shared([word], spoken) and not _of_mark(word, said.marks)]
    if len(set(new)) > max(MOST_NEW, len(before) * SHARE_NEW):
        raise Misfit("it says more than the sentence; add nothing")


def _bare(said: Said) -> str:
    """The sentence without its values, which are looked for by themselves."""
    bare = fold(said.text)
    for mark in said.marks:
        bare = bare[: mark.at] + " " * len(mark.said) + bare[mark.at + len(mark.said) :]
    return bare


def _clauses(said: Said) -> Iterator[str]:
    """The clauses without their values, which are  for by themselves."""
    yield from _CLAUSE.split(_bare(said))


def _matter(text: str) -> list[str]:
    """The stems of the words that carry matter."""
    words = map(stem, content_words(text))
    return list(dict.fromkeys(word for word in words if len(word) > 2 and word not in _FILLING))


def _shared(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Those of the words that the others hold, in some inflection."""
    return [word for word in words if any(_akin(word, other) for other in others)]


def _akin(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return shorter == longer or (len(shorter) > 2 and longer.startswith(shorter) and len(longer) - len(shorter) < 4)


def _of_mark(word: str, found: Sequence[Mark]) -> bool:
    return any(word in map(stem, content_words(form)) for mark in found for form in mark.part.forms)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(list(dict.fromkeys(values))[:MAX_LISTED])
