"""One question about one tool: what is shown, what is asked for, and how the answer is read.

An answer is an object with a key for each path that is lacking. What fits of it is kept, whatever else is wrong, and
the rest is asked for again with the reasons; so a good description survives a result that never fits.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from toolflow.complete.definition import Definition
from toolflow.complete.lacking import DESCRIPTION, PARAMETERS, RETURNS, described, lacking
from toolflow.complete.returned import RETURNED, returned
from toolflow.complete.texts import worded
from toolflow.config import Config
from toolflow.errors import RecordError
from toolflow.importing.finish import Finished
from toolflow.llm.chat import ChatAnswer, ChatRequest, Model, Usage
from toolflow.llm.model_pool import ModelPool
from toolflow.llm.prompts import Prompt, Reader, quoted, read_prompt
from toolflow.llm.questions import Misfit, Questioner, json_of
from toolflow.pools import Errand

ROLE: Errand = "complete"
"""Who asks, for the account and ``llm.models``."""
AT_ONCE = 12
"""Descriptions asked for in one question."""
_SHOWN = 5
"""Problems of one answer that are told."""


def read_complete_prompt(read: Reader = read_prompt) -> Prompt:
    """The prompt file, checked."""
    return read("complete", {"system": set(), "tool": {"name", "tool", "lacking"}})


@dataclass(frozen=True, slots=True)
class Question:
    """What one tool lacks, or a part of that."""

    name: str
    tool: Finished
    paths: tuple[str, ...]


@dataclass(slots=True)
class Answered:
    """What was found out: a text or schema by path, and what is wrong with the rest."""

    found: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None


def questions_about(name: str, tool: Finished, config: Config) -> list[Question]:
    """Questions for all that a tool lacks; its result is asked for with the first descriptions."""
    if not lacking(name, orjson.loads(tool.body)):  # as of most, and at a hundredth of the time
        return []
    paths = lacking(name, Definition(name, tool, config).body)
    texts = [path for path in paths if path != RETURNS]
    parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)] or [[]]
    parts[0] += [RETURNS] if RETURNS in paths else []
    return [Question(name, tool, tuple(part)) for part in parts if part]


async def ask(question: Question, models: ModelPool[Model], usage: Usage, prompt: Prompt, config: Config) -> Answered:
    """All of the answer that fits, after as many attempts as are allowed.

    Its model and its seeds come from the tool and the paths alone, whatever else is asked.
    """
    definition = Definition(question.name, question.tool, config)
    function = definition.function
    seed = f"{question.tool.digest}:{question.paths}"
    model, seeds = models.draw(ROLE, f"{question.name}:{seed}"), Random(seed)
    answered = Answered()
    request = ChatRequest(
        ROLE,
        [
            {"role": "system", "content": prompt.render("system")},
            {
                "role": "user",
                "content": prompt.render(
                    "tool", name=quoted(question.name), tool=quoted(function), lacking=quoted(question.paths)
                ),
            },
        ],
        {
            "type": "object",
            "properties": {path: RETURNED if path == RETURNS else {"type": "string"} for path in question.paths},
            "required": list(question.paths),
            "additionalProperties": False,
        },
    )

    def read(answer: ChatAnswer) -> None:
        _take(json_of(answer), question, definition, answered, config)

    try:
        await Questioner(model, usage, config.llm.reasks, seeds).ask(request, read, RecordError)
    except RecordError as error:
        if not answered.found:
            raise
        answered.problem = str(error)
    return answered


def _take(value: Any, question: Question, definition: Definition, answered: Answered, config: Config) -> None:
    """Keep what fits of an answer; `Misfit` names what does not."""
    if not isinstance(value, dict):
        raise Misfit("it must be a JSON object with the keys in <lacking>")
    problems = []
    for path in question.paths:
        if path in answered.found:
            continue
        try:
            good = _checked(path, value.get(path), definition, answered, config)
            definition.add(path, good)
        except ValueError as error:
            problems.append(str(error))
        else:
            answered.found[path] = good
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise Misfit("; ".join(problems[:_SHOWN]) + more)


def _checked(path: str, value: Any, definition: Definition, answered: Answered, config: Config) -> Any:
    """The text or schema that is to stand under a path; ValueError says what is wrong with it."""
    limits = config.import_
    parameters = definition.body[PARAMETERS]
    if path == RETURNS:
        try:
            return returned(value, parameters["properties"], limits.max_field_description)
        except ValueError as error:
            raise ValueError(f"{RETURNS}: {error}") from None
    if path == DESCRIPTION:
        return worded(value, definition.name, limits.max_description, path)
    name = next(name for found, name, _schema in described(parameters) if found == path)
    text = worded(value, name, limits.max_field_description, path)
    twin = next((other for other, said in answered.found.items() if said == text), None)
    if twin is not None:
        raise ValueError(f"{path}: is described word for word as {twin}; say what tells them apart")
    return text
