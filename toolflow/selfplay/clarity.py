"""Whether a hearer takes "that booking" or "the first hotel" for what is meant: the one that was spoken of last.

Ours: what a call makes, finds or names is spoken of, in the order of the calls; a request of several calls at once is
spoken of in one sentence, so that "that ride" after "request a ride" is the ride just requested.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from toolflow.schema import Argument, FromOutput, PlannedCall, Tool
from toolflow.selfplay.names import entity, is_identifier
from toolflow.selfplay.values import MAX_NESTING, plain

Root = Callable[[Argument], Argument]
"""Where a value was first given."""


class Clarity:
    """What the calls of one talk speak of."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self.tools = tools
        self._spoken: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {}

    def is_clear(
        self, parameter: str, number: int, path: str, calls: Sequence[PlannedCall], until: int | None, root: Root
    ) -> bool:
        """Whether nothing that was spoken of since call ``number`` could be taken for what its output names.

        The calls after ``until`` stand in one request with whoever points at it. Two earlier calls of one tool are
        told apart in words ("the first list"), so that they need not be.
        """
        if not is_identifier(parameter):
            return True
        beside = len(calls) if until is None else until
        later = [(at, call) for at, call in enumerate(calls[number:], start=number + 1) if call.failure is None]
        if not later and "." not in path:
            return True
        what = entity(parameter)
        meant = None if "[" in path else root(FromOutput(call=number, path=path))
        if meant is not None and self._has_twin(calls[number - 1].tool, path, what):
            return False
        return not any(
            self._interferes(at, call, what, meant, at > beside, root)
            for at, call in later
            if at > beside or call.tool != calls[number - 1].tool
        )

    def _interferes(
        self, at: int, call: PlannedCall, what: str, meant: Argument | None, beside: bool, root: Root
    ) -> bool:
        """Whether a later call speaks of another such thing, or lists some where one of a list is meant (None).

        ``beside`` is whether it stands in the same request: then a list will do to mistake "that one" for.
        """
        single, listed = self._of(call.tool)
        if (meant is None or beside) and any(_alike(what, named) for _, named in listed):
            return True
        given = [(entity(name), argument) for name, argument in call.arguments.items() if is_identifier(name)]
        said = [argument for named, argument in given if _alike(what, named)]
        said += [FromOutput(call=at, path=path) for path, named in single if _alike(what, named)]
        return meant is not None and any(root(argument) != meant for argument in said)

    def _has_twin(self, tool: str, path: str, what: str) -> bool:
        """Whether one part of a result names such a thing as another does: of two teams, none is "that team"."""
        if "." not in path:
            return False
        return any(other != path and "." in other and _alike(what, named) for other, named in self._of(tool)[0])

    def _of(self, tool: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """The identifiers that a tool returns once, and those in its lists, each with its path and what it is of."""
        if tool not in self._spoken:
            named = [(path, entity(path.rpartition(".")[2])) for path in _identifiers(self.tools[tool].returns, "", 0)]
            once = [(path, what) for path, what in named if "[" not in path]
            self._spoken[tool] = once, [(path, what) for path, what in named if "[" in path]
        return self._spoken[tool]


def _identifiers(schema: Any, before: str, level: int) -> Iterator[str]:
    """The paths of all identifiers in a schema."""
    for name, below in (plain(schema).get("properties") or {}).items() if level < MAX_NESTING else ():
        if not isinstance(below, dict):
            continue
        if "properties" in below:
            yield from _identifiers(below, f"{before}{name}.", level + 1)
        elif isinstance(below.get("items"), dict):
            yield from _identifiers(below["items"], f"{before}{name}[].", level + 1)
        elif is_identifier(name):
            yield before + name


def _alike(one: str, other: str) -> bool:
    """Whether what two identifiers are of could go by one word: a folder and a parent folder."""
    return one == other or one.endswith(f" {other}") or other.endswith(f" {one}")
