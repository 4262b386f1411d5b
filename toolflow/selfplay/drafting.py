"""The calls of a plan in the making: which tool next, fed by which outputs, with which values."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from toolflow.cast import Brief, Flow
from toolflow.schema import Argument, FromOutput, FromUser, PlannedCall, Tool
from toolflow.selfplay.apart import like, other_coordinate, sensible
from toolflow.selfplay.clarity import Clarity
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.given import Given
from toolflow.selfplay.names import CARRIED, is_identifier, words
from toolflow.selfplay.persons import settle_persons
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.places import settle_places
from toolflow.selfplay.values import NoValue
from toolflow.selfplay.wanted import is_left_out
from toolflow.verbs import ENDS

ONCE = ENDS | frozenset("convert approve submit accept start complete pay publish confirm merge book order".split())
"""After these a thing is not done the same to again."""
_WORN_OUT = 2
"""A tool that stood in so many requests is taken again only where no other is left."""
_DRAWS = 4
"""How often a call is drawn that is not yet planned."""


class Drafting:
    """The calls so far, what the user has said in them, and the tools that can still be called."""

    def __init__(self, brief: Brief, rng: Random) -> None:
        self.brief, self.rng = brief, rng
        self.given = Given(brief.today, rng)
        self.tools = {tool.name: tool for tool in brief.tools}
        self.usable = dict(self.tools)
        self.clarity = Clarity(self.tools)
        self.calls: list[PlannedCall] = []
        self.asked: Counter[str] = Counter()
        """In how many requests each tool was called."""

    def used(self) -> set[str]:
        """Names of the tools called so far."""
        return {call.tool for call in self.calls}

    def drop_a_hopeless_tool(self) -> None:
        """Forget one tool for which no call can be drawn even now, or all of them, so that drafting ends."""
        for name, tool in self.usable.items():
            try:
                self.given.arguments(tool, {}, {}, self.used())
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
        return [
            (number, flow)
            for number, flow in found
            if not self._is_over(number, flow)
            and not self.is_hidden(number, flow)
            and self.clarity.is_clear(parameter, number, flow.path, self.calls, until, self._root)
        ]

    def is_hidden(self, number: int, flow: Flow) -> bool:
        """Whether a call asked to be spared the field that a flow starts from."""
        arguments = self.calls[number - 1].arguments
        no = {
            name: False for name, source in arguments.items() if isinstance(source, FromUser) and source.value is False
        }
        return bool(no) and is_left_out(re.split(r"[.\[]", flow.path, maxsplit=1)[0], no)

    def _is_over(self, number: int, flow: Flow) -> bool:
        """Whether a later call has ended the very thing that an output names."""
        thing = self._root(FromOutput(call=number, path=flow.path))
        ends = (call for call in self.calls if deed(self.tools[call.tool]).verb in ENDS and call.failure is None)
        return any(thing == self._root(argument) for call in ends for argument in call.arguments.values())

    def lasts(self, call: PlannedCall) -> bool:
        """Whether what a call returns can be gone back to: it does not fail, nor end what it is about."""
        return call.failure is None and deed(self.tools[call.tool]).verb not in ENDS

    def may_repeat(self, tool: Tool) -> bool:
        """Whether one would call a tool twice for the same thing: nobody converts a lead into two customers."""
        return deed(tool).verb not in ONCE or not any(map(is_identifier, tool.required))

    def call(self, tool: Tool, until: int | None = None, fed_by: int | None = None) -> None:
        """Append a call of ``tool``; it may use outputs of the calls before ``until``, and prefers ``fed_by``."""
        outputs = sensible(tool, self._outputs(tool, until, fed_by))
        for attempt in range(_DRAWS):
            near = self._near(outputs) if attempt == 0 else {}
            call = PlannedCall(tool=tool.name, arguments=self.given.arguments(tool, outputs, near, self.used()))
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
        """Repeat the last call with other values of one parameter, none of which another argument holds."""
        first, before = self.calls[-1], len(self.calls)
        properties = self.tools[first.tool].properties
        taken = [first.arguments[parameter], *(first.arguments[name] for name in like(parameter, properties, first))]
        self.given.values.pick = None
        for _ in range(8 * times):
            other = FromUser(value=self.given.values.draw(properties[parameter], parameter))
            if other not in taken and len(self.calls) < before + times:
                taken.append(other)
                arguments = self._agreeing(first, parameter, other.value)
                self.calls.append(PlannedCall(tool=first.tool, arguments=arguments))

    def _agreeing(self, call: PlannedCall, parameter: str, value: Any) -> dict[str, Argument]:
        """The arguments of a call with one of them changed, and what its place or its person changes besides."""
        said = {name: argument.value for name, argument in call.arguments.items() if isinstance(argument, FromUser)}
        draft = Draft(said | {parameter: value}, self.tools[call.tool].properties, {parameter}, {}, self.rng)
        settle_places(draft)
        settle_persons(draft)
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


def is_carried(parameter: str) -> bool:
    """Whether a person would take this over from a result."""
    return is_identifier(parameter) or bool(CARRIED & set(words(parameter)))
