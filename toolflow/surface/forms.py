"""All forms of a value: what it is decides how it is said and how it is found."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import cache
from random import Random
from typing import Any

from toolflow.surface.codes import CITIES, COUNTRIES, CURRENCIES, LANGUAGES, STATES
from toolflow.surface.dates import (
    as_date,
    as_date_time,
    as_numeric_dates,
    as_spoken_time,
    as_time,
    date_found,
    date_said,
    time_found,
    time_said,
)
from toolflow.surface.numbers import as_decimal, number_found, number_said

_NUMERAL = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?")
_JOINED = re.compile(r"[_\-]+|(?<=[a-z])(?=[A-Z])")
_LOCALE = re.compile(r"[a-z]{2}[_-][A-Z]{2}")
_ZONE = re.compile(r"[A-Z][a-z]+(?:/[A-Z][A-Za-z_]+)+")
_PHONE = re.compile(r"(?:\+?\d{1,3}[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")
_DIGITS = re.compile(r"\d+")
_IDLE_TIMES = (time(0), time(23, 59), time(23, 59, 59))
"""Times that stand for "that day" where a schema wants a date-time; nobody says them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must be found for a value to be found, in any of its forms (case does not count)."""

    forms: tuple[str, ...]
    year: int | None = None
    """Of a day: the year that may follow a form; another year makes it another day."""


def parts(value: Any, today: date | None) -> tuple[Part, ...]:
    """What to look for in a text: every part must be there, in one of its forms.

    A date-time has two parts, since people say the day in one place and the hour in another. Nothing is
    returned for values that cannot be looked for: objects, arrays, null, true and false.
    """
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ()
    if isinstance(value, int | float):
        number = as_decimal(value)
        return (Part(tuple(number_found(number))),) if number is not None else ()
    if (day := as_date(value)) is not None:
        return (_day_part(value, day, today),)
    if (moment := as_date_time(value)) is not None:
        day, hour, _ = moment
        days = _day_part(day.isoformat(), day, today)
        return (days,) if hour in _IDLE_TIMES else (days, Part(tuple(time_found(hour))))
    if (hour_alone := as_time(value)) is not None:
        return (Part((value, *time_found(hour_alone))),)
    found = [value, *_string_found(value)]
    for day in as_numeric_dates(value):
        found += date_found(day, today)
    if (hour_alone := as_spoken_time(value)) is not None:
        found += time_found(hour_alone)
    return (Part(tuple(dict.fromkeys(found))),)


def forms(value: Any, today: date | None) -> list[str]:
    """Ways in which a person may write a value, the literal first, then the natural ones."""
    literal = _literal(value)
    said = _said(value, today, closed=True)
    looked_for = parts(value, today)
    found = looked_for[0].forms if len(looked_for) == 1 else ()
    return list(dict.fromkeys([literal, *said, *found]))


def say(value: Any, today: date | None, rng: Random, schema: Mapping[str, Any] | None = None) -> str:
    """One natural way to say a value, such that reading it with the same today gives the value back.

    Codes and words joined by underscores are put in words only where the schema has an ``enum`` to lead
    back to them: ``round_trip`` of an enum is "round trip", as a user name it stays what it is.
    """
    closed = schema is not None and isinstance(schema.get("enum"), list)
    return rng.choice(_said(value, today, closed))


def _literal(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(value: Any, today: date | None, closed: bool) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, int | float):
        number = as_decimal(value)
        return number_said(number) if number is not None else [_literal(value)]
    if not isinstance(value, str):
        return [_literal(value)]
    if (day := as_date(value)) is not None:
        return date_said(day, today)
    if (moment := as_date_time(value)) is not None:
        day, hour, offset = moment
        zone = f" (UTC{offset})" if offset else ""
        # midnight of a day may be either end of it; nobody misreads 00:00
        hours = ["00:00"] if hour == time(0) else time_said(hour)[:2]
        return [f"{one} at {other}{zone}" for one in date_said(day, today) for other in hours]
    if (hour_alone := as_time(value)) is not None:
        return time_said(hour_alone)
    return _string_said(value) if closed else [value]


def _day_part(literal: str, day: date, today: date | None) -> Part:
    return Part(tuple(dict.fromkeys([literal, *date_found(day, today)])), day.year)


def _string_said(value: str) -> list[str]:
    """Of a word that is one of an enum."""
    if value in CURRENCIES:
        return [value, CURRENCIES[value][0]]
    if value in COUNTRIES:
        return [COUNTRIES[value][0], value]
    if _LOCALE.fullmatch(value):
        return [value]
    words = _JOINED.sub(" ", value)
    return [words.lower()] if words != value and words.replace(" ", "").isalpha() else [value]


def _string_found(value: str) -> list[str]:
    found = list(_other_names().get(value.casefold(), ()))
    if _NUMERAL.fullmatch(value):
        try:
            found += number_found(Decimal(value))
        except InvalidOperation:
            return found
    if _PHONE.fullmatch(value):
        area, *groups = _DIGITS.findall(value)[-3:]
        lead = value[: value.index(area)].rstrip("(-. ")
        written = [mark.join((area, *groups)) for mark in ("-", ".", " ", "")]
        for number in (*written, *(f"({area}) {mark.join(groups)}" for mark in "-. ")):
            found += [f"{lead}{gap}{number}" for gap in ("-", " ", "")] if lead else [number]
    if _ZONE.fullmatch(value):
        found.append(value.rpartition("/")[2].replace("_", " "))
    words = _JOINED.sub(" ", value)
    if words != value:
        found += [words, words.replace(" ", "-"), words.replace(" ", "")]
    elif " " in value and len(value) < 40:
        found += [value.replace(" ", "-"), value.replace(" ", "_")]
    for prefix in ("https://", "http://", "www.", "@", "#", "$", "."):
        if value.startswith(prefix) and len(value) > len(prefix) + 2:
            found.append(value.removeprefix(prefix).rstrip("/"))
    return found


@cache
def _other_names() -> dict[str, list[str]]:
    """From a code or a name, in lower case, to its other names."""
    sets: list[tuple[str, ...]] = [(code, *names) for code, names in [*COUNTRIES.items(), *CURRENCIES.items()]]
    sets += [(city, *names) for city, names in CITIES.items()]
    sets += STATES.items()
    # one way only: "Italian" must not be found in "book it"
    others = {code: [name] for code, name in LANGUAGES.items()}
    for names in sets:
        for name in names:
            others.setdefault(name.casefold(), []).extend(other for other in names if other != name)
    return others
