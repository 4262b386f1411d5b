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
    planner: Planner,
    tools: Sequence[Tool],
    flows: Sequence[Flow],
    today: date,
    config: PlanConfig,
    rng: Random,
    absent: Sequence[Tool] = (),
) -> Plan:
    """A plan that passed every check; `PlanError` with the last reason when none did."""
    brief = Brief(tools, draw_kinds(config, rng), flows, today, absent)
    history: list[FailedAnswer] = []
    for _ in range(config.attempts):
        plan = await planner.plan(brief)
        complaints = problems(plan, tools, today, absent)
        if not complaints:
            return plan
        complaint = "; ".join(complaints[:5])
        history.append(FailedAnswer.of("planner", "", plan.model_dump_json(), complaint))
        brief = replace(brief, complaint=complaint, refused=plan)
    raise PlanError(f"no plan passed the checks in {config.attempts} attempts, last: {brief.complaint}", history)


def draw_kinds(config: PlanConfig, rng: Random) -> list[Kind]:
    """The kinds of request wanted, in order; a talk never goes without a call, nor back to a call that never was."""
    kinds = [weighted(config.kinds, rng) for _ in range(weighted(config.requests, rng))]
    if all(kind.idle for kind in kinds):
        working = {kind: weight for kind, weight in config.kinds.items() if not kind.idle}
        kinds[rng.randrange(len(kinds))] = weighted(working, rng)
    called = next(at for at, kind in enumerate(kinds) if not kind.idle)
    if Kind.FOLLOW_UP in kinds[:called]:
        at = kinds.index(Kind.FOLLOW_UP)
        kinds[at], kinds[called] = kinds[called], kinds[at]
    return kinds
