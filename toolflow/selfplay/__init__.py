"""The selfplay cast: a seeded, schema-grounded simulator that needs no model, key or network.

It stands in the tradition of dialogue self-play (Shah et al. 2018, "Building a Conversational Agent
Overnight with Dialogue Self-Play"; Rastogi et al. 2020, Schema-Guided Dialogue): two simulators exchange
acts and put them in words. It walks the same loop as the llm cast and is held to the same rules, and its
dialogues say in ``meta.cast`` what they are.
"""

from random import Random

from toolflow.cast import Cast
from toolflow.schema import Tool
from toolflow.selfplay.assistant import SelfplayAssistant
from toolflow.selfplay.planner import SelfplayPlanner
from toolflow.selfplay.user import SelfplayUser
from toolflow.selfplay.world import SelfplayTool


def make_selfplay_cast(rng: Random) -> Cast:
    """The cast of one record; each speaker draws from a source of its own."""
    planner, user, assistant, world = (rng.getrandbits(64) for _ in range(4))
    tools: dict[str, Tool] = {}
    return Cast(
        name="selfplay",
        planner=SelfplayPlanner(Random(planner), tools),
        user=SelfplayUser(Random(user), tools),
        assistant=SelfplayAssistant(Random(assistant)),
        tool=SelfplayTool(world),
    )
