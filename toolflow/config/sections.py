"""Settings of a run, one section per stage.

Every default stands here and nowhere else; ``configs/default.yaml`` spells them out for people and a
test keeps the two equal. Keys to endpoints are no settings: they come from the environment.
"""

import hashlib
import json
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from toolflow.beside import MarkdownFile
from toolflow.config.execute import ExecuteConfig
from toolflow.config.mix import MixConfig, check_weights
from toolflow.config.naming import EdgeNames, FieldNames, ToolNames, WholeEdgeNames
from toolflow.limits import Limits
from toolflow.pools import Asker, Effort, Features, Pool

PromptName = Literal["plan", "user", "assistant", "tool", "rewrite", "complete", "check_edges", "judge"]
"""The prompt files: one for each role of the llm cast, that of the hybrid cast, and those of ``import --complete`` and
``build-graph --check-edges``."""

SampleMode = Literal["walk", "flow", "fan_out", "fan_in", "random"]
"""The samplers."""


class Section(BaseModel):
    """One stage's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class CatalogConfig(Section):
    """Which tools are usable."""

    max_tool_bytes: int = Field(32_768, ge=256)
    """A tool whose definition is larger, as JSON, is skipped."""
    max_depth: int = Field(12, ge=1, le=64)
    """A tool whose schemas nest deeper is skipped."""
    max_tools: int = Field(200_000, ge=1)
    """More definitions than this, usable or not, are refused before they are read."""


class EncoderConfig(Section):
    """What turns field texts into vectors."""

    model: Literal["minilm-int8"] = "minilm-int8"
    cache: bool = True
    """Keep vectors on disk between runs."""


class DenyConfig(Section):
    """What has no part in the graph, by name (`toolflow.config.naming`; ours)."""

    tools: ToolNames = ()
    """Tools that are left out."""
    fields: FieldNames = ()
    """Fields that tie nothing."""
    edges: EdgeNames = ()
    """Edges that there are not, whatever their score."""


class AllowConfig(Section):
    """What the graph has by name; it goes before what is denied (ours)."""

    tools: ToolNames = ()
    """Of the tools denied, those that stay."""
    fields: FieldNames = ()
    """Of the fields denied, those that stay."""
    edges: WholeEdgeNames = ()
    """Edges that there are, whatever their score: each is the user's word, and scores 1."""


class GraphConfig(Section):
    """Which tools are tied (paper §3.1)."""

    threshold: float = Field(0.82, ge=0, lt=1)
    """An edge needs a cosine strictly greater than this."""
    drop_generic: bool = True
    """Leave out fields that say nothing about a tool (``id``, ``page``, ``api_key``; ours)."""
    generic_share: float = Field(0.02, gt=0, le=1)
    """A field text is generic as well when it stands in more than this share of the tools …"""
    generic_floor: int = Field(50, ge=1)
    """… and in more than this many tools."""
    check_types: bool = True
    """Tie only fields whose JSON types and formats are compatible (ours)."""
    check_names: bool = True
    """A return value feeds a parameter only when their names speak of the same thing (ours)."""
    name_threshold: float = Field(0.5, ge=0, lt=1)
    """… and then equal names of identifiers (``flight_id``) need only a cosine greater than this (ours)."""
    score_flows: bool = True
    """Score a flow by text, names, rarity, the order of verbs and more, rather than by the cosine alone (ours)."""
    flow_score: float = Field(0.37, ge=0, lt=1)
    """… and then it needs a score greater than this (ours)."""
    max_degree: int | None = Field(64, ge=1)
    """Keep at most about this many strongest edges per tool; null keeps all (ours)."""
    search: Literal["auto", "exact", "approximate"] = "auto"
    """Compare every two texts, or look only where the like of a text lives; ``auto`` goes by the size."""
    exact_texts: int = Field(40_000, ge=1)
    """``auto`` is exact up to this many distinct texts of parameters."""
    deny: DenyConfig = DenyConfig()
    allow: AllowConfig = AllowConfig()
    check_edges: int = Field(200, ge=1, le=1_000_000)
    """Flows that ``build-graph --check-edges`` asks a model about, at most (ours)."""


class SampleConfig(Section):
    """Which tools a dialogue gets (paper §3.2)."""

    mode: dict[SampleMode, float] = {"flow": 0.4, "fan_out": 0.2, "fan_in": 0.2, "walk": 0.2}
    """Sampler: weight; or the name of one. ``walk`` is the paper's Algorithm 1, ``random`` its ablation without the
    graph; the others are ours, since a request of several steps needs tools that feed each other."""
    distractors: dict[int, float] = {0: 0.4, 1: 0.3, 2: 0.3}
    """Number of further tools offered to the assistant: weight."""
    near_distractors: float = Field(0.5, ge=0, le=1)
    """Share of them that is drawn among the neighbours of the chosen tools; the others from the whole catalog."""

    @field_validator("mode", mode="before")
    @classmethod
    def _one_name(cls, mode: Any) -> Any:
        return {mode: 1.0} if isinstance(mode, str) else mode

    @model_validator(mode="after")
    def _usable(self) -> Self:
        check_weights(self.mode, "mode")
        check_weights(self.distractors, "distractors", least=0)
        return self


class PlanConfig(Section):
    """What the user will ask (paper §3.3)."""

    mode: Literal["plan", "none"] = "plan"
    """``none`` is the paper's ablation without planning."""
    subsets: int = Field(30, ge=1, le=1000)
    """How many subsets of tools are drawn at most, until one allows what is wanted."""
    attempts: int = Field(3, ge=1, le=10)
    """How often a plan is asked for, each time with the reason the last one was refused."""
    today: tuple[date, date] = (date(2026, 1, 5), date(2027, 12, 20))
    """The simulated date of a dialogue is drawn between these two days."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.today[0] > self.today[1]:
            raise ValueError("today: the first day must not be after the second")
        return self


class DialogueConfig(Section):
    """How long the talk may get (paper §3.4)."""

    max_turns: int = Field(16, ge=1)
    """User turns."""
    max_steps: int = Field(6, ge=1)
    """Assistant messages with calls for one user turn."""
    system_message: bool = True
    """Begin with a system message that gives the date."""
    reasoning: bool = False
    """Save with a message of the assistant, as ``reasoning_content``, what its model thought, or with selfplay in a
    sentence or two why it calls, asks or declines."""


class ValidateConfig(Section):
    """Which rules reject."""

    off: tuple[str, ...] = ()
    """Ids of rules that are not applied."""
    warn: tuple[str, ...] = ()
    """Ids of rules that warn instead of rejecting."""
    words: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Words and phrases that nobody may say, in any case: what your data must not hold."""
    allowed: tuple[str, ...] = ()
    """With ``--against``: phrases that may be shared with a benchmark, and names of tools that may be its tools."""


class SynthesizeConfig(Section):
    """How a run goes on."""

    attempts: int = Field(10, ge=1)
    """How often a dialogue is tried; then its place in the mix is given up, and one more dialogue made instead."""
    max_draws_per_kept: float = Field(5.0, ge=1)
    """The run ends unfinished when it made this many records for each one kept (and at least 100)."""
    workers: int | None = Field(None, ge=0, le=1024, exclude=True)
    """Processes that make the records of selfplay, 0 for none but the one that writes them; None: as many as there
    are CPUs, where there is enough to do. No part of the manifest, which says what was made and not by how many."""


class ImportConfig(Section):
    """What an imported tool may be."""

    max_tool_bytes: int = Field(16_384, ge=1024)
    """Bytes of its definition as JSON; what lies deepest in its schemas is cut to make it fit."""
    max_depth: int = Field(8, ge=2, le=64)
    """Levels of its schemas; what lies deeper is cut. ``catalog.max_depth`` is a bound as well."""
    max_description: int = Field(1024, ge=40)
    """Characters of its description."""
    max_field_description: int = Field(400, ge=40)
    """Characters of the description of one field."""
    max_enum: int = Field(200, ge=1)
    """Values of an ``enum``; of a longer one a few are kept as examples."""


class LLMConfig(Section):
    """Which models are asked, and how."""

    models: dict[Asker, Pool] = {}
    """Model, or pool of models, by role; ``--model`` plays the roles left out. Beside the roles of a dialogue,
    ``complete`` is who is asked by ``import --complete`` without ``--model``, left out, the model of ``tool`` is;
    ``check_edges`` by ``build-graph --check-edges`` and ``judge`` by ``evaluate --judge``, or else that of
    ``planner``."""
    temperature: float | None = Field(0.7, ge=0, le=2)
    max_tokens: int = Field(1024, ge=16)
    """Tokens of one answer, thoughts included."""
    reasoning_effort: Effort | None = None
    """How much reasoning models are to think; None says nothing of it."""
    support: Features = Features()
    """What the endpoints support."""
    prompts: dict[PromptName, MarkdownFile] = {}
    """Prompt files of one's own, beside the config file, instead of the packaged ones."""
    timeout: float = Field(120.0, gt=0)
    """Seconds for one request."""
    retries: int = Field(6, ge=1)
    """Attempts per request, the first one counted."""
    retry_seconds: float = Field(300.0, gt=0)
    """… and no further attempt after this long."""
    reasks: int = Field(2, ge=0)
    """How often an answer that does not fit goes back with the error."""
    limits: Limits = Limits()
    """For each model at each endpoint; a member of a pool may have others."""
    budget: float | None = Field(None, ge=0, le=1e6)
    """US dollars that a run may spend in total, continuations included; null is no limit."""
    small_models: bool = False
    """Ask every role narrower questions, in forms that leave little room for mistakes: the user's model sees only what
    to say next, plans are simpler, and the assistant's next step is asked for as JSON."""
    cache: bool = True
    """Keep answers on disk: a question that was answered once, in this run or another, is not paid for again."""


class Config(Section):
    """All settings of a run."""

    import_: ImportConfig = Field(ImportConfig(), alias="import")
    catalog: CatalogConfig = CatalogConfig()
    encoder: EncoderConfig = EncoderConfig()
    graph: GraphConfig = GraphConfig()
    mix: MixConfig = MixConfig()
    sample: SampleConfig = SampleConfig()
    plan: PlanConfig = PlanConfig()
    execute: ExecuteConfig = ExecuteConfig()
    dialogue: DialogueConfig = DialogueConfig()
    validate_: ValidateConfig = Field(ValidateConfig(), alias="validate")
    synthesize: SynthesizeConfig = SynthesizeConfig()
    llm: LLMConfig = LLMConfig()

    @model_validator(mode="after")
    def _spoken(self) -> Self:
        if self.mix.foreign and self.llm.small_models:
            raise ValueError("mix.languages: with llm.small_models the talk can only be in English (en)")
        return self

    def digest(self) -> str:
        """Hash of all settings, for manifests: equal settings, equal digest."""
        text = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
