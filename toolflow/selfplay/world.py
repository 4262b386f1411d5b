"""The selfplay tool: answers calls from one simulated world per dialogue.

A result fits the tool's ``returns`` (`toolflow.selfplay.answering` draws it), and what was deleted is found no more.
The same call gets the same answer unless something changed in between. The world is nothing but the history the loop
hands over, and a seed.
"""

import json
from random import Random
from typing import Any

from toolflow.cast import ToolView
from toolflow.errors import DialogueError
from toolflow.schema import Tool
from toolflow.selfplay.answering import Answering
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.subject import refusal
from toolflow.selfplay.things import Things
from toolflow.selfplay.values import NoValue


class SelfplayTool:
    """Answers for every tool of one dialogue."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.tools: dict[str, Tool] = {}
        """Those that were called so far: what an earlier call did is read from its tool."""

    async def answer(self, view: ToolView) -> Any:
        """A result that fits ``returns``; `DialogueError` when none could be found."""
        self.tools[view.tool.name] = view.tool
        before, changed = self._asked_before(view)
        if before is not None and not changed:
            return before
        things = Things()
        things.hear([(call, self._tool(call.tool)) for call in view.history])
        if (refused := refusal(view.arguments, deed(view.tool), things)) is not None:
            return refused
        key = json.dumps([view.tool.name, view.arguments, len(view.history)], sort_keys=True, default=str)
        try:
            return Answering(view, things, Random(f"{self.seed}:{key}"), self.seed).result(before)
        except NoValue as error:
            raise DialogueError(f"{view.tool.name}: {error} of its result") from None

    def _asked_before(self, view: ToolView) -> tuple[Any, bool]:
        """The last answer to the same question, and whether anything changed since; None to anything but a question."""
        changed = False
        for earlier in reversed(view.history) if deed(view.tool).seeks else ():
            if (earlier.tool, earlier.arguments) == (view.tool.name, view.arguments):
                return earlier.result, changed
            changed |= not deed(self._tool(earlier.tool)).seeks
        return None, changed

    def _tool(self, name: str) -> Tool:
        return self.tools.get(name) or Tool(name=name, description="", parameters={})
