"""How the selfplay assistant tells what came back: what a person needs, not the whole result."""

import re
from typing import Any

from toolflow.schema import Tool
from toolflow.selfplay.names import entity, is_identifier, label, words
from toolflow.selfplay.phrases import Deed, are, deed, joined, on, plural, sentence
from toolflow.selfplay.pointing import VAGUE
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.verbs import LISTS

_TITLES = ("name", "title", "subject", "headline", "label", "address", "airline", "operator", "author")
_TELLING = (
    "price total_price amount fare cost total start_time departure_time arrival_time date time rating status "
    "balance summary translated_text translation answer temperature duration distance deadline score fee result "
    "email phone_number"
).split()
_SECOND_DEED = re.compile(r" and [a-z]+ (?:its|the|their|an?|them|my)\b.*")
"""``a channel and add its members``."""
_LATER = frozenset("end arrival closing until".split())
"""Words for what says little without its beginning."""
_DRY = frozenset("currency timezone unit latitude longitude page offset timestamp".split())
"""Words for what nobody wants to be told by itself."""
_STARTS = ("", "Done! ", "All set. ", "That's done. ", "Good news: ")
_UNITS = {
    "minutes": "minutes",
    "hours": "hours",
    "days": "days",
    "km": "km",
    "percent": "%",
    "celsius": "°C",
    "kmh": "km/h",
    "mm": "mm",
    "kg": "kg",
    "kwh": "kWh",
    "meters": "m",
    "grams": "g",
}
"""Last word of a field's name → the unit its number is in."""
_MONEY = frozenset("price amount fare cost total fee balance rent salary deposit refund payment value".split())


def report(
    tool: Tool, arguments: dict[str, Any], result: Any, speech: Speech, brief: bool = False, chosen: int | None = None
) -> str:
    """One or a few sentences on a result; ``brief`` where more is to come.

    ``chosen`` is the position of the listed item that the next call goes on with.
    """
    doing = deed(tool)
    if tool.returns is None and isinstance(result, dict) and "error" not in result:
        return _acknowledged(doing, speech)
    if isinstance(result, list) and result and isinstance(result[0], dict):
        return _list("results", result, speech, brief, chosen)
    if not isinstance(result, dict) or not result:
        return sentence(f"The result is {_plain(result, '', {}, speech)}")
    if "error" in result and tool.returns is not None and "error" not in (tool.returns.get("properties") or {}):
        return "That did not work: " + sentence(str(result["error"]))
    name, items = _listing(result)
    fresh = [key for key, value in _scalars(result).items() if arguments.get(key) != value and not is_identifier(key)]
    if items and doing.seeks and (doing.verb in LISTS or len(fresh) < 2) and (isinstance(items[0], dict) or not fresh):
        return _list(name, items, speech, brief, chosen)
    if doing.seeks:
        return _details(doing, arguments, result, speech)
    return _done(doing, arguments, result, speech, brief)


def _acknowledged(doing: Deed, speech: Speech) -> str:
    """Of a tool whose results nobody knows, only that it went well."""
    if doing.seeks:
        return speech.rng.choice(
            (
                "The lookup went through, but it returned no details beyond that.",
                "The request succeeded. It came back without any further details.",
                "That worked, though no details were returned.",
            )
        )
    return sentence(f"{speech.rng.choice(_STARTS)}I've {doing.participle} {_definite(doing.object)}")


def _list(name: str, items: list[Any], speech: Speech, brief: bool, chosen: int | None) -> str:
    what = label(name)
    if what.split()[-1] in VAGUE:
        what = "results"
    number = f"{len(items)} {plural(what, len(items))}"
    if brief:
        return f"I found {number}{_went_on_with(items, chosen, speech)}."
    start = speech.rng.choice(
        (
            f"I found {number}",
            f"There are {number}" if len(items) > 1 else f"There is {number}",
            f"Here are {number}" if len(items) > 1 else f"Here is {number}",
        )
    )
    shown = items[:3]
    told = [_item(item, speech) for item in shown]
    if not all(told):
        return f"{start}."
    if all(len(text) < 25 for text in told):
        body = joined(told)
    else:
        body = "; ".join(told[:-1]) + ("; and " if len(told) > 1 else "") + told[-1]
    rest = f", plus {len(items) - 3} more" if len(items) > 3 else ""
    return f"{start}: {body}{rest}."


def _went_on_with(items: list[Any], chosen: int | None, speech: Speech) -> str:
    if chosen is None or chosen >= len(items) or not isinstance(items[chosen], dict):
        return ""
    title = _title(_scalars(items[chosen]))
    went = speech.rng.choice((" and went on with", ", and I took", " and picked"))
    return f"{went} {_plain(items[chosen][title], title, {}, speech)}" if title else ""


def _item(item: Any, speech: Speech) -> str:
    if not isinstance(item, dict):
        return _plain(item, "", {}, speech)
    scalars = _scalars(item)
    title = _title(scalars)
    salient = _salient(scalars, 2, speech, but=title)
    details = [name for name in scalars if name in salient]
    head = _plain(scalars[title], title, item, speech) if title else ""
    told = [_detail(name, scalars[name], item, speech) for name in details]
    return f"{head} ({', '.join(told)})" if head and told else head or ", ".join(told)


def _details(doing: Deed, arguments: dict[str, Any], result: dict[str, Any], speech: Speech) -> str:
    scalars = {name: value for name, value in _scalars(result).items() if arguments.get(name) != value}
    names = _salient(scalars, 4, speech)
    if not names:
        nested = [f"{len(value)} {label(name)}" for name, value in result.items() if isinstance(value, list)]
        return (
            sentence(f"I have it here: {joined(nested)}")
            if nested
            else "I looked it up, and there is nothing new to report."
        )
    told = [_told(name, scalars[name], result, speech) for name in names]
    rows = _rows(result, speech)
    if rows:
        told = [rows, *told[:3]]
    title = _title(scalars)
    start = speech.rng.choice(("Here's what I found: ", "Here are the details: ", "I looked it up: ", ""))
    if title and title in names:
        told.sort(key=lambda text: not text.startswith(f"the {_name(title)} "))
    return sentence(start + joined(told))


def _rows(result: dict[str, Any], speech: Speech) -> str | None:
    """How many dated rows there are beside what else is told, and their first and last day."""
    name, items = _listing(result)
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return None
    day = next((key for key in ("date", "day", "week", "month") if all(key in item for item in items)), None)
    if day is None:
        return None
    first, last = (_plain(item[day], day, {}, speech) for item in (items[0], items[-1]))
    return f"there are {len(items)} {label(name)} from {first} to {last}"


def _done(doing: Deed, arguments: dict[str, Any], result: dict[str, Any], speech: Speech, brief: bool) -> str:
    start = "" if brief else speech.rng.choice(_STARTS)
    lines = [f"{start}I've {doing.participle} {_definite(doing.object)}"]
    scalars = {name: value for name, value in _scalars(result).items() if arguments.get(name) != value}
    identifier = next((name for name in scalars if is_identifier(name)), None)
    if identifier and not brief:
        lines.append(f"The {label(identifier)} is {scalars[identifier]}")
    if not brief:
        names = _salient(scalars, 2, speech)
        told = [_told(name, scalars[name], result, speech) for name in names]
        if told:
            lines.append(joined(told))
    return " ".join(sentence(line) for line in lines)


def _definite(object_: str) -> str:
    """``a hotel room from a room offer`` → ``the hotel room``."""
    object_ = _SECOND_DEED.sub("", object_)
    short = re.split(
        r"(?<!^to)(?<!^in) (?:from|for|to|with|in|at|into|under|on|by|between|of (?:one|an?)|as|sent) ",
        object_,
        maxsplit=1,
    )[0]
    return re.sub(r"^((?:off|in|out|up|to|into|from|on)? ?)(?:an?|one|some) ", r"\1the ", short) or "that"


def _listing(result: dict[str, Any]) -> tuple[str, list[Any]]:
    """The list a result is mainly about: of objects before of scalars."""
    lists = [(name, value) for name, value in result.items() if isinstance(value, list) and value]
    lists.sort(key=lambda pair: not isinstance(pair[1][0], dict))
    return lists[0] if lists else ("", [])


def _scalars(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if isinstance(item, str | int | float) and item != ""}


def _title(scalars: dict[str, Any]) -> str | None:
    """The field a person would call the thing by."""
    for ending in _TITLES:
        for name, value in scalars.items():
            if words(name)[-1:] == [ending] and isinstance(value, str):
                return name
    return next((name for name, value in scalars.items() if is_identifier(name) or isinstance(value, str)), None)


def _salient(scalars: dict[str, Any], number: int, speech: Speech, but: str | None = None) -> list[str]:
    """Names of the fields most worth telling, in the order of the result; no identifiers, units or yes-and-nos."""
    told = [
        name
        for name, value in scalars.items()
        if name != but and not is_identifier(name) and not isinstance(value, bool) and not _DRY & set(words(name))
        and not (isinstance(value, str) and (value.startswith("http") or len(value) > 120))
    ]  # fmt: skip

    def merit(name: str) -> tuple[int, float]:
        telling = any(name == ending or name.endswith("_" + ending) for ending in _TELLING)
        return (0 if telling and not _LATER & set(words(name)) else 1, speech.rng.random())

    chosen = sorted(told, key=merit)[:number]
    return [name for name in told if name in chosen]


def _told(name: str, value: Any, whole: dict[str, Any], speech: Speech) -> str:
    """One field as a clause: ``the total price is 240 EUR``, ``it was sent on 28 May``."""
    said = _plain(value, name, whole, speech)
    parts = words(name)
    if parts[-1] == "at" and len(parts) == 2 and parts[0].endswith(("ed", "sent", "made")):
        return f"it was {parts[0]} {on(said)}"
    if parts[-1] == "at" and len(parts) == 2 and parts[0].endswith("s"):
        return f"it {parts[0]} {on(said)}"
    if parts[-1] == "until" and len(parts) > 1:
        return f"it is {' '.join(parts)} {said}"
    what = _name(name)
    return f"the {what} {are(what)} {said}"


def _detail(name: str, value: Any, whole: dict[str, Any], speech: Speech) -> str:
    """One field as an aside: ``price 240 EUR``, ``rated 4.5``."""
    said = _plain(value, name, whole, speech)
    parts = words(name)
    if parts == ["rating"]:
        return f"rated {said}"
    if parts in (["price"], ["status"], ["date"], ["time"], ["amount"]):
        return said
    if parts[-1] == "at" and parts[0].endswith(("ed", "sent")):
        return f"{parts[0]} {said}"
    return f"{_name(name)} {said}"


def _name(name: str) -> str:
    """A field's name as words, without the unit that is told with its value."""
    parts = words(name)
    if len(parts) > 1 and parts[-1] in _UNITS and parts[-2] != "per":
        parts.pop()
    if len(parts) > 1 and parts[-1] == "at":
        parts[-1] = "time"
    return label("_".join(parts))


def in_figures(value: Any, path: str, whole: Any, speech: Speech) -> str:
    """The value of one field, alone; ``whole`` is the object it stands in."""
    return _plain(value, path.rpartition(".")[2], whole if isinstance(whole, dict) else {}, speech)


def _plain(value: Any, name: str, whole: dict[str, Any], speech: Speech) -> str:
    """A value as an assistant writes it: numbers in figures, money with its currency."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        figure = f"{value:,}" if not {"year", "number", "season"} & set(words(name)) else str(value)
        unit = _UNITS.get(words(name)[-1]) if words(name) else None
        if unit and words(name)[-2:-1] != ["per"]:
            return (
                f"{figure}{unit}"
                if unit in ("%", "°C")
                else f"{figure} {plural(unit, value) if unit.endswith('s') else unit}"
            )
        return f"{figure} {whole['currency']}" if "currency" in whole and _MONEY & set(words(name)) else figure
    if isinstance(value, str):
        said = speech.value(value, {}).strip()
        prose = len(said.split()) > 4 and said[:1].isalpha() and not re.search(r" at [\dn]", said[-14:])
        return f"“{said.rstrip('.')}”" if prose and words(name)[-1:] != ["address"] else said
    if isinstance(value, list):
        return joined([_plain(item, name, {}, speech) for item in value[:4]])
    if isinstance(value, dict):
        return ", ".join(f"{entity(key)} {_plain(item, key, value, speech)}" for key, item in list(value.items())[:4])
    return "nothing"
