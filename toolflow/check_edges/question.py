"""One question about one flow: what a model is shown of the two tools, and how its answer is read.

A tool is somebody else's text: it goes in as quoted data, cut to what the question needs, and nothing of an answer is
kept but two words and one clean line.
"""

from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from toolflow.check_edges.doubtful import Question
from toolflow.errors import RecordError
from toolflow.fields import tool_fields
from toolflow.graph.tool_graph import Checked
from toolflow.importing.text import one_line
from toolflow.llm.chat import ChatRequest, Model, Usage
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Questioner, typed
from toolflow.pools import Errand
from toolflow.schema import Tool

ROLE: Errand = "check_edges"
"""Who asks, for the account and ``llm.models``."""
SHOWN_FIELDS = 30
"""Parameters, and return values, that are shown of a tool; the one in question is always among them."""
SHOWN_TOOL, SHOWN_FIELD = 1000, 200
"""Characters of their descriptions."""
LONGEST = 200
"""Characters that are kept of a reason."""


class Answer(BaseModel):
    """What a model says of a flow."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(min_length=1)
    fits: Literal["yes", "no"]
    """Whether the value is what the parameter asks for."""
    next: Literal["use", "known", "never"]
    """Whether a person would need the tools in this order, for this value."""


def read_check_prompt(read: Reader = read_prompt) -> Prompt:
    """The prompt file, checked."""
    return read("check_edges", {"system": set(), "pair": {"first", "second", "field", "parameter"}})


async def ask(question: Question, models: ModelPool[Model], usage: Usage, prompt: Prompt, reasks: int) -> Checked:
    """The answer; `RecordError` when none fitted.

    Model and seeds come from the flow alone, whatever else is asked.
    """
    pair = question.pair
    seed = f"{pair.left_tool}.{pair.left} -> {pair.right_tool}.{pair.right}"
    asked = prompt.render(
        "pair",
        first=quoted(_shown(question.producer, pair.left, "return")),
        second=quoted(_shown(question.consumer, pair.right, "parameter")),
        field=quoted(pair.left),
        parameter=quoted(pair.right),
    )
    request = ChatRequest(
        ROLE,
        [{"role": "system", "content": prompt.render("system")}, {"role": "user", "content": asked}],
        Answer.model_json_schema(),
    )
    questioner = Questioner(models.draw(ROLE, seed), usage, reasks, Random(seed))
    answer = await questioner.ask(request, lambda said: typed(said, Answer), RecordError)
    return Checked(pair, (answer.fits, answer.next) == ("yes", "use"), one_line(answer.why, LONGEST))


def _shown(tool: Tool, path: str, role: Literal["parameter", "return"]) -> dict[str, Any]:
    """A tool as a model sees it: its fields in words, by path."""
    shown: dict[str, Any] = {"name": tool.name, "description": tool.description[:SHOWN_TOOL]}
    for key, side in (("parameters", "parameter"), ("returns", "return")):
        fields = [field for field in tool_fields(tool) if field.role == side]
        some = [
            field
            for number, field in enumerate(fields)
            if number < SHOWN_FIELDS or (field.path == path and side == role)
        ]
        shown[key] = {
            field.path: ", ".join(
                filter(None, [field.type, field.format, "required" if field.required and side == "parameter" else ""])
            )
            + (f": {field.description[:SHOWN_FIELD]}" if field.description else "")
            for field in some
        }
    return shown
