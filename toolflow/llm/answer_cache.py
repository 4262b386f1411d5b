"""The cache: a model that asks another one only what it was never asked before.

An answer is kept under the hash of the whole question: endpoint, model, settings that change an answer,
messages, schema, tools and seed. It is on the disk before anybody sees it. Since a record is a function of its
recipe and of the answers it got, a run that was killed and is continued asks the same questions again, gets
the same answers from here, and pays only for what comes after; so does a repeated run. Questions that are
equal and under way at the same time in one process are asked once.

Who asks (the role) is no part of the question, nor is anything of how it is asked (timeouts, retries, what the
endpoint supports). Of the endpoint only the address counts: no user, password, query or key is hashed, let
alone written; the file holds hashes and answers, no questions.

Ours: whatever the model behind returns is an answer and kept, also one that was cut off, filtered, refused or
empty. It was paid for, the question after it depends on it, and the same question would as a rule fare no
better (`max_tokens` is part of the question, so that a larger one asks anew). Errors are never kept. An
endpoint that changes the model behind a name goes unnoticed: `--no-cache`, or another seed, asks anew.
"""

import asyncio
import hashlib
import json
from dataclasses import asdict, dataclass

from toolflow.config import LLMConfig
from toolflow.llm.answer_store import AnswerStore
from toolflow.llm.chat import ChatAnswer, ChatRequest, Model, Usage, WireCall
from toolflow.llm.purse import OpenPurse, Purse, Tokens
from toolflow.llm.repair import split_thought
from toolflow.pools import Features

PACE = frozenset("models timeout retries retry_seconds limits reasks budget small_models cache prompts".split())
"""Settings that do not change an answer, or (prompts) that stand in the question anyhow; one that is new does
change answers, until it is named here."""
LATER = {"reasoning_effort": None, "support": Features().model_dump()}
"""Settings that came after the first answers were kept: at these values they are no part of the question."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer, and what it cost when it was asked for."""

    answer: ChatAnswer
    prompt_tokens: int
    completion_tokens: int


class CachedModel:
    """A `toolflow.llm.chat.Model` before another one; ``endpoint`` is the address without secrets.

    The store may serve other models as well: who opened it closes it, after them.
    """

    def __init__(
        self, model: Model, endpoint: str, config: LLMConfig, store: AnswerStore, purse: Purse | None = None
    ) -> None:
        self._model = model
        self._endpoint = endpoint
        self._purse = purse or OpenPurse()
        self._store = store
        settings = config.model_dump(mode="json", exclude=set(PACE))
        asked = {name: value for name, value in settings.items() if name not in LATER or value != LATER[name]}
        self._place = [endpoint, model.name, sorted(asked.items())]
        self._flights: dict[bytes, asyncio.Future[_Known | None]] = {}
        """Questions under way; None is the outcome of one that failed or was abandoned."""

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self._model.name

    async def ask(self, request: ChatRequest, usage: Usage) -> ChatAnswer:
        """The answer given before, or the model's, kept by now; errors as the model raises them."""
        key = self._key(request)
        while (flight := self._flights.get(key)) is not None:
            known = await asyncio.shield(flight)
            if known is not None:
                self._recalled(known, request, usage)
                return known.answer
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        known = None
        try:
            known = await self._known(key)
            if known is not None:
                self._recalled(known, request, usage)
            else:
                fresh = await self._asked(request, usage)
                await self._store.write(key, _written(fresh))
                known = fresh
            return known.answer
        finally:
            del self._flights[key]
            flight.set_result(known)

    def hold(self) -> int:
        """Ask nothing that is not known; answers still to come, which will be kept."""
        return self._model.hold()

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._model.aclose()

    def _recalled(self, known: _Known, request: ChatRequest, usage: Usage) -> None:
        usage.recalled(request.role, known.prompt_tokens, known.completion_tokens)
        saved = Tokens(known.prompt_tokens, known.completion_tokens)
        self._purse.noted(self._endpoint, self.name, request.role, "recalled", saved)

    async def _known(self, key: bytes) -> _Known | None:
        content = await self._store.read(key)
        return None if content is None else _read(content)

    async def _asked(self, request: ChatRequest, usage: Usage) -> _Known:
        """Ask the model; on an account of its own first, to know what this one question cost."""
        own = Usage()
        try:
            answer = await self._model.ask(request, own)
        finally:
            usage.add(own)
        cost = own.by_role.get(request.role, {})
        return _Known(answer, cost.get("prompt_tokens", 0), cost.get("completion_tokens", 0))

    def _key(self, request: ChatRequest) -> bytes:
        """Hash of the question. The order of keys counts: a model reads it as well."""
        question = [*self._place, list(request.messages), request.schema, list(request.tools), request.seed]
        return hashlib.sha256(json.dumps(question, separators=(",", ":")).encode()).digest()


def _written(known: _Known) -> bytes:
    """As ASCII, which carries half a surrogate pair too."""
    return json.dumps(asdict(known), separators=(",", ":")).encode()


def _read(content: bytes) -> _Known | None:
    """What `_written` wrote; None for an answer that this version does not understand."""
    try:
        fields = json.loads(content)
        answer = fields.pop("answer")
        if "reasoning" not in answer:  # of a version that left it in the text
            answer["text"], thought = split_thought(answer["text"])
            answer["reasoning"] = thought or None
        calls = tuple(WireCall(**call) for call in answer.pop("calls"))
        return _Known(answer=ChatAnswer(**answer, calls=calls), **fields)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
