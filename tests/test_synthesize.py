"""The run: one record is a function of recipe and index, and a run makes no more of them than it needs."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolflow.cast import AssistantTurn, AssistantView, Brief, Cast, Flow, ToolView, UserTurn, UserView
from toolflow.config import Config
from toolflow.errors import DialogueError, ModelUnavailable, PlanError
from toolflow.making import Recipe, make_record
from toolflow.mix import dealt
from toolflow.records import KEPT, MANIFEST, REJECTED, Manifest, open_run
from toolflow.schema import Draw, FailedAnswer, Kind, Plan, PlannedCall, Record, Request, Tool
from toolflow.synthesize import synthesize
from toolflow.validate import RULES

TOOLS = tuple(
    Tool(name=f"tool_{number}", description="", parameters={"type": "object", "properties": {}}) for number in range(9)
)

OFF = [rule.id for rule in RULES]


class RingGraph:
    """Nine tools in a ring, each feeding the next."""

    tools = TOOLS
    digest = "sha256:ring"
    consumers = tuple([(tool + 1) % len(TOOLS)] for tool in range(len(TOOLS)))
    producers = tuple([(tool - 1) % len(TOOLS)] for tool in range(len(TOOLS)))
    ties = tuple(sorted([*before, *after]) for before, after in zip(producers, consumers, strict=True))

    def __len__(self) -> int:
        return len(self.tools)

    def neighbours(self, tool: int) -> Sequence[int]:
        return self.ties[tool]

    def flows(self, producer: int, consumer: int) -> list[Flow]:
        if (producer + 1) % len(self) != consumer:
            return []
        return [Flow(self.tools[producer].name, "id", self.tools[consumer].name, "id")]


class Hurdle(Exception):
    """A bug in a speaker."""


@dataclass
class FakeCast:
    """A cast that only chats, takes its time as it pleases, and remembers who was under way with whom."""

    mishap: Callable[[Random], Exception | None] = lambda rng: None
    pace: Random = field(default_factory=lambda: Random(0))
    """Of the clock, not of the record: how often a speaker lets others go first."""
    under_way: int = 0
    most: int = 0
    started: int = 0
    briefs: list[Brief] = field(default_factory=list)

    def __call__(self, rng: Random) -> Cast:
        speaker = FakeSpeaker(self, Random(rng.random()))
        return Cast("selfplay", speaker, speaker, speaker, speaker, usage=speaker.usage)


@dataclass
class FakeSpeaker:
    """Plays all roles of one record."""

    fakes: FakeCast
    rng: Random
    usage: dict[str, Any] = field(default_factory=lambda: {"user": {"calls": 0}})

    def allows(self, brief: Brief) -> bool:
        return True

    async def plan(self, brief: Brief) -> Plan:
        self.fakes.briefs.append(brief)
        return Plan(requests=(Request(kind=Kind.CHAT, goal="talk"),))

    async def speak(self, view: UserView) -> UserTurn:
        if view.talk:
            self.fakes.under_way -= 1
            return UserTurn(None)
        self.fakes.started += 1
        self.fakes.under_way += 1
        self.fakes.most = max(self.fakes.most, self.fakes.under_way)
        self.usage["user"]["calls"] += 1
        for _ in range(self.fakes.pace.randrange(5)):
            await asyncio.sleep(0)
        mishap = self.fakes.mishap(self.rng)
        if mishap is not None:
            self.fakes.under_way -= 1
            raise mishap
        return UserTurn(f"Hello, it is {self.rng.randrange(1000)}.")

    async def reply(self, view: AssistantView) -> AssistantTurn:
        return AssistantTurn(f"Good day to you{' and a tool' * len(view.tools)}.")

    async def answer(self, view: ToolView) -> Any:
        raise AssertionError("nobody calls")


def recipe(cast: FakeCast | None = None, *, seed: int = 7, **sections: Any) -> Recipe:
    """A recipe without planning, so that chatting is enough."""
    config = Config.model_validate({"plan": {"mode": "none"}} | sections)
    return Recipe(config, RingGraph(), cast or FakeCast(), seed)  # type: ignore[arg-type]


def run(
    made: Recipe,
    folder: Path,
    wanted: int,
    *,
    concurrency: int = 1,
    ordered: bool = True,
    stop_after: int | None = None,
) -> str | None:
    """A whole run; why it stopped."""

    async def go() -> str | None:
        stop = asyncio.Event()

        def progress(tally: Any) -> None:
            if stop_after is not None and tally.draws >= stop_after:
                stop.set()

        with open_run(folder, made.identity(), wanted, ordered=ordered) as records:
            return await synthesize(made, records, concurrency=concurrency, stop=stop, progress=progress)

    return asyncio.run(go())


def content(folder: Path) -> dict[str, bytes]:
    """What a run leaves."""
    return {name: (folder / name).read_bytes() for name in (KEPT, REJECTED, MANIFEST)}


def sometimes(error: Callable[[], Exception]) -> Callable[[Random], Exception | None]:
    """A mishap in a third of the records, always the same ones."""
    return lambda rng: error() if rng.random() < 1 / 3 else None


def records_of(folder: Path, name: str) -> list[Record]:
    """The records of one file."""
    return [Record.model_validate_json(line) for line in (folder / name).read_bytes().splitlines()]


def test_a_record_depends_on_its_index_alone() -> None:
    """Not on what was made before, nor on how often."""
    made = recipe()

    async def all_of(indices: Sequence[int]) -> dict[int, Record]:
        return {index: await make_record(made, Draw(index)) for index in indices}

    forward, backward = asyncio.run(all_of(range(20))), asyncio.run(all_of([*range(19, -1, -1), 3, 3]))
    assert forward == backward
    assert len({record.model_dump_json() for record in forward.values()}) == 20
    assert asyncio.run(all_of([3]))[3] != asyncio.run(make_record(recipe(seed=8), Draw(3)))


def test_the_assistant_is_offered_subset_and_distractors_in_random_order() -> None:
    """Neither the walk nor who is a distractor can be read off the order."""
    made = recipe(mix={"tools": {3: 1}}, sample={"distractors": {2: 1}})
    orders = set()
    for index in range(40):
        names = [tool["function"]["name"] for tool in asyncio.run(make_record(made, Draw(index))).tools]
        assert len(set(names)) == 5
        orders.add(tuple(names.index(name) for name in sorted(names)))
    assert len(orders) > 20


def test_the_planner_gets_the_walk_and_its_flows() -> None:
    """Subset in walk order, flows of the graph inside it, and a date of the configured range."""
    cast = FakeCast()
    made = recipe(cast, plan={"today": ["2026-03-01", "2026-03-02"], "attempts": 1}, mix={"tools": {3: 1}})
    days = set()
    for index in range(30):
        record = asyncio.run(make_record(made, Draw(index)))
        assert [verdict.rule for verdict in record.meta.verdicts] == ["plan"]  # chit-chat alone is no plan
        days.add(cast.briefs[-1].today.isoformat())
        numbers = [TOOLS.index(tool) for tool in cast.briefs[-1].tools]
        assert all((b - a) % 9 in (1, 8, 2, 7) for a, b in pairwise(numbers))
        expected = {(a, b) for a in numbers for b in numbers if (a + 1) % 9 == b}
        assert {(int(flow.producer[-1]), int(flow.consumer[-1])) for flow in cast.briefs[-1].flows} == expected
    assert days == {"2026-03-01", "2026-03-02"}


@given(concurrency=st.integers(2, 12), pace=st.integers(0, 99), wanted=st.integers(1, 30))
@settings(max_examples=25)
def test_bytes_do_not_depend_on_concurrency(
    tmp_path_factory: pytest.TempPathFactory, concurrency: int, pace: int, wanted: int
) -> None:
    """A deterministic cast writes the same files however its records overtake each other."""
    one, many = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("many")
    mishap = sometimes(lambda: DialogueError("lost the thread"))
    assert run(recipe(FakeCast(mishap)), one, wanted) is None
    assert run(recipe(FakeCast(mishap, Random(pace))), many, wanted, concurrency=concurrency) is None
    assert content(one) == content(many)


@given(st.data())
@settings(max_examples=25)
def test_a_stopped_run_continues_to_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Stopped several times, at any concurrency; the manifest says so in between."""
    whole, broken = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("broken")
    mishap = sometimes(lambda: DialogueError("lost the thread"))
    run(recipe(FakeCast(mishap)), whole, 20)
    for after in sorted(data.draw(st.sets(st.integers(1, 15), max_size=3))):
        made = recipe(FakeCast(mishap, Random(after)))
        stopped = run(made, broken, 20, concurrency=data.draw(st.integers(1, 5)), stop_after=after)
        assert stopped == "interrupted"
        manifest = Manifest.model_validate_json((broken / MANIFEST).read_bytes())
        assert (manifest.status, manifest.why) == ("stopped", "interrupted")
    assert run(recipe(FakeCast(mishap)), broken, 20) is None
    assert content(whole) == content(broken)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(("wanted", "concurrency"), [(1, 8), (5, 8), (20, 8), (20, 1)])
def test_nothing_is_made_in_vain(tmp_path: Path, wanted: int, concurrency: int, ordered: bool) -> None:
    """When every record is kept, exactly as many are begun as are wanted, and never more at once than allowed."""
    cast = FakeCast(pace=Random(3))
    assert run(recipe(cast), tmp_path, wanted, concurrency=concurrency, ordered=ordered) is None
    assert cast.started == wanted
    assert cast.most <= min(wanted, concurrency)
    assert cast.most > 1 or 1 in (wanted, concurrency)


@pytest.mark.parametrize("concurrency", [1, 6])
def test_rejects_are_replaced(tmp_path: Path, concurrency: int) -> None:
    """``-n`` counts kept dialogues; the others stand in rejected.jsonl with their reason and what was said."""
    cast = FakeCast(sometimes(lambda: DialogueError("lost the thread")), Random(1))
    assert run(recipe(cast), tmp_path, 30, concurrency=concurrency) is None
    kept, rejected = records_of(tmp_path, KEPT), records_of(tmp_path, REJECTED)
    assert len(kept) == 30
    assert len(rejected) > 5
    assert [record.meta.index for record in kept] == list(range(30))
    tries = Counter(record.meta.index for record in rejected)
    assert [record.meta.attempt for record in kept] == [tries[index] for index in range(30)]
    assert [record.draw for record in rejected] == [
        Draw(index, at) for index in range(30) for at in range(tries[index])
    ]
    assert len({record.id for record in kept + rejected}) == len(kept + rejected)
    for record in rejected:
        (verdict,) = record.meta.verdicts
        assert (verdict.rule, verdict.severity, verdict.why) == ("dialogue", "error", "lost the thread")
        assert [message.role for message in record.messages] == ["system"]
        assert record.meta.usage == {"user": {"calls": 1}}


class PickyCast(FakeCast):
    """A cast that does not get two calls planned as easily as one."""

    def __call__(self, rng: Random) -> Cast:
        speaker = PickySpeaker(self, Random(rng.random()))
        return Cast("selfplay", speaker, speaker, speaker, speaker, usage=speaker.usage)


class PickySpeaker(FakeSpeaker):
    """Three in four of the plans with parallel calls fail, and one in five of the others."""

    async def plan(self, brief: Brief) -> Plan:
        for _ in range(self.fakes.pace.randrange(5)):
            await asyncio.sleep(0)
        if self.rng.random() < (0.75 if Kind.PARALLEL in brief.kinds else 0.2):
            raise PlanError("no idea")
        call = PlannedCall(tool=brief.tools[0].name, arguments={})
        calls = {Kind.SINGLE: (call,), Kind.PARALLEL: (call, call), Kind.CHAT: ()}
        return Plan(requests=tuple(Request(kind=kind, goal="talk", calls=calls[kind]) for kind in brief.kinds))


@pytest.mark.parametrize("ordered", [True, False])
def test_what_is_kept_has_the_shares_asked_for(tmp_path: Path, ordered: bool) -> None:
    """However much more often some kinds fail than others, with stops on the way, each dialogue in the place of one
    of the same kinds."""
    kinds = {"single": 0.5, "parallel": 0.3, "chat": 0.2}
    sections = {"plan": {}, "mix": {"kinds": kinds}, "validate": {"off": OFF}, "synthesize": {"attempts": 99}}
    made = recipe(PickyCast(pace=Random(5)), **sections)
    stopped = [run(made, tmp_path, 500, concurrency=7, ordered=ordered, stop_after=after) for after in (50, 51, 600)]
    assert stopped == ["interrupted"] * 3
    assert run(made, tmp_path, 500, concurrency=7, ordered=ordered) is None
    kept = sorted(records_of(tmp_path, KEPT), key=lambda record: record.draw)
    assert [record.meta.index for record in kept] == list(range(500))
    assert len(records_of(tmp_path, REJECTED)) > 250
    found: Counter[str] = Counter()
    for record in kept:
        hand = dealt(made.config.mix, 7, record.meta.index).kinds
        assert record.plan and [request.kind for request in record.plan.requests] == list(hand)
        found.update(hand)
    for kind, share in kinds.items():
        assert found[kind] / found.total() == pytest.approx(share, abs=0.01)


def test_an_index_is_given_up(tmp_path: Path) -> None:
    """After so many attempts; another one is made in its place, so that as many are kept as were asked for."""
    stubborn = {Kind.PARALLEL: 0.5, Kind.SINGLE: 0.5}
    cast = PickyCast(pace=Random(2))
    sections = {"plan": {}, "mix": {"kinds": stubborn, "requests": {1: 1}}, "validate": {"off": OFF}}
    assert run(recipe(cast, **sections, synthesize={"attempts": 2}), tmp_path, 60, concurrency=5) is None
    kept, rejected = records_of(tmp_path, KEPT), records_of(tmp_path, REJECTED)
    given_up = {record.meta.index for record in rejected if record.meta.attempt == 1}
    settled = [record.meta.index for record in kept]
    assert len(settled) == 60
    assert len(given_up) > 5
    assert sorted([*settled, *given_up]) == list(range(60 + len(given_up)))


@given(concurrency=st.integers(1, 8), pace=st.integers(0, 99), luck=st.sampled_from([0.0, 0.2, 0.45]))
@settings(max_examples=15)
def test_a_run_that_keeps_too_little_ends(
    tmp_path_factory: pytest.TempPathFactory, concurrency: int, pace: int, luck: float
) -> None:
    """At the same record whatever the concurrency, with the reasons; the same command ends as it did."""
    mishap = lambda rng: DialogueError("never") if rng.random() >= luck else None  # noqa: E731
    one, many = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("many")
    config = {"synthesize": {"max_draws_per_kept": 2}}
    stopped = run(recipe(FakeCast(mishap), **config), one, 600)
    assert stopped is not None
    made, rejected = len(records_of(one, KEPT) + records_of(one, REJECTED)), len(records_of(one, REJECTED))
    assert 100 <= made < 1_100
    assert stopped.startswith(f"{made} records were made and too many rejected (dialogue {rejected})")
    cast = FakeCast(mishap, Random(pace))
    assert run(recipe(cast, **config), many, 600, concurrency=concurrency) == stopped
    assert content(one) == content(many)
    begun = cast.started
    assert run(recipe(cast, **config), many, 600, concurrency=concurrency) == stopped
    assert cast.started == begun


def test_a_bug_costs_its_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a speaker raises, the run goes on, and log and reject tell of it."""
    cast = FakeCast(sometimes(lambda: Hurdle("half a pair: \ud83d")))
    assert run(recipe(cast), tmp_path, 10) is None
    rejected = records_of(tmp_path, REJECTED)
    assert {verdict.rule for record in rejected for verdict in record.meta.verdicts} == {"internal-error"}
    assert rejected[0].meta.verdicts[0].why == "Hurdle: half a pair: ?"
    assert "Traceback" in caplog.text


def test_an_error_of_the_run_stops_it_and_keeps_what_is_finished(tmp_path: Path) -> None:
    """An endpoint that is gone: nothing more is begun, nothing finished is lost, the reason stands in run.json."""
    left = [9]

    def mishap(rng: Random) -> Exception | None:
        left[0] -= 1
        return ModelUnavailable("http://127.0.0.1:1: refused") if left[0] < 0 else None

    cast = FakeCast(mishap)
    with pytest.raises(ModelUnavailable):
        run(recipe(cast), tmp_path, 50, concurrency=4, ordered=False)
    assert len(records_of(tmp_path, KEPT)) == 9
    assert not records_of(tmp_path, REJECTED)
    manifest = Manifest.model_validate_json((tmp_path / MANIFEST).read_bytes())
    assert (manifest.status, manifest.why) == ("stopped", "http://127.0.0.1:1: refused")
    left[0] = 99
    assert run(recipe(cast), tmp_path, 50, concurrency=4, ordered=False) is None
    assert sorted(record.meta.index for record in records_of(tmp_path, KEPT)) == list(range(50))


def test_an_errors_kind_says_where_it_happened(tmp_path: Path) -> None:
    """A planner that gives up rejects as ``plan``."""
    made = recipe(FakeCast(lambda rng: PlanError("no idea")))
    record = asyncio.run(make_record(made, Draw(0)))
    assert [verdict.rule for verdict in record.meta.verdicts] == ["plan"]
    assert not record.kept


def test_a_reject_tells_what_was_asked_and_answered(tmp_path: Path) -> None:
    """The attempts at the question that failed, of a speaker and of the planner; a record that is kept has none."""
    failed = [FailedAnswer.of("user", "Speak.", "{", "it breaks off"), FailedAnswer.of("user", "", None, "spent")]
    assert run(recipe(FakeCast(sometimes(lambda: DialogueError("lost the thread", failed)))), tmp_path, 10) is None
    for record in records_of(tmp_path, REJECTED):
        assert list(record.meta.history) == failed
    lines = (tmp_path / KEPT).read_bytes(), (tmp_path / REJECTED).read_bytes()
    assert [b'"history"' in content for content in lines] == [False, True]
    planned = asyncio.run(make_record(recipe(plan={"attempts": 2}), Draw(0)))
    assert [(attempt.role, "chat" in str(attempt.answer)) for attempt in planned.meta.history] == [
        ("planner", True)
    ] * 2


def test_cancelling_leaves_a_folder_that_continues(tmp_path: Path) -> None:
    """A program that embeds the run may cancel it."""
    made = recipe()

    async def go() -> None:
        with open_run(tmp_path, made.identity(), 10, ordered=True) as records:

            def progress(tally: Any) -> None:
                if tally.draws == 4:
                    task.cancel()

            task = asyncio.create_task(synthesize(made, records, concurrency=2, progress=progress))
            await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(go())
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    assert (manifest["status"], manifest["why"]) == ("stopped", "interrupted by CancelledError")
    assert run(made, tmp_path, 10) is None
    assert [record.meta.index for record in records_of(tmp_path, KEPT)] == list(range(10))
