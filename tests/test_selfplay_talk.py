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

from toolflow.path import resolve
from toolflow.schema import AssistantMessage, End, Kind, Message, Request
from toolflow.selfplay.acts import Ask, Change, Inform
from toolflow.surface import forms

SEEDS = range(25)
DETOURS = (Kind.MISSING, Kind.UNAVAILABLE, Kind.RECOVERY, Kind.CORRECTION, Kind.FOLLOW_UP)


@pytest.fixture(scope="module")
def talks() -> list[Played]:
    """Some dialogues of every kind."""
    return [play(seed) for seed in SEEDS] + [play(seed, kind) for kind in DETOURS for seed in SEEDS]


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
    """Every value of an act is said in the words of its turn or of one before, or is today's date."""
    for played in [play(seed) for seed in SEEDS] + [play(seed, Kind.CORRECTION) for seed in SEEDS]:
        spoken = ""
        for turn in played.turns:
            spoken += f" {turn.text or ''}"
            match turn.act:
                case Ask(intents):
                    values = [value for intent in intents for value in intent.given.values()]
                case Change(changed):
                    values = list(changed.values())
                case _:
                    continue
            for value in values:
                if isinstance(value, str) and value != TODAY.isoformat():
                    text = re.sub(r"[\s_-]+", " ", spoken.casefold())
                    pieces = [value] if value not in forms(value, TODAY) else forms(value, TODAY)
                    said = [re.sub(r"[\s_-]+", " ", piece.casefold()) for piece in pieces]
                    dated = re.match(r"\d{4}-\d\d-\d\d|\d\d:\d\d", value)
                    assert dated or any(piece in text for piece in said), (value, turn.text)


def test_what_one_step_says_the_next_does_not_repeat(talks: list[Played]) -> None:
    """No assistant tells a title twice in one turn as news."""
    for played in talks:
        for reply in played.replies:
            clauses = re.findall(r"the ([a-z ]+) is ([^,.]{6,40})(?=[,.])", reply.text or "")
            assert len(set(clauses)) == len(clauses), reply.text


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


def of_kind(kind: Kind) -> list[tuple[Played, Request, list[Message]]]:
    """Every request of this kind over all seeds, with the messages that were exchanged about it."""
    found = []
    for played in (play(seed, kind) for seed in SEEDS):
        assert played.plan is not None
        for position, request in enumerate(played.plan.requests):
            spoken = -1
            about = []
            for message in played.talk.messages:
                spoken += message.role == "user"
                if spoken >= 0 and played.talk.turns[spoken] == position:
                    about.append(message)
            if request.kind is kind:
                found.append((played, request, about))
    assert len(found) > 10
    return found


def made(messages: list[Message]) -> list[tuple[str, str]]:
    return [
        (call.function.name, call.function.arguments)
        for message in messages
        if isinstance(message, AssistantMessage)
        for call in message.tool_calls
    ]


def test_a_wish_nobody_can_meet_is_declined_without_a_call() -> None:
    """The assistant says that it cannot, and calls nothing."""
    for _, request, messages in of_kind(Kind.UNAVAILABLE):
        assert request.wish is not None
        assert [message.role for message in messages] == ["user", "assistant"]
        assert re.search("can't|no way|not able", str(messages[1].content))


def test_a_follow_up_is_answered_from_what_came_back() -> None:
    """No call; the value that the result holds, or that it holds none."""
    for played, request, messages in of_kind(Kind.FOLLOW_UP):
        assert request.about is not None
        assert made(messages) == []
        results = [json.loads(message.content) for message in played.talk.messages if message.role == "tool"]
        try:
            value = resolve(results[request.about.call - 1], request.about.path)
        except LookupError:
            assert "doesn't" in str(messages[1].content)
        else:
            assert any(
                form in str(messages[1].content)
                for form in [*forms(value, TODAY), f"{value:,}" if isinstance(value, float | int) else value]
            )


def test_a_correction_calls_again_with_one_value_changed() -> None:
    """The second turn says the new value, and the assistant uses it beside the old ones."""
    for _, request, messages in of_kind(Kind.CORRECTION):
        (tool, before), (again, after) = made(messages)
        changed = {name for name, value in json.loads(after).items() if json.loads(before).get(name) != value}
        assert tool == again
        assert changed == {
            name
            for name, source in request.calls[1].arguments.items()
            if request.calls[0].arguments.get(name) != source
        }
        assert [message.role for message in messages].count("user") == 2


def test_a_recovery_tries_again_or_asks_for_another_value() -> None:
    """What passes is tried again in the same turn, with a word; what does not is explained first."""
    seen = set()
    for _, request, messages in of_kind(Kind.RECOVERY):
        failure = request.calls[0].failure
        assert failure is not None
        seen.add(failure.passes)
        one, other = made(messages)
        contents = [json.loads(message.content) for message in messages if message.role == "tool"]
        assert contents[0]["error"]["type"] == failure
        assert "error" not in contents[1]
        if failure.passes:
            assert one == other
            assert messages[3].content
            assert [message.role for message in messages].count("user") == 1
        else:
            assert one != other
            assert str(messages[3].content).endswith("?")
    assert seen == {True, False}


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


@pytest.mark.parametrize("odd", ["  ", "..", "?.", " ,", "the the ", "None", "{", "[]"])
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
