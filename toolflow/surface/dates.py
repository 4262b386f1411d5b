"""Days and times of day in words.

Each kind has two lists: what can be *said* (read back with the same today, it is the same value again)
and what can be *found* (everything a person may have written for it, ambiguous ways included).
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

MONTHS = tuple("January February March April May June July August September October November December".split())
WEEKDAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
YEAR = 365
SAME_YEAR = 180
"""Of a day that is no more days ahead nobody says the year."""

RELATIVE = (
    "today",
    "tonight",
    "tomorrow",
    "day after tomorrow",
    "yesterday",
    "weekend",
    "this week",
    "next week",
)
"""Words for some day or other, for a reader who does not know what day it is."""

_PARTS_OF_DAY = ((0, 12, "in the morning"), (12, 18, "in the afternoon"), (16, 24, "in the evening"),
                 (18, 24, "at night"))  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_DATE_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?(Z|z|[+-]\d{2}:?\d{2})?")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{2}|\d{4}))?")
_SPOKEN_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?([ap])\.?m\.?")
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_SPOKEN_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\.?,? (?P<year>\d{{4}})\b"
    rf"|\b(?P<month2>{_MONTH})\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year2>\d{{4}})\b",
    re.IGNORECASE,
)


def as_date(text: str) -> date | None:
    """The day that an ISO text is, or None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_time(text: str) -> time | None:
    """The time of day that a text such as ``15:00`` or ``15:00:00`` is, or None."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return time.fromisoformat(text.zfill(5) if len(text) == len("9:00") else text)
    except ValueError:
        return None


def as_date_time(text: str) -> tuple[date, time, str] | None:
    """The day, the time and the offset (``""`` when none or UTC) that an ISO text is, or None."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}")
    except ValueError:
        return None
    offset = (match[3] or "Z").upper()
    return moment.date(), moment.time(), "" if offset in ("Z", "+00:00", "+0000", "-00:00") else offset


def as_moment(text: str) -> datetime | None:
    """The moment that an ISO date, date-time or time is (a time on an arbitrary day), or None."""
    if (day := as_date(text)) is not None:
        return datetime.combine(day, time(0))
    if (moment := as_date_time(text)) is not None:
        return datetime.combine(moment[0], moment[1])
    hour = as_time(text)
    return datetime.combine(date(2024, 1, 1), hour) if hour is not None else None


def shifted(text: str, moment: datetime, by: timedelta) -> str | None:
    """The ISO text of a moment so much later, in the style of ``text``; None where that makes no sense."""
    try:
        other = moment + by
    except OverflowError:
        return None
    if _DATE.fullmatch(text):
        return other.date().isoformat() if by.seconds == 0 else None
    if _TIME.fullmatch(text):
        return f"{other:%H:%M:%S}" if other.date() == moment.date() else None
    return other.isoformat()


def as_numeric_dates(text: str) -> list[date]:
    """The days that a text such as ``05/12/2026`` or ``12-10`` may be, whichever comes first in it."""
    match = _NUMERIC_DATE.fullmatch(text)
    if match is None:
        return []
    # a leap year for days without one: 29 February must not be lost
    year = int(match[3]) if match[3] else 2024
    days = []
    for month, day in ((int(match[1]), int(match[2])), (int(match[2]), int(match[1]))):
        try:
            days.append(date(year if year >= 100 else 2000 + year, month, day))
        except ValueError:
            continue
    return days


def as_spoken_time(text: str) -> time | None:
    """The time of day that a text such as ``09:00 AM`` or ``7pm`` is, or None."""
    match = _SPOKEN_TIME.fullmatch(text.strip().lower())
    if match is None or not 1 <= int(match[1]) <= 12 or int(match[2] or 0) > 59:
        return None
    return time(int(match[1]) % 12 + (12 if match[3] == "p" else 0), int(match[2] or 0))


def read_date_in(text: str) -> date | None:
    """The first full date, year included, in a text such as a system message; None without one."""
    for match in _SPOKEN_DATE.finditer(text):
        if match["iso"]:
            day = as_date(match["iso"])
        else:
            month = (match["month"] or match["month2"])[:3].title()
            number = [name[:3] for name in MONTHS].index(month) + 1
            try:
                day = date(int(match["year"] or match["year2"]), number, int(match["day"] or match["day2"]))
            except ValueError:
                day = None
        if day is not None:
            return day
    return None


def ordinal(number: int) -> str:
    """``1st``, ``22nd``, ``13th``."""
    tens = number % 100
    ending = "th" if tens in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def date_said(day: date, today: date | None) -> list[str]:
    """Ways to say a day that mean no other day."""
    month = MONTHS[day.month - 1]
    full = [f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}"]
    if today is None:
        return full
    ahead = (day - today).days
    if not 0 <= ahead < YEAR:
        return full
    said = [f"{day.day} {month}", f"{month} {day.day}", f"the {ordinal(day.day)} of {month}"]
    relative = {0: "today", 1: "tomorrow", 2: "the day after tomorrow"}
    if ahead in relative:
        said.insert(0, relative[ahead])
    elif ahead < len(WEEKDAYS):
        said.insert(0, WEEKDAYS[day.weekday()])
    return said if ahead < SAME_YEAR else said + full


def date_found(day: date, today: date | None) -> list[str]:
    """Everything that may stand for a day: `date_said`, and what takes the talk around it to read."""
    near = today is None or abs((day - today).days) <= YEAR
    found = [*date_said(day, today), *_written(day, near)]
    if today is None:
        of_month = [f"{ordinal(day.day)} of {which} month" for which in ("this", "the", "next")]
        found += [*of_month, *RELATIVE, WEEKDAYS[day.weekday()]]
    else:
        found += _relative(day, today)
    return list(dict.fromkeys(found))


@lru_cache(maxsize=2_048)
def _written(day: date, near: bool) -> tuple[str, ...]:
    """Forms of a day that stand for it whatever day it is; without the year where it is ``near``."""
    month, short = MONTHS[day.month - 1], MONTHS[day.month - 1][:3]
    found = date_said(day, None)
    if near:
        for name in dict.fromkeys((month, short, "Sept" if day.month == 9 else short)):
            for number in (str(day.day), ordinal(day.day)):
                found += [
                    f"{number} {name}",
                    f"{number} of {name}",
                    f"{name} {number}",
                    f"{name} the {number}",
                ]
        found += [f"the {ordinal(day.day)}", f"{day.day:02}/{day.month:02}", f"{day.month:02}/{day.day:02}",
                  f"{day.day}/{day.month}", f"{day.month}/{day.day}"]  # fmt: skip
    for separator in "/.-":
        for year in (f"{day.year}", f"{day.year % 100:02}"):
            found += [
                separator.join((first, second, year))
                for first, second in (
                    (f"{day.day:02}", f"{day.month:02}"),
                    (f"{day.month:02}", f"{day.day:02}"),
                    (f"{day.day}", f"{day.month}"),
                    (f"{day.month}", f"{day.day}"),
                )
            ]
        if separator != "-":
            found.append(f"{day:%Y}{separator}{day:%m}{separator}{day:%d}")
            found.append(f"{day.year}{separator}{day.month}{separator}{day.day}")
    found += [f"{short} {day.day} {day.year}", f"{month} {day.day} {day.year}"]
    return tuple(found)


def _relative(day: date, today: date) -> list[str]:
    ahead = (day - today).days
    weekday = WEEKDAYS[day.weekday()]
    fixed = {
        -1: ["yesterday", "last night"],
        0: ["today", "tonight", "this morning", "this afternoon", "this evening", "now", "right away"],
        1: ["tomorrow"],
        2: ["day after tomorrow"],
    }
    found = list(fixed.get(ahead, []))
    if -7 <= ahead <= 7:
        found.append(weekday)
    if 1 <= ahead <= 13:
        found += [f"next {weekday}", f"{weekday} next week"]
    if 0 < ahead <= 60:
        found += [f"in {ahead} days", f"{ahead} days from"]
        if ahead % 7 == 0:
            weeks = "a week" if ahead == 7 else f"{ahead // 7} weeks"
            found += [f"in {weeks}", f"{weeks} from"]
            found += ["in two weeks", "two weeks from"] if ahead == 14 else []
    if -7 <= ahead <= 14:
        found += ["this week"] if abs(ahead) <= 7 else []
        found += ["next week"] if ahead > 0 else []
    if weekday in ("Saturday", "Sunday") and 0 <= ahead <= 15:
        found += ["weekend"] if ahead <= 8 else ["next weekend"]
    last_month = date.max - today < timedelta(days=31)
    first_of_next = None if last_month else (today.replace(day=28) + timedelta(days=7)).replace(day=1)
    if day == first_of_next:
        found.append("next month")
    for which, first in (("this", today.replace(day=1)), ("next", first_of_next)):
        if day.replace(day=1) == first:
            found.append(f"{ordinal(day.day)} of {which} month")
    return found


def time_said(moment: time) -> list[str]:
    """Ways to say a time of day that mean no other."""
    if moment.second or moment.microsecond:
        return [moment.isoformat(timespec="seconds")]
    half = "am" if moment.hour < 12 else "pm"
    hour = moment.hour % 12 or 12
    plain = f"{moment:%H:%M}"
    if moment.minute:
        return [f"{hour}:{moment:%M} {half}", f"{hour}:{moment:%M}{half}", plain]
    named = {0: ["midnight"], 12: ["noon"]}.get(moment.hour, [f"{hour} {half}", f"{hour}{half}"])
    return [*named, f"{hour}:00 {half}", plain]


def time_found(moment: time) -> list[str]:
    """Everything that may stand for a time of day."""
    hour = moment.hour % 12 or 12
    half = "am" if moment.hour < 12 else "pm"
    dotted = f"{half[0]}.m"
    found = [*time_said(moment), moment.isoformat(timespec="seconds"), f"{moment:%H:%M}", f"{moment:%H.%M}"]
    minutes = f"{moment:%M}"
    found += [f"{hour}:{minutes} {half}", f"{hour}:{minutes}{half}", f"{hour}:{minutes} {dotted}",
              f"{hour}.{minutes} {half}", f"{hour}.{minutes}{half}", f"{hour} {minutes} {half}",
              f"{hour}:{minutes}", f"{moment.hour}:{minutes}", f"{hour}:{minutes}{dotted}"]  # fmt: skip
    phases = [phrase for start, end, phrase in _PARTS_OF_DAY if start <= moment.hour < end]
    names = (str(hour), _HOURS[hour - 1])
    if moment.minute == 0:
        found += ["noon", "midday"] if moment.hour == 12 else []
        found += ["midnight"] if moment.hour == 0 else []
        found += [f"{hour} {half}", f"{hour}{half}", f"{hour} {dotted}", f"{hour}{dotted}", f"{moment.hour}h"]
        found += [f"{name} {phrase}" for name in names for phrase in [*phases, "o'clock", "oclock"]]
        found += [f"{phrase.split()[-1]} {name}" for name in names for phrase in phases]
        found += [f"{word} {name}" for name in names for word in ("at", "by", "around", "from", "until")]
    next_names = (str(hour % 12 + 1), _HOURS[hour % 12])
    for minute, phrase, spoken in (
        (15, "quarter past", names), (15, "quarter after", names), (30, "half past", names),
        (45, "quarter to", next_names), (45, "quarter till", next_names),
    ):  # fmt: skip
        if moment.minute == minute:
            found += [f"{phrase} {name}" for name in spoken]
    return list(dict.fromkeys(found))


_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
