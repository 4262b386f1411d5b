"""Typed questions: an answer that does not fit goes back with the reason, so often and no more."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.scripted import Scripted, calls, questioner, run
from toolflow.errors import DialogueError, ModelUnavailable, PlanError, RecordError
from toolflow.llm.chat import ChatAnswer, ChatRequest
from toolflow.llm.questions import Misfit, json_of, typed
from toolflow.schema import FailedAnswer


class Answer(BaseModel):
    """What the test asks for."""

    city: str
    nights: int


GOOD = {"city": "Rome", "nights": 2}
REQUEST = ChatRequest("tool", [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}])


def ask(model: Scripted, reasks: int = 2, failure: type[RecordError] = DialogueError) -> Answer:
    """Ask for an `Answer`."""
    return run(questioner(model, reasks).ask(REQUEST, lambda answer: typed(answer, Answer), failure))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("", "it was empty"),
        ("I would rather not.", "it must be one JSON object, but it holds no JSON"),
        ('{"city": "Rome"}', "nights: Field required"),
        ('{"city": "Rome", "nights": "many"}', "nights: Input should be a valid integer"),
        ('{"city": "Rome", "nights": 2, "note": "left off in the mid', "breaks off in the middle of a value"),
        (ChatAnswer('{"city": "Ro', finish="length"), "it was cut off because it was too long"),
        (ChatAnswer('{"city": "Rome", "nights": 2', finish="length"), "it was cut off because it was too long"),
        (ChatAnswer("", finish="length"), "it was cut off before it began"),
        (ChatAnswer("", finish="length", reasoning="Hm. But"), "it was cut off while you were still thinking"),
        (ChatAnswer("", reasoning="Hm."), "it held thoughts and no answer"),
        (ChatAnswer("", finish="content_filter"), "content filter"),
        (ChatAnswer("", refusal="no"), "you refused"),
    ],
)
def test_an_answer_that_does_not_fit_goes_back_with_the_reason(wrong: Any, reason: str) -> None:
    """The second question holds the wrong answer and what is wrong with it; the second answer counts."""
    model = Scripted(wrong, GOOD)
    assert ask(model) == Answer(city="Rome", nights=2)
    assert reason in model.complaint()
    roles = [message["role"] for message in model.shown[1].messages]
    assert roles in (["system", "user", "assistant", "user"], ["system", "user"])  # nothing is shown of nothing


def test_only_the_last_wrong_answer_goes_back() -> None:
    """Questions do not grow with every repeat."""
    model = Scripted("first", "second", GOOD)
    ask(model)
    assert [message["content"] for message in model.shown[2].messages[2:3]] == ["second"]


def test_what_was_thought_does_not_go_back() -> None:
    """A model is shown what it answered, never what it thought."""
    model = Scripted(ChatAnswer("first", reasoning="SECRET THOUGHT"), GOOD)
    ask(model)
    assert "first" in str(model.shown[1].messages)
    assert "SECRET THOUGHT" not in str(model.shown[1])


def test_a_failed_question_tells_its_history() -> None:
    """Every attempt with what was answered and what is wrong with it; the question once."""
    refused = ChatAnswer("", refusal="I would rather not.")
    with pytest.raises(DialogueError) as caught:
        ask(Scripted("a", calls(("wait", {"b": 1}), text="Well"), refused))
    assert [attempt.model_dump() for attempt in caught.value.history] == [
        {"role": "tool", "question": "u", "answer": "a", "problem": "it must be one JSON object, but it holds no JSON"},
        {
            "role": "tool",
            "answer": 'Well\n(I wanted to call wait with {"b": 1})',
            "problem": "it must be one JSON object, but it holds no JSON",
        },
        {
            "role": "tool",
            "answer": "I would rather not.",
            "problem": "you refused; this conversation is made up, to test software, and nothing really happens",
        },
    ]


def test_a_question_that_the_endpoint_failed_tells_what_came_before() -> None:
    """An attempt without an answer is one as well."""
    with pytest.raises(DialogueError) as caught:
        ask(Scripted("a", RecordError("spent")))
    assert [(attempt.answer, attempt.problem) for attempt in caught.value.history][1:] == [(None, "spent")]


def test_answers_that_grow_too_long_are_a_matter_of_settings() -> None:
    """The reject says which; thoughts count as well."""
    endless = ChatAnswer("", finish="length", reasoning="Hm. But")
    with pytest.raises(DialogueError, match=r"still thinking.*\(llm\.max_tokens may be too small\)$"):
        ask(Scripted(endless, endless, endless))


@given(st.text(st.characters(), max_size=9_000) | st.just("x\ud800" * 5_000))
@settings(max_examples=30)
def test_histories_are_bounded_and_can_be_written(text: str) -> None:
    """Whatever was answered: half a surrogate pair, or a flood."""
    failed = FailedAnswer.of("user", text, text, text)
    assert FailedAnswer.model_validate_json(failed.model_dump_json()) == failed
    assert (len(failed.question) <= 2_000, len(failed.answer or "") <= 4_000, len(failed.problem) <= 1_000) == (
        True,
    ) * 3


@pytest.mark.parametrize("failure", [PlanError, DialogueError])
def test_the_record_is_set_aside_after_the_last_repeat(failure: type[RecordError]) -> None:
    """Three answers, none fits: the error of the asker's choice, with the last reason."""
    model = Scripted("a", "b", "c", GOOD)
    with pytest.raises(failure, match="no answer fitted in 3 attempts, last: it must be one JSON object"):
        ask(model, failure=failure)
    assert len(model.shown) == 3


def test_no_repeats_when_none_are_allowed() -> None:
    """With ``reasks: 0`` the first answer decides."""
    with pytest.raises(DialogueError, match="in 1 attempts"):
        ask(Scripted("a"), reasks=0)


def test_an_endpoint_that_fails_one_question_fails_its_record() -> None:
    """The client's `RecordError` becomes the error of the asker's choice."""
    with pytest.raises(PlanError, match="tool: spent"):
        ask(Scripted(RecordError("spent")), failure=PlanError)


def test_an_endpoint_that_is_gone_stops_the_run() -> None:
    """`ModelUnavailable` passes through."""
    with pytest.raises(ModelUnavailable):
        ask(Scripted(ModelUnavailable("gone")))


def test_a_usable_answer_is_taken_after_one_repeat() -> None:
    """What is usable though not as wished is asked for once more, then settled for."""

    def read(answer: ChatAnswer) -> str:
        raise Misfit("not quite", usable=answer.text)

    model = Scripted("one", "two", "three")
    assert run(questioner(model).ask(REQUEST, read, DialogueError)) == "two"


def test_every_question_has_its_own_seed() -> None:
    """Repeats too, or a deterministic endpoint would repeat itself; the same record asks the same seeds."""
    models = [Scripted("a", "b", GOOD) for _ in range(2)]
    for model in models:
        ask(model)
    seeds = [[request.seed for request in model.shown] for model in models]
    assert len(set(seeds[0])) == 3
    assert seeds[0] == seeds[1]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        f"```json\n{json.dumps(GOOD)}\n```",
        f"Here it is: {json.dumps(GOOD)} - enjoy!",
        f"<think>Is {{}} right?</think>\n{json.dumps(GOOD)}",
        "{'city': 'Rome', 'nights': 2,}",
        '{"nights": 2, "city": "Rome"',
    ],
)
def test_json_is_found_and_repaired(text: str) -> None:
    """Fenced, amid words, after thinking, with single quotes and trailing commas, without the last brace."""
    assert json_of(ChatAnswer(text)) == GOOD


def test_an_answer_that_was_whole_at_the_length_limit_counts() -> None:
    """llama.cpp, held to a schema, may go on with blanks until the limit."""
    assert json_of(ChatAnswer(json.dumps(GOOD) + "\n" * 40, finish="length")) == GOOD


def test_repeats_are_counted() -> None:
    """Usage tells how often an answer was asked for again."""
    asker = questioner(Scripted("a", GOOD))
    run(asker.ask(REQUEST, lambda answer: typed(answer, Answer), DialogueError))
    assert asker.usage.by_role["tool"] == {"calls": 2, "prompt_tokens": 2, "completion_tokens": 2, "reasked": 1}
