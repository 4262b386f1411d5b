"""Planning: the requests a user will make, fixed before the first word is spoken (paper §3.3)."""

from toolflow.plan.check import problems
from toolflow.plan.stage import make_plan

__all__ = ["make_plan", "problems"]
