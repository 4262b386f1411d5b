"""Rules on the words of user and assistant: what a user would not know, what was said before, what says nothing."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from toolflow.effort import Effort
from toolflow.failures import tells_of_failure
from toolflow.heard import STOP_WORDS, agrees, content_words, fold, stem
from toolflow.trace import Trace
from toolflow.validate.finding import Finding, strict
from toolflow.validate.reading import CONTEXT_ROLES, Call, Dialogue, argument_schema, prose

_IDENTIFIER = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*_[A-Za-z0-9_.-]*[A-Za-z0-9]|[a-z]{2,}[A-Z]\w*")
"""A name that nobody says: ``get_weather``, ``getWeather``."""
_BOILERPLATE = re.compile(
    r"\bas an? (?:ai|artificial intelligence)\b(?! (?:engineer|researcher|scientist|developer|expert|company)\b)"
    r"|\b(?:large )?language model\b(?! \w)"
    r"|\bmy (?:training|knowledge cut-?off)\b|\blorem ipsum\b"
    r"|\bi (?:do not|don't) have (?:feelings|personal opinions)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:what|which|when|where|who|how (?:many|much|long)"
    r"|(?:can|could|would|will|may|do) (?:you|i)(?: please)? (?:tell|give|provide|share|let|have|get|know))\b",
    re.IGNORECASE,
)
_APART = re.compile(r",|\b(?:and|or|for|with|your|my)\b", re.IGNORECASE)
"""Between the things that are asked for: "your user ID and the reason for the reservation"."""
_OTHERWISE = re.compile(r"\b(?:other|another|different|instead|else|change|new)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[\w.+-]{1,64}@[\w.-]+|\bhttps?://\S+")
"""Of mail or of a page: what is in it was said of nothing else."""
_WORD = re.compile(r"\w+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
LEAST_WORDS = 8
"""A turn of fewer words may well be said twice ("Is there anything else?")."""
LEAST_LETTERS = 12
"""Fewer say nothing of the language."""


def tool_name_leak(dialogue: Dialogue) -> Iterator[Finding]:
    """The user does not speak of tools by their names."""
    effort = Effort()
    names = [name for name in dialogue.tools if _IDENTIFIER.fullmatch(name)]
    for message in dialogue.messages:
        for name in names if message.role == "user" else ():
            effort.search(message.text)
            if name in message.text and _is_said(name, message.text, effort):
                why = f"the user names the tool {name!r}"
                yield Finding(f"{message.where}.content", why, strict(dialogue.ours))


def _is_said(name: str, text: str, effort: Effort) -> bool:
    """Whether a name is a word of a text."""
    effort.spend(1_000 + len(text) // 10)
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def repeated_turn(dialogue: Dialogue) -> Iterator[Finding]:
    """Nobody says the same again, word by word."""
    said: dict[tuple[str, str], str] = {}
    for message in dialogue.messages:
        spoken = message.role in ("user", "assistant") and not message.has_calls
        words = message.text.casefold().split() if spoken else ()
        if len(words) >= LEAST_WORDS:
            earlier = said.setdefault((message.role, " ".join(words)), message.where)
            if earlier != message.where and not agrees(message.text):
                why = f"the {message.role} said the same at {earlier}"
                yield Finding(f"{message.where}.content", why)


def boilerplate(dialogue: Dialogue) -> Iterator[Finding]:
    """The assistant does not speak of itself as a model, and leaves no dummy text.

    It may take up what user or tools speak of, and show code; in others' dialogues, refusing in these words warns.
    """
    for message in dialogue.messages:
        slip = message.role == "assistant" and _BOILERPLATE.search(message.text)
        found = _BOILERPLATE.search(prose(message.text)) if slip else None
        if found is not None and not dialogue.brought_up(found[0], message.index):
            severity = strict(dialogue.ours or not tells_of_failure(message.text))
            yield Finding(f"{message.where}.content", f"{found[0]!r} tells the user nothing", severity)


def listed_word(dialogue: Dialogue) -> Iterator[Finding]:
    """Nobody says what the settings list under ``validate.words``."""
    for message in dialogue.messages if dialogue.words else ():
        if message.role in ("user", "assistant"):
            text = f" {' '.join(_WORD.findall(fold(message.text)))} "
            for word in dialogue.words:
                if f" {' '.join(_WORD.findall(fold(word)))} " in text:
                    yield Finding(f"{message.where}.content", f"the {message.role} says {word!r}")


def language(dialogue: Dialogue) -> Iterator[Finding]:
    """The assistant answers in the script that the user writes in (Latin, Cyrillic, Han …)."""
    spoken = [message for message in dialogue.messages if message.role in ("user", "assistant")]
    written = filter(str.isalpha, set("".join(message.text for message in spoken)))
    if all(_script(letter) == "LATIN" for letter in written):
        return
    users: Counter[str] = Counter()
    for message in spoken:
        scripts = _scripts(message.text)
        if message.role == "user":
            users += scripts
        elif min(users.total(), scripts.total()) >= LEAST_LETTERS:
            script, letters = scripts.most_common(1)[0]
            if letters * 2 > scripts.total() and script not in users:
                usual = users.most_common(1)[0][0]
                why = f"the assistant writes {script.title()} letters, the user {usual.title()} ones"
                yield Finding(f"{message.where}.content", why)


def _scripts(text: str) -> Counter[str]:
    """How many letters of each script."""
    if text.isascii():
        return Counter({"LATIN": len(text)})
    return Counter(map(_script, filter(str.isalpha, text[:2000])))


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str:
    """The first word of a letter's name in Unicode."""
    return unicodedata.name(letter, "OTHER").split()[0]


def asks_known(dialogue: Dialogue) -> Iterator[Finding]:
    """The assistant does not ask for what the user has said: a value that a later call takes and was there already."""
    if not any(message.role == "assistant" and _question(message.text) for message in dialogue.messages):
        return
    trace = Trace()
    addresses: set[str] = set()
    for message in dialogue.messages:
        if message.role == "user":
            addresses.update(_ADDRESS.findall(message.text))
            trace.hear(_ADDRESS.sub(" ", message.text))  # who gives mei.tanaka@… has not said a name
        elif message.role in CONTEXT_ROLES:
            trace.context(message.text)
        elif message.role == "assistant" and not message.has_calls and (question := _question(message.text)):
            following = next((made for index, made in dialogue.calls_at.items() if index > message.index), [])
            for call in following:
                trace.effort.spend(200 + 3 * len(question))
                asked = {name: value for name, value in _asked(question, call) if not _is_choice(dialogue, call, name)}
                known = (value in addresses or trace.source(value) == "user" for value in asked.values())
                if asked and all(isinstance(value, str) for value in asked.values()) and all(known):
                    named = " and ".join(map(repr, asked))
                    why = f"the assistant asks for {named} of {call.name!r}, which the user had said"
                    yield Finding(f"{message.where}.content", why)


def _is_choice(dialogue: Dialogue, call: Call, name: str) -> bool:
    """Whether the schema lists the values: the user may have used the word for something else."""
    schema = argument_schema(dialogue, call, name)
    return isinstance(schema, dict) and "enum" in schema


def _question(text: str) -> str | None:
    """The question for something at the end of a turn, if there is one; not one for another choice."""
    text = text.rstrip()
    if not text.endswith("?"):
        return None
    question = text[max(text.rfind(mark, 0, -1) for mark in ".!?:\n") + 1 :]
    return question if _ASKS.search(question) and not _OTHERWISE.search(question) else None


def _asked(question: str, call: Call) -> Iterator[tuple[str, Any]]:
    """The arguments whose names' words stand together in the question, without their values; ``remind_at`` is no noun,
    and "the text of the email" is a text."""
    asked = {stem(word) for word in content_words(question.partition(" of ")[0])}
    together = [{stem(word) for word in content_words(part)} for part in _APART.split(question)]
    for name, value in (call.arguments or {}).items():
        spelled = _HUMP.sub(" ", name).casefold().split()
        named = {stem(fold(word)) for word in spelled}
        stands = named & asked and any(named <= words for words in together)
        if stands and not STOP_WORDS & set(spelled) and str(value) not in question:
            yield name, value
