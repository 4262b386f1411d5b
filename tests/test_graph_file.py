"""Graph files: the same bytes, whole or not at all, and nothing in them is trusted."""

import errno
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import orjson
import pytest
from fake_encoder import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from toolflow.catalog import Catalog
from toolflow.config import Config, GraphConfig
from toolflow.errors import GraphError, OutputError
from toolflow.graph import ToolGraph, build_graph, file, load_graph, packaged_graph, save_graph
from toolflow.schema import Tool


def tool(number: int) -> Tool:
    parameters = {"type": "object", "properties": {f"thing_{number % 5}": {"type": "string"}, "place_kind": {}}}
    returns = {"type": "object", "properties": {f"thing_{number % 3}": {"type": "string"}}}
    return Tool(name=f"tool_{number}", description="ä", parameters=parameters, returns=returns, source="x:1")


@pytest.fixture(scope="module")
def graph() -> ToolGraph:
    tools = tuple(tool(number) for number in range(20))
    return build_graph(Catalog(tools), FakeEncoder(), GraphConfig())


@pytest.fixture
def saved(graph, tmp_path) -> Path:
    path = tmp_path / "graph.npz"
    save_graph(graph, path)
    return path


def test_round_trip(graph, saved):
    """What is loaded is what was saved."""
    loaded = load_graph(saved)
    assert loaded.digest == graph.digest
    assert loaded.tools == graph.tools
    assert (loaded.config, loaded.encoder) == (graph.config, graph.encoder)
    assert [loaded.pairs(edge) for edge in range(3)] == [graph.pairs(edge) for edge in range(3)]
    assert [loaded.neighbours(tool).tolist() for tool in range(20)] == [
        graph.neighbours(tool).tolist() for tool in range(20)
    ]


def test_same_bytes(graph, saved, tmp_path):
    """The same graph is the same file, also after a round trip."""
    save_graph(load_graph(saved), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == saved.read_bytes()


def test_empty_graph(tmp_path):
    """A graph without edges is a file like any other."""
    graph = build_graph(Catalog((tool(1),)), FakeEncoder(), GraphConfig())
    save_graph(graph, tmp_path / "one.npz")
    assert load_graph(tmp_path / "one.npz").digest == graph.digest


def test_no_rubbish_is_left(saved):
    """Nothing stays beside the file, and its permissions are the usual ones."""
    assert [path.name for path in saved.parent.iterdir()] == ["graph.npz"]
    (saved.parent / "other").touch()
    assert saved.stat().st_mode == (saved.parent / "other").stat().st_mode


def test_failed_write_leaves_the_old_file(graph, saved, monkeypatch):
    """A full disk is one line of error, and the file from before is untouched."""
    before = saved.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(file, "_write", full)
    with pytest.raises(OutputError, match="No space left"):
        save_graph(graph, saved)
    assert saved.read_bytes() == before
    assert len(list(saved.parent.iterdir())) == 1


def test_unwritable_place(graph, saved):
    """A folder that is a file is one line of error."""
    with pytest.raises(OutputError, match=r"graph\.npz/x\.npz: cannot be written"):
        save_graph(graph, saved / "x.npz")


def test_missing_file(tmp_path):
    """A file that is not there is one line of error."""
    with pytest.raises(GraphError, match=r"gone\.npz: cannot be read: No such file"):
        load_graph(tmp_path / "gone.npz")


def rewritten(saved: Path, **members: bytes | None) -> Path:
    """The file with some members replaced or (None) left out."""
    with zipfile.ZipFile(saved) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, replacement in members.items():
        full = next(known for known in content if known.startswith(name + "."))
        content[full] = replacement if replacement is not None else b""
        if replacement is None:
            del content[full]
    with zipfile.ZipFile(saved, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return saved


def npy(column: object) -> bytes:
    content = io.BytesIO()
    np.save(content, np.asarray(column))
    return content.getvalue()


def header(saved: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(saved) as archive:
        return orjson.dumps(orjson.loads(archive.read("header.json")) | changes)


def test_other_version(saved):
    """A file of another version says so, and what to do."""
    rewritten(saved, header=header(saved, version=99))
    with pytest.raises(GraphError, match="graph format 99, this version reads 3; build it again"):
        load_graph(saved)


def test_a_file_of_before_is_read(graph, saved):
    """Version 2 had no marks, no checks and no lists in its settings; the digest is the same."""
    config = graph.config.model_dump(mode="json", exclude={"deny", "allow"})
    with zipfile.ZipFile(saved) as archive:
        old = orjson.loads(archive.read("header.json")) | {"version": 2, "config": config}
    del old["checks"]
    loaded = load_graph(rewritten(saved, header=orjson.dumps(old), pair_mark=None))
    assert loaded.digest == graph.digest
    assert not loaded.edges.pair_mark.any()


def test_other_zip(tmp_path):
    """Some other zip file is not a tool graph."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(GraphError, match=r"damaged|not a tool graph"):
        load_graph(tmp_path / "x.zip")


@pytest.mark.parametrize(
    "members",
    [
        {"tools": None},
        {"header": b"{"},
        {"header": b"[]"},
        {"tools": b"{}"},
        {"tools": b"\xff"},
        {"paths": b"7"},
        {"paths": b'["only one"]'},
        {"one": b"not numpy"},
        {"one": npy([0.5])},
        {"one": npy(np.array([5], np.int32))},
        {"score": npy(np.zeros((2, 2), np.float32))},
        {"left": npy(np.array([object()], object))},
        {
            "one": npy([1])[:6]
            + b"v\x00"
            + b"{'descr': '<i4', 'fortran_order': False, 'shape': (1000000000000,)}".ljust(118)
            + b"\n"
        },
        {"first": npy(np.array([0, 10**9], np.int64))},
        {"pair_score": npy(np.empty(0, np.float32))},
        {"pair_mark": npy(np.empty(0, np.uint8))},
    ],
    ids=lambda members: " ".join(f"{name}={str(content)[:20]}" for name, content in members.items()),
)
def test_odd_members(saved, members):
    """Members that are missing, of another type or do not fit each other are damage."""
    rewritten(saved, **members)
    with pytest.raises(GraphError, match="damaged") as caught:
        load_graph(saved)
    assert "\n" not in str(caught.value)


def test_numbers_that_lead_nowhere(graph, saved):
    """A number beyond the tools or paths is damage, not an IndexError later."""
    for name in ("one", "other", "left", "right", "pair_kind", "pair_mark"):
        column = getattr(graph.edges, name).copy()
        column[-1] = 200
        path = saved.with_name(f"{name}.npz")
        path.write_bytes(saved.read_bytes())
        with pytest.raises(GraphError, match="damaged"):
            load_graph(rewritten(path, **{name: npy(column)}))


def test_changed_content(graph, saved):
    """Content that does not fit the header's digest is damage."""
    rewritten(saved, score=npy(graph.edges.score * np.float32(0.5)))
    with pytest.raises(GraphError, match="damaged"):
        load_graph(saved)


@given(st.data())
def test_any_damage_is_one_line(graph, whole, data):
    """Cut or flipped anywhere, a file is refused in one line, or still holds the same graph."""
    content = bytearray(whole.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = whole.with_name("damaged.npz")
    path.write_bytes(content)
    try:
        loaded = load_graph(path)
    except GraphError as error:
        said = str(error)
    else:
        assert loaded.digest == graph.digest
        return
    assert "\n" not in said


@pytest.fixture(scope="module")
def whole(graph, tmp_path_factory) -> Path:
    """The file, for tests of many examples."""
    path = tmp_path_factory.mktemp("graph") / "whole.npz"
    save_graph(graph, path)
    return path


def test_packaged_graph_is_cached(tmp_path, monkeypatch, caplog):
    """The packaged catalog's graph is built once, then read; other settings are another graph; damage is survived."""
    monkeypatch.setattr("toolflow.graph.cached.make_encoder", lambda config: FakeEncoder(8))
    monkeypatch.setenv("TOOLFLOW_CACHE", str(tmp_path))
    steps: list[str] = []

    def built(config: Config) -> bool:
        steps.clear()
        digests.add(packaged_graph(config, lambda step, done, total: steps.append(step)).digest)
        return bool(steps)

    digests: set[str] = set()
    assert built(Config())
    assert not built(Config())
    assert len(digests) == 1
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-100])
    assert built(Config())
    assert "damaged" in caplog.text
    assert not built(Config())
    assert len(digests) == 1
    assert built(Config(graph=GraphConfig(max_degree=3)))
    assert len(digests) == 2
    monkeypatch.setenv("TOOLFLOW_CACHE", str(path / "below a file"))
    assert built(Config())
    assert len(digests) == 2
