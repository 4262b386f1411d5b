"""What a model may write as a plan: the JSON schema of the answer, built for each brief.

Constrained decoding then does most of the work: tool names, argument names and references that could exist are
the only ones that can be written, every request has the steps of its kind, and a chain is a chain. What the
form means is `toolflow.llm.plan_answer`'s business.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from toolflow.cast import Brief, Flow
from toolflow.conformance import conformance
from toolflow.llm.strict import decodable, held
from toolflow.llm.user_plan import FIRST
from toolflow.schema import FromOutput, FromUser, Kind, Plan, Tool

STEPS = ("first", "second", "third")
"""Names of the calls of one request."""
PLANNED = frozenset({Kind.SINGLE, Kind.PARALLEL, Kind.CHAIN, Kind.MISSING, Kind.CHAT})
"""Kinds that a model can plan."""
MAX_OPTIONAL = 2
"""Optional arguments of a tool that are offered for one plan."""
MOST_ITEMS = 2
"""Items of a list in a frugal plan, where the tool does not want more: the user has to say them all."""
MAX_LINKS = 12
"""Ways to chain two tools that are offered for one request."""


def planned_kinds(frugal: bool) -> frozenset[Kind]:
    """Kinds that a model is asked for: a small one, which takes one step at a time, for no parallel calls."""
    return PLANNED - {Kind.PARALLEL} if frugal else PLANNED


def wanted_kinds(brief: Brief, *, frugal: bool = False) -> list[Kind]:
    """The kinds asked for, except that what the tools or this cast cannot do becomes a single call."""
    planned = planned_kinds(frugal)
    possible = {
        Kind.CHAIN: bool(_links(brief)),
        Kind.MISSING: any(tool.required for tool in brief.tools),
    }
    return [kind if kind in planned and possible.get(kind, True) else Kind.SINGLE for kind in brief.kinds]


def answer_schema(
    brief: Brief, kinds: Sequence[Kind], rng: Random, *, frugal: bool = False, after: Plan | None = None
) -> dict[str, Any]:
    """The JSON schema of the answer to one brief, or of the requests that come ``after`` those of a plan.

    Of the optional arguments a few are drawn and offered: a model that can write any of them writes all. A
    ``frugal`` plan has none of them and no goals, which then follow from the calls; its values are among the
    examples of the tool where there are any, and its numbers within their bounds. What comes after a plan refers to
    its calls alone, and gives other values than they do where the tool names others.
    """
    flows, first = brief.flows, 1
    if after is not None:
        flows, first = _answered(brief.flows, after), len(after.requests) + 1
        parameters = [_without(tool.parameters, _given(tool, after)) for tool in brief.tools]
        tools = zip(brief.tools, parameters, strict=True)
        brief = replace(brief, tools=[tool.model_copy(update={"parameters": form}) for tool, form in tools])
    if frugal:
        brief = replace(brief, tools=list(map(_frugal, brief.tools)))
    offered = {tool.name: _offered(tool, rng, 0 if frugal else MAX_OPTIONAL) for tool in brief.tools}
    defs: dict[str, Any] = {}
    for tool in brief.tools:
        defs[f"call_{tool.name}"] = _call(tool, offered[tool.name], flows, linked=None)
    for number, flow in enumerate(_links(brief)):
        consumer = next(tool for tool in brief.tools if tool.name == flow.consumer)
        defs[f"link_{number}"] = _call(consumer, offered[flow.consumer], [flow], linked=flow)
    requests = {f"request_{number}": _request(kind, brief, frugal) for number, kind in enumerate(kinds, start=first)}
    return {**_object(requests), "$defs": defs}


def _links(brief: Brief) -> list[Flow]:
    """Flows between two of the tools, by which a chain can be made; one for each parameter and producer."""
    names = {tool.name for tool in brief.tools}
    found: dict[tuple[str, str, str], Flow] = {}
    for flow in brief.flows:
        if {flow.producer, flow.consumer} <= names and flow.producer != flow.consumer:
            found.setdefault((flow.producer, flow.consumer, flow.parameter), flow)
    return list(found.values())[:MAX_LINKS]


def _request(kind: Kind, brief: Brief, frugal: bool) -> dict[str, Any]:
    def _steps(kind: Kind, calls: Sequence[dict[str, Any]], withheld: Sequence[str] = ()) -> dict[str, Any]:
        return _form(kind, calls, withheld, goal=not frugal)

    if kind is Kind.CHAIN:
        links = enumerate(_links(brief))
        return _any([_steps(kind, [_use(flow.producer), _ref(f"link_{number}")]) for number, flow in links])
    some = _any([_use(tool.name) for tool in brief.tools])
    match kind:
        case Kind.CHAT:
            return _steps(kind, [])
        case Kind.PARALLEL:
            return _steps(kind, [some, some])
        case Kind.MISSING:
            able = [tool for tool in brief.tools if tool.required]
            return _any([_steps(kind, [_use(tool.name)], tool.required) for tool in able])
        case _:
            return _steps(kind, [some])


def _form(kind: Kind, calls: Sequence[dict[str, Any]], withheld: Sequence[str], *, goal: bool) -> dict[str, Any]:
    """The goal comes last: it puts in words what is settled by then."""
    parts: dict[str, Any] = {"kind": {"type": "string", "enum": [str(kind)]}}
    parts.update(zip(STEPS, calls, strict=False))
    if withheld:
        parts["withheld"] = {"type": "string", "enum": list(withheld)}
    return _object({**parts, "goal": {"type": "string"}} if goal else parts)


def _offered(tool: Tool, rng: Random, most: int) -> set[str]:
    optional = [name for name in tool.properties if name not in tool.required]
    return {*tool.required, *rng.sample(optional, min(len(optional), most))}


def _answered(flows: Sequence[Flow], plan: Plan) -> list[Flow]:
    """The flows out of what a plan calls, but for those that it makes use of."""
    called = [call.tool for call in plan.calls]
    used = {
        (called[source.call - 1], source.path, call.tool, name)
        for call in plan.calls
        for name, source in call.arguments.items()
        if isinstance(source, FromOutput)
    }
    return [
        flow
        for flow in flows
        if flow.producer in called and (flow.producer, _first(flow.path), flow.consumer, flow.parameter) not in used
    ]


def fresh_tools(tools: Sequence[Tool], plan: Plan) -> list[Tool]:
    """Those that a plan does not call; else those that it could call with other values; else all."""
    called = {call.tool for call in plan.calls}
    unlike = [tool for tool in tools if _has_others(tool.parameters, _given(tool, plan))]
    return [tool for tool in tools if tool.name not in called] or unlike or list(tools)


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
    """The schema without the examples and choices that were given; where there are no others, with all of them."""
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


def _frugal(tool: Tool) -> Tool:
    return tool.model_copy(update={"parameters": held(_exemplary(tool.parameters))})


def _exemplary(schema: Any) -> Any:
    """The schema with the examples as the only choices, but of days, which lie in the past before long; lists are
    short."""
    if not isinstance(schema, dict):
        return schema
    new = dict(schema)
    if isinstance(schema.get("properties"), dict):
        new["properties"] = {name: _exemplary(part) for name, part in schema["properties"].items()}
    examples, plain = schema.get("examples"), schema.get("type") in {"string", "number", "integer"}
    if plain and "enum" not in schema and "format" not in schema and isinstance(examples, list) and examples:
        fitting = conformance(schema)
        new["enum"] = [value for value in examples if not fitting.errors(value)] or None
        new = {key: value for key, value in new.items() if value is not None}
    if "items" in schema:
        new["items"] = _exemplary(schema["items"])
        bounds = [schema.get(name, MOST_ITEMS) for name in ("minItems", "maxItems")]
        if all(isinstance(bound, int) for bound in bounds):
            new["maxItems"] = min(max(bounds[0], MOST_ITEMS), bounds[1])
    return new


def _call(tool: Tool, offered: set[str], flows: Sequence[Flow], linked: Flow | None) -> dict[str, Any]:
    """One call of a tool with the arguments on offer. With ``linked``, that parameter can only come from that flow."""
    references: dict[str, list[str]] = defaultdict(list)
    for flow in flows:
        if flow.consumer == tool.name and flow.producer != tool.name:
            references[flow.parameter].append(_reference(flow))
    arguments = {
        name: _argument(schema, references.get(name, ()), only=linked is not None and linked.parameter == name)
        for name, schema in tool.properties.items()
        if name in offered or (linked and linked.parameter == name)
    }
    required = [name for name in arguments if name in tool.required or (linked and linked.parameter == name)]
    body = {**_object(arguments), "required": required}
    return _object({"tool": {"type": "string", "enum": [tool.name]}, "arguments": body})


def _argument(schema: Any, references: Sequence[str], *, only: bool) -> dict[str, Any]:
    plain = decodable(schema)
    if not references:
        return plain
    reference = _object({"from": {"type": "string", "enum": list(references)}})
    return reference if only else _any([plain or {"type": "string"}, reference])


def _reference(flow: Flow) -> str:
    return f"{flow.producer}.{_first(flow.path)}"


def _first(path: str) -> str:
    """Of every list on the path, the first item."""
    return path.replace("[]", FIRST)


def _use(tool: str) -> dict[str, Any]:
    return _ref(f"call_{tool}")


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _any(branches: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return branches[0] if len(branches) == 1 else {"anyOf": list(branches)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def feeds(flows: Sequence[Flow]) -> Iterator[str]:
    """The flows in words, for the prompt."""
    for flow in flows:
        if flow.producer != flow.consumer:
            yield f"{_reference(flow)} of {flow.producer} can feed {flow.parameter} of {flow.consumer}"
