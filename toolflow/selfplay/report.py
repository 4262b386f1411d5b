"""How the selfplay assistant tells what came back: what a person needs, not the whole result.

Which fields are worth telling, and how one field is put, is `toolflow.selfplay.telling`'s; lists are told by
`toolflow.selfplay.listing`.
"""

from datetime import date
from random import Random
from textwrap import shorten
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.days import is_day
from toolflow.selfplay.done import acknowledged, definite, done, found_out
from toolflow.selfplay.figures import figures
from toolflow.selfplay.listing import listed, listing
from toolflow.selfplay.names import is_identifier, label, words
from toolflow.selfplay.phrases import Deed, clauses, deed, plural, sentence
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.telling import NAMES, clause_of, salient, scalars, title
from toolflow.verbs import LISTS

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
_READ_OUT = 240
"""Letters of a text that one would read out."""
_STATE_WORDS = frozenset("status success".split())
_NO_NEWS = (
    "I looked it up, and there is nothing new to report.",
    "I have the record here, but it holds nothing I could sum up.",
    "That came back, though without anything to tell in a sentence.",
    "The entry is there; nothing in it is worth reading out.",
)
_EMPTY = (
    "Nothing came back.",
    "The answer is empty, so there is nothing to tell.",
    "I looked, but there was nothing there.",
    "That came back empty.",
)
_WRAPPINGS = 3
_SILENT = Speech(Random(0), date.min, 0)


def report(
    tool: Tool,
    arguments: dict[str, Any],
    result: Any,
    speech: Speech,
    brief: bool = False,
    chosen: int | None = None,
    before: str = "",
    heard: str = "",
) -> str:
    """One or a few sentences on a result; ``brief`` where more is to come.

    ``chosen`` is the position of the listed item that the next call goes on with; ``before`` is what was
    told already in this turn, ``heard`` all that was said and returned before it. Empty when nothing is left to tell.
    """
    doing = deed(tool).meant(arguments.values())
    if tool.returns is None and isinstance(result, dict) and _only_echoes(result, arguments) and result:
        return acknowledged(doing, speech, before)
    if isinstance(result, list) and result and isinstance(result[0], dict):
        return listed("results", result, arguments, speech, brief, chosen, before)
    if not isinstance(result, dict) or not result:
        return _bare(doing, result, speech, before)
    if result.get("error") and "error" not in ((tool.returns or {}).get("properties") or {}):
        error = result["error"]
        said = error.get("message") if isinstance(error, dict) else error
        return f"That did not work: {sentence(said)}" if isinstance(said, str) and said else "That did not work."
    result = _opened(result)
    name, items = listing(result)
    fresh = [key for key, value in scalars(result).items() if arguments.get(key) != value and not is_identifier(key)]
    if items and doing.seeks and (doing.verb in LISTS or len(fresh) < 2) and (isinstance(items[0], dict) or not fresh):
        return listed(name, items, arguments, speech, brief, chosen, before)
    if doing.seeks and not brief and _lie_ahead(items, speech):
        return listed(name, items, arguments, speech, brief, chosen, before)
    if doing.seeks:
        return _details(doing, arguments, result, speech, brief, before)
    return done(doing, arguments, result, speech, brief, before, heard)


def _opened(result: dict[str, Any]) -> dict[str, Any]:
    """What a wrapping holds: of ``{"status": "ok", "data": {…}}`` the data."""
    for _ in range(_WRAPPINGS):
        inner = [value for value in result.values() if isinstance(value, dict) and value]
        if salient(scalars(result), 1, _SILENT) or not inner or listing(result)[1]:
            break
        result = next((value for value in inner if salient(scalars(value), 1, _SILENT)), inner[0])
    return result


def _lie_ahead(items: list[Any], speech: Speech) -> bool:
    """Whether listed rows are days to come, each worth telling: a forecast, not a history."""
    days = [str(item.get("date")) for item in items if isinstance(item, dict)]
    return bool(days) and all(is_day(day) and day[:10] >= speech.today.isoformat() for day in days)


def _only_echoes(result: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Whether a result says nothing but that it went well, and with which arguments."""
    return "error" not in result and all(
        name in _STATE_WORDS or arguments.get(name) == value for name, value in result.items()
    )


def _bare(doing: Deed, result: Any, speech: Speech, before: str) -> str:
    """A result that is no object: the value itself, a text as far as one would read it out; else what was done."""
    if isinstance(result, str) and result.strip():
        return f"Here is what came back: “{shorten(result, _READ_OUT, placeholder=' …')}”"
    if result or isinstance(result, int | float):
        return sentence(f"The result is {figures(result, '', {}, speech)}")
    return speech.frame(_EMPTY, before) if doing.seeks else acknowledged(doing, speech, before)


def _details(
    doing: Deed, arguments: dict[str, Any], result: dict[str, Any], speech: Speech, brief: bool, before: str
) -> str:
    """What was looked up: the thing by its title, and the few fields that say most."""
    known = scalars(result)
    fresh = {name: value for name, value in known.items() if arguments.get(name) != value}
    called = title({name: value for name, value in known.items() if words(name)[-1] in NAMES}, doing.object)
    thing = figures(known[called], called, result, speech) if called else ""
    if brief and thing and thing in before:
        return ""
    if brief:
        got = f"I've {found_out(doing)} {definite(doing.object)}"
        return sentence(speech.frame(_BRIEFLY, before).format(thing) if thing else got)
    names = salient(fresh, 3, speech, but=[called])
    rows = _rows(result, speech)
    told = [clause_of(name, known, speech, doing.object) for name in names]
    if rows:
        told = [rows, *told[:2]]
    if not told:
        told = [f"there are {len(value)} {label(name)}" for name, value in result.items() if isinstance(value, list)]
    if not told:
        return sentence(f"I found {thing}") if thing else speech.frame(_NO_NEWS, before)
    if thing and thing in before:
        return sentence(clauses(told))
    frames = _LOOKED_UP if thing else _FOUND
    return sentence(speech.frame(frames, before).format(*([thing] if thing else []), clauses(told)))


def _rows(result: dict[str, Any], speech: Speech) -> str | None:
    """How many dated rows there are beside what else is told, and their first and last day."""
    name, items = listing(result)
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return None
    day = next((key for key in ("date", "day", "week", "month") if all(key in item for item in items)), None)
    if day is None:
        return None
    first, last = (figures(item[day], day, {}, speech) for item in (items[0], items[-1]))
    return f"there are {len(items)} {plural(label(name), len(items))} from {first} to {last}"
