"""Amounts of money: as many decimals as the currency has, and of a plausible size for it.

Schemas and lexicons speak in amounts of euros or dollars. A currency of small units scales them; where a
schema's own limits do not allow that, another currency is taken if it may be.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import words
from toolflow.selfplay.ranges import is_number
from toolflow.selfplay.values import NO_CENTS

_AMOUNTS = frozenset(
    "price prices cost costs amount fee fees fare salary budget balance subtotal tax revenue rent payment deposit "
    "refund discount saving copayment spent pay tip premium interest contributions".split()
)
_NO_AMOUNTS = frozenset("percent percentage rate count type id level method score ratio date per_cent yield".split())
_TOTALS = frozenset("total_price total_cost total_amount total grand_total".split())
_USUAL = ("EUR", "USD", "GBP")
"""What a world reckons in where nothing says otherwise."""
_ENDINGS = (0.0, 0.0, 0.5, 0.9, 0.99, 0.95)


def is_amount(name: str) -> bool:
    """Whether a field holds an amount of money."""
    parts = set(words(name))
    return (bool(parts & _AMOUNTS) and not parts & _NO_AMOUNTS) or name in _TOTALS


def settle_money(draft: Draft) -> None:
    """Bring the amounts of an object into the form its currency wants."""
    amounts = [name for name, value in draft.values.items() if is_number(value) and is_amount(name)]
    if not amounts:
        return
    own = next((name for name in draft.values if words(name)[-1] == "currency"), None)
    currency = draft.values.get(own or "", draft.around.get("currency"))
    scale = NO_CENTS.get(currency) if isinstance(currency, str) else None
    if scale is None:
        for name in amounts:
            _price(draft, name)
        return
    scaled = {name: _scaled(draft.values[name], scale) for name in amounts if name not in draft.fixed}
    if not all(draft.put(name, value) for name, value in scaled.items()) and not _exchanged(draft, own):
        for name in scaled:
            draft.put(name, round(draft.values[name]))


def preferred_currency(schema: Mapping[str, Any], seed: int) -> str | None:
    """Of the currencies a field allows, the one that this dialogue's world reckons in."""
    options = schema.get("enum", schema.get("examples", _USUAL if schema.get("type") == "string" else None))
    known = [option for option in options if isinstance(option, str)] if isinstance(options, list | tuple) else []
    ranked = sorted(_USUAL, key=lambda currency: Random(f"{seed}:{currency}").random())
    return next((currency for currency in ranked if currency in known), None)


def _price(draft: Draft, name: str) -> None:
    """Two decimals, and for what is a price the endings that prices have."""
    value = draft.values[name]
    if isinstance(value, int):
        return
    is_price = bool({"price", "fee", "fare", "cost"} & set(words(name))) and 2 < value < 1000
    rounded = int(value) + draft.rng.choice(_ENDINGS) if is_price else round(value, 2)
    if not draft.put(name, round(rounded, 2)):
        draft.put(name, round(value, 2))


def _scaled(value: float, scale: int) -> float:
    """An amount of euros in a currency of small units, rounded as prices there are."""
    step = 10 if scale < 1000 else 100
    return type(value)(round(value * scale / step) * step)


def _exchanged(draft: Draft, own: str | None) -> bool:
    """Take a currency with cents instead, where the field may have one."""
    if own is None or own in draft.fixed:
        return False
    schema = draft.properties.get(own)
    options = schema.get("enum", schema.get("examples")) if isinstance(schema, dict) else None
    others = [option for option in options if option not in NO_CENTS] if isinstance(options, list) else ["EUR"]
    usual = [option for option in _USUAL if option in others]
    return bool(others) and draft.put(own, (usual or others)[0])
