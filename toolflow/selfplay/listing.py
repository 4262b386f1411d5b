"""How the selfplay assistant tells a list: how many there are, and the first ones by the same few attributes."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolflow.selfplay.days import is_day
from toolflow.selfplay.figures import figures, spans
from toolflow.selfplay.names import entity, label, singular, words
from toolflow.selfplay.phrases import are, joined, plural
from toolflow.selfplay.pointing import VAGUE
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.telling import aside, salient, scalars, title
from toolflow.selfplay.things import own_identifier

_DAYS = ("date", "day")
"""Names of what a row goes by that has no other."""
_SHOWN = 3
_SHORT = 25
_MANY = (
    "I found {}: {}",
    "There are {}: {}",
    "Here are {}: {}",
    "I see {}: {}",
    "{} came up: {}",
    "That gives {}: {}",
    "I got {}: {}",
    "The search found {}: {}",
)
_ONE = ("I found {}: {}", "There is {}: {}", "Only {} came up: {}", "Just {} matches: {}")
_REST = (", plus {} more", ", and {} more", ", with {} more after that")
_GONE_ON = (
    "I found {} and went on with {}",
    "Of the {} I found, I took {}",
    "There were {}, and I picked {}",
    "{} came up, so I continued with {}",
    "Out of {} I chose {}",
)
_COUNTED = ("I found {}", "There were {}", "I see {}", "{} came up")


def listing(result: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The list a result is mainly about: of objects before of scalars."""
    lists = [(name, value) for name, value in result.items() if isinstance(value, list) and value]
    lists.sort(key=lambda pair: not isinstance(pair[1][0], dict))
    return lists[0] if lists else ("", [])


def listed(
    name: str,
    items: list[Any],
    arguments: Mapping[str, Any],
    speech: Speech,
    brief: bool,
    chosen: int | None,
    before: str = "",
) -> str:
    """A sentence on a list called ``name``; ``brief`` says how many, and which one the next call went on with.

    ``before`` is what was told already.
    """
    what = _called_all(name, items)
    number = f"{len(items)} {plural(what, len(items))}"
    if brief:
        taken = _called(items, chosen, what, speech)
        frames = _GONE_ON if taken and len(items) > 1 else _COUNTED
        return f"{speech.frame(frames, before).format(number, taken)}."
    told = _told(items[:_SHOWN], what, name, arguments, speech)
    if not all(told):
        return f"{speech.frame(_COUNTED, before).format(number)}."
    shortly = all(len(text) < _SHORT and "," not in text for text in told)
    body = joined(told) if shortly else "; ".join(told[:-1]) + ("; and " if told[1:] else "") + told[-1]
    rest = speech.rng.choice(_REST).format(len(items) - _SHOWN) if len(items) > _SHOWN else ""
    return f"{speech.frame(_MANY if items[1:] else _ONE, before).format(number, body)}{rest}."


def _called_all(name: str, items: Sequence[Any]) -> str:
    """What listed things are called: by the list, or, where its name is no plural, by what identifies them."""
    what = label(name)
    own = own_identifier(items[0]) if isinstance(items[0], dict) else None
    if are(what) == "is" and own is not None and len(words(own)) > 1:
        return plural(entity(own), 2)
    return "results" if what.split()[-1] in VAGUE else what


def _called(items: Sequence[Any], chosen: int | None, what: str, speech: Speech) -> str:
    """What the chosen item is called."""
    if chosen is None or chosen >= len(items) or not isinstance(items[chosen], dict):
        return ""
    name = title(scalars(items[chosen]), what)
    if name is not None and len(items) > 1 and all(item.get(name) == items[chosen][name] for item in items):
        name = None
    return figures(items[chosen][name], name, {}, speech) if name else f"the {('first', 'second')[min(chosen, 1)]} one"


def _told(items: Sequence[Any], what: str, name: str, arguments: Mapping[str, Any], speech: Speech) -> list[str]:
    """Each item by its title and the attributes that all are told by."""
    if not all(isinstance(item, dict) for item in items):
        return [figures(item, "", {}, speech) for item in items]
    fields = [scalars(item) for item in items]
    common = {name: fields[0][name] for name in fields[0] if all(name in item for item in fields)}
    called = title(common, what)
    if called is not None and len(fields) > 1 and all(item[called] == fields[0][called] for item in fields):
        called = None
    called = called or next((key for key in common if words(key) == words(singular(name))), None)
    called = called or next((key for key in common if key in _DAYS and is_day(common[key])), None)
    alike = [name for name, value in common.items() if _is_idle(name, value, fields, arguments)]
    names = salient(common, 2 if called else 3, speech, but=[called, *alike])
    if not called and not names:
        names = list(common)[:1]
    return [_item(called, names, item, speech) for item in fields]


def _is_idle(name: str, value: Any, fields: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any]) -> bool:
    """Whether a field tells nothing: it was asked for, or is the same in every item."""
    if arguments.get(name) == value:
        return True
    same = len(fields) > 1 and all(item[name] == value for item in fields)
    return same and name not in spans(fields[0])


def _item(called: str | None, names: Sequence[str], whole: Mapping[str, Any], speech: Speech) -> str:
    """``Saint-Germain Loft (rated 4.5, 240 EUR)``; without a title by its attributes alone."""
    told = [aside(name, whole, speech) for name in names]
    if called is None:
        return ", ".join(told)
    head = figures(whole[called], called, whole, speech)
    if told and speech.style % 3 == 0 and len(told) == 1:
        return f"{head}, {told[0]}"
    return f"{head} ({', '.join(told)})" if told else head
