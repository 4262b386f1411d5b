"""The fields of a catalog as numpy columns, and the distinct kinds of field among them.

Two fields of equal role, text and (where the configuration looks at them) value and name are of one
kind: what is decided about a kind holds for all its fields, so the costly questions are asked once
per kind and never per pair of tools.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from toolflow.config import GraphConfig
from toolflow.fields import tool_fields
from toolflow.graph.compatible import ValueKind, value_kind
from toolflow.graph.named import field_filter
from toolflow.graph.names import FieldName, Use, field_name, use
from toolflow.path import split
from toolflow.schema import Field, Tool

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

Key = TypeVar("Key")

_ANY_VALUE: ValueKind = (None, None, None)
_NO_NAME = FieldName(())
_USE = Use()


@dataclass(frozen=True)
class Fields:
    """Every field of the catalog, in the order of the tools: columns of one length."""

    tool: Ints
    kind: Ints
    required: Bools
    """Of a parameter: whether its tool cannot be called without it."""
    path: list[str]


@dataclass(frozen=True)
class Kinds:
    """The distinct kinds of field: columns of one length, and what their numbers stand for."""

    returned: Bools
    text: Ints
    value: Ints
    name: Ints
    tie: Bools
    """Whether fields of this kind may tie two parameters (P-P) …"""
    flow: Bools
    """… and be part of a flow from a return value to a parameter (P-R)."""
    alone: Bools
    """Whether an edge may rest on fields of this kind alone."""
    texts: list[str]
    values: list[ValueKind]
    names: list[FieldName]


def collect(tools: Sequence[Tool], config: GraphConfig) -> tuple[Fields, Kinds]:
    """The fields of these tools, and their kinds."""
    texts, values, names = _Numbers[str](), _Numbers[ValueKind](), _Numbers[FieldName]()
    kinds = _Numbers[tuple[bool, int, int, int]]()
    examples: list[Field] = []
    tool_column: list[int] = []
    kind_column: list[int] = []
    required: list[bool] = []
    paths: list[str] = []
    kept = field_filter(config)
    for number, tool in enumerate(tools):
        for field in kept(tool, tool_fields(tool)):
            name = name_of(field, tool) if config.check_names or config.score_flows else _NO_NAME
            value = value_kind(field) if config.check_types else _ANY_VALUE
            key = (field.role == "return", texts.of(field.text), values.of(value), names.of(name))
            kind = kinds.of(key)
            if kind == len(examples):
                examples.append(field)
            tool_column.append(number)
            kind_column.append(kind)
            required.append(field.required)
            paths.append(field.path)
    columns = np.array(list(kinds.numbers), np.int32).reshape(-1, 4)
    tool_, kind_ = np.array(tool_column, np.int32), np.array(kind_column, np.int32)
    returned = columns[:, 0].astype(bool)
    uses = [_USE] * len(examples)
    if config.drop_generic:
        common = _common_texts(columns[kind_, 1], tool_, len(texts.numbers), len(tools), config)[columns[:, 1]]
        uses = [_use(field, shared, config) for field, shared in zip(examples, common.tolist(), strict=True)]
    fields = Fields(tool_, kind_, np.array(required, bool), paths)
    return fields, Kinds(
        returned,
        columns[:, 1],
        columns[:, 2],
        columns[:, 3],
        np.array([use.tie for use in uses], bool) & ~returned,
        np.array([use.flow for use in uses], bool),
        np.array([use.alone for use in uses], bool),
        list(texts.numbers),
        list(values.numbers),
        list(names.numbers),
    )


def _use(field: Field, common: bool, config: GraphConfig) -> Use:
    """What a field is good for, generic ones being good for less.

    A bare name (``id``) without a description ties nothing; its flows are settled by its owner, if names are checked.
    """
    named = use(field.name)
    bare = field_name(field.name, (), "").bare
    owned = bare and config.check_names
    return Use(
        tie=named.tie and not common and not (bare and not field.description.strip()),
        flow=named.flow and (owned or not common),
        alone=named.alone,
    )


def name_of(field: Field, tool: Tool) -> FieldName:
    """A field's name, with what its path and tool say of its owner."""
    steps = split(field.path) if field.path != field.name else []
    return field_name(field.name, tuple(step for step in steps[:-1] if isinstance(step, str)), tool.name)


def _common_texts(text: Ints, tool: Ints, texts: int, tools: int, config: GraphConfig) -> Bools:
    """Which texts stand in so many tools that they distinguish none."""
    pairs = np.unique(text.astype(np.int64) * max(tools, 1) + tool)
    count = np.bincount(pairs // max(tools, 1), minlength=texts)
    return (count > config.generic_share * tools) & (count > config.generic_floor)


class _Numbers(Generic[Key]):
    """Numbers given to distinct keys in the order in which they come."""

    def __init__(self) -> None:
        self.numbers: dict[Key, int] = {}

    def of(self, key: Key) -> int:
        return self.numbers.setdefault(key, len(self.numbers))
