"""The ledger: a `toolflow.llm.purse.Purse` that keeps the account of a run, and its budget.

Before an attempt is sent, the most it can cost is set aside: as many tokens as the request has bytes, and as many as
the length limit lets the answer have, at the prices of its model. Spent, possibly spent and set aside together never
pass the budget. An attempt that does not fit waits while others are under way, since most cost less than was set
aside for them; when none is and it still does not fit, the money is spent: `BudgetReached`.

Ours: an endpoint that counts more tokens than that (a hidden prompt) is believed, and its later attempts are given
more room; what it counted before that may pass the budget, and is said in a warning. What earlier runs of the
folder spent while a model had no price is charged at the price that it has now.
"""

import logging
import math
from asyncio import Future, get_running_loop
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolflow.errors import BudgetReached, ModelUnavailable, OutputError
from toolflow.llm.account import Account, Line
from toolflow.llm.ledger_file import LedgerFile, Stretch, read_ledger
from toolflow.llm.prices import Price, PriceList, in_dollars, in_pico, shown
from toolflow.llm.purse import Attempt, Noted, Tokens

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Reserved:
    """A `toolflow.llm.purse.Reservation`."""

    ledger: "Ledger"
    number: int
    attempt: Attempt
    line: Line
    prompt: int
    completion: int | None
    cost: int
    """What is set aside, in picodollars; 0 without a price."""

    def answered(self, tokens: Tokens | None) -> None:
        self.ledger.settle(self, "answered", tokens)

    def refused(self) -> None:
        self.ledger.settle(self, "refused", None)

    def lost(self) -> None:
        self.ledger.settle(self, "lost", None)


class Ledger:
    """The account and the budget of one run folder, all its continuations included.

    It keeps account in memory until `open` ties it to a file. ``budget`` is in dollars.
    """

    def __init__(self, prices: PriceList, budget: float | None = None) -> None:
        self.prices = prices
        self.budget = budget
        self._limit = None if budget is None else in_pico(budget)
        self.account = Account()
        self._charged = 0
        """Spent and possibly spent, in picodollars."""
        self._aside = 0
        """Set aside for what is under way."""
        self._under_way = 0
        self._waiting: deque[tuple[int, Future[None]]] = deque()
        """What does not fit yet, and who waits for it."""
        self._largest = 0
        self._attempts = 0
        self._numbers: dict[Line, int] = {}
        self._stretches: dict[tuple[str, str], Stretch] = {}
        self._file: LedgerFile | None = None
        self._broken: OutputError | None = None
        self._expected = 0

    def open(self, path: Path) -> None:
        """Take over what the file says, and write on; `ConfigError` when a budget lacks a price for some of it."""
        found = read_ledger(path)
        self._numbers = {line: number for number, line in enumerate(found.lines)}
        self._attempts, self._stretches = found.attempts, found.stretches
        for line, prompt, completion in found.open.values():
            found.account.sums(found.lines[line]).broke_off(prompt, completion)
        for used, sums in found.account.lines.items():
            price = self.price(used.endpoint, used.model) if used.price is None else used.price
            self.account.sums(replace(used, price=price)).add(sums)
        self._charged = self.account.charged()
        self._file = LedgerFile(path, found.end)
        for number in found.open:
            self._write({"lost": number})

    def close(self) -> None:
        """Bring the file to the disk."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def price(self, endpoint: str, model: str) -> Price | None:
        """What a model costs, None when unknown; `ConfigError` when it is unknown and a budget needs it."""
        price = self.prices.price(endpoint, model)
        if price is None and self._limit is not None:
            raise self.prices.missing(endpoint, model)
        return price

    def expect(self, dollars: float) -> None:
        """What one record costs on average, until it is known."""
        self._expected = in_pico(dollars)

    def affords(self, draws: int, under_way: int) -> bool:
        """Whether one more record can be begun, when ``draws`` were made in this folder and some are under way.

        Ours: with less left than what those and one more cost on average, what is under way is finished first.
        `BudgetReached` when nothing is.
        """
        if self._limit is None or not (draws or under_way):
            return True  # the first one is tried, whatever was expected of it
        average = self._charged // draws if draws else self._expected
        if self._charged + average * (under_way + 1) + self._largest <= self._limit:
            return True
        if not under_way:
            raise self._reached(f"one more dialogue costs {shown(in_dollars(average))} on average")
        return False

    async def reserve(self, attempt: Attempt) -> _Reserved:
        """Set aside what an attempt can cost at most, as soon as that fits into the budget."""
        if self._broken is not None:
            raise self._broken
        reserved = self._reserved(attempt)
        if not self._fits(reserved.cost):
            await self._room_for(reserved.cost)
        else:
            self._set_aside(reserved.cost)
        try:
            number = self._number(reserved.line)
            self._write(
                {
                    "reserved": reserved.number,
                    "of": number,
                    "prompt": reserved.prompt,
                    "completion": reserved.completion,
                }
            )
        except OutputError:
            self._free(reserved.cost)
            raise
        return reserved

    def settle(self, reserved: _Reserved, how: str, tokens: Tokens | None) -> None:
        """Charge what an attempt cost, and give back what was set aside for it."""
        sums, price = self.account.sums(reserved.line), reserved.line.price
        before = 0 if price is None else sums.spent(price) + sums.possible(price)
        event: dict[str, Any] = {how: reserved.number}
        if how == "answered":
            sums.answered(tokens, reserved.prompt, reserved.completion)
            if tokens is not None:
                event |= {"prompt": tokens.prompt, "cached": min(tokens.cached, tokens.prompt)}
                event |= {"completion": tokens.completion, "reasoning": tokens.reasoning}
        elif how == "lost":
            sums.broke_off(reserved.prompt, reserved.completion)
        else:
            sums.failed += 1
        if price is not None:
            self._charged += sums.spent(price) + sums.possible(price) - before
        try:
            self._write(event)
            if tokens is not None:
                self._learn(reserved, tokens)
        except OutputError as error:  # the attempt counts in full there; the next one is not sent
            self._broken = error
        self._free(reserved.cost)

    def noted(self, endpoint: str, model: str, role: str, what: Noted, saved: Tokens | None = None) -> None:
        """Count an answer that was known, with what it cost once, or one that was asked for again."""
        line = Line(endpoint, model, role, self.price(endpoint, model))
        self.account.sums(line).noted(what, saved)
        cost = {} if saved is None else {"prompt": saved.prompt, "completion": saved.completion}
        self._write({what: self._number(line), **cost})

    def usage(self) -> dict[str, dict[str, int]]:
        """The counts by role."""
        return self.account.roles()

    def report(self) -> dict[str, Any]:
        """Counts and money by role and model, and in total, as plain JSON."""
        return {**self.account.report(), "budget_usd": self.budget}

    def _reserved(self, attempt: Attempt) -> _Reserved:
        price = self.price(attempt.endpoint, attempt.model)
        stretch = self._stretches.get((attempt.endpoint, attempt.model), _EVEN)
        prompt = math.ceil(attempt.prompt_bytes * stretch.prompt)
        longest = attempt.max_tokens
        completion = None if longest is None else math.ceil(longest * stretch.completion)
        if self._limit is not None and completion is None and price is not None and price.output:
            raise ModelUnavailable(
                f"{attempt.endpoint} takes no length limit for {attempt.model}, so that no budget can be kept; "
                "go on without --budget, or with another model"
            )
        cost = 0 if price is None else price.bound(prompt, completion or 0)
        self._attempts += 1
        line = Line(attempt.endpoint, attempt.model, attempt.role, price)
        return _Reserved(self, self._attempts - 1, attempt, line, prompt, completion, cost)

    def _fits(self, cost: int) -> bool:
        return self._limit is None or self._charged + self._aside + cost <= self._limit

    def _set_aside(self, cost: int) -> None:
        self._aside += cost
        self._under_way += 1
        self._largest = max(self._largest, cost)

    async def _room_for(self, cost: int) -> None:
        if not self._under_way:
            raise self._reached()
        waiting: Future[None] = get_running_loop().create_future()
        self._waiting.append((cost, waiting))
        try:
            await waiting
        except BaseException:
            if waiting.done() and not waiting.cancelled() and waiting.exception() is None:
                self._free(cost)  # room was made and nobody is there to use it
            raise

    def _free(self, cost: int) -> None:
        """Give back what was set aside, and let those in whom it is enough for; nobody waits for nothing."""
        self._aside -= cost
        self._under_way -= 1
        still: deque[tuple[int, Future[None]]] = deque()
        while self._waiting:
            wanted, waiting = self._waiting.popleft()
            if waiting.done():
                continue
            if self._fits(wanted):
                self._set_aside(wanted)
                waiting.set_result(None)
            else:
                still.append((wanted, waiting))
        self._waiting = still
        if not self._under_way:
            for _, waiting in self._waiting:
                waiting.set_exception(self._reached())
            self._waiting.clear()

    def _reached(self, why: str = "the next request might cost more than the rest") -> BudgetReached:
        spent, limit = shown(in_dollars(self._charged)), shown(self.budget or 0)
        return BudgetReached(
            f"the budget is reached: {spent} of {limit} USD are spent, and {why}; raise --budget to go on"
        )

    def _learn(self, reserved: _Reserved, tokens: Tokens) -> None:
        """Give an endpoint more room that counts more than it should."""
        if tokens.prompt <= reserved.prompt and tokens.completion <= (reserved.completion or tokens.completion):
            return
        place = reserved.line.endpoint, reserved.line.model
        stretch = self._stretches.setdefault(place, Stretch())
        if stretch == _EVEN:
            logger.warning(
                "%s counts more tokens for %s than the request can have (%d of at most %d, %d of at most %s); "
                "later requests are given more room, what is under way may pass a budget",
                *(*place, tokens.prompt, reserved.prompt, tokens.completion, reserved.completion),
            )
        stretch.prompt = max(stretch.prompt, tokens.prompt / max(1, reserved.attempt.prompt_bytes))
        stretch.completion = max(stretch.completion, tokens.completion / (reserved.attempt.max_tokens or math.inf))
        self._write(
            {"stretch": self._number(reserved.line), "prompt": stretch.prompt, "completion": stretch.completion}
        )

    def _number(self, line: Line) -> int:
        """The number of a line in the file, where it is written before it is first used."""
        number = self._numbers.get(line)
        if number is None:
            number = len(self._numbers)
            price = None if line.price is None else line.price.written()
            self._write(
                {"line": number, "endpoint": line.endpoint, "model": line.model, "role": line.role, "price": price}
            )
            self._numbers[line] = number
        return number

    def _write(self, event: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.append(event)


_EVEN = Stretch()
