"""Files beside a config file: those below its folder, and no others."""

import os
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from toolflow.beside import MAX_BYTES, MarkdownFile, read_beside
from toolflow.errors import ConfigError

PATH = TypeAdapter(MarkdownFile)


@pytest.mark.parametrize("path", ["plan.md", "prompts/plan.md", "a b/ü.md", ".hidden/x.md"])
def test_a_path_leads_down(path: str) -> None:
    """Into folders, whatever they are called."""
    assert PATH.validate_python(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd.md", "../plan.md", "a/../../plan.md", "./plan.md", "a//plan.md", "", ".", "..", "~/../x.md"),
        *("C:\\plan.md", "C:/plan.md", "a\\plan.md", "pl\nan.md", "plan\x00.md", "plan", "plan.txt", "x" * 500 + ".md"),
    ],
)
def test_any_other_path_is_refused(path: str) -> None:
    """Before a file is looked at."""
    with pytest.raises(ValidationError):
        PATH.validate_python(path)


def test_a_file_is_read_as_text(tmp_path: Path) -> None:
    """UTF-8, with or without a mark in front, whatever ends its lines; a link inside the folder is a file."""
    (tmp_path / "plan.md").write_bytes(b"\xef\xbb\xbf# ask\r\n\xc3\xbc\n")
    (tmp_path / "link.md").symlink_to("plan.md")
    for name in ("plan.md", "link.md"):
        assert read_beside(tmp_path, name, "llm.prompts.plan") == "# ask\nü\n"


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """It names the setting and the file, and shows nothing of what it holds."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.md").write_text("SECRET")
    (inside / "out.md").symlink_to(tmp_path / "secret.md")
    (inside / "circle.md").symlink_to("circle.md")
    (inside / "up").symlink_to(tmp_path)
    (inside / "folder.md").mkdir()
    (inside / "large.md").write_bytes(b"x" * (MAX_BYTES + 1))
    (inside / "bytes.md").write_bytes(b"SECRET\xff")
    os.mkfifo(inside / "pipe.md")
    problems = {
        "out.md": "a link that leads out of",
        "up/secret.md": "a link that leads out of",
        "circle.md": "cannot be read: ",
        "none.md": "cannot be read: No such file",
        "folder.md": "is no file",
        "pipe.md": "is no file",
        "large.md": "larger than 200,000 bytes",
        "bytes.md": "is not UTF-8",
    }
    for name, problem in problems.items():
        with pytest.raises(ConfigError, match=rf"^llm\.prompts\.plan: .*{problem}") as caught:
            read_beside(inside, name, "llm.prompts.plan")
        assert "SECRET" not in str(caught.value)
        assert "\n" not in str(caught.value)
