"""Rules on where arguments come from: the talk itself, and the plan of a dialogue of ours."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from toolflow.choice import choice_in
from toolflow.effort import Effort
from toolflow.path import alternatives, resolve
from toolflow.schema import Argument, FromDefault, FromOutput, Plan, PlannedCall, Request
from toolflow.trace import Trace, alike, same_json
from toolflow.validate.finding import Finding, strict
from toolflow.validate.reading import CONTEXT_ROLES, Call, Dialogue, Message, argument_schema

MAX_QUOTED = 80
"""Characters of a value that a verdict repeats."""


def argument_source(dialogue: Dialogue) -> Iterator[Finding]:
    """Every argument was said by the user, returned by a tool, or follows from context or schema."""
    for call, trace in _heard_before(dialogue):
        yield from _sources(call, dialogue, trace)


def _heard_before(dialogue: Dialogue) -> Iterator[tuple[Call, Trace]]:
    """Each call, with what had been brought up when it was made; the trace goes on listening afterwards."""
    trace = Trace()
    for message in dialogue.messages:
        for call in dialogue.calls_at.get(message.index, ()):
            yield call, trace
        for result in dialogue.results_at.get(message.index, ()):
            trace.result(result.value)
        if message.role == "user":
            trace.hear(message.text)
        elif message.role in CONTEXT_ROLES:
            trace.context(message.text)
        elif message.role == "assistant":
            trace.propose(message.text)


def _sources(call: Call, dialogue: Dialogue, trace: Trace) -> Iterator[Finding]:
    for name, value in (call.arguments or {}).items():
        for path in trace.untraced(value, argument_schema(dialogue, call, name)):
            place = f"{name}{path}" if path.startswith("[") or not path else f"{name}.{path}"
            given = _at(value, path)
            why = f"{call.name}: neither the user nor a tool ever gave the value of {place!r}, {_quoted(given)}"
            nearest = trace.nearest(given)
            why += f"; most like it is {nearest!r}" if nearest else ""
            yield Finding(f"{call.where}.arguments.{place}", why, strict(dialogue.ours))


def _at(value: Any, path: str) -> Any:
    """The part of a value at a path, or the whole of it when its keys look like paths themselves."""
    try:
        return resolve(value, path) if path else value
    except (LookupError, ValueError):
        return value


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def plan_format(dialogue: Dialogue) -> Iterator[Finding]:
    """A plan, where there is one, can be read."""
    given = dialogue.record.get("plan")
    if given is not None and dialogue.plan is None:
        try:
            Plan.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            yield Finding(f"plan.{place}".rstrip("."), first["msg"])


def plan_call(dialogue: Dialogue) -> Iterator[Finding]:
    """Every planned call was made, with the planned values and the outputs that really came."""
    for number, finding in dialogue.once(Matching).missing:
        yield Finding(f"plan.calls[{number}]", finding)


def unplanned_call(dialogue: Dialogue) -> Iterator[Finding]:
    """No calls were made beside the planned ones, but for mending one that failed."""
    if dialogue.plan is None:
        return
    for call in dialogue.once(Matching).left:
        result = dialogue.answer(call)
        if result is None or not result.failed:
            yield Finding(call.where, f"the call of {call.name!r} is not in the plan")


def needless_call(dialogue: Dialogue) -> Iterator[Finding]:
    """Nothing is called in a turn whose request needs no call: small talk, follow-ups, wishes no tool can meet."""
    for message, request in dialogue.once(with_requests):
        for call in dialogue.calls_at.get(message.index, ()) if not request.calls else ():
            yield Finding(call.where, f"{call.name!r} is called, though a {request.kind} request needs no call")


def with_requests(dialogue: Dialogue) -> list[tuple[Message, Request]]:
    """Each message of a dialogue of ours, with the request of the plan that it belongs to."""
    meta = dialogue.record.get("meta")
    turns = meta.get("turns") if isinstance(meta, dict) else None
    found: list[tuple[Message, Request]] = []
    if dialogue.plan is None or not isinstance(turns, list):
        return found
    spoken = 0
    for message in dialogue.messages:
        spoken += message.role == "user"
        position = turns[spoken - 1] if 0 < spoken <= len(turns) else None
        if isinstance(position, int) and 0 <= position < len(dialogue.plan.requests):
            found.append((message, dialogue.plan.requests[position]))
    return found


class Matching:
    """Pairs planned calls with the calls that were made: in order of the plan, each made call used once."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._answers = dialogue.answers  # and not the dialogue, which holds what is made of it
        self._effort = Effort()
        self._to_hear = 1_000 + sum(len(message.text) for message in dialogue.messages)
        self.left = list(dialogue.calls)
        """Calls that stand for no planned one."""
        self._made: dict[int, Call] = {}
        self.missing = list(self._match(dialogue, dialogue.plan.calls if dialogue.plan is not None else []))
        """The number in the plan, from 0, of each planned call that was not made, and what is amiss."""

    def _match(self, dialogue: Dialogue, planned: list[PlannedCall]) -> Iterator[tuple[int, str]]:
        for number, plan in enumerate(planned):
            self._effort.spend(len(planned) + 10 * len(self.left))
            candidates = [call for call in self.left if call.name == plan.tool and call.arguments is not None]
            expected = {name: self.expected(source) for name, source in plan.arguments.items()}
            problems = [self._difference(dialogue, plan, expected, call) for call in candidates]
            fitting = [call for call, problem in zip(candidates, problems, strict=True) if problem is None]
            # of a call that failed and its repetition, the planned one went as it was planned to
            fitting.sort(key=lambda call: self._failed(call) != (plan.failure is not None))
            later = sum(other.tool == plan.tool for other in planned[number + 1 :])
            if fitting or len(candidates) > later:
                # a call that went astray still stands for the planned one: what builds on it is judged by itself
                self._made[number] = (fitting or candidates)[0]
                self.left.remove(self._made[number])
            if fitting:
                continue
            if candidates:
                yield number, f"{plan.tool}: {problems[0]}"
            else:
                yield number, f"{plan.tool}: never called"

    def _failed(self, call: Call) -> bool:
        result = self._answers.get((call.message, call.position))
        return result is not None and result.failed

    def _difference(
        self, dialogue: Dialogue, plan: PlannedCall, expected: Mapping[str, Sequence[Any]], call: Call
    ) -> str | None:
        given = call.arguments or {}
        self._effort.spend(10 + 5 * len(given) + 5 * len(plan.arguments))
        for name, source in plan.arguments.items():
            if name not in given:
                if isinstance(source, FromDefault):
                    continue
                return f"the planned argument {name!r} was not given"
            if not expected[name]:
                return f"the planned argument {name!r} comes from an output that never came"
            self._effort.spend(10 * len(expected[name]))
            if not any(alike(value, given[name]) for value in expected[name]):
                chosen = choice_in(source.path) if isinstance(source, FromOutput) else None
                planned = f"that of {chosen[1].of('item')}" if chosen else "what was planned"
                return f"the argument {name!r} is not {planned}"
        for name in given:
            if name not in plan.arguments:
                self._effort.spend(self._to_hear)
                if not _is_accounted_for(dialogue, call, name):
                    return f"the argument {name!r} was neither planned nor asked for"
        return None

    def expected(self, source: Argument) -> list[Any]:
        """What a value may be by its source: several where a choice is a tie, none where an output never came."""
        if not isinstance(source, FromOutput):
            return [source.value]
        call = self._made.get(source.call - 1)
        result = self._answers.get((call.message, call.position)) if call is not None else None
        self._effort.spend(1 if result is None else 1 + len(result.text) // 10)
        try:
            return alternatives(result.value, source.path) if result is not None else []
        except (LookupError, ValueError):
            return []


def _is_accounted_for(dialogue: Dialogue, call: Call, name: str) -> bool:
    """Whether an argument beyond the plan is the default, or was brought up all the same: users say more
    than their plan. A choice among an enum's values that nobody mentioned is not."""
    schema = argument_schema(dialogue, call, name)
    value = (call.arguments or {})[name]
    if isinstance(schema, dict) and "default" in schema and same_json(schema["default"], value):
        return True
    found = next(trace.source(value, schema) for made, trace in _heard_before(dialogue) if made is call)
    return found in ("user", "output", "context")
