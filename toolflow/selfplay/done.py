"""How the selfplay assistant tells what it did: the deed in the perfect, a number to come back with, what is news."""

import re
from typing import Any

from toolflow.selfplay.days import is_day
from toolflow.selfplay.names import entity, is_identifier, words
from toolflow.selfplay.phrases import Deed, clauses, sentence, yours
from toolflow.selfplay.pointing import ORDINALS
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.telling import NAMES, clause_of, salient, scalars, title
from toolflow.verbs import participle

_SECOND_DEED = re.compile(r" and (?P<verb>[a-z]+) (?:its|the|their|an?|them|my)\b.*")
"""``a channel and add its members``."""
_OF_SUCH = re.compile(r"^((?:the )?(?!list|details|number)[a-z]+(?: or [a-z]+)?) of an? ")
"""``the time or size of a reservation``."""
_SHORTENED = re.compile(
    r"(?<!^to)(?<!^in) (?:from|for|to|with|in|at|into|under|on|by|between|of (?:one|an?)|sent|when|so|after|before"
    r"|during|near|as part of) "
)
_DONE_NEXT = (
    "I've {done} {it}",
    "I've {done} {it}",
    "{It} {has} been {done}",
    "I {past} {it}",
)
_DONE = (
    "I've {done} {it}",
    "I've {done} {it}",
    "I have {done} {it} for you",
    "Okay, I've {done} {it}",
    "All right, I've {done} {it}",
    "I went ahead and {past} {it}",
    "As you asked, I've {done} {it}",
    "Good news: I've {done} {it}",
    "That worked, I've {done} {it}",
    "{It} {has} been {done}",
    "{It} {has} now been {done}",
    "Done, {it} {has} been {done}",
)
_BOOKINGS = frozenset(
    "book reserve order buy submit request rent place report enroll apply schedule start open".split()
)
"""After these one wants a number to come back with."""
_RECORDS = (", and the {} number is {}", " (the {} number is {})", " under {} number {}")
_IRREGULAR_PAST = {"taken": "took", "drawn": "drew", "written": "wrote", "withdrawn": "withdrew", "shown": "showed",
                   "seen": "saw", "run": "ran"}  # fmt: skip
_FOUND_OUT = {
    "get": "looked up", "check": "checked", "find": "found", "show": "looked up", "return": "looked up",
    "see": "looked up", "view": "opened", "play": "started", "hold": "put a hold on",
}  # fmt: skip
"""Verb → how an assistant says that it is done, where that is not the participle."""
_MERE = frozenset("created added sent new done updated changed moved saved success completed published ok".split())
"""States that say no more than that it went well."""
_JUST_DONE = frozenset(
    "created sent updated modified submitted logged placed cancelled shared published saved booked".split()
)
_NOTHING = ("no details", "further details", "nothing came", "nothing else", "All I got", "without anything", "no more")
"""In what is told of a lookup that brought nothing."""
_TELLING = 3
_LONG = 120
"""Letters of one sentence; what is longer becomes two."""
_SAME = 4
"""So many first letters make a status say no more than the deed: cancel, cancelled."""


def found_out(doing: Deed) -> str:
    """The participle that an assistant says a deed is done with: ``looked up`` of getting."""
    return _FOUND_OUT.get(doing.verb, doing.participle)


def acknowledged(doing: Deed, speech: Speech, before: str) -> str:
    """Of a tool whose results nobody knows, only that it went well."""
    if doing.seeks and any(nothing in before for nothing in _NOTHING):
        return "The same goes for the other lookup."
    if doing.seeks:
        thing = definite(doing.object).removeprefix("for ")
        whole = len(thing.split()) >= len(doing.object.split())
        return speech.rng.choice(
            (
                "The lookup went through, but it returned no details beyond that.",
                "The request succeeded. It came back without any further details.",
                "That worked, though no details were returned.",
                "It went through, but nothing came back that I could read out to you.",
                "The service confirmed the request and sent nothing else.",
                "All I got is a confirmation that the lookup succeeded.",
                "The service answered that all is well, without anything I could tell you.",
                f"I asked for {thing if whole else 'that'}, and the answer holds no more than that it worked.",
            )
        )
    return sentence(f"I've {doing.participle} {definite(doing.object)}")


def done(
    doing: Deed,
    arguments: dict[str, Any],
    result: dict[str, Any],
    speech: Speech,
    brief: bool,
    before: str,
    heard: str,
) -> str:
    """What was changed, the number to come back with, and what one would not have known beforehand."""
    main = _deed_done(doing, arguments, speech, brief, before)
    if brief:
        return sentence(main)
    known = scalars(result)
    fresh = {
        name: value
        for name, value in known.items()
        if value not in (0, 0.0)
        and arguments.get(name) != value
        and not _says(doing, value)
        and not _is_old(value, name, heard, speech)
    }
    number = next((name for name in known if is_identifier(name) and name not in arguments), None)
    if number and doing.verb in _BOOKINGS:
        main += speech.rng.choice(_RECORDS).format(entity(number), known[number])
    names = salient(fresh, 2, speech)
    told = [clause_of(name, known, speech, doing.object) for name in names]
    if not told:
        return sentence(main)
    apart = len(told) > 1 or told[0].startswith(("it ", "please ")) or main.endswith(")") or "number is" in main
    if apart or len(main) + len(told[0]) > _LONG:
        return f"{sentence(main)} {sentence(clauses(told))}"
    return sentence(f"{main}, and {told[0]}")


def _is_old(value: Any, name: str, heard: str, speech: Speech) -> bool:
    """Whether a value is no news: it was said or returned before, or is the moment at which this was done."""
    if not isinstance(value, str):
        return False
    if value[:10] == speech.today.isoformat():
        return words(name)[0] in _JUST_DONE
    return len(value) > _TELLING and value in heard and not is_day(value)


def _deed_done(doing: Deed, arguments: dict[str, Any], speech: Speech, brief: bool, before: str) -> str:
    """``I've cancelled the ride``, ``the ride has been cancelled``; of a second one, ``I've cancelled … as well``."""
    it = definite(doing.object)
    if f"{found_out(doing)} {it}".lower() in before.lower() or f"{it} has been {found_out(doing)}" in before.lower():
        named = title({name: value for name, value in arguments.items() if words(name)[-1] in NAMES}, doing.object)
        other = f"“{arguments[named]}”" if named else f"the {ORDINALS[min(before.count('as well') + 1, 4)]} one"
        return f"I've {found_out(doing)} {other} as well"
    nominal = it.startswith(("the ", "your "))
    several = it.split()[-1].endswith("s") and not it.endswith("ss")
    frames = [frame for frame in (_DONE_NEXT if before else _DONE) if nominal or "{has}" not in frame]
    frame = "I've {done} {it}" if brief else speech.frame(frames, before)
    done = found_out(doing)
    past = _IRREGULAR_PAST.get(done, done)
    return frame.format(done=done, past=past, it=it, It=it[:1].upper() + it[1:], has="have" if several else "has")


def _says(doing: Deed, value: Any) -> bool:
    """Whether a value only repeats the deed: ``cancelled`` after cancelling."""
    if not isinstance(value, str) or len(value.split()) > 1:
        return False
    said = value.lower()
    return said[:_SAME] == doing.verb[:_SAME] or said == participle(doing.verb) or said in _MERE


def definite(object_: str) -> str:
    """``a hotel room from a room offer`` → ``the hotel room``; in the assistant's person."""
    second = _SECOND_DEED.search(object_)
    object_ = object_[: second.start()] if second else object_
    object_ = _OF_SUCH.sub(r"\g<1> of the ", object_)
    short = yours(_SHORTENED.split(object_, maxsplit=1)[0])
    return re.sub(r"^((?:off|in|out|up|to|into|from|on|[a-z]+ing)? ?)(?:an?|one|some) ", r"\1the ", short) or "that"
