"""Actors that misbehave: what a model in one role of the llm cast does wrong, scripted for `tests.endpoint`.

Each script is given a good answer, the question and the model that thinks (`tests.brain`), and makes the answer a bad
one where it can; the answer to a question that goes back is left alone unless the actor is stubborn.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.brain import Brain, role_of
from toolflow.llm.questions import NOT_USED, SPEAK_WORDS

Answer = dict[str, Any]
Script = Callable[[Answer, dict[str, Any], Brain], Answer | None]
FROM_NOWHERE = "Xanadu-8181"


class Actor:
    """Answers as ``script`` has it, each question at first or, ``stubborn``, always."""

    def __init__(self, name: str, *, stubborn: bool = False) -> None:
        self.role, self.script = SCRIPTS[name]
        self.stubborn = stubborn
        self.met = 0
        """How often it misbehaved."""

    def __call__(self, message: Answer, body: dict[str, Any], brain: Brain) -> Answer:
        question = str(body["messages"][-1]["content"])
        if role_of(body) != self.role or question.endswith(SPEAK_WORDS):
            return message
        if NOT_USED in question and not self.stubborn:
            return message
        bad = self.script(message, body, brain)
        self.met += bad is not None
        return message if bad is None else bad


def _says(text: str) -> Answer:
    return {"role": "assistant", "content": json.dumps({"request_done": True, "user_says": text})}


def _said(message: Answer) -> str:
    return str(json.loads(message["content"])["user_says"])


def _next_of(texts: Sequence[str], body: dict[str, Any]) -> str:
    """Another one at each turn of the talk."""
    return texts[str(body["messages"]).count("user: ") % len(texts)]


def _request(body: dict[str, Any], brain: Brain) -> Any:
    """The request that a user is shown."""
    question = str(next(m["content"] for m in reversed(body["messages"]) if '"request":' in str(m["content"])))
    plan = brain.plan_of(question)
    number = re.findall(r'"request":(\d+)', question)[-1]
    return plan.requests[int(number) - 1] if plan is not None else None


def stops_early(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """Goodbye, where something is still wanted."""
    goodbyes = ("Thanks, that is all for today.", "Goodbye!", "Bye, and thanks!", "I am off now.", "See you, then.")
    return _says(_next_of(goodbyes, body)) if _request(body, brain).calls else None


def names_a_tool(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """As a programmer would."""
    names = [call.tool for call in _request(body, brain).calls if "_" in call.tool]
    return _says(f"Call {names[0]}. {_said(message)}") if names else None


def gives_away(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """What is withheld until the assistant asks."""
    request = _request(body, brain)
    values = [request.calls[0].arguments[name].value for name in request.withheld]
    question = str(body["messages"][-1]["content"])
    hidden = [str(value) for value in values if isinstance(value, str | int | float) and str(value) not in question]
    if not hidden or len(hidden) < len(values):
        return None
    return _says(f"{_said(message)} {', '.join(hidden)}, by the way.")


def flips(message: Answer, body: dict[str, Any], brain: Brain) -> Answer:
    """The user speaks for the assistant."""
    return _says(f"Sure, I can help you with that! {_said(message)}")


def drifts(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """To other matters."""
    matters = ("Did you watch the fireworks?", "My cat is asleep.", "How old is the moon?", "I like jazz.", "Ah, snow!")
    return _says(_next_of(matters, body)) if _request(body, brain).calls else None


def speaks_for_the_user(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """The assistant plays on alone."""
    if message.get("tool_calls"):
        return None
    return {**message, "content": f"{message['content']}\nUser: Thank you so much."}


def calls_an_unknown_tool(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """One that was never offered."""
    return _with_calls(message, lambda call: ("order_pizza", json.loads(call["arguments"])))


def calls_the_wrong_tool(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """Another one of those offered, with what was said, as far as its parameters take it."""
    offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in body.get("tools", ())}

    def other(call: dict[str, str]) -> tuple[str, Any]:
        given = json.loads(call["arguments"])
        for name, parameters in offered.items():
            required, properties = parameters.get("required") or [], parameters.get("properties") or {}
            words = all(properties[one].get("type") == "string" for one in required)
            plain = words and all(set(properties[one]) <= {"type", "description"} for one in required)
            texts = [value for value in given.values() if isinstance(value, str)]
            if name != call["name"] and plain and texts:
                return name, {one: texts[at % len(texts)] for at, one in enumerate(required)}
        return call["name"], given

    bad = _with_calls(message, other)
    return None if bad is None or bad["tool_calls"] == message["tool_calls"] else bad


def hallucinates(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """Required values that nobody said."""

    def invented(call: dict[str, str]) -> tuple[str, Any]:
        given = json.loads(call["arguments"])
        return call["name"], {name: FROM_NOWHERE if isinstance(value, str) else value for name, value in given.items()}

    bad = _with_calls(message, invented)
    return bad if bad is not None and FROM_NOWHERE in str(bad) else None


def adds_from_nowhere(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """A further argument, that nobody asked for and nobody said."""
    offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in body.get("tools", ())}

    def more(call: dict[str, str]) -> tuple[str, Any]:
        given = json.loads(call["arguments"])
        properties = offered[call["name"]]["properties"]
        free = [name for name, part in properties.items() if part.get("type") == "string" and "enum" not in part]
        names = [name for name in free if name not in given and "format" not in properties[name]][:1]
        return call["name"], given | dict.fromkeys(names, FROM_NOWHERE)

    bad = _with_calls(message, more)
    return bad if bad is not None and FROM_NOWHERE in str(bad) else None


def calls_needlessly(message: Answer, body: dict[str, Any], brain: Brain) -> Answer | None:
    """In answer to small talk, to a question about a result, to a wish that nothing can meet: a call made before."""
    made = [call for before in body["messages"] for call in before.get("tool_calls") or ()]
    heard = body["messages"][-1]
    if heard["role"] != "user" or message.get("tool_calls") or not made or str(message["content"]).endswith("?"):
        return None
    return {**message, "content": None, "tool_calls": [{**made[0], "id": "needless"}]}


def _with_calls(message: Answer, change: Callable[[dict[str, str]], tuple[str, Any]]) -> Answer | None:
    """The answer with its calls changed; None when it makes none."""
    calls = []
    for call in message.get("tool_calls") or ():
        name, arguments = change(call["function"])
        calls.append({**call, "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}})
    return {**message, "tool_calls": calls} if calls else None


SCRIPTS: dict[str, tuple[str, Script]] = {
    **{one.__name__: ("user", one) for one in (stops_early, names_a_tool, gives_away, flips, drifts)},
    **{
        one.__name__: ("assistant", one)
        for one in (
            speaks_for_the_user,
            calls_an_unknown_tool,
            calls_the_wrong_tool,
            hallucinates,
            adds_from_nowhere,
            calls_needlessly,
        )
    },
}
"""By name: who does it, and what."""
