"""Keys from variables and from files: whichever it is, no message shows one."""

import logging
import os
from pathlib import Path

import pytest

from toolflow.config import Config, LLMConfig
from toolflow.errors import ConfigError
from toolflow.llm.keys import MAX_BYTES, read_keys

KEY = "sk-very-secret-0123456789"


def key_file(folder: Path, content: bytes | str = KEY, mode: int = 0o600) -> str:
    """A file with a key in it."""
    path = folder / "key"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return str(path)


def test_a_key_comes_from_its_variable_or_its_file(tmp_path: Path) -> None:
    """The run's, and those the settings name; nothing else of the environment is taken."""
    config = Config.model_validate(
        {"llm": {"models": {"user": [{"model": "m", "key_env": "ONE"}, {"model": "m", "key_env": "TWO"}]}}}
    ).llm
    environment = {"ONE": " first\n", "TWO_FILE": key_file(tmp_path, "second\r\n"), "THREE": "third"}
    assert read_keys(config, environment) == {"ONE": "first", "TWO": "second"}
    assert read_keys(LLMConfig(), {"OPENAI_API_KEY": KEY, "OPENAI_API_KEY_FILE": ""}) == {"OPENAI_API_KEY": KEY}
    assert read_keys(LLMConfig(), {"OPENAI_API_KEY": "", "OPENAI_API_KEY_FILE": key_file(tmp_path)}).popitem()[1] == KEY
    assert read_keys(LLMConfig(), {}) == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        (f"{KEY}\n{KEY}", "the key on one line, and nothing else"),
        (f"OPENAI_API_KEY = {KEY}", "the key on one line, and nothing else"),
        (f"{KEY}\x00", "the key on one line, and nothing else"),
        (KEY.encode() + b"\xff", "the key on one line, and nothing else"),
        (f"{KEY}\n".ljust(MAX_BYTES + 1), "the key on one line, and nothing else"),
    ],
)
def test_a_file_that_holds_no_key(tmp_path: Path, content: bytes | str, problem: str) -> None:
    """One line that names the variable and shows nothing of the file."""
    with pytest.raises(ConfigError, match=rf"^OPENAI_API_KEY_FILE: .*{problem}") as caught:
        read_keys(LLMConfig(), {"OPENAI_API_KEY_FILE": key_file(tmp_path, content)})
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("path", [KEY, f"{KEY}\x00", "/", "/none/such"])
def test_a_key_in_the_place_of_the_path_is_not_shown(path: str) -> None:
    """Nor is any path: it might be one."""
    with pytest.raises(ConfigError, match=r"^OPENAI_API_KEY_FILE: must be the path of a file") as caught:
        read_keys(LLMConfig(), {"OPENAI_API_KEY_FILE": path})
    assert KEY not in str(caught.value)


def test_both_are_one_too_many(tmp_path: Path) -> None:
    """Which one is meant nobody knows."""
    with pytest.raises(ConfigError, match=r"^OPENAI_API_KEY and OPENAI_API_KEY_FILE are both set"):
        read_keys(LLMConfig(), {"OPENAI_API_KEY": KEY, "OPENAI_API_KEY_FILE": key_file(tmp_path)})


@pytest.mark.parametrize(("mode", "warned"), [(0o600, 0), (0o640, 0), (0o644, 1)])
def test_a_file_that_everybody_can_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: int
) -> None:
    """With the variable, not with the path; a pipe (``<(pass show key)``) is no such file."""
    read_keys(LLMConfig(), {"OPENAI_API_KEY_FILE": key_file(tmp_path, mode=mode)})
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * warned
    assert KEY not in caplog.text
    reader, writer = os.pipe()
    os.write(writer, KEY.encode())
    os.close(writer)
    assert read_keys(LLMConfig(), {"OPENAI_API_KEY_FILE": f"/dev/fd/{reader}"}) == {"OPENAI_API_KEY": KEY}
    os.close(reader)
    assert len(caplog.records) == warned
