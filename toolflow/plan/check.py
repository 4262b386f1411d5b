"""What makes a plan runnable: known tools, the right shape for each kind, a source for every argument.

These are the checks the paper leaves open, and the answer to what was found wrong with it: a plan
whose argument comes from nowhere is refused before a word is spoken.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from toolflow.conformance import conformance
from toolflow.fields import schema_at, types_fit
from toolflow.schema import FromContext, FromDefault, FromOutput, FromUser, Kind, Plan, PlannedCall, Request, Tool


def problems(plan: Plan, tools: Sequence[Tool], today: date) -> list[str]:
    """Why this plan cannot run, in words a planner can act on; empty when it can."""
    known = {tool.name: tool for tool in tools}
    found = list(_whole(plan))
    first = 1
    for position, request in enumerate(plan.requests, start=1):
        found += [f"request {position}: {problem}" for problem in _request(request, known, first)]
        for number, call in enumerate(request.calls, start=first):
            where = f"request {position}, call {number} ({call.tool})"
            found += [f"{where}: {problem}" for problem in _call(call, number, plan.calls, known, today)]
        first += len(request.calls)
    return found


def _whole(plan: Plan) -> Iterator[str]:
    if not plan.requests:
        yield "the plan has no requests"
    elif not plan.calls:
        yield "no request uses a tool; plan at least one call"


def _request(request: Request, known: Mapping[str, Tool], first: int) -> Iterator[str]:
    """Does the request have the shape of its kind, and a goal fit for a user's eyes?"""
    if not request.goal.strip():
        yield "the goal is empty"
    for name in known:
        if "_" in name and name in request.goal:
            yield f"the goal names the tool {name}; say it in a user's words"
    calls = request.calls
    linked = any(source.call >= first for call in calls for source in _outputs(call))
    match request.kind:
        case Kind.CHAT if calls:
            yield "a chat request has no calls"
        case Kind.SINGLE if len(calls) != 1:
            yield f"a single request has exactly one call, not {len(calls)}"
        case Kind.PARALLEL if len(calls) < 2:
            yield "a parallel request has at least two calls"
        case Kind.PARALLEL if linked:
            yield "calls of a parallel request must not use each other's output"
        case Kind.CHAIN if len(calls) < 2 or not linked:
            yield "a chain request has at least two calls, and a later one uses the output of an earlier one"
        case Kind.MISSING:
            yield from _withheld(request, known)
    if request.withheld and request.kind is not Kind.MISSING:
        yield "only a request of kind missing withholds arguments"


def _withheld(request: Request, known: Mapping[str, Tool]) -> Iterator[str]:
    if not request.calls:
        yield "a missing request has a call"
        return
    if not request.withheld:
        yield "a missing request names the withheld arguments"
    call = request.calls[0]
    tool = known.get(call.tool)
    for name in request.withheld:
        if tool is not None and name not in tool.required:
            yield f"withheld argument {name} is not a required parameter of {call.tool}"
        elif not isinstance(call.arguments.get(name), FromUser):
            yield f"withheld argument {name} must come from the user"


def _call(
    call: PlannedCall, number: int, calls: Sequence[PlannedCall], known: Mapping[str, Tool], today: date
) -> Iterator[str]:
    tool = known.get(call.tool)
    if tool is None:
        yield f"unknown tool; the tools are {', '.join(known)}"
        return
    for name in tool.required:
        if name not in call.arguments:
            yield f"required argument {name} is missing"
    for name, argument in call.arguments.items():
        schema = tool.properties.get(name)
        if schema is None and (tool.parameters.get("additionalProperties") is not True):
            yield f"{name} is not a parameter; the parameters are {', '.join(tool.properties) or 'none'}"
            continue
        if isinstance(argument, FromOutput):
            problem = _output(argument, number, calls, known, schema or {})
        else:
            problem = _value(argument, name, tool, today)
        if problem:
            yield f"argument {name}: {problem}"


def _value(argument: FromUser | FromContext | FromDefault, name: str, tool: Tool, today: date) -> str | None:
    schema = tool.properties.get(name) or {}
    for error in conformance(tool.parameters).errors({name: argument.value}):
        if error.path == name or error.path.startswith((f"{name}.", f"{name}[")):
            return error.message
    if isinstance(argument, FromContext) and str(argument.value)[:10] != today.isoformat():
        return f"{argument.value!r} is not in the context, which holds only today's date, {today.isoformat()}"
    if isinstance(argument, FromDefault) and argument.value not in [schema.get("default"), schema.get("const")]:
        return f"{argument.value!r} is not the default of this parameter"
    return None


def _output(
    argument: FromOutput, number: int, calls: Sequence[PlannedCall], known: Mapping[str, Tool], schema: Any
) -> str | None:
    if argument.call >= number:
        return f"call {argument.call} does not come before call {number}"
    producer = known.get(calls[argument.call - 1].tool)
    if producer is None or producer.returns is None:
        return f"call {argument.call} has no known output; say the value comes from the user instead"
    found = schema_at(producer.returns, argument.path)
    if found is None:
        return f"the output of {producer.name} has no {argument.path!r}"
    if not types_fit(found.get("type"), schema.get("type")):
        return f"{argument.path} of {producer.name} is {found['type']}, but {schema['type']} is needed"
    return None


def _outputs(call: PlannedCall) -> Iterator[FromOutput]:
    return (argument for argument in call.arguments.values() if isinstance(argument, FromOutput))
