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
    ],
)
def test_resets(reset: str, seconds: float) -> None:
    """Durations as OpenAI writes them, seconds, and dates by the endpoint's own clock; never longer than trusted."""
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset, "date": DATE}
    assert wait_after(headers) == pytest.approx(min(seconds, TRUSTED))


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
        ({}, 0),
    ],
)
def test_who_says_what(headers: dict[str, str], seconds: float) -> None:
    """Several dialects; nothing is made of half a statement."""
    assert wait_after(headers) == seconds


def test_what_flows_back_is_counted() -> None:
    """With a limit of 60 a minute and none left, the next request may go after a second, not after the minute."""
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
    }
    assert wait_after(headers) == pytest.approx(1)
    assert wait_after(headers, later=0.25) == pytest.approx(0.75)
    assert wait_after(headers, later=1.5) == 0


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
    assert wait_after(headers, need, later=TRUSTED) == 0
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
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, Any], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; nonsense is nothing."""
    assert retry_after(headers) == seconds
