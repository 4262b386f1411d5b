"""What makes a plan runnable: known tools, the right shape for each kind, a source for every argument.

These are the checks the paper leaves open, and the answer to what was found wrong with it: a plan
whose argument comes from nowhere is refused before a word is spoken.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from toolflow.choice import choice_in
from toolflow.conformance import conformance
from toolflow.fields import schema_at, types_fit
from toolflow.path import join
from toolflow.schema import FromContext, FromDefault, FromOutput, FromUser, Kind, Plan, PlannedCall, Request, Tool


def problems(plan: Plan, tools: Sequence[Tool], today: date, absent: Sequence[Tool] = ()) -> list[str]:
    """Why this plan cannot run, in words a planner can act on; empty when it can.

    ``absent`` are tools that the assistant will not have, for requests that cannot be met.
    """
    known = {tool.name: tool for tool in tools}
    missing = {tool.name: tool for tool in absent}
    found = list(_whole(plan))
    first = 1
    for position, request in enumerate(plan.requests, start=1):
        found += [f"request {position}: {problem}" for problem in _request(request, known, first)]
        for number, call in enumerate(request.calls, start=first):
            where = f"request {position}, call {number} ({call.tool})"
            found += [f"{where}: {problem}" for problem in _call(call, number, plan.calls, known, today)]
        if request.wish is not None:
            wished = _call(request.wish, 0, [], missing, today)
            found += [f"request {position}, the wish ({request.wish.tool}): {problem}" for problem in wished]
        if request.about is not None and (problem := _recalled(request.about, first, plan.calls, known)):
            found.append(f"request {position}, what is asked about: {problem}")
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
        case Kind.UNAVAILABLE if calls or request.wish is None:
            yield "an unavailable request has no calls, and a wish: the call that would meet it"
        case Kind.FOLLOW_UP if calls or request.about is None:
            yield "a follow_up request has no calls, and says what of an earlier output it is about"
        case Kind.CORRECTION:
            yield from _second_try(calls, "correction")
        case Kind.RECOVERY:
            yield from _recovery(calls)
    if any(call.failure for call in calls) and request.kind is not Kind.RECOVERY:
        yield "only a request of kind recovery has calls that fail"
    if request.withheld and request.kind is not Kind.MISSING:
        yield "only a request of kind missing withholds arguments"


def _second_try(calls: Sequence[PlannedCall], kind: str) -> Iterator[str]:
    """Two calls of one tool, of which the user changes an argument."""
    if len(calls) != 2 or calls[0].tool != calls[1].tool:
        yield f"a {kind} request has two calls of the same tool"
        return
    one, other = (call.arguments for call in calls)
    changed = [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]
    if not changed:
        yield f"a {kind} request changes an argument"
    elif any(not isinstance(other.get(name), FromUser) for name in changed):
        yield f"what a {kind} request changes must come from the user"


def _recovery(calls: Sequence[PlannedCall]) -> Iterator[str]:
    """A call that fails, then the same again where the failure passes, or with what the user says instead."""
    failing = [number for number, call in enumerate(calls) if call.failure is not None]
    if failing != [0] or len(calls) != 2 or calls[0].failure is None:
        yield "a recovery request has two calls, and the first one fails"
    elif not calls[0].failure.passes:
        yield from _second_try(calls, "recovery")
    elif (calls[0].tool, calls[0].arguments) != (calls[1].tool, calls[1].arguments):
        yield f"after {calls[0].failure} the same call is made again"


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
    if calls[argument.call - 1].failure is not None:
        return f"call {argument.call} fails, so nothing can come from it"
    producer = known.get(calls[argument.call - 1].tool)
    if producer is None or producer.returns is None:
        return f"call {argument.call} has no known output; say the value comes from the user instead"
    found = schema_at(producer.returns, argument.path)
    if found is None:
        return f"the output of {producer.name} has no {argument.path!r}"
    if problem := _choice(argument.path, producer):
        return problem
    if not types_fit(found.get("type"), schema.get("type")):
        return f"{argument.path} of {producer.name} is {found['type']}, but {schema['type']} is needed"
    return None


def _choice(path: str, producer: Tool) -> str | None:
    """What is wrong with a choice among the items of a list."""
    chosen = choice_in(path)
    if chosen is None:
        return None
    holder, choice = chosen
    by = schema_at(producer.returns, join(f"{holder}[]", choice.by))
    if by is None or by.get("type") not in ("number", "integer"):
        return f"nothing can be chosen by {choice.by!r}: it is no number of the items of {holder} of {producer.name}"
    return None


def _recalled(about: FromOutput, first: int, calls: Sequence[PlannedCall], known: Mapping[str, Tool]) -> str | None:
    """What is wrong with asking about an earlier output; ``first`` is the number of the next call."""
    if about.call >= first:
        return f"call {about.call} does not come before it"
    return _output(about, first, calls, known, {})


def _outputs(call: PlannedCall) -> Iterator[FromOutput]:
    return (argument for argument in call.arguments.values() if isinstance(argument, FromOutput))
