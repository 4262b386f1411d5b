"""Which values fit where: JSON types and formats of two fields (ours; the paper does not look at types).

A type or format that is not known fits everything.
"""

from toolflow.schema import Field

_SAME_FORMAT = {"url": "uri", "uri-reference": "uri", "iri": "uri", "datetime": "date-time", "idn-email": "email"}
_OF_NUMBERS = frozenset({"int32", "int64", "float", "double", "int", "number", "string", "decimal"})
"""Formats that say how a number is stored, not what it means."""


def value_kind(field: Field) -> tuple[str | None, str | None, str | None]:
    """(type, format, type of items): fields equal in these fit the same places."""
    format_ = field.format.lower() if field.format else None
    if format_ in _OF_NUMBERS:
        format_ = None
    return field.type, _SAME_FORMAT.get(format_ or "", format_), field.items


ValueKind = tuple[str | None, str | None, str | None]


def fits(value: ValueKind, parameter: ValueKind) -> bool:
    """Whether such a return value can be given as such a parameter."""
    return (
        _type_fits(value[0], parameter[0])
        and _same_or_unknown(value[1], parameter[1])
        and _type_fits(value[2], parameter[2])
    )


def alike(one: ValueKind, other: ValueKind) -> bool:
    """Whether two parameters can be given the same value."""
    return fits(one, other) or fits(other, one)


def _type_fits(value: str | None, parameter: str | None) -> bool:
    return _same_or_unknown(value, parameter) or (value, parameter) == ("integer", "number")


def _same_or_unknown(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
