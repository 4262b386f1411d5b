"""The goal of a request: what the user wants in words, for the user's eyes.

A planner's model writes it; where it is not fit for a user, or there is none, what the tools do is a goal as well.
Ours: a goal is not fit that names a tool, that has nothing to do with its calls, or that holds what the user says only
later.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from toolflow.heard import content_words, stem
from toolflow.llm.prompts import quoted
from toolflow.llm.user_plan import plain
from toolflow.schema import Argument, FromOutput, PlannedCall, Tool
from toolflow.trace import Trace

LEAST_SHARED = 0.25
"""Of the words of a goal, so many must have to do with its calls."""
MOST_FOREIGN = 2
"""So many words that only another tool knows belong to another request."""


def fit_goal(
    goal: str, calls: Sequence[PlannedCall], tools: Mapping[str, Tool], secret: Sequence[Any], today: date
) -> str | None:
    """The goal, unless it names a tool, says a ``secret`` value, has hardly a word in common with its calls, or
    without any of their values speaks of another tool's matters."""
    if any("_" in name and name in goal for name in tools) or _says(goal, secret, today):
        return None
    own = _stems(" ".join(_about(tools[call.tool]) for call in calls if call.tool in tools))
    said = [argument.model_dump().get("value") for call in calls for argument in call.arguments.values()]
    words, values = _stems(goal), _stems(quoted(said))
    foreign = (words & _stems(" ".join(map(_about, tools.values())))) - own
    related = words and len(words & own) >= LEAST_SHARED * len(words) and len(foreign) < MOST_FOREIGN
    return goal if words & values or related else None


def told_goal(calls: Sequence[PlannedCall], tools: Mapping[str, Tool], made: int) -> str:
    """What the tools of calls do, one after the other, and what is handed on between them; ``made`` is the number of
    the last call in the plan."""
    parts: list[str] = []
    for number, call in enumerate(calls):
        tool = tools.get(call.tool)
        if tool is None:
            return ""
        first = made - len(calls) + 1
        linked = [name for name, source in call.arguments.items() if _comes_from(source, first)]
        handed = " and the ".join(plain(name) for name in linked)
        link = "" if not number else f", then with the {handed} from that: " if linked else ", then "
        parts.append(link + tool.description.partition(". ")[0].strip().rstrip("."))
    return "".join(parts)


def _says(goal: str, values: Sequence[Any], today: date) -> bool:
    trace = Trace(today)
    trace.hear(goal)
    return any(not isinstance(value, bool) and trace.source(value) == "user" for value in values)


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text.replace("_", " "))}


def _about(tool: Tool) -> str:
    return f"{tool.name} {tool.description} {' '.join(tool.properties)}"


def _comes_from(source: Argument, first: int) -> bool:
    """Whether an argument is the output of a call from number ``first`` on."""
    return isinstance(source, FromOutput) and source.call >= first
