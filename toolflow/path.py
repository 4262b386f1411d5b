"""Paths: where in a JSON value a part of it stands, and what stands there.

A path reads like JavaScript, with ``[]`` for "any item": ``flights[].price.amount``; a name that holds a dot, a bracket
or a quote stands in brackets: ``prices["a.b"]``; ``[least price]`` is a choice among the items (`toolflow.choice`).
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from toolflow.choice import Choice, read_choice

Step = str | int | Choice | None
"""A name, the number of an item, a choice among items, or None for any item."""

_QUOTED = frozenset('.[]"')


def join(path: str, name: str) -> str:
    """The path of property ``name`` of the object at ``path``."""
    if not name or _QUOTED & set(name):
        return f"{path}[{json.dumps(name, ensure_ascii=False)}]"
    return f"{path}.{name}" if path else name


def split(path: str) -> list[Step]:
    """The steps of a path: names, numbers, choices, and None for ``[]`` and ``[*]``; ValueError when it is none."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        if path[at] == "[":
            step, at = _bracket(path, at)
            steps.append(step)
            continue
        if path[at] == "." and steps:
            at += 1
        end = at
        while end < len(path) and path[end] not in '.[]"':
            end += 1
        if end == at:
            raise ValueError(f"{path!r} is not a path")
        steps.append(path[at:end])
        at = end
    return steps


@lru_cache(maxsize=4_096)
def _steps(path: str) -> tuple[Step, ...]:
    return tuple(split(path))


def _bracket(path: str, at: int) -> tuple[Step, int]:
    """The step in the bracket that opens at ``at``, and where it ends."""
    if path.startswith('["', at):
        try:
            name, end = json.JSONDecoder().raw_decode(path, at + 1)
        except json.JSONDecodeError:
            raise ValueError(f"{path!r} is not a path") from None
        if path[end : end + 1] == "]":
            return str(name), end + 1
    else:
        end = path.find("]", at)
        inside = path[at + 1 : end] if end > 0 else "?"
        if inside in ("", "*"):
            return None, end + 1
        if inside.isascii() and inside.isdigit() and len(inside) <= 9:
            return int(inside), end + 1
        if choice := read_choice(inside):
            return choice, end + 1
    raise ValueError(f"{path!r} is not a path")


def resolve(value: Any, path: str) -> Any:
    """The part of a JSON value at a path; with ``[*]`` or ``[]`` in it, the list of all such parts.

    Items that lack the part are passed over. LookupError when the path leads nowhere (for a list:
    when there are items and none has it), ValueError when it is no path.
    """
    here, several = _followed(value, path)
    return here if several else here[0]


def alternatives(value: Any, path: str) -> list[Any]:
    """Every value that a path may stand for: more than one where a choice is a tie. Raises as `resolve` does."""
    here, several = _followed(value, path)
    return [here] if several else here


def _followed(value: Any, path: str) -> tuple[list[Any], bool]:
    """The parts at a path, and whether all of them together are meant."""
    here, several = [value], False
    for step in _steps(path):
        if step is None:
            several = True
            here = [item for items in here if isinstance(items, list) for item in items]
            if not here:
                return [], True
            continue
        here = [part for item in here for part in _step(item, step)]
        if not here:
            raise LookupError(f"nothing at {path!r}")
    return here, several


def _step(value: Any, step: Step) -> Iterator[Any]:
    if isinstance(value, dict) and isinstance(step, str):
        if step in value:
            yield value[step]
    elif isinstance(value, list) and isinstance(step, int) and step < len(value):
        yield value[step]
    elif isinstance(value, list) and isinstance(step, Choice):
        yield from step.best(value)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, the outer ones last."""
    if isinstance(value, dict):
        for below in value.values():
            yield from objects(below)
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)
