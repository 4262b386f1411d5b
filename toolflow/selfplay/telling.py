"""Which fields of a result the selfplay assistant tells, and how each of them is put: as an aside or as a clause.

The words come from the roles that names of fields have (a price, a status, a start and an end, a count),
never from a tool.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from toolflow.selfplay.days import is_day
from toolflow.selfplay.figures import UNITS, figures, naming, span, spans
from toolflow.selfplay.names import is_identifier, singular, words
from toolflow.selfplay.phrases import are, on, plural
from toolflow.selfplay.pointing import VAGUE
from toolflow.selfplay.speech import Speech
from toolflow.verbs import ENDS, base_form, participle

_TITLES = ("name", "title", "subject", "headline", "label", "model", "address", "airline", "operator", "author")
NAMES = frozenset("name title subject headline label".split())
"""Last words of what a thing goes by."""
_OWN = frozenset("full display".split())
"""Words before a name or title that do not make it another thing's."""
_TELLING = (
    "price total_price amount fare cost total start_time departure_time arrival_time date time rating status "
    "balance summary translated_text translation answer temperature duration distance deadline score fee result "
    "email phone_number temperature_celsius conditions dish_name"
).split()
_LATER = frozenset("end arrival closing until updated".split())
"""Words for what says little without its beginning."""
_DRY = frozenset(
    "currency timezone unit latitude longitude page offset timestamp version code cursor index position hash success "
    "token link url lat lon lng".split()
)
"""Words for what nobody wants to be told by itself."""
_SPEAKS_FOR_ITSELF = frozenset(
    "price status date time amount genre cuisine type category city country company department specialty airline "
    "carrier brand sport conditions neighborhood neighbourhood email condition state role operator fare cost".split()
)
"""Last words of fields whose value needs no name beside it in a list."""
_CHORES = frozenset("collect return use redeem finish".split())
"""Verbs of what a person has to do in time, beside those of tools."""
_MONEY_WORDS = frozenset("price amount fare cost".split())
_AFTER_COUNTED = frozenset("left available remaining free with in per used this played burned".split())
_FOLLOWS = frozenset("priority quality level risk class size section plan trend tone tier".split())
"""Last words that stand behind their value: "low priority"."""
_STARTS = frozenset("start begin begins".split())
_VERBS = {"start": "starts", "begin": "begins", "departure": "leaves", "arrival": "arrives", "end": "ends"}
_DATED = {
    "release": "released", "expiry": "valid until", "collection": "collected", "listing": "listed", "due": "due",
    "submission": "submitted", "publication": "published", "created": "created", "submitted": "submitted",
    "updated": "updated", "posted": "posted", "expense": "spent", "delivery": "delivered",
    "estimated": "expected", "expected": "expected", "planned": "planned",
}  # fmt: skip
"""First word of the name of a day → how a listed thing is told with it."""
_STATES = re.compile(
    r"(?:[a-z]+(?:ed|ing|en)|sent|paid|held|active|new|in [a-z]+|on [a-z ]+|out of [a-z ]+)(?: for [a-z ]+)?"
)
"""What a thing can be said to be, rather than to have as its status."""
_LONGEST = 120
_NO_STATE = frozenset("success ok true done".split())


def scalars(value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that hold one value."""
    return {name: item for name, item in value.items() if isinstance(item, str | int | float) and item != ""}


def title(fields: Mapping[str, Any], holder: str = "") -> str | None:
    """The field a person would call the thing by; ``holder`` is what the thing is called, in words."""
    own = {*_OWN, *holder.split(), *(singular(word) for word in holder.split())}
    candidates = [name for name, value in fields.items() if isinstance(value, str) and words(name)[-1] in _TITLES]

    def strangeness(name: str) -> tuple[bool, int]:
        parts = words(name)
        return not set(parts[:-1]) <= own, _TITLES.index(parts[-1])

    return min(candidates, key=strangeness, default=None)


def salient(fields: Mapping[str, Any], number: int, speech: Speech, but: Collection[str | None] = ()) -> list[str]:
    """Names of the fields most worth telling, in the order of the result; no identifiers, units or yes-and-nos."""
    told = [name for name, value in fields.items() if name not in but and _is_tellable(name, value)]
    ends = spans(fields).values()

    def merit(name: str) -> tuple[int, float]:
        telling = any(name == ending or name.endswith("_" + ending) for ending in _TELLING)
        return (0 if telling and not _LATER & set(words(name)) else 1, speech.rng.random())

    chosen = sorted((name for name in told if name not in ends), key=merit)[:number]
    return [name for name in told if name in chosen]


def _is_tellable(name: str, value: Any) -> bool:
    if words(name)[-1] == "status" and str(value).lower() in _NO_STATE:
        return False
    if is_identifier(name) or isinstance(value, bool) or _DRY & set(words(name)):
        return False
    return not (isinstance(value, str) and (value.startswith("http") or len(value) > _LONGEST))


def aside(name: str, whole: Mapping[str, Any], speech: Speech) -> str:
    """One field of a listed thing: ``240 EUR``, ``rated 4.5``, ``10 to 11 am on 3 May``, ``row M``."""
    value = whole[name]
    if (until := spans(whole).get(name)) is not None:
        return span(value, whole[until], speech)
    said, parts = figures(value, name, whole, speech), words(name)
    last = parts[-1]
    if parts == ["rating"]:
        return f"rated {said}"
    if last == "count" and isinstance(value, int) and len(parts) > 1:
        return f"{said} {plural(' '.join(parts[:-1]), value)}"
    if last == "at" and parts[0].endswith(("ed", "sent")):
        return f"{' '.join(parts[:-1])} {on(said)}"
    if last in ("time", "date") and _STARTS & set(parts):
        return said
    if last in ("time", "date") and len(parts) <= 3 and parts[0] in _DATED:
        return f"{_DATED[parts[0]]} {said if 'until' in _DATED[parts[0]] else on(said)}"
    if isinstance(value, str) and last in value.lower().split():
        return said
    if last in UNITS and len(parts) > 1 and isinstance(value, int | float):
        stands_alone = UNITS[last] == "%" or parts[-2].endswith("ing")
        return f"{said} {naming(name)}" if stands_alone else f"{naming(name)} {said}"
    if parts[0] == "max" and type(value) is int and len(parts) > 1:
        return f"up to {said} {plural(' '.join(parts[1:]), value)}"
    if type(value) is int and _is_counted(parts):
        return f"{said} {counted(parts, value)}"
    if last in _MONEY_WORDS and isinstance(value, int | float) and "currency" not in whole:
        return f"{naming(name)} {said}"
    if last in _SPEAKS_FOR_ITSELF and (len(parts) == 1 or last not in ("date", "time", "email")):
        return said
    if last in _FOLLOWS and isinstance(value, str) and value.replace(" ", "").isalpha():
        return f"{said} {naming(name)}"
    return f"{naming(name)} {said}"


def _order(parts: list[str]) -> str | None:
    """What a limit in time asks for: of ``cancel_before``, that it can be cancelled until then; of ``reply_by_date``, a
    reply by then.
    """
    verb = base_form(parts[0]) or (parts[0] if parts[0] in _CHORES else None)
    if verb is None or parts[1] not in ("before", "by") or len(parts) > 3:
        return None
    if verb == "reply":
        return "a reply is due by"
    return f"you can {verb} until" if verb in ENDS else f"please {verb} by"


def _is_counted(parts: list[str]) -> bool:
    """Whether a whole number counts what its name says: seats left, people with access."""
    head = next((at for at, part in enumerate(parts) if part in _AFTER_COUNTED and at > 0), len(parts))
    return are(parts[head - 1]) == "are" and parts[-1] not in UNITS


def counted(parts: list[str], number: int) -> str:
    """The noun that goes with a number: ``seat left`` of one, ``people with access`` of several."""
    head = next((at for at, part in enumerate(parts) if part in _AFTER_COUNTED and at > 0), len(parts))
    return " ".join([plural(" ".join(parts[:head]), number), *parts[head:]])


def clause_of(name: str, whole: Mapping[str, Any], speech: Speech, holder: str = "") -> str:
    """One field as a clause on the thing the talk is about: ``it's rated 4.5``, ``the fee is 3.50 EUR``.

    ``holder`` is what the thing is called, in words.
    """
    it = "it"
    value = whole[name]
    parts = words(name)
    if (until := spans(whole).get(name)) is not None:
        if "departure" in parts:
            leaves, arrives = (speech.value(moment, {}) for moment in (value, whole[until]))
            hour = arrives.rpartition(" at ")[2] if value[:10] == whole[until][:10] else arrives
            return f"{it} leaves {on(leaves)} and arrives {on(hour, 'at' if hour != arrives else 'on')}"
        return f"{it} runs from {span(value, whole[until], speech)}"
    said = figures(value, name, whole, speech)
    last, some = parts[-1], set(parts)
    if parts == ["rating"]:
        return f"{it} is rated {said}"
    if len(parts) == 1 and last.endswith("ed") and isinstance(value, str) and is_day(value):
        return f"{it} was {last} {on(said)}"
    if last == "at" and len(parts) == 2 and parts[0].endswith(("ed", "sent", "made")):
        return f"{it} was {parts[0]} {on(said)}"
    if last == "at" and len(parts) == 2 and parts[0].endswith("s"):
        return f"{it} {parts[0]} {on(said)}"
    if last == "until" and len(parts) > 1:
        state = participle(parts[0]) if base_form(parts[0]) else parts[0]
        return f"{it} is {' '.join([state, *parts[1:]])} {said}"
    if len(parts) > 1 and (order := _order(parts)):
        return f"{order} {said}"
    if last in ("time", "date") and len(parts) == 2 and parts[0].endswith(("ted", "sed", "ded")):
        return f"{it} was {parts[0]} {on(said)}"
    if last == "by" and len(parts) == 2 and isinstance(value, str) and not is_day(value):
        return f"{it} was {parts[0]} by {said}"
    if last == "at" and len(parts) > 2 and base_form(parts[-2]) and are(parts[-3]) == "are":
        return f"the {' '.join(parts[:-1])} {on(said)}"
    if last == "due" and len(parts) > 1 and isinstance(value, str) and is_day(value):
        return f"the {' '.join(parts[:-1])} is due {on(said)}"
    if last == "status" and isinstance(value, str) and _STATES.fullmatch(said) and said not in _NO_STATE:
        whose = " ".join(parts[:-1])
        return f"{it if whose in holder else 'the ' + whose} is {said}"
    if parts in (["total", "price"], ["total", "cost"]):
        return f"the total comes to {said}"
    if parts[0] == "percent" and len(parts) > 1:
        return f"{it} is {said} {' '.join(parts[1:])}"
    if last == "count" and isinstance(value, int) and len(parts) > 1:
        what = plural(" ".join(parts[:-1]), value)
        return f"there {'is' if value == 1 else 'are'} {said} {what}"
    verb = next((_VERBS[part] for part in parts if part in _VERBS), None)
    if verb and last in ("time", "date") and len(some) == 2 and isinstance(value, str):
        return f"{it} {verb} {on(said)}" if said[:1].isalnum() and value[:4].isdigit() else f"{it} {verb} at {said}"
    what = naming(name)
    if type(value) is int and _is_counted(parts):
        return f"there {'is' if value == 1 else 'are'} {said} {counted(parts, value)}"
    if what in VAGUE:
        return f"it says “{str(said).strip('“”')}”" if isinstance(value, str) else f"the answer is {said}"
    if last == "status":
        return f"its {what} is {said}"
    if isinstance(value, int | float) and value != 1 and (are(what) == "are" or are(what.split()[0]) == "are"):
        return f"there are {said} {what}"
    return f"the {what} {are(what)} {said}"
