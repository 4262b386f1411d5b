"""Damage to good dialogues, of every kind, is named by the right rule (scripts/bench_damages does it at length)."""

import asyncio
from random import Random
from typing import Any

import pytest

from tests.damages import DAMAGES, Damage, damaged
from toolflow.config import Config
from toolflow.graph import packaged_graph
from toolflow.making import Recipe, make_record
from toolflow.schema import Draw
from toolflow.selfplay import make_selfplay_cast
from toolflow.validate import check
from toolflow.validate.replay import replay

DIALOGUES = 60
EACH = 4
"""Damages of each kind."""


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    """Selfplay dialogues without blame."""
    recipe = Recipe(Config(), packaged_graph(Config()), make_selfplay_cast, 11)

    async def made() -> list[dict[str, Any]]:
        return [(await make_record(recipe, Draw(index))).model_dump(mode="json") for index in range(DIALOGUES)]

    found = [record for record in asyncio.run(made()) if not check(record, Config().validate_)]
    assert len(found) > DIALOGUES * 0.9
    return found


@pytest.mark.parametrize("kind", DAMAGES, ids=lambda kind: kind.name)
def test_damage_is_named(kind: Damage, records: list[dict[str, Any]]) -> None:
    """By one of the rules that are right for it, but for one in four at most: some names are said elsewhere too."""
    tried = found = 0
    for number, record in enumerate(records):
        other = records[(number * 7 + 3) % len(records)]
        copy = damaged(kind, record, Random(number), other)
        if copy is not None and tried < EACH:
            tried += 1
            rules = {verdict.rule for verdict in check(copy, Config().validate_)}
            found += bool((rules | {verdict.rule for verdict in replay(copy)}) & kind.rules)
    assert tried and found >= tried * 0.75, (found, tried)
