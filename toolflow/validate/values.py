"""JSON values that stand as texts in a record: the arguments of a call, the result of a tool."""

import json
from collections import Counter
from typing import Any

from toolflow.conformance import nests_deeper

MAX_DEPTH = 64
"""Arguments and results nested deeper are not read."""


class UnreadableJSON(ValueError):
    """A text that is not the JSON value it should be; the message says why."""


def read_arguments(text: str) -> dict[str, Any]:
    """The arguments of a call; `UnreadableJSON` says why they cannot be read."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise UnreadableJSON("not a JSON object")
    return value


def read_json(text: str) -> Any:
    """A strict JSON value: no NaN, no name twice in an object, not nested too deep."""
    try:
        value = _DECODER.decode(text)
    except UnreadableJSON:
        raise
    except ValueError as error:
        raise UnreadableJSON(f"not valid JSON: {error}") from None
    except RecursionError:
        raise UnreadableJSON(f"nested more than {MAX_DEPTH} levels deep") from None
    brackets = text.count("{") + text.count("[")  # no level without one
    if brackets > MAX_DEPTH and nests_deeper(value, MAX_DEPTH):
        raise UnreadableJSON(f"nested more than {MAX_DEPTH} levels deep")
    return value


def _refuse(constant: str) -> Any:
    raise UnreadableJSON(f"{constant} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnreadableJSON(f"the name {twice!r} stands twice in one object")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_once)
