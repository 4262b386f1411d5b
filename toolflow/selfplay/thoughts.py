"""Why the selfplay assistant does what it does, in a sentence or two: what is wanted, what is known from where, what is
missing, what has to wait.

It says only what the assistant goes by: the acts it has heard, the schemas of the tools, the results so far. It draws
nothing, so that a dialogue is the same with and without its reasons.
"""

from collections.abc import Sequence

from toolflow.choice import choice_in
from toolflow.schema import Tool
from toolflow.selfplay.acts import Intent
from toolflow.selfplay.names import label
from toolflow.selfplay.phrases import are, deed, joined, theirs


def why_call(intents: Sequence[Intent], waiting: Sequence[Intent], made: Sequence[str], tools: dict[str, Tool]) -> str:
    """Before calls: ``made`` are the tools of the calls so far, ``waiting`` what can only be called after these."""
    wanted = joined(list(dict.fromkeys(theirs(deed(tools[intent.tool]).phrase) for intent in intents)))
    told = [f"The user wants to {wanted}."]
    for intent in intents:
        sources = {name: made[reference.call - 1] for name, reference in intent.referred.items()}
        for tool in dict.fromkeys(sources.values()):
            names = [label(name) for name, source in sources.items() if source == tool]
            stand = "are" if names[1:] else are(names[0])
            told.append(f"The {joined(names)} for {intent.tool} {stand} in the result of {tool}.")
        choices = {chosen[1] for reference in intent.referred.values() if (chosen := choice_in(reference.path))}
        told += [f"Of what was found, it is about {choice.of('one')}." for choice in choices]
    if not any(intent.referred for intent in intents):
        told.append("Everything that this requires is known.")
    if len(intents) > 1:
        told.append("These calls do not depend on each other, so they go out together.")
    if waiting:
        told.append(f"{waiting[0].tool} needs something from the result, so it has to wait.")
    return " ".join(dict.fromkeys(told))


def why_again(tool: str) -> str:
    """Before the same call once more."""
    return f"The call of {tool} failed for a reason that may soon be over, so the same call is worth another try."


def why_ask(intent: Intent, missing: Sequence[str]) -> str:
    """Before a question."""
    names = joined([label(name) for name in missing])
    return f"{intent.tool} requires the {names}, which nobody has said yet, so I have to ask."


def why_decline(phrase: str) -> str:
    """Before a refusal."""
    return f"The user wants to {theirs(phrase)}, and none of the tools does that."


WHY_RECALL = "An earlier result holds the answer, so nothing needs to be called."
"""Before an answer from the history."""
