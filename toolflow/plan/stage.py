"""The planning stage: draw what is wanted, ask the planner, refuse what cannot run.

It knows no prompt and no model; the planner is a parameter. A refused plan goes back with the reason,
up to the configured number of attempts. The number of requests and the share of each kind are open
in the paper and come from the configuration.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

from toolflow.cast import Brief, Flow, Planner
from toolflow.config import PlanConfig
from toolflow.errors import PlanError
from toolflow.plan.check import problems
from toolflow.sample import weighted
from toolflow.schema import FailedAnswer, Kind, Plan, Tool


async def make_plan(
    planner: Planner, tools: Sequence[Tool], flows: Sequence[Flow], today: date, config: PlanConfig, rng: Random
) -> Plan:
    """A plan that passed every check; `PlanError` with the last reason when none did."""
    brief = Brief(tools, draw_kinds(config, rng), flows, today)
    history: list[FailedAnswer] = []
    for _ in range(config.attempts):
        plan = await planner.plan(brief)
        complaints = problems(plan, tools, today)
        if not complaints:
            return plan
        complaint = "; ".join(complaints[:5])
        history.append(FailedAnswer.of("planner", "", plan.model_dump_json(), complaint))
        brief = replace(brief, complaint=complaint, refused=plan)
    raise PlanError(f"no plan passed the checks in {config.attempts} attempts, last: {brief.complaint}", history)


def draw_kinds(config: PlanConfig, rng: Random) -> list[Kind]:
    """The kinds of request wanted, in order; a talk is never chit-chat alone."""
    kinds = [weighted(config.kinds, rng) for _ in range(weighted(config.requests, rng))]
    working = {kind: weight for kind, weight in config.kinds.items() if kind is not Kind.CHAT and weight > 0}
    if working and all(kind is Kind.CHAT for kind in kinds):
        kinds[0] = weighted(working, rng)
    return kinds
