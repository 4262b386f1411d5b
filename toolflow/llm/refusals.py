"""What a refusal says: that a feature is not supported, that the request is too large, or that an answer failed.

Endpoints word their refusals as they like, and some wrap those of others. Only what the endpoint says is read
(message, parameter, code), never what it repeats of the request. The words are those of real endpoints; the table
in ``tests/test_llm_refusals.py`` keeps them.

Some endpoints refuse where others answer: a filtered prompt, an answer that grew too long, or one that broke the
JSON it was to be. Those are answers in disguise, and are treated as such.
"""

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from toolflow.llm.chat import ChatAnswer
from toolflow.llm.support import Feature

MAX_WORDS = 4_000
"""Characters of a refusal that are read."""
_MAX_DEPTH = 6
_SAID = ("message", "msg", "error", "errors", "detail", "param", "code", "loc", "metadata", "raw")
"""Where endpoints say what is wrong; ``raw`` is how OpenRouter passes on what a provider said."""

_NAMED: dict[Feature, re.Pattern[str]] = {
    "seed": re.compile(r"\bseed\b", re.I),
    "temperature": re.compile(r"temperature", re.I),
    "reasoning_effort": re.compile(r"reasoning[_. ]effort", re.I),
    "max_completion_tokens": re.compile(r"max_completion_tokens", re.I),
    "max_tokens": re.compile(r"max_tokens", re.I),
    "system": re.compile(
        r"system (role|message|prompt)s? (is |are )?not|['\"`]system['\"`]|messages\[0\]\.role"
        r"|only user(,| and|,? or) assistant roles|\A(?!.*optional system).*roles must alternate",
        re.I | re.S,
    ),
    "schema": re.compile(r"response_?format|json_?.?schema|schema|grammar|structured|guided", re.I),
    "json": re.compile(r"response_?format|json_object|json.?mode|structured", re.I),
    "tools": re.compile(
        r"tool|function|schema|grammar|roles must alternate|only user(,| and|,? or) assistant roles", re.I
    ),
}
"""Which words of a refusal speak of which feature, the most specific first; tools have schemas too."""

_THIS_SCHEMA = re.compile(r"invalid schema|schema error|grammar|compile|convert|conversion|\bpars(e|ing)\b", re.I)
"""A refusal of one schema rather than of schemas."""

_GUESSES: tuple[Feature, ...] = ("seed", "schema", "json", "tools", "temperature", "max_tokens", "system")
"""What to leave away when a refusal names nothing, in this order."""

_TOO_LONG = re.compile(
    r"context.{0,20}(length|size|window)|too (long|large|many tokens)|request too large", re.I | re.S
)
_LIMIT = re.compile(
    r"max_(completion_)?tokens\W{0,3}(is |are )?(too (large|high|big)|.{0,20}(<=|less than|at most|maximum))"
    r"|max_tokens: \d+ > \d+|maximum value for .?max_",
    re.I,
)
_CUT_OFF = re.compile(r"could not finish the message because max_tokens|output limit was reached", re.I)
_FILTERED = re.compile(
    r"content_filter|content management policy|invalid_prompt|flagged as potentially|data_inspection_failed", re.I
)
_BROKEN = re.compile(r"tool_use_failed|json_validate_failed|failed to (call a function|generate json)", re.I)
_LACKING = re.compile(
    r"unsupported|(not|n't|that) (be )?support|param requires|requires --|not implemented|requested parameters"
    r"|roles must alternate",
    re.I,
)


def words_of(body: Any, message: str) -> str:
    """What an endpoint says is wrong; ``message`` when its body says nothing in a known place."""
    return " ".join(_said(body, _MAX_DEPTH))[:MAX_WORDS] or message[:MAX_WORDS]


def is_refusal(status: int, words: str) -> bool:
    """Whether an error status says that the request cannot be served in this form.

    Some endpoints say so with 404 ("no endpoints found that support tool use") or 500 ("tools param
    requires --jinja flag"); then the words must say it.
    """
    return status in {400, 422, 501} or (status in {404, 500} and _LACKING.search(words) is not None)


def answer_in(body: Any, words: str) -> ChatAnswer | None:
    """The answer that a refusal is about; None when the request itself is refused."""
    if _CUT_OFF.search(words):
        return ChatAnswer("", finish="length")
    if _FILTERED.search(words):
        return ChatAnswer("", finish="content_filter")
    if _BROKEN.search(words):
        written = body.get("failed_generation") if isinstance(body, Mapping) else None
        return ChatAnswer(written if isinstance(written, str) and written.strip() else "(broken)")
    return None


def is_limit(words: str) -> bool:
    """Whether a model writes no answer as long as ``max_tokens`` allows: a setting to be mended, not a lack."""
    return _LIMIT.search(words) is not None and not re.search(r"context.{0,20}(length|size)", words, re.I | re.S)


def refused_feature(words: str, carried: Set[Feature], proven: Set[Feature]) -> Feature | None:
    """The feature that a refusal is about, or None when leaving one away would not help."""
    if _TOO_LONG.search(words):
        return None
    for feature, named in _NAMED.items():
        if feature in carried and named.search(words):
            return feature
    return next((feature for feature in _GUESSES if feature in carried and feature not in proven), None)


def only_here(feature: Feature, words: str) -> bool:
    """Whether a refusal is about the very schema or tool that was sent, not about such things in general."""
    return feature in {"schema", "tools"} and _THIS_SCHEMA.search(words) is not None


def _said(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value[:MAX_WORDS]
    elif depth and isinstance(value, Mapping):
        for name in _SAID:
            yield from _said(value.get(name), depth - 1)
    elif depth and isinstance(value, list):
        for item in value[:20]:
            yield from _said(item, depth - 1)
