"""More tools than any catalog needs are refused in one line, before they are read; counted are definitions."""

import gzip
import json
from pathlib import Path

import pytest

from toolflow import catalog, tool_count
from toolflow.cli import run
from toolflow.errors import CatalogError
from toolflow.importing import importing
from toolflow.tool_count import ToolCount


def tools(number: int) -> list[str]:
    """Usable tools, as JSON."""
    parameters = {"type": "object", "properties": {}}
    return [json.dumps({"name": f"t{at}", "description": "x", "parameters": parameters}) for at in range(number)]


FILES = {
    "lines.jsonl": lambda number: "\n\n".join(tools(number)).encode(),
    "lines.jsonl.gz": lambda number: gzip.compress("\n".join([*tools(number), ""]).encode()),
    "lines.json": lambda number: "\n".join(tools(number)).encode(),
    "list.json": lambda number: f"[{','.join(tools(number))}]".encode(),
    "tools.json": lambda number: f'{{"tools": [{",".join(tools(number))}]}}'.encode(),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With settings that allow four tools."""
    monkeypatch.chdir(tmp_path)
    Path("my.yaml").write_text("catalog: {max_tools: 4}")


@pytest.mark.parametrize("command", ["import", "build-graph"])
@pytest.mark.parametrize("name", FILES)
def test_too_many_are_refused(command: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with the way out, exit code 2; as many as are allowed are not too many."""
    Path(name).write_bytes(FILES[name](5))
    assert run([command, name, "-o", "out", "--config", "my.yaml"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said == (
        f"error: {name}: more than 4 tools; take fewer of them, or raise catalog.max_tools in a config file (--config)"
    )
    assert not Path("out").exists()
    Path(name).write_bytes(FILES[name](4))
    assert run([command, name, "-o", "out", "--config", "my.yaml"]) == 0


@pytest.mark.parametrize("command", ["import", "build-graph"])
def test_all_files_count_together(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is wrong with what they define."""
    Path("a.jsonl").write_bytes(FILES["lines.jsonl"](3))
    Path("b.jsonl").write_text('{"name": "no name"}\n' * 2)
    assert run([command, "a.jsonl", "b.jsonl", "-o", "out", "--config", "my.yaml"]) == 2
    assert "b.jsonl: more than 4 tools" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "module"), [("import", importing), ("build-graph", catalog)])
@pytest.mark.parametrize("name", ["lines.jsonl", "lines.jsonl.gz", "list.json"])
def test_nothing_is_read_before(command: str, module: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the number can be seen at once, no tool is looked at."""
    read: list[object] = []
    monkeypatch.setattr(module, "finished" if command == "import" else "read_tool", lambda *given: read.append(given))
    Path(name).write_bytes(FILES[name](9))
    assert run([command, name, "-o", "out", "--config", "my.yaml"]) == 2
    assert not read


def test_only_a_beginning_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much a file unpacks to; its reader has bounds of its own."""
    monkeypatch.setattr(tool_count, "_AT_ONCE", 10)
    monkeypatch.setattr(tool_count, "_PARTS", 3)
    Path("x.jsonl").write_text("{}\n" * 1000)
    ToolCount(10).expect_lines(Path("x.jsonl"))
    with pytest.raises(CatalogError):
        ToolCount(8).expect_lines(Path("x.jsonl"))
    Path("cut.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 1000)[:-12])
    ToolCount(2000).expect_lines(Path("cut.jsonl.gz"))
    ToolCount(2).expect_lines(Path("gone.jsonl"))
