"""The selfplay planner: every plan can run, and has the shape that was asked for."""

import asyncio
from random import Random

import pytest
from selfplay_talks import TODAY, flows, subset

from toolflow.cast import Brief, Flow
from toolflow.errors import PlanError
from toolflow.plan import problems
from toolflow.schema import FromOutput, FromUser, Kind, Plan, Tool
from toolflow.selfplay.planner import SelfplayPlanner

KINDS = list(Kind)
IMPOSSIBLE = {
    "type": "object",
    "properties": {"x": {"type": "string", "minLength": 9, "maxLength": 1}},
    "required": ["x"],
}
HOPELESS = Tool(name="hopeless", description="Get it", parameters=IMPOSSIBLE)


def plan(tools: list[Tool], kinds: list[Kind], seed: int = 0, links: list[Flow] | None = None) -> Plan:
    brief = Brief(tools, kinds, flows(tools) if links is None else links, TODAY)
    return asyncio.run(SelfplayPlanner(Random(seed), {}).plan(brief))


@pytest.mark.parametrize("seed", range(80))
def test_no_problems(seed: int) -> None:
    """A plan for any tools of the packaged catalog passes every check."""
    tools = subset(seed, 2 + seed % 3)
    kinds = [kind for kind in Random(seed).choices(KINDS, k=3) if kind is not Kind.CHAT] or [Kind.SINGLE]
    assert problems(plan(tools, kinds, seed), tools, TODAY) == []


@pytest.mark.parametrize("seed", range(40))
def test_chain_uses_output(seed: int) -> None:
    """In a chain, a later call takes an argument from an earlier one."""
    tools = subset(seed)
    for request in plan(tools, [Kind.CHAIN], seed).requests:
        outputs = [one for call in request.calls for one in call.arguments.values() if isinstance(one, FromOutput)]
        assert bool(outputs) == (request.kind is Kind.CHAIN)


@pytest.mark.parametrize("seed", range(40))
def test_withheld(seed: int) -> None:
    """What is withheld is required, and the user's to say."""
    tools = subset(seed)
    required = {tool.name: tool.required for tool in tools}
    for request in plan(tools, [Kind.MISSING], seed).requests:
        for name in request.withheld:
            assert name in required[request.calls[0].tool]
            assert isinstance(request.calls[0].arguments[name], FromUser)


@pytest.mark.parametrize("seed", range(40))
def test_same_seed_same_plan(seed: int) -> None:
    """A plan is a function of the brief and the random source."""
    tools = subset(seed)
    assert plan(tools, [Kind.SINGLE, Kind.CHAIN], seed) == plan(tools, [Kind.SINGLE, Kind.CHAIN], seed)


def test_without_flows() -> None:
    """Without flows a chain falls back to a single request."""
    assert [request.kind for request in plan(subset(3), [Kind.CHAIN], links=[]).requests] == [Kind.SINGLE]


def test_hopeless_tool_skipped() -> None:
    """A tool that nothing can be called with is passed over."""
    tools = [HOPELESS, *subset(1, 1)]
    assert {call.tool for call in plan(tools, [Kind.SINGLE] * 2, links=[]).calls} == {tools[1].name}


def test_nothing_but_hopeless_tools() -> None:
    """Without any callable tool there is no plan."""
    with pytest.raises(PlanError, match="no tool of the subset"):
        plan([HOPELESS], [Kind.SINGLE], links=[])


def test_nothing_but_hopeless_tools_for_several_requests() -> None:
    """Small talk before and after finds no tool that could be worn out."""
    with pytest.raises(PlanError, match="no tool of the subset"):
        plan([HOPELESS], [Kind.CHAT, Kind.SINGLE, Kind.CHAT, Kind.SINGLE, Kind.SINGLE])


def test_references_in_parameters() -> None:
    """A parameter described by reference gets a value that fits."""
    place = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    parameters = {
        "type": "object",
        "properties": {"place": {"$ref": "#/$defs/place"}},
        "required": ["place"],
        "$defs": {"place": place},
    }
    tool = Tool(name="find", description="Find a place", parameters=parameters)
    made = plan([tool], [Kind.SINGLE], links=[])
    assert problems(made, [tool], TODAY) == []
    argument = made.calls[0].arguments["place"]
    assert isinstance(argument, FromUser)
    assert argument.value["city"]


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_goes_on_without_tools(seed: int) -> None:
    """Where nothing new can be asked of the only tool, the rest of the requests need none, or are left out."""
    bare = Tool(name="get_status", description="Get the status", parameters={"type": "object", "properties": {}})
    wanted = [Kind.SINGLE, Kind.SINGLE, Kind.CHAT, Kind.SINGLE, Kind.CHAT]
    kinds = [request.kind for request in plan([bare], wanted, seed, []).requests]
    assert kinds[:2] == [Kind.SINGLE, Kind.CHAT]
    assert kinds.count(Kind.SINGLE) == 1
