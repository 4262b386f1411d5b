"""Files of JSON lines: packed or not, whatever their names; other files are told by their first bytes."""

import gzip
import json
from pathlib import Path

import pytest

from toolflow.cli import run
from toolflow.errors import ConfigError
from toolflow.validate.jsonl import read_lines

GOOD = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}
LINE = json.dumps(GOOD).encode()


def written(folder: Path, content: bytes, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", LINE + b"\n\n" + LINE),
        ("a.jsonl", LINE + b"\r\n\r\n" + LINE + b"\r\n"),
        ("a.jsonl", b"\xef\xbb\xbf" + LINE + b"\n \n" + LINE),
        ("a.jsonl", gzip.compress(LINE + b"\n\n" + LINE)),
        ("a.jsonl.gz", LINE + b"\n\n" + LINE),
        ("a.jsonl.gz", gzip.compress(b"\xef\xbb\xbf" + LINE) + gzip.compress(b"\n\n" + LINE)),
    ],
)
def test_lines_have_their_numbers(tmp_path: Path, name: str, content: bytes) -> None:
    """With any end of line, byte order mark or packing; blank ones are skipped and counted."""
    assert list(read_lines(written(tmp_path, content, name))) == [(1, LINE), (3, LINE)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PAR1\x15\x04", "is a Parquet file; make it JSON lines in UTF-8"),
        (b"\x28\xb5\x2f\xfd\x04", "is packed with zstd"),
        (gzip.compress(b"PK\x03\x04"), "is a zip archive"),
        (LINE.decode().encode("utf-16"), "is text in UTF-16"),
        (
            json.dumps([GOOD], indent=2).encode(),
            "JSON over many lines, not a dialogue on each; make it JSON lines: jq -c",
        ),
        (b"\n" + json.dumps(GOOD, indent=2).encode(), "jq -c '.' "),
        (gzip.compress(LINE)[:-9], "cannot be read: "),
    ],
)
@pytest.mark.parametrize("command", [["validate"], ["evaluate", "--no-coherence"]])
def test_what_is_something_else_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], content: bytes, said: str
) -> None:
    """What it is and what to do, before a million lines are rejected; exit code 2."""
    path = written(tmp_path, content)
    assert run([*command, str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {path}: ") and said in line


def test_the_way_out_is_a_command_that_can_be_pasted(tmp_path: Path) -> None:
    """A name with spaces is quoted for the shell."""
    path = written(tmp_path, b"[\n1\n]", "my data.json")
    with pytest.raises(ConfigError, match=r"jq -c '\.\[\]' '.*/my data\.json' > lines\.jsonl$"):
        list(read_lines(path))


def test_a_first_line_that_is_cut_off_is_a_line(tmp_path: Path) -> None:
    """Only a bracket alone begins a value over many lines."""
    assert [line for _, line in read_lines(written(tmp_path, b"[1\n{\n" + LINE))] == [b"[1", b"{", LINE]


@pytest.mark.parametrize("command", [["validate"], ["evaluate"]])
def test_a_folder_and_nothing_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    """By both commands alike."""
    assert run([*command, str(tmp_path)]) == 2
    assert f"{tmp_path}: is a folder; name the files in it" in capsys.readouterr().err
    assert run([*command, str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl: no such file" in capsys.readouterr().err
