"""Progress without a terminal: plain lines, few of them, that say how fast and how long."""

import io

from rich.console import Console

from toolflow.cli.progress import _lines, _rate


def test_plain_lines_come_every_few_seconds_and_at_the_end() -> None:
    """Rate and time left count from where a continued run began; the end is told once."""
    out, times = io.StringIO(), iter([0.0, 1.0, 4.0, 10.0, 11.0, 20.0, 21.0])
    show = _lines(Console(file=out, width=40), 100, lambda: next(times))
    for done in (101, 102, 103, 120, 121, 200, 200):
        show("synthesizing", done, 200, f"rejected {done - 100}")
    assert out.getvalue().splitlines() == [
        "synthesizing: 120 of 200  2.0/s, 0:40 left  rejected 20",
        "synthesizing: 200 of 200  5.0/s  rejected 100",
    ]


def test_slow_work_is_told_by_the_minute() -> None:
    """A model that needs minutes for a dialogue does not look like a standstill."""
    assert (_rate(3, 90), _rate(30, 10), _rate(9_000, 3), _rate(0, 5)) == ("2.0/min", "3.0/s", "3,000/s", "")


def test_what_a_step_says_cannot_move_the_cursor() -> None:
    """Names of steps and notes may quote files."""
    out, times = io.StringIO(), iter([0.0])
    _lines(Console(file=out), 0, lambda: next(times))("a\x1b[2J", 1, 1, "b\r")
    assert "\x1b" not in out.getvalue()
    assert "\r" not in out.getvalue()
