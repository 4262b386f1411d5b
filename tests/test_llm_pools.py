"""Models by role and weighted pools: who plays is drawn once per record, asked where it lives, with its own key."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.endpoint import Endpoint, served
from toolflow.cli import run
from toolflow.config import Config, LLMConfig
from toolflow.errors import ConfigError
from toolflow.limits import Limits
from toolflow.llm import make_llm_cast
from toolflow.llm.answer_cache import CachedModel
from toolflow.llm.client import ModelClient
from toolflow.llm.model_pool import is_wanted, settle
from toolflow.pools import ROLES, host_of, is_loopback
from toolflow.records import KEPT, MANIFEST, Manifest

HERE = "http://127.0.0.1:1/v1"
KEYS = {"FIRST_KEY": "sk-first-0123456789abcdef", "SECOND_KEY": "sk-second-0123456789abcdef"}
POOL = [{"model": "large", "weight": 0.7}, {"model": "small", "weight": 0.3}]


def models(**roles: Any) -> LLMConfig:
    """Settings with these models."""
    return Config.model_validate({"llm": {"models": roles}}).llm


def drawn(config: LLMConfig, seeds: range) -> list[dict[str, str]]:
    """Who plays in the records of these seeds."""
    maker = make_llm_cast("m", HERE, None, config)
    return [maker(Random(seed)).models for seed in seeds]


def test_models_of_errands_make_no_cast() -> None:
    """Who completes tools, checks edges or judges plays no role of a dialogue."""
    assert not is_wanted(None, models(complete="m", check_edges="m", judge="m"))
    with pytest.raises(ConfigError, match="names no model for user, assistant, tool"):
        is_wanted(None, models(complete="m", planner="m"))


def test_the_same_record_has_the_same_models() -> None:
    """Whichever maker draws, and whatever was drawn before."""
    config = models(user=POOL, tool=POOL)
    once = drawn(config, range(50))
    assert once[::-1] == drawn(config, range(49, -1, -1))
    assert len({tuple(cast.values()) for cast in once}) == 4


def test_weights_are_kept() -> None:
    """Of 400 draws, about 280 and 120 (four standard deviations), in each role for itself."""
    maker = make_llm_cast("m", HERE, None, models(user=POOL, assistant=POOL))
    casts = [maker(Random(f"7:{index}")).models for index in range(400)]
    for role in ("user", "assistant"):
        assert 243 <= Counter(cast[role] for cast in casts)["large"] <= 317
    both = sum(cast["user"] == cast["assistant"] == "small" for cast in casts)
    assert 16 <= both <= 60  # 0.09 of them when the roles are drawn apart
    assert {cast["planner"] for cast in casts} == {"m"}


def test_a_pool_in_one_role_changes_nothing_else() -> None:
    """Neither the draws of other roles nor the record's own random source after it."""
    alone, more = models(user=POOL), models(user=POOL, tool=POOL, planner="p")
    one, other = drawn(alone, range(50)), drawn(more, range(50))
    assert [cast["user"] for cast in one] == [cast["user"] for cast in other]
    after = []
    for config in (LLMConfig(), more):
        rng = Random(1)
        make_llm_cast("m", HERE, None, config)(rng)
        after.append(rng.random())
    assert after[0] == after[1]


def test_names_of_pools() -> None:
    """As a manifest shows them: a weight of one is not said, an effort of a member's own is."""
    thinker = {"model": "b", "weight": 0.3, "reasoning_effort": "high"}
    config = models(planner="p", user=["a", thinker], tool={"model": "t", "weight": 4})
    pools = make_llm_cast("m", HERE, None, config)(Random(0)).pools
    assert pools == {"planner": "p", "user": "a | b (high) 0.3", "assistant": "m", "tool": "t"}


def test_one_client_for_each_model_address_and_key(tmp_path: Path) -> None:
    """Roles that ask the same model share it; the same name elsewhere, or with another key, is another."""
    there = {"model": "m", "base_url": "http://localhost:2/v1"}
    config = models(
        planner="m", user=["m", there], assistant=[there, {**there, "key_env": "FIRST_KEY"}], tool=["n", "m"]
    )
    for cache, kind in ((None, ModelClient), (tmp_path, CachedModel)):
        maker = make_llm_cast("m", HERE, None, config, keys=KEYS, cache=cache)
        assert [(type(model), model.name) for model in maker.models] == [(kind, name) for name in "mmmn"]
        assert not any(key in repr(maker.models) for key in KEYS.values())
        asyncio.run(_close(maker))


async def _close(maker: Any) -> None:
    await maker.aclose()


def test_the_key_of_the_run_goes_to_the_endpoint_of_the_run_alone() -> None:
    """A member elsewhere gets its own key, or none."""
    config = models(
        user=["m", {"model": "m", "base_url": "http://localhost:2/v1"}], tool={"model": "t", "base_url": HERE}
    )
    places = {
        place
        for pool in settle("m", "https://example.com/v1", "sk-mine", config, {}).values()
        for place in pool.members
    }
    assert {(place.base_url, place.model, place.key) for place in places} == {
        ("https://example.com/v1", "m", "sk-mine"),
        ("http://localhost:2/v1", "m", None),
        (HERE, "t", None),
    }
    assert "sk-mine" not in repr(places)


def test_a_member_may_have_limits_of_its_own() -> None:
    """In place of llm.limits, one by one; the same model in other roles has the same."""
    own = {"model": "b", "limits": {"requests_per_minute": 60}}
    config = Config.model_validate(
        {"llm": {"models": {"user": ["a", own], "tool": "b"}, "limits": {"patience": 60, "requests_per_minute": 9}}}
    ).llm
    pools = settle("m", HERE, None, config, {})
    found = {place.model: place.limits for pool in pools.values() for place in pool.members}
    assert found == {
        "m": Limits(patience=60, requests_per_minute=9),
        "a": Limits(patience=60, requests_per_minute=9),
        "b": Limits(patience=60, requests_per_minute=60),
    }
    assert len({place for pool in pools.values() for place in pool.members}) == 3


def test_a_member_has_what_it_says_and_the_rest_of_the_run() -> None:
    """Effort and support: what a member leaves out is the run's; another setting is another client."""
    config = Config.model_validate(
        {
            "llm": {
                "support": {"structure": "json", "tools": False},
                "reasoning_effort": "low",
                "models": {
                    "user": ["m", {"model": "m", "support": {"tools": True}, "reasoning_effort": "high"}],
                },
            }
        }
    ).llm
    places = settle("m", HERE, None, config, {})["user"].members
    settings = [place.settings(config) for place in places]
    assert [(own.reasoning_effort, own.support.tools, own.support.structure) for own in settings] == [
        ("low", False, "json"),
        ("high", True, "json"),
    ]
    maker = make_llm_cast("m", HERE, None, config)
    assert len(maker.models) == 2
    asyncio.run(_close(maker))


@pytest.mark.parametrize(
    ("url", "host", "loopback"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1", True),
        ("http://[::1]/v1", "::1", True),
        ("https://LOCALHOST/v1", "localhost", True),
        ("https://localhost.example.com/v1", "localhost.example.com", False),
        ("http://127.0.0.1.example.com", "127.0.0.1.example.com", False),
        ("ftp://127.0.0.1", None, False),
        ("http://", None, False),
        ("http://[::1", None, False),
        ("http://here:port", None, False),
        ("localhost:8000", None, False),
    ],
)
def test_urls(url: str, host: str | None, loopback: bool) -> None:
    """Which host a URL names, and whether it is this machine."""
    assert (host_of(url), is_loopback(url)) == (host, loopback)


# From here on: the real command.


@pytest.fixture
def endpoints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two, each with its key in the environment and one mind between them."""
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path / "cache"))
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    with served(Endpoint(key=KEYS["FIRST_KEY"])) as first, served(Endpoint(key=KEYS["SECOND_KEY"])) as second:
        second.brain = first.brain
        yield first, second


def synthesize(graph: Path, folder: Path, settings: dict[str, Any], *options: str) -> int:
    """Run the command with these models into ``folder/run``; JSON is YAML too."""
    (folder / "my.yaml").write_text(json.dumps({"llm": {"models": settings, "retries": 1}}))
    arguments = ["synthesize", "-n", "10", "--graph", str(graph), "-o", str(folder / "run")]
    return run([*arguments, "--config", str(folder / "my.yaml"), *options])


def test_every_role_asks_its_models(
    graph: Path, tmp_path: Path, endpoints: tuple[Endpoint, Endpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --model, at two endpoints with two keys; records, manifest and endpoints agree, no file has a key."""
    first, second = endpoints
    here = {"base_url": first.url, "key_env": "FIRST_KEY"}
    there = {"base_url": second.url, "key_env": "SECOND_KEY"}
    settings = {
        "planner": {"model": "wise", **here},
        "user": [{"model": "a", **here}, {"model": "b", **there}],
        "assistant": [{"model": "large", "weight": 0.6, **here}, {"model": "small", "weight": 0.4, **here}],
        "tool": {"model": "cheap", **there},
    }
    assert synthesize(graph, tmp_path, settings, "-vv") == 0
    asked = {(role, body["model"]) for endpoint in endpoints for role, body in endpoint.requests}
    wanted = {("planner", "wise"), ("user", "a"), ("user", "b"), ("assistant", "large"), ("assistant", "small")}
    assert asked == wanted | {("tool", "cheap")}
    assert {body["model"] for _, body in second.requests} == {"b", "cheap"}
    records = [json.loads(line) for line in (tmp_path / "run" / KEPT).read_bytes().splitlines()]
    assert {pair for record in records for pair in record["meta"]["models"].items()} <= asked
    assert len({record["meta"]["models"]["user"] for record in records}) == 2
    assert Manifest.model_validate_json((tmp_path / "run" / MANIFEST).read_bytes()).identity.models == {
        "planner": "wise",
        "user": "a | b",
        "assistant": "large 0.6 | small 0.4",
        "tool": "cheap",
    }
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    said = "".join(capsys.readouterr())
    assert not [key for key in KEYS.values() if key.encode() in written or key in said]
    before = len(first.requests) + len(second.requests)
    assert synthesize(graph, tmp_path, settings, "--overwrite") == 0
    assert len(first.requests) + len(second.requests) == before  # one cache for all of them


def test_a_run_goes_on_elsewhere_but_not_with_others(
    graph: Path, tmp_path: Path, endpoints: tuple[Endpoint, Endpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    """Addresses and keys are as free as --base-url; other models, or weights, are another run."""
    first, second = endpoints
    here = {"base_url": first.url, "key_env": "FIRST_KEY"}
    there = {"base_url": second.url, "key_env": "SECOND_KEY"}
    assert synthesize(graph, tmp_path, {role: {"model": "m", **here} for role in ROLES}) == 0
    moved: dict[str, Any] = {role: {"model": "m", **there} for role in ROLES}
    assert synthesize(graph, tmp_path, moved, "-n", "12") == 0
    assert second.requests
    capsys.readouterr()
    moved["user"] = [{"model": "m", **there}, {"model": "n", **there}]
    assert synthesize(graph, tmp_path, moved) == 2
    assert "models.user: m → m | n" in capsys.readouterr().err


def test_a_refused_key_is_named_by_its_variable(
    graph: Path, tmp_path: Path, endpoints: tuple[Endpoint, Endpoint], capsys: pytest.CaptureFixture[str]
) -> None:
    """So that the right one is mended."""
    wrong = {"model": "m", "base_url": endpoints[1].url, "key_env": "FIRST_KEY"}
    assert synthesize(graph, tmp_path, dict.fromkeys(ROLES, wrong)) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert "set FIRST_KEY to a valid one" in error
    assert KEYS["FIRST_KEY"] not in error


FAR = "https://llm.example.com/v1"
SECRET = "sk-proj-0123456789abcdefghij"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"narrator": "m"}, "llm.models.narrator"),
        ({"user": []}, "llm.models.user: must be a model's name, or a list"),
        ({"user": 4}, "llm.models.user: must be a model's name, or a list"),
        ({"user": ["m", 4]}, "llm.models.user.1: "),
        ({"user": ""}, "llm.models.user.0.model: "),
        ({"user": "a\nb"}, "llm.models.user.0.model: must be one line"),
        ({"user": SECRET}, "llm.models.user.0.model: looks like a key"),
        ({"user": [{"model": "m", "weight": 0}]}, "llm.models.user.0.weight: "),
        ({"user": [{"model": "m", "weight": "high"}]}, "llm.models.user.0.weight: "),
        ({"user": [{"weight": 1, "key_env": SECRET}]}, "llm.models.user.0.model: Field required"),
        ({"user": [{"model": "m", "api_key": SECRET}]}, "unknown key 'llm.models.user.0.api_key'"),
        (
            {"user": [{"model": "m", "key_env": SECRET}]},
            "llm.models.user.0.key_env: must be the name of an environment",
        ),
        ({"user": [{"model": "m", "key_env": [SECRET]}]}, "llm.models.user.0.key_env: "),
        ({"user": [{"model": "m", "key_env": "hf_abcdefghijklmnopqrstuvwxyz"}]}, "key_env: must be the name"),
        ({"user": [{"model": "m", "key_env": "AKIA0123456789ABCDEF"}]}, "key_env: must be the name"),
        ({"user": [{"model": "m", "base_url": "localhost:8000"}]}, "llm.models.user.0.base_url: must be a URL such as"),
        ({"user": [{"model": "m", "base_url": f"https://me:{SECRET}@x.org/v1"}]}, "base_url: must hold no user"),
        ({"user": [{"model": "m", "base_url": f"{FAR}?key={SECRET}"}]}, "base_url: must hold no user"),
        ({"user": [{"model": "m", "limits": {"patience": -1}}]}, "llm.models.user.0.limits.patience: "),
        (
            {
                **{role: {"model": "m", "base_url": HERE} for role in ROLES},
                "user": {"model": "m", "base_url": HERE, "limits": {"in_flight": 2}},
                "tool": {"model": "m", "base_url": HERE, "limits": {"in_flight": 3}},
            },
            "llm.models.tool.0.limits: not those of the same model in llm.models.user.0",
        ),
        ({"user": [{"model": "m", "support": {"tools": "maybe"}}]}, "llm.models.user.0.support.tools: "),
        ({"user": [{"model": "m", "reasoning_effort": "High!"}]}, "llm.models.user.0.reasoning_effort: "),
        ({"user": "m"}, "llm.models: names no model for planner, assistant, tool; add it, or give --model"),
        (dict.fromkeys(ROLES, "m"), "llm.models.planner.0: needs OPENAI_API_KEY in the environment"),
        (
            {**{role: {"model": "m", "base_url": HERE} for role in ROLES}, "tool": {"model": "m", "base_url": FAR}},
            f"llm.models.tool.0: needs key_env, the environment variable that holds the key of {FAR}",
        ),
        (
            {role: {"model": "m", "base_url": FAR, "key_env": "NOT_SET"} for role in ROLES},
            "llm.models.planner.0.key_env: NOT_SET is not set in the environment",
        ),
    ],
)
def test_a_mistake_is_one_clear_line(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, Any], said: str
) -> None:
    """Exit code 2 before anything is asked or written, with the key path; a secret is never repeated."""
    assert synthesize(graph, tmp_path, settings) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    assert said in printed.err
    assert "0123456789" not in printed.err
    assert "abcdefghij" not in printed.err
    assert not (tmp_path / "run").exists()


def test_a_key_that_cannot_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no header can carry is refused by name; the end of a line behind it is not part of it."""
    config = models(user={"model": "m", "base_url": FAR, "key_env": "MY_KEY"})
    with pytest.raises(ConfigError, match=r"^llm\.models\.user\.0\.key_env: MY_KEY holds signs that no key can have$"):
        make_llm_cast("m", HERE, None, config, keys={"MY_KEY": "schlüssel"})
    asyncio.run(_close(make_llm_cast("m", HERE, None, config, keys={"MY_KEY": "word\n"})))
    with pytest.raises(ConfigError, match=r"^OPENAI_API_KEY holds signs that no key can have$"):
        make_llm_cast("m", HERE, "sk-two\nlines", LLMConfig())


def test_an_address_is_named_without_its_password() -> None:
    """A base URL may hold one; messages do not."""
    with pytest.raises(ConfigError, match=r"^https://example\.com/v1: needs OPENAI_API_KEY") as caught:
        make_llm_cast("m", "https://me:hunter2@example.com/v1?token=x", None, LLMConfig())
    assert "hunter2" not in str(caught.value)
