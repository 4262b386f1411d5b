"""The client: one awaitable entry, one retry owner, errors that say what to do.

`ModelClient.ask` is a thin layer over `openai.AsyncOpenAI`, whose own retries are off. tenacity retries what
may pass (429, 5xx, lost connections, timeouts, answers that are no answers), honours Retry-After, and stops
by attempts and by time. What an endpoint does not support is found out on the way (`toolflow.llm.support`).

It knows no prompt and no speaker. Ours: when retries are spent, the question's record is set aside; after
`GIVE_UP` such questions in a row without one answer between them, or at once when the endpoint cannot be
reached or refuses the key or the model, the run stops with `ModelUnavailable`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import openai
from openai.types.chat import ChatCompletion
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from toolflow.config import LLMConfig
from toolflow.errors import ModelUnavailable, RecordError, ToolFlowError
from toolflow.llm.censor import Censor, secrets_of
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage
from toolflow.llm.pauses import Pauses
from toolflow.llm.purse import Attempt, OpenPurse, Purse, Reservation
from toolflow.llm.refusals import answer_in, is_limit, is_refusal, only_here, refused_feature, words_of
from toolflow.llm.support import Feature, settled
from toolflow.llm.wire import answer_of, compact, leaves_tools_out, lowered, tokens_of
from toolflow.pools import without_secrets

OPENAI = "https://api.openai.com/v1"
GIVE_UP = 3
TOOLS_LEFT_OUT = "it leaves the tools out of the prompt"
MAX_QUOTE = 200

_NO_SUCH_MODEL = re.compile(r"\bmodel\b.{0,80}(not (exist|found)|decommission)|(unknown|no such) model", re.I)

_NO_CONNECTION = frozenset({"ConnectError", "ConnectTimeout", "ProxyError", "UnsupportedProtocol"})
"""By name: which HTTP library stands under the SDK is the SDK's business."""

Sleep = Callable[[float], Awaitable[None]]


class NoAnswer(Exception):
    """A response without an answer in it: no choices, or no JSON at all."""


class Refused(Exception):
    """The endpoint does not take the request in this form."""

    def __init__(self, quoted: str, words: str) -> None:
        super().__init__(quoted)
        self.words = words
        """What it said, to be read and not to be shown."""


class ModelClient:
    """A chat model behind an OpenAI-compatible endpoint, shared by all records of a run."""

    def __init__(
        self,
        model: str,
        base_url: str | None,
        api_key: str | None,
        config: LLMConfig,
        *,
        key_env: str = "OPENAI_API_KEY",
        purse: Purse | None = None,
        sleep: Sleep = asyncio.sleep,
        jitter: Random | None = None,
    ) -> None:
        self.name = model
        self.where = without_secrets(base_url or OPENAI)
        self._censor = Censor([api_key or "", *secrets_of(base_url)])
        self._key_env = key_env
        self._config = config
        self._support, self._wanted = settled(config)
        self._proven: set[Feature] = set()
        self._doubts: Counter[Feature] = Counter()
        self._answered = False
        self._spent = 0
        self._purse = purse or OpenPurse()
        self._pauses = Pauses(config.retries, config.retry_seconds, jitter or Random())
        self._sleep = sleep
        # An empty admin key keeps the SDK from looking for one in the environment.
        self._openai = openai.AsyncOpenAI(
            base_url=base_url or OPENAI,
            api_key=api_key or "none",
            admin_api_key="",
            max_retries=0,
            timeout=openai.Timeout(config.timeout, connect=min(10.0, config.timeout)),
        )

    def __repr__(self) -> str:
        return f"ModelClient({self.name!r} at {self.where})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._openai.close()

    async def ask(self, request: ChatRequest, usage: Usage) -> ChatAnswer:
        """The model's answer; `RecordError` when there is none, `ModelUnavailable` when none will come."""
        support = self._support
        dropped: list[tuple[Feature, bool]] = []
        while True:
            try:
                wire = lowered(request, support, self.name, self._config)
                answer = await self._retried(wire, request.role, usage)
            except Refused as refused:
                carried, kept = support.carried(request), self._proven | self._wanted.keys()
                feature = refused_feature(refused.words, carried, kept)
                if feature is None or feature in self._wanted or _unservable(refused.words):
                    raise self._refused(refused, feature) from None
                dropped.append((feature, only_here(feature, refused.words)))
                support = support.without(feature)
            else:
                self._proven |= support.carried(request)
                self._learn(dropped)
                if request.again:
                    self._purse.noted(self.where, self.name, request.role, "reasked")
                return answer

    def _learn(self, dropped: list[tuple[Feature, bool]]) -> None:
        """Remember what had to be left away, unless it worked before or the fault lay with one question."""
        for feature, here in dropped:
            self._doubts[feature] += 1
            sure = not here or self._doubts[feature] >= GIVE_UP
            if sure and feature not in self._proven and self._support.has(feature):
                self._support = self._support.without(feature)

    async def _retried(self, wire: dict[str, Any], role: str, usage: Usage) -> ChatAnswer:
        # One AsyncRetrying per question: an instance keeps its state per thread, not per task.
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=self._stop,
            wait=self._pauses.wait,
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        try:
            answer: ChatAnswer = await retrying(self._send, wire, role, usage)
        except (openai.APIError, TimeoutError, NoAnswer) as error:
            if isinstance(error, openai.APIStatusError) and _is_refusal(error):
                words = _words(error)
                disguised = answer_in(error.body, words)
                if disguised is not None:
                    return disguised
                raise Refused(self._quoted(error), words) from None
            raise self._failure(error) from None
        return answer

    async def _send(self, wire: dict[str, Any], role: str, usage: Usage) -> ChatAnswer:
        """One attempt, paid for."""
        reservation = await self._purse.reserve(self._attempt(wire, role))
        try:
            completion = await self._completion(wire)
        except BaseException as error:
            usage.failed(role)
            _settle(reservation, error)
            raise
        tokens = tokens_of(completion)
        reservation.answered(tokens)
        usage.answered(role, tokens)
        answer = answer_of(completion)
        if answer is None:
            usage.failed(role)
            raise NoAnswer("the response holds no answer")
        self._answered = True
        self._spent = 0
        if "tools" not in self._wanted and leaves_tools_out(wire, tokens):
            self._proven.discard("tools")
            raise Refused(TOOLS_LEFT_OUT, TOOLS_LEFT_OUT)
        return answer

    def _attempt(self, wire: dict[str, Any], role: str) -> Attempt:
        longest = wire.get("max_completion_tokens", wire.get("max_tokens"))
        return Attempt(self.where, self.name, role, len(compact(wire).encode(errors="replace")), longest)

    async def _completion(self, wire: dict[str, Any]) -> ChatCompletion:
        try:
            # The SDK's timeout starts anew with every byte; this one bounds the whole attempt.
            async with asyncio.timeout(self._config.timeout):
                completion = await self._openai.chat.completions.create(**wire)
        except ValueError as error:
            raise NoAnswer(f"the response is not JSON: {error}") from None
        if not isinstance(completion, ChatCompletion):
            raise NoAnswer("the response is not a chat completion")
        return completion

    def _stop(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if not self._answered and _unreachable(error) and state.attempt_number >= GIVE_UP:
            return True
        return self._pauses.stop(state)

    def _failure(self, error: Exception) -> ToolFlowError:
        """What a spent question means: for the run, or for its record alone."""
        said, model = self._quoted(error), repr(self.name)
        if isinstance(error, openai.AuthenticationError):
            problem, advice = "refuses the key", f"set {self._key_env} to a valid one"
        elif isinstance(error, openai.PermissionDeniedError):
            problem, advice = f"forbids model {model}", "check what the key may use"
        elif isinstance(error, openai.NotFoundError):
            problem = f"does not know model {model} or the path"
            advice = "check --model, and that --base-url ends as the endpoint wants it (often in /v1), or llm.models"
        elif _out_of_quota(error):
            problem, advice = "has no quota left for this account", "top it up and go on"
        elif _unreachable(error):
            problem, advice = "cannot be reached", "check --base-url or llm.models, and that the server runs"
        else:
            return self._spend(f"{self.where} gave no answer within the retries ({said})")
        return ModelUnavailable(f"{self.where} {problem} ({said}); {advice}")

    def _refused(self, refused: Refused, feature: Feature | None) -> ToolFlowError:
        if _NO_SUCH_MODEL.search(refused.words):
            return ModelUnavailable(
                f"{self.where} does not know model {self.name!r} ({refused}); check --model or llm.models"
            )
        if is_limit(refused.words) and not self._answered:
            return ModelUnavailable(
                f"{self.where} refuses llm.max_tokens: {self._config.max_tokens} ({refused}); lower it"
            )
        if feature in self._wanted and feature not in self._proven and not only_here(feature, refused.words):
            setting = self._wanted[feature]
            return ModelUnavailable(
                f"{self.where} refuses what llm.{setting} (or {setting} of a member of llm.models) asks of model "
                f"{self.name!r} ({refused}); leave it out there, or choose another value"
            )
        return self._spend(f"{self.where} refuses the request ({refused})")

    def _spend(self, reason: str) -> ToolFlowError:
        self._spent += 1
        if self._spent < GIVE_UP:
            return RecordError(reason)
        return ModelUnavailable(f"{reason}, {self._spent} questions in a row; check it and go on later")

    def _quoted(self, error: Exception) -> str:
        """What the other side said: one short line without control characters and without the key."""
        text = str(error) or type(error).__name__
        if isinstance(error, openai.APIConnectionError) and _unreachable(error):
            text = str(error.__cause__) or text
        elif isinstance(error, TimeoutError | openai.APITimeoutError):
            text = f"no answer within {self._config.timeout:g} s"
        elif isinstance(error, openai.APIConnectionError) and error.__cause__ is not None:
            text = str(error.__cause__) or text
        text = self._censor(text)
        text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
        return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"


def _settle(reservation: Reservation, error: BaseException) -> None:
    """An error status is not billed, nor is a request that never left; of all else nobody knows."""
    if isinstance(error, openai.APIStatusError) or _unreachable(error):
        reservation.refused()
    else:
        reservation.lost()


def _is_refusal(error: openai.APIStatusError) -> bool:
    return is_refusal(error.status_code, _words(error))


def _words(error: openai.APIStatusError) -> str:
    return words_of(error.body, str(error))


def _unservable(words: str) -> bool:
    """Whether leaving a feature away would only hide what is wrong."""
    return is_limit(words) or _NO_SUCH_MODEL.search(words) is not None


def _may_pass(error: BaseException) -> bool:
    """Whether the same question may be answered when asked again."""
    if isinstance(error, openai.APIStatusError):
        passing = error.status_code in {408, 409, 425, 429} or error.status_code >= 500
        return passing and not _is_refusal(error) and not _out_of_quota(error)
    return isinstance(error, openai.APIConnectionError | TimeoutError | NoAnswer)


def _unreachable(error: BaseException | None) -> bool:
    """No connection came about at all (refused, unknown host), as opposed to one that broke."""
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else None
    return type(cause).__name__ in _NO_CONNECTION


def _out_of_quota(error: BaseException) -> bool:
    """A 429 that no waiting cures."""
    return isinstance(error, openai.RateLimitError) and "insufficient_quota" in (error.code, error.type)
