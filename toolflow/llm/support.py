"""What an endpoint supports: said by hand, or learnt from its refusals.

OpenAI-compatible endpoints differ in the details of a request. Everything is tried at first; when a
request is refused (400 and its like), the feature that the refusal names is left away and the question is
sent again. What worked in the end is remembered for all later questions, unless the feature had worked
before: then the fault lies with that one question (a schema that the endpoint cannot compile, say). What is set
by hand is neither tried nor left away. `toolflow.llm.refusals` reads what refusals say.
"""

from dataclasses import dataclass, replace
from typing import Literal

from toolflow.config import LLMConfig
from toolflow.llm.chat import ChatRequest

Feature = Literal[
    "schema",
    "json",
    "tools",
    "temperature",
    "seed",
    "system",
    "max_tokens",
    "max_completion_tokens",
    "reasoning_effort",
]

_SWITCHES: tuple[Literal["tools", "temperature", "seed", "system"], ...] = ("tools", "temperature", "seed", "system")


@dataclass(frozen=True, slots=True)
class Support:
    """What may be sent."""

    structure: Literal["schema", "json", "text"] = "schema"
    """How JSON is asked for: ``response_format`` with a schema, as a mode, or in words alone."""
    tools: bool = True
    """Native tool calls; otherwise they are asked for in words."""
    temperature: bool = True
    seed: bool = True
    length: Literal["max_tokens", "max_completion_tokens", None] = "max_tokens"
    """The name of the length limit; OpenAI's reasoning models know only the newer one."""
    system: bool = True
    """A system message; otherwise its text begins the first message of the user (Gemma's chat template)."""
    effort: bool = False
    """``reasoning_effort``, which is sent only when it is set."""

    def carried(self, request: ChatRequest) -> frozenset[Feature]:
        """The features that a request makes use of."""
        found: set[Feature] = set()
        if request.schema is not None and self.structure != "text":
            found.add(self.structure)
        if request.tools and self.tools:
            found.add("tools")
        if self.temperature:
            found.add("temperature")
        if self.seed and request.seed is not None:
            found.add("seed")
        if self.length is not None:
            found.add(self.length)
        if self.system and request.messages[0]["role"] == "system":
            found.add("system")
        if self.effort:
            found.add("reasoning_effort")
        return frozenset(found)

    def has(self, feature: Feature) -> bool:
        """Whether a feature is still in use."""
        match feature:
            case "schema" | "json":
                return self.structure == feature
            case "max_tokens" | "max_completion_tokens":
                return self.length == feature
            case "reasoning_effort":
                return self.effort
            case _:
                return bool(getattr(self, feature))

    def without(self, feature: Feature) -> "Support":
        """The next best thing."""
        match feature:
            case "schema":
                return replace(self, structure="json")
            case "json":
                return replace(self, structure="text")
            case "tools":
                return replace(self, tools=False)
            case "temperature":
                return replace(self, temperature=False)
            case "seed":
                return replace(self, seed=False)
            case "system":
                return replace(self, system=False)
            case "max_tokens":
                return replace(self, length="max_completion_tokens")
            case "max_completion_tokens":
                return replace(self, length=None)
            case "reasoning_effort":
                return replace(self, effort=False)


def settled(config: LLMConfig) -> tuple[Support, dict[Feature, str]]:
    """What to begin with, and what is never left away since a setting wants it: that setting, by feature."""
    said = config.support
    begin = Support(effort=config.reasoning_effort is not None)
    wanted: dict[Feature | None, str] = {"reasoning_effort": "reasoning_effort"} if begin.effort else {}
    if said.structure is not None:
        begin = replace(begin, structure=said.structure)
        wanted[None if said.structure == "text" else said.structure] = "support.structure"
    if said.length is not None:
        begin = replace(begin, length=None if said.length == "none" else said.length)
        wanted[begin.length] = "support.length"
    for name in _SWITCHES:
        switch = getattr(said, name)
        if switch is not None:
            begin = replace(begin, **{name: switch})
            wanted[name if switch else None] = f"support.{name}"
    return begin, {feature: setting for feature, setting in wanted.items() if feature is not None}
