"""The making of one record: the stages applied to one draw.

A record is a function of the recipe (settings, graph, cast, seed) and its draw, and of nothing else; which process
makes it, beside which others and in which order, never shows.

The one broad guard of the package stands here: whatever goes wrong while a record is made sets this record aside
with its reason, unless it is an error that stops the run.

Ours: the simulated date is drawn for each record.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from toolflow import __version__
from toolflow.cast import Cast, CastMaker, cast_source
from toolflow.config import Config
from toolflow.dialogue import act_out
from toolflow.errors import RecordError, RunError
from toolflow.graph import ToolGraph
from toolflow.languages import ENGLISH
from toolflow.mix import dealt
from toolflow.plan import make_plan
from toolflow.records import Identity
from toolflow.scene import draw_planned_scene, draw_scene
from toolflow.schema import Draw, End, FailedAnswer, Message, Meta, Plan, Record, Tool, Verdict
from toolflow.validate import check

MAX_WHY = 1_000
"""Characters of the reason that a failed record is set aside for."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """All that a record is a function of, but for its draw."""

    config: Config
    graph: ToolGraph
    make_cast: CastMaker
    seed: int

    def identity(self) -> Identity:
        """What the manifest remembers of the recipe."""
        cast = self.make_cast(Random(0))
        return Identity(
            toolflow=__version__,
            cast=cast.name,
            models=cast.pools or cast.models,
            prompts=cast.prompts,
            seed=self.seed,
            graph=self.graph.digest,
            config=self.config.model_dump(mode="json", by_alias=True),
        )


@dataclass
class _Draft:
    """A record in the making; what it holds when something goes wrong is what the reject will show."""

    cast: Cast | None = None
    tools: Sequence[Tool] = ()
    subset: Sequence[Tool] = ()
    language: str = ENGLISH
    plan: Plan | None = None
    messages: tuple[Message, ...] = ()
    today: date | None = None
    end: End = End.FAILED
    turns: tuple[int, ...] = ()
    verdicts: list[Verdict] = field(default_factory=list)
    executed: tuple[str, ...] = ()
    history: Sequence[FailedAnswer] = ()

    def reject(self, rule: str, why: str) -> None:
        """Set the record aside; what a failing speaker said may hold anything, half a surrogate pair too."""
        readable = why[:MAX_WHY].encode(errors="replace").decode()
        self.verdicts.append(Verdict(rule=rule, severity="error", where="", why=readable))

    def record(self, recipe: Recipe, draw: Draw) -> Record:
        cast = self.cast or recipe.make_cast(Random(0))
        again = f".{draw.attempt}" if draw.attempt else ""
        return Record(
            id=f"{cast.name}-{recipe.seed}-{draw.index:06d}{again}",
            tools=tuple(tool.function() for tool in self.tools),
            messages=self.messages,
            plan=self.plan,
            meta=Meta(
                index=draw.index,
                attempt=draw.attempt,
                seed=recipe.seed,
                cast=cast.name,
                models=cast.models,
                prompts=cast.prompts,
                graph=recipe.graph.digest,
                subset=tuple(tool.name for tool in self.subset),
                language=self.language,
                today=self.today,
                end=self.end,
                turns=self.turns,
                executed=self.executed,
                usage=cast.usage,
                wording=cast.wording,
                verdicts=tuple(self.verdicts),
                history=tuple(self.history),
            ),
        )


async def make_record(recipe: Recipe, draw: Draw) -> Record:
    """The record of one draw, kept or rejected with its verdicts; `RunError` when no record can be made at all."""
    draft = _Draft()
    try:
        await _fill(draft, recipe, draw)
    except RunError:
        raise
    except RecordError as error:
        draft.history = error.history
        draft.reject("plan" if draft.plan is None and not draft.messages else "dialogue", str(error))
    except Exception as error:  # the one broad guard: a bug costs its record, not the run
        logger.exception("record %s", draw.name)
        draft = _Draft(draft.cast)  # seed and draw tell the rest, and it may be what cannot be written
        draft.reject("internal-error", f"{type(error).__name__}: {error}")
    return draft.record(recipe, draw)


async def _fill(draft: _Draft, recipe: Recipe, draw: Draw) -> None:
    """Sample, plan, act out, validate."""
    config, graph, hand = recipe.config, recipe.graph, dealt(recipe.config.mix, recipe.seed, draw.index)
    rng = Random(f"{recipe.seed}:{draw.name}")
    draft.language = hand.language
    draft.today = today = _draw_day(*config.plan.today, rng)
    draft.cast = recipe.make_cast(cast_source(recipe.seed, draw))
    if config.plan.mode == "plan":
        scene, brief = draw_planned_scene(graph, config, recipe.seed, draw, rng, hand, draft.cast.planner, today)
    else:
        scene, brief = draw_scene(graph, config, recipe.seed, draw, rng, hand), None
    draft.tools, draft.subset = scene.offered, scene.tools
    if brief is not None:
        draft.plan = await make_plan(draft.cast.planner, brief, config.plan)
    wanted = len(hand.kinds) if draft.plan is None else len(draft.plan.requests)
    talk = await act_out(
        draft.cast, draft.plan, scene.offered, scene.tools, today, wanted, config.dialogue, hand.language
    )
    draft.messages, draft.end, draft.turns, draft.executed = talk.messages, talk.end, talk.turns, talk.executed
    if talk.end is End.FAILED:
        draft.history = talk.history
        draft.reject("dialogue", talk.failure or "a speaker could not go on")
        return
    draft.verdicts += check(draft.record(recipe, draw).model_dump(mode="json"), config.validate_)


def _draw_day(first: date, last: date, rng: Random) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))
