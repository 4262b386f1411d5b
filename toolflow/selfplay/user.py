"""The selfplay user: asks for what the plan says, answers questions, and knows when all is done.

It sees the plan and the talk. What its turns mean goes along as acts (`toolflow.selfplay.acts`).
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import accumulate
from random import Random
from typing import Any

from toolflow.cast import Brief, UserTurn, UserView
from toolflow.schema import FromOutput, Kind, Plan, PlannedCall, Request, Tool
from toolflow.selfplay.acts import Ask, Change, Chat, Inform, Intent, Recall, Reference, Wish
from toolflow.selfplay.asking import asked, asked_again, framed
from toolflow.selfplay.days import is_day
from toolflow.selfplay.names import is_credential, is_dictated, is_identifier, label, words
from toolflow.selfplay.phrases import are, capitalised, deed, joined, sentence, stopped
from toolflow.selfplay.planner import SelfplayPlanner
from toolflow.selfplay.pointing import merged, standing
from toolflow.selfplay.second_thoughts import changed_mind, question_about
from toolflow.selfplay.small_talk import AFTERWARDS, MEANWHILE, OPENERS
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.wording import clause, inline

_LEADS = (
    *[""] * 12,
    "great, ",
    "thanks, ",
    "perfect, ",
    "okay, ",
    "good to know, ",
    "thank you, ",
    "all right, ",
    "next, ",
    "also, ",
    "and now, ",
    "fine, ",
    "lovely, ",
    "that works, ",
    "got it, ",
    "before I forget, ",
)
_LEADS_AFTER_NO = (
    "",
    "no problem, ",
    "okay, ",
    "never mind, ",
    "all right, ",
    "too bad, ",
    "I see, ",
    "fair enough, ",
    "then something else: ",
)
_OPENS = ("quick question", "let's", "it's time")
_LONG = 90
"""Letters of a sentence that needs no word before it."""
_SEVERAL_ANSWERS = ("{}.", "Sure, {}.", "Okay, {}.")
_DICTATIONS = ("Please write “{}”.", "Let's put “{}”.", "It should read “{}”.")
_ANSWERS = (
    "{}.",
    "{}, please.",
    "It's {}.",
    "That would be {}.",
    "Sure, {}.",
    "{}, thanks.",
    "Oh, right: {}.",
    "Let me see, {}.",
    "Ah, sorry, {}.",
    "{}, if that works.",
)


_STOPS = (".", "!", "?")
_COUNTS = ("Make it {}.", "Let's say {}.")
_MOST_DIFFERENT = 2
"""More differences than these make it another request."""


class SelfplayUser:
    """Speaks for the user; ``tools`` is the planner's memory of what the plan is about."""

    def __init__(self, rng: Random, tools: dict[str, Tool]) -> None:
        self.rng = rng
        self.style = rng.getrandbits(32)
        self.tools = tools
        self.plan: Plan | None = None
        self.said: list[Request] = []
        """Requests spoken so far."""
        self.chatted: list[tuple[str, str]] = []
        self.owing: list[str] = []
        """Arguments of the request under way that were withheld and not yet asked for."""
        self.changing = False
        """Whether the request under way has a second call that the user has not asked for yet."""

    async def speak(self, view: UserView) -> UserTurn:
        """The answer to a question, the next request, or silence when the plan is done."""
        turn = await self._turn(view)
        return turn if turn.text is None else replace(turn, text=stopped(turn.text))

    async def _turn(self, view: UserView) -> UserTurn:
        if self.plan is None:
            self.plan = view.plan or await self._improvise(view)
        speech = Speech(self.rng, view.today, self.style)
        if self.owing:
            return self._inform(speech)
        if self.changing:
            return self._change(speech)
        if len(self.said) == len(self.plan.requests):
            return UserTurn(None, request=max(len(self.said) - 1, 0))
        request = self.plan.requests[len(self.said)]
        self.said.append(request)
        if request.calls:
            return self._ask(request, speech)
        if request.wish is not None:
            return self._wish(request.wish, speech)
        if request.about is not None:
            return self._recall(request.about, view, speech)
        return self._chat(request)

    async def _improvise(self, view: UserView) -> Plan:
        """Without a plan: unconnected single requests, made up from the tools."""
        kinds = [Kind.SINGLE] * view.wanted
        return await SelfplayPlanner(self.rng, self.tools).plan(Brief(view.tools, kinds, (), view.today))

    def _inform(self, speech: Speech) -> UserTurn:
        """What was asked for, all of it at once."""
        call = self.said[-1].calls[0]
        spoken = _spoken(call)
        values = {name: spoken[name] for name in self.owing}
        schemas = self.tools[call.tool].properties
        told = [speech.value(value, schemas.get(name) or {}) or "leave it empty" for name, value in values.items()]
        if len(told) > 1:
            quoted = [f"“{text}”" if is_dictated(name) else text for name, text in zip(values, told, strict=True)]
            told = [f"the {label(name)} {are(label(name))} {text}" for name, text in zip(values, quoted, strict=True)]
        self.owing = []
        counted = all(isinstance(value, int | float) or is_day(value) for value in values.values())
        frames = (_ANSWERS + _COUNTS if counted else _ANSWERS) if len(told) == 1 else _SEVERAL_ANSWERS
        if len(told) == 1 and any(
            isinstance(value, str) and (is_dictated(name) or value.endswith(_STOPS)) for name, value in values.items()
        ):
            frames = _DICTATIONS
        text = self.rng.choice(frames).format(joined(told))
        return UserTurn(capitalised(text), len(self.said) - 1, Inform(values))

    def _chat(self, request: Request) -> UserTurn:
        before = self.said[-2] if len(self.said) > 1 else None
        went_well = before is not None and any(call.failure is None for call in before.calls)
        lines = OPENERS if before is None else AFTERWARDS if went_well else MEANWHILE
        said, reply = self.rng.choice([line for line in lines if line not in self.chatted])
        self.chatted.append((said, reply))
        return UserTurn(said, len(self.said) - 1, Chat(reply))

    def _change(self, speech: Speech) -> UserTurn:
        """The second call of a request, by what is different about it."""
        self.changing = False
        request = self.said[-1]
        values = request.changes
        tool = self.tools[request.calls[1].tool]
        told = [changed_mind(request, name, value, tool, speech) for name, value in values.items()]
        return UserTurn(" ".join(told), len(self.said) - 1, Change(values))

    def _wish(self, wish: PlannedCall, speech: Speech) -> UserTurn:
        """Something that nobody here can do; the user does not know that."""
        tool = self.tools[wish.tool]
        told = clause(tool, _intent(wish, ()), speech)
        text = " ".join([self._led(framed(deed(tool), told.main, self.rng)), *told.more])
        return UserTurn(text, len(self.said) - 1, Wish(deed(tool).phrase))

    def _recall(self, about: FromOutput, view: UserView, speech: Speech) -> UserTurn:
        """A question about an earlier result."""
        text = question_about(about, view.talk, speech)
        return UserTurn(text, len(self.said) - 1, Recall(Reference(about.call, about.path)))

    def _led(self, text: str) -> str:
        """A sentence that begins a turn; a long one begins at once."""
        return sentence(text if len(text) > _LONG or text.startswith(_OPENS) else self._lead() + text)

    def _lead(self) -> str:
        """How a turn goes on from the reply before it."""
        if all(request.kind is Kind.CHAT for request in self.said[:-1]):
            return ""
        return self.rng.choice(_LEADS_AFTER_NO if self.said[-2].kind is Kind.UNAVAILABLE else _LEADS)

    def _ask(self, request: Request, speech: Speech) -> UserTurn:
        twice = request.kind in (Kind.CORRECTION, Kind.RECOVERY)
        self.changing = bool(request.changes)
        calls = request.calls[:1] if twice else request.calls
        withheld = [request.withheld if number == 0 else () for number in range(len(calls))]
        intents = [_intent(call, names, self._standing) for call, names in zip(calls, withheld, strict=True)]
        self.owing = list(request.withheld)
        text = self._again(request, speech) or self._anew(request, merged(intents), speech)
        return UserTurn(text, len(self.said) - 1, Ask(tuple(intents)))

    def _anew(self, request: Request, intents: list[Intent], speech: Speech) -> str:
        """A request in full; what its first deed says, the next ones need not."""
        lately, opened = self._lately(), self._opened()
        clauses = []
        for number, intent in enumerate(intents):
            before = {} if request.kind is Kind.PARALLEL else _all_given(intents[:number])
            before = before | opened
            heard = [name for name, value in intent.given.items() if before.get(name) == value and name in before]
            times = {name: value for name, value in intent.given.items() if is_day(value) and name not in heard}
            again = list(times) if times and times.items() <= lately.items() and number == 0 else []
            opened |= {name: value for name, value in intent.given.items() if is_credential(words(name))}
            clauses.append(clause(self.tools[intent.tool], intent, speech, request.withheld, heard, again))
        first = deed(self.tools[intents[0].tool]).meant(intents[0].given.values())
        return asked(request.kind, first, clauses, self._led, self.rng)

    def _again(self, request: Request, speech: Speech) -> str | None:
        """What was just asked for, once more with other values: only these are said; None where that will not do."""
        before = self.said[-2].calls[-1:] if len(self.said) > 1 else ()
        call = request.calls[0]
        if not before or before[0].failure is not None or self.owing or len(request.calls) > 1 + self.changing:
            return None
        old, new = before[0].arguments, call.arguments
        sources = (*old.values(), *new.values())
        if before[0].tool != call.tool or set(old) != set(new) or any(isinstance(one, FromOutput) for one in sources):
            return None
        tool, doing = self.tools[call.tool], deed(self.tools[call.tool])
        said = _spoken(call)
        phrases = [
            inline(name, said[name], tool.properties.get(name) or {}, doing, speech)
            for name in new
            if new[name] != old[name]
        ]
        told = [phrase for phrase in phrases if phrase is not None]
        if not told or len(told) < len(phrases) or len(told) > _MOST_DIFFERENT:
            return None
        return asked_again(told, doing, self.rng)

    def _lately(self) -> dict[str, Any]:
        """The days and hours that the user said last, by parameter."""
        for request in reversed(self.said[:-1]):
            times = {name: value for call in request.calls for name, value in _spoken(call).items() if is_day(value)}
            if times:
                return times
        return {}

    def _opened(self) -> dict[str, Any]:
        """The keys and tokens that the user has given before, by parameter; nobody says them twice."""
        calls = [call for request in self.said[:-1] for call in (*request.calls, *filter(None, [request.wish]))]
        spoken = (item for call in calls for item in _spoken(call).items())
        return {name: value for name, value in spoken if is_credential(words(name))}

    def _standing(self, call: int) -> str:
        """How an earlier call stands among those of its tool, where somebody could mistake it for another."""
        earlier = [one for request in self.said[:-1] for one in request.calls]
        if call > len(earlier):
            return ""
        meant = earlier[call - 1]
        alike: dict[str, int] = {}
        for number, one in enumerate(earlier, start=1):
            if one.tool == meant.tool and one.failure is None:
                about = _about(one)
                alike[str(about or number)] = call if about and about == _about(meant) else number
        return standing(call, sorted(alike.values()), self._beside(call))

    def _beside(self, call: int) -> range:
        """The numbers of the calls of the request that a call belongs to."""
        ends = list(accumulate(len(request.calls) for request in self.said[:-1]))
        at = bisect_left(ends, call)
        return range(ends[at - 1] + 1 if at else 1, ends[at] + 1)


def _about(call: PlannedCall) -> dict[str, Any]:
    """The arguments of a call that identify what it is about."""
    return {name: argument for name, argument in call.arguments.items() if is_identifier(name)}


def _all_given(intents: Sequence[Intent]) -> dict[str, Any]:
    """What was said in any of these, by parameter."""
    return {name: value for intent in intents for name, value in intent.given.items()}


def _intent(call: PlannedCall, withheld: Collection[str], stands: Callable[[int], str] = lambda _: "") -> Intent:
    """What a planned call means to the user, without what is withheld; ``stands`` tells calls from their like."""
    given = {name: value for name, value in _spoken(call).items() if name not in withheld}
    referred = {
        name: Reference(argument.call, argument.path, stands(argument.call))
        for name, argument in call.arguments.items()
        if isinstance(argument, FromOutput)
    }
    return Intent(call.tool, given, referred)


def _spoken(call: PlannedCall) -> dict[str, Any]:
    """The arguments of a planned call that the user knows the value of."""
    return {name: argument.value for name, argument in call.arguments.items() if not isinstance(argument, FromOutput)}
