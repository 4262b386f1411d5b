"""The sentence that asks for something: a frame around a deed, several deeds side by side or one after another.

What a turn before has asked for need not be said again: "And in Rome?".
"""

import re
from collections.abc import Callable, Sequence
from random import Random

from toolflow.schema import Kind
from toolflow.selfplay.phrases import Deed, are, joined, sentence
from toolflow.selfplay.wording import Clause

_ASKS = (
    "can you {}?",
    "could you {}?",
    "please {}.",
    "could you please {}?",
    "would you {} for me?",
    "{}.",
    "may I ask you to {}?",
    "{}, please.",
    "{}, if you can.",
)
_SHORTEST = ("{}.", "{}, please.", "please {}.", "can you {}?", "could you {}?", "{}, would you?")
_LONG = 90
"""Letters of a deed that gets none of the longer frames."""
_SEEKS = ("{}, would you?", "I'd like you to {}.", "{}.", "{}.", "quick question, could you {}?", "help me {}.")
_ACTS = (
    "I'd like to {}.",
    "I want to {}.",
    "I need to {}.",
    "go ahead and {}.",
    "let's {}.",
    "I have to {}.",
    "it's time to {}.",
    "I've decided to {}.",
    "help me {}.",
    "I still have to {}.",
)
_SHOWN = (
    "show me {}.",
    "I need {}.",
    "I'd like to see {}.",
    "can I see {}?",
    "give me {}, please.",
    "let me see {}.",
    "could I have {}?",
)
_SOUGHT = ("I'm looking for {}.", "I need {}.", "find me {}, please.", "can you find {}?", "are there any {}?")
_SHOWS = frozenset("get list show retrieve fetch return view".split())
_FINDS = re.compile(r"^(?:search for|find|look for) (?!out |if |whether )")
_NOT_FOR_ME = re.compile(r"\b(?:me|I|my)\b|.{60}| (?:for|to|with) (?:that|the)\b")
_HEAD = re.compile(r" (?:of|for|in|on|with|at|from|near|to|about|that|between) ")
_LINKS = ("Also, please {}.", "And {}, please.", "Also {}.", "Besides, could you {}?")
_THENS = ("Then {}.", "After that, {}.", "Next, {}.", "And {}.", "Now {}.")
_JOINS = (" and then ", ", then ", " and after that ", " and ", ", then ")
_PREPOSITIONS = frozenset("in at for of to about on from matching named near into".split())
_AGAIN = ("And {}?", "Same question, but {}.", "And the same {}?", "And now {}?", "The same {}, please.")
_DO_AGAIN = ("And the same {}, please.", "Now the same {}.", "Same again {}, please.", "Once more {}, please.")
_OBJECTS = 0.4
"""Share of questions that name the thing wanted rather than the deed."""


def asked(kind: Kind, first: Deed, clauses: Sequence[Clause], led: Callable[[str], str], rng: Random) -> str:
    """The clauses of a request: one sentence, or one each where they need more said.

    ``first`` is the deed of the first clause; ``led`` makes a sentence that begins a turn.
    """
    more = [line for one in clauses for line in one.more]
    alike = all(one.more == clauses[0].more for one in clauses)
    if len(clauses) == 1 or not more or (alike and kind is Kind.PARALLEL):
        return " ".join([led(_sentence(kind, first, clauses, rng)), *clauses[0].more])
    frames = _LINKS if kind is Kind.PARALLEL else _THENS
    links = rng.sample(frames, len(frames))
    told = [led(_sentence(kind, first, clauses[:1], rng)), *clauses[0].more]
    for number, one in enumerate(clauses[1:]):
        told += [sentence(links[number % len(links)].format(one.main)), *one.more]
    return " ".join(told)


def asked_again(phrases: Sequence[str], doing: Deed, rng: Random) -> str:
    """The same once more, said by what is different: ``And in Rome?``, ``Now the same for Oslo.``"""
    return sentence(rng.choice(_AGAIN if doing.seeks else _DO_AGAIN).format(" ".join(phrases)))


def framed(doing: Deed, main: str, rng: Random) -> str:
    """One deed as a question or a wish: ``could you list my invoices?``, ``show me my invoices.``"""
    thing = _wanted(doing, main)
    if thing and rng.random() < _OBJECTS:
        head = _HEAD.split(thing, maxsplit=1)[0]
        if thing.startswith("the ") and "," not in thing and rng.random() < 0.5:
            return f"what's {thing}?" if are(head) == "is" else f"what are {thing}?"
        bare = not head.startswith(("the ", "a ", "an ", "my ", "all ")) and are(head) == "are"
        frames = _SOUGHT if _FINDS.match(main) else _SHOWN
        return rng.choice([frame for frame in frames if bare or "any" not in frame]).format(thing)
    return _frame(doing, main, rng).format(main)


def _frame(doing: Deed, main: str, rng: Random) -> str:
    """A frame for a deed; "for me" only where that is short and speaks of nobody else."""
    frames = _SHORTEST if len(main) > _LONG else _ASKS + (_SEEKS if doing.seeks else _ACTS)
    return rng.choice([frame for frame in frames if "for me" not in frame or not _NOT_FOR_ME.search(main)])


def _wanted(doing: Deed, main: str) -> str:
    """What a lookup is to bring, where its verb only brings it: ``my invoices``; empty for others."""
    if found := _FINDS.match(main):
        return main[found.end() :]
    verb, _, thing = main.partition(" ")
    return thing if verb in _SHOWS and doing.seeks and not thing.startswith(("for ", "back ", "to ")) else ""


def _sentence(kind: Kind, first: Deed, clauses: Sequence[Clause], rng: Random) -> str:
    """The clauses in one sentence."""
    if len(clauses) == 1:
        return framed(first, clauses[0].main, rng)
    if kind is Kind.PARALLEL:
        body = _side_by_side([one.main for one in clauses])
    else:
        link = rng.choice(_JOINS)
        body = clauses[0].main + "".join(link + one.main for one in clauses[1:])
    return _frame(first, body, rng).format(body)


def _side_by_side(mains: list[str]) -> str:
    """``get the weather in Oslo and also in Rome today``: what is common at either end is said once."""
    heads = [main.split(" ") for main in mains]
    start = _common(heads)
    end = _common([head[start:][::-1] for head in heads])
    if start < 3 and end < 3:
        return joined(mains, "and also")
    if heads[0][start - 1] in _PREPOSITIONS:
        start -= 1
    middles = [" ".join(head[start : len(head) - end]).rstrip(",") for head in heads]
    tail = heads[0][len(heads[0]) - end :]
    comma = "," if tail and tail[0] in ("checking", "leaving", "coming") else ""
    return " ".join([*heads[0][:start], joined(middles, "and also") + comma, *tail])


def _common(heads: list[list[str]]) -> int:
    """How many words all begin with; one of each is left over."""
    common = 0
    while all(len(head) > common + 1 and head[common].rstrip(",") == heads[0][common].rstrip(",") for head in heads):
        common += 1
    return common
