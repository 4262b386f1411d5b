"""toolflow.effort: what would keep a checker busy for hours comes to an end, and says so."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from toolflow.claims import Known, claims
from toolflow.config import ValidateConfig
from toolflow.effort import MOST, Effort
from toolflow.errors import TooMuchWork
from toolflow.told_names import names_unheard
from toolflow.trace import Trace
from toolflow.validate import check


def test_steps_are_counted_and_end() -> None:
    """A long text takes more of them than a short one."""
    effort = Effort(30)
    effort.spend(10)
    effort.search("x")
    with pytest.raises(TooMuchWork, match="too much to look through"):
        effort.search("x" * 4_000)


def calling(arguments: dict[str, Any], user: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """A dialogue of one call."""
    function = {"name": "find", "arguments": json.dumps(arguments)}
    call = {"id": "a", "type": "function", "function": function}
    return {
        "messages": [
            {"role": "user", "content": user},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": "{}"},
            {"role": "assistant", "content": "Done."},
        ],
        "tools": [{"type": "function", "function": {"name": "find", "parameters": schema or {}}}],
        **more,
    }


def words(letter: str, many: int) -> Iterator[str]:
    """Words of one letter with a number, in letters."""
    return (letter + "".join(chr(ord("a") + int(digit)) for digit in str(number)) for number in range(many))


def planned(many: int) -> dict[str, Any]:
    """As many calls planned as made, none as it was planned."""
    record = calling({}, "Go on.")
    calls = [
        {"id": f"c{at}", "type": "function", "function": {"name": "find", "arguments": json.dumps({"a": at})}}
        for at in range(many)
    ]
    record["messages"][1]["tool_calls"] = calls
    plan = [{"tool": "find", "arguments": {"a": {"source": "user", "value": "x"}}}] * many
    return {**record, "plan": {"requests": [{"kind": "parallel", "goal": "g", "calls": plan}]}}


def days(many: int) -> str:
    return ", ".join(f"{number} days" for number in range(many))


def named(many: int) -> dict[str, Any]:
    """As many tools, the name of each in a longer word."""
    names = [f"get_thing{number}" for number in range(many)]
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {**calling({}, " ".join(f"x{name}" for name in names)), "tools": tools}


def listed(members: list[Any]) -> dict[str, Any]:
    return {"properties": {"x": {"items": {"anyOf": members}}}}


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        ("argument-source", lambda n: calling({"x": [f"{at % 7}" for at in range(n)]}, "1.2.3.4.5.6.7." * n)),
        ("argument-source", lambda n: calling({"x": [f"2026-05-{1 + at % 30:02}" for at in range(n)]}, days(n))),
        ("argument-source", lambda n: calling({"x": list(range(n))}, "Go on.", listed([{"const": -1}] * n))),
        ("plan-call", lambda n: planned(n // 3)),
        ("tool-name-leak", named),
    ],
    ids=["figures that go on", "days from spans", "branches", "plan", "names of tools"],
)
def test_a_rule_gives_up_and_rejects(
    rule: str, make: Callable[[int], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small one is looked through."""
    monkeypatch.setattr("toolflow.effort.MOST", MOST // 100)
    found = [verdict for verdict in check(make(600), ValidateConfig()) if verdict.rule == rule]
    assert ("", "error") in [(verdict.where, verdict.severity) for verdict in found]
    assert any("too much to look through" in verdict.why for verdict in found)
    small = check(make(9), ValidateConfig())
    assert not any("too much to look through" in verdict.why for verdict in small)


def test_names_and_figures_cost_steps_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of many of them, against much that was said."""
    monkeypatch.setattr("toolflow.effort.MOST", MOST // 100)
    said = list(words("z", 3_000))
    report = "so " + " ".join(name.title() for name in words("y", 100))
    with pytest.raises(TooMuchWork):
        list(names_unheard(report, said, lambda: "", Effort()))
    known = Known()
    known.take_in([number + 0.25 for number in range(1_000)])
    told = claims(" ".join(f"{number}.5" for number in range(100)))
    with pytest.raises(TooMuchWork):
        [known.bears(claim) for claim in told]


def test_what_a_dialogue_needs_is_far_from_the_bound() -> None:
    """A long one of a hundred thousand words, with a value from each thousand."""
    said = " ".join(words("z", 100_000))
    trace = Trace()
    trace.hear(said)
    assert [trace.source(word) for word in said.split()[::1_000]] == ["user"] * 100
    trace.effort.spend(MOST // 2)
