"""Plans: what may run, and what goes back with a reason."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from toolflow.cast import Brief
from toolflow.config import PlanConfig
from toolflow.errors import PlanError
from toolflow.plan import make_plan, problems
from toolflow.schema import Kind, Plan, Tool

TODAY = date(2026, 5, 14)
SEARCH = Tool(
    name="search_flights",
    description="Search for flights.",
    parameters={
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "day": {"type": "string", "format": "date"},
            "cabin": {"enum": ["economy", "business"], "default": "economy"},
        },
        "required": ["city"],
    },
    returns={
        "type": "object",
        "properties": {
            "flights": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"flight_id": {"type": "string"}, "price": {"type": "number"}},
                },
            }
        },
    },
)
BOOK = Tool(
    name="book_flight",
    description="Book a flight.",
    parameters={
        "type": "object",
        "properties": {"flight_id": {"type": "string"}, "seats": {"type": "integer", "minimum": 1}},
        "required": ["flight_id"],
    },
)
TOOLS = (SEARCH, BOOK)


def said(value: Any) -> dict[str, Any]:
    return {"source": "user", "value": value}


def found(call: int, path: str) -> dict[str, Any]:
    return {"source": "output", "call": call, "path": path}


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"tool": tool, "arguments": arguments}


def plan(*requests: dict[str, Any]) -> Plan:
    return Plan.model_validate({"requests": [{"goal": "fly somewhere", **request} for request in requests]})


FIND = call("search_flights", city=said("Oslo"))
TAKE = call("book_flight", flight_id=found(1, "flights[0].flight_id"))

GOOD = {
    "single": plan({"kind": "single", "calls": [FIND]}),
    "chain": plan({"kind": "chain", "calls": [FIND, TAKE]}),
    "across requests": plan({"kind": "single", "calls": [FIND]}, {"kind": "single", "calls": [TAKE]}),
    "parallel": plan({"kind": "parallel", "calls": [FIND, call("search_flights", city=said("Rome"))]}),
    "missing": plan({"kind": "missing", "calls": [FIND], "withheld": ["city"]}),
    "chat beside work": plan({"kind": "chat"}, {"kind": "single", "calls": [FIND]}),
    "default": plan(
        {
            "kind": "single",
            "calls": [FIND | {"arguments": FIND["arguments"] | {"cabin": {"source": "default", "value": "economy"}}}],
        }
    ),
    "context": plan(
        {
            "kind": "single",
            "calls": [call("search_flights", city=said("Oslo"), day={"source": "context", "value": "2026-05-14"})],
        }
    ),
}

ROME = call("search_flights", city=said("Rome"))
RENT = Tool(name="rent_car", description="Rent a car.", parameters=SEARCH.parameters)
GOOD |= {
    "unavailable": plan(
        {"kind": "single", "calls": [FIND]}, {"kind": "unavailable", "wish": call("rent_car", city=said("Oslo"))}
    ),
    "recovery by another try": plan({"kind": "recovery", "calls": [FIND | {"failure": "timeout"}, FIND]}),
    "recovery by another value": plan(
        {"kind": "recovery", "calls": [FIND | {"failure": "not_found", "at_fault": "city"}, ROME]}
    ),
    "correction": plan({"kind": "correction", "calls": [FIND, ROME]}),
    "follow-up": plan(
        {"kind": "single", "calls": [FIND]}, {"kind": "follow_up", "about": found(1, "flights[0].price")}
    ),
}

CHEAPEST = call("book_flight", flight_id=found(1, "flights[least price].flight_id"))
SECOND = call("book_flight", flight_id=found(1, "flights[1].flight_id"))
GOOD |= {
    "choice": plan({"kind": "chain", "calls": [FIND, CHEAPEST]}),
    "each of two": plan({"kind": "chain", "calls": [FIND, TAKE, SECOND]}),
}

BAD = {
    "choice by what is no number": (
        plan(
            {
                "kind": "chain",
                "calls": [FIND, call("book_flight", flight_id=found(1, "flights[most flight_id].flight_id"))],
            }
        ),
        "nothing can be chosen by 'flight_id'",
    ),
    "choice by what is not there": (
        plan(
            {"kind": "chain", "calls": [FIND, call("book_flight", flight_id=found(1, "flights[least fee].flight_id"))]}
        ),
        "nothing can be chosen by 'fee'",
    ),
    "wish that can be met": (
        plan({"kind": "single", "calls": [FIND]}, {"kind": "unavailable", "wish": FIND}),
        "unknown tool",
    ),
    "unavailable without a wish": (plan({"kind": "unavailable"}), "and a wish"),
    "follow-up about nothing": (plan({"kind": "follow_up"}), "what of an earlier output"),
    "follow-up to what is to come": (
        plan({"kind": "follow_up", "about": found(1, "flights[0].price")}, {"kind": "single", "calls": [FIND]}),
        "does not come before",
    ),
    "follow-up to a failure": (
        plan(
            {"kind": "recovery", "calls": [FIND | {"failure": "timeout"}, FIND]},
            {"kind": "follow_up", "about": found(1, "flights[0].price")},
        ),
        "call 1 fails",
    ),
    "output of a failure": (
        plan(
            {"kind": "recovery", "calls": [FIND | {"failure": "timeout"}, FIND]},
            {"kind": "single", "calls": [TAKE]},
        ),
        "nothing can come from it",
    ),
    "failure elsewhere": (
        plan({"kind": "single", "calls": [FIND | {"failure": "timeout"}]}),
        "only a request of kind recovery",
    ),
    "recovery without a failure": (plan({"kind": "recovery", "calls": [FIND, FIND]}), "the first one fails"),
    "recovery that changes its mind": (
        plan({"kind": "recovery", "calls": [FIND | {"failure": "timeout"}, ROME]}),
        "the same call is made again",
    ),
    "recovery that learns nothing": (
        plan({"kind": "recovery", "calls": [FIND | {"failure": "not_found"}, FIND]}),
        "changes an argument",
    ),
    "correction of nothing": (plan({"kind": "correction", "calls": [FIND, FIND]}), "changes an argument"),
    "correction by another tool": (plan({"kind": "correction", "calls": [FIND, TAKE]}), "two calls of the same tool"),
    "no requests": (plan(), "no requests"),
    "chat alone": (plan({"kind": "chat"}), "no request uses a tool"),
    "unknown tool": (plan({"kind": "single", "calls": [call("rent_boat")]}), "unknown tool"),
    "required argument": (plan({"kind": "single", "calls": [call("search_flights")]}), "city is missing"),
    "unknown argument": (
        plan({"kind": "single", "calls": [call("search_flights", city=said("Oslo"), pets=said(2))]}),
        "pets is not a parameter",
    ),
    "wrong type": (
        plan(
            {"kind": "single", "calls": [FIND, TAKE][:1]},
            {"kind": "single", "calls": [call("book_flight", flight_id=said("F1"), seats=said("two"))]},
        ),
        "argument seats",
    ),
    "output of a later call": (plan({"kind": "single", "calls": [TAKE]}), "does not come before"),
    "output that is not there": (
        plan({"kind": "chain", "calls": [FIND, call("book_flight", flight_id=found(1, "flights[0].seat"))]}),
        "has no 'flights[0].seat'",
    ),
    "output of the wrong type": (
        plan({"kind": "chain", "calls": [FIND, call("book_flight", flight_id=found(1, "flights[0].price"))]}),
        "is number, but string is needed",
    ),
    "output of a tool that tells none": (
        plan(
            {"kind": "single", "calls": [call("book_flight", flight_id=said("F1"))]},
            {"kind": "single", "calls": [call("book_flight", flight_id=found(1, "id"))]},
        ),
        "has no known output",
    ),
    "context out of nowhere": (
        plan(
            {
                "kind": "single",
                "calls": [call("search_flights", city=said("Oslo"), day={"source": "context", "value": "2026-06-01"})],
            }
        ),
        "not in the context",
    ),
    "default that is none": (
        plan(
            {
                "kind": "single",
                "calls": [call("search_flights", city=said("Oslo"), cabin={"source": "default", "value": "business"})],
            }
        ),
        "not the default",
    ),
    "single of two": (plan({"kind": "single", "calls": [FIND, FIND]}), "exactly one call"),
    "parallel of one": (plan({"kind": "parallel", "calls": [FIND]}), "at least two calls"),
    "parallel that is linked": (plan({"kind": "parallel", "calls": [FIND, TAKE]}), "must not use each other's output"),
    "chain that is not linked": (plan({"kind": "chain", "calls": [FIND, FIND]}), "uses the output"),
    "chat with calls": (plan({"kind": "chat", "calls": [FIND]}), "has no calls"),
    "missing what is optional": (
        plan(
            {
                "kind": "missing",
                "calls": [call("search_flights", city=said("Oslo"), day=said("2026-06-01"))],
                "withheld": ["day"],
            }
        ),
        "not a required parameter",
    ),
    "missing nothing": (plan({"kind": "missing", "calls": [FIND]}), "names the withheld"),
    "withheld elsewhere": (
        plan({"kind": "single", "calls": [FIND], "withheld": ["city"]}),
        "only a request of kind missing",
    ),
    "tool named in the goal": (
        plan({"kind": "single", "calls": [FIND], "goal": "use search_flights"}),
        "names the tool",
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
def test_a_plan_that_can_run_has_no_problems(good: Plan) -> None:
    """Each kind of request, and each source of an argument, in its right shape."""
    assert problems(good, TOOLS, TODAY, [RENT]) == []


@pytest.mark.parametrize(("bad", "why"), BAD.values(), ids=BAD.keys())
def test_a_plan_that_cannot_run_is_told_why(bad: Plan, why: str) -> None:
    """One defect, one reason that names it."""
    assert any(why in problem for problem in problems(bad, TOOLS, TODAY, [RENT]))


class Planner:
    """Gives one plan after the other, and remembers what it was asked."""

    def __init__(self, *plans: Plan) -> None:
        self.plans, self.briefs = list(plans), list[Brief]()

    def allows(self, brief: Brief) -> bool:
        raise NotImplementedError

    async def plan(self, brief: Brief) -> Plan:
        self.briefs.append(brief)
        return self.plans.pop(0)


async def planned(planner: Planner, attempts: int = 3, tools: Sequence[Tool] = TOOLS) -> Plan:
    return await make_plan(planner, Brief(tools, (Kind.SINGLE,), (), TODAY), PlanConfig(attempts=attempts))


def test_a_refused_plan_is_asked_for_again_with_the_reason() -> None:
    """The planner is shown its last attempt and what was wrong with it."""
    planner = Planner(BAD["unknown tool"][0], GOOD["chain"])
    assert asyncio.run(planned(planner)) == GOOD["chain"]
    assert planner.briefs[0].complaint is None
    assert "unknown tool" in str(planner.briefs[1].complaint)
    assert planner.briefs[1].refused == BAD["unknown tool"][0]


def test_a_planner_that_never_learns_costs_the_record() -> None:
    """After the last attempt the record is set aside with the last reason."""
    with pytest.raises(PlanError, match=r"2 attempts.*no requests"):
        asyncio.run(planned(Planner(plan(), plan()), attempts=2))
