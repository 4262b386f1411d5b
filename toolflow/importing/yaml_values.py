"""YAML as JSON values, from the parser's events, with bounds.

The safe loaders of PyYAML recurse with the nesting and let a few aliases stand for billions of values. This
one keeps its own stack, and counts what an alias stands for each time it is used. Scalars are those of
YAML 1.2's core schema, so ``no`` and ``2026-01-01`` stay texts; keys are texts, as in JSON.
"""

import re
from typing import Any

import yaml

from toolflow.errors import CatalogError

MAX_DEPTH = 200
MAX_VALUES = 4_000_000
"""Values in one document, each use of an alias counted in full."""

_INT = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,50}|[0-9]{1,50}(?:\.[0-9]{0,50})?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_MERGE = "<<"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = object()


def yaml_value(content: bytes) -> Any:
    """The value of the first document; `CatalogError` for what is no YAML or would grow without bounds."""
    building = _Building()
    try:
        for event in yaml.parse(content, Loader=_LOADER):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            building.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise CatalogError(f"not valid YAML: {' '.join(problem.split())[:200]}{line}") from None
    except UnicodeDecodeError:
        raise CatalogError("not valid YAML: not UTF-8") from None
    return building.result


class _Building:
    """The value as far as the events have told it."""

    def __init__(self) -> None:
        self.result: Any = None
        self.open: list[tuple[Any, str | None, int]] = []
        """Lists and mappings begun, their anchors, and how many values there were before them."""
        self.keys: list[Any] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.values = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.count(1)
            value = _scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            self.add(value)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.count(1)
            if len(self.open) >= MAX_DEPTH:
                raise CatalogError(f"nested deeper than {MAX_DEPTH} levels{_line(event)}")
            self.open.append(({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, self.values))
            self.keys.append(_NOTHING)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            value, anchor, before = self.open.pop()
            self.keys.pop()
            if anchor:
                self.anchors[anchor] = (value, self.values - before + 1)
            self.add(value)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise CatalogError(f"not valid YAML: alias of nothing, or of itself{_line(event)}")
            value, size = self.anchors[event.anchor]
            self.count(size)
            self.add(value)

    def count(self, more: int) -> None:
        self.values += more
        if self.values > MAX_VALUES:
            raise CatalogError(f"holds more than {MAX_VALUES:,} values, aliases counted in full; split it")

    def add(self, value: Any) -> None:
        """Put a finished value where it belongs."""
        if not self.open:
            self.result = value
            return
        holder = self.open[-1][0]
        if isinstance(holder, list):
            holder.append(value)
        elif self.keys[-1] is _NOTHING:
            self.keys[-1] = _key(value)
        else:
            key, self.keys[-1] = self.keys[-1], _NOTHING
            if key == _MERGE:
                for part in value if isinstance(value, list) else [value]:
                    for name, below in part.items() if isinstance(part, dict) else ():
                        holder.setdefault(name, below)
            else:
                holder[key] = value


def _line(event: yaml.Event) -> str:
    return f" (line {event.start_mark.line + 1})" if event.start_mark else ""


def _key(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value) if isinstance(value, int | float) else "?"


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = event.value
    tag = event.tag or ""
    if tag.endswith(":str") or (not event.implicit[0] and not tag) or event.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        number = int(text)
        return number if -(2**63) <= number < 2**63 else float(text)
    if _FLOAT.fullmatch(text):
        real = float(text)
        return real if abs(real) < float("inf") else text
    return text
