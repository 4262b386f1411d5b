"""Settings: the packaged files say what the code says, and a mistake names the file and the key."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from toolflow.config import Config, find_config, packaged_configs, read_config
from toolflow.errors import ConfigError


def keys(value: Any, path: str = "") -> set[str]:
    """Dotted names of the settings, weights left out."""
    if not isinstance(value, BaseModel):
        return {path}
    aliases = {field.alias or name: name for name, field in type(value).model_fields.items()}
    return {key for alias, name in aliases.items() for key in keys(getattr(value, name), f"{path}.{alias}".strip("."))}


def test_default_yaml_is_the_defaults() -> None:
    """configs/default.yaml spells out every default, and nothing else."""
    path = packaged_configs() / "default.yaml"
    assert read_config(path) == Config()
    content = yaml.load(path.read_text(), yaml.BaseLoader)
    spelt = {f"{section}.{key}": value for section, settings in content.items() for key, value in settings.items()}
    nested = {name: spelt.pop(name) for name in ("llm.support", "llm.limits", "graph.deny", "graph.allow")}
    below = {f"{name}.{key}" for name, settings in nested.items() for key in settings}
    assert spelt.keys() | below == keys(Config())


SETTINGS = sorted(path for path in packaged_configs().glob("*.yaml") if path.stem != "prices")


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.stem)
def test_packaged_configs_are_found_by_name(path: Path) -> None:
    """``--config paper`` is the packaged file, read without complaint."""
    assert find_config(path.stem) == path
    assert isinstance(read_config(path), Config)


def test_the_paper_preset_is_the_papers_rule() -> None:
    """PAPER.md, section 2: strictly greater than 0.82, no other condition."""
    graph = read_config(find_config("paper")).graph
    assert graph.threshold == 0.82
    assert not (graph.drop_generic or graph.check_types or graph.check_names)
    assert graph.max_degree is None


@pytest.mark.parametrize("name", ["x.yaml", "./paper", "paper.yml", "/etc/paper"])
def test_anything_that_looks_like_a_path_is_one(name: str) -> None:
    """A packaged config never hides a file."""
    assert find_config(name) == Path(name)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("grpah:\n  threshold: 0.9\n", r"unknown key 'grpah'"),
        ("graph:\n  treshold: 0.9\n", r"unknown key 'graph\.treshold'"),
        ("graph:\n  threshold: high\n", r"graph\.threshold: .*number.*'high'"),
        ("graph:\n  threshold: 1.5\n", r"graph\.threshold: .*less than 1"),
        ("graph: [1]\n", r"graph: "),
        ("mix:\n  kinds: {singel: 1}\n", r"mix\.kinds"),
        ("mix:\n  kinds: {chat: 1, single: 0}\n", r"one that leads to a call"),
        ("mix:\n  kinds: {single: -1}\n", r"kinds: .*not negative"),
        (
            "mix:\n  languages: {deutsch: 1}\n",
            r"mix\.languages\.deutsch.*: is no language known here",
        ),
        ("mix:\n  languages: {xx: 1}\n", r"mix\.languages\.xx.*no language"),
        ("mix:\n  languages: {de: 0}\n", r"languages: needs at least one choice"),
        ("plan:\n  kinds: {single: 1}\n", r"unknown key 'plan\.kinds'"),
        ("plan:\n  today: [2027-01-01, 2026-01-01]\n", r"today: the first day must not be after"),
        ("plan:\n  today: [soon, later]\n", r"plan\.today"),
        ("mix:\n  tools: {0: 1}\n", r"tools: 0 is too small"),
        ("mix:\n  tools: {}\n", r"tools: needs at least one choice"),
        ("graph: {threshold: .nan}\n", r"graph\.threshold"),
        ("llm:\n  models: {user: [{model: m, weight: -1}]}\n", r"llm\.models\.user\.0\.weight: .*greater than 0$"),
        ("llm:\n  limits: {patience: 0}\n", r"llm\.limits\.patience: .*greater than 0"),
        ("llm:\n  limits: {requests_per_hour: 9}\n", r"unknown key 'llm\.limits\.requests_per_hour'"),
        (
            "llm:\n  models: {narrator: m}\n",
            r"llm\.models\.narrator.*'planner', 'user', .*'complete', 'check_edges' or 'judge'",
        ),
        ("llm: [models, sk-0]\n", r"llm: [^0]*$"),
        ("just words\n", r"must hold sections"),
        ("a: [1\n", r"not valid YAML"),
        ("a: !!python/object:os.system {}\n", r"not valid YAML"),
        ("\x00", r"not valid YAML"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(tmp_path: Path, text: str, problem: str) -> None:
    """What is wrong, and where."""
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert re.search(problem, message), message
    assert "\n" not in message


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """No such file, a folder, bytes that are no text, a file far too large."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "large.yaml").write_bytes(b"#" * 1_000_001)
    for name, problem in (
        ("none.yaml", "No such file"),
        ("", "Is a directory"),
        ("bytes.yaml", "not valid YAML"),
        ("large.yaml", "larger than"),
    ):
        with pytest.raises(ConfigError, match=problem):
            read_config(tmp_path / name)


def test_off_is_a_key(tmp_path: Path) -> None:
    """YAML 1.1 would read it as false."""
    path = tmp_path / "my.yaml"
    path.write_text("validate: {off: [order]}\nencoder: {cache: false}\n")
    config = read_config(path)
    assert config.validate_.off == ("order",)
    assert not config.encoder.cache


def test_the_example_of_pools_is_one() -> None:
    """What configs/default.yaml shows in a comment can be used as it stands."""
    text = (packaged_configs() / "default.yaml").read_text()
    example = re.search(r"^  #   models:\n(?:  #     .*\n)+", text, re.M)
    assert example
    models = yaml.safe_load(example[0].replace("  #   ", ""))["models"]
    assert len(Config.model_validate({"llm": {"models": models}}).llm.models["assistant"]) == 2


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    """Comments alone are a valid config."""
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    assert read_config(tmp_path / "empty.yaml") == Config()


def test_an_unknown_packaged_name_lists_those_there_are() -> None:
    """So that the next try is right."""
    with pytest.raises(ConfigError, match=r"papr: .*default, .*paper"):
        find_config("papr")


def test_equal_settings_have_equal_digests() -> None:
    """And different ones do not."""
    assert Config().digest() == Config.model_validate({"graph": {"threshold": 0.82}}).digest()
    assert Config().digest() != Config.model_validate({"graph": {"threshold": 0.83}}).digest()
