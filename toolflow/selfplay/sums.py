"""Totals that are their parts: of a list beside them or in the call, of quantity and price, of subtotal and extras."""

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import singular, words
from toolflow.selfplay.ranges import is_number

_TOTALS = ("total_price", "total_cost", "line_total", "total_amount", "grand_total", "total")
_UNIT_PRICES = ("unit_price", "price_per_unit", "price_each", "price", "price_per_share")
_QUANTITIES = ("quantity", "shares", "coin_count", "ticket_count")
_ON_TOP = {"tax": 1, "shipping_cost": 1, "shipping": 1, "delivery_fee": 1, "fee": 1, "tip": 1, "discount": -1}
_NET = (
    ("net_pay", "gross_pay", "deduction_amount"),
    ("net_amount", "gross_amount", "fee"),
    ("net", "gross", "tax"),
    ("loan_amount", "asking_price", "down_payment"),
    ("days_remaining", "days_entitled", "days_taken"),
)
_SUMMARIES: dict[str, Callable[[list[float]], float]] = {"average": fmean, "lowest": min, "highest": max}
_GRAND = frozenset("total subtotal amount price cost grand spent".split())
_STATES = ("status", "stage", "state")
_CERTAIN = {"won": 100, "completed": 100, "complete": 100, "done": 100, "finished": 100, "lost": 0}
"""State → the percentage that it leaves no doubt of."""
_CHANCES = frozenset("probability chance likelihood".split())
_PROGRESS = frozenset("progress complete completion".split())
_PARTS = (("wins", "matches_played"), ("draws", "matches_played"), ("losses", "matches_played"),
          ("days_taken", "days_entitled"), ("days_remaining", "days_entitled"))  # fmt: skip
"""What is no more than the whole beside it."""


def settle_sums(draft: Draft) -> None:
    """Make every total of an object the sum of what stands beside it."""
    values = draft.values
    total = next((name for name in _TOTALS if is_number(values.get(name))), None)
    unit = next((name for name in _UNIT_PRICES if is_number(values.get(name))), None)
    quantity = next((name for name in _QUANTITIES if is_number(values.get(name))), None)
    if total and unit and quantity:
        _multiplied(draft, total, unit, quantity)
    if total and not unit and draft.ordered and is_number(draft.around.get("price")):
        draft.put(total, _like(values[total], draft.around["price"] * _ordered(draft.ordered)))
    for name, value in list(values.items()):
        if is_number(value):
            _sum_of_list(draft, name)
            _mean_of_list(draft, name)
    if total and is_number(values.get("subtotal")):
        extras = sum(sign * values[name] for name, sign in _ON_TOP.items() if is_number(values.get(name)))
        draft.put(total, _like(values[total], values["subtotal"] + extras))
    _settle_certain(draft)
    for part, whole in _PARTS:
        if is_number(values.get(part)) and is_number(values.get(whole)) and values[part] > values[whole] >= 0:
            draft.put(part, _like(values[part], values[whole] * draft.rng.uniform(0.1, 0.9)))
    for net, gross, taken in _NET:
        if all(is_number(values.get(name)) for name in (net, gross, taken)):
            _taken_off(draft, net, gross, taken)


def _settle_certain(draft: Draft) -> None:
    """What is won has all the chance it could have, what is lost none, and what is done is done wholly."""
    states = {value for name, value in draft.values.items() if isinstance(value, str) and name.endswith(_STATES)}
    if (share := next((share for state, share in _CERTAIN.items() if state in states), None)) is None:
        return
    for name, value in draft.values.items():
        parts = set(words(name))
        if is_number(value) and (parts & _CHANCES or (parts & _PROGRESS and "percent" in parts)):
            draft.put(name, 1 if share and 0 < value < 1 else share)


def _ordered(arguments: Mapping[str, Any]) -> int:
    """How many of a thing a call orders: a number of its own, or one for each of those it lists."""
    number = next((arguments[name] for name in _QUANTITIES if type(arguments.get(name)) is int), None)
    lists = [value for value in arguments.values() if isinstance(value, list) and value]
    return number or (len(lists[0]) if len(lists) == 1 else 1)


def _multiplied(draft: Draft, total: str, unit: str, quantity: str) -> None:
    """Quantity times price; where the schema does not allow that total, the price that gives the one drawn."""
    number = draft.values[quantity]
    if draft.put(total, _like(draft.values[total], draft.values[unit] * number)) or not number:
        return
    price = round(draft.values[total] / number, 2)
    if draft.put(unit, price):
        draft.put(total, _like(draft.values[total], price * number))


def _taken_off(draft: Draft, net: str, gross: str, taken: str) -> None:
    part = draft.values[taken] if draft.values[taken] < draft.values[gross] else draft.values[gross] * 0.2
    draft.put(taken, _like(draft.values[taken], part))
    draft.put(net, _like(draft.values[net], draft.values[gross] - draft.values[taken]))


def _sum_of_list(draft: Draft, name: str) -> None:
    parts = words(name)
    if {"percent", "count"} & set(parts) or (name in _TOTALS and is_number(draft.values.get("subtotal"))):
        return
    beside = draft.values.values() if {"total", "subtotal"} & set(parts) else ()
    ordered = draft.ordered.values() if set(parts) <= _GRAND else ()
    for items in (*beside, *ordered):
        amounts = _amounts(items, set(parts) - {"total"}, set(parts) <= _GRAND)
        if amounts:
            draft.put(name, _like(draft.values[name], sum(amounts)))
            return


def _mean_of_list(draft: Draft, name: str) -> None:
    parts = words(name)
    kind = next((part for part in parts if part in _SUMMARIES), None)
    for items in draft.values.values() if kind else ():
        amounts = _amounts(items, set(parts) - {kind}, False)
        if amounts and kind:
            draft.put(name, _like(draft.values[name], _SUMMARIES[kind](amounts)))
            return


def _amounts(items: Any, meaning: set[str], grand: bool) -> list[float]:
    """What each listed thing contributes to a total of this meaning; empty when any does not."""
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return []
    amounts: list[float] = []
    for item in items:
        numbers = {name: value for name, value in item.items() if is_number(value)}
        exact = [name for name in numbers if {singular(part) for part in words(name)} == set(map(singular, meaning))]
        line = next((name for name in (*_TOTALS, "amount", *exact) if name in numbers), None) if grand else None
        quantity = next((name for name in _QUANTITIES if name in numbers), None)
        unit = next((name for name in _UNIT_PRICES if name in numbers), None)
        if grand and line in (None, "price") and unit and quantity:
            left = 1 - numbers.get("discount_percent", 0) / 100
            amounts.append(numbers[unit] * numbers[quantity] * left)
        elif grand and (line or unit):
            amounts.append(numbers[line or unit or ""])
        elif exact:
            amounts.append(numbers[exact[0]])
        else:
            return []
    return amounts


def _like(shape: float, value: float) -> float:
    """A sum in the shape of the number it replaces."""
    return round(value) if isinstance(shape, int) else round(value, 2)
