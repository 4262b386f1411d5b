"""What the name of a field says: its words, what it identifies, how people call it."""

import re
from collections.abc import Sequence
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ID = re.compile(r"(?:^|_)(?:id|uid|guid|uuid|key|number|code|ref|reference|token|sku|hash|slug|ids)$")
_SUFFIXES = frozenset("id ids code number name uid key ref reference ticker value text".split())

_NUMBERED = frozenset("tracking phone postal zip serial reference room seat api access secret".split())
"""What is nothing without its number or code."""
_DICTATED = frozenset(
    "message body text note comment reason instructions description request explanation feedback".split()
)
"""Words for what is dictated rather than mentioned."""
COORDINATES = frozenset("latitude longitude lat lng lon".split())
CARRIED = frozenset("address email phone latitude longitude code number ticker".split())
"""Beside identifiers, what a person takes over from a result rather than saying it."""


def words(name: str) -> list[str]:
    """The words of a field's name, in lower case: ``departureDate`` → departure, date; at least one."""
    return list(_words(name[:200]))


@lru_cache(maxsize=8192)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORDS.findall(name)) or (name[:40].strip(" _").lower() or "value",)


@lru_cache(maxsize=8192)
def is_identifier(name: str) -> bool:
    """Whether a field names a thing by an identifier rather than in words."""
    return bool(_ID.search("_".join(words(name))))


def is_coordinate(name: str) -> bool:
    """Whether a field is a latitude or a longitude."""
    return bool(COORDINATES & set(words(name)))


def is_dictated(name: str) -> bool:
    """Whether a field holds words to be written down rather than mentioned."""
    parts = words(name)
    about = parts[-1] in ("title", "name", "type", "language")
    return bool(_DICTATED & set(parts)) and not is_identifier(name) and not about


_SECRETS = frozenset("key token secret".split())
_OPENED_BY = frozenset("api access auth client secret private store app".split())
"""Words before a key that make it one to a door."""


def is_credential(parts: Sequence[str]) -> bool:
    """Whether the words of a name speak of what opens a door rather than of a thing: ``api_key``, ``access_token``."""
    return parts[-1] in _SECRETS and bool(_OPENED_BY & set(parts[:-1]))


def singular(name: str) -> str:
    """``attendee_emails`` → ``attendee_email``."""
    if name.endswith(("movies", "cookies", "calories", "selfies")):
        return name[:-1]
    if name.endswith(("series", "news")):
        return name
    if name.endswith(("ches", "shes", "sses", "xes", "statuses")):
        return name[:-2]
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) else name


def label(name: str) -> str:
    """A field's name as words: ``check_in_date`` → check-in date."""
    return (
        " ".join(words(name) if words(name) != ["id"] else ["ID"])
        .replace("check in", "check-in")
        .replace("check out", "check-out")
        .replace("move in", "move-in")
        .replace(" id", " ID")
        .replace(" kwh", " kWh")
    )


def entity(name: str) -> str:
    """What an identifier identifies: ``room_offer_id`` → room offer."""
    parts = words(name)
    while len(parts) > 1 and parts[-1] in _SUFFIXES and parts[-2] not in _NUMBERED:
        parts.pop()
    return " ".join(parts) if parts not in (["id"], ["code"]) else "one"
