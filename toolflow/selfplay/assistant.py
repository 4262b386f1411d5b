"""The selfplay assistant: asks for what is missing, calls what was asked for, tells what came back.

It reads the acts of the turns it has heard and the results so far, never the plan. Whether to ask or to
call follows from the schemas alone, as in the paper (§3.4): are all required parameters known?
"""

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

from toolflow.cast import AssistantTurn, AssistantView
from toolflow.errors import DialogueError
from toolflow.fields import resolve
from toolflow.schema import AssistantMessage, FunctionCall, Tool, ToolCall, ToolMessage, UserMessage
from toolflow.selfplay.acts import Ask, Chat, Inform, Intent, Reference
from toolflow.selfplay.names import entity, is_identifier
from toolflow.selfplay.phrases import sentence
from toolflow.selfplay.report import report
from toolflow.selfplay.wording import Speech, asked_of

_OPENINGS = ("Sure. ", "Of course. ", "Happy to help. ", "I can do that. ", "Certainly. ", "")
_OFFERS = ("", "", "", "", " Anything else?", " What would you like to do next?", " Let me know if you need more.")


class SelfplayAssistant:
    """Speaks and calls for the assistant."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.style = rng.getrandbits(32)

    async def reply(self, view: AssistantView) -> AssistantTurn:
        """A question, calls, or a report, whatever is due."""
        tools = {tool.name: tool for tool in view.tools}
        heard = view.acts[-1]
        if isinstance(heard, Chat):
            return AssistantTurn(heard.reply)
        results = [json.loads(message.content) for message in view.messages if isinstance(message, ToolMessage)]
        pending = _agenda(view.acts)[len(results) :]
        if not pending:
            return AssistantTurn(self._report(view, tools, results))
        missing = [name for name in tools[pending[0].tool].required if not _known(pending[0], name)]
        if missing:
            return AssistantTurn(self._question(tools[pending[0].tool], missing))
        return AssistantTurn(None, self._calls(pending, results))

    def _calls(self, pending: Sequence[Intent], results: list[Any]) -> list[ToolCall]:
        """Every pending call whose arguments are known by now, in one message."""
        calls: list[ToolCall] = []
        for intent in pending:
            if any(reference.call > len(results) for reference in intent.referred.values()):
                break
            arguments = dict(intent.given)
            for name, reference in intent.referred.items():
                try:
                    arguments[name] = resolve(results[reference.call - 1], reference.path)
                except (LookupError, ValueError):
                    raise DialogueError(f"call {reference.call} returned nothing at {reference.path}") from None
            number = len(results) + len(calls) + 1
            function = FunctionCall(name=intent.tool, arguments=json.dumps(arguments, ensure_ascii=False))
            calls.append(ToolCall(id=f"call_{number}", function=function))
        return calls

    def _question(self, tool: Tool, missing: Sequence[str]) -> str:
        asked = [question(name, tool.properties.get(name) or {}) for name in missing]
        return self.rng.choice(_OPENINGS) + " ".join(
            [asked[0], *(f"And {text[0].lower()}{text[1:]}" for text in asked[1:])]
        )

    def _report(self, view: AssistantView, tools: dict[str, Tool], results: list[Any]) -> str:
        """What the calls made for the user's last turn have brought."""
        speech = Speech(self.rng, view.today, self.style)
        last = max(at for at, message in enumerate(view.messages) if isinstance(message, UserMessage))
        calls = [
            call
            for message in view.messages[last:]
            if isinstance(message, AssistantMessage)
            for call in message.tool_calls
        ]
        fresh = results[len(results) - len(calls) :]
        intents = _agenda(view.acts)[: len(results)][-len(calls) :]
        first = len(results) - len(calls) + 1
        told = []
        for number, (call, result) in enumerate(zip(calls, fresh, strict=True), start=first):
            used = [
                reference for intent in intents for reference in intent.referred.values() if reference.call == number
            ]
            arguments = json.loads(call.function.arguments)
            told.append(report(tools[call.function.name], arguments, result, speech, bool(used), _position(used)))
        return " ".join(told) + self.rng.choice(_OFFERS)


def _position(references: Sequence[Reference]) -> int | None:
    """Which item of a list the references point at."""
    found = re.search(r"\[(\d+)\]", references[0].path) if references else None
    return int(found.group(1)) if found else None


def question(name: str, schema: Any) -> str:
    """What to ask for a missing argument, in the words of its description where they allow it."""
    described = " ".join(str((schema or {}).get("description") or "").split()).strip(" .")
    text = described[:1].lower() + described[1:] if described[1:2].islower() else described
    plain = len(described.split()) <= 12 and not re.search(
        r"[<>{}\[\]_|*#`:;()\"]|https?|\be\.g|\b(?:the|a|an) .*\b(?:is|are)\b", described
    )
    acts = re.fullmatch(
        r"(?:the )?(identifiers? of (?:the |an? )?)?(.+?) to (?!the |an? |your |my |this )([a-z]+(?: [a-z ]+)?)", text
    )
    if plain and re.match("number of (?!the |an? )", text):
        what, _, purpose = text.removeprefix("number of ").partition(" to ")
        return f"How many {what} should I {purpose}?" if purpose else f"How many {what}?"
    if (plain and text in ("time", "date", "day")) or text.startswith(
        ("time to ", "date to ", "day to ", "date and time to ")
    ):
        return f"What {text.split(' to ')[0]} would you like?"
    if plain and acts:
        of, thing, deed = acts.groups()
        if of:
            return f"Which {thing} should I {deed}? Please give me the ID."
        return (
            f"Which {re.sub('^(?:the|an?) ', '', thing)} should I {deed}?"
            if " of " not in thing
            else f"What is the {thing} to {deed}?"
        )
    if plain and text.startswith("whether to "):
        return f"Should I {text.removeprefix('whether to ')}?"
    if plain and described:
        head = re.split(r" (?:of|to|for|in|that|where|who|with) ", text, maxsplit=1)[0].split()[-1]
        are = "are" if head.endswith("s") and not head.endswith(("ss", "us", "is")) else "is"
        return f"What {are} the {re.sub('^(?:the|an?) ', '', text)}?"
    what = f"{entity(name)} ID" if is_identifier(name) else asked_of(name)
    return sentence(f"Which {what} should I use").rstrip(".") + "?"


def _agenda(acts: Sequence[Any]) -> list[Intent]:
    """Everything asked for so far, with what was answered since; one call each, in this order."""
    agenda: list[Intent] = []
    open_from = 0
    for act in acts:
        if isinstance(act, Ask):
            open_from = len(agenda)
            agenda += act.intents
        elif isinstance(act, Inform):
            intent = agenda[open_from]
            agenda[open_from] = Intent(intent.tool, intent.given | act.values, intent.referred)
    return agenda


def _known(intent: Intent, name: str) -> bool:
    return name in intent.given or name in intent.referred
