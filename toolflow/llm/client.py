"""The client: one awaitable entry, one retry owner, errors that say what to do.

`ModelClient.ask` is a thin layer over `openai.AsyncOpenAI`, whose own retries are off. tenacity retries what
may pass (429, 5xx, lost connections, timeouts, answers that are no answers) and stops by attempts and by time
(`toolflow.llm.pauses`); every attempt goes through the gate of this model at this endpoint, which says when
(`toolflow.llm.gate`). What an endpoint does not support is found out on the way (`toolflow.llm.support`).

It knows no prompt and no speaker. Ours: when its attempts are spent while others get answers, the question's
record is set aside. The run stops with `ModelUnavailable` at once when the endpoint cannot be reached or refuses
the key or the model, or `GIVE_UP` questions in a row before it answered any; else when it gave no answer for the
patience set.
"""

import asyncio
import json
import re
import time
from collections import Counter
from random import Random
from typing import Any

import openai
from tenacity import AsyncRetrying, retry_if_exception

from toolflow.config import LLMConfig
from toolflow.errors import ModelUnavailable, RecordError, ToolFlowError
from toolflow.limits import Limits
from toolflow.llm.allowance import Headers
from toolflow.llm.caps import Need
from toolflow.llm.censor import Censor, secrets_of
from toolflow.llm.chat import ChatAnswer, ChatRequest, Usage
from toolflow.llm.failures import Address, NoAnswer, Refused, is_refused, is_unreachable, may_pass, words_in
from toolflow.llm.gate import Gate, Slot
from toolflow.llm.pauses import Pauses, Tries
from toolflow.llm.purse import Attempt, OpenPurse, Purse, Reservation
from toolflow.llm.refusals import answer_in, is_limit, only_here, refused_feature
from toolflow.llm.support import Feature, settled
from toolflow.llm.timer import Clock, Sleep, Timer
from toolflow.llm.wire import answer_of, compact, leaves_tools_out, lowered, tokens_of
from toolflow.pools import without_secrets

OPENAI = "https://api.openai.com/v1"
GIVE_UP = 3
BYTES_PER_TOKEN = 4
"""About; only an estimate, and put right by the answer."""
TOOLS_LEFT_OUT = "it leaves the tools out of the prompt"

_NO_SUCH_MODEL = re.compile(r"\bmodel\b.{0,80}(not (exist|found)|decommission)|(unknown|no such) model", re.I)


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
        limits: Limits | None = None,
        purse: Purse | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        jitter: Random | None = None,
    ) -> None:
        self.name = model
        self.where = without_secrets(base_url or OPENAI)
        self._config = config
        self._support, self._wanted = settled(config)
        self._proven: set[Feature] = set()
        self._doubts: Counter[Feature] = Counter()
        self._refusals = 0
        self._purse = purse or OpenPurse()
        self._timer = Timer(clock, sleep)
        jitter = jitter or Random()
        self._pauses = Pauses(config.retries, config.retry_seconds, jitter)
        censor = Censor([api_key or "", *secrets_of(base_url)])
        self._address = Address(self.where, model, censor, key_env, config.timeout)
        self._gate = Gate(self._address, limits or config.limits, self._timer, jitter)
        # The gate bounds the connections; the SDK's own bound closes all but a hundred after each request.
        unbounded = type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=None, max_keepalive_connections=None)
        # An empty admin key keeps the SDK from looking for one in the environment.
        self._openai = openai.AsyncOpenAI(
            base_url=base_url or OPENAI,
            api_key=api_key or "none",
            admin_api_key="",
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(limits=unbounded),
            timeout=openai.Timeout(config.timeout, connect=min(10.0, config.timeout)),
        )

    def __repr__(self) -> str:
        return f"ModelClient({self.name!r} at {self.where})"

    def hold(self) -> int:
        """Send nothing more; how many answers are still to come."""
        return self._gate.hold()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._gate.aclose()
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
        tries = Tries(self._pauses, self._gate)
        # One AsyncRetrying per question: an instance keeps its state per thread, not per task.
        retrying = AsyncRetrying(
            sleep=self._timer.sleep,
            stop=tries.stop,
            wait=tries.wait,
            retry=retry_if_exception(may_pass),
            reraise=True,
        )
        attempt = self._attempt(wire, role)
        try:
            with self._gate.question():
                answer: ChatAnswer = await retrying(self._send, wire, attempt, usage, tries)
        except (openai.APIError, TimeoutError, NoAnswer) as error:
            said = self._address.quoted(error)
            if isinstance(error, openai.APIStatusError) and is_refused(error):
                words = words_in(error)
                disguised = answer_in(error.body, words)
                if disguised is not None:
                    return disguised
                raise Refused(said, words) from None
            for_good = self._address.for_good(error, answered=self._gate.has_answered)
            raise for_good or RecordError(f"{self.where} gave no answer within the retries ({said})") from None
        return answer

    async def _send(self, wire: dict[str, Any], attempt: Attempt, usage: Usage, tries: Tries) -> ChatAnswer:
        """One attempt, let through and paid for."""
        longest = self._config.max_tokens if attempt.max_tokens is None else attempt.max_tokens
        async with self._gate.slot(Need(attempt.prompt_bytes // BYTES_PER_TOKEN + 1, longest)) as slot:
            reservation = await self._purse.reserve(attempt)
            try:
                slot.sent()
                completion, headers = await self._completion(wire)
            except BaseException as error:
                usage.failed(attempt.role)
                _settle(reservation, error)
                self._failed(error, slot, tries)
                raise
            tokens = tokens_of(completion)
            reservation.answered(tokens)
            usage.answered(attempt.role, tokens)
            answer = answer_of(completion)
            if answer is None:
                usage.failed(attempt.role)
                empty = NoAnswer("the response holds no answer")
                self._failed(empty, slot, tries)
                raise empty
            slot.answered(tokens, headers)
            self._refusals = 0
        if "tools" not in self._wanted and leaves_tools_out(wire, attempt.prompt_bytes, tokens):
            self._proven.discard("tools")
            raise Refused(TOOLS_LEFT_OUT, TOOLS_LEFT_OUT)
        return answer

    def _failed(self, error: BaseException, slot: Slot, tries: Tries) -> None:
        """Tell the gate, where it is about the endpoint; `ModelUnavailable` when that is gone for good."""
        if may_pass(error):
            failure = self._address.failure(error)
            gone = slot.failed(failure)
            if gone is not None:
                raise gone from None
            tries.failed(failure, self._timer.now() - slot.sent_at)
        elif isinstance(error, openai.APIStatusError):
            slot.refused()

    def _attempt(self, wire: dict[str, Any], role: str) -> Attempt:
        longest = wire.get("max_completion_tokens", wire.get("max_tokens"))
        return Attempt(self.where, self.name, role, len(compact(wire).encode(errors="replace")), longest)

    async def _completion(self, wire: dict[str, Any]) -> tuple[dict[str, Any], Headers]:
        try:
            # The SDK's timeout starts anew with every byte; this one bounds the whole attempt.
            async with asyncio.timeout(self._config.timeout):
                # As extra_body: the SDK walks through all else, which takes longer than the rest of the request.
                response = await self._openai.chat.completions.with_raw_response.create(
                    model=self.name, messages=[], extra_body=wire
                )
            completion = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise NoAnswer(f"the response is not JSON: {error}") from None
        if not isinstance(completion, dict):
            raise NoAnswer("the response is not a chat completion")
        return completion, response.headers

    def _refused(self, refused: Refused, feature: Feature | None) -> ToolFlowError:
        if _NO_SUCH_MODEL.search(refused.words):
            return ModelUnavailable(
                f"{self.where} does not know model {self.name!r} ({refused}); check --model or llm.models"
            )
        if is_limit(refused.words) and not self._gate.has_answered:
            return ModelUnavailable(
                f"{self.where} refuses llm.max_tokens: {self._config.max_tokens} ({refused}); lower it"
            )
        if feature in self._wanted and feature not in self._proven and not only_here(feature, refused.words):
            setting = self._wanted[feature]
            return ModelUnavailable(
                f"{self.where} refuses what llm.{setting} (or {setting} of a member of llm.models) asks of model "
                f"{self.name!r} ({refused}); leave it out there, or choose another value"
            )
        reason = f"{self.where} refuses the request ({refused})"
        self._refusals += 1
        if self._refusals < GIVE_UP or self._gate.has_answered:
            return RecordError(reason)
        return ModelUnavailable(f"{reason}, {self._refusals} questions in a row; check it and go on later")


def _settle(reservation: Reservation, error: BaseException) -> None:
    """An error status is not billed, nor is a request that never left; of all else nobody knows."""
    if isinstance(error, openai.APIStatusError | ModelUnavailable) or is_unreachable(error):
        reservation.refused()
    else:
        reservation.lost()


def _unservable(words: str) -> bool:
    """Whether leaving a feature away would only hide what is wrong."""
    return is_limit(words) or _NO_SUCH_MODEL.search(words) is not None
