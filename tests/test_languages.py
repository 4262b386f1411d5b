"""Languages: known by their tags, spoken by the llm cast, and judged by rules that do not take them for English."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.endpoint import Endpoint, served
from tests.scripted import BOOK, SEARCH, Scripted, calls, questioner
from tests.scripted import run as wait_for
from tests.test_llm_assistant import RESULT, SEARCHED, SYSTEM
from tests.test_llm_planner import BRIEF, GOOD
from tests.test_llm_user import START, says
from toolflow.cast import AssistantTurn, AssistantView, UserTurn
from toolflow.cli import run
from toolflow.heard import agrees
from toolflow.languages import Language, is_english, name_of
from toolflow.llm.assistant import LLMAssistant, read_assistant_prompt
from toolflow.llm.planner import LLMPlanner, read_planner_prompt
from toolflow.llm.user import LLMUser, read_user_prompt
from toolflow.records import KEPT, MANIFEST
from toolflow.schema import ToolMessage, UserMessage

GERMAN = "Ich suche ein Hotel in Rome ab 2026-05-03 für 2 Gäste."


@pytest.mark.parametrize("tag", ["en", "de", "no", "pt-BR", "en-GB", "zh-Hant"])
def test_a_tag_names_a_language(tag: str) -> None:
    """Two letters, perhaps with a region or a script."""
    assert TypeAdapter(Language).validate_python(tag) == tag
    assert is_english(tag) is tag.startswith("en")
    assert name_of(tag).isascii() and (tag in name_of(tag)) is ("-" in tag)


@pytest.mark.parametrize("tag", ["", "xx", "DE", "de_AT", "deutsch", "de-", "pt-br", "de\n", "-de"])
def test_anything_else_does_not(tag: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValidationError, match="no language known here"):
        TypeAdapter(Language).validate_python(tag)


def assistant(view: AssistantView, *answers: Any) -> tuple[AssistantTurn, Scripted]:
    """The turn that becomes of a model's answers."""
    model = Scripted(*answers)
    return wait_for(LLMAssistant(questioner(model), read_assistant_prompt()).reply(view)), model


def test_every_role_but_the_tool_is_told_the_language() -> None:
    """At the end of its instructions; of English nothing is said."""
    hello = AssistantView([SEARCH, BOOK], [SYSTEM, UserMessage(content="Hallo!")], [], date(2026, 3, 2))
    for language, told in (("de", "German"), ("pt-BR", "Portuguese (pt-BR)"), ("en", None), ("en-GB", None)):
        planner, user = Scripted(GOOD), Scripted(says("I need a hotel in Rome for two people, from 3 May."))
        wait_for(LLMPlanner(questioner(planner), read_planner_prompt()).plan(replace(BRIEF, language=language)))
        wait_for(LLMUser(questioner(user), read_user_prompt()).speak(replace(START, language=language)))
        _, spoken = assistant(replace(hello, language=language), "Guten Tag!")
        for model in (planner, user, spoken):
            system = model.shown[0].messages[0]["content"]
            assert (f" in {told}" in system) if told else ("language" not in system)


def test_a_user_turn_needs_its_values_and_no_english() -> None:
    """The goal's words are English or another language's, the values are as given."""
    view, model = replace(START, language="de"), Scripted(says("Ein Zimmer, bitte."), says(GERMAN))
    turn = wait_for(LLMUser(questioner(model), read_user_prompt()).speak(view))
    assert turn == UserTurn(GERMAN, 0)
    assert "must also say" in model.shown[1].messages[-1]["content"]
    other = replace(view, plan=START.plan and START.plan.model_copy(update={"requests": START.plan.requests[:1]}))
    japanese = "Romeのホテルを2026-05-03から2名で探しています。"
    assert wait_for(LLMUser(questioner(Scripted(says(japanese))), read_user_prompt()).speak(other)).text == japanese


PRICED = ToolMessage(tool_call_id="call_1", name="search_hotels", content='{"total": 1234.5, "from": "2026-05-03"}')


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Das kostet 1.234,50 Euro ab dem 3.5.2026.", True),
        ("Cela fait 1 234,50 € à partir du 03/05/2026.", True),
        ("合計は1,234.5ユーロです。", True),
        ("Das kostet 1.324,50 Euro.", False),
        ("Das kostet 99,5 Euro.", False),
    ],
)
def test_figures_are_read_as_the_language_writes_them(text: str, heard: bool) -> None:
    """Points and commas change places; made-up figures are still found."""
    talk = [*SEARCHED[:-1], PRICED]
    view = AssistantView([SEARCH, BOOK], talk, [], date(2026, 3, 2), "de")
    turn, model = assistant(view, text, {"say": "Ich habe etwas gefunden."})
    assert (turn.text == text) is heard
    assert len(model.shown) == (1 if heard else 2)
    if not heard:
        assert " in German" in model.shown[1].messages[0]["content"]


def test_a_call_takes_what_was_said_in_another_language() -> None:
    """Values as they were given, a day in digits in any order."""
    heard = UserMessage(content="Ein Hotel in Rome, bitte, ab dem 3.5.2026.")
    view = AssistantView([SEARCH, BOOK], [SYSTEM, heard], [], date(2026, 3, 2), "de")
    turn, _ = assistant(view, calls(("search_hotels", {"city": "Rome", "check_in": "2026-05-03"})))
    assert [call.function.name for call in turn.calls] == ["search_hotels"]
    assert RESULT.name == "search_hotels"


@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        ("Ja, bitte.", True),
        ("Oui !", True),
        ("Sí, perfecto", True),
        ("はい、お願いします。", True),
        ("Так", True),
        ("Nein, danke", False),
        ("SIM card, please", False),
        ("Siesta at two", False),
    ],
)
def test_agreement_is_understood(text: str, agreed: bool) -> None:
    """A yes by itself, or before a comma."""
    assert agrees(text) is agreed


def test_only_the_llm_cast_speaks_other_languages(
    tmp_path: Path, graph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, before anything is written."""
    (tmp_path / "my.yaml").write_text("mix: {languages: {en: 0.5, de: 0.5}}\n")
    arguments = ["synthesize", "-n", "3", "--graph", str(graph), "-o", str(tmp_path / "run")]
    assert run([*arguments, "--config", str(tmp_path / "my.yaml")]) == 2
    said = "the selfplay cast speaks English only; German takes the llm cast (--model)"
    assert capsys.readouterr().err == f"error: mix.languages: {said}\n"
    assert not (tmp_path / "run").exists()
    (tmp_path / "small.yaml").write_text("mix: {languages: {de: 1}}\nllm: {small_models: true}\n")
    assert run([*arguments, "--config", str(tmp_path / "small.yaml")]) == 2
    assert "with llm.small_models the talk can only be in English" in capsys.readouterr().err
    (tmp_path / "spare.yaml").write_text("mix: {languages: {en: 1, de: 0}}\n")
    assert run([*arguments, "--config", str(tmp_path / "spare.yaml")]) == 0


def test_a_run_speaks_the_languages_of_its_mix(tmp_path: Path, graph: Path) -> None:
    """Every dialogue says its own, each question of its roles is asked in it, and run.json has the shares."""
    (tmp_path / "my.yaml").write_text("mix: {languages: {en: 1, de: 1}}\n")
    with served(Endpoint()) as endpoint:
        arguments = ["synthesize", "-n", "8", "--graph", str(graph), "-o", str(tmp_path / "run"), "--no-cache"]
        arguments += ["--config", str(tmp_path / "my.yaml"), "--model", "m", "--base-url", endpoint.url]
        assert run(arguments) == 0
    records = [json.loads(line) for line in (tmp_path / "run" / KEPT).read_bytes().splitlines()]
    found = Counter(record["meta"]["language"] for record in records)
    assert set(found) == {"en", "de"}
    shares = json.loads((tmp_path / "run" / MANIFEST).read_text())["mix"]["languages"]
    assert shares == {tag: {"kept": found[tag] / 8, "wanted": 0.5} for tag in ("en", "de")}
