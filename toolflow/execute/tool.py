"""The tool speaker of a run with real tools: those answer for themselves, the others are simulated as before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol

from toolflow.cast import Cast, CastMaker, Executed, ToolSimulator, ToolView
from toolflow.conformance import conformance
from toolflow.execute.results import refusal


class RealTools(Protocol):
    """What answers for itself."""

    @property
    def tools(self) -> list[str]:
        """Their names."""
        ...

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """What one of them answers."""
        ...


@dataclass(frozen=True, slots=True)
class ExecutingTool:
    """Answers calls for real where it can."""

    real: RealTools
    simulator: ToolSimulator

    async def answer(self, view: ToolView) -> Any:
        """The tool's own answer, or the simulator's; arguments that do not fit the schema reach no tool."""
        if view.tool.name not in self.real.tools:
            return await self.simulator.answer(view)
        errors = conformance(view.tool.parameters).errors(view.arguments)
        if errors:
            return refusal(errors[0].path, errors[0].message)
        return Executed(await self.real.call(view.tool.name, view.arguments))


@dataclass(frozen=True, slots=True)
class ExecutingCastMaker:
    """Makes the casts of another maker, with real tools."""

    make: CastMaker
    real: RealTools

    def __call__(self, rng: Random) -> Cast:
        """The cast of one record."""
        cast = self.make(rng)
        return replace(cast, tool=ExecutingTool(self.real, cast.tool))
