"""What the settings deny and allow by name, at work: tools and fields left out (`named_edges` has the edges).

A name that fits nothing is a `ConfigError`: it is mistyped, or meant for another catalog. The paper has none of this.
"""

import difflib
from collections.abc import Callable, Sequence

from toolflow.config import GraphConfig
from toolflow.config.naming import FieldName, field_named, matches
from toolflow.errors import ConfigError
from toolflow.fields import tool_fields
from toolflow.schema import Field, Tool

_SUGGESTED = 2


def kept_tools(tools: Sequence[Tool], config: GraphConfig) -> tuple[Tool, ...]:
    """The tools of the graph; `ConfigError` when none is left."""
    deny, allow = config.deny.tools, config.allow.tools
    for key, patterns in (("deny.tools", deny), ("allow.tools", allow)):
        for pattern in patterns:
            tools_named(tools, pattern, f"graph.{key}")
    kept = tuple(tool for tool in tools if not _any(tool.name, deny) or _any(tool.name, allow))
    if tools and not kept:
        raise ConfigError("graph.deny.tools: leaves no tool")
    return kept


def check_fields(tools: Sequence[Tool], config: GraphConfig) -> None:
    """`ConfigError` when a name of a field fits none of these tools'."""
    for key, texts in (("deny.fields", config.deny.fields), ("allow.fields", config.allow.fields)):
        for text in texts:
            name = field_named(text)
            among = tools_named(tools, name.tool, f"graph.{key}: {text}")
            if not any(fits(field, name) for tool in among for field in tool_fields(tool)):
                raise ConfigError(f"graph.{key}: {text}: {no_field(among, name)}")


def field_filter(config: GraphConfig) -> Callable[[Tool, list[Field]], list[Field]]:
    """Leaves out the fields of a tool that are denied."""
    deny, allow = ([field_named(text) for text in names] for names in (config.deny.fields, config.allow.fields))
    if not deny:
        return lambda _tool, fields: fields

    def kept(tool: Tool, fields: list[Field]) -> list[Field]:
        denied, allowed = ([name for name in names if matches(tool.name, name.tool)] for names in (deny, allow))
        if not denied:
            return fields
        return [
            field
            for field in fields
            if not any(fits(field, name) for name in denied) or any(fits(field, name) for name in allowed)
        ]

    return kept


def tools_named(tools: Sequence[Tool], pattern: str, where: str) -> list[Tool]:
    """The tools a name stands for; `ConfigError` when it is none."""
    found = [tool for tool in tools if matches(tool.name, pattern)]
    if not found:
        near = difflib.get_close_matches(pattern[:64], [tool.name for tool in tools], _SUGGESTED)
        hint = f"; is it {' or '.join(near)}?" if near else ""
        raise ConfigError(f"{where}: no tool is called {pattern}{hint}")
    return found


def no_field(tools: Sequence[Tool], name: FieldName) -> str:
    """Says that these tools have no such field."""
    paths = dict.fromkeys(field.path for tool in tools[:1000] for field in tool_fields(tool))
    near = difflib.get_close_matches(str(name.path)[:100], list(paths)[:10_000], _SUGGESTED)
    return f"{name.tool} has no field {name.path}" + (f"; is it {' or '.join(near)}?" if near else "")


def fits(field: Field, name: FieldName) -> bool:
    """Whether a name stands for this field, of a tool that it stands for."""
    return name.path is None or matches(field.path, name.path)


def _any(name: str, patterns: Sequence[str]) -> bool:
    return any(matches(name, pattern) for pattern in patterns)
