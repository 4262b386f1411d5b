"""JSON out of what a model wrote: whole, fenced, amid words, or slightly broken.

It reads syntax only; whether the value means anything is for the question that was asked. Repair never makes
up or shortens a string: an answer that was cut off, or mended by guessing, is refused. So is a value that could
not be written as JSON again (half a surrogate pair, an infinite number), before it can fail a run later.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import json_repair

MAX_TEXT = 200_000
"""A longer answer is a model running wild."""

_THOUGHT = re.compile(r"\A\s*<(think|thinking|thought|reasoning)>(.*?)(?:</\1>|\Z)", re.S)
_REST_OF_THOUGHT = re.compile(r"\A(?!\s*[{\[])(.*?)</think(?:ing)?>", re.S)
"""Some chat templates open the thought themselves, so that only its end is written."""
_FENCE = re.compile(r"```[\w-]*\n?(.*?)(?:```|\Z)", re.S)
_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.S)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class CutOff(ValueError):
    """The length limit came before the end."""


def read_json(text: str) -> Any:
    """The JSON object or array in a text; ValueError says why there is none."""
    text = without_thought(text)
    if len(text) > MAX_TEXT:
        raise ValueError(f"it is {len(text):,} characters long")
    for candidate in _candidates(text):
        try:
            return sound(json.loads(candidate))
        except (ValueError, RecursionError):
            continue
    start = _first_bracket(text)
    if start is None:
        raise ValueError("it holds no JSON")
    fenced = _FENCE.search(text)
    broken = fenced[1] if fenced and _first_bracket(fenced[1]) is not None else text[start:]
    try:
        value = json_repair.loads(broken, skip_json_loads=True)
    except (ValueError, RecursionError):
        raise ValueError("it is not valid JSON") from None
    if not isinstance(value, dict | list) or not value:
        raise ValueError("it is not valid JSON")
    if _breaks_off(broken):
        raise ValueError("it breaks off in the middle of a value")
    if not all(_stands_in(broken, string) for string in _strings(value)):
        raise ValueError("it is not valid JSON")
    return sound(value)


def whole_json(text: str) -> Any:
    """The JSON that a text is from end to end, nothing repaired: of an answer that reached the length limit, where
    repair would pass off a part as the whole; `CutOff` when it is not."""
    try:
        return sound(json.loads(without_thought(text)))
    except (ValueError, RecursionError):
        raise CutOff("it was cut off") from None


def sound(value: Any) -> Any:
    """The value itself, when it can be written as JSON and as UTF-8; ValueError when not."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a surrogate pair") from None
    except RecursionError:
        raise ValueError("it nests too deep") from None
    except ValueError:
        raise ValueError("it holds a number that JSON cannot write") from None
    return value


def split_thought(text: str) -> tuple[str, str]:
    """The answer, and the thinking that some endpoints leave in front of it; one that never ends is all there is."""
    thoughts: list[str] = []
    rest = _REST_OF_THOUGHT.match(text)
    if rest is not None and not _THOUGHT.match(text):
        thoughts.append(rest[1].strip())
        text = text[rest.end() :]
    while found := _THOUGHT.match(text):
        thoughts.append(found[2].strip())
        text = text[found.end() :]
    return (text.lstrip() if thoughts else text), "\n\n".join(filter(None, thoughts))


def without_thought(text: str) -> str:
    """The answer alone."""
    return split_thought(text)[0]


def speech(text: str) -> str:
    """Fit to be said: trimmed, without thinking, control characters and direction marks."""
    return cleaned(without_thought(text))


def cleaned(text: Any) -> str:
    """A text without control characters, direction marks and half surrogate pairs, trimmed; empty when it is none."""
    if not isinstance(text, str):
        return ""
    return _CONTROL.sub("", text[:MAX_TEXT].replace("\r\n", "\n")).strip()


def _candidates(text: str) -> Iterator[str]:
    yield text
    for fenced in _FENCE.finditer(text):
        yield fenced[1]
    start = _first_bracket(text)
    if start is not None:
        yield text[start : max(text.rfind("}"), text.rfind("]")) + 1]


def _breaks_off(text: str) -> bool:
    """Whether the text ends inside a value; repair would close it and pass off a part as the whole."""
    bare = _STRING.sub("''", text)
    unclosed = bare.count("{") + bare.count("[") > bare.count("}") + bare.count("]")
    return '"' in bare or (unclosed and bool(re.split(r"[}\]',]", bare)[-1].strip()))


def _strings(value: Any) -> Iterator[str]:
    """Every string in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _strings(item)


def _stands_in(text: str, string: str) -> bool:
    """Whether repair left a string as it was: quoted one way or the other, or a bare name before a colon."""
    quotings = (json.dumps(string), json.dumps(string, ensure_ascii=False), f"'{string}'")
    return any(quoted in text for quoted in quotings) or bool(re.search(rf"\b{re.escape(string)}\s*:", text))


def _first_bracket(text: str) -> int | None:
    found = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    return min(found, default=None)
