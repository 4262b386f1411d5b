"""Numbers in words and with separators."""

from decimal import Decimal

from toolflow.surface.dates import ordinal

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))
MAX_SPELLED = 10**12
MAX_DIGITS = 300
"""A number with more digits is no number a person writes."""
MAX_SAID_IN_WORDS = 10
POWER = 5
"""From this power of ten on, and from its inverse, people write 1e-9."""


def spelled(number: int) -> str:
    """``two hundred and five``; 0 up to 10**12."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        tens, rest = _TENS[number // 10 - 2], number % 10
        return f"{tens}-{_UNITS[rest]}" if rest else tens
    scale, name = next(pair for pair in _SCALES if number >= pair[0])
    head, rest = f"{spelled(number // scale)} {name}", number % scale
    if not rest:
        return head
    return f"{head} and {spelled(rest)}" if rest < 100 else f"{head} {spelled(rest)}"


def as_decimal(value: int | float) -> Decimal | None:
    """The number itself, or None when it is not finite or absurdly long."""
    if isinstance(value, int):
        return Decimal(value) if value.bit_length() <= MAX_DIGITS * 3 else None
    number = Decimal(repr(value))
    return number if number.is_finite() and abs(number.adjusted()) <= MAX_DIGITS else None


def plain(number: Decimal) -> str:
    """Digits without exponent and without idle zeros: ``1200``, ``0.2``."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_said(number: Decimal) -> list[str]:
    """Ways to say a number that mean no other."""
    text = plain(number)
    said = [text]
    if number == number.to_integral_value():
        whole = int(number)
        if 0 <= whole <= MAX_SAID_IN_WORDS:
            said.append(spelled(whole))
        # 12,000 people, but the year 1900 and ticket 48213
        elif whole >= 1000 and whole % 100 == 0 and not 1900 <= whole <= 2100:
            said.append(f"{whole:,}")
    return said


def number_found(number: Decimal) -> list[str]:
    """Everything that may stand for a number."""
    text = plain(number)
    found = [*number_said(number), f"{number:,f}", f"{Decimal(text):,f}"]
    if abs(number.adjusted()) < 12:
        found += [f"{text}.0" if "." not in text else text, f"{number:,.2f}"]
    if number == number.to_integral_value() and 0 <= number < MAX_SPELLED:
        whole = int(number)
        words = spelled(whole)
        found += [words, words.replace("-", " "), words.replace(" and ", " ")]
        if words.startswith("one "):
            found.append("a" + words[3:])
        if 0 < whole <= len(_ORDINALS):
            found.append(_ORDINALS[whole - 1])
        if 0 < whole < 1000:
            found.append(ordinal(whole))
        found += {
            0: ["no", "none", "without"],
            1: ["single", "myself", "just me", "alone"],
            2: ["couple", "both", "twice", "pair"],
            12: ["dozen"],
        }.get(whole, [])
    for scale, names in (
        (10**3, ("k", " thousand")),
        (10**6, ("m", " million")),
        (10**9, ("bn", " billion")),
    ):
        if scale <= abs(number) < scale * 1000:
            found += [plain(number / scale) + name for name in names]
    if number and abs(number.adjusted()) >= POWER:
        power = f"{number.normalize():e}"
        found += [power, power.replace("+", "")]
    percent = plain(number * 100)
    if 0 < abs(number) < 1:
        found += [f"{percent}%", f"{percent} percent", f"{percent} per cent"]
    return list(dict.fromkeys(found))
