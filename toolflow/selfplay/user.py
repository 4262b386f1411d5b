"""The selfplay user: asks for what the plan says, answers questions, and knows when all is done.

It sees the plan and the talk. What its turns mean goes along as acts (`toolflow.selfplay.acts`).
"""

from collections.abc import Collection
from random import Random
from typing import Any

from toolflow.cast import Brief, UserTurn, UserView
from toolflow.schema import FromOutput, Kind, Plan, PlannedCall, Request, Tool
from toolflow.selfplay.acts import Ask, Change, Chat, Inform, Intent, Recall, Reference, Wish
from toolflow.selfplay.names import is_dictated, label
from toolflow.selfplay.phrases import are, capitalised, deed, joined, sentence
from toolflow.selfplay.planner import SelfplayPlanner
from toolflow.selfplay.second_thoughts import changed, changed_mind, question_about
from toolflow.selfplay.small_talk import AFTERWARDS, OPENERS
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.wording import Clause, clause

_ASKS = (
    "can you {}?",
    "could you {}?",
    "please {}.",
    "could you please {}?",
    "would you {} for me?",
    "can you help me {}?",
    "{}.",
    "may I ask you to {}?",
    "are you able to {}?",
    "kindly {}.",
    "{}, please.",
    "{}, if you can.",
)
_SEEKS = (
    "{}, would you?",
    "I'd like you to {}.",
    "mind if I ask you to {}?",
    "{}.",
    "do me a favor and {}.",
    "{}.",
    "quick question, could you {}?",
)
_ACTS = (
    "I'd like to {}.",
    "I want to {}.",
    "I need to {}.",
    "go ahead and {}.",
    "let's {}.",
    "I have to {}.",
    "it's time to {}.",
    "I've decided to {}.",
    "help me {}.",
    "I still have to {}.",
)
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
_LONG = 120
"""Letters of a sentence that needs no word before it."""
_LINKS = ("Also, please {}.", "And {}, please.", "Also {}.", "Besides, could you {}?")
_THENS = ("Then {}.", "After that, {}.", "Next, {}.", "And {}.", "Now {}.")
_JOINS = (" and then ", ", then ", " and after that ", " and ", ", then ")
_PREPOSITIONS = frozenset("in at for of to about on from matching named near into".split())
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
    "I meant {}.",
    "Make it {}.",
    "Ah, sorry, {}.",
    "{}, if that works.",
)


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
        frames = _ANSWERS if len(told) == 1 else _SEVERAL_ANSWERS
        if len(told) == 1 and any(is_dictated(name) and isinstance(value, str) for name, value in values.items()):
            frames = _DICTATIONS
        text = self.rng.choice(frames).format(joined(told))
        return UserTurn(capitalised(text), len(self.said) - 1, Inform(values))

    def _chat(self, request: Request) -> UserTurn:
        lines = OPENERS if len(self.said) == 1 else AFTERWARDS
        said, reply = self.rng.choice([line for line in lines if line not in self.chatted])
        self.chatted.append((said, reply))
        return UserTurn(said, len(self.said) - 1, Chat(reply))

    def _change(self, speech: Speech) -> UserTurn:
        """The second call of a request, by what is different about it."""
        self.changing = False
        request = self.said[-1]
        values = changed(request)
        tool = self.tools[request.calls[1].tool]
        told = [changed_mind(request, name, value, tool, speech) for name, value in values.items()]
        return UserTurn(" ".join(told), len(self.said) - 1, Change(values))

    def _wish(self, wish: PlannedCall, speech: Speech) -> UserTurn:
        """Something that nobody here can do; the user does not know that."""
        tool = self.tools[wish.tool]
        told = clause(tool, _intent(wish, ()), speech)
        frame = self.rng.choice(_ASKS + (_SEEKS if deed(tool).seeks else _ACTS))
        text = " ".join([self._led(frame.format(told.main)), *told.more])
        return UserTurn(text, len(self.said) - 1, Wish(deed(tool).phrase))

    def _recall(self, about: FromOutput, view: UserView, speech: Speech) -> UserTurn:
        """A question about an earlier result."""
        text = question_about(about, view.talk, speech)
        return UserTurn(text, len(self.said) - 1, Recall(Reference(about.call, about.path)))

    def _led(self, text: str) -> str:
        """A sentence that begins a turn; a long one begins at once."""
        return sentence(text if len(text) > _LONG else self._lead() + text)

    def _lead(self) -> str:
        """How a turn goes on from the reply before it."""
        if len(self.said) < 2:
            return ""
        return self.rng.choice(_LEADS_AFTER_NO if self.said[-2].kind is Kind.UNAVAILABLE else _LEADS)

    def _ask(self, request: Request, speech: Speech) -> UserTurn:
        twice = request.kind in (Kind.CORRECTION, Kind.RECOVERY)
        self.changing = twice and bool(changed(request))
        asked = request.calls[:1] if twice else request.calls
        intents = tuple(_intent(call, request.withheld if number == 0 else ()) for number, call in enumerate(asked))
        clauses = [clause(self.tools[intent.tool], intent, speech, request.withheld) for intent in intents]
        self.owing = list(request.withheld)
        return UserTurn(self._words(request, clauses), len(self.said) - 1, Ask(intents))

    def _words(self, request: Request, clauses: list[Clause]) -> str:
        """The clauses of a request: one sentence, or one each where they need more said."""
        more = [line for one in clauses for line in one.more]
        alike = all(one.more == clauses[0].more for one in clauses)
        if len(clauses) == 1 or not more or (alike and request.kind is Kind.PARALLEL):
            return " ".join([self._sentence(request, clauses), *clauses[0].more])
        frames = _LINKS if request.kind is Kind.PARALLEL else _THENS
        links = self.rng.sample(frames, len(frames))
        told = [self._sentence(request, clauses[:1]), *clauses[0].more]
        for number, one in enumerate(clauses[1:]):
            told += [sentence(links[number % len(links)].format(one.main)), *one.more]
        return " ".join(told)

    def _sentence(self, request: Request, clauses: list[Clause]) -> str:
        """The clauses in one sentence."""
        first = deed(self.tools[request.calls[0].tool])
        if request.kind is Kind.PARALLEL and len(clauses) > 1:
            body = _side_by_side([one.main for one in clauses])
        elif len(clauses) > 1:
            link = self.rng.choice(_JOINS)
            body = clauses[0].main + "".join(link + one.main for one in clauses[1:])
        else:
            body = clauses[0].main
        frame = self.rng.choice(_ASKS + (_SEEKS if first.seeks else _ACTS))
        return self._led(frame.format(body))


def _side_by_side(mains: list[str]) -> str:
    """``get the weather in Oslo and also in Rome today``: what is common at either end is said once."""
    heads = [main.split(" ") for main in mains]
    start = _common(heads)
    end = _common([head[start:][::-1] for head in heads])
    if start < 3 and end < 3:
        return joined(mains, "and also")
    if heads[0][start - 1] in _PREPOSITIONS:
        start -= 1
    middles = [" ".join(head[start : len(head) - end]).rstrip(",") for head in heads]
    tail = heads[0][len(heads[0]) - end :]
    comma = "," if tail and tail[0] in ("checking", "leaving", "coming") else ""
    return " ".join([*heads[0][:start], joined(middles, "and also") + comma, *tail])


def _common(heads: list[list[str]]) -> int:
    """How many words all begin with; one of each is left over."""
    common = 0
    while all(len(head) > common + 1 and head[common].rstrip(",") == heads[0][common].rstrip(",") for head in heads):
        common += 1
    return common


def _intent(call: PlannedCall, withheld: Collection[str]) -> Intent:
    """What a planned call means to the user, without what is withheld."""
    given = {name: value for name, value in _spoken(call).items() if name not in withheld}
    referred = {
        name: Reference(argument.call, argument.path)
        for name, argument in call.arguments.items()
        if isinstance(argument, FromOutput)
    }
    return Intent(call.tool, given, referred)


def _spoken(call: PlannedCall) -> dict[str, Any]:
    """The arguments of a planned call that the user knows the value of."""
    return {name: argument.value for name, argument in call.arguments.items() if not isinstance(argument, FromOutput)}
