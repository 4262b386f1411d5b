"""The calls of a plan in the making: which tool next, fed by which outputs, with which values."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from toolflow.cast import Brief, Flow
from toolflow.conformance import fits
from toolflow.schema import Argument, FromContext, FromOutput, FromUser, PlannedCall, Tool
from toolflow.selfplay.apart import moves, other_coordinate, sensible, tell_apart
from toolflow.selfplay.days import is_day
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import CARRIED, is_identifier, words
from toolflow.selfplay.order import in_order
from toolflow.selfplay.persons import settle_persons
from toolflow.selfplay.phrases import Deed, deed
from toolflow.selfplay.places import city_in, settle_addresses, settle_places
from toolflow.selfplay.values import NoValue, Values
from toolflow.verbs import CHANGES, ENDS

_PAST = re.compile(
    r"\b(past|histor\w+|recent|spen[dt]\w*|previous|transactions|logged|was|were|summar\w+|report\w*)\b", re.I
)
"""In a description: the tool looks back."""
_READ = 300
"""Letters of a description that are looked at."""
_DONE = re.compile(r"\b(finished|completed|past|already)\b", re.I)
"""In a description: what the tool takes down has happened."""
_UNSAID = frozenset(
    "limit page offset cursor per_page accept authorization callback format header headers token password secret "
    "api timezone max_results fields skip size".split()
)
"""Words for optional parameters that only a programmer would mention."""
_UNDOES = frozenset("remove undo delete revert dry disable unset cancel".split())
"""Words for an option that turns what a tool does into its contrary."""
ONCE = ENDS | frozenset("convert approve submit accept start complete pay publish confirm merge book order".split())
"""After these a thing is not done the same to again."""
_SAID_AGAIN, _SAME_PERSON = 0.7, 0.9
"""Share of values said before that are taken again, where a later tool wants one under the same name."""
_WORN_OUT = 2
"""A tool that stood in so many requests is taken again only where no other is left."""
_SPARE = (8, 3, 0)
_SPARE_FED = (9, 1, 0)
"""Weights of no, one and two optional arguments; the second where an earlier result gives some already."""
_DRAWS = 4
"""How often a call is drawn that is not yet planned."""


class Drafting:
    """The calls so far, what the user has said in them, and the tools that can still be called."""

    def __init__(self, brief: Brief, rng: Random) -> None:
        self.brief, self.rng = brief, rng
        self.values = Values(rng, brief.today, spoken=True)
        self.tools = {tool.name: tool for tool in brief.tools}
        self.usable = dict(self.tools)
        self.calls: list[PlannedCall] = []
        self.asked: Counter[str] = Counter()
        """In how many requests each tool was called."""
        self.said: dict[str, Any] = {}
        """By parameter name, what the user has said."""

    def used(self) -> set[str]:
        """Names of the tools called so far."""
        return {call.tool for call in self.calls}

    def drop_a_hopeless_tool(self) -> None:
        """Forget one tool for which no call can be drawn even now, or all of them, so that drafting ends."""
        for name, tool in self.usable.items():
            try:
                self._arguments(tool, {}, {})
            except NoValue:
                del self.usable[name]
                return
        self.usable.clear()

    def pick(self, wanted: Callable[[Tool], bool] = lambda tool: True) -> Tool:
        """The tool for the next call: wanted, fed by earlier outputs, not used yet; `NoValue` without tools."""

        def merit(tool: Tool) -> tuple[bool, bool, int, int]:
            unfed = sum(is_identifier(name) and not self.sources(tool, name) for name in tool.required)
            asked = self.asked[tool.name]
            return wanted(tool), asked < _WORN_OUT, -unfed, -asked

        if not self.usable:
            raise NoValue("no usable tool is left")
        best = max(merit(tool) for tool in self.usable.values())
        return self.rng.choice([tool for tool in self.usable.values() if merit(tool) == best])

    def sources(self, tool: Tool, parameter: str, until: int | None = None) -> list[tuple[int, Flow]]:
        """Earlier calls (by number) with a flow into this parameter, the latest first."""
        flows = [flow for flow in self.brief.flows if (flow.consumer, flow.parameter) == (tool.name, parameter)]
        calls = list(enumerate(self.calls[:until], start=1))
        calls = [(number, call) for number, call in calls if self.lasts(call)]
        found = [(number, flow) for number, call in reversed(calls) for flow in flows if flow.producer == call.tool]
        return [source for source in found if not self._is_over(*source)]

    def _is_over(self, number: int, flow: Flow) -> bool:
        """Whether a later call has ended the very thing that an output names."""
        thing = self._root(FromOutput(call=number, path=flow.path))
        ends = (call for call in self.calls if deed(self.tools[call.tool]).verb in ENDS and call.failure is None)
        return any(thing == self._root(argument) for call in ends for argument in call.arguments.values())

    def lasts(self, call: PlannedCall) -> bool:
        """Whether what a call returns can be gone back to: it does not fail, nor end what it is about."""
        return call.failure is None and deed(self.tools[call.tool]).verb not in ENDS

    def call(self, tool: Tool, until: int | None = None, fed_by: int | None = None) -> None:
        """Append a call of ``tool``; it may use outputs of the calls before ``until``, and prefers ``fed_by``."""
        outputs = sensible(tool, self._outputs(tool, until, fed_by))
        for attempt in range(_DRAWS):
            near = self._near(outputs) if attempt == 0 else {}
            call = PlannedCall(tool=tool.name, arguments=self._arguments(tool, outputs, near))
            if not any(self._same(call, other) for other in self.calls if other.failure is None):
                self.calls.append(call)
                return
        raise NoValue(f"nothing new to ask of {tool.name}")

    def _outputs(self, tool: Tool, until: int | None, fed_by: int | None) -> dict[str, FromOutput]:
        """What earlier results could give a call, by parameter."""
        outputs: dict[str, FromOutput] = {}
        positions: dict[tuple[int, str], int] = {}
        for name in tool.properties:
            found = sorted(self.sources(tool, name, until), key=lambda source: source[0] != fed_by)
            if found and is_carried(name):
                number, flow = found[0]
                outputs[name] = FromOutput(call=number, path=self._item(number, flow.path, positions))
        return outputs | other_coordinate(tool, outputs, self._returned)

    def _near(self, outputs: Mapping[str, FromOutput]) -> dict[str, FromUser]:
        """What the user said in the call that feeds this one: a room is booked for the days it was searched for."""
        feeding = max((output.call for output in outputs.values()), default=0)
        given = self.calls[feeding - 1].arguments if feeding else {}
        return {name: argument for name, argument in given.items() if isinstance(argument, FromUser)}

    def _same(self, call: PlannedCall, other: PlannedCall) -> bool:
        """Whether two calls ask the same, or do twice what can be done once to a thing.

        Each value is followed to where it was first given.
        """
        if call.tool != other.tool:
            return False
        mine, theirs = ({name: self._root(arg) for name, arg in one.arguments.items()} for one in (call, other))
        own = next((name for name in mine if is_identifier(name)), None)
        once = deed(self.tools[call.tool]).verb in ONCE and own is not None
        return mine == theirs or (once and mine.get(own or "") == theirs.get(own or ""))

    def _root(self, argument: Argument) -> Argument:
        """The source of a value that a call only echoes, back to who gave it."""
        while isinstance(argument, FromOutput):
            echoed = self._echoed(argument)
            if echoed is None:
                return argument
            argument = echoed
        return argument

    def _echoed(self, output: FromOutput) -> Argument | None:
        """Where a call has a value from that it returns: one of its arguments, or what these came with."""
        arguments = self.calls[output.call - 1].arguments
        if output.path in arguments:
            return arguments[output.path]
        for argument in arguments.values():
            fed = isinstance(argument, FromOutput) and "." not in argument.path
            if fed and output.path in (self._returned(argument.call).get("properties") or {}):  # type: ignore[union-attr]
                return FromOutput(call=argument.call, path=output.path)  # type: ignore[union-attr]
        return None

    def _returned(self, call: int) -> dict[str, Any]:
        """The schema of what a call returns."""
        return self.tools[self.calls[call - 1].tool].returns or {}

    def vary(self, parameter: str, times: int) -> None:
        """Repeat the last call with other values of one parameter."""
        first = self.calls[-1]
        schema = self.tools[first.tool].properties[parameter]
        taken = [first.arguments[parameter]]
        self.values.pick = None
        for _ in range(8 * times):
            other = FromUser(value=self.values.draw(schema, parameter))
            if other not in taken and len(taken) <= times:
                taken.append(other)
                arguments = self._agreeing(first, parameter, other.value)
                self.calls.append(PlannedCall(tool=first.tool, arguments=arguments))

    def _agreeing(self, call: PlannedCall, parameter: str, value: Any) -> dict[str, Argument]:
        """The arguments of a call with one of them changed, and what the place it names changes besides."""
        said = {name: argument.value for name, argument in call.arguments.items() if isinstance(argument, FromUser)}
        draft = Draft(said | {parameter: value}, self.tools[call.tool].properties, {parameter}, {}, self.rng)
        settle_places(draft)
        return call.arguments | {name: FromUser(value=new) for name, new in draft.values.items()}

    def _item(self, call: int, path: str, positions: dict[tuple[int, str], int]) -> str:
        """A path with its items chosen: the first or the second, the same one for all fields of one call."""
        given = self.calls[call - 1].arguments
        while "[]" in path:
            before, after = path.split("[]", 1)
            choices = (0,) if before in given else (0, 0, 0, 1)
            position = positions.setdefault((call, before), self.rng.choice(choices))
            path = f"{before}[{position}]{after}"
        return path

    def _arguments(
        self, tool: Tool, outputs: Mapping[str, FromOutput], near: Mapping[str, FromUser]
    ) -> dict[str, Argument]:
        """Every required argument and some optional ones, each from its source; ``near`` goes before new values."""
        doing = deed(tool)
        looked_at = tool.description[:_READ]
        past = bool(_PAST.search(looked_at)) if doing.seeks else doing.verb == "log" or bool(_DONE.search(looked_at))
        chosen = [
            name for name in tool.properties if name in tool.required or (name in outputs and self.rng.random() < 0.7)
        ]
        chosen += self._optional(tool, doing, bool(outputs), [name for name in tool.properties if name not in chosen])
        said = self._drawn(tool, [name for name in chosen if name not in outputs], past, near)
        arguments: dict[str, Argument] = {}
        for name in tool.properties:
            if name in chosen and name in outputs:
                arguments[name] = outputs[name]
            elif name in said:
                today = said[name] == self.brief.today.isoformat()
                arguments[name] = FromContext(value=said[name]) if today else FromUser(value=said[name])
        return arguments

    def _drawn(self, tool: Tool, names: Sequence[str], past: bool, near: Mapping[str, FromUser]) -> dict[str, Any]:
        """Values for these parameters; `NoValue` when a required one has none."""
        self.values.pick = self.rng.randrange(1000)
        drawn: dict[str, Any] = {}
        for name in names:
            if name in near and not moves(tool, name) and self._may_be(near[name].value, tool.properties[name], past):
                drawn[name] = near[name].value
                continue
            try:
                drawn[name] = self._value(tool, name, past)
            except NoValue:
                if name in tool.required:
                    raise
        kept = {name for name in drawn if name in near and drawn[name] == near[name].value}
        fixed = kept | {name for name in drawn if drawn[name] == self.said.get(name)}
        days = {name for name, value in drawn.items() if is_day(value)}
        fixed -= set() if days <= kept else days  # an old end may not suit a new beginning
        draft = Draft(drawn, tool.properties, fixed, {"city": self._city(near)}, self.rng)
        settle_places(draft)
        settle_addresses(draft)
        settle_persons(draft)
        tell_apart(draft, self.values)
        return in_order(draft.values, tool.properties, self.rng, close=True, fixed=fixed)

    def _city(self, near: Mapping[str, FromUser]) -> str | None:
        """The city that the talk is about: the last one that the user named, by itself or in an address."""
        said = [*self.said.values(), *(argument.value for argument in near.values())]
        named = [value for value in said if city_in(value) is not None]
        return city.name if named and (city := city_in(named[-1])) else None

    def _value(self, tool: Tool, name: str, past: bool) -> Any:
        """What was said before under this name, today, or something new."""
        schema = tool.properties[name]
        known = self.said.get(name)
        again = known is not None and not isinstance(known, bool) and tool.name not in self.used()
        again = again and not moves(tool, name)
        share = _SAID_AGAIN if words(name)[-1] not in ("email", "name") else _SAME_PERSON
        if again and self.rng.random() < share and self._may_be(known, schema, past):
            return known
        if schema.get("type") == "boolean":
            return not schema.get("default", False)
        if schema.get("format") == "date" and not past and name in ("date", "day") and self.rng.random() < 0.15:
            return self.brief.today.isoformat()
        return self.values.draw(schema, name, past)

    def _may_be(self, value: Any, schema: Any, past: bool) -> bool:
        """Whether a value said before fits here as well; no day to come does where the tool looks back."""
        ahead = past and is_day(value) and value[:10] > self.brief.today.isoformat()
        return not ahead and fits(schema, value)

    def _optional(self, tool: Tool, doing: Deed, fed: bool, names: Sequence[str]) -> list[str]:
        """Optional arguments a person would mention: few, fewer where a result is used, and none of a programmer's."""
        likely = [name for name in names if _is_sayable(name, tool.properties[name])]
        least = 1 if doing.verb in CHANGES or not tool.required else 0
        number = max(least, self.rng.choices((0, 1, 2), weights=_SPARE_FED if fed else _SPARE)[0])
        chosen = set(self.rng.sample(likely, min(number, len(likely))))
        return [name for name in names if name in chosen]


def is_carried(parameter: str) -> bool:
    """Whether a person would take this over from a result."""
    return is_identifier(parameter) or bool(CARRIED & set(words(parameter)))


def _is_sayable(name: str, schema: Any) -> bool:
    """Whether a person would say an optional argument in a chat."""
    if not isinstance(schema, dict) or is_identifier(name) or _UNSAID & {name, *words(name)}:
        return False
    kind = schema.get("type")
    if kind == "boolean":
        return not _UNDOES & set(words(name)) and str(schema.get("description") or "").lower().startswith("whether to ")
    if kind == "array":
        return (schema.get("items") or {}).get("type") == "string"
    return kind in ("string", "integer", "number") and bool(schema.get("description") or schema.get("enum"))
