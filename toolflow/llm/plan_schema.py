"""What a model may write as a plan: the JSON schema of the answer, built for each brief.

Constrained decoding then does most of the work: tool names, argument names and references that could exist are
the only ones that can be written, every request has the steps of its kind, and a chain is a chain. What the
form means is `toolflow.llm.plan_answer`'s business. Ours: corrections are of calls that look something up, since what
was booked is not booked otherwise by booking again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from toolflow.cast import Brief, Flow
from toolflow.conformance import conformance
from toolflow.fields import tool_fields
from toolflow.llm.plan_flows import answered, choices, is_each, links, reference, references
from toolflow.llm.plan_fresh import others
from toolflow.llm.strict import decodable, held
from toolflow.llm.user_plan import is_identifier
from toolflow.schema import Failure, Kind, Plan, Tool
from toolflow.verbs import looks_up

STEPS = ("first", "second", "third")
"""Names of the calls of one request."""
MAX_OPTIONAL = 2
"""Optional arguments of a tool that are offered for one plan."""
MOST_ITEMS = 2
"""Items of a list in a frugal plan, where the tool does not want more: the user has to say them all."""
MAX_ASKED = 8
"""Fields of a tool's results that are offered to be asked about."""


def asked_kinds(kinds: Sequence[Kind], *, frugal: bool) -> list[Kind]:
    """The kinds that a model is asked for: a small one, which takes one step at a time, for no parallel calls."""
    return [Kind.SINGLE if frugal and kind is Kind.PARALLEL else kind for kind in kinds]


def wanted_kinds(brief: Brief, *, frugal: bool = False) -> list[Kind]:
    """Those, except that what the tools do not allow becomes a single call."""
    possible = {
        Kind.CHAIN: bool(links(brief)),
        Kind.MISSING: any(tool.required for tool in brief.tools),
        Kind.CORRECTION: any(looks_up(tool) and changeable(tool, brief.flows) for tool in brief.tools),
        Kind.UNAVAILABLE: bool(brief.absent),
    }
    kinds: list[Kind] = []
    for kind in asked_kinds(brief.kinds, frugal=frugal):
        able = possible.get(kind, True)
        if kind is Kind.FOLLOW_UP:
            able = any(not earlier.idle for earlier in kinds) and any(map(asked_about, brief.tools))
        kinds.append(kind if able else Kind.SINGLE)
    return kinds


def is_sayable(tool: Tool) -> bool:
    """Whether what a tool requires can be said in a few words: no objects, and no lists of them."""
    required = [tool.properties[name] for name in tool.required if isinstance(tool.properties.get(name), dict)]
    parts = [*required, *(schema["items"] for schema in required if isinstance(schema.get("items"), dict))]
    return not any(part.get("type") == "object" or "properties" in part for part in parts)


def changeable(tool: Tool, flows: Sequence[Flow]) -> list[str]:
    """Required parameters whose value the user may change: words and numbers that come from no other tool."""
    fed = {flow.parameter for flow in flows if flow.consumer == tool.name}
    plain = [name for name in tool.required if _type_of(tool, name) in {"string", "integer", "number"}]
    return [name for name in plain if name not in fed]


def asked_about(tool: Tool) -> list[str]:
    """Where in the results of a tool stands what a user may ask about once more: ``hotels[0].price``."""
    fields = [field for field in tool_fields(tool) if field.role == "return" and field.name not in tool.properties]
    told = [field for field in fields if field.type in {"string", "integer", "number"} and field.path.count("[]") < 2]
    paths = [field.path.replace("[]", "[0]") for field in told if not is_identifier(field.name)]
    return [path for path in paths if not path.endswith("]")][:MAX_ASKED]


def _type_of(tool: Tool, name: str) -> Any:
    schema = tool.properties.get(name)
    return schema.get("type") if isinstance(schema, dict) and "const" not in schema else None


def answer_schema(
    brief: Brief, kinds: Sequence[Kind], rng: Random, *, frugal: bool = False, after: Plan | None = None
) -> dict[str, Any]:
    """The JSON schema of the answer to one brief, or of the requests that come ``after`` those of a plan.

    Of the optional arguments a few are drawn and offered: a model that can write any of them writes all. A
    ``frugal`` plan has none of them and no goals, which then follow from the calls; its values are among the
    examples of the tool where there are any, its numbers within their bounds, and where one of them is withheld, all
    are the user's to say. What comes after a plan refers to its calls alone, and gives other values than they do where
    the tool names others.
    """
    flows, first = brief.flows, 1
    if after is not None:
        flows, first = answered(brief.flows, after), len(after.requests) + 1
        brief = replace(brief, tools=[others(tool, after) for tool in brief.tools])
    if frugal:
        brief = replace(brief, tools=list(map(_frugal, brief.tools)), absent=list(map(_frugal, brief.absent)))
    offered = {tool.name: _offered(tool, rng, 0 if frugal else MAX_OPTIONAL) for tool in brief.tools}
    defs: dict[str, Any] = {}
    for tool in brief.tools:
        defs[f"call_{tool.name}"] = _call(tool, offered[tool.name], references(tool, flows))
        if frugal and Kind.MISSING in kinds:
            defs[f"said_{tool.name}"] = _call(tool, offered[tool.name], {})
    for tool in brief.absent if Kind.UNAVAILABLE in kinds else ():
        defs[f"wish_{tool.name}"] = _call(tool, _offered(tool, rng, 0 if frugal else MAX_OPTIONAL), {})
    for number, flow in enumerate(links(brief)):
        consumer = next(tool for tool in brief.tools if tool.name == flow.consumer)
        best = [] if frugal else choices(flow, brief.tools)
        defs[f"link_{number}"] = _linked(consumer, offered[flow.consumer], flow, [reference(flow), *best])
        if is_each(flow, consumer) and not frugal:
            defs[f"each_{number}"] = _linked(consumer, offered[flow.consumer], flow, [reference(flow)])
            defs[f"next_{number}"] = _linked(consumer, offered[flow.consumer], flow, [reference(flow, item=1)])
    requests = {f"request_{number}": _request(kind, brief, frugal) for number, kind in enumerate(kinds, start=first)}
    return {**_object(requests), "$defs": defs}


def _request(kind: Kind, brief: Brief, frugal: bool) -> dict[str, Any]:
    def _steps(kind: Kind, calls: Sequence[dict[str, Any]], **more: dict[str, Any]) -> dict[str, Any]:
        return _form(kind, calls, more, goal=not frugal)

    if kind is Kind.CHAIN:
        forms = []
        for number, flow in enumerate(links(brief)):
            forms.append(_steps(kind, [_use(flow.producer), _ref(f"link_{number}")]))
            if not frugal and is_each(flow, next(tool for tool in brief.tools if tool.name == flow.consumer)):
                both = (_ref(f"each_{number}"), _ref(f"next_{number}"))
                forms.append(_steps(kind, [_use(flow.producer), *both]))
        return _any(forms)
    some = _any([_use(tool.name) for tool in brief.tools])
    match kind:
        case Kind.CHAT:
            return _steps(kind, [])
        case Kind.PARALLEL:
            return _steps(kind, [some, some])
        case Kind.MISSING:
            able = [tool for tool in brief.tools if tool.required]
            use = "said" if frugal else "call"
            return _any([_steps(kind, [_ref(f"{use}_{tool.name}")], withheld=_one_of(tool.required)) for tool in able])
        case Kind.CORRECTION:
            able = [tool for tool in brief.tools if looks_up(tool) and changeable(tool, brief.flows)]
            return _any([_steps(kind, [_use(tool.name)], instead=_instead(tool, brief)) for tool in able])
        case Kind.RECOVERY:
            forms = [_steps(kind, [some], failure=_one_of([one for one in Failure if one.passes]))]
            other = _one_of([one for one in Failure if not one.passes])
            for tool in brief.tools:
                if changeable(tool, brief.flows):
                    forms.append(_steps(kind, [_use(tool.name)], failure=other, instead=_instead(tool, brief)))
            return _any(forms)
        case Kind.UNAVAILABLE:
            return _steps(kind, [], wish=_any([_ref(f"wish_{tool.name}") for tool in brief.absent]))
        case Kind.FOLLOW_UP:
            about = [f"{tool.name}.{path}" for tool in brief.tools for path in asked_about(tool)]
            return _steps(kind, [], about=_one_of(about))
        case _:
            return _steps(kind, [some])


def _form(
    kind: Kind, calls: Sequence[dict[str, Any]], more: dict[str, dict[str, Any]], *, goal: bool
) -> dict[str, Any]:
    """The goal comes last: it puts in words what is settled by then."""
    parts = {"kind": _one_of([kind]), **dict(zip(STEPS, calls, strict=False)), **more}
    return _object({**parts, "goal": {"type": "string"}} if goal else parts)


def _instead(tool: Tool, brief: Brief) -> dict[str, Any]:
    """Another value of one argument."""
    return _any([_object({name: decodable(tool.properties[name])}) for name in changeable(tool, brief.flows)])


def _one_of(words: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(map(str, words))}


def _offered(tool: Tool, rng: Random, most: int) -> set[str]:
    optional = [name for name in tool.properties if name not in tool.required]
    return {*tool.required, *rng.sample(optional, min(len(optional), most))}


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


def _linked(tool: Tool, offered: set[str], flow: Flow, references: Sequence[str]) -> dict[str, Any]:
    """A call of which one argument can only come from what a flow brings."""
    return _call(tool, offered | {flow.parameter}, {flow.parameter: references}, only=flow.parameter)


def _call(
    tool: Tool, offered: set[str], references: Mapping[str, Sequence[str]], only: str | None = None
) -> dict[str, Any]:
    """One call of a tool with the arguments on offer, each said or from what may feed it; ``only`` from that."""
    arguments = {
        name: _argument(schema, references.get(name, ()), only=name == only)
        for name, schema in tool.properties.items()
        if name in offered
    }
    required = [name for name in arguments if name in tool.required or name == only]
    body = {**_object(arguments), "required": required}
    return _object({"tool": _one_of([tool.name]), "arguments": body})


def _argument(schema: Any, references: Sequence[str], *, only: bool) -> dict[str, Any]:
    plain = decodable(schema)
    if not references:
        return plain
    reference = _object({"from": _one_of(references)})
    return reference if only else _any([plain or {"type": "string"}, reference])


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
