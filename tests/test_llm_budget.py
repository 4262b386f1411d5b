"""Spending never exceeds the budget: random runs of the real client against an endpoint that bills what it likes.

The endpoint keeps the bill: it charges every request that reached it and was not answered with an error status,
whether its answer arrives or not. Prices, token counts, faults, concurrency, kills and continuations are drawn.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web

from toolflow.config import LLMConfig
from toolflow.errors import BudgetReached, ModelUnavailable, RecordError
from toolflow.llm.chat import ChatRequest, Usage
from toolflow.llm.client import ModelClient
from toolflow.llm.ledger import Ledger
from toolflow.llm.prices import Price, PriceList, in_dollars, in_pico
from toolflow.llm.purse import Attempt, Reservation, Tokens

RUNS = 200
PARTS = 4
ROLES = ("planner", "user", "assistant", "tool")
FAULTS = ("429", "500", "drop", "cut", "uncounted", "no_choices", "not_json")


class Till:
    """An endpoint that bills."""

    def __init__(self) -> None:
        self.rng = Random(0)
        self.prices: dict[str, Price] = {}
        self.faults = 0.0
        self.billed = 0
        """Picodollars."""
        self.answered = 0

    def begin(self, rng: Random, prices: dict[str, Price], faults: float) -> None:
        """A run with a bill of its own."""
        self.rng, self.prices, self.faults, self.billed, self.answered = rng, prices, faults, 0, 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """The base URL."""
        app = web.Application(client_max_size=10**7)
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        finally:
            await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        text, body = await request.read(), await request.json()
        rng = self.rng
        fault = rng.choice(FAULTS) if rng.random() < self.faults else ""
        if fault in ("429", "500"):
            return web.json_response({"error": {"message": "not now"}}, status=int(fault))
        most = rng.choice((1.0, 0.3))
        prompt = rng.randint(0, int(len(text) * most))
        tokens = Tokens(prompt, rng.randint(0, int(body["max_tokens"] * most)), cached=rng.randint(0, prompt))
        self.billed += self.prices[body["model"]].cost(tokens)
        if fault in ("drop", "cut"):
            response = web.StreamResponse(headers={"Content-Length": "5000"})
            if fault == "cut":
                await response.prepare(request)
                await response.write(b'{"choices": [{"mess')
            if request.transport is not None:
                request.transport.close()
            return response
        self.answered += 1
        if fault == "not_json":
            return web.Response(text="<html>", content_type="application/json")
        return web.json_response(_answer(body["model"], tokens, fault))


def _answer(model: str, tokens: Tokens, fault: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": "yes"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
    }
    answer = {"id": "1", "object": "chat.completion", "created": 0, "model": model}
    choices = {"choices": [] if fault == "no_choices" else [choice]}
    return answer | choices | ({} if fault == "uncounted" else {"usage": usage})


async def no_wait(seconds: float) -> None:
    """Waits last no time."""
    await asyncio.sleep(0)


class Relay:
    """The purse of clients that outlive a run; it says when so many attempts were let through."""

    def __init__(self) -> None:
        self.begin(Ledger(PriceList()), 0)

    def begin(self, ledger: Ledger, number: int) -> None:
        """Use this ledger from now on."""
        self.ledger, self.number, self.enough = ledger, number, asyncio.Event()

    async def reserve(self, attempt: Attempt) -> Reservation:
        reservation = await self.ledger.reserve(attempt)
        self.number -= 1
        if self.number == 0:
            self.enough.set()
        return reservation

    def noted(self, *what: Any) -> None:
        self.ledger.noted(*what)


CONFIGS = [
    LLMConfig(max_tokens=longest, retries=retries, timeout=20, temperature=None)
    for longest, retries in ((16, 1), (100, 4), (2000, 2))
]
MODELS = ("big", "small")


class Run:
    """One random run, its kills and continuations included."""

    def __init__(self, seed: int, till: Till, relay: Relay, clients: list[list[ModelClient]], folder: Path) -> None:
        self.rng = rng = Random(seed)
        self.till, self.relay, self.path = till, relay, folder / "ledger.jsonl"
        self.prices = {name: self._price() for name in MODELS}
        longest, self.clients = rng.choice([(CONFIGS[at].max_tokens, clients[at]) for at in range(len(CONFIGS))])
        self.questions = rng.randint(3, 30)
        self.workers = rng.choice((1, 3, 16))
        dearest = max(price.bound(900, longest) for price in self.prices.values())
        self.budget = in_dollars(int(dearest * rng.uniform(0, self.questions) ** rng.uniform(0.3, 1)))
        till.begin(Random(seed + 1), self.prices, rng.choice((0.0, 0.1, 0.5, 0.9)))

    def _price(self) -> Price:
        scale = 10 ** self.rng.randint(3, 9)
        cheap, dear = sorted(self.rng.randint(1, scale) for _ in range(2))
        return Price(*((dear, cheap) if self.rng.random() < 0.9 else (cheap, dear)), self.rng.randint(0, scale))

    async def go(self) -> None:
        """Until all questions are asked or the money is spent; killed now and then, and continued."""
        for kill_after in [self.rng.randint(1, 12) for _ in range(self.rng.choice((0, 0, 1, 2)))]:
            await self._part(kill_after)
            assert self.till.billed <= in_pico(self.budget)
        await self._part(None)
        ledger = self._ledger()
        assert self.till.billed <= ledger.account.charged() <= in_pico(self.budget)
        total = ledger.report()["total"]
        assert total["calls"] + total.get("lost", 0) >= self.till.answered
        ledger.close()

    def _ledger(self) -> Ledger:
        prices = {("127.0.0.1", name): price for name, price in self.prices.items()}
        ledger = Ledger(PriceList(prices=prices), self.budget)
        ledger.open(self.path)
        return ledger

    async def _part(self, kill_after: int | None) -> None:
        ledger = self._ledger()
        self.relay.begin(ledger, kill_after or 0)
        left = iter(range(self.questions))
        tasks = [asyncio.create_task(self._ask(left, Random(self.rng.random()))) for _ in range(self.workers)]
        killed = None if kill_after is None else await self._killed(tasks)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        ledger.close()
        if killed is not None:
            self.path.write_bytes(killed + self.rng.choice((b"", b'{"reserv', b'{"answered":3')))
        for outcome in outcomes:
            assert outcome is None or isinstance(outcome, asyncio.CancelledError), outcome

    async def _killed(self, tasks: list[asyncio.Task[None]]) -> bytes:
        """What a kill leaves of the ledger at some moment; what is written after it was never written."""
        sent = asyncio.create_task(self.relay.enough.wait())
        await asyncio.wait([sent, asyncio.gather(*tasks, return_exceptions=True)], return_when=asyncio.FIRST_COMPLETED)
        sent.cancel()
        for _ in range(self.rng.randint(0, 30)):
            await asyncio.sleep(0)
        left = self.path.read_bytes()
        for task in tasks:
            task.cancel()
        return left

    async def _ask(self, left: Iterator[int], rng: Random) -> None:
        with suppress(BudgetReached):
            for _ in left:
                content = "word " * rng.choice((1, 20, 150)) + rng.choice(("", "é" * 90, '"' * 40))
                messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": content}]
                with suppress(RecordError, ModelUnavailable):
                    await rng.choice(self.clients).ask(ChatRequest(rng.choice(ROLES), messages), Usage())


def spent_well(first: int, number: int) -> int:
    """So many runs; how many of them spent half of the budget or more."""

    async def go() -> int:
        count, till, relay = 0, Till(), Relay()
        async with till.open() as url, AsyncExitStack() as stack:
            clients = [
                [ModelClient(name, url, "k", config, purse=relay, sleep=no_wait, jitter=Random(0)) for name in MODELS]
                for config in CONFIGS
            ]
            for client in (client for both in clients for client in both):
                stack.push_async_callback(client.aclose)
            for seed in range(first, first + number):
                with tempfile.TemporaryDirectory() as folder:
                    run = Run(seed, till, relay, clients, Path(folder))
                    try:
                        await run.go()
                    except AssertionError as error:
                        raise AssertionError(f"run {seed}: {error}") from error
                    count += till.billed * 2 > in_pico(run.budget)
        return count

    return asyncio.run(go())


@pytest.mark.parametrize("first", range(0, RUNS, RUNS // PARTS))
def test_spending_never_exceeds_the_budget(first: int) -> None:
    """Neither what the endpoint billed nor what the ledger says; and in many runs the money is put to use."""
    assert spent_well(first, RUNS // PARTS) >= RUNS // PARTS / 10
