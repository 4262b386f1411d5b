"""The run folder: nothing lost, nothing twice, whatever is killed and wherever a file is cut."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolflow.errors import ConfigError, OutputError
from toolflow.records import KEPT, MANIFEST, REJECTED, Identity, Manifest, open_run
from toolflow.schema import AssistantMessage, Draw, End, Meta, Record, UserMessage, Verdict

IDENTITY = Identity(
    toolflow="0",
    cast="selfplay",
    models={},
    prompts={},
    seed=7,
    graph="sha256:0",
    config={"plan": {"attempts": 3}, "synthesize": {"attempts": 2}},
)
WANTED = 12


def make(index: int, attempt: int = 0) -> Record:
    """A record as a deterministic cast would make it: every third index is rejected at first, every fifth is given
    up, lengths vary."""
    kept = index % 5 != 3 and (index % 3 != 1 or attempt > 0)
    verdict = Verdict(rule="plan", severity="error", where="", why="ünlucky")
    return Record(
        id=f"r-{Draw(index, attempt).name}",
        tools=(),
        messages=(UserMessage(content="é" * (index * 7 % 23)), AssistantMessage(content="ok\u2028")) if kept else (),
        meta=Meta(
            index=index,
            attempt=attempt,
            subset=("a", "b", "c")[: 2 + (index % 3 > 0)],
            seed=7,
            cast="selfplay",
            end=End.DONE,
            usage={"user": {"calls": index}},
            verdicts=() if kept else (verdict,),
        ),
    )


def made_from(draw: Draw) -> Iterator[Record]:
    """Every record from one draw on, without end."""
    while True:
        record = make(draw.index, draw.attempt)
        yield record
        draw = draw.after(kept=record.kept, attempts=IDENTITY.attempts)


def each_made(missing: Iterator[Draw]) -> Iterator[Record]:
    """For every index that is missing, its records until one is kept or it is given up."""
    for draw in missing:
        yield from (record for record in islice(made_from(draw), IDENTITY.attempts) if record.meta.index == draw.index)


def run(folder: Path, wanted: int = WANTED, *, ordered: bool = True, order: list[int] | None = None) -> int:
    """Fill the folder until ``wanted`` are kept; how many records were made."""
    made = 0
    with open_run(folder, IDENTITY, wanted, ordered=ordered) as records:
        for record in made_from(next(records.missing())) if ordered else each_made(records.missing()):
            if records.tally.kept >= wanted:
                break
            records.append(record)
            made += 1
        records.finish()
    return made


def content(folder: Path) -> dict[str, bytes]:
    """All files of a run but the lock."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != ".lock"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return content(folder)


def test_a_line_is_a_record_in_the_documented_key_order(whole: dict[str, bytes]) -> None:
    """Each line is one JSON object, keys in the order of DESIGN.md."""
    lines = whole[KEPT].decode().split("\n")
    assert lines.pop() == ""
    assert len(lines) == WANTED
    assert all(list(json.loads(line)) == ["id", "tools", "messages", "plan", "meta"] for line in lines)
    assert [json.loads(line)["meta"]["index"] for line in lines] == [i for i in range(15) if i % 5 != 3]


@given(st.data())
def test_an_ordered_run_cut_at_any_byte_continues_to_the_same_bytes(
    whole: dict[str, bytes], data: st.DataObject
) -> None:
    """Either file, or both, may lose any tail; the continued run equals an uninterrupted one, the manifest too."""
    cuts = {name: data.draw(st.integers(0, len(whole[name])), label=name) for name in (KEPT, REJECTED)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in whole.items():
            (folder / file).write_bytes(text[: cuts.get(file)])
        run(folder)
        assert content(folder) == whole


@given(st.data())
def test_a_run_of_a_model_keeps_every_whole_record(whole: dict[str, bytes], data: st.DataObject) -> None:
    """Unordered: only torn lines are made again, and none is there twice."""
    lines = [line + b"\n" for line in whole[KEPT].split(b"\n")[:-1]]
    shuffled = b"".join(data.draw(st.permutations(lines)))
    cut = data.draw(st.integers(0, len(shuffled)))
    left = shuffled[:cut].count(b"\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / MANIFEST).write_bytes(whole[MANIFEST])
        (folder / REJECTED).write_bytes(whole[REJECTED])
        (folder / KEPT).write_bytes(shuffled[:cut])
        assert run(folder, ordered=False) == WANTED - left
        after = (folder / KEPT).read_bytes()
        assert after.startswith(shuffled[: shuffled[:cut].rfind(b"\n") + 1])
        assert sorted(after.splitlines()) == sorted(b"".join(lines).splitlines())


@given(st.integers(1, WANTED), st.integers(1, 9))
@settings(max_examples=30)
@example(first=WANTED, more=1)
def test_a_larger_n_continues(first: int, more: int) -> None:
    """The files of n are a prefix of the files of a larger n."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        run(Path(one), first)
        run(Path(one), first + more)
        run(Path(other), first + more)
        assert content(Path(one)) == content(Path(other))


def test_a_smaller_n_makes_and_changes_nothing(tmp_path: Path, whole: dict[str, bytes]) -> None:
    """A run that holds enough is done."""
    run(tmp_path)
    assert run(tmp_path, 3) == 0
    assert content(tmp_path) == whole


def test_the_manifest_counts_what_stands_in_the_files(whole: dict[str, bytes]) -> None:
    """Kept, rejected by reason, usage of both."""
    manifest = Manifest.model_validate_json(whole[MANIFEST])
    assert manifest.status == "finished"
    assert manifest.identity == IDENTITY
    made = [int(json.loads(line)["meta"]["index"]) for name in (KEPT, REJECTED) for line in whole[name].splitlines()]
    assert manifest.counts == {
        "draws": 22,
        "kept": 12,
        "rejected": 10,
        "reasons": {"plan": 10},
        "kinds": {},
        "requests": {},
        "tools": {"2": 4, "3": 8},
        "languages": {"en": 12},
        "turns": 12,
        "calls": 0,
        "usage": {"user": {"calls": sum(made)}},
    }


def test_the_manifest_puts_what_is_kept_beside_what_is_wanted(tmp_path: Path) -> None:
    """Every share of a part of the mix that anything was counted of, also of values nobody asked for or met."""
    mix = {"kinds": {"chain": 1.0}, "tools": {"2": 1.0, "4": 3.0, "9": 0.0}, "languages": {"en": 1.0}}
    identity = IDENTITY.model_copy(update={"config": {**IDENTITY.config, "mix": mix}})
    with open_run(tmp_path, identity, WANTED, ordered=True) as records:
        for record in islice(made_from(Draw(0)), 22):
            records.append(record)
    assert Manifest.model_validate_json((tmp_path / MANIFEST).read_bytes()).mix == {
        "tools": {
            "2": {"kept": 0.333333, "wanted": 0.25},
            "4": {"kept": 0.0, "wanted": 0.75},
            "3": {"kept": 0.666667, "wanted": 0.0},
        },
        "languages": {"en": {"kept": 1.0, "wanted": 1.0}},
    }


def test_a_manifest_names_the_reason_of_a_stop(tmp_path: Path) -> None:
    """An error that stops a run stands in run.json, and what was written stays."""
    with pytest.raises(OutputError), open_run(tmp_path, IDENTITY, 5, ordered=True) as records:  # noqa: PT012
        records.append(make(0))
        raise OutputError("no more")
    manifest = Manifest.model_validate_json((tmp_path / MANIFEST).read_bytes())
    assert (manifest.status, manifest.why, manifest.counts["kept"]) == ("stopped", "no more", 1)
    run(tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 8}, "seed: 7 → 8"),
        ({"config": {"plan": {"attempts": 4}}}, "plan.attempts: 3 → 4"),
        ({"config": {}}, "plan.attempts: 3 → not set"),
        ({"graph": "sha256:1"}, "graph: sha256:0 → sha256:1"),
        ({"cast": "llm", "models": {"user": "m"}}, "cast: selfplay → llm; models.user: not set → m"),
        ({"toolflow": "1"}, "toolflow: 0 → 1"),
    ],
)
def test_other_settings_are_named_and_refused(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    """A run is never continued with other settings; ``--overwrite`` starts anew."""
    run(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    other = IDENTITY.model_copy(update=changed)
    with pytest.raises(ConfigError) as caught, open_run(tmp_path, other, 1, ordered=True):
        pass
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    with open_run(tmp_path, other, 1, ordered=True, overwrite=True) as records:
        assert records.found == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"synthesize": {"max_draws_per_kept": 5}}, {"synthesize": {"max_draws_per_kept": 9}}),
        ({"llm": {"timeout": 5, "temperature": 1}}, {"llm": {"timeout": 9, "temperature": 0}}),
        ({"graph": {"threshold": 0.8}}, {"graph": {"threshold": 0.9}}),
    ],
)
def test_settings_without_effect_on_the_records_may_change(before: dict[str, object], after: dict[str, object]) -> None:
    """Limits and timeouts; all of ``llm`` for selfplay; ``graph`` where the graph is the same."""
    one, other = (IDENTITY.model_copy(update={"config": config}) for config in (before, after))
    assert one.changes(other) == []


def test_a_models_temperature_may_not_change() -> None:
    """With the llm cast, ``llm`` settings shape the records, all but those of patience and of what could be found out;
    prompts go by their hashes."""
    one, other = (
        IDENTITY.model_copy(
            update={
                "cast": "llm",
                "config": {
                    "llm": {
                        "timeout": heat,
                        "temperature": heat,
                        "reasoning_effort": effort,
                        "support": {"tools": keep},
                        "prompts": {"user": f"{effort}.md"},
                    }
                },
            }
        )
        for heat, effort, keep in ((0.5, "low", False), (1.0, "high", True))
    )
    assert one.changes(other) == [
        "llm.temperature: 0.5 → 1.0",
        "llm.reasoning_effort: low → high",
    ]


def test_a_changed_graph_names_the_settings_that_changed_it() -> None:
    """``graph`` alone would not tell what to undo."""
    one = IDENTITY.model_copy(update={"config": {"graph": {"threshold": 0.8}}})
    other = IDENTITY.model_copy(update={"graph": "sha256:1", "config": {"graph": {"threshold": 0.9}}})
    assert one.changes(other) == ["graph: sha256:0 → sha256:1", "graph.threshold: 0.8 → 0.9"]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second run on the same folder is refused at once and breaks nothing."""
    with open_run(tmp_path, IDENTITY, 2, ordered=True) as records:
        records.append(make(0))
        with pytest.raises(ConfigError, match="another run is writing there"):
            run(tmp_path)
        records.append(make(2))
        records.finish()
    assert (tmp_path / KEPT).read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("line", [b"{}\n", b"\x00\x00\n", b'{"id": "x"}\n', b"not json\n"])
def test_a_damaged_line_in_the_middle_is_nobodys_to_cut(tmp_path: Path, line: bytes, ordered: bool) -> None:
    """A kill tears last lines only; anything else names file and line and changes nothing."""
    run(tmp_path)
    lines = (tmp_path / KEPT).read_bytes().splitlines(keepends=True)
    (tmp_path / KEPT).write_bytes(b"".join([*lines[:4], line, *lines[4:]]))
    before = content(tmp_path)
    with pytest.raises(OutputError, match=r"dialogues\.jsonl:5: not a record of this run"):
        run(tmp_path, ordered=ordered)
    assert content(tmp_path) == before


def test_a_record_twice_is_refused(tmp_path: Path) -> None:
    """Two files pasted together are no run."""
    run(tmp_path)
    with (tmp_path / KEPT).open("ab") as file:
        file.write(make(0).model_dump_json().encode() + b"\n")
    with pytest.raises(OutputError, match="record 0 stands there twice"):
        run(tmp_path, ordered=False)


def test_an_index_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """The next attempt at what was rejected, and none at what was given up, whatever the run."""
    for ordered in (True, False):
        folder = tmp_path / str(ordered)
        with open_run(folder, IDENTITY, 9, ordered=ordered) as records:
            for record in islice(made_from(Draw(0)), 7):
                records.append(record)
        with open_run(folder, IDENTITY, 9, ordered=ordered) as records:
            assert list(islice(records.missing(), 3)) == [Draw(4, 1), Draw(5), Draw(6)]


def test_records_without_a_manifest_are_refused(tmp_path: Path) -> None:
    """Files that some other program left are not taken for a run's."""
    (tmp_path / KEPT).write_text("{}\n")
    with pytest.raises(ConfigError, match=r"holds records but no run\.json"):
        run(tmp_path)
    assert (tmp_path / KEPT).read_text() == "{}\n"


def test_a_run_without_records_binds_nobody(tmp_path: Path) -> None:
    """What failed before its first record may be tried again with other settings."""
    with open_run(tmp_path, IDENTITY.model_copy(update={"seed": 8}), 1, ordered=True):
        pass
    run(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "toolflow-run/9"}'])
def test_a_strange_manifest_is_refused(tmp_path: Path, text: str) -> None:
    """A manifest of another version or none at all."""
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ConfigError, match="not a manifest of this version"):
        run(tmp_path)


def test_an_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    """A file where the folder, or a record file's folder, should be."""
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="cannot be written") as caught:
            run(folder)
        assert "\n" not in str(caught.value)
    (tmp_path / "other" / KEPT).mkdir(parents=True)
    (tmp_path / "other" / MANIFEST).write_text(
        Manifest(status="running", wanted=1, counts={}, identity=IDENTITY).model_dump_json()
    )
    with pytest.raises(OutputError, match="is not a file"):
        run(tmp_path / "other")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_loses_nothing(tmp_path: Path, whole: dict[str, bytes]) -> None:
    """A write that is refused half way leaves whole lines only, one error, and a run that continues."""
    limit = len(whole[KEPT]) // 2
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_records import Path, run, OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    run(Path({str(tmp_path)!r}))
except OutputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "dialogues.jsonl: cannot be written: File too large; nothing written before is lost" in done.stdout
    left = (tmp_path / KEPT).read_bytes()
    assert 0 < len(left) <= limit
    assert whole[KEPT].startswith(left)
    assert left.endswith(b"\n")
    run(tmp_path)
    assert content(tmp_path) == whole


def test_memory_does_not_grow_with_the_records_of_a_run(tmp_path: Path) -> None:
    """Opening a folder reads it line by line: 100 MB of dialogues take a few MB."""
    with open_run(tmp_path, IDENTITY, 1, ordered=True):
        pass
    long = make(0).model_copy(update={"messages": (UserMessage(content="x" * 20_000),)})
    with (tmp_path / KEPT).open("wb") as file:
        for index in range(5_000):
            numbered = long.model_copy(update={"meta": long.meta.model_copy(update={"index": index})})
            file.write(numbered.model_dump_json().encode() + b"\n")
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_records import IDENTITY, Path, make, open_run
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open_run(Path({str(tmp_path)!r}), IDENTITY, 1, ordered=True) as records:
    assert records.found == 5_000
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20, f"{done.stdout} MiB"


def test_appends_survive_sigkill(tmp_path: Path, whole: dict[str, bytes]) -> None:
    """A process killed in the middle of a run has flushed every record it wrote, and holds no lock."""
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_records import IDENTITY, Draw, Path, islice, made_from, open_run
with open_run(Path({str(tmp_path)!r}), IDENTITY, 12, ordered=True) as records:
    for record in islice(made_from(Draw(0)), 9):
        records.append(record)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / KEPT).read_bytes().count(b"\n") == 5
    run(tmp_path)
    assert content(tmp_path) == whole
