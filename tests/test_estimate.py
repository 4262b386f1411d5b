"""The estimate: what would be sent, counted without sending it, and close to what is."""

import asyncio
import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint import Endpoint
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.cli import run
from toolflow.config import Config, LLMConfig, PlanConfig
from toolflow.errors import ConfigError
from toolflow.estimate import Basis, Need, Pace, Ratio, compared, estimate, per_dialogue, rehearse, sample, unlocked
from toolflow.graph import ToolGraph, packaged_graph
from toolflow.llm import make_llm_cast, read_prompts
from toolflow.llm.prices import Price, PriceList
from toolflow.making import Recipe, make_record
from toolflow.records import KEPT, MANIFEST
from toolflow.schema import Draw, Record

HERE = "http://127.0.0.1:1/v1"
PRICES = PriceList(Path("p.yaml"), {("127.0.0.1", "m"): Price(2_000_000, 1_000_000, 8_000_000)})
PACE = Pace(8)
COUNTS = ("calls", "prompt_tokens", "completion_tokens")


@lru_cache
def graph() -> ToolGraph:
    """The packaged graph."""
    return packaged_graph(Config())


@lru_cache
def rehearsed(config: str = "plan") -> Basis:
    """Some dialogues, heard."""
    settings = Config(plan=PlanConfig(mode=config))
    return rehearse(settings, graph(), unlocked("m", HERE, LLMConfig()), read_prompts(LLMConfig()), 7, number=40)


def records(number: int, seed: int, config: Config) -> list[Record]:
    """A run against the loopback endpoint."""

    async def go() -> list[Record]:
        tools = read_catalog([packaged_tools()], config.catalog).tools
        async with Endpoint(tools=tools) as endpoint:
            maker = make_llm_cast("m", endpoint.url, "key", config.llm)
            recipe = Recipe(config, graph(), maker, seed)
            made = await asyncio.gather(*(make_record(recipe, Draw(index)) for index in range(number)))
            await maker.aclose()
            return made

    return asyncio.run(go())


def test_an_estimate_is_within_15_percent_of_a_run() -> None:
    """Of another seed: calls and tokens per kept dialogue; scripts/bench_estimate does it with 200 dialogues."""
    made = records(40, 3, Config())
    truth: Counter[str] = Counter()
    for record in made:
        for usage in record.meta.usage.values():
            truth.update(usage)
    kept = sum(record.kept for record in made)
    expected = estimate(rehearsed(), kept, PRICES, PACE)["total"]
    off = {name: expected[name] / truth[name] - 1 for name in COUNTS}
    assert all(abs(error) < 0.15 for error in off.values()), off


def test_the_questions_are_those_of_the_llm_cast() -> None:
    """All four roles, each as often as the talk needs it, and their prompts in full."""
    needs = {need.role: need for need in rehearsed().needs}
    assert needs.keys() == {"planner", "user", "assistant", "tool"}
    assert needs["planner"].calls == 40
    assert needs["assistant"].calls > needs["tool"].calls > 40
    assert all(need.tokens["prompt_tokens"] / need.calls > 500 for need in needs.values())
    assert "planner" not in {need.role for need in rehearsed("none").needs}


def test_the_same_seed_gives_the_same_estimate() -> None:
    """An estimate is arithmetic."""
    again = rehearse(Config(), graph(), unlocked("m", HERE, LLMConfig()), read_prompts(LLMConfig()), 7, number=40)
    assert again == rehearsed()


def test_pools_share_the_work() -> None:
    """Each member its part, at its own address and price; no key is needed."""
    members = [{"model": "m", "weight": 3}, {"model": "n", "base_url": "https://llm.example.com/v1", "key_env": "NONE"}]
    settings = Config.model_validate({"llm": {"models": {"user": members}}})
    basis = rehearse(settings, graph(), unlocked("m", HERE, settings.llm), read_prompts(settings.llm), 7, number=60)
    calls = {need.model: need.calls for need in basis.needs if need.role == "user"}
    assert 1.5 < calls["m"] / calls["n"] < 6
    total = estimate(basis, 60, PRICES, PACE)["total"]
    assert (total["usd"], total["unpriced"]) == ("unknown", ["n"])
    assert per_dialogue(basis, PRICES) is None


NEEDS = (
    Need("user", "m", HERE, 10, {"prompt_tokens": 1000, "cached_tokens": 400, "completion_tokens": 50}),
    Need("tool", "m", HERE, 5, {"prompt_tokens": 500, "completion_tokens": 25}),
)


def test_the_arithmetic_of_an_estimate() -> None:
    """Scaled to the dialogues wanted, cached tokens at their price, an allowance on top of it all."""
    expected = estimate(Basis("rehearsal", 10, NEEDS, allowance=0.5), 20, PRICES, Pace(4, latency=2.0, speed=10.0))
    assert [(row["role"], row["calls"]) for row in expected["rows"]] == [("tool", 15), ("user", 30)]
    assert expected["total"]["usd"] == pytest.approx(3 * (1100 * 2 + 400 * 1 + 75 * 8) / 1e6)
    assert expected["hours"] == pytest.approx((45 * 2.0 + 225 / 10) / 4 / 3600, abs=1e-4)
    assert compared(expected, {"total": {"calls": 9, "usd": 1.0}}, 4)[0] == ("calls", 9.0, 9)


def test_a_ratio_of_ones_own() -> None:
    """More bytes a token, fewer tokens; the tokens around each message stay."""
    places = unlocked("m", HERE, LLMConfig())
    wide, narrow = (
        rehearse(Config(), graph(), places, read_prompts(LLMConfig()), 7, number=5, ratio=Ratio(size, size, size))
        for size in (8.0, 4.0)
    )
    for one, other in zip(wide.needs, narrow.needs, strict=True):
        assert 0.5 < one.tokens["prompt_tokens"] / other.tokens["prompt_tokens"] < 0.55


def manifest(rows: list[dict[str, Any]], kept: int) -> str:
    """A run.json that somebody paid for."""
    identity = {"toolflow": "0", "cast": "llm", "models": {}, "prompts": {}, "seed": 0, "graph": "", "config": {}}
    counts = {"kept": kept, "usage": {}}
    spending = {"rows": rows, "total": {}}
    return json.dumps(
        {"status": "finished", "wanted": kept, "counts": counts, "spending": spending, "identity": identity}
    )


def test_a_sample_counts_what_a_run_took(tmp_path: Path) -> None:
    """With its rejects and repeats; what came from the cache of answers would have to be paid for."""
    row = {"role": "user", "model": "m", "endpoint": HERE, "calls": 30, "recalled": 10, "prompt_tokens": 3000}
    row |= {"completion_tokens": 300, "saved_prompt_tokens": 1000, "saved_completion_tokens": 100, "usd": 0.1}
    (tmp_path / MANIFEST).write_text(manifest([row], 10))
    total = estimate(sample(tmp_path), 100, PRICES, PACE)["total"]
    assert {name: total[name] for name in COUNTS} == {"calls": 400, "prompt_tokens": 40_000, "completion_tokens": 4_000}
    other = sample(tmp_path, unlocked("n", HERE, LLMConfig()))
    assert {(need.model, need.calls) for need in other.needs} == {("n", 40)}


def test_a_sample_of_dialogues(tmp_path: Path) -> None:
    """A file of records says what each took."""
    made = records(3, 1, Config())
    path = tmp_path / KEPT
    path.write_text("".join(record.model_dump_json() + "\n" for record in made))
    truth = sum(usage["prompt_tokens"] for record in made for usage in record.meta.usage.values())
    kept = sum(record.kept for record in made)
    assert estimate(sample(path), kept, PRICES, PACE)["total"]["prompt_tokens"] == truth


@pytest.mark.parametrize("text", [None, "", "{}\n", "no json\n"])
def test_a_sample_that_tells_nothing_is_refused(tmp_path: Path, text: str | None) -> None:
    """No file, no records, no model's work."""
    if text is not None:
        (tmp_path / KEPT).write_text(text)
    with pytest.raises(ConfigError):
        sample(tmp_path / KEPT)
    with pytest.raises(ConfigError, match="wants the folder of a run"):
        sample(tmp_path)


def test_the_command_says_what_it_stands_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Calls, tokens, money, hours, and every assumption; nothing is sent and no key needed."""
    words = ["estimate", "-n", "8000", "--model", "gpt-4.1-2025-04-14", "--dialogues", "5"]
    assert run(words) == 0
    out = capsys.readouterr().out
    for said in (
        "8,000 dialogues, about",
        "USD",
        " h\n",
        "5 dialogues rehearsed",
        "bytes a token",
        "15% more",
        "as of",
    ):
        assert said in out
    assert run([*words, "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    assert expected["total"]["usd"] == pytest.approx(sum(row["usd"] for row in expected["rows"]), abs=1e-3)
    assert run(["estimate", "-n", "10"]) == 2
    assert "--model: needed, or --sample" in capsys.readouterr().err
