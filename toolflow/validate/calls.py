"""Rules on calls and results: offered, well formed, fitting their schemas, each call answered once."""

import json
from collections.abc import Iterator

from toolflow.trace import same_json
from toolflow.validate.finding import Finding, strict
from toolflow.validate.reading import Call, Dialogue, argument_schema
from toolflow.validate.values import UnreadableJSON, read_arguments, read_json

_OPEN = ("additionalProperties", "patternProperties", "unevaluatedProperties", "$ref", "allOf", "anyOf", "oneOf", "if")
"""Keywords that may allow arguments beside those in ``properties``, or settle the matter themselves."""


def tool_schema(dialogue: Dialogue) -> Iterator[Finding]:
    """The schemas of the tools can be used."""
    for name, tool in dialogue.tools.items():
        for part, schema in (("parameters", tool.taken), ("returns", tool.given)):
            if schema is not None and schema.problem is not None:
                yield Finding(f"tools[{tool.position}]", f"the {part} of {name!r} cannot be used: {schema.problem}")


def tool_offered(dialogue: Dialogue) -> Iterator[Finding]:
    """Only tools of the record are called."""
    for call in dialogue.calls:
        if call.name not in dialogue.tools:
            yield Finding(call.where, f"{call.name!r} is not among the tools of this dialogue")


def arguments_json(dialogue: Dialogue) -> Iterator[Finding]:
    """Arguments are a JSON object."""
    for call in dialogue.calls:
        if call.arguments is None:
            try:
                read_arguments(call.text)
            except UnreadableJSON as error:
                yield Finding(f"{call.where}.function.arguments", f"arguments of {call.name!r}: {error}")


def arguments_schema(dialogue: Dialogue) -> Iterator[Finding]:
    """Arguments fit the tool's parameters: types, required ones, enums, formats, limits."""
    for call in dialogue.calls:
        tool = dialogue.tools.get(call.name)
        if tool is None or call.arguments is None or tool.taken is None:
            continue
        for error in tool.taken.errors(call.arguments) if tool.taken.problem is None else ():
            severity = strict(dialogue.ours or not _is_default(dialogue, call, error.path))
            yield Finding(_argument(call, error.path), f"{call.name}: {error.message}", severity)


def _is_default(dialogue: Dialogue, call: Call, name: str) -> bool:
    """Whether an argument is the very default of a schema that contradicts itself: null of a text, N/A of an enum."""
    schema = argument_schema(dialogue, call, name)
    given = call.arguments or {}
    if not isinstance(schema, dict) or "default" not in schema or name not in given:
        return False
    return same_json(schema["default"], given[name])


def argument_unknown(dialogue: Dialogue) -> Iterator[Finding]:
    """Only arguments that the tool names are given, even where its schema forgets to forbid others (ours)."""
    for call in dialogue.calls:
        tool = dialogue.tools.get(call.name)
        parameters = tool.parameters if tool is not None else None
        if not isinstance(parameters, dict) or any(keyword in parameters for keyword in _OPEN):
            continue
        known = parameters.get("properties")
        if not isinstance(known, dict):
            continue
        for name in call.arguments or {}:
            if name not in known:
                yield Finding(_argument(call, name), f"{call.name}: {name!r} is not a parameter of this tool")


def _argument(call: Call, path: str) -> str:
    return f"{call.where}.arguments" + (f".{path}" if path and not path.startswith("[") else path)


def call_id(dialogue: Dialogue) -> Iterator[Finding]:
    """Every call has an id of its own; others' may take that of a call that had its result before."""
    seen: dict[str, Call] = {}
    for call in dialogue.calls:
        if (earlier := seen.get(call.id)) is not None:
            result = dialogue.answer(earlier)
            waits = result is None or result.message > call.message
            why = f"{call.id!r} is the id of an earlier call"
            yield Finding(f"{call.where}.id", why, strict(dialogue.ours or waits))
        seen[call.id] = call


def call_answered(dialogue: Dialogue) -> Iterator[Finding]:
    """Every call has its result before anybody speaks again (calls that end the dialogue excepted)."""
    last = dialogue.messages[-1].index if dialogue.messages else -1
    for call in dialogue.calls:
        if call.message != last and dialogue.answer(call) is None:
            yield Finding(call.where, f"the call of {call.name!r} is never answered")


def orphan_result(dialogue: Dialogue) -> Iterator[Finding]:
    """Every result answers a call that waits for one, by its id and name."""
    waiting: dict[str, Call] = {}
    for message in dialogue.messages:
        if message.role != "tool":
            waiting = {call.id: call for call in dialogue.calls_at.get(message.index, ())}
        for result in dialogue.results_at.get(message.index, ()):
            call = waiting.pop(result.call_id, None)
            if call is None:
                yield Finding(result.where, f"no call with the id {result.call_id!r} waits for this result")
            elif result.name is not None and result.name != call.name:
                yield Finding(f"{result.where}.name", f"{result.name!r} answers a call of {call.name!r}")


def result_json(dialogue: Dialogue) -> Iterator[Finding]:
    """Results are JSON; in others' dialogues what begins as JSON."""
    for result in dialogue.results:
        if not result.is_json and (dialogue.ours or result.text.lstrip().startswith(("{", "["))):
            try:
                read_json(result.text)
            except UnreadableJSON as error:
                yield Finding(f"{result.where}.content", str(error), strict(dialogue.ours))


def result_schema(dialogue: Dialogue) -> Iterator[Finding]:
    """Results fit what the tool says it returns; a reported error needs not."""
    for call in dialogue.calls:
        tool, result = dialogue.tools.get(call.name), dialogue.answer(call)
        if tool is None or tool.given is None or result is None or result.failed or not result.is_json:
            continue
        for error in tool.given.errors(result.value) if tool.given.problem is None else ():
            path = f".{error.path}" if error.path and not error.path.startswith("[") else error.path
            yield Finding(f"{result.where}.content{path}", f"{call.name}: {error.message}", strict(dialogue.ours))


def repeated_call(dialogue: Dialogue) -> Iterator[Finding]:
    """The same call is not made twice in one message, nor again right after it went well."""
    before: dict[str, Call] = {}
    for made in dialogue.calls_at.values():
        now: dict[str, Call] = {}
        for call in made:
            if call.arguments is None:
                continue
            key = json.dumps([call.name, call.arguments], sort_keys=True)
            earlier = now.get(key) or before.get(key)
            result = dialogue.answer(earlier) if earlier is not None else None
            if earlier is not None and not (result is not None and result.failed):
                why = f"the same call of {call.name!r} was made at {earlier.where}"
                yield Finding(call.where, why, strict(dialogue.ours))
            now.setdefault(key, call)
        before = now
