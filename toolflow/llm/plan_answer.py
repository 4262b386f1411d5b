"""How a plan is written by a model, and what it becomes.

The wire form is made for weak models: one named request per wanted kind, one named step per call, a plain
value for what the user says, and ``{"from": "tool.path"}`` for what an earlier call returns. A model never
counts calls and never names a source; both follow from the form. A call that is made twice is written once, with
what is otherwise the second time. What can be written at all is constrained by
`toolflow.llm.plan_schema`; a model that is not held to it may write other things, and the plan checks
(`toolflow.plan.problems`) refuse them.
"""

import re
from collections.abc import Sequence
from typing import Any

from toolflow.cast import Brief
from toolflow.fields import schema_at
from toolflow.llm.coerce import coerced
from toolflow.llm.plan_goal import fit_goal, told_goal
from toolflow.llm.plan_schema import STEPS, asked_about
from toolflow.llm.prompts import quoted
from toolflow.llm.questions import Misfit
from toolflow.llm.user_plan import recalled, withheld
from toolflow.schema import (
    Argument,
    Failure,
    FromDefault,
    FromOutput,
    FromUser,
    Kind,
    Plan,
    PlannedCall,
    Request,
    Tool,
)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
TWICE = frozenset({Kind.CORRECTION, Kind.RECOVERY})
"""Kinds of one call that is made twice."""
CHATS = ("Say thanks for the help", "Say that this was quick, and thanks", "Say that this is very helpful")
"""Goals of small talk, where they follow from the kind."""


def read_plan(answer: Any, brief: Brief, kinds: Sequence[Kind], *, frugal: bool = False) -> Plan:
    """The plan that an answer means; `Misfit` when it has another form. In a ``frugal`` one goals follow from calls,
    and the requests before the one that does not fit can be used."""
    if not isinstance(answer, dict):
        raise Misfit("it must be one JSON object with request_1, request_2 and so on")
    reader = _Reader(brief, frugal)
    requests: list[Request] = []
    for number, kind in enumerate(kinds, start=1):
        try:
            request = answer.get(f"request_{number}")
            if not isinstance(request, dict):
                raise Misfit(f"request_{number} is missing; {len(kinds)} requests are wanted")
            latest = reader.request(request, kind, f"request_{number}")
            _check_fresh(requests, latest)
            if frugal:
                _check_unlike(latest, f"request_{number}")
        except Misfit as misfit:
            usable = Plan(requests=tuple(requests)) if frugal and requests else misfit.usable
            raise Misfit(str(misfit), usable=usable) from None
        requests.append(latest)
    return Plan(requests=tuple(requests))


def write_plan(plan: Plan) -> dict[str, Any]:
    """A plan in its wire form, as a model would have written it."""
    tools = [call.tool for call in plan.calls]
    answer: dict[str, Any] = {}
    for number, request in enumerate(plan.requests, start=1):
        written: dict[str, Any] = {"kind": str(request.kind)}
        steps = request.calls[:1] if request.kind in TWICE else request.calls
        written.update((step, _written(call, tools)) for step, call in zip(STEPS, steps, strict=False))
        if request.kind is Kind.RECOVERY:
            written["failure"] = str(request.calls[0].failure)
        if request.changes:
            written["instead"] = request.changes
        if request.wish is not None:
            written["wish"] = _written(request.wish, tools)
        if request.about is not None:
            written["about"] = _reference(request.about, tools)
        if request.withheld:
            written["withheld"] = list(request.withheld) if len(request.withheld) > 1 else request.withheld[0]
        written["goal"] = request.goal
        answer[f"request_{number}"] = written
    return answer


def _written(call: PlannedCall, tools: Sequence[str]) -> dict[str, Any]:
    arguments = {
        name: {"from": _reference(source, tools)} if isinstance(source, FromOutput) else source.value
        for name, source in call.arguments.items()
    }
    return {"tool": call.tool, "arguments": arguments}


def _reference(source: FromOutput, tools: Sequence[str]) -> str:
    return f"{tools[source.call - 1]}.{source.path}"


def _check_fresh(earlier: Sequence[Request], last: Request) -> None:
    """A user does not ask for the same thing twice; what comes before is a plan as well, if a shorter one."""
    if any(call in last.calls[:number] for number, call in enumerate(last.calls)):
        raise Misfit(f"request_{len(earlier) + 1} makes the same call twice; use another tool, or other values")
    for number, request in enumerate(earlier, start=1):
        if any(call in request.calls for call in last.calls):
            raise Misfit(
                f"request_{len(earlier) + 1} repeats a call of request_{number}; ask for something new: another "
                "tool, or other values",
                usable=Plan(requests=tuple(earlier)),
            )


def _check_unlike(request: Request, where: str) -> None:
    """A place is not sent to itself: small models give every argument the first value they are offered."""
    for call in request.calls:
        values = [source.value for source in call.arguments.values() if isinstance(source, FromUser)]
        texts = [
            value for value in values if isinstance(value, dict) or (isinstance(value, str) and not _DAY.match(value))
        ]
        if any(value in texts[:number] for number, value in enumerate(texts)):
            raise Misfit(f"{where}: two arguments of {call.tool} have the same value")


class _Reader:
    """Reads requests in order and remembers which calls came before."""

    def __init__(self, brief: Brief, frugal: bool) -> None:
        self.offered = {tool.name: tool for tool in brief.tools}
        self.tools = {tool.name: tool for tool in brief.absent} | self.offered
        self.today = brief.today
        self.frugal = frugal
        self.calls: list[str] = []
        self.answered = 0
        """Calls whose output can be used: of a parallel request, only those before it."""

    def request(self, request: dict[str, Any], kind: Kind, where: str) -> Request:
        if request.get("kind") == Kind.SINGLE and kind in {Kind.CHAIN, Kind.PARALLEL, Kind.MISSING, Kind.CORRECTION}:
            kind = Kind.SINGLE  # a planner may fall back where the tools do not allow more
        goal = request.get("goal", "")
        if not isinstance(goal, str) or not (goal.strip() or self.frugal):
            raise Misfit(f"{where}: goal must be a sentence")
        steps = [(step, request[step]) for step in STEPS if request.get(step) is not None]
        if kind is Kind.CHAT:
            return Request(kind=kind, goal=CHATS[len(self.calls) % len(CHATS)] if self.frugal else goal.strip())
        if kind is Kind.FOLLOW_UP:
            about = self._about(request.get("about"), where)
            return Request(kind=kind, goal=f"Hear the {recalled(about)}" if self.frugal else goal.strip(), about=about)
        if kind is Kind.UNAVAILABLE:
            wish = self._planned(request.get("wish"), f"{where}.wish")
            return Request(kind=kind, goal=self._goal(goal, [wish]), wish=wish)
        if kind not in {Kind.PARALLEL, Kind.CHAIN}:
            steps = steps[:1]
        calls = []
        self.answered = len(self.calls)
        for step, call in steps:
            calls.append(self._call(call, f"{where}.{step}"))
            self.answered = self.answered if kind is Kind.PARALLEL else len(self.calls)
        if kind in TWICE and calls:
            self.calls.append(calls[0].tool)
            calls = self._twice(calls[0], request, kind, where)
        kept = request.get("withheld") if kind is Kind.MISSING else None
        names = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
        made = Request(kind=kind, goal=goal, calls=tuple(calls), withheld=tuple(map(str, names)))
        secret = [*made.changes.values(), *(value for _, value in withheld(made))]
        goal = self._goal(goal, calls[:1] if kind in TWICE else calls, secret)
        return made.model_copy(update={"goal": goal})

    def _twice(self, call: PlannedCall, request: dict[str, Any], kind: Kind, where: str) -> list[PlannedCall]:
        """A call as it is first made, and as it is made then: the same where its error passes by itself, else with
        another value."""
        failure = _failure(request.get("failure"), where) if kind is Kind.RECOVERY else None
        if failure is not None and failure.passes:
            return [call.model_copy(update={"failure": failure}), call]
        given = request.get("instead")
        if not isinstance(given, dict) or not given:
            raise Misfit(f'{where}: "instead" must give another value of an argument: {{"argument": value}}')
        tool = self.tools.get(call.tool)
        changed = {
            name: FromUser(value=coerced(value, tool.properties.get(name) if tool else None))
            for name, value in given.items()
        }
        for name, value in changed.items():
            if not isinstance(call.arguments.get(name), FromUser):
                raise Misfit(f"{where}.instead: {name} must be an argument of the call that the user says")
            if call.arguments[name] == value:
                raise Misfit(f"{where}.instead: {name} must be another value than {quoted(value.value)}")
        at_fault = next(iter(changed)) if failure is not None else None
        first = call.model_copy(update={"failure": failure, "at_fault": at_fault})
        return [first, call.model_copy(update={"arguments": call.arguments | changed})]

    def _about(self, reference: Any, where: str) -> FromOutput:
        """What of an earlier result is asked about; in a frugal plan, of the last one that tells anything where the
        answer names none."""
        self.answered = len(self.calls)
        where = f"{where}.about"
        try:
            if not isinstance(reference, str) or "." not in reference:
                raise Misfit(f'{where}: must be a text "tool.path" that names part of an earlier result')
            about = self._output(reference, where)
            tool = self.tools[reference.partition(".")[0]]
            if schema_at(tool.returns, about.path) is None:
                told = ", ".join(asked_about(tool))
                raise Misfit(f"{where}: {tool.name} does not return {about.path}; it returns {told}")
            return about
        except Misfit:
            tools = [(number, self.tools.get(name)) for number, name in enumerate(self.calls, start=1)]
            known = [(number, paths[0]) for number, tool in tools if tool and (paths := asked_about(tool))]
            if not self.frugal or not known:
                raise
            return FromOutput(call=known[-1][0], path=known[-1][1])

    def _goal(self, goal: str, calls: Sequence[PlannedCall], secret: Sequence[Any] = ()) -> str:
        tools = self.offered if all(call.tool in self.offered for call in calls) else self.tools
        told = told_goal(calls, tools, len(self.calls))
        if self.frugal:
            return told
        return fit_goal(goal.strip(), calls, tools, secret, self.today) or told or goal.strip()

    def _call(self, call: Any, where: str) -> PlannedCall:
        planned = self._planned(call, where)
        self.calls.append(planned.tool)
        return planned

    def _planned(self, call: Any, where: str) -> PlannedCall:
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
        return PlannedCall(tool=call["tool"], arguments=arguments)

    def _argument(self, name: str, value: Any, tool: Tool | None, where: str) -> Argument | None:
        if isinstance(value, dict) and set(value) == {"from"} and isinstance(value["from"], str):
            return self._output(value["from"], where)
        if isinstance(value, str) and "." in value and value.partition(".")[0] in self.tools:
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


def _failure(given: Any, where: str) -> Failure:
    if given not in list(Failure):
        raise Misfit(f'{where}: "failure" must be one of {", ".join(Failure)}')
    return Failure(given)
