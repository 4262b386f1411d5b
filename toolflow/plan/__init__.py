"""Planning: the requests a user will make, fixed before the first word is spoken (paper §3.3)."""

from toolflow.plan.check import problems
from toolflow.plan.deal import dealt_kinds
from toolflow.plan.stage import make_plan

__all__ = ["dealt_kinds", "make_plan", "problems"]
