"""The planning stage: ask the planner, refuse what cannot run.

It knows no prompt and no model; the planner is a parameter. A refused plan goes back with the reason,
up to the configured number of attempts.
"""

from dataclasses import replace

from toolflow.cast import Brief, Planner
from toolflow.config import PlanConfig
from toolflow.errors import PlanError
from toolflow.plan.check import problems
from toolflow.schema import FailedAnswer, Plan


async def make_plan(planner: Planner, brief: Brief, config: PlanConfig) -> Plan:
    """A plan that passed every check; `PlanError` with the last reason when none did."""
    history: list[FailedAnswer] = []
    for _ in range(config.attempts):
        plan = await planner.plan(brief)
        complaints = problems(plan, brief.tools, brief.today, brief.absent)
        if not complaints:
            return plan
        complaint = "; ".join(complaints[:5])
        history.append(FailedAnswer.of("planner", "", plan.model_dump_json(), complaint))
        brief = replace(brief, complaint=complaint, refused=plan)
    raise PlanError(f"no plan passed the checks in {config.attempts} attempts, last: {brief.complaint}", history)
