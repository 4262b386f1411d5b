"""What an endpoint supports, learnt from its refusals.

OpenAI-compatible endpoints differ in the details of a request. Everything is tried at first; when a
request is refused (400 and its like), the feature that the refusal names is left away and the question is
sent again. What worked in the end is remembered for all later questions, unless the feature had worked
before: then the fault lies with that one question (a schema that the endpoint cannot compile, say).
"""

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Literal

from toolflow.llm.chat import ChatRequest

Feature = Literal["schema", "json", "tools", "temperature", "seed", "max_tokens", "max_completion_tokens"]

_NAMED: dict[Feature, re.Pattern[str]] = {
    "seed": re.compile(r"\bseed\b", re.I),
    "temperature": re.compile(r"temperature", re.I),
    "max_completion_tokens": re.compile(r"max_completion_tokens", re.I),
    "max_tokens": re.compile(r"max_tokens", re.I),
    "schema": re.compile(r"response_format|json_?.?schema|schema|grammar|structured|guided", re.I),
    "json": re.compile(r"response_format|json_object|json mode|structured", re.I),
    "tools": re.compile(r"\btool|function", re.I),
}
"""Which words of a refusal speak of which feature, the most specific first."""

_THIS_SCHEMA = re.compile(r"invalid schema|grammar|compile|conver|pars(e|ing)", re.I)
"""A refusal of one schema rather than of schemas."""

_GUESSES: tuple[Feature, ...] = ("seed", "schema", "json", "tools", "temperature", "max_tokens")
"""What to leave away when a refusal names nothing, in this order."""


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
        return frozenset(found)

    def has(self, feature: Feature) -> bool:
        """Whether a feature is still in use."""
        match feature:
            case "schema" | "json":
                return self.structure == feature
            case "max_tokens" | "max_completion_tokens":
                return self.length == feature
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
            case "max_tokens":
                return replace(self, length="max_completion_tokens")
            case "max_completion_tokens":
                return replace(self, length=None)


def refused_feature(refusal: str, carried: Set[Feature], proven: Set[Feature]) -> Feature | None:
    """The feature that a refusal is about, or None when leaving one away would not help."""
    if re.search(r"context.{0,20}(length|size|window)|too (long|large|many tokens)", refusal, re.I | re.S):
        return None
    for feature, words in _NAMED.items():
        if feature in carried and words.search(refusal):
            return feature
    return next((feature for feature in _GUESSES if feature in carried and feature not in proven), None)


def only_here(feature: Feature, refusal: str) -> bool:
    """Whether a refusal is about the very schema or tool that was sent, not about such things in general."""
    return feature in {"schema", "tools"} and _THIS_SCHEMA.search(refusal) is not None


def is_refusal(status: int, message: str) -> bool:
    """Whether an error status says that the request cannot be served in this form.

    Some endpoints say so with 404 ("no endpoints found that support tool use") or 500 ("tools param
    requires --jinja flag"); then the words must say it.
    """
    if status in {400, 422, 501}:
        return True
    return status in {404, 500} and re.search(r"support|requires|not implemented", message, re.I) is not None
