"""Where a request does not go straight: a value is changed, a call fails, a result is asked about, nobody can help.

Each function works on the calls drafted so far, the last of which is the one that the request is about.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from random import Random

from toolflow.cast import Brief
from toolflow.fields import tool_fields
from toolflow.schema import Failure, FromOutput, FromUser, PlannedCall, Tool
from toolflow.selfplay.drafting import Drafting
from toolflow.selfplay.names import is_credential, is_dictated, is_identifier, singular, words
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.values import NoValue

_STEERING = frozenset("page limit max min results offset size count radius currency language unit units".split())
"""Words for what a person would not change their mind about."""
_MENDED = 0.6
"""Share of failures that another value mends, where there is one to take."""
_ASKED_ABOUT = frozenset(
    "price cost total fare fee rating duration distance status balance address phone temperature humidity time name "
    "title amount score capacity gate terminal seats author genre condition deadline hours quantity level".split()
)
"""Last words of what one asks about once more."""


def change(draft: Drafting, rng: Random) -> str | None:
    """Repeat the last call with another value of one parameter; its name, or None when none can be changed."""
    return _changed(draft, rng, _may_change)


def _changed(draft: Drafting, rng: Random, may: Callable[[str, Tool], bool]) -> str | None:
    """Repeat the last call with another value of one of the parameters that may have one."""
    call = draft.calls[-1]
    names = [name for name, source in call.arguments.items() if isinstance(source, FromUser)]
    names = [name for name in names if may(name, draft.tools[call.tool])]
    rng.shuffle(names)
    for name in names:
        before = len(draft.calls)
        try:
            draft.vary(name, 1)
        except NoValue:
            continue
        if len(draft.calls) > before:
            return name
    return None


def _may_change(name: str, tool: Tool) -> bool:
    """Whether another value of this parameter makes sense while all others stay."""
    schema = tool.properties.get(name) or {}
    if is_identifier(name) or is_dictated(name) or set(words(name)) & _STEERING:
        return False
    if schema.get("format") in ("date", "date-time"):
        return sum("format" in other for other in tool.properties.values() if isinstance(other, dict)) == 1
    if schema.get("type") == "string":
        return "format" not in schema and len(schema.get("examples") or schema.get("enum") or ()) > 1
    return schema.get("type") == "integer"


def fail(draft: Drafting, rng: Random) -> None:
    """Let the last call fail, and add what is done then: another value where that helps, else the same call again."""
    call = draft.calls[-1]
    seeks = deed(draft.tools[call.tool]).seeks
    at_fault = _changed(draft, rng, _may_be_missing if seeks else _may_change) if rng.random() < _MENDED else None
    if at_fault is None:
        failure = rng.choice([failure for failure in Failure if failure.passes])
        draft.calls.append(call)
    else:
        number = draft.tools[call.tool].properties[at_fault].get("type") in ("integer", "number")
        failure = Failure.NOT_FOUND if seeks else Failure.INVALID if number else Failure.CONFLICT
    draft.calls[-2] = call.model_copy(update={"failure": failure, "at_fault": at_fault})


def _may_be_missing(name: str, tool: Tool) -> bool:
    """Whether a service may know nothing under a value: a thing by its identifier, a name, a place, but no choice."""
    schema = tool.properties.get(name) or {}
    if schema.get("type") != "string" or {"enum", "format"} & set(schema) or is_credential(words(name)):
        return False
    return _may_change(name, tool) or (is_identifier(name) and name in tool.required)


def recall(draft: Drafting, rng: Random, known: Collection[str]) -> FromOutput | None:
    """Something that a person might ask about an earlier result; not what they said themselves, nor twice."""
    found: list[FromOutput] = []
    later: set[tuple[str, bool]] = set()
    for number, call in reversed(list(enumerate(draft.calls, start=1))):
        returned = [field for field in tool_fields(draft.tools[call.tool]) if field.role == "return"]
        same = later.copy()
        later |= {(field.name, "[" in field.path) for field in returned if call.failure is None}
        for field in returned if draft.lasts(call) else ():
            path = field.path.replace("[]", "[0]")
            scalar = field.type in ("string", "number", "integer") and path.count("[") <= 1 and not path.endswith("]")
            asked = _is_asked_about(field.name, path, deed(draft.tools[call.tool]).seeks)
            ambiguous = (field.name, "[" in path) in same  # a hearer would take it for that of the later result
            if scalar and asked and not ambiguous and field.name not in call.arguments:
                found.append(FromOutput(call=number, path=path))
    found = [about for about in found if f"{about.call} {about.path}" not in known]
    latest = max((about.call for about in found), default=0)
    near = [about for about in found if about.call == latest]
    return rng.choice(near if rng.random() < 0.7 else found) if found else None


def _is_asked_about(name: str, path: str, seeks: bool) -> bool:
    """Whether one would come back to a field: not to the name of another thing, nor to how a deed turned out."""
    parts = words(name)
    holder = path.rpartition("[0].")[0].rpartition(".")[2]
    if is_identifier(name) or parts[-1] not in _ASKED_ABOUT or (holder and not holder.endswith("s")):
        return False
    if holder and parts[-1] == words(singular(holder))[-1]:
        return False  # the open price of the first price
    if parts[-1] in ("name", "title"):
        return bool(holder) and parts[:-1] in ([], words(singular(holder)))
    return parts[-1] != "status" or seeks


def wished(tools: Sequence[Tool], brief: Brief, rng: Random) -> PlannedCall | None:
    """A call of one of these tools with values that the user would say."""
    for tool in sorted(tools, key=lambda tool: sum(map(is_identifier, tool.required))):
        draft = Drafting(replace(brief, tools=[tool], flows=()), rng)
        try:
            draft.call(tool)
        except NoValue:
            continue
        return draft.calls[0]
    return None
