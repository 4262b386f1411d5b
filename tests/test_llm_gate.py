"""The gate: never more than allowed, in the order of asking, as fast as the endpoint can, and never stuck."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import VirtualTime
from toolflow.errors import ModelUnavailable
from toolflow.limits import Limits
from toolflow.llm.caps import Need
from toolflow.llm.censor import Censor
from toolflow.llm.failures import Address, Failure
from toolflow.llm.gate import LONGEST_WAIT, Gate
from toolflow.llm.purse import Tokens
from toolflow.llm.timer import Timer
from toolflow.llm.width import START

TIMEOUT = 120.0
BUSY = Failure("429", busy=True, blameless=True)
BROKEN = Failure("500")


def asked_to_wait(seconds: float) -> Failure:
    """A 429 with Retry-After."""
    return Failure("429", busy=True, blameless=True, headers={"retry-after": str(seconds)})


@dataclass(frozen=True)
class Job:
    """One request: when it comes, how long it takes, how it ends, what it costs."""

    at: float = 0.0
    takes: float = 1.0
    end: Failure | str | None = "answer"
    """None: as `Rig.weather` has it when the request is sent."""
    input: int = 10
    output: int = 10
    said: int | None = None
    """Output tokens of the answer, where they are fewer."""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Ride:
    """What became of it."""

    job: Job
    sent: float = -1.0
    ended: float = -1.0
    end: Failure | str = "nothing"


class Rig:
    """A gate in virtual time, and the requests that passed it."""

    def __init__(self, **limits: Any) -> None:
        self.time = VirtualTime()
        address = Address("http://here/v1", "m", Censor([]), "KEY", TIMEOUT)
        self.gate = Gate(address, Limits(**limits), Timer(self.time.clock, self.time.sleep), Random(1))
        self.rides: list[Ride] = []
        self.most = 0
        self.weather: Callable[[], Failure | str] = lambda: "answer"
        self.errors: list[ModelUnavailable] = []

    def run(self, jobs: Sequence[Job]) -> Self:
        """All of them."""

        async def go() -> None:
            await asyncio.gather(*(self.ride(job) for job in jobs))
            await self.gate.aclose()

        self.time.run(go())
        assert self.gate.in_flight == self.gate.asking == 0
        assert not self.gate._waiting
        return self

    async def ride(self, job: Job) -> None:
        await self.time.sleep(job.at)
        riding = asyncio.create_task(self._ride(job))
        if job.end == "cancelled":
            await self.time.sleep(job.takes)
            riding.cancel()
        await asyncio.gather(riding, return_exceptions=job.end == "cancelled")

    async def _ride(self, job: Job) -> Ride:
        ride = Ride(job)
        self.rides.append(ride)
        gate = self.gate
        try:
            async with gate.slot(Need(job.input, job.output)) as slot:
                self.most = max(self.most, gate.in_flight)
                assert slot.is_probe or gate.in_flight <= gate.width.allowed or gate.breaker.is_open
                if job.end == "unsent":
                    return ride
                slot.sent()
                ride.sent, end = self.time.now, job.end or self.weather()
                await self.time.sleep(job.takes)
                ride.ended, ride.end = self.time.now, end
                if isinstance(end, Failure):
                    gone = slot.failed(end)
                    if gone:
                        raise gone
                elif end == "refused":
                    slot.refused()
                else:
                    said = job.output if job.said is None else job.said
                    slot.answered(Tokens(job.input, said), dict(job.headers))
        except ModelUnavailable as error:
            self.errors.append(error)
        return ride

    @property
    def sent(self) -> list[float]:
        return sorted(ride.sent for ride in self.rides if ride.sent >= 0)


def busiest_minute(events: Sequence[tuple[float, int]]) -> int:
    """The largest sum in any sixty seconds."""
    return max((sum(amount for when, amount in events if start <= when < start + 60) for start, _ in events), default=0)


ENDS: list[Failure | str] = ["answer"] * 6 + ["refused", "cancelled", "unsent", BUSY, BROKEN]
ENDS += [asked_to_wait(5), asked_to_wait(40), Failure("timeout", busy=True)]
JOBS = st.lists(
    st.builds(
        Job,
        at=st.floats(0, 100),
        takes=st.floats(0.01, 90),
        end=st.sampled_from(ENDS),
        input=st.integers(1, 50),
        output=st.integers(1, 50),
        said=st.integers(0, 5) | st.none(),
    ),
    max_size=40,
)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "in_flight": st.integers(1, 10),
        "requests_per_minute": st.integers(1, 20),
        "input_tokens_per_minute": st.integers(50, 300),
        "output_tokens_per_minute": st.integers(50, 300),
    },
)


@given(jobs=JOBS, limits=LIMITS)
def test_nothing_passes_that_may_not(jobs: list[Job], limits: dict[str, int]) -> None:
    """Whatever comes, takes long, fails or is cancelled: width, caps and waits are kept, and all get through."""
    rig = Rig(patience=1e9, **limits).run(jobs)
    assert rig.most <= limits.get("in_flight", 1_000)
    sent = [ride for ride in rig.rides if ride.sent >= 0]
    assert busiest_minute([(ride.sent, 1) for ride in sent]) <= limits.get("requests_per_minute", 1_000)
    assert busiest_minute([(ride.sent, ride.job.input) for ride in sent]) <= limits.get(
        "input_tokens_per_minute", 10_000
    )
    answered = [ride for ride in sent if ride.ended >= 0 and ride.job.end == "answer"]
    spoken = [(ride.ended, ride.job.output if ride.job.said is None else ride.job.said) for ride in answered]
    assert busiest_minute(spoken) <= limits.get("output_tokens_per_minute", 10_000)
    for ride in sent:
        if isinstance(ride.job.end, Failure) and ride.job.end.asked and ride.ended >= 0:
            assert not [when for when in rig.sent if ride.ended < when < ride.ended + ride.job.end.asked]
    assert all(ride.sent >= 0 for ride in rig.rides if ride.job.end not in ("cancelled", "unsent"))


@given(jobs=JOBS, limits=LIMITS)
def test_first_come_first_served(jobs: list[Job], limits: dict[str, int]) -> None:
    """Nobody is overtaken, however large a request is; so nobody waits for ever."""
    rig = Rig(patience=1e9, **limits).run([job for job in jobs if job.end != "cancelled"])
    sent = [ride.sent for ride in rig.rides if ride.sent >= 0]
    assert sent == sorted(sent)


def test_a_healthy_endpoint_is_soon_used_in_full() -> None:
    """A few at first, twice as many with each round trip; after three, 64 are under way."""
    rig = Rig(in_flight=64).run([Job() for _ in range(1_000)])
    began = rig.sent[0]
    by_second = [sum(int(when - began) == second for when in rig.sent) for second in range(6)]
    assert by_second == [START, 2 * START, 4 * START, 64, 64, 64]


def test_no_slot_is_idle_while_somebody_waits() -> None:
    """Long requests hold up no short ones: a slot that comes free is taken in the same moment."""
    jobs = [Job(takes=50.0 if number % 10 == 0 else 1.0) for number in range(200)]
    rig = Rig(in_flight=START).run(jobs)
    ends = {round(ride.ended, 6) for ride in rig.rides}
    assert all(round(when, 6) in ends for when in rig.sent[START:])


def test_one_decrease_per_round_trip() -> None:
    """Fifty failures of one burst halve once; the next round trip halves again; the floor is one."""
    rig = Rig()
    rig.gate.width._width = 50.0
    jobs = [Job(takes=1.0, end=BUSY) for _ in range(50)] + [Job(takes=0.5)]
    rig.run([*jobs])
    assert rig.gate.width.allowed == 25
    for number in range(1, 20):
        rig.gate.width.overloaded(100 * number, 100 * number)
    assert rig.gate.width.allowed == 1


def test_a_slow_endpoint_is_not_pressed_harder() -> None:
    """Answers that take longer than a quarter of the timeout are no reason to ask more at once."""
    rig = Rig().run([Job(takes=TIMEOUT / 3) for _ in range(100)])
    assert rig.most == START


def test_while_an_endpoint_says_wait_nobody_goes() -> None:
    """One of three got the 429; the twenty that come meanwhile wait 20 s as well, and then go as the width allows."""
    jobs = [Job(takes=0.1, end=asked_to_wait(20)), Job(), Job(), *(Job(at=1 + number / 10) for number in range(20))]
    rig = Rig().run(jobs)
    assert len([when for when in rig.sent if when < 1_020.1]) == 3
    assert len([when for when in rig.sent if 1_020.1 <= when <= 1_022]) >= 4


@pytest.mark.parametrize(
    "said", ["1e9", "999999999", "inf", "nan", "-5", "x" * 10_000, "Wed, 21 Oct 9999 07:28:00 GMT"]
)
def test_no_header_makes_it_wait_for_ever(said: str) -> None:
    """An endpoint that asks for years is tried again after minutes."""
    failure = Failure("429", busy=True, headers={"retry-after": said})
    rig = Rig(patience=1e9).run([Job(end=failure), Job(at=5)])
    assert rig.sent[1] <= 1_001 + LONGEST_WAIT + 1.001


def test_rate_limit_headers_are_heeded_before_it_hurts() -> None:
    """An answer says that nothing is left for nine seconds; what comes next waits them."""
    headers = (("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "9s"))
    assert Rig().run([Job(headers=headers), Job(at=2)]).sent == [1_000, 1_010]


def test_a_slot_is_not_lost_with_the_one_it_was_given_to() -> None:
    """Cancelled after it was given the slot and before it knew."""
    rig = Rig(in_flight=1)

    async def hold(seconds: float) -> None:
        async with rig.gate.slot(Need(1, 1)):
            await rig.time.sleep(seconds)

    async def go() -> None:
        first, second = asyncio.create_task(hold(1)), asyncio.create_task(hold(1))
        first.add_done_callback(lambda task: second.cancel())
        await asyncio.gather(first, second, return_exceptions=True)
        assert second.cancelled()
        await hold(1)

    rig.time.run(go())
    assert rig.gate.in_flight == 0


def test_those_behind_a_large_request_that_is_cancelled_go_on() -> None:
    """It waited for room under a cap; what is behind it needs less."""
    rig = Rig(input_tokens_per_minute=100)
    rig.run([Job(input=90), Job(at=1, takes=5, input=80, end="cancelled"), Job(at=2, input=5)])
    assert rig.sent == [1_000, 1_006]


def test_after_the_end_of_patience_one_may_begin_anew() -> None:
    """A program that asks later has the whole patience again."""
    rig = down_for(250, patience=200)
    assert rig.errors and rig.time.now < 1_202
    rig.errors.clear()
    rig.run([Job(at=number, end=None) for number in range(100)])
    assert not rig.errors


def test_a_cap_lets_a_request_that_is_larger_go_alone() -> None:
    """Else it could never go."""
    rig = Rig(input_tokens_per_minute=100).run([Job(input=30), Job(input=500), Job(input=30)])
    assert [round(when - 1_000) for when in rig.sent] == [0, 60, 120]


def test_output_is_booked_at_most_and_counted_as_answered() -> None:
    """Two long answers may be under way; when they turn out short, more go at once."""
    rig = Rig(output_tokens_per_minute=100).run([Job(output=50, said=5) for _ in range(10)])
    assert rig.most == 2
    assert rig.sent[-1] <= 1_060


def crowd_at(weather: Callable[[Rig], Failure | str], crowd: int = 30, answers: int = 1, **limits: Any) -> Rig:
    """A crowd; each asks again and again until it has its answers, or hears that there will be none."""
    rig = Rig(**limits)
    rig.weather = lambda: weather(rig)

    async def ask() -> None:
        got = 0
        while got < answers and not rig.errors:
            got += (await rig._ride(Job(takes=0.1, end=None))).end == "answer"

    async def go() -> None:
        await asyncio.gather(*(ask() for _ in range(crowd)))
        await rig.gate.aclose()

    rig.time.run(go())
    return rig


def down_for(seconds: float, failure: Failure = BROKEN, **limits: Any) -> Rig:
    """A crowd at an endpoint that begins with so much silence."""
    return crowd_at(lambda rig: failure if rig.time.now < 1_000 + seconds else "answer", **limits)


@pytest.mark.parametrize("end", [BROKEN, BUSY, asked_to_wait(1)])
def test_a_breaker_pauses_and_probes(end: Failure) -> None:
    """Eight minutes of silence cost a few dozen requests, one at a time; then everybody is answered, soon."""
    rig = down_for(500, end)
    assert not rig.errors
    probes = [when for when in rig.sent if 1_006 < when < 1_500]
    assert 15 <= len(probes) <= 40
    assert all(later - earlier > 1 for earlier, later in pairwise(probes))
    assert max(later - earlier for earlier, later in pairwise(probes)) <= 30.2
    assert rig.sent[-1] < 1_500 + 32
    assert len([ride for ride in rig.rides if ride.end == "answer"]) == 30


def test_without_one_answer_the_patience_ends(caplog: pytest.LogCaptureFixture) -> None:
    """All who wait hear the same line: who, how long, what was last; the last probe goes when the patience ends."""
    with caplog.at_level(logging.WARNING):
        rig = down_for(1e9, patience=200)
    assert {str(error) for error in rig.errors} == {
        "http://here/v1 gave no answer for 3 min (model 'm', last: 500); "
        "go on when it does, or raise llm.limits.patience"
    }
    assert len(rig.errors) == 30
    assert 1_200 <= rig.time.now <= 1_201
    assert 1 <= len(caplog.messages) <= 5
    assert caplog.messages[0].startswith("http://here/v1 gives no answer (500); asking again in")


def test_one_answer_now_and_then_is_enough() -> None:
    """Four in five requests fail for hours, yet the run goes on: the patience begins anew with each answer."""
    luck = Random(3)
    rig = crowd_at(lambda rig: "answer" if luck.random() < 0.2 else BUSY, crowd=5, answers=100)
    assert not rig.errors
    assert rig.time.now > 1_600


def test_idle_hours_are_no_silence() -> None:
    """The patience begins with the first request that got no answer."""
    rig = Rig(patience=300).run([Job(), Job(at=10_000, end=BROKEN), Job(at=10_001)])
    assert not rig.errors


def test_what_never_answers_and_cannot_be_connected_to_is_not_there() -> None:
    """Seconds, not minutes."""
    rig = down_for(1e9, Failure("refused", blameless=True, unreachable=True))
    assert rig.time.now <= 1_005
    assert "cannot be reached (refused); check --base-url" in str(rig.errors[0])


def test_what_answered_before_may_restart() -> None:
    """A refused connection is then an outage like any other."""
    rig = Rig()
    rig.gate.has_answered = True
    rig.gate.breaker.answered()
    rig.run([Job(at=number, end=Failure("refused", blameless=True, unreachable=True)) for number in range(20)])
    assert not rig.errors


def test_people_are_told_once_of_a_long_wait(caplog: pytest.LogCaptureFixture) -> None:
    """Who, how long and why; short waits and repeats say nothing."""
    with caplog.at_level(logging.WARNING):
        Rig().run([Job(end=asked_to_wait(5)), Job(at=20, end=asked_to_wait(40)), Job(at=70, end=asked_to_wait(15))])
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("waiting for http://here/v1, 4")
    assert caplog.messages[0].endswith("(429)")


def test_people_are_told_of_an_outage_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """Both, and at most once a minute in between."""
    with caplog.at_level(logging.WARNING):
        down_for(100)
    assert caplog.messages[-1].startswith("http://here/v1 answers again, after ")
    assert 2 <= len(caplog.messages) <= 4


def test_when_the_run_ends_what_is_on_its_way_is_all_that_comes() -> None:
    """Those under way come to their end; those who wait, sleep between two attempts or come later hear it at once."""
    rig = Rig(in_flight=2)

    async def go() -> None:
        riding = [asyncio.create_task(rig.ride(Job(takes=30))) for _ in range(5)]
        pausing = asyncio.create_task(rig.gate.timer.sleep(1_000))
        await rig.time.sleep(1)
        assert rig.gate.hold() == 2
        await rig.gate.timer.sleep(1_000)
        await pausing
        await rig.ride(Job())
        assert rig.time.now == 1_001
        assert len(rig.errors) == 4
        await asyncio.gather(*riding)
        await rig.gate.aclose()

    rig.time.run(go())
    assert [ride.end for ride in rig.rides if ride.sent >= 0] == ["answer"] * 2
    assert rig.time.now == 1_030
    assert rig.gate.in_flight == 0


def test_a_slot_given_before_the_end_of_a_run_is_not_used_after_it() -> None:
    """It waited for money in between."""
    rig = Rig()

    async def go() -> None:
        async with rig.gate.slot(Need(1, 1)) as slot:
            rig.gate.hold()
            with pytest.raises(ModelUnavailable):
                slot.sent()
            assert slot.number == 0

    rig.time.run(go())
    assert rig.gate.in_flight == 0


def test_what_comes_one_by_one_is_no_reason_to_grow() -> None:
    """Only an endpoint that answers as much as it may be asked has shown that it takes it."""
    assert Rig().run([Job(at=2 * number) for number in range(50)]).gate.width.allowed == START


def test_a_broken_answer_is_no_overload() -> None:
    """A 500 says nothing of how much is too much; a 429 does."""
    assert Rig().run([Job(end=BROKEN)]).gate.width.allowed == START
    assert Rig().run([Job(end=BUSY)]).gate.width.allowed == START // 2


def test_after_an_outage_a_wide_gate_begins_with_a_few() -> None:
    """A server that comes back is not run over by all who waited."""
    rig = Rig()
    rig.gate.width._width = 64.0
    rig.run([*(Job(at=number, takes=0.1, end=BROKEN) for number in range(3)), Job(at=10)])
    assert rig.gate.width.allowed == START


def test_one_probe_at_a_time() -> None:
    """One that went before the outage and fails now makes no room for a second."""
    failing = [Job(at=number, takes=0.1, end=BROKEN) for number in (1, 2, 3)]
    rig = Rig().run([Job(takes=100, end=BROKEN), *failing, Job(at=4, takes=200, end=BROKEN), Job(at=5)])
    assert rig.sent[-2] < 1_010
    assert rig.sent[-1] > 1_200


def test_a_refusal_is_a_sign_of_life_and_no_answer() -> None:
    """It ends an outage; that the endpoint ever answered is not said."""
    rig = Rig().run([*(Job(at=number, takes=0.1, end=BROKEN) for number in range(3)), Job(at=10, end="refused")])
    assert not rig.gate.breaker.is_open
    assert rig.gate.signs == 1
    assert not rig.gate.has_answered
    rig.run([Job()])
    assert rig.gate.signs == 2
    assert rig.gate.has_answered


def test_questions_are_counted_between_their_attempts_too() -> None:
    """From the first attempt to the end of the last, however it ends."""
    gate = Rig().gate
    with gate.question():
        with suppress(ModelUnavailable), gate.question():
            assert gate.asking == 2
            raise ModelUnavailable("gone")
        assert gate.asking == 1
    assert gate.asking == 0


@pytest.mark.parametrize(
    ("end", "takes", "next_goes"),
    [
        ("refused", 5, 5),
        (asked_to_wait(0), 5, 5),  # it has headers, so that there was an answer, and it held no output
        (Failure("timeout", busy=True), 5, 65),  # nobody knows what was written
        ("cancelled", 5, 65),
        ("unsent", 5, 0),
    ],
)
def test_what_an_attempt_without_answer_takes_of_the_output(end: Any, takes: float, next_goes: float) -> None:
    """Nothing where the endpoint said no; all that it may have written where it said nothing."""
    rig = Rig(output_tokens_per_minute=100, requests_per_minute=2)
    rig.run([Job(takes=takes, output=100, end=end), Job(at=0.5 if next_goes else 0, output=100)])
    assert rig.sent[-1] - 1_000 == pytest.approx(next_goes, abs=1)


def test_what_is_answered_counts_once() -> None:
    """A minute later it is gone, and no more than that."""
    rig = Rig(output_tokens_per_minute=100)
    rig.run([Job(output=60), Job(at=70, takes=5, output=80), Job(at=71, output=80)])
    assert rig.sent == [1_000, 1_070, 1_135]


def test_the_headers_of_a_failure_are_heeded_as_well() -> None:
    """A 429 that says nothing is left for nine seconds."""
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9s"}
    rig = Rig().run([Job(end=Failure("429", busy=True, blameless=True, headers=headers)), Job(at=2)])
    assert rig.sent == [1_000, 1_010]


def test_who_needs_less_is_woken_earlier() -> None:
    """A large request waited for the room of two, was cancelled, and the one behind it needs that of the first."""
    rig = Rig(input_tokens_per_minute=100)
    rig.run([Job(input=60), Job(at=10, input=30), Job(at=20, takes=5, input=80, end="cancelled"), Job(at=21, input=60)])
    assert rig.sent == [1_000, 1_010, 1_060]


def test_those_who_were_asked_to_wait_do_not_come_back_in_the_same_moment() -> None:
    """Up to a tenth later, and a second at most, each as luck has it; never earlier."""

    def back(seed: int, seconds: float) -> float:
        rig = Rig()
        rig.gate._jitter.seed(seed)
        first, second = rig.run([Job(takes=0.0, end=asked_to_wait(seconds)), Job(at=0.5)]).sent
        return second - first

    for seconds, most in ((5.0, 0.5), (40.0, 1.0)):
        times = [back(seed, seconds) for seed in range(20)]
        assert all(seconds <= time <= seconds + most for time in times)
        assert max(times) - min(times) > most / 2


def test_who_is_turned_away_and_cancelled_at_once_is_cancelled() -> None:
    """And takes no slot back that it never had."""
    rig = Rig(in_flight=1)

    async def go() -> None:
        async with rig.gate.slot(Need(1, 1)):
            waiting = asyncio.create_task(rig.gate._enter(Need(1, 1)))
            await asyncio.sleep(0)
            rig.gate.hold()
            waiting.cancel()
            assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)
            assert rig.gate.in_flight == 1

    rig.time.run(go())
    assert rig.gate.in_flight == 0
