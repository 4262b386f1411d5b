"""Real tools for tests of execution: Python functions that behave and misbehave."""

import os
import sys
import threading
from pathlib import Path

from pydantic import BaseModel

NUMBER = 7


class Shop(BaseModel):
    """A shop."""

    shop_id: str
    name: str
    rating: float


class Shops(BaseModel):
    """Shops of a city."""

    city: str
    shops: list[Shop]


class Hours(BaseModel):
    """When a shop is open."""

    shop_id: str
    opening_time: str
    closing_time: str


class Note(BaseModel):
    """A note."""

    note_id: str
    text: str


def find_shops(city: str) -> Shops:
    """Find the shops of a city."""
    shops = [Shop(shop_id=f"REAL-{city[:3].upper()}-{n}", name=f"{city} Books {n}", rating=4.5) for n in (1, 2)]
    return Shops(city=city, shops=shops)


def get_opening_hours(shop_id: str) -> Hours:
    """Get the opening hours of a shop."""
    if not shop_id.startswith("REAL-"):
        raise LookupError(f"there is no shop {shop_id}")
    return Hours(shop_id=shop_id, opening_time="09:30", closing_time="18:45")


def create_note(text: str) -> Note:
    """Create a note."""
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(f"{text}\n")
    return Note(note_id="NOTE-1", text=text)


def fail(city: str) -> str:
    """Report an error."""
    raise ValueError(f"nothing is known of {city}, says {os.environ.get('LIVE_KEY', 'nobody')}")


def hang(city: str) -> str:
    """Never answer."""
    threading.Event().wait()
    return city


def die(city: str) -> str:
    """End the process."""
    sys.stderr.write("my last words\n")
    sys.stderr.flush()
    os._exit(3)


def huge(city: str) -> str:
    """Return ten megabytes."""
    return city[:1] * 10_000_000


def no_json(city: str) -> object:
    """Return what is no JSON."""
    return object()


def no_number(city: str) -> float:
    """Return what JSON does not know."""
    return float("nan")


def endless(city: str) -> list[object]:
    """Return what holds itself."""
    inside: list[object] = [city]
    inside.append(inside)
    return inside


def half(city: str) -> str:
    """Return half a surrogate pair."""
    return "\ud800"


def deep(city: str) -> object:
    """Return what nests too deep."""
    value: object = city
    for _ in range(70):
        value = [value]
    return value


def leave(city: str) -> None:
    """Leave, as scripts do."""
    sys.exit(city)


def noisy(city: str) -> str:
    """Print, and read what is not there."""
    sys.stdout.write('{"result": "printed"}\n')
    return f"{city}{sys.stdin.read()}"


async def later(city: str) -> str:
    """Answer when awaited."""
    return city
