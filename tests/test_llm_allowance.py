"""What endpoints say in headers: read as each of them writes it, and harmless whatever stands there."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.llm.allowance import TRUSTED, Allowance, retry_after
from toolflow.llm.caps import Need

ONE = Need(100, 100)
DATE = "Mon, 02 Mar 2026 10:00:00 GMT"


def wait_after(headers: Mapping[str, str], need: Need = ONE, later: float = 0.0) -> float:
    """Seconds to wait after one request that was answered with these headers."""
    allowance = Allowance()
    account = allowance.sent(need)
    allowance.heard(headers, account, 50.0)
    return allowance.wait(need, 50.0 + later)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1s", 1),
        ("120ms", 0.12),
        ("1m2s", 62),
        ("6m0s", 360),
        ("1h2m3.5s", 3723.5),
        ("2d", 172_800),
        ("7.66s", 7.66),
        ("12", 12),
        ("0", 0),
        ("2026-03-02T10:00:08Z", 8),
        ("2026-03-02T09:00:00+00:00", 0),
        ("2026-03-02T10:00:08", 8),
        ("2026-03-02T11:00:08+01:00", 8),
        ("0.0001d", 8.64),
        ("0.001h", 3.6),
        ("0.1m", 6),
        ("9000000us", 9),
        ("9000000µs", 9),
        ("900000000ns", 0.9),
    ],
)
def test_resets(reset: str, seconds: float) -> None:
    """Durations as OpenAI writes them, seconds, and dates by the endpoint's own clock; never longer than trusted."""
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset, "date": DATE}
    assert wait_after(headers) == pytest.approx(min(seconds, TRUSTED))
    assert wait_after(headers, later=400) == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9"}, 9),
        ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "5"}, 5),
        ({"anthropic-ratelimit-tokens-remaining": "199", "anthropic-ratelimit-tokens-reset": "5"}, 5),
        ({"x-ratelimit-remaining-tokens": "199", "x-ratelimit-reset-tokens": "5s"}, 5),
        ({"x-ratelimit-remaining-tokens": "200", "x-ratelimit-reset-tokens": "5s"}, 0),
        ({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "5s"}, 0),
        ({"x-ratelimit-remaining-requests": "0"}, 0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "in 9s"}, 0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "9s", "x-ratelimit-remaining-requests": "0"}, 9),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "5s",
                "ratelimit-remaining": "0",
                "ratelimit-reset": "9",
            },
            5,
        ),
        (
            {
                "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-requests": "9s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "5s",
            },
            5,
        ),
        ({}, 0),
    ],
)
def test_who_says_what(headers: dict[str, str], seconds: float) -> None:
    """Several dialects; nothing is made of half a statement."""
    assert wait_after(headers) == seconds


@pytest.mark.parametrize(
    ("limit", "remaining", "reset", "later", "seconds"),
    [
        ("60", "0", "60s", 0.0, 1.0),
        ("60", "0", "60s", 0.25, 0.75),
        ("60", "0", "60s", 1.5, 0.0),
        ("120", "0", "60s", 0.0, 0.5),
        ("4", "0", "1s", 0.0, 0.25),
        ("4", "0", "0s", 0.0, 0.0),
        ("0", "0", "9s", 0.0, 0.0),
        ("0", "0", "9s", 5.0, 0.0),
    ],
)
def test_what_flows_back_is_counted(limit: str, remaining: str, reset: str, later: float, seconds: float) -> None:
    """With a limit of 60 a minute and none left, the next request may go after a second, not after the minute."""
    headers = {
        "x-ratelimit-limit-requests": limit,
        "x-ratelimit-remaining-requests": remaining,
        "x-ratelimit-reset-requests": reset,
    }
    assert wait_after(headers, later=later) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("limit", "remaining", "reset", "need", "seconds"),
    [
        ("1000", "100", "9s", Need(100, 100), 1.0),  # 100 a second, and 100 are missing
        ("1000", "400", "9s", Need(200, 400), 3.0),
        ("150", "150", "9s", Need(100, 100), 0.0),  # larger than the limit: it can only go when all is there
        ("150", "60", "9s", Need(100, 100), 9.0),
    ],
)
def test_tokens_flow_back_too(limit: str, remaining: str, reset: str, need: Need, seconds: float) -> None:
    """From what is left to the limit, evenly, until the reset."""
    headers = {
        "x-ratelimit-limit-tokens": limit,
        "x-ratelimit-remaining-tokens": remaining,
        "x-ratelimit-reset-tokens": reset,
    }
    assert wait_after(headers, need) == pytest.approx(seconds)


def test_after_the_reset_all_is_back() -> None:
    """Also for what was sent since the headers were written."""
    allowance = Allowance()
    account = allowance.sent(ONE)
    for _ in range(10):
        allowance.sent(ONE)
    allowance.heard({"ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "10"}, account, 0.0)
    assert allowance.wait(ONE, 0.0) == 10.0


def test_a_limit_below_what_is_left_takes_nothing_away() -> None:
    """Nonsense, and no reason to wait."""
    allowance = Allowance()
    account = allowance.sent(ONE)
    allowance.sent(ONE)
    allowance.heard({"ratelimit-limit": "1", "ratelimit-remaining": "2", "ratelimit-reset": "20"}, account, 0.0)
    assert allowance.wait(ONE, 5.0) == 0


def test_what_was_sent_since_is_taken_off() -> None:
    """Four were left when the first of three was counted, so that two more may go."""
    allowance = Allowance()
    account = allowance.sent(ONE)
    for _ in range(2):
        allowance.sent(ONE)
    allowance.heard({"ratelimit-remaining": "4", "ratelimit-reset": "20"}, account, 0.0)
    for _ in range(2):
        assert allowance.wait(ONE, 0.0) == 0
        allowance.sent(ONE)
    assert allowance.wait(ONE, 0.0) == 20


TEXT = st.text(max_size=80) | st.from_regex(r"[0-9]{1,40}(ms|s|m|h|d|)", fullmatch=True) | st.floats().map(str)
NAMES = [
    f"{name}{kind}"
    for name in ("x-ratelimit-limit-", "x-ratelimit-remaining-", "x-ratelimit-reset-")
    for kind in ("requests", "tokens")
]
NAMES += ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after", "retry-after-ms", "date"]


@given(headers=st.dictionaries(st.sampled_from(NAMES), TEXT), need=st.builds(Need, st.integers(0), st.integers(0)))
def test_a_claim_holds_nothing_up_for_long(headers: dict[str, str], need: Need) -> None:
    """Whatever the headers hold, the wait is a number, bounded, and over when the claim is old."""
    assert 0 <= wait_after(headers, need) <= TRUSTED
    assert wait_after(headers, need, later=TRUSTED) == wait_after(headers, need, later=2 * TRUSTED) == 0
    asked = retry_after(headers)
    assert asked is None or 0 <= asked < float("inf")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:09 GMT", "date": DATE}, 9),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:00 GMT", "date": DATE}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 02 Mar 1998 10:00:00 GMT"}, 0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, Any], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; nonsense is nothing."""
    assert retry_after(headers) == seconds
