"""Measures of data sets: counted by hand on small ones, steady under any input."""

import json
import random
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_encoder import FakeEncoder
from tests.test_graph_named import PAPER as PAPER_GRAPH
from tests.test_graph_named import tool
from toolflow.catalog import Catalog
from toolflow.cli import run
from toolflow.config import GraphConfig
from toolflow.errors import ConfigError
from toolflow.evaluate import MEASURES, Evaluation, evaluate
from toolflow.evaluate.table import PAPER, as_markdown, as_text, rows
from toolflow.evaluate.words import WINDOW, Wording, rounds, words
from toolflow.graph import build_graph


def heard(*turns: str) -> Wording:
    wording = Wording()
    for turn in turns:
        wording.add(turn)
    return wording


def test_words_are_runs_of_letters_and_single_marks() -> None:
    """Case does not count; a mark is a word."""
    assert words("It's 3 PM, São Paulo!") == ["it", "'", "s", "3", "pm", ",", "são", "paulo", "!"]
    assert words("訂2張票 ok?") == ["訂", "2", "張", "票", "ok", "?"]


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=12), max_size=8))
def test_entropy_and_distinct_3_by_their_definitions(turns: list[list[str]]) -> None:
    """Trigrams do not run over the end of a turn."""
    wording = heard(*(" ".join(turn) for turn in turns))
    every = [word for turn in turns for word in turn]
    trigrams = [tuple(turn[at : at + 3]) for turn in turns for at in range(len(turn) - 2)]
    if every:
        shares = [every.count(word) / len(every) for word in set(every)]
        assert wording.entropy == pytest.approx(-sum(share * log2(share) for share in shares))
    else:
        assert wording.entropy is None
    assert wording.distinct_3 == (pytest.approx(len(set(trigrams)) / len(trigrams)) if trigrams else None)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=WINDOW, max_size=3 * WINDOW))
def test_mattr_is_the_mean_over_all_windows(said: list[str]) -> None:
    """The moving count agrees with counting every window anew."""
    windows = [set(said[at : at + WINDOW]) for at in range(len(said) - WINDOW + 1)]
    assert heard(" ".join(said)).mattr == pytest.approx(sum(map(len, windows)) / len(windows) / WINDOW)


def test_what_repeats_compresses_better() -> None:
    """The same turn again and again packs smaller than different ones."""
    varied = [" ".join(random.Random(n).choices([str(number) for number in range(500)], k=20)) for n in range(50)]
    again, fresh = heard(*varied[:1] * 50).compression, heard(*varied).compression
    assert again is not None
    assert fresh is not None
    assert again > 5 * fresh


def test_the_commonest_opening() -> None:
    """Three words, by turns."""
    assert heard("Can you help me?", "can you help us?", "Book it.", "No.").commonest_opening == 0.5


def test_rounds_join_what_one_speaker_says_in_a_row() -> None:
    """The round before is request and reply; the first request has none."""
    talk = [("user", "A?"), ("assistant", "Well."), ("assistant", "B."), ("user", "C?"), ("assistant", "D.")]
    assert rounds(talk) == [("A? Well. B.", "C?")]
    assert rounds([("assistant", "Hi."), ("user", "A?")]) == []


CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": CITY}} for name in ("weather", "news", "maps")]


def calling(number: int, *calls: tuple[str, str]) -> list[dict[str, Any]]:
    """An assistant message with calls, and their results."""
    made = [
        {
            "id": f"c{number}{at}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps({"city": city})},
        }
        for at, (name, city) in enumerate(calls)
    ]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": '{"ok": 1}'} for call in made]
    return [{"role": "assistant", "content": None, "tool_calls": made}, *results]


def said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


GOOD: dict[str, Any] = {
    "tools": TOOLS,
    "messages": [
        said("user", "Weather and news for Oslo and Rome?"),
        *calling(1, ("weather", "Oslo"), ("weather", "Rome")),
        *calling(2, ("news", "Oslo")),
        said("assistant", "All is fine."),
        said("user", "And the weather in Bonn?"),
        *calling(3, ("weather", "Bonn")),
        said("assistant", "Fine as well."),
        said("user", "Thanks!"),
        said("assistant", "You are welcome."),
    ],
    "plan": {"requests": [{"kind": "chain"}, {"kind": "single"}, {"kind": "chat"}, {"kind": "single"}]},
}
FROM_NOWHERE: dict[str, Any] = {
    "tools": TOOLS,
    "messages": [said("user", "Any news?"), *calling(1, ("news", "Reykjavik")), said("assistant", "None.")],
}


def written(folder: Path, *records: Any) -> Path:
    path = folder / "set.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_structure_by_hand(tmp_path: Path) -> None:
    """Steps, parallel calls, sources, tools and pairs, counted in two small dialogues."""
    found = evaluate(written(tmp_path, GOOD, FROM_NOWHERE, "no dialogue"))
    expected = {
        "dialogues": 2,
        "traceable": 1 / 2,
        "several_steps": 1 / 3,
        "parallel": 1 / 3,
        "user_turns": 4 / 2,
        "calls": 5 / 2,
        "tools_used": 3 / 6,
        "tools_called": 2,
        "tool_pairs": 2,
        "edges_used": None,
        "tools_covered": None,
    }
    assert {key: found.values[key] for key in expected} == expected
    assert found.kinds == {"single": 1 / 2, "chain": 1 / 4, "chat": 1 / 4}
    assert (found.sample, found.unreadable) == (2, 1)


def test_reports_and_tokens(tmp_path: Path) -> None:
    """A report is unfaithful that tells a figure nobody gave; tokens are counted from bytes, message by message."""
    question, reply = "Any news from Oslo today, for me?!!!", "é" * 35 + "17"
    assert (len(question), len(reply.encode())) == (36, 72)
    chat = {"messages": [said("user", "Hello!"), said("assistant", "Hello.")]}
    assert evaluate(written(tmp_path, chat)).values["traceable"] is None  # no argument, nothing to trace
    invented = {"messages": [said("user", question), said("assistant", reply)]}
    values = evaluate(written(tmp_path, GOOD, FROM_NOWHERE, invented)).values
    assert values["faithful"] == pytest.approx(2 / 3)
    assert evaluate(written(tmp_path, invented)).values["tokens"] == pytest.approx(2 * 4 + (36 + 72) / 3.6)


def test_how_much_of_a_graph_occurs(tmp_path: Path) -> None:
    """Weather and news are called one after the other, in either order; maps and jokes never are; bing is unknown."""
    tools = (
        tool("news", ["city", "place"]),
        tool("weather", ["city"]),
        tool("maps", ["place"]),
        tool("jokes", ["topic"]),
    )
    graph = build_graph(Catalog(tools), FakeEncoder(), GraphConfig.model_validate(PAPER_GRAPH))
    assert len(graph.edges.one) == 2
    other = {**FROM_NOWHERE, "messages": [said("user", "News!"), *calling(1, ("news", "Oslo"), ("bing", "Oslo"))]}
    for records in ([GOOD], [GOOD, other]):
        values = evaluate(written(tmp_path, *records), graph=graph).values
        assert (values["tools_covered"], values["edges_used"]) == (2 / 4, 1 / 2)
    assert evaluate(written(tmp_path, other), graph=graph).values["edges_used"] == 0


def test_the_sample_does_not_depend_on_the_order_of_lines(tmp_path: Path) -> None:
    """Distinct-3 and entropy of a sample stay when the lines are shuffled, and change with the seed."""
    lines = [{"messages": [said("user", f"word{n} and word{n % 7} and so on {n}")]} for n in range(60)]
    one = evaluate(written(tmp_path, *lines), sample=20)
    random.Random(1).shuffle(lines)
    again, other = (evaluate(written(tmp_path, *lines), sample=20, seed=seed) for seed in (0, 1))
    assert one.sample == 20
    assert one.values["h"] == pytest.approx(again.values["h"])
    assert one.values["d3"] == again.values["d3"]
    assert one.values["h"] != other.values["h"]


def test_similarity_needs_an_encoder_and_two_rounds(tmp_path: Path) -> None:
    """SS is the mean cosine between a request and the round before it."""
    path = written(tmp_path, GOOD)
    assert evaluate(path).values["ss"] is None
    encoder = FakeEncoder()
    pairs = rounds([(m["role"], m["content"]) for m in GOOD["messages"] if m["role"] != "tool" and m["content"]])
    cosines = [float(encoder.encode([one])[0] @ encoder.encode([other])[0]) for one, other in pairs]
    assert len(pairs) == 2
    assert evaluate(path, encoder=encoder).values["ss"] == pytest.approx(100 * sum(cosines) / 2, rel=1e-5)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["messages", "role", "content", "plan", "requests", "kind"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_beside_a_dialogue_is_harmless(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    """Whatever a line holds, the file is measured, and its measures are finite."""
    found = evaluate(written(tmp_path_factory.mktemp("any"), FROM_NOWHERE, value, {**GOOD, "plan": value}))
    json.dumps(found.as_json(), allow_nan=False)


def test_a_file_without_dialogues(tmp_path: Path) -> None:
    """There is nothing to measure."""
    with pytest.raises(ConfigError, match="holds no dialogue"):
        evaluate(written(tmp_path, 1, {"messages": []}))


def an_evaluation(name: str) -> Evaluation:
    values: dict[str, float | None] = dict.fromkeys((measure.key for measure in MEASURES), None)
    return Evaluation(name, {**values, "dialogues": 1234, "traceable": 0.5, "d3": 0.25}, {"single": 1.0}, 200, 0)


def test_the_table_leaves_out_what_nobody_has() -> None:
    """Names are as short as they can be; the paper's figures stand in the last column."""
    table = rows([an_evaluation("a/x.jsonl"), an_evaluation("b/x.jsonl")])
    assert table[0] == ["", "a/x.jsonl", "b/x.jsonl", PAPER]
    assert ["dialogues", "1,234", "1,234", "8,000"] in table
    assert ["every argument traceable", "50.0%", "50.0%", "16.5% (ToolWeave)"] in table
    assert ["requests: single", "100.0%", "100.0%", "–"] in table
    assert not any(row[0] == "SS" for row in table)


def test_table_and_markdown_hold_the_same_cells() -> None:
    """Aligned lines, or a Markdown table whose cells cannot break it."""
    table = rows([an_evaluation("a|b.jsonl")], paper=False)
    assert len({len(line) for line in as_text(table).splitlines()}) == 1
    head, rule, *body = as_markdown(table).splitlines()
    assert head == "|  | a\\|b.jsonl |"
    assert rule == "| --- | ---: |"
    assert body[0] == "| dialogues | 1,234 |"


def test_keys_and_labels_are_unique() -> None:
    """Each measure stands in the table once."""
    for name in ("key", "label"):
        values = sorted(getattr(measure, name) for measure in MEASURES)
        assert all(one != other for one, other in pairwise(values))


def test_the_command_twice_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON, without the encoder."""
    command = ["evaluate", str(written(tmp_path, GOOD, FROM_NOWHERE)), "--json", "--no-coherence"]
    assert run(command) == 0
    first = capsys.readouterr().out
    assert run(command) == 0
    assert capsys.readouterr().out == first
    assert json.loads(first)[0]["several_steps"] == pytest.approx(1 / 3, abs=1e-6)


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is read."""
    assert run(["evaluate", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl: no such file" in capsys.readouterr().err


def test_every_measure_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Without any file: a line each, with the paper's figure; as Markdown and JSON too."""
    assert run(["evaluate", "--measures"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:31].strip() for line in lines] == [measure.label for measure in MEASURES]
    assert "H                                Shannon entropy" in "\n".join(lines)
    assert any(line.startswith("SS ") and line.endswith("[paper: 63.36]") for line in lines)
    assert run(["evaluate", "--measures", "--format", "markdown"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(MEASURES) + 2
    assert run(["evaluate", "--measures", "--json"]) == 0
    told = {one["key"]: one for one in json.loads(capsys.readouterr().out)}
    assert (told["several_steps"]["paper"], told["several_steps"]["counted_by"]) == (0.07, "ToolWeave")
    assert len({one["meaning"] for one in told.values()}) > 20 and all(one["meaning"] for one in told.values())


def test_similarity_has_an_interval_over_dialogues(tmp_path: Path) -> None:
    """Beside its mean, from the dialogues that have two rounds."""
    other = {
        "messages": [said("user", "A b"), said("assistant", "C d"), said("user", "A b c d"), said("assistant", "E")]
    }
    found = evaluate(written(tmp_path, GOOD, other, FROM_NOWHERE), encoder=FakeEncoder())
    cell = next(row[1] for row in rows([found]) if row[0] == "SS")
    assert found.intervals["ss"].size == 3 and found.intervals["ss"].margin is not None
    assert cell == f"{found.values['ss']:.2f} ± {found.intervals['ss'].margin:.2f} (3)"


def test_kinds_are_those_that_are_known(tmp_path: Path) -> None:
    """A plan of somebody else's does not fill the table."""
    plan = {"requests": [{"kind": "single"}, {"kind": "mine"}, {"kind": ["chain"]}, {"kind": None}]}
    assert evaluate(written(tmp_path, {**GOOD, "plan": plan})).kinds == {"single": 1.0}
