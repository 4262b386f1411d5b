"""The selfplay cast in dialogue: who sees what, what is said, and that nothing else decides it."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from selfplay_talks import TODAY, Played, play

from toolflow.schema import End, Kind
from toolflow.selfplay.acts import Ask, Inform
from toolflow.surface import forms

SEEDS = range(25)


@pytest.fixture(scope="module")
def talks() -> list[Played]:
    """Some dialogues of every kind."""
    return [play(seed) for seed in SEEDS] + [play(seed, Kind.MISSING) for seed in SEEDS]


def test_all_end(talks: list[Played]) -> None:
    """Every dialogue comes to its end."""
    assert {played.talk.end for played in talks} == {End.DONE}


def test_user_sees_no_calls(talks: list[Played]) -> None:
    """The user is shown spoken words only: no tools, no calls, no results."""
    for played in talks:
        spoken = {reply.text for reply in played.replies if reply.text}
        for view in played.heard:
            assert not view.tools
            assert {role for role, _ in view.talk} <= {"user", "assistant"}
            assert {text for role, text in view.talk if role == "assistant"} <= spoken


def test_assistant_sees_no_plan(talks: list[Played]) -> None:
    """The assistant is shown the acts of the turns so far, and nothing of the plan."""
    for played in talks:
        for view in played.seen:
            users = sum(message.role == "user" for message in view.messages)
            assert len(view.acts) == users
            assert not hasattr(view, "plan")


def test_acts_hold_no_more_than_words() -> None:
    """Every value of an act is said in the words of its turn, or is today's date."""
    for seed in SEEDS:
        for turn in play(seed).turns:
            if not isinstance(turn.act, Ask):
                continue
            for value in (value for intent in turn.act.intents for value in intent.given.values()):
                if isinstance(value, str) and value != TODAY.isoformat():
                    text = re.sub(r"[\s_-]+", " ", (turn.text or "").casefold())
                    pieces = [value] if value not in forms(value, TODAY) else forms(value, TODAY)
                    said = [re.sub(r"[\s_-]+", " ", piece.casefold()) for piece in pieces]
                    dated = re.match(r"\d{4}-\d\d-\d\d|\d\d:\d\d", value)
                    assert dated or any(piece in text for piece in said), (value, turn.text)


def test_withheld_until_asked() -> None:
    """A withheld value is in no act and no text before the assistant asks for it."""
    checked = 0
    for seed in SEEDS:
        played = play(seed, Kind.MISSING)
        assert played.plan is not None
        asked = {turn.request: turn for turn in reversed(played.turns) if isinstance(turn.act, Ask)}
        for number, request in enumerate(played.plan.requests):
            for name in request.withheld:
                value = request.calls[0].arguments[name].value  # type: ignore[union-attr]
                act = asked[number].act
                assert name not in act.intents[0].given
                others = [one for other, one in act.intents[0].given.items()]
                if isinstance(value, str) and len(value) > 3 and value not in others:
                    assert value not in (asked[number].text or "")
                checked += 1
    assert checked > 10


def test_missing_is_answered() -> None:
    """After a question comes an answer with what was withheld."""
    played = play(2, Kind.MISSING)
    informed = [turn.act.values for turn in played.turns if isinstance(turn.act, Inform)]
    assert played.plan is not None
    assert [set(values) for values in informed] == [
        set(request.withheld) for request in played.plan.requests if request.withheld
    ]


def test_whole_sentences(talks: list[Played]) -> None:
    """Every turn begins with a capital or a verbatim value, and ends with punctuation."""
    for played in talks:
        results = " ".join(str(message.content) for message in played.talk.messages if message.role == "tool")
        verbatim = {*re.findall(r"\w+", results)}
        for text in played.sentences:
            word = text.split()[0].strip("“”.,?!")
            assert not word.isalpha() or word[0].isupper() or word in verbatim, text
            assert text.endswith((".", "!", "?", "…", "”", '"')), text


@pytest.mark.parametrize("odd", ["  ", "..", "?.", " ,", "the the", "None", "{", "[]"])
def test_clean_sentences(talks: list[Played], odd: str) -> None:
    """No turn shows the seams it was put together at."""
    for played in talks:
        for text in played.sentences:
            assert odd not in text.replace("...", "…"), text


def test_same_seed(talks: list[Played]) -> None:
    """The same seed gives the same dialogue."""
    assert [play(seed).talk for seed in range(5)] == [played.talk for played in talks[:5]]


def test_without_plan() -> None:
    """Without a plan the user improvises from the tools, and the dialogue still ends."""
    for seed in range(10):
        played = play(seed, planned=False)
        assert played.talk.end is End.DONE
        assert any(message.role == "tool" for message in played.talk.messages)
        assert all(view.tools and view.plan is None for view in played.heard)


SCRIPT = """
import sys; sys.path.insert(0, "tests")
from selfplay_talks import play
print([m.model_dump_json() for seed in range(6) for m in play(seed).talk.messages])
"""


def test_hash_seed() -> None:
    """The order of sets and dictionaries decides nothing."""
    said = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        root = Path(__file__).parent.parent
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=root, env=environment, capture_output=True, text=True, check=True
        )
        said.add(hashlib.sha256(done.stdout.encode()).hexdigest())
        assert len(done.stdout) > 5_000
    assert len(said) == 1


def test_messages_are_json(talks: list[Played]) -> None:
    """Results are JSON, and every call's arguments are a JSON object."""
    for played in talks:
        for message in played.talk.messages:
            if message.role == "tool":
                json.loads(message.content)
            if message.role == "assistant":
                assert all(isinstance(json.loads(call.function.arguments), dict) for call in message.tool_calls)
