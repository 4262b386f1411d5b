"""Strings that fit a format, or that a field's name and description speak of: a day, an address, a city."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from uuid import UUID

from toolflow.selfplay import lexicon
from toolflow.selfplay.names import singular, words

_HINT = re.compile(
    r"(?:e\.g\.?|eg:|for example:?|such as|example:|ex:)[ :,]{0,3}[`'\"“]?([\w][\w .:/@+-]{0,38}\w)", re.IGNORECASE
)
_CLOCK = re.compile(r"(?<![YMD] )(?<![YMDT])\bHH:MM\b", re.IGNORECASE)
"""In a description: a time of day without its day."""
BEHIND_US = frozenset(
    "since published created updated issued posted released release last previous hire hired joined submission "
    "submitted ordered order purchase purchased uploaded modified added registered opened sent delivered founded sold "
    "logged observed measured recorded reported completed played watched visited paid shipped scanned edited "
    "changed commented merged closed listing placed".split()
)
"""Words for days that lie before today."""
_JUST_NOW = frozenset("quoted retrieved fetched observed".split())
"""Words for what is as of today."""

_READ = 120
"""Letters of a description that are looked through."""
_IDLE = frozenset("search query text description term base item content q note details summary symbol series".split())
"""Words of descriptions that say nothing of what is meant."""
_DIGITS = {"barcode": 13, "ean": 13, "upc": 12, "isbn": 13, "gtin": 13, "pin": 4, "otp": 6, "zip": 5}
"""Words for numbers written digit by digit → how many digits."""
_ORDINALS = frozenset("position index row rank x y width height depth level step no num".split())
_HOURS = {"sunrise": (5, 7), "sunset": (17, 20), "dawn": (5, 6), "dusk": (18, 20), "breakfast": (7, 9),
          "opens": (7, 11), "opening": (7, 11), "closes": (16, 21), "closing": (16, 21)}  # fmt: skip
"""Words for moments that have hours of their own."""
_DAYS = frozenset("date day deadline dob birthday".split())
_HONORIFICS = frozenset("dr prof mr mrs ms".split())
_BOUNDS = frozenset("until from to since before after".split())
"""At the end of a name, words for a day."""

_ON_CHAIN = re.compile(
    r"\b(?:0x|wallet|contract|token|blockchain|ethereum|starknet|ERC-?\d+|NFT|ETH|ENS)\b", re.IGNORECASE
)
"""In a description: an address is one of a blockchain."""
_ADDRESSED = frozenset("address wallet owner spender recipient sender contract".split())
_TIMED = re.compile(r"\b(?:date|day|time|when|until|period|start|end|year|month)", re.IGNORECASE)


class Texts:
    """Draws strings from one random source, at one simulated date."""

    def __init__(self, rng: Random, today: date, spoken: bool) -> None:
        self.rng, self.today, self.spoken = rng, today, spoken

    def formatted(self, format_: str, name: str, past: bool) -> str | None:
        """A string of a JSON Schema format, for a field called ``name``; None for a format not known here."""
        match format_:
            case "date":
                return self.day(name, past).isoformat()
            case "date-time":
                return self.moment(name, past).isoformat() + ("" if self.spoken else "Z")
            case "time":
                first, last = _hours(words(name))
                return f"{self.rng.randint(first, last):02}:{self.rng.choice((0, 15, 30, 45)):02}:00"
            case "email" | "idn-email":
                return self.email()
            case "uri" | "url" | "uri-reference" | "iri":
                return self.url()
            case "uuid":
                return str(UUID(int=self.rng.getrandbits(128), version=4))
            case "ipv4":
                return f"192.0.2.{self.rng.randint(1, 254)}"
            case "ipv6":
                return f"2001:db8::{self.rng.randint(1, 9999)}"
            case "hostname":
                return self.rng.choice(lexicon.DOMAINS)
            case "duration":
                return f"PT{self.rng.choice((15, 30, 45, 60, 90))}M"
            case "phone":
                return self.phone()
        return None

    def named(self, name: str, description: str, past: bool) -> str:
        """A string for a field without format: an example its description gives, else what its name speaks of."""
        parts = words(name)
        hint = _HINT.search(description[:400])
        if hint and not hint.group(1).lower().startswith(("the ", "a ", "an ", "if ", "is ")):
            return hint.group(1).strip()
        if _ON_CHAIN.search(description[:_READ]) and (_ADDRESSED & {parts[-1]} or "address" in description.lower()):
            return f"0x{self.rng.getrandbits(160):040x}"
        if parts[-1:] == ["address"] and re.search(r"\be-?mail", description[:_READ], re.IGNORECASE):
            return self.email()
        if parts[-1:] == ["time"] and _CLOCK.search(description[:400]):
            return f"{self.moment(name, past):%H:%M}"
        dateless = parts in (["to"], ["from"]) and description and not _TIMED.search(description[:_READ])
        for part in reversed(parts if (parts != ["name"] or not description) and not dateless else []):
            drawn = self._by_word(part, parts, past)
            if drawn is not None:
                return drawn
        if (spoken_of := self._spoken_of(description)) is not None:
            return spoken_of
        if parts == ["name"]:
            return self.rng.choice(lexicon.REPOSITORIES)
        if not parts:
            return self.rng.choice(lexicon.TOPICS)
        return self.rng.choice(lexicon.WORDS)

    def _spoken_of(self, description: str) -> str | None:
        """What a description speaks of: of "Name of the package", a package, of "the player", a person."""
        for word in map(singular, words(description[:_READ])):
            bank = lexicon.SPOKEN_OF.get(word) or (lexicon.BANKS.get(word) if word not in _IDLE else None)
            if bank is not None:
                return self.rng.choice(bank)
            if word in lexicon.PEOPLE and word != "name":
                return f"{self.rng.choice(lexicon.FIRST_NAMES)} {self.rng.choice(lexicon.LAST_NAMES)}"
        return None

    def _by_word(self, word: str, parts: list[str], past: bool) -> str | None:
        if word in ("id", "uid", "key", "ref", "reference", "number", "sku", "token", "ids", "hash"):
            letters = "".join(part[0] for part in parts[:-1])[:3].upper()
            return f"{letters}-{self.rng.randint(10000, 99999)}" if letters else str(self.rng.randint(10000, 99999))
        if word == "code":
            banks = {"country": lexicon.COUNTRY_CODES, "language": lexicon.LANGUAGE_CODES, "state": lexicon.STATE_CODES}
            bank = next((banks[part] for part in parts if part in banks), None)
            return self.rng.choice(bank) if bank else None
        if word in _DAYS or (word in _BOUNDS and word == parts[-1]):
            return self.day("_".join(parts), past).isoformat()
        if word in ("time", "datetime", "timestamp", "at"):
            return self.moment("_".join(parts), past).isoformat()
        if word in ("email", "mail", "emails"):
            return self.email()
        if word in ("phone", "mobile", "telephone", "fax", "tel"):
            return self.phone()
        if word in ("url", "website", "link", "uri", "image", "photo", "picture", "homepage", "thumbnail", "avatar"):
            return self.url()
        if word in ("zip", "zipcode", "postcode", "postal"):
            return str(self.rng.randint(10000, 99999))
        if word == "year":
            return str(self.today.year - self.rng.randint(0, 8))
        if word in _DIGITS:
            return "".join(str(self.rng.randint(1, 9)) for _ in range(_DIGITS[word]))
        if word in ("password", "secret", "passphrase"):
            return f"{self.rng.choice(lexicon.WORDS).capitalize()}-{self.rng.randint(1000, 9999)}"
        if word in _ORDINALS:
            return str(self.rng.randint(1, 12))
        if word == "uuid" or word == "guid":
            return str(self.formatted("uuid", "", past))
        if word in ("ip", "ipaddress"):
            return str(self.formatted("ipv4", "", past))
        if word in ("lat", "latitude"):
            return f"{self.rng.uniform(-55, 65):.4f}"
        if word in ("lng", "lon", "long", "longitude"):
            return f"{self.rng.uniform(-120, 150):.4f}"
        if word in ("amount", "price", "quantity", "count", "limit", "page", "offset", "size", "total"):
            return str(self.rng.randint(1, 20))
        first = self.rng.choice(lexicon.FIRST_NAMES)
        if word == "name" and "first" in parts:
            return first
        if word == "name" and "last" in parts:
            return self.rng.choice(lexicon.LAST_NAMES)
        if word == "name" and len(parts) > 1 and "full" not in parts:
            return None
        if word in lexicon.PEOPLE:
            return f"{first} {self.rng.choice(lexicon.LAST_NAMES)}"
        bank = lexicon.BANKS.get(word)
        return self.rng.choice(bank) if bank else None

    def day(self, name: str = "", past: bool = False) -> date:
        """A day to come; ``past``, or what the name says, puts it behind us."""
        parts = set(words(name))
        if parts & {"birth", "birthday", "born", "dob"}:
            return self.today - timedelta(days=self.rng.randint(20 * 365, 60 * 365))
        if parts & _JUST_NOW and not past:
            return self.today
        if past or parts & BEHIND_US:
            return self.today - timedelta(days=self.rng.randint(2, 60))
        return self.today + timedelta(days=self.rng.randint(1, 45))

    def moment(self, name: str = "", past: bool = False) -> datetime:
        """A quarter of an hour in the daytime of such a day."""
        day = self.day(name, past)
        first, last = _hours(words(name))
        return datetime(
            day.year, day.month, day.day, self.rng.randint(first, last), self.rng.choice((0, 0, 30, 15, 45))
        )

    def url(self) -> str:
        """A page that does not exist."""
        domain, word = self.rng.choice(lexicon.DOMAINS), self.rng.choice(lexicon.WORDS)
        return f"https://www.{domain}/{word}/{self.rng.randint(100, 999)}"

    def email(self) -> str:
        """An address that can belong to nobody."""
        first, last = self.rng.choice(lexicon.FIRST_NAMES), self.rng.choice(lexicon.LAST_NAMES)
        return address_of(f"{first} {last}", self.rng.choice(lexicon.DOMAINS))

    def phone(self) -> str:
        """A number from a range kept for fiction."""
        return f"+1 555 01{self.rng.randint(0, 99):02} {self.rng.randint(1000, 9999)}"


@lru_cache(maxsize=4096)
def has_words(name: str, description: str) -> bool:
    """Whether the name of a field or its description says what a text in it may be."""
    texts = Texts(Random(0), date(2026, 1, 1), spoken=True)
    return words(name)[-1:] == ["word"] or texts.named(name, description, past=False) not in lexicon.WORDS


def _hours(parts: Sequence[str]) -> tuple[int, int]:
    """Between which hours of the day what a name speaks of happens."""
    return next((hours for word, hours in _HOURS.items() if word in parts), (8, 19))


def address_of(person: str, domain: str) -> str:
    """The e-mail address of a person: ``Lucía Fernández`` → lucia.fernandez@…"""
    names = [name for name in map(_ascii, person.split()) if name not in _HONORIFICS and name]
    return f"{names[0]}.{names[-1]}@{domain}" if len(names) > 1 else f"{''.join(names) or 'contact'}@{domain}"


def _ascii(name: str) -> str:
    """``Zoë`` → zoe: what an address may hold."""
    plain = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())
