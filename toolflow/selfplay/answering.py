"""One answer of the selfplay world, drawn field by field.

It agrees with the call (what was asked for comes back under the same name, and lists hold only that), with the date,
with itself (`toolflow.selfplay.settle`) and with what was answered before: the same identifier is the same thing, what
was created is listed, what was cancelled is cancelled.
"""

from collections.abc import Container, Mapping
from random import Random
from typing import Any

from toolflow.cast import ToolView
from toolflow.conformance import conformance, fits
from toolflow.selfplay.belonging import belonging
from toolflow.selfplay.contents import belongs, length, money_of, named_ones, spoken_of
from toolflow.selfplay.draft import TODAY, Draft
from toolflow.selfplay.known import Known, is_nested
from toolflow.selfplay.leaves import Leaves
from toolflow.selfplay.names import CARRIED, is_identifier, singular, words
from toolflow.selfplay.namesakes import named_by
from toolflow.selfplay.order import in_date_order, numbered, one_day_after_another
from toolflow.selfplay.phrases import deed
from toolflow.selfplay.places import TAKEN, call_about
from toolflow.selfplay.refs import written_out
from toolflow.selfplay.renewal import is_gone, recounted, renewed
from toolflow.selfplay.settle import settle
from toolflow.selfplay.subject import another_thing, changed, created, known_beforehand, looked_up, outdated
from toolflow.selfplay.things import Thing, Things, own_identifier, same_thing
from toolflow.selfplay.values import MAX_NESTING, MOST_ITEMS, NoValue, plain
from toolflow.selfplay.wanted import in_asked_order, is_left_out

_TROUBLE = frozenset("failure error errors rejection warning exception fault decline".split())
"""Words for fields that are filled only when something went wrong."""
_REDRAWS = 4
_NAMES = 8
"""So many of a schema's names are tried for one that nothing bears yet."""


class Answering:
    """One answer under way."""

    def __init__(self, view: ToolView, things: Things, rng: Random, seed: int) -> None:
        self.tool, self.arguments, self.rng = view.tool, view.arguments, rng
        self.doing = deed(view.tool)
        self.things = things
        self.leaves = Leaves(view, rng, seed)
        self.days = self.leaves.days
        self.known = Known(self.arguments, self.doing, self.days)
        self.addresses = {*things.places, *(value for name, value in self.arguments.items() if name == "address")}
        """Where something lies already."""
        self.around = {TODAY: view.today, TAKEN: self.addresses, **call_about(self.arguments)}
        self.names = things.names
        self.aligned = True
        """Whether the fields of an object take the examples that stand where those of what is known do."""
        self.met: dict[tuple[str, str], dict[str, Any]] = {}
        """By identifier, what objects of this answer have said of other things."""
        self.named: set[tuple[str, Any]] = set()
        """Identifiers that new things of this answer have been given."""

    def result(self, before: Any = None) -> Any:
        """The whole result, checked; ``before`` is the answer to the same call before something changed."""
        schema = self.tool.returns
        if schema is None:
            return {"status": "success", **self.arguments}
        schema = written_out(schema)
        about = known_beforehand(self.tool, self.arguments, self.doing, self.things)
        drawn = self._draw(schema, "", about, 0, False) if before is None else self._again(schema, before, about)
        errors = conformance(self.tool.returns).errors(drawn)
        if errors:
            raise NoValue(f"no value found for {errors[0].path or 'the whole'}")
        return drawn

    def _again(self, schema: dict[str, Any], before: Any, about: dict[str, Any]) -> Any:
        """The earlier answer, with what changed since then: new values, new things, and none that are gone."""
        if not isinstance(before, dict):
            return before
        properties = schema.get("properties") or {}
        after: dict[str, Any] = {}
        for name, value in before.items():
            below = plain(properties.get(name))
            if isinstance(value, list) and isinstance(below.get("items"), dict):
                kept = [renewed(item, below["items"], self.things) for item in value if not is_gone(item, self.things)]
                own = own_identifier(plain(below["items"]).get("properties") or {})
                there = [item.get(own) for item in kept if isinstance(item, dict)]
                made = [thing for thing in spoken_of(below["items"], self.arguments, self.things) if thing.made]
                new = [thing for thing in made if thing.known.get(own or "") not in there]
                after[name] = [self._item(below, name, about, 0, thing) for thing in new] + kept
            else:
                after[name] = value
        return recounted(before, renewed(after, schema, self.things))

    def _draw(
        self, schema: Any, name: str, about: dict[str, Any], level: int, listed: bool, thing: Thing | None = None
    ) -> Any:
        """A value for a place of the result; ``about`` is what is known of the thing it belongs to."""
        schema = plain(schema)
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind == "object" and schema.get("properties") and level < MAX_NESTING:
            another = listed or another_thing(name, schema["properties"])
            return self._object(schema, name, about, level, another, thing)
        if kind == "array" and isinstance(schema.get("items"), dict) and level < MAX_NESTING:
            return self._array(schema, name, about, level)
        return self.leaves.draw(schema, name)

    def _object(
        self, schema: dict[str, Any], called: str, about: dict[str, Any], level: int, listed: bool, thing: Thing | None
    ) -> dict[str, Any]:
        """A thing: its identifier first, then what is known under that, then the rest, what is nested last."""
        properties = schema["properties"]
        first = own_identifier(properties)
        new = created(properties, self.arguments, self.doing) if level == 0 else None
        known = thing.known if thing else self._of_the_call(first, called, properties, level)
        if level == 0 and first in about and first != new and not known:
            met = self.things.find(first or "", about[first or ""])
            known = met.known if met else known
        gone: set[str] = set()
        if level == 0 and first in self.arguments and changed(self.tool, self.arguments, self.doing) == first:
            gone = outdated(known, self.arguments, first or "")
            known = {name: value for name, value in known.items() if name not in gone}
        own = first if listed or known else None
        met = thing or (self.things.find(first, known[first]) if first in known else None)
        fresh = met is not None and met.made
        about = dict(self.arguments) if level > 0 and own in self.arguments else about  # others like the one named
        required = schema.get("required") or ()
        pick = self._pick(properties, {**about, **known}) if self.aligned else self.rng.randrange(1000)
        drawn: dict[str, Any] = {}
        fixed = set(self.arguments) if level == 0 else set()
        at = ({**self.arguments, **known} if level == 0 else known).get("address")
        mentioned = dict(self.things.places.get(at, {})) if isinstance(at, str) else {}
        bears = dict(named_by(properties))
        shown = [name for name in properties if name in required or not is_left_out(name, self.arguments)]
        order = {name: (name != first, not is_identifier(name), is_nested(properties[name])) for name in shown}
        for name in sorted(shown, key=order.__getitem__):
            if name not in {*required, *known, *about} and self._left_out(name, properties[name]):
                continue
            around = about if name not in mentioned else {}
            value = self.known.settled(name, properties[name], around, known, own, level) if name != new else None
            value = self.known.of_thing(name, properties[name], mentioned) if value is None else value
            if value is not None:
                fixed.add(name)
            else:
                self.leaves.values.pick, self.leaves.fresh = pick, fresh
                try:
                    value = self._draw(properties[name], name, {**about, **known, **drawn}, level + 1, False)
                except NoValue:
                    if name in required:
                        raise
                    continue
                value = self._fresh(properties[name], name, value) if name in (own, new) else value
                if name in bears and bears[name] in drawn:
                    bare = set(properties) == {name, first} and level > 1  # a mention in a listed thing, and no more
                    value = self._free(name, value, bears[name], drawn, fixed if bare else {*fixed, first}, properties)
                    mentioned |= self.things.mentioned(bears[name], drawn[bears[name]], properties)
            drawn[name] = value
            theirs = self.met.get((name, str(value)), {}) | self.things.mentioned(name, value, properties)
            mentioned |= {field: it for field, it in theirs.items() if name != first or field not in gone}
            if name == first and level > 0 and not known and (found := self.things.find(name, value)) is not None:
                known = found.known
        values = {name: drawn[name] for name in properties if name in drawn}
        ordered = self.arguments if level == 0 and not self.doing.seeks else {}
        draft = Draft(values, properties, fixed, {**self.around, **about}, self.rng, ordered)
        settled = settle(draft, close=not self.days.several)
        if bears:
            self.names.hear(settled)
        if isinstance(address := settled.get("address"), str):
            self.addresses.add(address)
        for name in settled:
            if name.endswith("_id"):
                self.met[name, str(settled[name])] = belonging(name, settled, properties)
        return settled

    def _of_the_call(self, own: str | None, called: str, properties: dict[str, Any], level: int) -> dict[str, Any]:
        """What is known of the thing that the call named, where an object is that."""
        value = looked_up(own, called, level, self.arguments, self.doing)
        if own is None or value is None or not fits(properties[own], value):
            return {}
        thing = self.things.find(own, value)
        return {**(thing.known if thing else {}), own: value}

    def _fresh(self, schema: Any, name: str, value: Any) -> Any:
        """An identifier that nothing has yet, where there are enough of them."""
        for _ in range(_REDRAWS):
            if self.things.find(name, value) is None and (name, value) not in self.named:
                break
            value = self._draw(schema, name, {}, 1, False)
        self.named.add((name, value))
        return value

    def _free(
        self,
        name: str,
        value: Any,
        key: str,
        drawn: dict[str, Any],
        kept: Container[str | None],
        properties: Mapping[str, Any],
    ) -> Any:
        """A name that nothing else bears; else what ``key`` identifies is what bears it, where that may be.

        It may not where ``key`` is ``kept``, or what is known of that thing goes against the call.
        """
        first = self.rng.randrange(_NAMES)
        for pick in range(first, first + _NAMES):
            bearer = self.names.bearer(key, value)
            if bearer is None or bearer == drawn[key]:
                break
            thing = self.things.find(key, bearer)
            fits_in = type(bearer) is type(drawn[key]) and (thing is None or belongs(thing, self.arguments))
            if key not in kept and fits_in:
                drawn[key] = bearer
                break
            self.leaves.values.pick = pick
            value = self._draw(properties[name], name, {}, 1, False)
        return value

    def _left_out(self, name: str, schema: Any) -> bool:
        """Whether an optional field is not filled: nothing went wrong, or no later call will want it."""
        if _TROUBLE & set(words(name)):
            return True
        spare = not is_nested(schema) and not is_identifier(name) and not CARRIED & set(words(name))
        return spare and self.rng.random() < 0.15

    def _pick(self, properties: dict[str, Any], about: dict[str, Any]) -> int:
        """The example all fields of one object take; the one that goes with what is known, if it is listed."""
        for name, below in properties.items():
            examples = below.get("examples") if isinstance(below, dict) else None
            if name in about and isinstance(examples, list) and about[name] in examples and not is_identifier(name):
                return examples.index(about[name])
        return self.rng.randrange(1000)

    def _array(self, schema: dict[str, Any], name: str, about: dict[str, Any], level: int) -> list[Any]:
        """A few different things; those that were spoken of before, and belong here, among them."""
        named = named_ones(schema["items"], self.arguments, self.things) if level <= 1 else []
        if named:
            items = [self._item(schema, name, {}, level, thing) for thing in named]
            return items if self.doing.seeks else in_date_order(items, schema["items"])
        number = length(schema, name, about, self.arguments, level <= 1, self.rng)
        if number > MOST_ITEMS:
            raise NoValue(f"no value found for {name}, which wants {number} items")
        known = (
            spoken_of(schema["items"], self.arguments, self.things)[:number] if level <= 1 and self.doing.seeks else []
        )
        items = [self._item(schema, name, about, level, thing) for thing in known]
        about = {**about, **money_of(items)}
        for attempt in range(6 * number):
            if len(items) >= number:
                break
            item = self._item(schema, name, about, level, None)
            if level <= 1 and self.doing.seeks and (spoken := self._spoken_of_as(item)) is not None:
                item = self._item(schema, name, about, level, spoken)
            strict = len(items) > 1 or attempt < 4 * number
            self.aligned = not any(same_thing(item, other, strict) for other in items)
            if self.aligned:
                items.append(item)
        self.aligned = True
        wanted = self.arguments.get(singular(name)) if level > 1 and self.doing.seeks else None
        if isinstance(wanted, str) and wanted not in items and fits(schema["items"], wanted):
            items[:1] = [wanted]
        first = self.days.first or (self.leaves.today if name not in about else None)
        dated = one_day_after_another(in_date_order(items, schema["items"]), name, first)
        return in_asked_order(numbered(dated, schema["items"], bool(known)), self.arguments)

    def _spoken_of_as(self, item: Any) -> Thing | None:
        """The thing of earlier results that bears the name of an item, where it belongs in the list as well."""
        own = own_identifier(item) if isinstance(item, dict) else None
        name = next((name for name, key in named_by(item) if key == own), None) if own else None
        bearer = self.names.bearer(own or "", item[name]) if name else None
        thing = self.things.find(own or "", bearer) if bearer not in (None, item[own] if own else None) else None
        return thing if thing is not None and belongs(thing, self.arguments) else None

    def _item(self, schema: dict[str, Any], name: str, about: dict[str, Any], level: int, thing: Thing | None) -> Any:
        self.leaves.values.pick = None
        return self._draw(schema["items"], singular(name), about, level + 1, True, thing)
