"""The selfplay planner: a plan for any subset of tools, drawn from its schemas and the graph's flows.

A request uses tools not used before where it can, takes identifiers from earlier outputs where a flow
allows it, says the same city or date again when the talk is already about one, and falls back to a
simpler kind when the tools do not allow the one that was asked for.
"""

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from toolflow.cast import Brief, Flow
from toolflow.conformance import fits
from toolflow.errors import PlanError
from toolflow.schema import (
    Argument,
    FromContext,
    FromOutput,
    FromUser,
    Kind,
    Plan,
    PlannedCall,
    Request,
    Tool,
)
from toolflow.selfplay.names import CARRIED, is_identifier, words
from toolflow.selfplay.order import in_order
from toolflow.selfplay.phrases import Deed, deed
from toolflow.selfplay.values import NoValue, Values

_PAST = re.compile(
    r"\b(past|histor\w+|recent|spen[dt]\w*|previous|transactions|logged|was|were|summar\w+|report\w*)\b", re.I
)
_ENDS = frozenset("cancel delete remove close stop revoke unsubscribe withdraw".split())
"""Verbs after which there is nothing left to go on with."""
_CHANGES = frozenset(("update", "change", "edit", "modify", "set", "adjust", "extend"))


class SelfplayPlanner:
    """Plans from one random source; remembers the tools, so that the user can speak of them."""

    def __init__(self, rng: Random, tools: dict[str, Tool]) -> None:
        self.rng = rng
        self.tools = tools

    async def plan(self, brief: Brief) -> Plan:
        """A plan with the kinds asked for, where the tools allow them."""
        self.tools.update((tool.name, tool) for tool in brief.tools)
        return _Drafting(brief, self.rng).plan()


class _Drafting:
    """One plan under way."""

    def __init__(self, brief: Brief, rng: Random) -> None:
        self.brief, self.rng = brief, rng
        self.values = Values(rng, brief.today, spoken=True)
        self.calls: list[PlannedCall] = []
        self.said: dict[str, Any] = {}
        """By parameter name, what the user has said."""
        self.last: Kind | None = None
        """The kind of the request before."""
        self.usable = {tool.name: tool for tool in brief.tools}

    def plan(self) -> Plan:
        requests: list[Request] = []
        for kind in self.brief.kinds:
            stale = len(requests) > 1 and set(self.usable) <= self._used()
            request = None if stale and self.rng.random() < 0.7 else self._request(kind)
            if request is not None:
                requests.append(request)
        if not self.calls:
            raise PlanError("no tool of the subset can be called with values that fit its schema")
        return Plan(requests=tuple(requests))

    def _request(self, kind: Kind) -> Request | None:
        if kind is Kind.CHAT and self.last is Kind.CHAT:
            return None
        self.last = kind
        if kind is Kind.CHAT:
            return Request(kind=kind, goal="chat a little, no help needed")
        ways = {Kind.CHAIN: self._chain, Kind.PARALLEL: self._parallel, Kind.MISSING: self._missing}
        while self.usable:
            start = len(self.calls), dict(self.said)
            try:
                return (kind in ways and ways[kind]()) or self._single()
            except NoValue:
                del self.calls[start[0] :]
                self.said = start[1]
                self._give_up_on_hopeless_tools()
        return None

    def _give_up_on_hopeless_tools(self) -> None:
        """Forget tools for which no call can be drawn even now; at least one, so that drafting ends."""
        for name, tool in list(self.usable.items()):
            try:
                self._arguments(tool, {})
            except NoValue:
                del self.usable[name]
                return
        self.usable.clear()

    def _single(self) -> Request:
        tool = self._pick()
        self._call(tool)
        return self._finish(Kind.SINGLE, 1)

    def _missing(self) -> Request | None:
        tool = self._pick(lambda tool: bool(self._withholdable(tool)))
        names = self._withholdable(tool)
        if not names:
            return None
        withheld = self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 1, 2))))
        self._call(tool)
        arguments = self.calls[-1].arguments
        if any(not isinstance(arguments[name], FromUser) for name in withheld):
            self.calls.pop()
            return None
        return self._finish(Kind.MISSING, 1, tuple(name for name in arguments if name in withheld))

    def _withholdable(self, tool: Tool) -> list[str]:
        """Required parameters that only the user can know, and has not said yet."""
        return [name for name in tool.required if name not in self.said and not self._sources(tool, name)]

    def _chain(self) -> Request | None:
        """One to two steps that feed a last one; None when no flow of the subset starts afresh."""
        flows = [flow for flow in self.brief.flows if {flow.producer, flow.consumer} <= set(self.usable)]
        flows = [flow for flow in flows if flow.producer != flow.consumer and self._carried(flow.parameter)]
        flows = [flow for flow in flows if deed(self.usable[flow.producer]).verb not in _ENDS]
        if not flows:
            return None
        unused = [flow for flow in flows if not {flow.producer, flow.consumer} <= self._used()]
        first = self.rng.choice([flow for flow in unused if is_identifier(flow.parameter)] or unused or flows)
        tools = [first.producer, first.consumer]
        onward = [flow.consumer for flow in flows if flow.producer == first.consumer and flow.consumer not in tools]
        if onward and self.rng.random() < 0.4:
            tools.append(self.rng.choice(onward))
        before = len(self.calls)
        for name in tools:
            fresh = len(self.calls) if len(self.calls) > before else None
            self._call(self.usable[name], fed_by=fresh)
        linked = any(
            isinstance(argument, FromOutput) and argument.call > before
            for call in self.calls[before:]
            for argument in call.arguments.values()
        )
        if not linked:
            del self.calls[before:]
            return None
        return self._finish(Kind.CHAIN, len(tools))

    def _parallel(self) -> Request | None:
        """The same thing for two or three values, or two things that have nothing to do with each other."""
        before = len(self.calls)
        tool = self._pick(lambda tool: self._pivot(tool) is not None)
        pivot = self._pivot(tool)
        if pivot is not None and (len(self.usable) < 2 or self.rng.random() < 0.6):
            self._call(tool)
            self._vary(pivot, self.rng.choice((1, 1, 2)))
        elif len(self.usable) > 1:
            self._call(tool)
            other = self._pick(lambda other: other.name != tool.name)
            if other.name != tool.name:
                self._call(other, until=before)
        number = len(self.calls) - before
        return self._finish(Kind.PARALLEL if number > 1 else Kind.SINGLE, number) if number else None

    def _vary(self, pivot: str, times: int) -> None:
        """Repeat the last call with other values of one parameter."""
        first = self.calls[-1]
        schema = self.usable[first.tool].properties[pivot]
        taken = [first.arguments[pivot]]
        for _ in range(8 * times):
            other = FromUser(value=self.values.draw(schema, pivot))
            if other not in taken and len(taken) <= times:
                taken.append(other)
                self.calls.append(PlannedCall(tool=first.tool, arguments=first.arguments | {pivot: other}))

    def _pivot(self, tool: Tool) -> str | None:
        """The parameter a parallel request varies: required, in the user's words, one of many values."""
        for name in tool.required:
            schema = tool.properties.get(name) or {}
            varied = (
                schema.get("type") == "string" and not is_identifier(name) and len(schema.get("examples") or ()) > 1
            )
            if varied and not self._sources(tool, name) and not schema.get("format"):
                return name
        return None

    def _finish(self, kind: Kind, number: int, withheld: tuple[str, ...] = ()) -> Request:
        calls = tuple(self.calls[len(self.calls) - number :])
        for call in calls:
            self.said.update((name, arg.value) for name, arg in call.arguments.items() if isinstance(arg, FromUser))
        deeds = dict.fromkeys(deed(self.usable[call.tool]) for call in calls)
        return Request(kind=kind, goal=_goal(list(deeds)), calls=calls, withheld=withheld)

    def _used(self) -> set[str]:
        return {call.tool for call in self.calls}

    def _pick(self, wanted: Any = None) -> Tool:
        """The tool for the next call: wanted, fed by earlier outputs, not used yet."""

        def merit(tool: Tool) -> tuple[bool, int, bool]:
            required = [name for name in tool.required if is_identifier(name)]
            unfed = sum(not self._sources(tool, name) for name in required)
            return (bool(wanted is None or wanted(tool)), -unfed, tool.name not in self._used())

        if not self.usable:
            raise NoValue("no usable tool is left")
        best = max(merit(tool) for tool in self.usable.values())
        return self.rng.choice([tool for tool in self.usable.values() if merit(tool) == best])

    def _sources(self, tool: Tool, parameter: str, until: int | None = None) -> list[tuple[int, Flow]]:
        """Earlier calls (by number) with a flow into this parameter, the latest first."""
        flows = [flow for flow in self.brief.flows if (flow.consumer, flow.parameter) == (tool.name, parameter)]
        calls = list(enumerate(self.calls[:until], start=1))
        calls = [(number, call) for number, call in calls if deed(self.usable_before(call.tool)).verb not in _ENDS]
        return [(number, flow) for number, call in reversed(calls) for flow in flows if flow.producer == call.tool]

    def usable_before(self, name: str) -> Tool:
        """The tool of an earlier call, even if it is not usable any more."""
        return next(tool for tool in self.brief.tools if tool.name == name)

    @staticmethod
    def _carried(parameter: str) -> bool:
        """Whether a person would take this over from a result."""
        return is_identifier(parameter) or bool(CARRIED & set(words(parameter)))

    def _call(self, tool: Tool, until: int | None = None, fed_by: int | None = None) -> None:
        """Append a call of ``tool``; it may use outputs of the calls before ``until``, and prefers ``fed_by``."""
        sources = {}
        positions: dict[tuple[int, str], int] = {}
        for name in tool.properties:
            found = self._sources(tool, name, until)
            found.sort(key=lambda source: source[0] != fed_by)
            if found and self._carried(name):
                number, flow = found[0]
                sources[name] = FromOutput(call=number, path=self._item(number, flow.path, positions))
        for _ in range(4):
            call = PlannedCall(tool=tool.name, arguments=self._arguments(tool, sources))
            if call not in self.calls:
                self.calls.append(call)
                return
        raise NoValue(f"nothing new to ask of {tool.name}")

    def _item(self, call: int, path: str, positions: dict[tuple[int, str], int]) -> str:
        """A path with its items chosen: the first or the second, the same one for all fields of one call."""
        given = self.calls[call - 1].arguments
        while "[]" in path:
            before, after = path.split("[]", 1)
            choices = (0,) if before in given else (0, 0, 0, 1)
            position = positions.setdefault((call, before), self.rng.choice(choices))
            path = f"{before}[{position}]{after}"
        return path

    def _arguments(self, tool: Tool, sources: dict[str, FromOutput]) -> dict[str, Argument]:
        """Every required argument and some optional ones, each from its source."""
        doing = deed(tool)
        past = bool(_PAST.search(tool.description[:300])) and doing.seeks
        chosen = [
            name for name in tool.properties if name in tool.required or (name in sources and self.rng.random() < 0.7)
        ]
        chosen += self._optional(tool, doing, [name for name in tool.properties if name not in chosen])
        drawn: dict[str, Any] = {}
        self.values.pick = self.rng.randrange(1000)
        for name in chosen:
            if name in sources:
                continue
            schema = tool.properties[name]
            try:
                drawn[name] = self._value(tool, name, schema, past)
            except NoValue:
                if name in tool.required:
                    raise
        drawn = in_order(drawn, tool.properties, self.rng, close=True)
        arguments: dict[str, Argument] = {}
        for name in tool.properties:
            if name in chosen and name in sources:
                arguments[name] = sources[name]
            elif name in drawn:
                today = drawn[name] == self.brief.today.isoformat()
                arguments[name] = FromContext(value=drawn[name]) if today else FromUser(value=drawn[name])
        return arguments

    def _value(self, tool: Tool, name: str, schema: Any, past: bool) -> Any:
        known = self.said.get(name)
        again = known is not None and not isinstance(known, bool) and tool.name not in self._used()
        if again and self.rng.random() < 0.7 and fits(schema, known):
            return known
        if schema.get("type") == "boolean":
            return not schema.get("default", False)
        if schema.get("format") == "date" and not past and name in ("date", "day") and self.rng.random() < 0.15:
            return self.brief.today.isoformat()
        return self.values.draw(schema, name, past)

    def _optional(self, tool: Tool, doing: Deed, names: Sequence[str]) -> list[str]:
        """Optional arguments a person would mention: few, and none that only a programmer knows."""
        likely = [name for name in names if _sayable(name, tool.properties[name])]
        least = 1 if doing.verb in _CHANGES or not tool.required else 0
        number = max(least, self.rng.choices((0, 1, 2), weights=(5, 4, 1))[0])
        chosen = set(self.rng.sample(likely, min(number, len(likely))))
        return [name for name in names if name in chosen]


def _sayable(name: str, schema: Any) -> bool:
    """Whether a person would say an optional argument in a chat."""
    if not isinstance(schema, dict) or is_identifier(name):
        return False
    kind = schema.get("type")
    if name in ("max_results", "limit", "page"):
        return False
    if kind == "boolean":
        return str(schema.get("description") or "").lower().startswith("whether to ")
    if kind == "array":
        return (schema.get("items") or {}).get("type") == "string"
    return kind in ("string", "integer", "number") and bool(schema.get("description") or schema.get("enum"))


def _goal(deeds: Sequence[Deed]) -> str:
    return ", then ".join(doing.phrase for doing in deeds)
