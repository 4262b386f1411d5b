"""Names that every endpoint accepts, made of names that people gave.

A name is a function of its own document. Only where two different tools want the same one do they get
longer names, both of them: with the name of their API in front, or else with a suffix from a hash of their
own definition. Neither the order of the sources nor what else is imported counts the tools.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

MAX_NAME = 64
MAX_TITLE = 24
"""Characters of the name of an API that go before those of its tools."""
LEAST_KEPT = 4
"""Words of a name that is too long; where those are still too long, its end is cut."""
_GOOD = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOISE = frozenset(
    "api apis rest restful openapi swagger spec specification service services the for of and a an web public official "
    "extension extensions documentation docs reference definition definitions sample server".split()
)
_REMARK = re.compile(r" [+|(–—-]|: ")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*")


def readable(name: str) -> str:
    """The name itself where it is usable, else the nearest to it that is."""
    return name if _GOOD.fullmatch(name) else _fitting(_plain(name), name)


def _plain(name: str) -> str:
    """Letters, digits, dashes, and one underscore for whatever else stands between them; of any length, or empty."""
    plain = unicodedata.normalize("NFKD", name[:1_000]).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-zA-Z0-9_-]+", "_", plain.replace("'", "")).strip("_-")
    return re.sub(r"_{2,}", "_", words)


def _fitting(words: str, name: str) -> str:
    """The words; where they are too many, the first say of what the tool is and the last what it does, and a suffix
    stands for those between."""
    if not words:
        return f"tool_{_hash(name)}"
    if len(words) <= MAX_NAME:
        return words
    suffix = _hash(name)[:6]
    parts = words.split("_")
    while len(parts) > LEAST_KEPT and len("_".join([*parts, suffix])) > MAX_NAME:
        del parts[len(parts) // 2]
    return with_suffix("_".join(parts), suffix)


def with_suffix(name: str, suffix: str) -> str:
    """The name, as much of it as fits in whole words, with a suffix."""
    room = MAX_NAME - len(suffix) - 1
    if len(name) > room:
        name = name[:room]
        cut = max(name.rfind("_"), name.rfind("-"))
        name = name[:cut] if cut >= room // 2 else name
    return f"{name.rstrip('_-')}_{suffix}"


def short_title(title: str) -> str:
    """What is distinctive in the title of an API, in lower case: ``github`` for ``GitHub's v3 REST API``."""
    if not title.strip():
        return ""
    plain = _plain(re.sub(r"['’]s\b", "", _subject(title[:200]))).lower()
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    kept = [word for word in words if word not in _NOISE and not _VERSION.fullmatch(word)] or words
    short = kept[0][:MAX_TITLE] if kept else ""
    for word in kept[1:3]:
        if len(short) + 1 + len(word) > MAX_TITLE:
            break
        short = f"{short}_{word}"
    return short


def _subject(title: str) -> str:
    """What stands before a remark, where that says anything: ``GitHub`` of ``GitHub + Octokit``."""
    head = _REMARK.split(title, maxsplit=1)[0]
    words = re.findall(r"[a-z0-9]+", head.lower())
    return head if any(word not in _NOISE and not _VERSION.fullmatch(word) for word in words) else title


def snake(name: str) -> str:
    """``SendMessage`` and ``orgs/list-teams`` as ``send_message`` and ``orgs_list_teams``; of any length."""
    return re.sub(r"[_-]+", "_", _CAMEL.sub("_", _plain(name)).lower()) or readable(name)


def prefixed(api: str, name: str) -> str:
    """The name behind that of its API, unless it says that already."""
    flat = api.replace("_", "").replace("-", "").lower()
    if not flat or name.replace("_", "").replace("-", "").lower().startswith(flat):
        return readable(name)
    return readable(f"{api}_{name}")


class Named(Protocol):
    """What needs a name of its own."""

    @property
    def name(self) -> str:
        """As wanted."""

    @property
    def api(self) -> str | None:
        """The name of its API."""

    @property
    def digest(self) -> str:
        """Of its whole definition, the name left out."""


def unique_names(tools: Sequence[Named]) -> list[str]:
    """A name for each tool; no two of them have both name and digest in common."""
    crowded = _crowded([tool.name for tool in tools])
    longer = [prefixed(tool.api, tool.name) if tool.name in crowded and tool.api else tool.name for tool in tools]
    names = longer
    for digits in (8, 16, 32):
        crowded = _crowded(names)
        if not crowded:
            break
        names = [
            with_suffix(long, tool.digest[:digits]) if name in crowded else name
            for name, long, tool in zip(names, longer, tools, strict=True)
        ]
    return names


def _crowded(names: Sequence[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
