"""What a user may say: guards against what user simulators are known to get wrong.

Stopping early, giving withheld values away, leaving values out, speaking for the assistant, naming tools,
saying a thing twice. Each raises `Misfit` with the reason; where the turn could be lived with, it is `usable`.
All of it is ours, and none of it knows a prompt.
"""

import re
from calendar import day_abbr, day_name, month_abbr, month_name
from collections.abc import Iterable, Sequence
from datetime import date

from toolflow.cast import UserTurn, UserView
from toolflow.heard import content_words, fold, stem
from toolflow.languages import is_english
from toolflow.llm.questions import NOT_USED, Misfit
from toolflow.llm.user_plan import Value, in_words, is_changing, recalled, tellable, unstated, withheld
from toolflow.ordinary import is_ordinary
from toolflow.schema import Kind
from toolflow.trace import Trace

MAX_WORDS = 150
"""A longer turn is no turn of a user."""
MAX_LISTED = 6
AKIN = 6
"""So many first letters make words akin."""
CALENDAR = frozenset(fold(name) for names in (month_name, month_abbr, day_name, day_abbr) for name in names if name) | {
    "hi",
    "hello",
    "please",
    "thanks",
}

_ASSISTANT = re.compile(
    r"(?i)\A\W*(assistant\b\W*:|(of course|certainly|sure|absolutely)\W+(i can|i'll|i will|here)"
    r"|here (is|are) (the|your)|i('ve| have) (found|booked|checked|updated|sent)|(i'm sorry|i apologi[sz]e)\b)"
    r"|\b(assist|help) you\b|\bi (can't|cannot) (help|assist)|(how|what) (else )?(can|may) i (help|assist|do for)"
    r"|is there anything else (i|you'd)|\bas an ai\b|please provide (me|more)"
)
"""What only an assistant says."""
_BLANK = re.compile(
    r"(?i)\[(?:your|insert|enter|the)\b[^\]\n]{0,40}\]|<(?:your|insert|enter|the)[ _-][^>\n]{0,40}>|\{\{"
)
"""Something to be filled in."""
_QUESTION = re.compile(r"(?i)\?|\b(?:tell|remind|say|know|hear|repeat)\b")
_FIRST = re.compile(r"(?i)\bthe first (?!one\b|time\b|of\b)([a-z]+)")
_LOWER = re.compile(r"(?<![\w.@/-])[a-z]{4,40}(?![\w@/-]|\.\w)")
"""A word, and no part of a name, a code or an address."""
_IDENTIFIER = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+|[a-z]+[A-Z]\w*")


def check_speech(text: str, view: UserView) -> None:
    """Is this something a user says?"""
    if not text:
        raise Misfit('"user_says" is empty; write what the user says next')
    if len(text.split()) > MAX_WORDS:
        raise Misfit('"user_says" is too long; a user says one to three sentences')
    if blank := _BLANK.search(text):
        raise Misfit(f"{blank[0]} was left blank; say the value, or leave it out")
    if _ASSISTANT.search(text) or NOT_USED in text:
        raise Misfit("that is what the assistant would say; write the user's message: the user wants help, gives none")
    for name in _technical_names(view):
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            raise Misfit(f'"user_says" must not contain the technical name {name}; write it as a person would')
    if any(role == "assistant" and _bare(text) in _bare(said) for role, said in view.talk):
        raise Misfit(
            "the assistant said that; write what the user answers, or, if the request is done, "
            'set "request_done" to true'
        )
    if any(role == "user" and _bare(said) == _bare(text) for role, said in view.talk):
        raise Misfit(
            "the user said exactly this before; answer what the assistant said last, or, if the request is done, "
            'set "request_done" to true and make the next one'
        )


def check_pertinence(turn: UserTurn, view: UserView) -> None:
    """Does a turn that opens a request speak of it? Small models repeat an example or the assistant instead."""
    if view.plan is None or turn.text is None or not is_english(view.language):
        return  # in another language the values alone tell, which `check_values` looks for
    request = view.plan.requests[turn.request]
    said = _stems(turn.text)
    about = [recalled(request.about)] if request.about is not None else []
    due = " ".join([request.goal, *map(in_words, tellable(request)), *about])
    if left_out := unstated(request, turn.text):
        raise Misfit(f'"user_says" must say which is wanted: {" and ".join(left_out)}', usable=turn)
    if request.kind is not Kind.CHAT and not said & _stems(due):
        reason = f'"user_says" has nothing to do with the request; make this one: {request.goal}'
        raise Misfit(reason, usable=turn)


def check_task(turn: UserTurn, task: str) -> None:
    """The same of a turn that says what is due of a request."""
    if not _stems(turn.text or "") & _stems(task):
        raise Misfit(f'"user_says" has nothing to do with this: {task}')


def check_invention(text: str, task: str) -> None:
    """Names, numbers and first ones of a list that the task does not hold; days and months are other words for its
    dates, and hours after noon have two numbers."""
    known = {fold(word) for word in re.findall(r"\w+", task)} | CALENDAR
    numbers = {int(digits) for digits in re.findall(r"\d{1,9}", task)}
    numbers |= {number - 12 for number in numbers}
    names = [name for name in re.findall(r"(?<=[^\W\d] )[A-Z][^\W\d_]+(?!\w)", text) if fold(name) not in known]
    figures = [digits for digits in re.findall(r"\d{1,9}", text) if int(digits) not in numbers]
    firsts = [f"the first {thing}" for thing in _FIRST.findall(text) if stem(fold(thing)) not in _stems(task)]
    if names or figures or firsts:
        raise Misfit(f'"user_says" must not make up {", ".join([*names, *figures, *firsts][:MAX_LISTED])}')


def check_pointed(text: str, pointed: Sequence[str]) -> None:
    """Is said what is pointed to, "the first hotel id" or "the first hotel"? Else a value is made up in its place."""
    said = fold(text)
    missing = [phrase for phrase in pointed if fold(phrase).removeprefix("the ").removesuffix(" id") not in said]
    if missing:
        raise Misfit(f'"user_says" must also say {", ".join(missing[:MAX_LISTED])}')


def check_question(turn: UserTurn, view: UserView) -> None:
    """Does a turn that asks again for something known ask? Small models tell it themselves."""
    about = view.plan.requests[turn.request].about if view.plan is not None else None
    if about is not None and is_english(view.language) and not _QUESTION.search(turn.text or ""):
        raise Misfit(f'"user_says" must be a question: what the {recalled(about)} is')


def parted(text: str, task: str) -> str:
    """A text in which words that were run together are apart: "the endtime"."""
    known = set(re.findall(r"[^\W\d_]+", task))

    def part(found: re.Match[str]) -> str:
        word = found[0]
        if word in known or is_ordinary(word):
            return word
        parts = [(word[:at], word[at:]) for at in range(2, len(word) - 1)]
        whole = [pair for pair in parts if all(is_ordinary(one) or one in known for one in pair)]
        return " ".join(whole[0]) if len(whole) == 1 else word

    return _LOWER.sub(part, text)


def check_words(text: str, task: str) -> None:
    """Words that are none: a small model that is held to a form babbles where it has nothing to say."""
    known = set(re.findall(r"[^\W\d_]+", fold(task)))
    strange = [
        word
        for word in re.findall(r"[^\W\d_]+", fold(text))
        if not is_ordinary(word) and word not in known and not any(_akin(word, other) for other in known)
    ]
    if strange:
        raise Misfit(f'"user_says" has words that are none: {", ".join(strange[:MAX_LISTED])}')


def _akin(word: str, other: str) -> bool:
    """Of one root: "cardiologist" and "cardiology"."""
    return word[:AKIN] == other[:AKIN] and abs(len(word) - len(other)) < AKIN - 1


def check_done(view: UserView) -> None:
    """Without a plan: a request is not done before it was answered."""
    if not view.talk or view.talk[-1][0] != "assistant":
        raise Misfit('the assistant has not answered yet, so "request_done" must be false')


def check_values(turn: UserTurn, view: UserView, *, opens: bool, due: Sequence[Value] | None = None) -> None:
    """Are the values ``due`` said? Of the request in the turn that opens it all but the withheld and the later ones,
    then the withheld too, and those that the user changes when the time has come."""
    if view.plan is None or turn.text is None:
        return
    request = view.plan.requests[turn.request]
    later = list(request.changes.items())
    if not opens and is_changing(request, view.pending):
        missing = _unsaid(later, [turn.text], view.today)
    else:
        due = [*tellable(request), *([] if opens else withheld(request))] if due is None else due
        missing = _unsaid(due, [*_texts(view), turn.text], view.today)
    if missing:
        raise Misfit(f'"user_says" must also say {listed(missing)}', usable=turn)
    secret = [*withheld(request), *later] if opens else []
    unsaid = _unsaid(secret, [turn.text], view.today)
    given = [value for value in secret if value not in unsaid]
    if given:
        raise Misfit(f'"user_says" must not say {listed(given)} before the assistant asks for it', usable=turn)


def owed_values(view: UserView) -> list[Value]:
    """Withheld values of the request under way that the user has not said yet."""
    if view.plan is None:
        return []
    return _unsaid(withheld(view.plan.requests[view.request]), _texts(view), view.today)


def listed(values: Sequence[Value]) -> str:
    """Values in words, a few of them."""
    return ", ".join(list(dict.fromkeys(map(in_words, values)))[:MAX_LISTED])


def _unsaid(values: Iterable[Value], texts: Sequence[str], today: date) -> list[Value]:
    """The values that none of the texts says, in any form a person writes them; yes and no cannot be found."""
    trace = Trace(today)
    for text in texts:
        trace.hear(text)
    return [(name, value) for name, value in values if not isinstance(value, bool) and trace.source(value) is None]


def _texts(view: UserView) -> list[str]:
    return [text for role, text in view.talk if role == "user"]


def _technical_names(view: UserView) -> list[str]:
    """Names of tools and parameters that no person would use."""
    names = [tool.name for tool in view.tools]
    wishes = [request.wish for request in view.plan.requests if request.wish] if view.plan is not None else []
    for call in [*view.plan.calls, *wishes] if view.plan is not None else ():
        names += [call.tool, *call.arguments]
    return [name for name in dict.fromkeys(names) if _IDENTIFIER.fullmatch(name)]


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
