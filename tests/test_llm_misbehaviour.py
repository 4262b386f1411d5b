"""The llm cast among actors that misbehave: each is caught by a check that says what it did, or by a verdict."""

import pytest

from tests.actors import FROM_NOWHERE, Actor
from tests.test_llm_cast import CONFIG, dialogues, kept
from toolflow.config import MixConfig
from toolflow.schema import Kind, Record

CONFIG = CONFIG.model_copy(
    update={"mix": MixConfig(kinds={Kind.SINGLE: 0.3, Kind.MISSING: 0.3, Kind.CHAT: 0.4}, requests={2: 1.0})}
)
NOT_CALLED = "was not called as planned"

CAUGHT = [
    ("stops_early", "must also say", NOT_CALLED),
    ("names_a_tool", "must not contain the technical name", "must not contain the technical name"),
    ("gives_away", "before the assistant asks for it", None),
    ("flips", "that is what the assistant would say", "that is what the assistant would say"),
    ("drifts", "has nothing to do with the request", NOT_CALLED),
    ("speaks_for_the_user", "it speaks for the user", "it speaks for the user"),
    ("calls_an_unknown_tool", "there is no tool", "there is no tool"),
    ("hallucinates", "was made up", NOT_CALLED),
    ("adds_from_nowhere", "give what was said, or leave it out", None),
    ("calls_the_wrong_tool", None, NOT_CALLED),
    ("calls_needlessly", None, "needless-call"),
]
"""What an actor does; the complaint that it is asked again with, and the verdict on one that goes on, where it is."""


def shown(record: Record) -> str:
    """What the talk holds."""
    return "".join(message.model_dump_json() for message in record.messages)


@pytest.mark.parametrize(("does", "complaint"), [case[:2] for case in CAUGHT if case[1]])
def test_who_misbehaves_is_asked_again(does: str, complaint: str) -> None:
    """Told what was wrong, and then the dialogue is as good as any."""
    actor = Actor(does)
    records, endpoint = dialogues(actor=actor, config=CONFIG, wanted=2)
    assert actor.met > 0
    assert [text for text in endpoint.shown(actor.role) if complaint in text]
    assert len(kept(records)) >= 2


@pytest.mark.parametrize(("does", "verdict"), [(case[0], case[2]) for case in CAUGHT])
def test_who_goes_on_misbehaving_spoils_no_dialogue(does: str, verdict: str | None) -> None:
    """Rejected with a verdict that says so, or let go of without what was wrong."""
    actor = Actor(does, stubborn=True)
    records, _ = dialogues(actor=actor, config=CONFIG, wanted=6)
    errors = [one for record in records for one in record.meta.verdicts if one.severity == "error"]
    reasons = [f"{one.rule}: {one.why}" for one in errors]
    assert actor.met > 0
    if verdict is not None:
        assert [reason for reason in reasons if verdict in reason], reasons
    for record in kept(records):
        assert FROM_NOWHERE not in shown(record)
        assert "order_pizza" not in shown(record)
