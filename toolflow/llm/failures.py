"""What goes wrong between us and an endpoint, sorted: what may pass, whose fault it can be, what stops the run.

It reads the SDK's errors and writes messages; it decides nothing about waiting. A message is one short line
that says what is wrong, where and what to do, quotes the other side without control characters, and never
shows the key.
"""

from dataclasses import dataclass, field

import openai

from toolflow.errors import ModelUnavailable
from toolflow.llm.allowance import Headers, retry_after
from toolflow.llm.censor import Censor
from toolflow.llm.refusals import is_refusal, words_of

MAX_QUOTE = 200

_NO_CONNECTION = frozenset({"ConnectError", "ConnectTimeout", "ProxyError", "UnsupportedProtocol"})
"""By name: which HTTP library stands under the SDK is the SDK's business."""
_BUSY = frozenset({408, 429, 503, 504, 529})
"""Statuses that say it was too much at once; 529 is Anthropic's own."""
_NOT_ITS_FAULT = frozenset({429, 502, 503, 529})
"""Statuses that no question brings about by itself."""


class NoAnswer(Exception):
    """A response without an answer in it: no choices, or no JSON at all."""


class Refused(Exception):
    """The endpoint does not take the request in this form."""

    def __init__(self, quoted: str, words: str) -> None:
        super().__init__(quoted)
        self.words = words
        """What it said, to be read and not to be shown."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request without an answer, where another one may get it."""

    said: str
    """What went wrong, in the words of the other side."""
    busy: bool = False
    """Whether fewer requests at once would help."""
    blameless: bool = False
    """Whether it can have nothing to do with what was asked."""
    unreachable: bool = False
    headers: Headers = field(default_factory=dict)
    """Of the response, where there was one."""

    @property
    def asked(self) -> float | None:
        """Seconds that the endpoint asks to be left alone for."""
        return retry_after(self.headers)


@dataclass(frozen=True, slots=True)
class Address:
    """Who is asked, for messages."""

    where: str
    model: str
    censor: Censor
    key_env: str
    timeout: float

    def failure(self, error: BaseException) -> Failure:
        """An error that may pass, as the gate sees it."""
        status = error.status_code if isinstance(error, openai.APIStatusError) else None
        unreachable = is_unreachable(error)
        return Failure(
            said=self.quoted(error),
            busy=status in _BUSY or (isinstance(error, TimeoutError | openai.APITimeoutError) and not unreachable),
            blameless=status in _NOT_ITS_FAULT or unreachable,
            unreachable=unreachable,
            headers=error.response.headers if isinstance(error, openai.APIStatusError) else {},
        )

    def for_good(self, error: BaseException, *, answered: bool) -> ModelUnavailable | None:
        """What stops the run at once, if this does; ``answered`` says that there were answers before."""
        model = repr(self.model)
        if isinstance(error, openai.AuthenticationError):
            problem = "no longer takes the key" if answered else "refuses the key"
            advice = f"set {self.key_env} to a valid one"
        elif isinstance(error, openai.PermissionDeniedError):
            problem, advice = f"forbids model {model}", "check what the key may use"
        elif isinstance(error, openai.NotFoundError):
            problem = f"does not know model {model} or the path"
            advice = "check --model, and that --base-url ends as the endpoint wants it (often in /v1), or llm.models"
        elif is_out_of_quota(error):
            problem, advice = "has no quota left for this account", "top it up and go on"
        else:
            return None
        return ModelUnavailable(f"{self.where} {problem} ({self.quoted(error)}); {advice}")

    def gone(self, last: Failure, seconds: float, *, answered: bool) -> ModelUnavailable:
        """It gave no answer for so long."""
        if last.unreachable and not answered:
            advice = "check --base-url or llm.models, and that the server runs"
            return ModelUnavailable(f"{self.where} cannot be reached ({last.said}); {advice}")
        return ModelUnavailable(
            f"{self.where} gave no answer for {in_words(seconds)} (model {self.model!r}, last: {last.said}); "
            "go on when it does, or raise llm.limits.patience"
        )

    def quoted(self, error: BaseException) -> str:
        """What the other side said: one short line without control characters and without the key."""
        text = str(error) or type(error).__name__
        if is_unreachable(error):
            text = str(error.__cause__) or text
        elif isinstance(error, TimeoutError | openai.APITimeoutError):
            text = f"no answer within {self.timeout:g} s"
        elif isinstance(error, openai.APIConnectionError) and error.__cause__ is not None:
            text = str(error.__cause__) or text
        text = self.censor(text)
        text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
        return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"


def is_refused(error: BaseException) -> bool:
    """Whether the endpoint cannot serve the request in this form."""
    return isinstance(error, openai.APIStatusError) and is_refusal(error.status_code, words_in(error))


def words_in(error: openai.APIStatusError) -> str:
    """What the endpoint says is wrong."""
    return words_of(error.body, str(error))


def may_pass(error: BaseException) -> bool:
    """Whether the same question may be answered when asked again."""
    if isinstance(error, openai.APIStatusError):
        passing = error.status_code in {408, 409, 425, 429} or error.status_code >= 500
        return passing and not is_refused(error) and not is_out_of_quota(error)
    return isinstance(error, openai.APIConnectionError | TimeoutError | NoAnswer)


def is_unreachable(error: BaseException) -> bool:
    """No connection came about at all (refused, unknown host), as opposed to one that broke."""
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else None
    return type(cause).__name__ in _NO_CONNECTION


def is_out_of_quota(error: BaseException) -> bool:
    """A 429 that no waiting cures."""
    return isinstance(error, openai.RateLimitError) and "insufficient_quota" in (error.code, error.type)


def in_words(seconds: float) -> str:
    """``40 s``, ``3 min``."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
