"""The planner: a model that writes the user's requests before the first word is spoken (paper §3.3).

It sees the tools, the kinds wanted, what these mean, and the graph's flows. One attempt is one typed question;
whether the plan can run is checked by the stage, which comes back with the complaint and the refused plan.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from toolflow.cast import Brief
from toolflow.errors import PlanError
from toolflow.llm.chat import ChatAnswer, ChatRequest
from toolflow.llm.plan_answer import read_plan, write_plan
from toolflow.llm.plan_flows import feeds
from toolflow.llm.plan_fresh import fresh_tools
from toolflow.llm.plan_schema import answer_schema, asked_kinds, is_sayable, wanted_kinds
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Misfit, Questioner, json_of
from toolflow.llm.wire import compact
from toolflow.schema import Kind, Plan, Tool

FORM = frozenset({"type", "properties", "items", "anyOf", "oneOf", "allOf", "prefixItems", "$ref", "$defs"})
"""Of a schema, what says which fields there are."""
MAX_FLOWS = 24
"""Flows shown to the planner; a subset has few."""


def read_planner_prompt(read: Reader = read_prompt) -> Prompt:
    """The planner's prompt file, checked."""
    return read(
        "plan",
        {
            "system": set(),
            "language": {"language"},
            "brief": {"today", "tools", "flows", "kinds", "requests"},
            "again": {"refused", "complaint"},
            "rest": {"tools", "requests"},
            **{str(kind): {"absent"} if kind is Kind.UNAVAILABLE else set() for kind in Kind},
        },
    )


class LLMPlanner:
    """Writes the plan."""

    def __init__(self, questioner: Questioner, prompt: Prompt, *, frugal: bool = False) -> None:
        self._questioner = questioner
        self._prompt = prompt
        self._frugal = frugal
        """For small models: the frugal form (`answer_schema`), less to read, a refused plan is not shown, and only
        the requests from the first that does not fit are asked for again."""

    def allows(self, brief: Brief) -> bool:
        """Whether the tools allow the kinds wanted."""
        wanted = wanted_kinds(self._sayable(brief), frugal=self._frugal)
        return wanted == asked_kinds(brief.kinds, frugal=self._frugal)

    async def plan(self, brief: Brief) -> Plan:
        """One attempt; `PlanError` when no answer could be read as a plan."""
        brief = self._sayable(brief)
        kinds = wanted_kinds(brief, frugal=self._frugal)
        messages = [
            {"role": "system", "content": self._prompt.guidance("system", brief.language)},
            {"role": "user", "content": self._question(brief, kinds)},
        ]

        schema = answer_schema(brief, kinds, self._questioner.seeds, frugal=self._frugal)
        request = ChatRequest("planner", messages, schema)
        settled: dict[str, Any] = {}

        def read(answer: ChatAnswer) -> Plan:
            given = json_of(answer)
            if isinstance(given, dict):
                given = {**given, **settled}
            try:
                return read_plan(given, brief, kinds, frugal=self._frugal)
            except Misfit as misfit:
                if not self._frugal or not isinstance(misfit.usable, Plan):
                    raise
                done = len(misfit.usable.requests)
                settled.update((name, given[name]) for name in _names(kinds[:done]))
                rest = self._rest(brief, kinds, misfit.usable, request, settled)
                raise Misfit(str(misfit), usable=misfit.usable, instead=rest) from None

        return await self._questioner.ask(request, read, PlanError, afresh=self._frugal)

    def _sayable(self, brief: Brief) -> Brief:
        """The brief without tools that want whole objects, where there are others: a small user cannot say those."""
        if not self._frugal:
            return brief
        tools, absent = (list(filter(is_sayable, some)) or some for some in (brief.tools, brief.absent))
        names = {tool.name for tool in tools}
        flows = [flow for flow in brief.flows if {flow.producer, flow.consumer} <= names]
        return replace(brief, tools=tools, absent=absent, flows=flows)

    def _rest(
        self, brief: Brief, kinds: Sequence[Kind], plan: Plan, request: ChatRequest, settled: dict[str, Any]
    ) -> ChatRequest:
        """The question for what comes after the first requests of a plan: of tools that they don't call, or not with
        all that these can be called with, where they allow the kinds."""
        left = replace(brief, tools=fresh_tools(brief.tools, plan))
        done = len(plan.requests)
        if wanted_kinds(replace(left, kinds=kinds))[done:] != list(kinds[done:]):
            left = brief
        wanted = kinds[done:]
        question = self._prompt.render(
            "rest",
            tools=", ".join(tool.name for tool in left.tools),
            requests="\n".join(f"{name}: {kind}" for name, kind in zip(_names(wanted, done + 1), wanted, strict=True)),
        )
        messages = [
            *request.messages,
            {"role": "assistant", "content": compact(settled)},
            {"role": "user", "content": question},
        ]
        schema = answer_schema(left, wanted, self._questioner.seeds, frugal=True, after=plan)
        return replace(request, messages=messages, schema=schema)

    def _question(self, brief: Brief, kinds: Sequence[Kind]) -> str:
        question = self._prompt.render(
            "brief",
            today=f"{brief.today:%A}, {brief.today.isoformat()}",
            tools="\n".join(quoted(shown_tool(tool, returns=not self._frugal)) for tool in brief.tools),
            flows="\n".join(list(feeds(brief.flows, () if self._frugal else brief.tools))[:MAX_FLOWS]) or "(none)",
            kinds="\n".join(self._kind(kind, brief) for kind in Kind if kind in kinds),
            requests="\n".join(f"{name}: {kind}" for name, kind in zip(_names(kinds), kinds, strict=True)),
        )
        if brief.complaint is None or self._frugal:
            return question
        refused = compact(write_plan(brief.refused)) if isinstance(brief.refused, Plan) else str(brief.refused)
        return f"{question}\n\n{self._prompt.render('again', refused=refused, complaint=brief.complaint)}"

    def _kind(self, kind: Kind, brief: Brief) -> str:
        """What requests of a kind are and how they are written."""
        if kind is not Kind.UNAVAILABLE:
            return self._prompt.render(str(kind))
        absent = "\n".join(quoted(shown_tool(tool, returns=False)) for tool in brief.absent)
        return self._prompt.render(str(kind), absent=absent)


def _names(kinds: Sequence[Kind], first: int = 1) -> list[str]:
    """What requests are called in an answer, by number."""
    return [f"request_{number}" for number, _ in enumerate(kinds, start=first)]


def shown_tool(tool: Tool, *, returns: bool = True) -> dict[str, object]:
    """A tool as the planner sees it: of what it returns, the form alone, which is half the tokens."""
    shown: dict[str, object] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    if returns and tool.returns is not None:
        shown["returns"] = _form(tool.returns)
    return shown


def _form(schema: Any) -> Any:
    """A schema without what only a writer of results needs: descriptions, bounds, and which fields always come."""
    if isinstance(schema, list):
        return [_form(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key in FORM}
    inside = {"properties", "$defs"} & kept.keys()
    named = {key: {name: _form(part) for name, part in kept[key].items()} for key in inside}
    return {key: named[key] if key in named else _form(value) for key, value in kept.items()}
