"""Dialogues of the selfplay cast over the packaged catalog, with speakers that remember what they were shown."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from random import Random
from typing import Any

from toolflow.cast import AssistantTurn, AssistantView, Brief, Flow, UserTurn, UserView
from toolflow.catalog import packaged_tools, read_catalog
from toolflow.config import CatalogConfig, DialogueConfig, MixConfig, PlanConfig
from toolflow.dialogue import Talk, act_out
from toolflow.fields import tool_fields
from toolflow.mix import dealt
from toolflow.plan import make_plan
from toolflow.schema import End, Kind, Plan, Tool
from toolflow.selfplay import make_selfplay_cast
from toolflow.selfplay.drafting import is_carried

TODAY = date(2026, 5, 14)


@cache
def catalog() -> tuple[Tool, ...]:
    """The packaged tools."""
    return read_catalog([packaged_tools()], CatalogConfig()).tools


def subset(seed: int, size: int = 3) -> list[Tool]:
    """Tools of one domain, so that some feed others."""
    rng = Random(seed)
    category = rng.choice(catalog()).category
    tools = [tool for tool in catalog() if tool.category == category]
    return rng.sample(tools, min(size, len(tools)))


def flows(tools: Sequence[Tool]) -> list[Flow]:
    """What a graph would say: a returned identifier feeds the parameter of the same name."""
    return [
        Flow(producer.name, field.path, consumer.name, field.name)
        for producer in tools
        for field in tool_fields(producer)
        for consumer in tools
        if producer is not consumer
        and field.role == "return"
        and field.name in consumer.properties
        and is_carried(field.name)
        and field.type == consumer.properties[field.name].get("type") == "string"
    ]


@dataclass
class Played:
    """One dialogue and what its speakers were shown."""

    tools: list[Tool]
    plan: Plan | None
    talk: Talk
    heard: list[UserView] = field(default_factory=list)
    turns: list[UserTurn] = field(default_factory=list)
    seen: list[AssistantView] = field(default_factory=list)
    replies: list[AssistantTurn] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """Everything spoken, by turn."""
        return [turn.text for turn in (*self.turns, *self.replies) if turn.text is not None]


class _Watched:
    """A speaker whose views and turns are written down."""

    def __init__(self, speaker: Any, views: list[Any], turns: list[Any]) -> None:
        self.speaker, self.views, self.turns = speaker, views, turns

    async def speak(self, view: UserView) -> UserTurn:
        self.views.append(view)
        self.turns.append(await self.speaker.speak(view))
        return self.turns[-1]

    async def reply(self, view: AssistantView) -> AssistantTurn:
        self.views.append(view)
        self.turns.append(await self.speaker.reply(view))
        return self.turns[-1]


def play(seed: int, kind: Kind | None = None, planned: bool = True) -> Played:
    """A dialogue about random tools; ``kind`` asks for one kind of request only."""
    return asyncio.run(_play(seed, kind, planned))


async def _play(seed: int, kind: Kind | None, planned: bool) -> Played:
    tools = subset(seed)
    mix = MixConfig()
    if kind is not None:
        mix = MixConfig(kinds={kind: 1.0, Kind.SINGLE: 0.5 if kind.idle else 0.0})
    cast = make_selfplay_cast(Random(seed))
    absent = [tool for tool in subset(seed + 1000) if tool.category != tools[0].category]
    brief = Brief(tools, dealt(mix, seed, 0).kinds, flows(tools), TODAY, absent)
    plan = await make_plan(cast.planner, brief, PlanConfig()) if planned else None
    played = Played(tools, plan, Talk((), End.FAILED))
    watched = replace(
        cast,
        user=_Watched(cast.user, played.heard, played.turns),
        assistant=_Watched(cast.assistant, played.seen, played.replies),
    )
    played.talk = await act_out(watched, plan, tools, tools, TODAY, 2, DialogueConfig())
    return played
