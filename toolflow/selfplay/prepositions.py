"""The phrase that says one argument: "in Lisbon", "until 7 May", "for two guests".

Which preposition a value takes follows from its field's name, its format and the deed. A name that calls
for none gives no phrase; the value then gets a sentence (`toolflow.selfplay.wording`).
"""

import re
from collections.abc import Mapping
from typing import Any

from toolflow.selfplay.figures import UNITS
from toolflow.selfplay.names import COORDINATES, entity, is_credential, is_identifier, label
from toolflow.selfplay.phrases import Deed, on, plural
from toolflow.verbs import RESCHEDULES, SENDS, SETS_UP

_PLACES = frozenset("city country region state neighborhood location place county".split())
_SEARCHED = frozenset("query keyword keywords term search q".split())
_MEASURED_IN = frozenset("unit units timezone format language currency".split())
_PEOPLE = frozenset("full passenger guest traveler person contact driver client visitor".split())
_MONEY = frozenset("price budget cost fare rent".split())
_SPANS = frozenset("minutes hours days nights weeks months years".split())
_COUNTED = frozenset("guests people passengers adults children tickets seats".split())
_ENDS = frozenset("check end until return".split())
_PERIODS = frozenset("period range timeframe".split())
_SETS_OUT = re.compile(r"\b(?:start(?:ing)?|departure|origin|set off|set out)\b", re.IGNORECASE)
"""In the description of an address: where one sets out from."""
_TEMPORAL_FORMATS = frozenset("date date-time time".split())


def phrase_of(
    parts: list[str], value: Any, said: str, schema: Mapping[str, Any], doing: Deed, told: Mapping[str, Any]
) -> str | None:
    """The phrase for an argument, None when its name calls for none.

    ``parts`` are the words of its name, ``said`` is the value in words, ``told`` holds all arguments
    of the call that are said.
    """
    if isinstance(value, int | float):
        return _number(parts, value, said, told)
    if parts[-1] == "state" and "enum" in schema:
        return None  # on or off, rather than a part of a country
    if parts in (["sort", "by"], ["group", "by"], ["order", "by"]):
        return f"{'grouped' if parts[0] == 'group' else 'sorted'} by {said}"
    format_ = str(schema.get("format") or "")
    dated = parts[-1] in ("date", "day") and re.match(r"\d{4}-\d\d-\d\d", str(value))
    if format_ in _TEMPORAL_FORMATS or dated:
        moved = (
            doing.verb in RESCHEDULES - {"update"}
            and {"start", "new", "time", "date"} & set(parts)
            and not _ENDS & set(parts)
        )
        return f"to {said}" if moved else _moment(parts, said, format_)
    return _place(parts, said) or _contact(parts, said, doing) or _other(parts, said, schema, doing)


def _place(parts: list[str], said: str) -> str | None:
    """Where from, where to, and into what."""
    last, first, ends = parts[-1], parts[0], {parts[0], parts[-1]}
    if last == "language" and first in ("target", "to", "destination"):
        return f"into {said}"
    if last in _MEASURED_IN:
        return f"in {said}"
    if ends & {"origin", "from", "pickup", "source"}:
        return f"from {said}"
    if ends & {"destination", "to", "dropoff", "recipient"} and not is_identifier("_".join(parts[:-1])):
        return f"to {said}"
    return None


def _contact(parts: list[str], said: str, doing: Deed) -> str | None:
    """How somebody is reached, one person or several."""
    last = parts[-1]
    if last in ("emails", "recipients", "attendees"):
        return f"with {said}"
    if last not in ("email", "phone") and parts[-2:] != ["phone", "number"]:
        return None
    if doing.verb == "share":
        return f"with {said}"
    if doing.verb in SENDS:
        return f"to {said}"
    return f"with the {'email' if last == 'email' else 'phone number'} {said}"


def _other(parts: list[str], said: str, schema: Mapping[str, Any], doing: Deed) -> str | None:
    """Places, words searched for, names and identifiers."""
    last = parts[-1]
    if said.isdigit() and (last == "limit" or parts[0] == "page"):
        return f"but no more than {said} results" if last == "limit" else f"on page {said}"
    if last in _PERIODS and said.replace(" ", "").isalpha():
        return f"for {said}"
    if last in _PLACES:
        return f"in {said}"
    if last == "address" and " " not in said:
        return f"for the {label('_'.join(parts))} {said}"
    if last == "address":
        return f"{'from' if _SETS_OUT.search(str(schema.get('description') or '')) else 'at'} {said}"
    if last in _SEARCHED:
        return f"matching “{said}”"
    if last in ("topic", "subject", "topics") and doing.seeks:
        return f"about {said}"
    if last in ("name", "title"):
        own = len(parts) == 1 or parts[0] == "full" or parts[0] in doing.phrase.split()
        if doing.verb in SETS_UP and own:
            return f"called “{said}”"
        if len(parts) == 1 or _PEOPLE & set(parts):
            searched = doing.verb == "search" and " for " not in doing.phrase
            return f"for {said}" if searched or not doing.seeks else f"named {said}"
    if is_identifier("_".join(parts)) and parts[0] not in ("postal", "zip") and not is_credential(parts):
        what = {"id": "ID", "code": "code"}.get("_".join(parts)) or entity("_".join(parts))
        return f"for {plural(what, 2) if ' and ' in said else what} {said}"
    return None


def _moment(parts: list[str], said: str, format_: str) -> str:
    """A day or an hour: ``until 7 May``, ``leaving tomorrow``, ``at 3 pm``."""
    some = set(parts)
    preposition = "at" if format_ == "time" else "on"
    if "check" in some and some & {"in", "out"}:
        return f"checking {'in' if 'in' in some else 'out'} {on(said)}"
    if some & {"end", "until", "to", "latest"}:
        return f"until {said}"
    if some & {"start", "from", "begin", "earliest"}:
        return f"from {said}" if format_ == "date" else f"starting {on(said, preposition)}"
    if "before" in some or parts[-1] == "deadline":
        return f"before {said}"
    if some & {"after", "since"}:
        return f"since {said}"
    if some & {"expires", "expiry", "expiration"}:
        return f"expiring {on(said)}"
    if "due" in some:
        return f"due {on(said, preposition)}"
    if some & {"departure", "depart"}:
        return f"leaving {on(said, preposition)}"
    if "return" in some:
        return f"coming back {on(said, preposition)}"
    return on(said, preposition)


def _number(parts: list[str], value: float, said: str, told: Mapping[str, Any]) -> str | None:
    """A number with what it counts, measures or limits."""
    last, some = parts[-1], set(parts)
    if parts == ["max", "results"] or last == "limit":
        return f"but no more than {said} {plural('result', value)}"
    if last in COORDINATES:
        return f"at {last} {value}"
    if parts[0] in ("max", "maximum", "min", "minimum"):
        most, what = parts[0].startswith("max"), " ".join(parts[1:])
        if most and _MONEY & some:
            return f"for at most {said}"
        unit = UNITS.get(parts[-1], "") if len(parts) > 2 else ""
        if unit[:1].isalpha():
            what, said = " ".join(parts[1:-1]), f"{said} {unit}"
        return f"with a {'maximum' if most else 'minimum'} {what} of {said}"
    if last in ("km", "miles") and "radius" in some:
        return f"within {said} {last}"
    if last == "amount" and len(parts) == 1:
        return f"for {value} {told['currency']}" if told.get("currency") else f"for {said}"
    if last == "year":
        return f"in {value}"
    if last == "id" and isinstance(value, int):
        return f"for {entity('_'.join(parts)) if len(parts) > 1 else 'ID'} {value}"
    counted = _counted(parts)
    return f"for {said} {plural(counted, value)}" if counted else None


def _counted(parts: list[str]) -> str | None:
    """What a number counts, by its name: nights, guests, the people of a party."""
    last = parts[-1]
    if last in _SPANS or last in _COUNTED:
        return last
    if last == "count" and len(parts) > 1:
        return " ".join(parts[:-1])
    return "people" if last == "size" and "party" in parts else None
