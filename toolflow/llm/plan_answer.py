"""How a plan is written by a model, and what it becomes.

The wire form is made for weak models: one named request per wanted kind, one named step per call, a plain
value for what the user says, and ``{"from": "tool.path"}`` for what an earlier call returns. A model never
counts calls and never names a source; both follow from the form. What can be written at all is constrained by
`toolflow.llm.plan_schema`; a model that is not held to it may write other things, and the plan checks
(`toolflow.plan.problems`) refuse them. Ours: a goal that has nothing to do with
its calls, or names a tool, is replaced by what the tools do.
"""

import re
from collections.abc import Sequence
from typing import Any

from toolflow.cast import Brief
from toolflow.heard import content_words, stem
from toolflow.llm.coerce import coerced
from toolflow.llm.plan_schema import STEPS
from toolflow.llm.prompts import quoted
from toolflow.llm.questions import Misfit
from toolflow.llm.user_plan import plain
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

LEAST_SHARED = 0.25
"""Of the words of a goal, so many must have to do with its calls."""
MOST_FOREIGN = 2
"""So many words that only another tool knows belong to another request."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
CHAT = "Say a friendly word: thanks, or how the day goes. Ask for nothing"
"""The goal of small talk, where it follows from the kind."""


def read_plan(answer: Any, brief: Brief, kinds: Sequence[Kind], *, frugal: bool = False) -> Plan:
    """The plan that an answer means; `Misfit` when it has another form. In a ``frugal`` one goals follow from calls,
    and the requests before the one that does not fit can be used."""
    if not isinstance(answer, dict):
        raise Misfit("it must be one JSON object with request_1, request_2 and so on")
    reader = _Reader({tool.name: tool for tool in brief.tools}, frugal)
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

    def __init__(self, tools: dict[str, Tool], frugal: bool) -> None:
        self.tools = tools
        self.frugal = frugal
        self.calls: list[str] = []
        self.answered = 0
        """Calls whose output can be used: of a parallel request, only those before it."""

    def request(self, request: dict[str, Any], kind: Kind, where: str) -> Request:
        if request.get("kind") == Kind.SINGLE and kind in {Kind.CHAIN, Kind.PARALLEL, Kind.MISSING}:
            kind = Kind.SINGLE  # a planner may fall back where the tools do not allow more
        goal = request.get("goal", "")
        if not isinstance(goal, str) or not (goal.strip() or self.frugal):
            raise Misfit(f"{where}: goal must be a sentence")
        steps = [(step, request[step]) for step in STEPS if request.get(step) is not None]
        if kind is Kind.CHAT:
            return Request(kind=kind, goal=CHAT if self.frugal else goal.strip())
        if kind in {Kind.SINGLE, Kind.MISSING}:
            steps = steps[:1]
        calls = []
        self.answered = len(self.calls)
        for step, call in steps:
            calls.append(self._call(call, f"{where}.{step}"))
            self.answered = self.answered if kind is Kind.PARALLEL else len(self.calls)
        withheld = request.get("withheld") if kind is Kind.MISSING else None
        goal = self._told(calls) if self.frugal else self._fitting(goal.strip(), calls)
        names = [withheld] if isinstance(withheld, str) else withheld if isinstance(withheld, list) else []
        return Request(kind=kind, goal=goal, calls=tuple(calls), withheld=tuple(map(str, names)))

    def _fitting(self, goal: str, calls: Sequence[PlannedCall]) -> str:
        """The goal, or what the tools do where it names a tool, has hardly a word in common with its calls, or
        without any of their values speaks of another tool's matters."""
        tools = [self.tools[call.tool] for call in calls if call.tool in self.tools]
        said = [argument.model_dump().get("value") for call in calls for argument in call.arguments.values()]
        words, values = _stems(goal), _stems(quoted(said))
        own = _stems(" ".join(map(_about, tools)))
        foreign = (words & _stems(" ".join(map(_about, self.tools.values())))) - own
        named = any("_" in name and name in goal for name in self.tools)
        related = words and len(words & own) >= LEAST_SHARED * len(words) and len(foreign) < MOST_FOREIGN
        if not named and (words & values or related):
            return goal
        return self._told(calls) or goal

    def _told(self, calls: Sequence[PlannedCall]) -> str:
        """What the tools of calls do, one after the other, and what is handed on between them."""
        parts: list[str] = []
        for number, call in enumerate(calls):
            tool = self.tools.get(call.tool)
            if tool is None:
                return ""
            first = len(self.calls) - len(calls) + 1
            linked = [name for name, source in call.arguments.items() if _comes_from(source, first)]
            handed = " and the ".join(plain(name) for name in linked)
            link = "" if not number else f", then with the {handed} from that: " if linked else ", then "
            parts.append(link + _first_sentence(tool.description))
        return "".join(parts)

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


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text.replace("_", " "))}


def _about(tool: Tool) -> str:
    return f"{tool.name} {tool.description} {' '.join(tool.properties)}"


def _comes_from(source: Argument, first: int) -> bool:
    """Whether an argument is the output of a call from number ``first`` on."""
    return isinstance(source, FromOutput) and source.call >= first


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].strip().rstrip(".")
