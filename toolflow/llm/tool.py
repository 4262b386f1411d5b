"""The tool: a model that makes up a result from the definition, the call and what was answered before.

Results fit the tool's ``returns``, repeat the arguments of the call where they name the same thing, and agree with the
world as it stands (`toolflow.llm.world`); one that does not goes back with what is wrong. It sees neither the talk nor
the plan. All questions to one tool begin alike, so that endpoints which keep the beginnings of prompts read them once.
Ours: that; of a long history, the latest results are shown, up to `MAX_STATE` characters; the same question is not
asked twice while nothing changes; what was deleted is not found; and where asking again does not help, fields that
stand are put right.
"""

from collections.abc import Sequence
from typing import Any

from toolflow.cast import Answered, ToolView
from toolflow.conformance import conformance
from toolflow.errors import DialogueError
from toolflow.llm.chat import ChatAnswer, ChatRequest
from toolflow.llm.coerce import coerced
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Misfit, Questioner, json_of
from toolflow.llm.strict import decodable, held
from toolflow.llm.world import World
from toolflow.schema import Tool

WRAPPED = "result"
"""Key of a result that is no object."""
MAX_STATE = 8_000
"""Characters of earlier results."""


def read_tool_prompt(read: Reader = read_prompt) -> Prompt:
    """The tool's prompt file, checked."""
    return read("tool", {"system": {"tool"}, "call": {"today", "state", "standing", "name", "arguments"}})


class LLMTool:
    """Answers calls."""

    def __init__(self, questioner: Questioner, prompt: Prompt, *, small: bool = False) -> None:
        self._questioner = questioner
        self._prompt = prompt
        self._small = small
        """Whether the form holds from the first what the result repeats of the call."""
        self._tools: dict[str, Tool] = {}
        """Those that were called so far: what an earlier call did is read from its tool."""

    async def answer(self, view: ToolView) -> Any:
        """A result that fits the tool's ``returns`` and the world; `DialogueError` when none did."""
        tool = view.tool
        self._tools[tool.name] = tool
        world = World(view.history, self._tools)
        known = world.refusal(view) or world.repeated(view)
        if known is not None:
            return known
        definition = tool.function()["function"]
        today = f"{view.today:%A}, {view.today.isoformat()}"
        call = self._prompt.render(
            "call",
            today=today,
            state=_state(view.history),
            standing=world.standing(),
            name=quoted(tool.name),
            arguments=quoted(view.arguments),
        )
        messages = [
            {"role": "system", "content": self._prompt.render("system", tool=quoted(definition))},
            {"role": "user", "content": call},
        ]
        wrapped = _is_wrapped(tool.returns)
        agreeing = _agreeing(tool.returns, world.settled(view))
        question = ChatRequest("tool", messages, _form(agreeing if self._small else tool.returns))
        tighter = _form(held(agreeing))

        def read(answer: ChatAnswer) -> Any:
            result = json_of(answer)
            if isinstance(result, dict) and wrapped and set(result) == {WRAPPED}:
                result = result[WRAPPED]
            return _agreed(_fitting(result, view, tighter), view, world, tighter)

        return await self._questioner.ask(question, read, DialogueError)


def _state(history: Sequence[Answered]) -> str:
    """What was answered before, oldest first; the latest results that fit."""
    lines: list[str] = []
    room = MAX_STATE
    for answered in reversed(history):
        line = quoted({"tool": answered.tool, "arguments": answered.arguments, "result": answered.result})
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    return "\n".join(reversed(lines)) or "(none)"


def _is_wrapped(returns: dict[str, Any] | None) -> bool:
    """Whether a result is no object, or may be something else."""
    return returns is None or decodable(returns, complete=True).get("type") != "object"


def _form(returns: dict[str, Any] | None) -> dict[str, Any]:
    """The JSON schema of the answer: the result, and one that is no object under a key."""
    schema = decodable(returns, complete=True) if returns is not None else {}
    if not _is_wrapped(returns):
        return schema
    return {
        "type": "object",
        "properties": {WRAPPED: schema},
        "required": [WRAPPED],
        "additionalProperties": False,
    }


def _agreeing(schema: dict[str, Any] | None, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The schema with what the result repeats of the call filled in."""
    if schema is None or not isinstance(schema.get("properties"), dict):
        return schema
    properties = dict(schema["properties"])
    for name, value in arguments.items():
        if (
            name in properties
            and isinstance(properties[name], dict)
            and isinstance(value, str | int | float)
            and not conformance(properties[name]).errors(value)
        ):
            properties[name] = {**properties[name], "enum": [value]}
    return {**schema, "properties": properties}


def _fitting(result: Any, view: ToolView, tighter: dict[str, Any]) -> Any:
    """The result, when it fits ``returns`` and agrees with the call; else it is asked for again, ``tighter``."""
    returns = view.tool.returns
    if returns is None:
        return result
    result = coerced(result, returns)
    errors = conformance(returns).errors(result)
    if errors:
        listed = "; ".join(f"{error.path or 'the result'}: {error.message}" for error in errors[:5])
        raise Misfit(f"it does not fit the tool's returns: {listed}", schema=tighter)
    if isinstance(result, dict):
        for name, value in view.arguments.items():
            told = result.get(name, value)
            if told != value and isinstance(told, str | int | float) and isinstance(value, str | int | float):
                raise Misfit(
                    f"{name} of the result must be {quoted(value)}, as in the call", usable=result, schema=tighter
                )
    return result


def _agreed(result: Any, view: ToolView, world: World, tighter: dict[str, Any]) -> Any:
    """The result, when it denies nothing that stands; else it is asked for again, and then put right where it can."""
    objections = world.objections(view, result)
    if not objections:
        return result
    right = world.put_right(view, result)
    sound = not world.objections(view, right) and conformance(view.tool.returns or {}).errors(right) == []
    raise Misfit("; ".join(objections[:3]), usable=right if sound else None, schema=tighter)
