"""Where things lie: a city, its country, its coordinates, its time zone, its currency and an address in it agree.

What the gazetteer does not know is left as it is.
"""

import re
import string
from collections.abc import Mapping
from typing import Any

from toolflow.selfplay.days import is_day
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.gazetteer import City, Country, cities, city_in, city_near, country_called, postal_form
from toolflow.selfplay.names import words

_REDRAWS = 6
_LISTED = 0.5
"""Share of addresses that are one of the schema's examples, where these have some in the city."""
TAKEN = "taken"
"""What is around an object → the addresses at which something lies already."""
_NEAR = 0.06
"""Degrees around a city's centre."""
NEAR = "near"
"""What is around an object → the city that the call is about, which all of its result lies in."""
_POSTAL = frozenset("postal postcode zip zipcode".split())
_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXY"
_WHERE = frozenset("latitude longitude city country code postal timezone".split())
"""What an address settles."""
_BESIDE = 0.02
"""Degrees around given coordinates."""


def settle_places(draft: Draft) -> None:
    """Make all that an object says of its place fit one city, or at least one country."""
    roles = _roles(draft)
    if not roles or set(roles) <= {"currency", "phone", "postal"}:
        return
    city = _city_of(draft, roles)
    _settle_near(draft, roles)
    country = city.country if city is not None else country_called(draft.values.get(roles.get("country", "")))
    if country is None:
        return
    if city is None and {"latitude", "longitude", "timezone"} & set(roles):
        city = draft.rng.choice([city for city in cities().values() if city.country is country])
        roles = {role: name for role, name in roles.items() if role not in ("city", "address")}
    if city is not None:
        _settle_in_city(draft, roles, city)
    _settle_postal(draft, roles, country)
    for role, value in (("country", country.name), ("code", country.code), ("currency", country.currency)):
        if role in roles and (role != "country" or country_called(draft.values[roles[role]]) is not country):
            draft.put(roles[role], value)
    phone = draft.values.get(roles.get("phone", ""))
    if isinstance(phone, str) and not phone.startswith(f"+{country.calling_code} "):
        draft.put(roles["phone"], f"+{country.calling_code} 555 01{draft.rng.randint(10, 99)}")


def _settle_postal(draft: Draft, roles: dict[str, str], country: Country) -> None:
    """The postal code that the address has, else one such as the country has."""
    name, form = roles.get("postal", ""), postal_form(country)
    stated = form.findall(str(draft.values.get(roles.get("address", ""))))
    if name and stated:
        draft.put(name, stated[-1])
    elif name and not form.fullmatch(str(draft.values[name])):
        drawn = {"#": string.digits, "@": _CAPITALS}
        draft.put(name, "".join(draft.rng.choice(drawn.get(sign, sign)) for sign in country.postal))


def call_about(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a call says of the time and place of all it is about: its moments, and its city where it names one alone."""
    named = [value for name, value in arguments.items() if role_of(name, value) in ("address", "city")]
    city = city_in(named[0]) if len(named) == 1 else None
    moments = {name: value for name, value in arguments.items() if is_day(value)}
    return moments | ({NEAR: city.name} if city is not None else {})


def place_in(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Of the fields of an object, those that say where its address is."""
    return {name: value for name, value in fields.items() if role_of(name, value) in _WHERE}


def _settle_near(draft: Draft, roles: dict[str, str]) -> None:
    """Put what lies around given coordinates a little beside them."""
    around = {role_of(name, value): value for name, value in draft.around.items()}
    for role in ("latitude", "longitude"):
        if role in roles and isinstance(around.get(role), int | float):
            draft.put(roles[role], round(around[role] + draft.rng.uniform(-_BESIDE, _BESIDE), 4))


def settle_addresses(draft: Draft) -> None:
    """Put several addresses (where to pick up, where to drop off) in one city, each at a place of its own."""
    names = [name for name, value in draft.values.items() if role_of(name, value) == "address"]
    if len(names) < 2:
        return
    named = [city_in(draft.values[name]) for name in names if name in draft.fixed]
    city = next(iter(named), None) or city_in(draft.around.get("city")) or city_in(draft.values[names[0]])
    taken: list[str] = []
    for name in names:
        for _ in range(_REDRAWS if city is not None else 0):
            if city is None or (city_in(draft.values[name]) is city and draft.values[name] not in taken):
                break
            street = draft.rng.choice(city.country.streets)
            draft.put(name, f"{street}, {city.name}" if draft.values[name] in taken else _address(draft, name, city))
        taken.append(draft.values[name])


def _settle_in_city(draft: Draft, roles: dict[str, str], city: City) -> None:
    if "city" in roles and city_in(draft.values[roles["city"]]) is not city:
        draft.put(roles["city"], city.name)
    taken = draft.around.get(TAKEN, ())
    for _ in range(_REDRAWS if "address" in roles else 0):
        address = draft.values[roles["address"]]
        if city_in(address) is city and address not in taken:
            break
        draft.put(roles["address"], _address(draft, roles["address"], city))
    if "timezone" in roles:
        draft.put(roles["timezone"], city.timezone)
    given = {role_of(name, value) for name, value in draft.around.items()}
    for role, centre in (("latitude", city.latitude), ("longitude", city.longitude)):
        if role in roles and role not in given:
            draft.put(roles[role], round(centre + draft.rng.uniform(-_NEAR, _NEAR), 4))


def _address(draft: Draft, name: str, city: City) -> str:
    """One of the schema's examples in this city, else a street of the country."""
    examples, taken = draft.properties[name].get("examples"), draft.around.get(TAKEN, ())
    written = [text for text in examples if isinstance(text, str)] if isinstance(examples, list) else []
    inside = [text for text in written if text not in taken and city_in(text) is city]
    if inside and draft.rng.random() < _LISTED:
        return draft.rng.choice(inside)
    street = re.sub(r"\d+", str(draft.rng.randint(2, 240)), draft.rng.choice(city.country.streets), count=1)
    return f"{street}, {city.name}"


def _city_of(draft: Draft, roles: dict[str, str]) -> City | None:
    """The city an object lies in: what is settled says so first, then what stands around it, then what was drawn."""
    stated = [roles[role] for role in ("city", "address") if role in roles]
    for name in stated:
        if name in draft.fixed:
            return city_in(draft.values[name])
    spot = [roles.get(role, "") for role in ("latitude", "longitude")]
    if all(name in draft.fixed for name in spot) and (here := city_near(*(draft.values[name] for name in spot))):
        return here
    if "address" in roles or "city" in roles:
        given = {role_of(name, value): value for name, value in draft.around.items()}
        if (there := city_near(given.get("latitude"), given.get("longitude"))) is not None:
            return there
    country = draft.values.get(roles.get("country", ""))
    if "country" in roles and roles["country"] in draft.fixed and (home := country_called(country)) is not None:
        return draft.rng.choice([city for city in cities().values() if city.country is home])
    around = draft.around.get(NEAR) or (draft.around.get("city") if "city" not in roles else None)
    found = (city_in(text) for text in (around, *(draft.values[name] for name in stated)))
    named = next((city for city in found if city is not None), None)
    nowhere = named is None and not stated and "country" not in roles and not any(name in draft.fixed for name in spot)
    if nowhere and all(name in draft.values for name in spot):
        return city_near(*(draft.values[name] for name in spot)) or draft.rng.choice(list(cities().values()))
    return named


def _roles(draft: Draft) -> dict[str, str]:
    """Which field says what of the place; of a kind that stands there twice (origin and destination), none."""
    roles: dict[str, list[str]] = {}
    for name, value in draft.values.items():
        role = role_of(name, value)
        if role is not None:
            roles.setdefault(role, []).append(name)
    return {role: names[0] for role, names in roles.items() if len(names) == 1}


def role_of(name: str, value: object) -> str | None:
    """What a field says of a place: ``latitude``, ``country``; None when nothing."""
    if not isinstance(value, str | int | float):
        return None
    parts = words(name)
    last = parts[-1]
    if not isinstance(value, str):
        short = {"lat": "latitude", "lng": "longitude", "lon": "longitude"}
        return short.get(last, last) if last in ("latitude", "longitude", *short) else None
    if last == "code" and parts[-2:-1] == ["country"]:
        return "code"
    if last == "country":
        return "code" if len(value) == 2 else "country"
    if _POSTAL & set(parts):
        return "postal"
    if parts[-2:] == ["time", "zone"]:
        return "timezone"
    if last == "phone" or parts[-2:] == ["phone", "number"]:
        return "phone"
    if last == "address" and (" " not in value.strip() or "@" in value):
        return None  # of a wallet, or for the mail
    return last if last in ("city", "address", "timezone", "currency") and "email" not in parts else None
