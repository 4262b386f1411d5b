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
from toolflow.choice import choice_in
from toolflow.errors import DialogueError
from toolflow.path import resolve
from toolflow.schema import AssistantMessage, FunctionCall, Tool, ToolCall, ToolMessage, UserMessage
from toolflow.selfplay.acts import Ask, Change, Chat, Inform, Intent, Recall, Reference, Wish
from toolflow.selfplay.figures import in_figures
from toolflow.selfplay.phrases import sentence, yours
from toolflow.selfplay.questions import question
from toolflow.selfplay.report import report
from toolflow.selfplay.second_thoughts import thing_asked
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.thoughts import WHY_RECALL, why_again, why_ask, why_call, why_decline
from toolflow.selfplay.trouble import error_in, explained, passes, refusal, retrying

_OPENINGS = ("", "", "", "", "Sure. ", "Of course. ", "Happy to help. ", "I can do that. ", "Certainly. ", "Gladly. ")
_OFFERS = (
    " Anything else?",
    " What would you like to do next?",
    " Let me know if you need more.",
    " Is there something else I can do?",
    " Tell me if that isn't what you had in mind.",
    " What's next?",
    " Shall we go on?",
    " Just say so if you want to change anything.",
    " I'm here if you need more.",
    " Does that help?",
)
_WHICH_ID = "Please give me the ID."
_WHICH_IDS = (
    _WHICH_ID,
    "I just need the ID.",
    "The ID is enough.",
    "Do you have its ID at hand?",
    "I'll need its ID.",
    "Could you tell me its ID?",
)
_REPHRASED = 5
"""How often a report is put in words until it is not what was said before, to the letter."""
_OFFERED = 0.12
"""Share of reports that end with an offer."""
_ALSO = ("Also, ", "And ", "Besides that, ", "On top of that, ", "")
_THEN = ("Then ", "After that, ", "Next, ", "", "")


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
        speech = Speech(self.rng, view.today, self.style)
        if isinstance(heard, Wish):
            return AssistantTurn(yours(refusal(heard.phrase, view.tools, speech)), reasoning=why_decline(heard.phrase))
        if isinstance(heard, Recall):
            return AssistantTurn(_recalled(heard.reference, results, speech), reasoning=WHY_RECALL)
        pending = _agenda(view.acts)[sum(not passes(result) for result in results) :]
        if not pending:
            return AssistantTurn(self._report(view, tools, results))
        missing = [name for name in tools[pending[0].tool].required if not _known(pending[0], name)]
        if missing:
            return AssistantTurn(
                self._question(tools[pending[0].tool], missing), reasoning=why_ask(pending[0], missing)
            )
        again = isinstance(view.messages[-1], ToolMessage) and passes(results[-1])
        calls = self._calls(pending, results)
        if again:
            return AssistantTurn(retrying(results[-1], speech), calls, why_again(pending[0].tool))
        made = [message.name for message in view.messages if isinstance(message, ToolMessage)]
        return AssistantTurn(None, calls, why_call(pending[: len(calls)], pending[len(calls) :], made, tools))

    def _calls(self, pending: Sequence[Intent], results: list[Any]) -> list[ToolCall]:
        """Every pending call whose arguments are known by now, in one message."""
        calls: list[ToolCall] = []
        for number, intent in enumerate(pending, start=len(results) + 1):
            if any(reference.call > len(results) for reference in intent.referred.values()):
                break
            arguments = json.dumps(_arguments(intent, results), ensure_ascii=False)
            calls.append(ToolCall(id=f"call_{number}", function=FunctionCall(name=intent.tool, arguments=arguments)))
        return calls

    def _question(self, tool: Tool, missing: Sequence[str]) -> str:
        """One question for each missing argument."""
        first, *others = (question(name, tool.properties.get(name) or {}) for name in missing)
        first = first.replace(_WHICH_ID, self.rng.choice(_WHICH_IDS))
        also = [f"And {text[0].lower()}{text[1:]}" for text in others]
        return self.rng.choice(_OPENINGS) + " ".join([first, *also])

    def _report(self, view: AssistantView, tools: dict[str, Tool], results: list[Any]) -> str:
        """What the calls made for the user's last turn have brought."""
        speech = Speech(self.rng, view.today, self.style)
        calls = _calls_since_asked(view)
        before = len(results) - len(calls)
        pointed = [reference for intent in _agenda(view.acts) for reference in intent.referred.values()]
        told: list[str] = []
        for number, (call, result) in enumerate(zip(calls, results[before:], strict=True), start=before + 1):
            tool, arguments = tools[call.function.name], json.loads(call.function.arguments)
            if passes(result):
                continue
            if error_in(result) is not None:
                return " ".join([*told, yours(explained(tool, arguments, result, speech))])
            used = [reference for reference in pointed if reference.call == number]
            told_by = [message for message in view.messages if isinstance(message, ToolMessage)][number - 1]
            heard = " ".join(message.content or "" for message in view.messages if message is not told_by)
            for _ in range(_REPHRASED):
                position = _position(used, result)
                text = report(tool, arguments, result, speech, bool(used), position, " ".join(told), heard)
                if not text or text not in heard:
                    break
            fed = any(reference.call > before for reference in pointed)
            told += [self._linked(text, _THEN if fed else _ALSO) if told else text] if text else []
        offer = self.rng.choice(_OFFERS) if self.rng.random() < _OFFERED else ""
        return " ".join(dict.fromkeys(told)) + offer

    def _linked(self, text: str, links: Sequence[str]) -> str:
        """A report as the next step of what was told before it."""
        return self.rng.choice(links) + text if text.startswith(("I ", "I've ")) else text


def _recalled(reference: Reference, results: list[Any], speech: Speech) -> str:
    """The answer to a question about an earlier result; honest where it does not say."""
    asked = thing_asked(reference)
    try:
        whole = resolve(results[reference.call - 1], reference.path.rpartition(".")[0])
        value = resolve(results[reference.call - 1], reference.path)
    except (LookupError, ValueError):
        return f"I'm afraid the result doesn't give the {asked}."
    return sentence(f"The {asked} is {in_figures(value, reference.path, whole, speech)}")


def _arguments(intent: Intent, results: list[Any]) -> dict[str, Any]:
    """What was said, and what the results hold where the user pointed."""
    arguments = dict(intent.given)
    for name, reference in intent.referred.items():
        try:
            arguments[name] = resolve(results[reference.call - 1], reference.path)
        except (LookupError, ValueError):
            raise DialogueError(f"call {reference.call} returned nothing at {reference.path}") from None
    return arguments


def _calls_since_asked(view: AssistantView) -> list[ToolCall]:
    """The calls made since the user spoke last."""
    last = max(at for at, message in enumerate(view.messages) if isinstance(message, UserMessage))
    answers = [message for message in view.messages[last:] if isinstance(message, AssistantMessage)]
    return [call for message in answers for call in message.tool_calls]


def _position(references: Sequence[Reference], result: Any) -> int | None:
    """Which item of a list the references point at, where it is one."""
    found: set[int] = set()
    for reference in references:
        if chosen := choice_in(reference.path):
            items = resolve(result, chosen[0])
            found.add(items.index(chosen[1].best(items)[0]))
        elif number := re.search(r"\[(\d+)\]", reference.path):
            found.add(int(number[1]))
    return found.pop() if len(found) == 1 else None


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
        elif isinstance(act, Change):
            intent = agenda[-1]
            agenda.append(Intent(intent.tool, intent.given | act.values, intent.referred))
    return agenda


def _known(intent: Intent, name: str) -> bool:
    return name in intent.given or name in intent.referred
