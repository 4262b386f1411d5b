"""The ledger: nothing spent is forgotten, whatever is killed; nothing is sent that the budget may not cover."""

import asyncio
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolflow.errors import BudgetReached, ConfigError, ModelUnavailable, OutputError
from toolflow.llm.ledger import Ledger
from toolflow.llm.prices import PICO, Price, PriceList
from toolflow.llm.purse import Attempt, Reservation, Tokens
from toolflow.llm.wire import tokens_of

HOME = "http://127.0.0.1:8000/v1"
PRICE = Price(input=2_000_000, cached_input=500_000, output=8_000_000)
PRICES = PriceList(Path("prices.yaml"), {("127.0.0.1", "m"): PRICE})


def attempt(size: int = 1000, longest: int | None = 100, model: str = "m", role: str = "user") -> Attempt:
    """An attempt of at most ``size`` and ``longest`` tokens: 0.0028 dollars by default."""
    return Attempt(HOME, model, role, size, longest)


def bound(size: int = 1000, longest: int = 100) -> float:
    """The most it costs, in dollars."""
    return PRICE.bound(size, longest) / PICO


def reserved(ledger: Ledger, *attempts: Attempt) -> list[Reservation]:
    """Room for some attempts, one after the other."""

    async def go() -> list[Reservation]:
        return [await ledger.reserve(one) for one in attempts]

    return asyncio.run(go())


def opened(path: Path, budget: float | None = None, prices: PriceList = PRICES) -> Ledger:
    """A ledger that goes on with a file."""
    ledger = Ledger(prices, budget)
    ledger.open(path)
    return ledger


def test_an_answer_costs_what_its_endpoint_counted(tmp_path: Path) -> None:
    """Cached tokens at their own price; the rest of what was set aside comes back."""
    ledger = opened(tmp_path / "ledger.jsonl", bound())
    (first,) = reserved(ledger, attempt())
    first.answered(Tokens(400, 50, cached=100, reasoning=20))
    total = ledger.report()["total"]
    assert total["usd"] == pytest.approx((300 * 2 + 100 * 0.5 + 50 * 8) / 1e6)
    assert total["possibly_usd"] == 0
    assert {name: total[name] for name in ("calls", "prompt_tokens", "cached_tokens", "reasoning_tokens")} == {
        "calls": 1,
        "prompt_tokens": 400,
        "cached_tokens": 100,
        "reasoning_tokens": 20,
    }


@pytest.mark.parametrize(
    ("settle", "usd", "possibly"),
    [
        (lambda one: one.refused(), 0, 0),
        (lambda one: one.lost(), 0, bound()),
        (lambda one: one.answered(None), 0, bound()),
        (lambda one: None, 0, bound()),
    ],
    ids=["refused", "lost", "not counted", "killed"],
)
def test_what_may_have_been_billed_counts_in_full(tmp_path: Path, settle: Any, usd: float, possibly: float) -> None:
    """An error status costs nothing; an attempt that broke off, was not counted or not settled, its upper bound."""
    path = tmp_path / "ledger.jsonl"
    (one,) = reserved(opened(path), attempt())
    settle(one)
    for _ in range(2):  # a second look changes nothing
        total = opened(path).report()["total"]
        assert (total["usd"], total["possibly_usd"]) == (usd, pytest.approx(possibly))


def test_the_account_is_kept_by_role_and_model(tmp_path: Path) -> None:
    """One row each, and the roles summed; unknown prices make unknown sums, never zero."""
    path = tmp_path / "ledger.jsonl"
    ledger = opened(path)
    for model, role in (("m", "user"), ("m", "tool"), ("other", "user")):
        (one,) = reserved(ledger, attempt(model=model, role=role))
        one.answered(Tokens(10, 5))
    ledger.noted(HOME, "m", "tool", "recalled", Tokens(7, 3))
    ledger.noted(HOME, "m", "user", "reasked")
    for known in (ledger, opened(path)):
        report = known.report()
        assert [(row["role"], row["model"], row["usd"]) for row in report["rows"]] == [
            ("tool", "m", 6e-5),
            ("user", "m", 6e-5),
            ("user", "other", "unknown"),
        ]
        assert report["total"]["usd"] == "unknown"
        assert (report["total"]["known_usd"], report["total"]["unpriced"]) == (0.00012, ["other"])
        assert known.usage()["tool"]["saved_prompt_tokens"] == 7
        assert known.usage()["user"] | {"reasked": 1, "calls": 2, "prompt_tokens": 20} == known.usage()["user"]


def test_a_price_written_later_counts_for_what_was_spent_before(tmp_path: Path) -> None:
    """With a budget nothing may stay unknown; a price that changes leaves what was spent as it was."""
    path = tmp_path / "ledger.jsonl"
    (one,) = reserved(opened(path, prices=PriceList()), attempt())
    one.answered(Tokens(1000, 0))
    assert opened(path, prices=PriceList()).report()["total"]["usd"] == "unknown"
    with pytest.raises(ConfigError, match=r"no price for m at 127\.0\.0\.1, and no budget can be kept without"):
        opened(path, 1.0, prices=PriceList())
    ledger = opened(path, 1.0)
    assert ledger.report()["total"]["usd"] == 0.002
    (two,) = reserved(ledger, attempt())
    two.answered(Tokens(1000, 0))
    dearer = PriceList(prices={("127.0.0.1", "m"): Price(9_000_000, 9_000_000, 9_000_000)})
    assert opened(path, prices=dearer).report()["total"]["usd"] == pytest.approx(0.009 + 0.002)


def test_a_model_without_a_price_needs_one_with_a_budget() -> None:
    """Before anything is sent, with the file to edit."""
    with pytest.raises(ConfigError, match=r"prices\.yaml: no price for n at 127\.0\.0\.1"):
        reserved(Ledger(PRICES, 1.0), attempt(model="n"))
    reserved(Ledger(PRICES), attempt(model="n"))


def test_an_endpoint_that_takes_no_length_limit_needs_to_go_without_a_budget() -> None:
    """Its answers have no upper bound; where answers cost nothing that does not matter."""
    with pytest.raises(ModelUnavailable, match="takes no length limit for m"):
        reserved(Ledger(PRICES, 1.0), attempt(longest=None))
    reserved(Ledger(PriceList(prices={("127.0.0.1", "m"): Price(1, 1, 0)}), 1.0), attempt(longest=None))
    ledger = Ledger(PRICES)
    (one,) = reserved(ledger, attempt(longest=None))
    one.lost()
    assert ledger.report()["total"]["possibly_usd"] == "unknown"


def test_what_does_not_fit_waits_for_what_is_under_way() -> None:
    """Most attempts cost less than was set aside; when none is under way, the money is spent."""

    async def go() -> None:
        ledger = Ledger(PRICES, 2.5 * bound())
        one, two = await ledger.reserve(attempt()), await ledger.reserve(attempt())
        third = asyncio.create_task(ledger.reserve(attempt()))
        fourth = asyncio.create_task(ledger.reserve(attempt()))
        await asyncio.sleep(0)
        assert not third.done()
        one.answered(Tokens(100, 10))
        assert await third
        two.lost()
        await asyncio.sleep(0)
        assert not fourth.done()
        (await third).lost()
        with pytest.raises(BudgetReached, match=r"0\.0059 of 0\.0070 USD are spent.*raise --budget to go on"):
            await fourth

    asyncio.run(go())


def test_who_stops_waiting_leaves_no_trace() -> None:
    """Cancelled while waiting, or in the very moment in which there is room."""

    async def go() -> None:
        ledger = Ledger(PRICES, bound())
        one = await ledger.reserve(attempt())
        waiting = [asyncio.create_task(ledger.reserve(attempt())) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        one.refused()
        waiting[1].cancel()
        await asyncio.wait(waiting[:2])
        (await waiting[2]).refused()
        (await ledger.reserve(attempt())).refused()
        assert ledger.report()["total"]["failed"] == 3

    asyncio.run(go())


def test_a_record_is_begun_when_it_can_be_expected_to_end() -> None:
    """With less left than those under way and one more cost on average, they go first."""
    ledger = Ledger(PRICES, 1.0)
    ledger.expect(1.4)
    assert ledger.affords(0, 0)  # a guess alone ends no run
    ledger.expect(0.4)
    assert ledger.affords(0, 0)
    assert ledger.affords(0, 1)
    assert not ledger.affords(0, 2)
    (one,) = reserved(ledger, attempt(350_000, 100))
    one.lost()
    with pytest.raises(BudgetReached, match=r"0\.7008 of 1\.00 USD are spent, and one more dialogue costs 0\.7008 on"):
        ledger.affords(1, 0)
    assert Ledger(PRICES).affords(1, 10**6)


def test_an_endpoint_that_counts_more_is_given_more_room(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A hidden prompt: one warning, and larger reservations from then on, in a continued run too."""
    path = tmp_path / "ledger.jsonl"
    ledger = opened(path)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            (one,) = reserved(ledger, attempt())
            one.answered(Tokens(1500, 100))
    (warning,) = caplog.records
    assert warning.getMessage().startswith(f"{HOME} counts more tokens for m")
    with pytest.raises(BudgetReached):
        reserved(opened(path, (2 * bound(1500) + bound(1499))), attempt())
    reserved(opened(path, 3 * bound(1500)), attempt())


OPERATIONS = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(0, 300),
        st.sampled_from(["answered", "uncounted", "refused", "lost", "open"]),
        st.floats(0, 1),
    ),
    max_size=12,
)


@given(OPERATIONS, st.data())
@settings(max_examples=60)
def test_a_ledger_cut_at_any_byte_forgets_nothing_that_was_spent(
    operations: list[tuple[int, int, str, float]], data: st.DataObject
) -> None:
    """What is whole counts; what was sent and has no whole settlement counts in full."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        ledger = opened(path)
        for (size, longest, how, share), one in zip(
            operations, reserved(ledger, *(attempt(size, longest) for size, longest, _, _ in operations)), strict=True
        ):
            if how == "answered":
                one.answered(Tokens(int(size * share), int(longest * share), int(size * share * share)))
            elif how == "uncounted":
                one.answered(None)
            elif how != "open":
                getattr(one, how)()
        ledger.close()
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        assert opened(path).account.charged() == spent(whole[:cut])
        assert path.read_bytes().startswith(whole[: whole[:cut].rfind(b"\n") + 1])


def spent(text: bytes) -> int:
    """By the book: every reservation at its bound, until its settlement says less."""
    costs: dict[int, int] = {}
    for line in text[: text.rfind(b"\n") + 1].splitlines():
        event = json.loads(line)
        if "reserved" in event:
            costs[event["reserved"]] = PRICE.bound(event["prompt"], event["completion"])
        elif "refused" in event:
            costs[event["refused"]] = 0
        elif "prompt" in event and "answered" in event:
            tokens = Tokens(event["prompt"], event["completion"], event["cached"])
            costs[event["answered"]] = PRICE.cost(tokens)
    return sum(costs.values())


@pytest.mark.parametrize(
    "line",
    [b"{}\n", b"[]\n", b"not json\n", b'{"answered": 99}\n', b'{"reserved": 9, "of": 7}\n', b'{"lost": "x"}\n'],
)
def test_a_damaged_line_in_the_middle_is_nobodys_to_guess(tmp_path: Path, line: bytes) -> None:
    """Money is not guessed at: file and line are named, and nothing is changed."""
    path = tmp_path / "ledger.jsonl"
    ledger = opened(path)
    for one in reserved(ledger, *[attempt()] * 2):
        one.lost()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], line, *lines[4:]]))
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"ledger\.jsonl:5: no line of a ledger"):
        opened(path)
    assert path.read_bytes() == before


def test_a_foreign_file_is_no_ledger(tmp_path: Path) -> None:
    """Another format is not added to."""
    (tmp_path / "ledger.jsonl").write_text('{"format":"toolflow-ledger/9"}\n{"lost":1}\n')
    with pytest.raises(OutputError, match="no line of a ledger"):
        opened(tmp_path / "ledger.jsonl")


def test_a_disk_that_takes_nothing_stops_the_run_before_the_next_request(tmp_path: Path) -> None:
    """An answer that came is not lost for it; nothing further is sent that would not be on file."""
    path = tmp_path / "ledger.jsonl"
    ledger = opened(path)
    (one,) = reserved(ledger, attempt())
    ledger._file.append = _full
    one.answered(Tokens(1, 1))
    with pytest.raises(OutputError, match="No space left"):
        reserved(ledger, attempt())
    assert opened(path).report()["total"]["lost"] == 1


def _full(event: object) -> None:
    raise OutputError("ledger.jsonl: cannot be written: No space left on device")


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}, Tokens(9, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 113}, Tokens(9, 104)),
        ({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 0}, Tokens(9, 4)),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 4,
                "total_tokens": 13,
                "prompt_tokens_details": {"cached_tokens": 8},
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Tokens(9, 4, cached=8, reasoning=3),
        ),
        (None, None),
    ],
)
def test_thoughts_that_stand_in_the_total_alone_are_paid_for(usage: dict[str, Any] | None, tokens: Tokens) -> None:
    """Some endpoints leave them out of the answer's tokens, and bill them."""
    assert tokens_of({"usage": usage, "choices": []}) == tokens
