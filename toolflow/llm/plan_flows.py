"""What a planner's model may write of flows: which outputs an argument can be taken from, of which item of a list.

``search.hotels[0].hotel_id`` is that of the first, ``search.hotels[least price].hotel_id`` that of the cheapest hotel.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from toolflow.cast import Brief, Flow
from toolflow.choice import usual_choices, written
from toolflow.fields import schema_at
from toolflow.schema import FromOutput, Plan, Tool
from toolflow.verbs import looks_up

MAX_LINKS = 12
"""Ways to chain two tools that are offered for one request."""


def links(brief: Brief) -> list[Flow]:
    """Flows between two of the tools, by which a chain can be made; one for each parameter and producer."""
    names = {tool.name for tool in brief.tools}
    found: dict[tuple[str, str, str], Flow] = {}
    for flow in brief.flows:
        if {flow.producer, flow.consumer} <= names and flow.producer != flow.consumer:
            found.setdefault((flow.producer, flow.consumer, flow.parameter), flow)
    return list(found.values())[:MAX_LINKS]


def answered(flows: Sequence[Flow], plan: Plan) -> list[Flow]:
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
        if flow.producer in called and (flow.producer, _item(flow.path), flow.consumer, flow.parameter) not in used
    ]


def references(tool: Tool, flows: Sequence[Flow]) -> dict[str, list[str]]:
    """What each parameter of a tool can be taken from."""
    found: dict[str, list[str]] = defaultdict(list)
    for flow in flows:
        if flow.consumer == tool.name and flow.producer != tool.name:
            found[flow.parameter].append(reference(flow))
    return found


def reference(flow: Flow, item: int = 0) -> str:
    """The output that a flow takes, of the first item of a list or another one."""
    return f"{flow.producer}.{_item(flow.path, item)}"


def choices(flow: Flow, tools: Sequence[Tool]) -> list[str]:
    """The same of the best item, by what people choose by."""
    holder, listed, rest = flow.path.partition("[]")
    producer = next((tool for tool in tools if tool.name == flow.producer), None)
    if producer is None or not listed or "[]" in rest:
        return []
    usual = usual_choices(schema_at(producer.returns, f"{holder}[]"))
    return [f"{flow.producer}.{holder}{written(choice)}{rest}" for choice in usual]


def is_each(flow: Flow, consumer: Tool) -> bool:
    """Whether one may ask for each of the first two: a lookup for items of a list."""
    return flow.path.count("[]") == 1 and looks_up(consumer)


def feeds(flows: Sequence[Flow], tools: Sequence[Tool]) -> Iterator[str]:
    """The flows in words, for the prompt, with the choices that the ``tools`` allow."""
    for flow in flows:
        if flow.producer != flow.consumer:
            yield f"{reference(flow)} of {flow.producer} can feed {flow.parameter} of {flow.consumer}"
            yield from (f"so can {choice}" for choice in choices(flow, tools))


def _item(path: str, item: int = 0) -> str:
    """Of every list on the path, one item."""
    return path.replace("[]", f"[{item}]")
