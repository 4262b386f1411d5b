"""How the selfplay assistant tells what came back: what a person needs, not the whole result.

Which fields are worth telling, and how one field is put, is `toolflow.selfplay.telling`'s; lists are told by
`toolflow.selfplay.listing`.
"""

import re
from textwrap import shorten
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.figures import figures
from toolflow.selfplay.listing import listed, listing
from toolflow.selfplay.names import entity, is_identifier, label, words
from toolflow.selfplay.phrases import Deed, deed, joined, sentence, yours
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.telling import clause_of, salient, scalars, title
from toolflow.selfplay.verbs import LISTS, participle

_SECOND_DEED = re.compile(r" and (?P<verb>[a-z]+) (?:its|the|their|an?|them|my)\b.*")
"""``a channel and add its members``."""
_SHORTENED = re.compile(
    r"(?<!^to)(?<!^in) (?:from|for|to|with|in|at|into|under|on|by|between|of (?:one|an?)|as|sent|when|so) "
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
_BRIEFLY = (
    "I looked up {}",
    "I checked {}",
    "I found {}",
    "I had a look at {}",
    "I pulled up {}",
    "That one is {}",
    "It's about {}",
)
_LOOKED_UP = (
    "Here's what I found on {}: {}",
    "{}: {}",
    "I looked up {}: {}",
    "This is what I have on {}: {}",
    "About {}: {}",
    "I've got {} here: {}",
)
_FOUND = (
    "Here's what I found: {}",
    "{}",
    "{}",
    "I looked it up: {}",
    "As far as I can see, {}",
    "It looks like {}",
    "According to the lookup, {}",
    "I checked: {}",
    "Right now {}",
)
_BOOKINGS = frozenset(
    "book reserve order buy submit request rent place report enroll apply schedule start open".split()
)
"""After these one wants a number to come back with."""
_RECORDS = (", and the {} number is {}", " (the {} number is {})", " under {} number {}")
_IRREGULAR_PAST = {"taken": "took", "drawn": "drew", "written": "wrote", "withdrawn": "withdrew", "shown": "showed",
                   "seen": "saw", "run": "ran"}  # fmt: skip
_NAMES = frozenset("name title subject headline label".split())
"""Last words of what a thing that was looked up goes by."""
_LONG = 120
"""Letters of one sentence; what is longer becomes two."""
_READ_OUT = 240
"""Letters of a text that one would read out."""
_STATE_WORDS = frozenset("status success".split())
_SAME = 4
"""So many first letters make a status say no more than the deed: cancel, cancelled."""


def report(
    tool: Tool,
    arguments: dict[str, Any],
    result: Any,
    speech: Speech,
    brief: bool = False,
    chosen: int | None = None,
    before: str = "",
) -> str:
    """One or a few sentences on a result; ``brief`` where more is to come.

    ``chosen`` is the position of the listed item that the next call goes on with; ``before`` is what was
    told already. Empty when nothing is left to tell.
    """
    doing = deed(tool)
    if tool.returns is None and isinstance(result, dict) and _only_echoes(result, arguments):
        return _acknowledged(doing, speech)
    if isinstance(result, list) and result and isinstance(result[0], dict):
        return listed("results", result, arguments, speech, brief, chosen)
    if not isinstance(result, dict) or not result:
        return _bare(doing, result, speech)
    if result.get("error") and "error" not in ((tool.returns or {}).get("properties") or {}):
        error = result["error"]
        said = error.get("message") if isinstance(error, dict) else error
        return f"That did not work: {sentence(said)}" if isinstance(said, str) and said else "That did not work."
    name, items = listing(result)
    fresh = [key for key, value in scalars(result).items() if arguments.get(key) != value and not is_identifier(key)]
    if items and doing.seeks and (doing.verb in LISTS or len(fresh) < 2) and (isinstance(items[0], dict) or not fresh):
        return listed(name, items, arguments, speech, brief, chosen)
    if doing.seeks:
        return _details(doing, arguments, result, speech, brief, before)
    return _done(doing, arguments, result, speech, brief)


def _only_echoes(result: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Whether a result says nothing but that it went well, and with which arguments."""
    return "error" not in result and all(
        name in _STATE_WORDS or arguments.get(name) == value for name, value in result.items()
    )


def _bare(doing: Deed, result: Any, speech: Speech) -> str:
    """A result that is no object: the value itself, a text as far as one would read it out; else what was done."""
    if isinstance(result, str) and result.strip():
        return f"Here is what came back: “{shorten(result, _READ_OUT, placeholder=' …')}”"
    if result or isinstance(result, int | float):
        return sentence(f"The result is {figures(result, '', {}, speech)}")
    return "I looked it up, but nothing came back." if doing.seeks else _acknowledged(doing, speech)


def _acknowledged(doing: Deed, speech: Speech) -> str:
    """Of a tool whose results nobody knows, only that it went well."""
    if doing.seeks:
        return speech.rng.choice(
            (
                "The lookup went through, but it returned no details beyond that.",
                "The request succeeded. It came back without any further details.",
                "That worked, though no details were returned.",
                "It went through, but nothing came back that I could read out to you.",
            )
        )
    return sentence(f"I've {doing.participle} {_definite(doing.object)}")


def _details(
    doing: Deed, arguments: dict[str, Any], result: dict[str, Any], speech: Speech, brief: bool, before: str
) -> str:
    """What was looked up: the thing by its title, and the few fields that say most."""
    known = scalars(result)
    fresh = {name: value for name, value in known.items() if arguments.get(name) != value}
    called = title({name: value for name, value in known.items() if words(name)[-1] in _NAMES}, doing.object)
    thing = figures(known[called], called, result, speech) if called else ""
    if brief and thing and thing in before:
        return ""
    if brief and thing:
        return sentence(speech.rng.choice(_BRIEFLY).format(thing))
    names = salient(fresh, 1 if brief else 3, speech, but=[called])
    rows = _rows(result, speech)
    told = [clause_of(name, known, speech, doing.object) for name in names]
    if rows:
        told = [rows, *told[:2]]
    if not told:
        told = [f"there are {len(value)} {label(name)}" for name, value in result.items() if isinstance(value, list)]
    if not told:
        return sentence(f"I found {thing}") if thing else "I looked it up, and there is nothing new to report."
    return sentence(
        speech.rng.choice(_LOOKED_UP).format(thing, joined(told))
        if thing
        else speech.rng.choice(_FOUND).format(joined(told))
    )


def _rows(result: dict[str, Any], speech: Speech) -> str | None:
    """How many dated rows there are beside what else is told, and their first and last day."""
    name, items = listing(result)
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return None
    day = next((key for key in ("date", "day", "week", "month") if all(key in item for item in items)), None)
    if day is None:
        return None
    first, last = (figures(item[day], day, {}, speech) for item in (items[0], items[-1]))
    return f"there are {len(items)} {label(name)} from {first} to {last}"


def _done(doing: Deed, arguments: dict[str, Any], result: dict[str, Any], speech: Speech, brief: bool) -> str:
    """What was changed, the number to come back with, and what one would not have known beforehand."""
    main = _deed_done(doing, speech, brief)
    if brief:
        return sentence(main)
    known = scalars(result)
    fresh = {name: value for name, value in known.items() if arguments.get(name) != value and not _says(doing, value)}
    number = next((name for name in fresh if is_identifier(name)), None)
    if number and doing.verb in _BOOKINGS:
        main += speech.rng.choice(_RECORDS).format(entity(number), fresh[number])
    names = salient(fresh, 2, speech)
    told = joined([clause_of(name, known, speech, doing.object) for name in names])
    if not told:
        return sentence(main)
    apart = told.startswith("it ") or main.endswith(")") or "number is" in main or len(main) + len(told) > _LONG
    return f"{sentence(main)} {sentence(told)}" if apart else sentence(f"{main}, and {told}")


def _deed_done(doing: Deed, speech: Speech, brief: bool) -> str:
    """``I've cancelled the ride``, ``the ride has been cancelled``."""
    it = _definite(doing.object)
    nominal = it.startswith(("the ", "your "))
    several = it.split()[-1].endswith("s") and not it.endswith("ss")
    frames = [frame for frame in _DONE if nominal or "{has}" not in frame]
    frame = "I've {done} {it}" if brief else speech.rng.choice(frames)
    done = doing.participle
    past = _IRREGULAR_PAST.get(done, done)
    return frame.format(done=done, past=past, it=it, It=it[:1].upper() + it[1:], has="have" if several else "has")


def _says(doing: Deed, value: Any) -> bool:
    """Whether a value only repeats the deed: ``cancelled`` after cancelling."""
    if not isinstance(value, str) or len(value.split()) > 1:
        return False
    return value.lower()[:_SAME] == doing.verb[:_SAME] or value.lower() == participle(doing.verb)


def _definite(object_: str) -> str:
    """``a hotel room from a room offer`` → ``the hotel room``; in the assistant's person."""
    second = _SECOND_DEED.search(object_)
    object_ = object_[: second.start()] if second else object_
    short = yours(_SHORTENED.split(object_, maxsplit=1)[0])
    return re.sub(r"^((?:off|in|out|up|to|into|from|on|[a-z]+ing)? ?)(?:an?|one|some) ", r"\1the ", short) or "that"
