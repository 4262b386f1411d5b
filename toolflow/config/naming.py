"""How settings name tools, fields and edges: ``get_*``, ``get_user.user.id``, ``get_user -> list_orders.user_id``.

``*`` stands for any characters, also none, and ``?`` for one; everything else for itself. A field is a tool, a dot and
a path as `toolflow.fields` spells it, so that ``*.locale`` is that field of any tool. Of an edge, ``A -> B`` is what A
returns feeding a parameter of B, ``A -- B`` a parameter of the one being like a parameter of the other, in either
order. Names are matched in time that grows with their length alone; nothing here is a regular expression of a user's.
"""

from fnmatch import fnmatchcase
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

MAX_NAMES = 200
"""In one list."""
MAX_LENGTH = 400
ARROWS: tuple[Literal["->"], Literal["--"]] = ("->", "--")


class FieldName(NamedTuple):
    """A field as settings name it."""

    tool: str
    path: str | None
    """None, in an edge, is any field."""


class EdgeName(NamedTuple):
    """An edge as settings name it."""

    left: FieldName
    arrow: Literal["->", "--"]
    right: FieldName


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern stands for this name."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def field_named(text: str) -> FieldName:
    """Tool and path; ValueError when one is missing."""
    tool, dot, path = text.partition(".")
    if not (tool and dot and path):
        raise ValueError(f"{text!r} must be a tool, a dot and a field, such as get_user.id; *.id is that of any tool")
    return FieldName(tool, path)


def edge_named(text: str) -> EdgeName:
    """The two ends of an edge, each a tool or a field; ValueError when it is none."""
    for arrow in ARROWS:
        left, found, right = (part.strip() for part in text.partition(f" {arrow} "))
        if found and left and right:
            ends = (field_named(end) if "." in end else FieldName(end, None) for end in (left, right))
            return EdgeName(next(ends), arrow, next(ends))
    raise ValueError(
        f"{text!r} must be two tools or fields with -> between them (one feeds the other), or -- (any tie)"
    )


def _field(text: str) -> str:
    field_named(text)
    return text


def _edge(text: str) -> str:
    edge_named(text)
    return text


def _whole_edge(text: str) -> str:
    edge = edge_named(text)
    if edge.left.path is None or edge.right.path is None:
        raise ValueError(f"{text!r} must name the field at each end, such as get_user.user.id -> list_orders.user_id")
    return text


_Text = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
ToolNames = Annotated[tuple[_Text, ...], Field(max_length=MAX_NAMES)]
FieldNames = Annotated[tuple[Annotated[_Text, AfterValidator(_field)], ...], Field(max_length=MAX_NAMES)]
EdgeNames = Annotated[tuple[Annotated[_Text, AfterValidator(_edge)], ...], Field(max_length=MAX_NAMES)]
WholeEdgeNames = Annotated[tuple[Annotated[_Text, AfterValidator(_whole_edge)], ...], Field(max_length=MAX_NAMES)]
