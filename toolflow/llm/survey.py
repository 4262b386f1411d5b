"""A survey: many questions that do not depend on each other, so many of them at once.

A question that gets no answer costs itself alone. What stops a run (the money is spent, the endpoint is gone, somebody
asks to stop) ends the survey: no further question is begun, and who called is told which were answered. Those are in
the cache by then, so that the same survey again pays for the others alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from toolflow.errors import BudgetReached, RecordError, RunError

Q = TypeVar("Q")
A = TypeVar("A")

INTERRUPTED = "interrupted"


@dataclass
class Surveyed(Generic[A]):
    """What became of a survey."""

    answers: list[A | RecordError | None]
    """For each question, in their order: the answer, why there is none, or None where it was not asked to the end."""
    stopped: str | None = None
    """Why it ended before all were asked."""

    @property
    def done(self) -> int:
        """Questions asked to the end, with an answer or without."""
        return sum(answer is not None for answer in self.answers)

    @property
    def answered(self) -> int:
        """Questions that got an answer."""
        return sum(not isinstance(answer, RecordError | None) for answer in self.answers)

    @property
    def unanswered(self) -> str | None:
        """Why the first question without an answer has none; None when all have one."""
        return next((str(answer) for answer in self.answers if isinstance(answer, RecordError)), None)


async def survey(
    questions: Sequence[Q],
    ask: Callable[[Q], Awaitable[A]],
    concurrency: int,
    *,
    stop: asyncio.Event,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Surveyed[A]:
    """Ask them all; setting ``stop`` abandons what is under way. ``progress`` is told how many are done.

    When a budget is reached, what is under way may end, as far as the money goes.
    """
    found: Surveyed[A] = Surveyed([None] * len(questions))
    waiting = iter(range(len(questions)))

    async def work() -> None:
        for number in waiting:
            try:
                found.answers[number] = await ask(questions[number])
            except RecordError as error:
                found.answers[number] = error
            except BudgetReached as error:
                found.stopped = found.stopped or str(error)
            if found.stopped is not None:
                return
            progress(found.done, len(questions))

    stopping = asyncio.create_task(stop.wait())
    under_way = {asyncio.create_task(work()) for _ in range(min(concurrency, len(questions)))}
    tasks = [*under_way, stopping]
    try:
        while under_way and not stop.is_set():
            ended, _ = await asyncio.wait({*under_way, stopping}, return_when=asyncio.FIRST_COMPLETED)
            under_way -= ended
            for task in ended:
                task.result()
        if under_way:
            found.stopped = INTERRUPTED
    except RunError as error:
        found.stopped = str(error)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found
