"""What a sentence is about, in its words: nothing of it dropped, no deed exchanged, no "not" lost, little added.

Words are compared by their stems, without those that carry no matter. Ours, all of it; English.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from toolflow.heard import content_words, fold, stem
from toolflow.hybrid.marks import Mark
from toolflow.hybrid.said import Said
from toolflow.llm.questions import Misfit

MOST_NEW = 3
"""Words of its own that even a short sentence may get …"""
SHARE_NEW = 0.5
"""… and a long one, beside the words it had."""
SHARE_KEPT = 0.4
"""Of the words of each clause of several, so many must be there again, and at least one."""

_CLAUSE = re.compile(r"[.!?;:]+\s|,? (?:and )?(?:then|after that|also|next)\b,?|, and\b")
_FILLING = frozenset(
    map(
        stem,
        "able about afraid after ahead all also any anything appreciate ask before besides but can care certainly "
        "come could course do does don down favor fine first forget found get give glad gladly go going good got "
        "great had happy hello help here hey hi how if interested just kindly know let like ll look looked lovely "
        "make mean meant mind misspoke mistake more much need never news next not now ok okay one only please "
        "problem question quick re right say see show some something sorry still such sure take tell thank thanks "
        "that then there these thing things think those time too try use ve want was way well what which while "
        "who why will wish work would yes yet".split(),
    )
)
"""Words that carry no matter."""
_WEAK = frozenset("get find search list show look check see give fetch retrieve view read lookup query".split())
"""What is asked of a tool in these words may be asked in any."""
_NO = re.compile(
    r"\b(?:not|no|never|without|cannot|unable|unfortunately|none|nothing|neither|nor|except|skip|leave out)\b|n't\b"
)
_QUOTED = re.compile(r'"[^"]*"')


def check_matter(said: Said, text: str, examples: Collection[str] = ()) -> None:
    """No clause is dropped, no deed exchanged, no "not" lost or won, and not too much added; nothing of what the
    ``examples`` were about, by the stems of their words."""
    after = matter(text)
    everything = [stem(word) for word in content_words(text)]
    for clause in _clauses(said):
        words = matter(clause)
        least = max(1, int(len(words) * SHARE_KEPT))
        if len(words) > 1 and len(shared(words, everything)) < least:
            raise Misfit(f'it leaves out "{clause.strip()}"')
    before = matter(said.text)
    spoken = [stem(word) for word in content_words(said.text)]
    if not before and not said.marks and not shared(spoken, everything):
        raise Misfit("it says something else; say the same")
    for deed in said.deeds:
        if deed not in _WEAK and stem(deed) in spoken and not shared([stem(deed)], everything):
            raise Misfit(f'it must still say "{deed}"')
    negated, denied = (_NO.search(_QUOTED.sub("", fold(one))) is not None for one in (said.text, text))
    if negated != denied and (before or said.marks or said.speaker == "assistant"):
        raise Misfit(f'it must {"still" if negated else "not"} say "not", "no" or the like')
    new = [word for word in after if not shared([word], spoken) and not _of_mark(word, said.marks)]
    if taken := [word for word in content_words(text) if stem(word) in new and stem(word) in examples]:
        raise Misfit(f'it takes "{taken[0]}" from an example; say this sentence')
    if len(set(new)) > max(MOST_NEW, len(before) * SHARE_NEW):
        raise Misfit("it says more than the sentence; add nothing")


def _bare(said: Said) -> str:
    """The sentence without its values, which are looked for by themselves."""
    bare = fold(said.text)
    for mark in said.marks:
        bare = bare[: mark.at] + " " * len(mark.said) + bare[mark.at + len(mark.said) :]
    return bare


def _clauses(said: Said) -> Iterator[str]:
    """The clauses without their values, which are looked for by themselves."""
    yield from _CLAUSE.split(_bare(said))


def matter(text: str) -> list[str]:
    """The stems of the words that carry matter."""
    words = map(stem, content_words(text))
    return list(dict.fromkeys(word for word in words if len(word) > 2 and word not in _FILLING))


def shared(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Those of the words that the others hold, in some inflection."""
    return [word for word in words if any(_akin(word, other) for other in others)]


def _akin(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return shorter == longer or (len(shorter) > 2 and longer.startswith(shorter) and len(longer) - len(shorter) < 4)


def _of_mark(word: str, found: Sequence[Mark]) -> bool:
    return any(word in map(stem, content_words(form)) for mark in found for form in mark.part.forms)
