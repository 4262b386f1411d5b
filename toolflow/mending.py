"""Makes odd JSON Schemas usable, and says how much work a schema can cause.

Schemas in the wild call types ``float``, ``dict`` or ``STRING``, put ``required: true`` beside a property,
say ``nullable`` (OpenAPI 3.0) or number ranges as draft 4 did. `mended` rewrites what has a plain meaning.
It does not compile anything and does not judge; `toolflow.conformance` drops what is still unusable.

`reach` bounds references: a few nested ``anyOf`` of references to each other would otherwise keep a
validator busy for days (the schema's version of a billion laughs).

Ours: a type name that means nothing to us (``any``, ``file``) constrains nothing.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

TYPES = {
    "any": None,
    "arr": "array",
    "array": "array",
    "bool": "boolean",
    "boolean": "boolean",
    "dict": "object",
    "dictionary": "object",
    "double": "number",
    "float": "number",
    "hashmap": "object",
    "int": "integer",
    "integer": "integer",
    "list": "array",
    "long": "integer",
    "map": "object",
    "none": "null",
    "null": "null",
    "number": "number",
    "numeric": "number",
    "obj": "object",
    "object": "object",
    "str": "string",
    "string": "string",
    "text": "string",
    "tuple": "array",
}
"""What type names mean, in lower case."""

_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    "items",
    "additionalProperties",
    "additionalItems",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_IDENTITY = ("$id", "id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef")
"""Other ways to name a place: not needed inside one tool, and ways around the bounds on references."""
MAX_CHAIN = 200
"""References and combinations that may lead from one to the next at one place of a value."""
MAX_PATTERN = 1_000
MAX_PATTERNS = 200
MAX_PATTERN_CHARACTERS = 20_000
"""Characters of a pattern, and patterns of a schema and their characters, that are compiled."""
_BROAD = ("allOf", "anyOf", "oneOf", "enum", "patternProperties", "dependentSchemas")


def mended(schema: Any) -> Any:
    """A deep copy, everything odd with a plain meaning rewritten; recursive, so bound the nesting first."""
    if not isinstance(schema, dict):
        return schema if isinstance(schema, bool) else {}
    new = {key: value for key, value in schema.items() if isinstance(key, str) and key not in _IDENTITY}
    if "json-schema.org/draft" not in str(new.get("$schema", "")):
        new.pop("$schema", None)
    _mend_type(new)
    _mend_ranges(new)
    if isinstance(new.get("required"), list):
        new["required"] = list(dict.fromkeys(name for name in new["required"] if isinstance(name, str)))
    elif "required" in new:
        del new["required"]
    if isinstance(new.get("items"), list):
        new["prefixItems"] = new.pop("items")
    for key in _NAMED:
        if isinstance(new.get(key), dict):
            new[key] = {name: mended(part) for name, part in new[key].items()}
    for key in _LISTED:
        if isinstance(new.get(key), list):
            new[key] = [mended(part) for part in new[key]]
    for key in _SINGLE:
        if key in new:
            new[key] = mended(new[key])
    return new


def _mend_type(schema: dict[str, Any]) -> None:
    given = schema.pop("type", None)
    names = given if isinstance(given, list) else [given]
    types = [TYPES.get(name.lower()) if isinstance(name, str) else None for name in names]
    known = list(dict.fromkeys(name for name in types if name is not None))
    if not known or None in types:
        return
    if schema.get("nullable") is True and "null" not in known:
        known.append("null")
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    schema["type"] = known if isinstance(given, list) or len(known) > 1 else known[0]


def _mend_ranges(schema: dict[str, Any]) -> None:
    """Draft 4 says ``exclusiveMinimum: true`` beside ``minimum``."""
    for plain, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and plain in schema:
            schema[exclusive] = schema.pop(plain)


def drop(schema: Any, place: list[str | int]) -> bool:
    """Take the keyword or subschema at a place out of the schema; False when there is nothing there.

    A property keeps its name and loses its constraints, so that it does not turn into an unknown one.
    """
    if not place:
        return False
    holder, names = schema, False
    for step in place[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return False
        names = not names and step in _NAMED and step != "patternProperties"
    last = place[-1]
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        holder[last] = {}
    elif isinstance(holder, dict) and last in holder:
        if names:
            holder[last] = {}
        else:
            del holder[last]
    else:
        return False
    return True


def without_excess_patterns(schema: Any) -> int:
    """Take the patterns out of a schema that are too long, and those after so many: some take seconds to compile.

    How many were taken out.
    """
    dropped, patterns, characters = 0, 0, 0
    for part in _objects(schema):
        named = part.get("patternProperties")
        for holder in (part, named if isinstance(named, dict) else {}):
            for key in [key for key, value in holder.items() if holder is named or _is_pattern(key, value)]:
                pattern = key if holder is named else holder[key]
                patterns, characters = patterns + 1, characters + len(pattern)
                if len(pattern) > MAX_PATTERN or patterns > MAX_PATTERNS or characters > MAX_PATTERN_CHARACTERS:
                    del holder[key]
                    dropped += 1
    return dropped


def _is_pattern(key: str, value: Any) -> bool:
    return key == "pattern" and isinstance(value, str)


def breadth(schema: Any) -> int:
    """How many members of lists (combinations, enums, patterns of names) one place of a value may be held against."""
    listed = (part.get(key) for part in _objects(schema) for key in _BROAD)
    return 1 + sum(len(members) for members in listed if isinstance(members, list | dict))


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema, in the order in which they are written."""
    stack = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            yield part
            stack.extend(reversed(part.values()))
        elif isinstance(part, list):
            stack.extend(reversed(part))


class Reach(NamedTuple):
    """How far the references of a schema carry."""

    depth: int
    """Levels that a value may nest before one place of it can be visited more often than is bearable; -1 when even a
    scalar is too much."""
    visits: int
    """How often one place of such a value may be visited; 1 where no reference can cause more."""


def reach(schema: Any, deepest: int, visits: int) -> Reach:
    """What references can cause in values nested no more than ``deepest``, if one place may be visited ``visits``
    times."""
    nodes = list(_objects(schema))
    if not any("$ref" in node for node in nodes):
        return Reach(deepest, 1)
    costs: dict[int, int] = {}
    for depth in range(deepest + 1):
        level = _Level(schema, costs, visits)
        new = {id(node): level.cost(node, 0) for node in nodes}
        if new[id(schema)] > visits:
            return Reach(depth - 1, costs.get(id(schema), 1))
        if new == costs:
            break
        costs = new
    return Reach(deepest, costs[id(schema)])


class _Level:
    """What each subschema costs on a value of one depth, given the costs on values one less deep."""

    def __init__(self, root: Any, below: dict[int, int], cap: int) -> None:
        self.root = root
        self.below = below
        self.cap = cap
        self.known: dict[int, int] = {}

    def cost(self, node: Any, chain: int) -> int:
        if not isinstance(node, dict):
            return 1
        if id(node) in self.known:
            return self.known[id(node)]
        if chain > MAX_CHAIN:
            return self.cap + 1
        self.known[id(node)] = 0
        total = 1
        for part in _same_place(node, self.root):
            total += self.cost(part, chain + 1)
        for parts in _places_below(node):
            total += max((self.below.get(id(part), 0) for part in parts), default=0)
        self.known[id(node)] = min(total, self.cap + 1)
        return self.known[id(node)]


def _same_place(node: dict[str, Any], root: Any) -> list[Any]:
    parts: list[Any] = [node[key] for key in ("not", "if", "then", "else") if key in node]
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(node.get(key), list):
            parts.extend(node[key])
    if isinstance(node.get("dependentSchemas"), dict):
        parts.extend(node["dependentSchemas"].values())
    if isinstance(node.get("$ref"), str):
        parts.append(at_pointer(root, node["$ref"]))
    return parts


def _places_below(node: dict[str, Any]) -> list[list[Any]]:
    """Groups of subschemas for parts of the value; of one group only one applies to the same part."""
    groups: list[list[Any]] = []
    if isinstance(node.get("properties"), dict):
        groups.append(list(node["properties"].values()))
    if isinstance(node.get("prefixItems"), list):
        groups.append(node["prefixItems"])
    if isinstance(node.get("patternProperties"), dict):
        groups.extend([part] for part in node["patternProperties"].values())
    for key in _SINGLE:
        if key in node and key not in ("not", "if", "then", "else"):
            groups.append([node[key]])
    return groups


def at_pointer(root: Any, reference: str) -> Any:
    """The part of a schema that a local reference such as ``#/$defs/price`` names, or None."""
    if not reference.startswith("#"):
        return None
    part = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(part, dict) and name in part:
            part = part[name]
        elif isinstance(part, list) and name.isascii() and name.isdigit() and int(name[:9]) < len(part):
            part = part[int(name[:9])]
        else:
            return None
    return part
