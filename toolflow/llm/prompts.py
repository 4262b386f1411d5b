"""Prompts: Markdown files of the package, or of one's own in their place, rendered strictly.

A file is a sequence of sections, each under a line ``# name``; ``$variable`` stands for a value. A variable
that is missing, or given and not used, is a `ConfigError` when the prompts are read, before any request. A file of
one's own is held to the same sections and variables as the one it replaces.

Text that nobody vouches for (tools, results, what others said) goes in as `quoted` JSON: it cannot contain
``<``, so it cannot forge the tags that delimit it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from toolflow.beside import read_beside
from toolflow.errors import ConfigError
from toolflow.languages import is_english, name_of

_HEADING = re.compile(r"^# (\w+)[ \t]*$", re.M)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file."""

    name: str
    digest: str
    """``sha256:`` and the hash of the file."""
    sections: Mapping[str, Template]

    def render(self, section: str, **variables: str) -> str:
        """A section with its variables filled in; exactly the variables it names."""
        template = self.sections[section]
        _compare(f"prompt {self.name}.md, section {section}", set(template.get_identifiers()), set(variables))
        return template.substitute(variables)

    def guidance(self, section: str, language: str, **variables: str) -> str:
        """A section, and then what is to be said of the language of the talk, unless it is English."""
        text = self.render(section, **variables)
        return text if is_english(language) else f"{text}\n\n{self.render('language', language=name_of(language))}"


Reader = Callable[[str, Mapping[str, Set[str]]], Prompt]
"""Reads the prompt file of a name, checked to have these sections with these variables."""


def packaged_prompt(name: str) -> str:
    """The text of a prompt file of the package."""
    return files("toolflow").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")


def read_prompt(name: str, sections: Mapping[str, Set[str]]) -> Prompt:
    """The packaged prompt file ``name``, checked to have these sections with these variables."""
    return parse_prompt(name, packaged_prompt(name), sections)


def reader(own: Mapping[str, str], folder: Path | None) -> Reader:
    """A reader that takes the files ``own`` names, by the names of those they replace, from ``folder`` and below."""
    if own and folder is None:
        raise ConfigError(f"llm.prompts.{min(own)}: needs a config file of your own, beside which the prompt stands")

    def read(name: str, sections: Mapping[str, Set[str]]) -> Prompt:
        path = own.get(name)
        if path is None or folder is None:
            return read_prompt(name, sections)
        return parse_prompt(path.removesuffix(".md"), read_beside(folder, path, f"llm.prompts.{name}"), sections)

    return read


def parse_prompt(name: str, text: str, sections: Mapping[str, Set[str]]) -> Prompt:
    """A prompt from its text; `ConfigError` names the file, the section and the variable."""
    parts = _HEADING.split(text)
    found = {parts[at]: Template(parts[at + 1].strip()) for at in range(1, len(parts), 2)}
    if parts[0].strip():
        raise ConfigError(f"prompt {name}.md: the text before the first '# section' belongs to no section")
    for section in sorted(sections.keys() ^ found.keys()):
        problem = "is unknown" if section in found else "is missing"
        raise ConfigError(f"prompt {name}.md: section {section} {problem}")
    for section, template in found.items():
        where = f"prompt {name}.md, section {section}"
        if not template.is_valid():
            raise ConfigError(f"{where}: a $ that begins no variable; write $$ for the sign itself")
        if not template.template:
            raise ConfigError(f"{where}: is empty")
        _compare(where, set(template.get_identifiers()), set(sections[section]))
    return Prompt(name, "sha256:" + hashlib.sha256(text.encode()).hexdigest(), found)


def quoted(value: Any) -> str:
    """JSON on one line that cannot close or forge a tag."""
    return untagged(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def untagged(text: str) -> str:
    """The same for a text that is JSON already."""
    return text.replace("<", "\\u003c")


def _compare(where: str, named: Set[str], given: Set[str]) -> None:
    for variable in sorted(named - given):
        known = ", ".join(sorted(given)) or "none"
        raise ConfigError(f"{where}: ${variable} is not a variable here; known: {known}")
    for variable in sorted(given - named):
        raise ConfigError(f"{where}: ${variable} is not used")
