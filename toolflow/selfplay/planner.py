"""The selfplay planner: a plan for any subset of tools, drawn from its schemas and the graph's flows.

A request uses tools not used before where it can, takes identifiers from earlier outputs where a flow
allows it, says the same city or date again when the talk is already about one, and falls back to a
simpler kind when the tools do not allow the one that was asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from toolflow.cast import Brief, Flow
from toolflow.errors import PlanError
from toolflow.fields import schema_at, types_fit
from toolflow.schema import FromOutput, FromUser, Kind, Plan, Request, Tool
from toolflow.selfplay.choosing import choose
from toolflow.selfplay.detours import change, fail, recall, wished
from toolflow.selfplay.drafting import Drafting, is_carried
from toolflow.selfplay.names import is_identifier, label
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.refs import without_refs
from toolflow.selfplay.values import NoValue
from toolflow.verbs import ENDS


class SelfplayPlanner:
    """Plans from one random source; remembers the tools, so that the user can speak of them."""

    def __init__(self, rng: Random, tools: dict[str, Tool]) -> None:
        self.rng = rng
        self.tools = tools
        self._ready: tuple[Brief, Plan] | None = None
        """A plan that is just what its brief wants."""

    def allows(self, brief: Brief) -> bool:
        """Whether a plan of just the kinds wanted comes of it; that plan is kept for when it is asked for."""
        try:
            plan = self._draw(brief, exact=True)
        except PlanError:
            return False
        self._ready = brief, plan
        return True

    async def plan(self, brief: Brief) -> Plan:
        """A plan with the kinds asked for, where the tools allow them; `PlanError` when they allow no call."""
        if self._ready is not None and self._ready[0] is brief:
            return self._ready[1]
        return self._draw(brief)

    def _draw(self, brief: Brief, *, exact: bool = False) -> Plan:
        tools = [without_refs(tool) for tool in brief.tools]
        absent = [without_refs(tool) for tool in brief.absent]
        self.tools.update((tool.name, tool) for tool in (*absent, *tools))
        flows = [flow for flow in brief.flows if _can_carry(flow, self.tools)]
        return _Planning(replace(brief, tools=tools, flows=flows, absent=absent), self.rng).plan(exact=exact)


def _can_carry(flow: Flow, tools: Mapping[str, Tool]) -> bool:
    """Whether what comes out may go in as it is; the paper's rule ties fields of any types."""
    produced = schema_at(tools[flow.producer].returns, flow.path)
    needed = tools[flow.consumer].properties.get(flow.parameter)
    return produced is not None and isinstance(needed, dict) and types_fit(produced.get("type"), needed.get("type"))


class _Planning:
    """One plan under way, request by request."""

    def __init__(self, brief: Brief, rng: Random) -> None:
        self.brief, self.rng = brief, rng
        self.draft = Drafting(brief, rng)
        self.last: Kind | None = None
        """The kind of the request before."""
        self.ways: dict[Kind, Callable[[], Request | None]] = {
            Kind.CHAIN: self._chain,
            Kind.PARALLEL: self._parallel,
            Kind.MISSING: self._missing,
            Kind.SINGLE: self._single,
            Kind.CORRECTION: self._correction,
            Kind.RECOVERY: self._recovery,
            Kind.FOLLOW_UP: self._follow_up,
            Kind.UNAVAILABLE: self._unavailable,
        }
        self.together: list[set[str]] = []
        """The tools of each request so far."""
        self.wished: set[str] = set()
        """Absent tools asked for so far …"""
        self.recalled: set[str] = set()
        """… and what was gone back to."""

    def plan(self, *, exact: bool) -> Plan:
        """All requests; simpler or fewer ones than asked for where the tools do not allow them, or, ``exact``,
        `PlanError` then."""
        requests: list[Request] = []
        for kind in self.brief.kinds:
            stale = len(requests) > 1 and not kind.idle and set(self.draft.usable) <= self.draft.used()
            worn_out = stale and all(self.draft.asked[name] > 1 for name in self.draft.usable)
            request = None if worn_out or (stale and self.rng.random() < 0.7) else self._request(kind)
            if exact and (request is None or request.kind is not kind):
                raise PlanError(f"these tools do not allow a request of kind {kind}")
            if request is not None:
                requests.append(request)
        if not self.draft.calls:
            raise PlanError("no tool of the subset can be called with values that fit its schema")
        return Plan(requests=tuple(requests))

    def _request(self, kind: Kind) -> Request | None:
        """A request of this kind, or of a simpler one; None when no tool is left that can be called."""
        if kind is Kind.CHAT and self.last is Kind.CHAT:
            return None
        self.last = kind
        if kind is Kind.CHAT:
            return Request(kind=kind, goal="chat a little, no help needed")
        draft = self.draft
        while draft.usable:
            calls, said = len(draft.calls), dict(draft.given.said)
            try:
                return self.ways[kind]() or self._single()
            except NoValue:
                del draft.calls[calls:]
                draft.given.said = said
                draft.drop_a_hopeless_tool()
        return None

    def _single(self) -> Request:
        self.draft.call(self.draft.pick())
        return self._finish(Kind.SINGLE, 1)

    def _missing(self) -> Request | None:
        """A call of which one or two arguments are withheld at first."""
        tool = self.draft.pick(lambda tool: bool(self._withholdable(tool)))
        names = self._withholdable(tool)
        if not names:
            return None
        withheld = self.rng.sample(names, min(len(names), self.rng.choice((1, 1, 1, 2))))
        self.draft.call(tool)
        arguments = self.draft.calls[-1].arguments
        if any(not isinstance(arguments[name], FromUser) for name in withheld):
            self.draft.calls.pop()
            return None
        return self._finish(Kind.MISSING, 1, tuple(name for name in arguments if name in withheld))

    def _withholdable(self, tool: Tool) -> list[str]:
        """Required parameters that only the user can know, and has not said yet."""
        return [
            name for name in tool.required if name not in self.draft.given.said and not self.draft.sources(tool, name)
        ]

    def _chain(self) -> Request | None:
        """One to two steps that feed a last one; None when no flow of the subset starts afresh."""
        flows = self._usable_flows()
        if not flows:
            return None
        flows = [flow for flow in flows if not self._was_chained(flow)]
        if not flows:
            return None
        unused = [flow for flow in flows if not {flow.producer, flow.consumer} <= self.draft.used()]
        first = self.rng.choice([flow for flow in unused if is_identifier(flow.parameter)] or unused or flows)
        tools = [first.producer, first.consumer]
        onward = [flow.consumer for flow in flows if flow.producer == first.consumer and flow.consumer not in tools]
        if onward and self.rng.random() < 0.3:
            tools.append(self.rng.choice(onward))
        before = len(self.draft.calls)
        for name in tools:
            fresh = len(self.draft.calls) if len(self.draft.calls) > before else None
            self.draft.call(self.draft.usable[name], fed_by=fresh)
        if not self._linked(before):
            del self.draft.calls[before:]
            return None
        more = choose(self.draft, self.rng) if len(tools) == 2 else 0
        return self._finish(Kind.CHAIN, len(tools) + more)

    def _was_chained(self, flow: Flow) -> bool:
        """Whether these two tools stood together in a request before."""
        return any({flow.producer, flow.consumer} <= pair for pair in self.together)

    def _usable_flows(self) -> list[Flow]:
        """Flows between two usable tools of what a person would take over from a result that lasts."""
        usable = self.draft.usable
        return [
            flow
            for flow in self.brief.flows
            if {flow.producer, flow.consumer} <= set(usable)
            and flow.producer != flow.consumer
            and is_carried(flow.parameter)
            and deed(usable[flow.producer]).verb not in ENDS
        ]

    def _linked(self, before: int) -> bool:
        """Whether one of the calls from ``before`` on uses the output of another."""
        return any(
            isinstance(argument, FromOutput) and argument.call > before
            for call in self.draft.calls[before:]
            for argument in call.arguments.values()
        )

    def _parallel(self) -> Request | None:
        """The same thing for two or three values, or two things that have nothing to do with each other."""
        draft = self.draft
        before = len(draft.calls)
        tool = draft.pick(lambda tool: self._pivot(tool) is not None)
        pivot = self._pivot(tool)
        if pivot is not None and (len(draft.usable) < 2 or self.rng.random() < 0.6):
            draft.call(tool)
            draft.vary(pivot, self.rng.choice((1, 1, 2)))
        elif len(draft.usable) > 1:
            draft.call(tool)
            other = draft.pick(lambda other: other.name != tool.name)
            if other.name != tool.name:
                draft.call(other, until=before)
        number = len(draft.calls) - before
        return self._finish(Kind.PARALLEL if number > 1 else Kind.SINGLE, number) if number else None

    def _pivot(self, tool: Tool) -> str | None:
        """The parameter a parallel request varies: required, in the user's words, one of many values."""
        for name in tool.required if self.draft.may_repeat(tool) else ():
            schema = tool.properties.get(name) or {}
            is_word = schema.get("type") == "string" and not is_identifier(name) and not schema.get("format")
            if is_word and len(schema.get("examples") or ()) > 1 and not self.draft.sources(tool, name):
                return name
        return None

    def _correction(self) -> Request | None:
        """A lookup, and the same with one value changed."""
        tool = self.draft.pick(lambda tool: deed(tool).seeks)
        if not deed(tool).seeks:
            return None
        self.draft.call(tool)
        return self._finish(Kind.CORRECTION, 2) if change(self.draft, self.rng) else self._finish(Kind.SINGLE, 1)

    def _recovery(self) -> Request:
        """A call that fails, and the same again, or with one value changed."""
        self.draft.call(self.draft.pick())
        fail(self.draft, self.rng)
        return self._finish(Kind.RECOVERY, 2)

    def _follow_up(self) -> Request | None:
        """A question about an earlier result."""
        about = recall(self.draft, self.rng, self.recalled)
        if about is None:
            return None
        self.recalled.add(f"{about.call} {about.path}")
        return Request(kind=Kind.FOLLOW_UP, goal=f"hear about the {label(about.path.rsplit('.')[-1])}", about=about)

    def _unavailable(self) -> Request | None:
        """Something that no tool of the set can do."""
        tools = [tool for tool in self.brief.absent if tool.name not in self.wished]
        wish = wished(tools, self.brief, self.rng)
        if wish is None:
            return None
        self.wished.add(wish.tool)
        tool = next(tool for tool in tools if tool.name == wish.tool)
        return Request(kind=Kind.UNAVAILABLE, goal=deed(tool).phrase, wish=wish)

    def _finish(self, kind: Kind, number: int, withheld: tuple[str, ...] = ()) -> Request:
        """The request that the last calls make up."""
        calls = tuple(self.draft.calls[len(self.draft.calls) - number :])
        for call in calls:
            for name, argument in call.arguments.items():
                if isinstance(argument, FromUser):
                    self.draft.given.said[name] = argument.value
        self.together.append({call.tool for call in calls})
        self.draft.asked.update(self.together[-1])
        phrases = dict.fromkeys(deed(self.draft.tools[call.tool]).phrase for call in calls)
        return Request(kind=kind, goal=", then ".join(phrases), calls=calls, withheld=withheld)
