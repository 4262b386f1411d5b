"""The llm cast and a real server understand each other; what the small model says does not matter."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.endpoint import served
from tests.wire_roles import CONFIG, put
from tests.wire_server import MISSING, Relay, installed, real_server, served_tokens

SMALL = CONFIG.model_copy(update={"max_tokens": 64, "reasks": 0})
needs_wire = pytest.mark.skipif(not installed(), reason=MISSING)
FORMS = {"planner": "json_schema", "user": "json_schema", "assistant": "native tools", "tool": "json_schema"}


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    """The real server, both sides of every exchange remembered."""
    with real_server(slots=1) as address, served(Relay(address)) as relay:
        yield relay


@needs_wire
@pytest.mark.parametrize("question", FORMS)
def test_every_role_is_served(question: str, relay: Relay) -> None:
    """Schema or tools are taken, the answer is read, its cost is what the server says."""
    before = len(relay.exchanges)
    outcome = put(question, relay.url, config=SMALL)
    (exchange,) = relay.exchanges[before:]
    assert (exchange.role, exchange.form, exchange.status) == (question, FORMS[question], 200)
    assert (outcome.answer is None) != (outcome.reason == "")
    counted = {name: exchange.usage[name] for name in ("prompt_tokens", "completion_tokens")}
    assert outcome.usage.by_role == {question: {"calls": 1, **counted}}


@needs_wire
def test_a_native_call_arrives(relay: Relay) -> None:
    """As ``tool_calls`` from the server, as a checked turn from the speaker; words in the second question after it."""
    turn = put("assistant", relay.url, config=SMALL).answer
    native = [call["function"]["name"] for call in relay.exchanges[-1].message["tool_calls"]]
    assert [call.function.name for call in turn.calls] == native == ["search_hotels"]
    assert json.loads(turn.calls[0].function.arguments)["city"] == "Lima"
    before = len(relay.exchanges)
    put("held to speak", relay.url, config=SMALL.model_copy(update={"reasks": 1}))
    assert [exchange.form for exchange in relay.exchanges[before:]] == ["native tools", "json_schema"]


@needs_wire
def test_half_a_native_call_is_none(relay: Relay) -> None:
    """Cut by the length limit, the server gives what was written so far."""
    outcome = put("assistant", relay.url, config=SMALL.model_copy(update={"max_tokens": 20}))
    assert relay.exchanges[-1].finish == "length"
    assert "tool_calls" in relay.exchanges[-1].message
    assert "it was cut off" in outcome.reason


@needs_wire
def test_the_server_counts_as_we_do(relay: Relay) -> None:
    """Its own metrics equal the sum of what it said with each answer."""
    answers = [exchange.usage for exchange in relay.exchanges if exchange.status == 200]
    assert answers
    sums = tuple(sum(usage[name] for usage in answers) for name in ("prompt_tokens", "completion_tokens"))
    assert served_tokens(relay.address) == sums


@needs_wire
def test_a_template_without_tools_is_found_out() -> None:
    """The model's own drops them; the question is asked again with the tools in words."""
    with real_server(slots=1, template="") as address, served(Relay(address)) as relay:
        put("many tools", relay.url, config=SMALL)
        assert [exchange.form for exchange in relay.exchanges] == ["native tools", "text"]
        assert relay.exchanges[1].usage["prompt_tokens"] > 1.3 * relay.exchanges[0].usage["prompt_tokens"]


def test_the_lock_holds_the_extra() -> None:
    """pyproject.toml, scripts/wire.lock and the README name the same two packages."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extra = re.search(r"^wire = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert extra
    named = {re.split(r"[><=]", name)[0] for name in re.findall(r'"([^"]+)"', extra[1])}
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "scripts" / "wire.lock").read_text(encoding="utf-8"), re.M))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert named == locked == {name for name in named if f"`{name}`" in readme}
