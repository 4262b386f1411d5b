"""What must differ within one call: where from and where to, a team and its opponent, a booking and its new flight."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from toolflow.fields import schema_at
from toolflow.schema import FromOutput, PlannedCall, Tool
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import is_identifier, words
from toolflow.selfplay.persons import is_persons_name
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.values import NoValue, Values
from toolflow.verbs import CHANGES, RESCHEDULES

_REDRAWS = 6
_MOVED_TO = re.compile(r"\b(?:new\b|(?:to (?:move|change|switch) (?:\w+ )?to\b))", re.IGNORECASE)
"""In the description of an identifier: it is that of where something is moved to."""
_READ = 120
"""Letters of a description that are looked at."""
_SITES = frozenset("postal zip latitude longitude address".split())
_PLACES = frozenset("city town country".split())


def sensible(tool: Tool, outputs: Mapping[str, FromOutput]) -> dict[str, FromOutput]:
    """The outputs that a call may take its arguments from: no two from one place, and no change to what is already.

    The postal code of one city is not taken where the user is to name another, nor somebody's address beside a name.
    """
    kept: dict[str, FromOutput] = {}
    changes = deed(tool).verb in CHANGES | RESCHEDULES
    names_a_city = any(_PLACES & set(words(name)) and name not in outputs for name in tool.required)
    names_a_person = any(is_persons_name(name) and name not in outputs for name in tool.required)
    for name, output in outputs.items():
        first = next((other for other in kept if is_identifier(other)), None)
        unchanged = changes and first is not None and _holder(kept[first]) == _holder(output) and is_identifier(name)
        elsewhere = names_a_city and bool(_SITES & set(words(name)))
        of_another = names_a_person and words(name)[-1] in ("email", "phone")
        if output not in kept.values() and not unchanged and not elsewhere and not of_another:
            kept[name] = output
    return kept


def other_coordinate(
    tool: Tool, outputs: Mapping[str, FromOutput], returned: Callable[[int], dict[str, Any]]
) -> dict[str, FromOutput]:
    """The longitude that goes with a latitude from a result, or the other way round; ``returned`` gives schemas."""
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if one in outputs and other in tool.properties and other not in outputs:
            path = outputs[one].path.replace(one, other)
            found = schema_at(returned(outputs[one].call), path)
            if found is not None and found.get("type") == "number":
                return {other: FromOutput(call=outputs[one].call, path=path)}
    return {}


def moves(tool: Tool, name: str) -> bool:
    """Whether a call changes a time, or takes a thing to another one: the new one is another than the one before."""
    if deed(tool).verb not in CHANGES | RESCHEDULES:
        return False
    schema = tool.properties.get(name)
    timed = isinstance(schema, dict) and schema.get("format") in ("date", "date-time", "time")
    return timed or (is_identifier(name) and _is_moved_to(tool, name))


def _is_moved_to(tool: Tool, name: str) -> bool:
    """Whether an identifier is that of where a call moves something, rather than of what it moves."""
    schema = tool.properties.get(name)
    described = str(schema.get("description") or "")[:_READ] if isinstance(schema, dict) else ""
    return bool(_MOVED_TO.search(described))


def like(parameter: str, properties: Mapping[str, Any], call: PlannedCall) -> list[str]:
    """The other arguments of a call that are texts of the same kind, such as the place to set out from and to go to."""
    return [name for name in call.arguments if name != parameter and _is_free(properties.get(name))]


def _is_free(schema: Any) -> bool:
    """Whether a schema is of texts that two arguments of a call had better not share."""
    return isinstance(schema, dict) and schema.get("type") == "string" and not {"enum", "format"} & set(schema)


def _holder(output: FromOutput) -> tuple[int, str]:
    """The object that a value comes from."""
    return output.call, output.path.rpartition(".")[0]


def tell_apart(draft: Draft, values: Values) -> None:
    """Draw a text again that another argument holds already; of what a schema lists, and of days, two may be alike."""
    taken: list[str] = []
    for name, value in draft.values.items():
        schema = draft.properties.get(name)
        if not isinstance(value, str) or not isinstance(schema, dict) or {"enum", "format"} & set(schema):
            continue
        for _ in range(_REDRAWS):
            if draft.values[name] not in taken:
                break
            values.pick = None
            try:
                draft.put(name, values.draw(schema, name))
            except NoValue:
                break
        taken.append(draft.values[name])
