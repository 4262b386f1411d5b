"""The fault suite: whole runs against an endpoint with bad days, and what must hold after each.

`SCENARIOS` names them; each takes a `Ground` (tools, folder, size) and returns its `Trial`, or fails with an
assertion. `tests/test_faults.py` runs all of them small, ``scripts/faults`` at full length.

After every scenario: exactly the dialogues asked for, or exit code 1 with the reason in one line; no record torn or
there twice; every answer paid for once, but for those in flight when the run was killed; and the counts in run.json
are those in the endpoint's own book.
"""

import math
import os
import signal
import time
from collections.abc import Callable
from random import Random

from tests.endpoint import never, odds
from tests.forked import pause
from tests.till import after, bursts, during
from tests.trial import KEYS, PRICES, Ground, Trial
from toolflow.records import KEPT


def unharmed(trial: Trial, *, lost: int = 0) -> None:
    """A run in one piece that faults of the wire slow down and change in nothing."""
    trial.finishes()
    trial.is_as_undisturbed()
    trial.paid_once(lost)
    trial.counted_truly()


def thirty_percent_429(ground: Ground) -> Trial:
    """For a minute three requests in ten are refused."""
    with Trial(ground, "30 % 429", during(ground.size.spell, odds({"429": 0.3}), least=100)) as trial:
        unharmed(trial)
    assert trial.till.met["429"] > 10
    return trial


def limits(ground: Ground) -> Trial:
    """Never more than half as many at once as the run would, never more a second than so many."""
    at_once, a_second = ground.size.concurrency // 2, 60
    with Trial(ground, "real limits", most_in_flight=at_once, most_per_second=a_second) as trial:
        unharmed(trial)
    assert trial.till.count("refused") > 0
    return trial


def bursts_of_5xx(ground: Ground) -> Trial:
    """Now and then some requests in a row, more than are in flight, fail on the other side."""
    names = ("500", "502", "503", "504")
    every = max(80, len(ground.undisturbed.till.book) * 2 // 3)
    with Trial(ground, "5xx bursts", bursts(names, every=every, length=ground.size.concurrency + 2)) as trial:
        unharmed(trial)
    assert all(trial.till.met[name] for name in names)
    return trial


def resets_in_mid_body(ground: Ground) -> Trial:
    """One answer in ten is torn off in the middle; nobody knows whether it is billed, and it counts as lost."""
    with Trial(ground, "resets in mid-body", odds({"reset": 0.1, "trickle": 0.05}, 1)) as trial:
        trial.finishes()
        trial.is_as_undisturbed()
        trial.paid_once(trial.till.met["reset"])
        trial.counted_truly()
    assert trial.till.met["reset"] > 5
    return trial


def slow_loris(ground: Ground) -> Trial:
    """Some answers come byte by byte and never end, others only late: the first are given up, the others kept."""
    llm = {"timeout": ground.size.timeout}
    with Trial(ground, "slow loris answers", odds({"loris": 0.04, "trickle": 0.1}, 3), llm=llm) as trial:
        trial.finishes()
        trial.is_as_undisturbed()
        trial.counted_truly()
        trial.paid_once(trial.till.count("lost"))
    assert trial.till.count("lost") >= trial.till.met["loris"] > 2
    return trial


def broken_json(ground: Ground) -> Trial:
    """Half of all answers are no JSON; each is told what is wrong with it and asked again."""
    with Trial(ground, "half the answers broken", odds({"broken": 0.5}), llm={"reasks": 4}) as trial:
        trial.finishes()
        trial.paid_once()
        trial.counted_truly()
    assert trial.usage["reasked"] > 10
    return trial


def without(ground: Ground, name: str, *refuses: str) -> Trial:
    """An endpoint that refuses a parameter: what it lacks is found out by the first dialogues, and made up for."""
    with Trial(ground, f"without {name}", refuses=refuses) as trial:
        trial.finishes()
        trial.paid_once()
        trial.counted_truly()
    assert 0 < trial.till.count("refused") <= 4 * ground.size.concurrency * len(refuses)
    return trial


def without_schema(ground: Ground) -> Trial:
    """Neither a schema nor JSON mode."""
    return without(ground, "schema support", "response_format")


def without_tools(ground: Ground) -> Trial:
    """No native tool calls."""
    return without(ground, "tools", "tools")


def expired_key(ground: Ground) -> Trial:
    """The key expires midway; with another one the same command goes on where it was."""
    half = len(ground.undisturbed.till.book) // 2
    with Trial(ground, "a key that expires", key_life={KEYS[0]: half}) as trial:
        trial.stops_with("the key", "OPENAI_API_KEY", key=KEYS[0])
        assert trial.till.count("refused") <= ground.size.concurrency
        trial.finishes(key=KEYS[1])
        trial.is_as_undisturbed()
        trial.paid_once()
        trial.accounted_for()
    return trial


def budget(ground: Ground) -> Trial:
    """The money is gone midway, while answers are lost: never a cent more; with more of it the same command goes on."""
    whole = ground.undisturbed.till.bill("answered", **PRICES)
    with Trial(ground, "a budget that runs out", odds({"reset": 0.03, "429": 0.1}, 2)) as trial:
        trial.stops_with("budget", options=["--budget", f"{whole / 2:.4f}"])
        assert whole / 5 < trial.till.bill("answered", "lost", **PRICES) <= whole / 2
        assert sum(trial.spent) <= whole / 2
        trial.accounted_for()
        trial.finishes("--budget", f"{whole * 3:.4f}")
        trial.is_as_undisturbed()
        trial.paid_once(trial.till.met["reset"])
        trial.accounted_for()
    return trial


def told_to_stop(ground: Ground) -> Trial:
    """SIGTERM midway; the same command goes on where it was."""
    half = len(ground.undisturbed.till.book) // 2
    with Trial(ground, "SIGTERM") as trial:
        trial.stops_with("interrupted", "the same command continues", stop_after=half)
        trial.finishes()
        trial.is_as_undisturbed()
        trial.paid_once()
        trial.accounted_for()
    return trial


def killed(ground: Ground) -> Trial:
    """SIGKILL at random moments of one run, continued each time; now and then the end of a file is torn as well."""
    rng, total = Random(5), len(ground.undisturbed.till.book)
    moments = sorted(rng.sample(range(1, total * 9 // 10), ground.size.kills))
    with Trial(ground, "SIGKILL") as trial:
        began = time.monotonic()
        for moment in moments:
            answers, process = max(moment, len(trial.till.answered) + 1), trial.start()
            process.wait(trial.size.deadline, lambda wanted=answers: len(trial.till.answered) >= wanted)
            pause(rng.uniform(0, 2 * ground.size.latency))
            process.send(signal.SIGKILL)
            process.wait(trial.size.deadline)
            if process.code == 0:  # it was faster
                break
            assert process.code == -signal.SIGKILL, trial.said
            kept = trial.out / KEPT
            if kept.exists() and rng.random() < 0.3:
                os.truncate(kept, max(0, kept.stat().st_size - rng.randint(1, 200)))
            trial.stops.append(len(trial.till.book))
        trial.seconds = time.monotonic() - began
        assert len(trial.stops) > ground.size.kills / 2
        trial.finishes()
        trial.is_as_undisturbed()
        trial.paid_once(killed=True)
        trial.accounted_for()
    return trial


def proxy_down(ground: Ground) -> Trial:
    """Twice nobody listens for a while, and every connection is torn; then all is well again."""
    third = len(ground.undisturbed.till.book) // 3
    outage = ground.size.spell / 2
    with Trial(ground, "a proxy that comes back", outages={third: outage, 2 * third: outage}) as trial:
        trial.finishes()
        trial.is_as_undisturbed()
        trial.paid_once(trial.till.count("lost"))
        trial.counted_truly(unseen=2 * ground.size.concurrency)
    assert 0 < trial.till.count("lost") <= 2 * ground.size.concurrency
    return trial


def denied_for_a_while(ground: Ground) -> Trial:
    """Midway, for a minute, nobody is answered at all; it is waited for, and no question is given up."""
    third = len(ground.undisturbed.till.book) // 3
    faults = after(third, during(ground.size.spell, odds({"429": 0.5, "502": 0.5})))
    with Trial(ground, "nothing but 429 and 502", faults, llm={"retries": 3}) as trial:
        unharmed(trial)
    assert trial.till.count("refused") > 3
    return trial


def answers_now_and_then(ground: Ground) -> Trial:
    """For a minute nine requests in ten fail; the run goes on with what it gets."""
    faults = during(ground.size.spell, odds({"503": 0.6, "500": 0.3}))
    with Trial(ground, "one answer in ten", faults, llm={"retries": 100}) as trial:
        unharmed(trial)
    return trial


def down_for_good(ground: Ground) -> Trial:
    """From the middle on there are only errors: the run ends when its patience does; another day it goes on."""
    half = len(ground.undisturbed.till.book) // 2
    llm = {"limits": {"patience": ground.size.spell}}
    with Trial(ground, "errors for good", after(half, odds({"500": 1.0})), llm=llm) as trial:
        trial.stops_with(trial.till.url, "500")
        trial.till.faults = never
        trial.finishes()
        trial.is_as_undisturbed()
        trial.paid_once()
        trial.accounted_for()
    return trial


def gone_for_good(ground: Ground) -> Trial:
    """Midway the endpoint is gone: one line, everything finished kept; when it is back the same command goes on."""
    half = len(ground.undisturbed.till.book) // 2
    llm = {"limits": {"patience": ground.size.spell}}
    with Trial(ground, "gone for good", outages={half: math.inf}, llm=llm) as trial:
        trial.stops_with(trial.till.url)
        trial.till.back()
        trial.finishes()
        trial.is_as_undisturbed()
        trial.paid_once(trial.till.count("lost"))
        trial.accounted_for()
    return trial


SCENARIOS: dict[str, Callable[[Ground], Trial]] = {
    scenario.__name__: scenario
    for scenario in (
        thirty_percent_429,
        limits,
        bursts_of_5xx,
        resets_in_mid_body,
        slow_loris,
        broken_json,
        without_schema,
        without_tools,
        expired_key,
        budget,
        told_to_stop,
        killed,
        proxy_down,
        denied_for_a_while,
        answers_now_and_then,
        down_for_good,
        gone_for_good,
    )
}
