"""What the name of a field speaks of, and whether a return value's name can feed a parameter's.

The paper asks only for similar texts, and "similar" is not yet "feeds": departure_date is most similar to
return_date. This rule is ours. Names are compared word by word, ``flightIDs`` being ``flight id``:

- equal names feed each other, and so do names of which one only adds a role in front
  (``city`` → ``destination_city``, ``arrival_city`` → ``city``), but not two different roles
  (``departure_date`` ↛ ``return_date``);
- a bare name such as ``id`` says nothing without its owner, the object it stands in or else the tool:
  ``flight.id`` → ``flight_id``, ``get_flight(id)``; never one ``id`` → any ``id``;
- ``city_name`` is ``city``.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_TRANSPORT = (
    "accept callback charset content_type cursor debug fields format header include limit locale max_results"
    " next_cursor next_page next_page_token offset order order_by order_direction output output_format page page_index"
    " page_number page_size page_token pagination per_page pretty request_id response_format signature since skip sort"
    " sort_by sort_direction sort_order start_index total_count total_pages total_results user_agent version"
)
_CREDENTIALS = (
    "access_key access_token api_key apikey api_secret api_token app_id appid app_authorization app_key app_user_agent"
    " auth auth_token authentication authorization bearer client_id client_key client_secret key partner_key password"
    " private_key public_key rapid_api_key rapidapi_key secret secret_key session session_id session_token token"
    " user_authorization user_key user_token username x_api_key x_rapid_api_host x_rapid_api_key x_rapidapi_host"
    " x_rapidapi_key"
)
_SETTINGS = (
    "country_code currency currency_code description lang language language_code note subtitle temperature_unit"
    " time_zone timezone title unit unit_system"
)

_BARE = frozenset(
    "action attribute body category class code comment content count data description detail element entry error field"
    " file filter flag group guid hash href id index info input item key kind label level link list message method mode"
    " name note number object option other output parameter params query rank rate reason ref reference result role"
    " score slug source state status string success tag text title total type unit url uuid val value width height"
    " size image icon position active enabled".split()
)
"""Words that mean something only together with their owner."""

_IDENTIFIERS = frozenset(
    "code handle iata iban id identifier isbn number reference repository sku slug symbol ticker".split()
)
"""Last words of names that single out one thing: where two such names are equal, so is the thing."""

_CONTAINERS = frozenset(
    "data result response item list entry payload body object value record row content output".split()
)
"""Names of objects that own nothing: the owner is further out."""

_VERBS = frozenset(
    "a add all an and api book by calculate cancel check compare create delete fetch find for from generate get in info"
    " list make new of on or post put remove retrieve search send set the to update v1 v2 v3 with your".split()
)
"""Words of a tool's name that are no owner."""

_ALIASES = {
    "identifier": "id", "num": "number", "no": "number", "lat": "latitude", "lng": "longitude", "lon": "longitude",
    "qty": "quantity", "addr": "address", "tel": "phone", "telephone": "phone", "mail": "email", "img": "image",
    "desc": "description", "msg": "message", "ccy": "currency",
}  # fmt: skip
_AS_THEY_ARE = frozenset("series species news gps sms has was does".split())
_ON_IE = frozenset("movies cookies calories zombies selfies ties pies".split())
_WORD = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?(?:(?![A-Z])[^\W\d_])+|[0-9]+")
"""The words of camelCase, snake_case and the like: ``HTTPServer``, ``flightIDs``, ``größe``."""


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field's name as the rule sees it."""

    words: tuple[str, ...]
    owners: frozenset[str] = frozenset()
    """For a bare name: words that may own it."""
    head: str = ""
    """For a bare name: the most likely owner."""

    @property
    def bare(self) -> bool:
        """Whether the name means nothing without its owner."""
        return _is_bare(self.words)

    @property
    def key(self) -> tuple[str, ...]:
        """The words, a bare name's with its owner in front."""
        return (self.head, *self.words) if self.bare and self.head else self.words

    @property
    def identifies(self) -> bool:
        """Whether it singles out one thing, or whoever is meant."""
        return bool(self.words) and (self.words[-1] in _IDENTIFIERS or self.words[-1] == "token")

    @property
    def specific(self) -> tuple[str, ...] | None:
        """The words, with their owner, of a name that identifies one thing (``flight id``); None otherwise."""
        if self.bare:
            return (self.head, *self.words) if self.head and self.words == ("id",) else None
        return self.words if self.words[-1] in _IDENTIFIERS else None


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """The words of a name: lower case, singular, with common short forms spelled out."""
    found = (_singular(word.lower()) for word in _WORD.findall(name))
    spelled = [_ALIASES.get(word, word) for word in found]
    if len(spelled) > 1 and spelled[-1] == "name" and spelled[-2] not in _BARE:
        spelled.pop()
    return tuple(spelled)


def field_name(name: str, parents: tuple[str, ...], tool: str) -> FieldName:
    """The name of a field that stands in objects named ``parents`` (outermost first) of a tool."""
    own = words(name)
    if not _is_bare(own):
        return FieldName(own)
    for parent in reversed(parents):
        owner = words(parent)
        if owner and owner[-1] not in _CONTAINERS:
            return FieldName(own, frozenset(owner), owner[-1])
    nouns = [word for word in words(tool) if word not in _VERBS and word not in _CONTAINERS]
    return FieldName(own, frozenset(nouns), nouns[-1] if nouns else "")


@dataclass(frozen=True, slots=True)
class Use:
    """What a field of some name is good for."""

    tie: bool = True
    """It may tie two parameters."""
    flow: bool = True
    """It may be part of a flow."""
    alone: bool = True
    """An edge may rest on it alone."""


@lru_cache(maxsize=200_000)
def use(name: str) -> Use:
    """What a name rules out: transport ties nothing, credentials only flow, settings never stand alone."""
    joined = "_".join(words(name))
    if joined in _NO_USE:
        return Use(tie=False, flow=False)
    return Use(tie=joined not in _ONLY_FLOW, alone=joined not in _NEVER_ALONE)


def feeds(value: FieldName, parameter: FieldName) -> bool:
    """Whether a return value of one name can be what a parameter of the other name asks for."""
    if value.bare and parameter.bare:
        return value.words == parameter.words and bool(value.owners & parameter.owners)
    if value.bare:
        return _owned(value, parameter.words)
    if parameter.bare:
        return _owned(parameter, value.words)
    shorter, longer = sorted((value.words, parameter.words), key=len)
    return longer[len(longer) - len(shorter) :] == shorter


def _is_bare(name: tuple[str, ...]) -> bool:
    """``id``, ``status code``; not ``file id``, whose owner stands in it."""
    return all(word in _BARE for word in name) and not (len(name) > 1 and name[-1] == "id")


def _owned(bare: FieldName, full: tuple[str, ...]) -> bool:
    """Whether the full name is the bare one with its owner in front: ``id`` of a flight, ``flight id``."""
    if bare.words == ("name",) and full[-1] in bare.owners:
        return True
    cut = len(full) - len(bare.words)
    return cut > 0 and full[cut:] == bare.words and full[cut - 1] in bare.owners


def _singular(word: str) -> str:
    if word in _AS_THEY_ARE:
        return word
    if word in _ON_IE:
        return word[:-1]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _joined(names: str) -> frozenset[str]:
    return frozenset("_".join(words(name)) for name in names.split())


_NO_USE = _joined(_TRANSPORT)
"""Names that steer the transport of any API (paging, formats) and say nothing about a tool."""
_ONLY_FLOW = _joined(_CREDENTIALS)
"""Names that tie every tool with every other one as parameters; from a login to a call they do flow."""
_NEVER_ALONE = _joined(_SETTINGS)
"""Names of settings and remarks: two tools that share a currency have nothing to do with each other yet."""
