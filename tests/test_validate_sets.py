"""Repetitions in a set: the same dialogue, almost the same, the same calls; across files, remembered on disk."""

import json
from pathlib import Path
from typing import Any

import pytest

from toolflow.cli import run
from toolflow.errors import OutputError
from toolflow.validate.reading import read
from toolflow.validate.sets import Seen

WORDS = "I would like to book a table for four people at the small place by the river on Friday evening at eight please"


def talk(said: str, *cities: str, tools: tuple[str, ...] = ("find",)) -> dict[str, Any]:
    calls = [
        {"id": f"c{at}", "type": "function", "function": {"name": "find", "arguments": json.dumps({"city": city})}}
        for at, city in enumerate(cities)
    ]
    return {
        "tools": [{"type": "function", "function": {"name": name}} for name in tools],
        "messages": [
            {"role": "user", "content": said},
            *([{"role": "assistant", "content": None, "tool_calls": calls}] if calls else []),
            {"role": "assistant", "content": "Done."},
        ],
    }


def repeats(*records: dict[str, Any]) -> list[tuple[str, str]]:
    """What is found of the last record: (rule, why)."""
    with Seen() as seen:
        for number, record in enumerate(records):
            look = seen.look(read(record))
            found = [(rule, finding.why) for rule, finding in look.found]
            seen.remember(look, f"d{number}")
    return found


@pytest.mark.parametrize(
    ("records", "rules"),
    [
        ([talk(WORDS), talk(WORDS.upper())], ["duplicate"]),
        ([talk(WORDS), talk(WORDS, tools=("find", "book"))], ["near-duplicate"]),
        ([talk(WORDS), talk(f"{WORDS} and thanks")], ["near-duplicate"]),
        ([talk(WORDS), talk(WORDS.replace("small", "large").replace("four", "ten").replace("Friday", "Monday"))], []),
        ([talk("Find Oslo", "Oslo"), talk("And where is Oslo?", "Oslo")], ["same-calls"]),
        ([talk("Find Oslo", "Oslo"), talk("Find Rome", "Rome")], []),
        ([talk("Thanks"), talk("Thanks!")], []),
        (
            [
                talk("星期五晚上八点我想在河边的小饭馆订一张四个人的桌子"),
                talk("星期五晚上八点我想在河边的小饭馆订一张四个人的桌子吧"),
            ],
            ["near-duplicate"],
        ),
        ([talk(WORDS), talk("Something else entirely, if you have a moment for me today, friend")], []),
    ],
)
def test_repetitions_are_named(records: list[dict[str, Any]], rules: list[str]) -> None:
    """Case does not matter, tools on offer do; few words are alike by chance."""
    found = repeats(*records)
    assert [rule for rule, _ in found] == rules
    assert all("d0" in why for _, why in found)


def test_every_repetition_names_the_first(tmp_path: Path) -> None:
    """A thousand copies are a thousand duplicates of the first one."""
    with Seen() as seen:
        whys = []
        for number in range(1000):
            look = seen.look(read(talk(WORDS)))
            whys.append(f"{look.found}")
            seen.remember(look, f"d{number}")
    assert whys[0] == "[]"
    assert all("'the same dialogue as d0'" in why for why in whys[1:])


def test_the_command_finds_them_across_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only when asked; the first one is kept."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(talk(WORDS)) + "\n")
    files = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl")]
    assert run(["validate", *files]) == 0
    assert run(["validate", *files, "--duplicates", "--keep", str(tmp_path / "kept.jsonl"), "--json"]) == 1
    out = capsys.readouterr().out
    assert '"duplicate": {' in out
    assert f"the same dialogue as {tmp_path / 'a.jsonl'}:1" in out
    assert len((tmp_path / "kept.jsonl").read_text().splitlines()) == 1


def test_what_is_rejected_takes_nothing_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody repeats a dialogue that is not kept, whatever it was rejected for."""
    broken = talk(WORDS)
    broken["messages"][-1]["content"] = ""
    kin = [
        f"{WORDS} and thanks",
        f"{WORDS} and thanks a lot",
        f"{WORDS} and thanks a lot for all of it my old dear friend",
    ]
    lines = [broken, *(talk(said) for said in kin)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    kept = tmp_path / "kept.jsonl"
    assert run(["validate", str(tmp_path / "a.jsonl"), "--duplicates", "--keep", str(kept), "-v"]) == 1
    assert [json.loads(line) for line in kept.read_text().splitlines()] == [lines[1], lines[3]]
    err = capsys.readouterr().err
    assert (
        f"a.jsonl:3: error: near-duplicate: of the runs of 4 words in it and in {tmp_path / 'a.jsonl'}:2, about" in err
    )


def test_no_room_to_remember_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither when the disk fills up, nor when there is no folder."""
    with Seen() as seen:
        seen._database.execute("PRAGMA max_page_count = 20")
        with pytest.raises(OutputError, match="has no room: database or disk is full"):
            [seen.remember(seen.look(read(talk(f"{WORDS} {number}"))), "d" * 1_000) for number in range(1_000)]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match="gone has no room: No such file"), Seen():
        pass
