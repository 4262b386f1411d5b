"""How a plan is written by a model, and what it becomes.

The wire form is made for weak models: one named request per wanted kind, one named step per call, a plain
value for what the user says, and ``{"from": "tool.path"}`` for what an earlier call returns. A model never
counts calls and never names a source; both follow from the form. The JSON schema of the answer is built for
each brief, so that constrained decoding does most of the work: tool names, argument names and references that
could exist are the only ones that can be written. A model without constrained decoding may write other ones;
the plan checks (`toolflow.plan.problems`) refuse them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from toolflow.cast import Brief, Flow
from toolflow.heard import content_words, stem
from toolflow.llm.coerce import coerced
from toolflow.llm.prompts import quoted
from toolflow.llm.questions import Misfit
from toolflow.llm.strict import decodable
from toolflow.schema import (
    Argument,
    FromDefault,
    FromOutput,
    FromUser,
    Kind,
    Plan,
    PlannedCall,
    Request,
    Tool,
)

STEPS = ("first", "second", "third")
"""Names of the calls of one request."""
LEAST_SHARED = 0.25
"""Of the words of a goal, so many must have to do with its calls."""
MAX_OPTIONAL = 2
"""Optional arguments of a tool that are offered for one plan."""
MAX_LINKS = 12
"""Ways to chain two tools that are offered for one request."""


def wanted_kinds(brief: Brief) -> list[Kind]:
    """The kinds asked for, except that what the tools cannot do becomes a single call."""
    possible = {
        Kind.CHAIN: bool(_links(brief)),
        Kind.MISSING: any(tool.required for tool in brief.tools),
    }
    return [kind if possible.get(kind, True) else Kind.SINGLE for kind in brief.kinds]


def answer_schema(brief: Brief, kinds: Sequence[Kind], rng: Random) -> dict[str, Any]:
    """The JSON schema of the answer to one brief.

    Of the optional arguments a few are drawn and offered: a model that can write any of them writes all.
    """
    offered = {tool.name: _offered(tool, rng) for tool in brief.tools}
    defs: dict[str, Any] = {}
    for tool in brief.tools:
        defs[f"call_{tool.name}"] = _call(tool, offered[tool.name], brief.flows, linked=None)
    for flow in _links(brief):
        consumer = next(tool for tool in brief.tools if tool.name == flow.consumer)
        defs[_link_name(flow)] = _call(consumer, offered[flow.consumer], [flow], linked=flow)
    requests = {f"request_{number}": _request(kind, brief) for number, kind in enumerate(kinds, start=1)}
    return {**_object(requests), "$defs": defs}


def read_plan(answer: Any, brief: Brief, kinds: Sequence[Kind]) -> Plan:
    """The plan that an answer means; `Misfit` when it has another form."""
    if not isinstance(answer, dict):
        raise Misfit("it must be one JSON object with request_1, request_2 and so on")
    reader = _Reader({tool.name: tool for tool in brief.tools})
    requests: list[Request] = []
    for number, kind in enumerate(kinds, start=1):
        request = answer.get(f"request_{number}")
        if not isinstance(request, dict):
            raise Misfit(f"request_{number} is missing; {len(kinds)} requests are wanted")
        requests.append(reader.request(request, kind, f"request_{number}"))
        _check_fresh(requests)
    return Plan(requests=tuple(requests))


def write_plan(plan: Plan) -> dict[str, Any]:
    """A plan in its wire form, as a model would have written it."""
    tools = [call.tool for call in plan.calls]
    answer: dict[str, Any] = {}
    for number, request in enumerate(plan.requests, start=1):
        written: dict[str, Any] = {"kind": str(request.kind)}
        for step, call in zip(STEPS, request.calls, strict=False):
            arguments: dict[str, Any] = {}
            for name, source in call.arguments.items():
                if isinstance(source, FromOutput):
                    arguments[name] = {"from": f"{tools[source.call - 1]}.{source.path}"}
                else:
                    arguments[name] = source.value
            written[step] = {"tool": call.tool, "arguments": arguments}
        if request.withheld:
            written["withheld"] = list(request.withheld) if len(request.withheld) > 1 else request.withheld[0]
        written["goal"] = request.goal
        answer[f"request_{number}"] = written
    return answer


def _check_fresh(requests: Sequence[Request]) -> None:
    """A user does not ask for the same thing twice; what comes before is a plan as well, if a shorter one."""
    *earlier, last = requests
    for number, request in enumerate(earlier, start=1):
        if any(call in request.calls for call in last.calls):
            raise Misfit(
                f"request_{len(requests)} repeats a call of request_{number}; ask for something new: another "
                "tool, or other values",
                usable=Plan(requests=tuple(earlier)),
            )


class _Reader:
    """Reads requests in order and remembers which calls came before."""

    def __init__(self, tools: dict[str, Tool]) -> None:
        self.tools = tools
        self.calls: list[str] = []
        self.answered = 0
        """Calls whose output can be used: of a parallel request, only those before it."""

    def request(self, request: dict[str, Any], kind: Kind, where: str) -> Request:
        if request.get("kind") == Kind.SINGLE and kind in {Kind.CHAIN, Kind.PARALLEL, Kind.MISSING}:
            kind = Kind.SINGLE  # a planner may fall back where the tools do not allow more
        goal = request.get("goal")
        if not isinstance(goal, str) or not goal.strip():
            raise Misfit(f"{where}: goal must be a sentence")
        steps = [(step, request[step]) for step in STEPS if request.get(step) is not None]
        if kind is Kind.CHAT:
            return Request(kind=kind, goal=goal.strip())
        if kind in {Kind.SINGLE, Kind.MISSING}:
            steps = steps[:1]
        calls = []
        self.answered = len(self.calls)
        for step, call in steps:
            calls.append(self._call(call, f"{where}.{step}"))
            self.answered = self.answered if kind is Kind.PARALLEL else len(self.calls)
        withheld = request.get("withheld") if kind is Kind.MISSING else None
        goal = self._fitting(goal.strip(), calls)
        names = [withheld] if isinstance(withheld, str) else withheld if isinstance(withheld, list) else []
        return Request(kind=kind, goal=goal, calls=tuple(calls), withheld=tuple(map(str, names)))

    def _fitting(self, goal: str, calls: Sequence[PlannedCall]) -> str:
        """The goal, or what the tools do where it has hardly a word in common with its calls."""
        tools = [self.tools[call.tool] for call in calls if call.tool in self.tools]
        about = [f"{tool.name} {tool.description} {' '.join(tool.properties)}" for tool in tools]
        said = [argument.model_dump().get("value") for call in calls for argument in call.arguments.values()]
        words, values = _stems(goal), _stems(quoted(said))
        related = sum(word in _stems(" ".join(about)) for word in words)
        if words & values or (words and related >= LEAST_SHARED * len(words)):
            return goal
        return ", then ".join(_first_sentence(tool.description) for tool in tools) or goal

    def _call(self, call: Any, where: str) -> PlannedCall:
        if not isinstance(call, dict) or not isinstance(call.get("tool"), str):
            raise Misfit(f'{where}: must be {{"tool": …, "arguments": {{…}}}}')
        given = call.get("arguments", {})
        if not isinstance(given, dict):
            raise Misfit(f"{where}: arguments must be an object")
        tool = self.tools.get(call["tool"])
        arguments: dict[str, Argument] = {}
        for name, value in given.items():
            argument = self._argument(name, value, tool, f"{where}.arguments.{name}")
            if argument is not None:
                arguments[name] = argument
        self.calls.append(call["tool"])
        return PlannedCall(tool=call["tool"], arguments=arguments)

    def _argument(self, name: str, value: Any, tool: Tool | None, where: str) -> Argument | None:
        if isinstance(value, dict) and set(value) == {"from"} and isinstance(value["from"], str):
            return self._output(value["from"], where)
        if isinstance(value, str) and value.partition(".")[0] in self.calls[: self.answered]:
            return self._output(value, where)  # a reference written as if the user said it
        required = tool is not None and name in tool.required
        schema = tool.properties.get(name) if tool is not None else None
        value = coerced(value, schema)
        if isinstance(schema, dict) and "default" in schema and value == schema["default"]:
            return FromDefault(value=value) if required else None
        if value is None and not required:
            return None
        return FromUser(value=value)

    def _output(self, reference: str, where: str) -> FromOutput:
        producer, _, path = reference.partition(".")
        usable = self.calls[: self.answered]
        if producer not in usable:
            raise Misfit(f"{where}: {producer} is not called before, so nothing can come from it")
        call = len(usable) - usable[::-1].index(producer)
        return FromOutput(call=call, path=path.replace("[]", "[0]"))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text.replace("_", " "))}


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].strip().rstrip(".")


def _links(brief: Brief) -> list[Flow]:
    """Flows between two of the tools, by which a chain can be made; one for each parameter and producer."""
    names = {tool.name for tool in brief.tools}
    found: dict[tuple[str, str, str], Flow] = {}
    for flow in brief.flows:
        if {flow.producer, flow.consumer} <= names and flow.producer != flow.consumer:
            found.setdefault((flow.producer, flow.consumer, flow.parameter), flow)
    return list(found.values())[:MAX_LINKS]


def _request(kind: Kind, brief: Brief) -> dict[str, Any]:
    if kind is Kind.CHAIN:
        return _any([_steps(kind, [_use(flow.producer), _ref(_link_name(flow))]) for flow in _links(brief)])
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


def _steps(kind: Kind, calls: Sequence[dict[str, Any]], withheld: Sequence[str] = ()) -> dict[str, Any]:
    """The goal comes last: it puts in words what is settled by then."""
    parts: dict[str, Any] = {"kind": {"type": "string", "enum": [str(kind)]}}
    parts.update(zip(STEPS, calls, strict=False))
    if withheld:
        parts["withheld"] = {"type": "string", "enum": list(withheld)}
    return _object({**parts, "goal": {"type": "string"}})


def _offered(tool: Tool, rng: Random) -> set[str]:
    optional = [name for name in tool.properties if name not in tool.required]
    return {*tool.required, *rng.sample(optional, min(len(optional), MAX_OPTIONAL))}


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
    return f"{flow.producer}.{flow.path.replace('[]', '[0]')}"


def _link_name(flow: Flow) -> str:
    return f"link_{flow.producer}_{flow.consumer}_{flow.parameter}"


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
