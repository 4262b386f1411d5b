"""What the rest of a plan may hold that its first requests don't: other tools, or the same with other values.

Small models repeat themselves where they can. It knows definitions and plans, and no answers. Ours, all of it.
"""

from collections.abc import Sequence
from typing import Any

from toolflow.schema import FromUser, Plan, Tool


def fresh_tools(tools: Sequence[Tool], plan: Plan) -> list[Tool]:
    """Those that a plan does not call; else those that it could call with other values; else all."""
    called = {call.tool for call in plan.calls}
    unlike = [tool for tool in tools if _has_others(tool.parameters, _given(tool, plan))]
    return [tool for tool in tools if tool.name not in called] or unlike or list(tools)


def others(tool: Tool, plan: Plan) -> Tool:
    """The tool without the examples and choices that a plan gave it; where there are no others, with all of them."""
    return tool.model_copy(update={"parameters": _without(tool.parameters, _given(tool, plan))})


def _given(tool: Tool, plan: Plan) -> list[dict[str, Any]]:
    """The values that a plan gives a tool, call by call."""
    calls = [call.arguments.items() for call in plan.calls if call.tool == tool.name]
    return [{name: source.value for name, source in call if isinstance(source, FromUser)} for call in calls]


def _has_others(schema: Any, given: Sequence[Any]) -> bool:
    """Whether anything that a schema requires could be another than what was given."""
    if not isinstance(schema, dict):
        return True
    if isinstance(schema.get("properties"), dict):
        parts = schema["properties"]
        return any(_has_others(parts.get(name), _inside(given, name)) for name in schema.get("required", ()))
    values = schema.get("enum", schema.get("examples"))
    return not isinstance(values, list) or any(value not in given for value in values)


def _without(schema: Any, given: Sequence[Any]) -> Any:
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("properties"), dict):
        parts = {name: _without(part, _inside(given, name)) for name, part in schema["properties"].items()}
        return {**schema, "properties": parts}
    key = "enum" if "enum" in schema else "examples"
    values = schema.get(key)
    left = [value for value in values if value not in given] if isinstance(values, list) else []
    return {**schema, key: left} if left else schema


def _inside(given: Sequence[Any], name: str) -> list[Any]:
    return [value[name] for value in given if isinstance(value, dict) and name in value]
