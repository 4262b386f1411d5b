"""What an estimate stands on: what one dialogue takes, role by role, rehearsed or taken from a real run.

A rehearsal (`toolflow.estimate.rehearsal`) counts what a model would be sent by its bytes, and knows neither
what it would have to be asked twice nor what would be rejected: an allowance stands for those. A sample counts what
endpoints counted, all of that included.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from toolflow.config import Config
from toolflow.errors import ConfigError
from toolflow.estimate.rehearsal import Notebook, address, make_rehearsal
from toolflow.graph import ToolGraph
from toolflow.llm.model_pool import ModelPool, Place
from toolflow.llm.prompts import Prompt
from toolflow.making import Recipe, make_record
from toolflow.pools import Role
from toolflow.records import KEPT, MANIFEST, REJECTED, Manifest
from toolflow.schema import Draw, Record
from toolflow.tokens import Ratio

ALLOWANCE = 0.15
"""Of a rehearsal: so much more for attempts that fail, answers asked for again and dialogues rejected."""
REHEARSED = 200
"""Dialogues to rehearse for an estimate."""

TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")


@dataclass(frozen=True, slots=True)
class Need:
    """What one role asks of one model, over all dialogues of the basis."""

    role: str
    model: str
    endpoint: str
    calls: float = 0.0
    tokens: Mapping[str, float] = field(default_factory=dict)
    """By `TOKENS`."""

    def scaled(self, factor: float) -> "Need":
        """So many times as much."""
        tokens = {name: count * factor for name, count in self.tokens.items()}
        return replace(self, calls=self.calls * factor, tokens=tokens)


@dataclass(frozen=True, slots=True)
class Basis:
    """What some dialogues took."""

    kind: str
    """``rehearsal`` or ``sample``."""
    dialogues: int
    needs: tuple[Need, ...]
    allowance: float = 0.0
    said: str = ""
    """For people: where it comes from."""

    def per_dialogue(self) -> Iterator[Need]:
        """What one dialogue takes, the allowance included."""
        return (need.scaled((1 + self.allowance) / self.dialogues) for need in self.needs)


def rehearse(
    config: Config,
    graph: ToolGraph,
    places: Mapping[Role, ModelPool[Place]],
    prompts: Mapping[Role, Prompt] | Prompt,
    seed: int,
    *,
    number: int = REHEARSED,
    ratio: Ratio | None = None,
    allowance: float = ALLOWANCE,
    progress: Callable[[int], None] = lambda done: None,
    notebook: Notebook | None = None,
) -> Basis:
    """What the first ``number`` dialogues of a run would take, were every answer good; nothing is sent.

    ``prompts`` are those of the llm cast by role, or the one of the hybrid cast, which is heard then.
    ``notebook`` is where the questions are noted, for who wants to see them.
    """
    notebook, ratio = notebook or Notebook(), ratio or Ratio()
    recipe = Recipe(config, graph, make_rehearsal(places, prompts, config.llm, notebook), seed)

    async def go() -> None:
        for index in range(number):
            await make_record(recipe, Draw(index))
            progress(index + 1)

    asyncio.run(go())
    needs = [
        Need(
            *(role, model, endpoint, heard.calls),
            {
                "prompt_tokens": ratio.prompt(heard.size),
                "completion_tokens": ratio.completion(heard.size, heard.calls),
            },
        )
        for (role, model, endpoint), heard in notebook.heard.items()
    ]
    said = (
        f"{number:,} dialogues rehearsed with selfplay's plans and talk; about {ratio.written:g} bytes a token in "
        f"messages, {ratio.attached:g} in tools and schemas, {ratio.answered:g} in answers; no prompt cache; "
        f"{allowance:.0%} more for what fails, is asked again or rejected"
    )
    return Basis("rehearsal", number, tuple(needs), allowance, said)


def sample(path: Path, places: Mapping[Role, ModelPool[Place]] | None = None) -> Basis:
    """What the kept dialogues of a run folder, or of a file of records, took with all that was spent around them.

    ``places`` says which models shall play instead; each role's tokens stay. `ConfigError` when there is nothing
    to learn from.
    """
    folder = path.is_dir()
    dialogues, needs = _of_folder(path) if folder else _of_files(path)
    if not dialogues or not any(need.calls for need in needs):
        raise ConfigError(f"{path}: holds no dialogue of a model to learn from; --sample wants a run of the llm cast")
    around = "failed, repeated and rejected ones" if folder else "without what was asked for others that were rejected"
    said = f"{dialogues:,} dialogues of {path}, {'with all attempts around them: ' if folder else ''}{around}"
    return Basis("sample", dialogues, tuple(needs if places is None else _played(needs, places)), said=said)


def _of_folder(folder: Path) -> tuple[int, list[Need]]:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise ConfigError(f"{folder}: --sample wants the folder of a run, or a file of its dialogues") from None
    rows = (manifest.spending or {}).get("rows")
    if not rows:
        return _of_files(folder / KEPT, folder / REJECTED)
    saved = {"prompt_tokens": "saved_prompt_tokens", "completion_tokens": "saved_completion_tokens"}
    needs = [
        Need(
            *(str(row["role"]), str(row["model"]), str(row["endpoint"]), row["calls"] + row.get("recalled", 0)),
            {name: row.get(name, 0) + row.get(saved.get(name, ""), 0) for name in TOKENS},
        )
        for row in rows
    ]
    return int(manifest.counts["kept"]), needs


def _of_files(*paths: Path) -> tuple[int, list[Need]]:
    """From the account of each record."""
    kept = 0
    counted: dict[tuple[str, str], Counter[str]] = {}
    for path in paths:
        for record in _records(path):
            kept += record.kept
            for role, usage in record.meta.usage.items():
                place = role, record.meta.models.get(role, "")
                counted.setdefault(place, Counter()).update(usage)
    return kept, [
        Need(role, model, "", counts["calls"], {name: counts[name] for name in TOKENS})
        for (role, model), counts in counted.items()
    ]


def _records(path: Path) -> Iterator[Record]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield Record.model_validate_json(line)
                except ValidationError:
                    raise ConfigError(f"{path}:{number}: no record of a run; --sample wants those") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _played(needs: list[Need], places: Mapping[Role, ModelPool[Place]]) -> Iterator[Need]:
    """The needs of each role, shared out over those who are to play it."""
    for role, pool in places.items():
        total = sum(pool.weights)
        for place, weight in zip(pool.members, pool.weights, strict=True):
            for need in needs:
                if need.role == role:
                    yield replace(need, model=place.model, endpoint=address(place)).scaled(weight / total)
