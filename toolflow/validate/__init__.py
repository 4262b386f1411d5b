"""Validation: rules over one dialogue in OpenAI's chat format, ours or anybody's (paper §3.5).

`check` names every broken rule as a `Verdict`; an error rejects the dialogue, a warning does not. It reads
any JSON value as a record and never raises for what stands in it. A rule is a function of the dialogue as
`reading` sees it; `RULES` lists them all. No rule asks a model, and none changes a record.

The paper names three checks (format of the call, incomplete dialogues, missing calls) and no details: the
rules are ours. Some are strict only for dialogues of our own making (those with a plan or ``meta.cast``),
where a break means a fault, and warn elsewhere, where people have good reasons: a dialogue that ends at
the call, a result that is plain text, an argument that takes knowledge of the world.
"""

from toolflow.validate.rules import ALL_RULES, RULES, Rule, check, severity_of

__all__ = ["ALL_RULES", "RULES", "Rule", "check", "severity_of"]
