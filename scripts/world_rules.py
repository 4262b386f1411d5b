"""Rules of `scripts/bench_world` that read names, units and the talk itself: periods, moments, places, references.

As there: nothing is shared with the simulator, and what a name does not tell is left alone. Each rule yields its
kind with what is wrong, or with None for a place that is right.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

Judged = Iterator[tuple[str, str | None]]
Call = tuple[str, dict[str, Any], Any, int, int]
"""Name, arguments, result, number of the user turn, number of the assistant message."""

PAST = re.compile(
    r"^(?:created|edited|updated|modified|changed|posted|published|sent|submitted|submission|saved|scanned|placed|"
    r"ordered|order|delivered|completed|closed|merged|opened|observed|quoted|commented|hire|listing|change|"
    r"collection|added|rate|transfer|birth|customer_since|last)(?:_|$)"
)
"""Beginnings of names of what has happened."""
LOOKS_BACK = re.compile(r"\b(?:recent|past|history|historical|transactions|spending|reviews)\b")
ONCE_MADE = re.compile(
    r"^(?:created|edited|updated|modified|changed|posted|published|sent|submitted|submission|placed|ordered|order|"
    r"opened)_(?:at|on|time|date)$"
)
MAKES = re.compile(r"^(?:create|add|apply|submit|book|place|post|open|send|order|file|request|reserve|start|make)_")
PERIODS = (("start_date", "end_date", 1), ("check_in_date", "check_out_date", 0), ("pickup_date", "return_date", 0))
"""First and last day, and how many more days than nights lie between."""
COUNTED_WHOLE = re.compile(r"^(?:days_covered|total_days|number_of_days|day_count|days)$")
NIGHTS = re.compile(r"^(?:nights|night_count|number_of_nights)$")
SOME_DAYS = re.compile(r"(?:^|_)(?:days?|nights?)_(?:count|taken|covered)$|^(?:rainy|sunny|dry)_days?")
LOW, HIGH = re.compile(r"^(?:coldest|lowest|low|min|minimum)_(.+)$"), "hottest highest high max maximum".split()
WARMTH_IN_A_WEEK = 30
POSTAL = {
    "Portugal": r"\d{4}-\d{3}", "Japan": r"\d{3}-\d{4}", "France": r"\d{5}", "Germany": r"\d{5}", "Spain": r"\d{5}",
    "Italy": r"\d{5}", "United States": r"\d{5}", "Poland": r"\d{2}-\d{3}", "Netherlands": r"\d{4} ?[A-Z]{2}",
    "United Kingdom": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "Ireland": r"[A-Z]\d[\dW] ?[A-Z\d]{4}", "India": r"\d{6}",
    "Brazil": r"\d{5}-\d{3}", "Canada": r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "Australia": r"\d{4}", "Norway": r"\d{4}",
    "Austria": r"\d{4}", "Denmark": r"\d{4}", "Colombia": r"\d{6}", "Mexico": r"\d{5}", "South Korea": r"\d{5}",
    "Sweden": r"\d{3} ?\d{2}", "Kenya": r"\d{5}", "Morocco": r"\d{5}", "Singapore": r"\d{6}", "Turkey": r"\d{5}",
    "South Africa": r"\d{4}", "Nigeria": r"\d{6}", "Vietnam": r"\d{5,6}", "Greece": r"\d{3} ?\d{2}",
    "Argentina": r"(?:[A-Z])?\d{4}(?:[A-Z]{3})?", "Croatia": r"\d{5}",
}  # fmt: skip
ANY_POSTAL = re.compile(
    r"\b(?:\d{4}-\d{3}|\d{3}-\d{4}|\d{5}-\d{3}|\d{2}-\d{3}|\d{5,6}|\d{4} [A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|"
    r"[A-Z]\d[\dW] [A-Z\d]{4})\b(?! [A-Z][a-z]+ (?:Street|Road|Avenue|Lane))"
)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DEADLINE = re.compile(r"(?:_by|_deadline|_until|^expires_(?:at|on)|^expiry_date)$|^(?:valid|hold)_until$")
ARRIVES = re.compile(
    r"^(?:estimated_delivery_date|estimated_delivery|delivery_date|arrival_date|arrival_time|ready_time)$"
)
NUMBERED = re.compile(r"^(?:week_number|minute|step|step_number|rank|position|episode_number)$")
POINTS = r"\b(?:that|this)(?: (?:(first|second|third|fourth|fifth|last)|[a-z]+))? %s\b"
LISTED = r"\bthe (first|second|third) (?:\w+ )?%s\b(?! list)"
ELSE = r"\b(?:last|each of the first two|\w+est|best-rated) %ss?\b"
"""Other ways to point at something."""
ORDINALS = {"first": 0, "second": 1, "third": 2}


def more(record: dict[str, Any], cities: dict[str, str]) -> Judged:
    """All places of one dialogue that these rules judge."""
    today = said_today(record["messages"])
    made: dict[str, str] = {}
    told: dict[str, dict[str, Any]] = {}
    names: dict[tuple[str, str], Any] = {}
    spots: dict[str, tuple[float, float]] = {}
    descriptions = {tool["function"]["name"]: str(tool["function"].get("description") or "").lower()
                    for tool in record.get("tools") or () if isinstance(tool.get("function"), dict)}  # fmt: skip
    answered = list(calls(record["messages"]))
    lists: dict[tuple[str, ...], Any] = {}
    prices: dict[str, float] = {}
    for name, arguments, result, _, _ in answered:
        if not isinstance(result, dict) or "error" in result:
            continue
        yield from retold(name, arguments, result, lists)
        yield from fares(name, arguments, result, prices)
        back = bool(LOOKS_BACK.search(descriptions.get(name, "")))
        yield from follows(arguments, result, told)
        yield from options(arguments, result)
        yield from daily(arguments, result)
        for thing, level in objects(result):
            yield from periods(thing, arguments if level == 0 else {})
            yield from extremes(thing)
            yield from postal(thing, arguments if level == 0 else {}, cities)
            yield from coming(thing)
            yield from owners(thing)
            yield from rows(thing, arguments)
            yield from previous(thing)
            yield from outnumbered(thing)
            yield from certain(thing)
            yield from spot(thing, spots)
            yield from namesakes(thing, names, list(arguments.values()))
            yield from titles(thing)
            if today:
                yield from past(thing, today, back and level > 0, list(arguments.values()))
                yield from once_made(thing, made, today)
                yield from late(thing, today)
                yield from upcoming(thing, arguments if level == 0 else {}, today)
        if MAKES.search(name):
            own = next((key for key in result if key.endswith("_id")), None)
            new = str(result[own]) if own and own not in arguments else None
            made |= {new: name} if new else {}
    yield from references(record["messages"], answered)


def calls(messages: list[dict[str, Any]]) -> Iterator[Call]:
    """Every answered call."""
    asked: dict[str, tuple[str, dict[str, Any], int, int]] = {}
    turn = 0
    for number, message in enumerate(messages):
        turn += message["role"] == "user"
        for call in message.get("tool_calls") or ():
            try:
                arguments = json.loads(call["function"]["arguments"])
            except ValueError:
                arguments = {}
            asked[call["id"]] = (call["function"]["name"], arguments, turn, number)
        if message["role"] == "tool" and message["tool_call_id"] in asked:
            name, arguments, at, by = asked[message["tool_call_id"]]
            try:
                yield name, arguments if isinstance(arguments, dict) else {}, json.loads(message["content"]), at, by
            except ValueError:
                continue


def objects(value: Any, level: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Every object with how deep it stands."""
    if isinstance(value, dict):
        yield value, level
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(item, level + isinstance(value, dict))


def said_today(messages: list[dict[str, Any]]) -> date | None:
    """The day that the system message gives."""
    for message in messages[:1]:
        found = re.search(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})", str(message.get("content")))
        try:
            return datetime.strptime(" ".join(found.groups()), "%d %B %Y").date() if found else None
        except ValueError:
            return None
    return None


def day_of(value: Any) -> date | None:
    """The day of a date or a date-time."""
    at = moment(value)
    return at.date() if at else None


def moment(value: Any) -> datetime | None:
    """A date or a date-time."""
    try:
        return (
            datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) and len(value) >= 10 else None
        )
    except ValueError:
        return None


def is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def periods(thing: dict[str, Any], arguments: dict[str, Any]) -> Judged:
    """Days and nights against the dates beside them."""
    for early, late, more_days in PERIODS:
        first, last = (day_of(thing.get(key, arguments.get(key))) for key in (early, late))
        if first is None or last is None:
            continue
        if late in thing and not more_days:
            yield "period", f"{early} {first}, {late} {last}" if last <= first else None
        length = (last - first).days + more_days
        for key, value in thing.items():
            if not is_number(value) or length < 1:
                continue
            if COUNTED_WHOLE.search(key) and more_days:
                yield "period", f"{key} {value} from {first} to {last}" if value != length else None
            elif NIGHTS.search(key):
                yield "period", f"{key} {value} from {first} to {last}" if value != length + more_days * -1 else None
            elif SOME_DAYS.search(key):
                yield "period", f"{key} {value} in {length} days" if value > length else None


def late(thing: dict[str, Any], today: date) -> Judged:
    """Days late against the day it was due."""
    due = day_of(thing.get("due_date"))
    for key, value in thing.items():
        if due and is_number(value) and key in ("days_late", "days_overdue"):
            yield "period", f"{key} {value}, due {due}, today {today}" if value != max(0, (today - due).days) else None


def extremes(thing: dict[str, Any]) -> Judged:
    """An average and its extremes."""
    for key, low in thing.items():
        found = LOW.match(key)
        if not found or not is_number(low):
            continue
        what = found[1]
        high = next((thing[f"{word}_{what}"] for word in HIGH if is_number(thing.get(f"{word}_{what}"))), None)
        mean = thing.get(f"average_{what}")
        if high is not None and is_number(mean):
            yield "extreme", f"{what}: {low} to {high}, average {mean}" if not low <= mean <= high else None
        first, last = (
            day_of(thing.get("start_date", thing.get("date"))),
            day_of(thing.get("end_date", thing.get("date"))),
        )
        if high is not None and "celsius" in what and first and last and (last - first).days <= 14:
            yield "extreme", f"{low} to {high} from {first} to {last}" if high - low > WARMTH_IN_A_WEEK else None


def daily(arguments: dict[str, Any], result: dict[str, Any]) -> Judged:
    """A list of days from the one that the call names, and the end of what it holds for minutes."""
    for key, items in result.items():
        rows = items if isinstance(items, list) and re.search("day|forecast", key) else []
        days = [day for row in rows if isinstance(row, dict) and (day := day_of(row.get("date")))]
        start = day_of(arguments.get("start_date"))
        if days and start:
            yield "period", f"{key} from {days[0]}, asked from {start}" if days[0] != start else None


def postal(thing: dict[str, Any], arguments: dict[str, Any], cities: dict[str, str]) -> Judged:
    """A postal code beside its address and its country."""
    code, address = thing.get("postal_code"), str(thing.get("address") or "")
    if not isinstance(code, str):
        return
    stands = ANY_POSTAL.findall(address)
    if stands:
        yield "postal", f"{code} of {address}" if code not in address else None
    country = thing.get("country") or cities.get(str(thing.get("city")))
    form = POSTAL.get(str(country))
    if form:
        yield "postal", None if re.fullmatch(form, code) else f"{code} in {country}"


def past(thing: dict[str, Any], today: date, back: bool, asked: list[Any]) -> Judged:
    """What has happened, or is listed by what looks ``back``; not what was ``asked``."""
    for key, value in thing.items():
        day = day_of(value)
        if day and value not in asked and (PAST.search(key) or (back and key in ("date", "payment_date", "stay_date"))):
            yield "future", f"{key} {value}, today is {today}" if day > today else None


def once_made(thing: dict[str, Any], made: dict[str, str], today: date) -> Judged:
    """What is dated of a thing that was made in this dialogue, and hence today."""
    own = next((str(value) for key, value in thing.items() if key.endswith("_id")), "")
    for key, value in thing.items() if own in made else ():
        day = day_of(value)
        if day and ONCE_MADE.search(key):
            yield "before", f"{own} {key} {value}, though made {today}" if day < today else None


def upcoming(thing: dict[str, Any], arguments: dict[str, Any], today: date) -> Judged:
    """What comes next."""
    for key, value in thing.items():
        at = moment(value)
        if not key.startswith("next_") or at is None or isinstance(value, dict):
            continue
        wrong = at.date() < today
        weekdays = thing.get("weekdays", arguments.get("weekdays"))
        if isinstance(weekdays, list) and set(weekdays) <= set(DAYS):
            wrong |= DAYS[at.weekday()] not in weekdays or at.date() > today + timedelta(days=8)
        clock = thing.get("time_of_day", arguments.get("time_of_day"))
        wrong |= isinstance(clock, str) and len(value) > 10 and value[11:16] != clock[:5]
        yield "next", f"{key} {value}, {weekdays} {clock}" if wrong else None


def coming(thing: dict[str, Any]) -> Judged:
    """Deadlines, boarding and daylight."""
    arrives = [(key, day) for key, value in thing.items() if ARRIVES.search(key) and (day := day_of(value))]
    for key, value in thing.items():
        if DEADLINE.search(key) and (day := day_of(value)):
            for other, then in arrives:
                if key.startswith(("collect", "return", "reply", "inspect", "sign")):
                    yield "deadline", f"{key} {day} before {other} {then}" if day < then else None
    boards, leaves = moment(thing.get("boarding_time")), moment(thing.get("departure_time"))
    leaves_on = day_of(thing.get("departure_date"))
    if boards and leaves:
        minutes = (leaves - boards).total_seconds() / 60
        yield "boarding", None if 10 <= minutes <= 120 else f"{boards} for {leaves}"
    elif boards and leaves_on:
        yield "boarding", None if boards.date() == leaves_on else f"boarding {boards} for {leaves_on}"
    rises, sets, minutes = moment(thing.get("sunrise")), moment(thing.get("sunset")), thing.get("daylight_minutes")
    if rises and sets and is_number(minutes):
        yield (
            "daylight",
            None
            if abs((sets - rises).total_seconds() / 60 - minutes) < 2
            else (f"{minutes} minutes from {rises} to {sets}"),
        )


def owners(thing: dict[str, Any]) -> Judged:
    """A name and an address in somebody else's name beside it."""
    email = thing.get("email")
    named = [
        value
        for key, value in thing.items()
        if re.search(r"^(?:full|agent|guest|driver|instructor|recruiter|owner|doctor|contact)_name$", key)
    ]
    if isinstance(email, str) and len(named) == 1 and isinstance(named[0], str) and len(named[0].split()) > 1:
        local = re.findall(r"[a-z]+", email.partition("@")[0].lower())
        plain = unicodedata.normalize("NFKD", named[0]).encode("ascii", "ignore").decode().lower()
        if len(local) == 2:
            yield "owner", None if set(local) & set(re.findall(r"[a-z]+", plain)) else f"{email} beside {named[0]}"


def titles(thing: dict[str, Any]) -> Judged:
    """Different things of one list under the same title."""
    for key, items in thing.items():
        if isinstance(items, list) and len(items) > 1 and all(isinstance(one, dict) for one in items):
            named = [str(one.get("title", one.get("headline", one.get("subject")))) for one in items]
            if named[0] != "None" and next(iter(items[0])).endswith(("_id", "_number")):
                yield "titles", None if len(set(named)) == len(named) else f"{key}: {named}"


def rows(thing: dict[str, Any], arguments: dict[str, Any]) -> Judged:
    """Listed things: numbered ones in order, at addresses of their own."""
    for key, items in thing.items():
        if not isinstance(items, list) or len(items) < 2 or not all(isinstance(item, dict) for item in items):
            continue
        number = next((name for name in items[0] if NUMBERED.search(name)), None)
        if number and all(is_number(item.get(number)) for item in items):
            values = [item[number] for item in items]
            once = len(set(values)) == len(values) or number == "minute"
            yield "rows", None if values == sorted(values) and once else f"{key}: {number} {values}"
            yield "rows", f"{key}: {number} all {values[0]}" if len(set(values)) == 1 else None
        places = [item["address"] for item in items if isinstance(item.get("address"), str)]
        own = [name for name in items[0] if name.endswith("_id")]
        if len(places) == len(items) and own and own[0] not in ("room_id", "room_offer_id"):
            yield "address", None if len(set(places)) == len(places) else f"{key} at {places}"
        asked = [value for name, value in arguments.items() if name == "address"]
        if asked and places and own:
            yield "address", f"{key} at the very {asked[0]}" if asked[0] in places else None


WHOLES = (
    ("wins", "matches_played"), ("seats_left", "capacity"), ("draws", "matches_played"),
    ("losses", "matches_played"), ("loan_amount", "asking_price"), ("down_payment", "asking_price"),
    ("net_pay", "gross_pay"), ("days_taken", "days_entitled"),
    ("days_remaining", "days_entitled"), ("unread_count", "email_count"), ("completed_task_count", "task_count"),
    ("refund_amount", "total_price"), ("approved_amount", "total_amount"), ("discount", "subtotal"),
)  # fmt: skip
"""Part and whole, by name."""


def outnumbered(thing: dict[str, Any]) -> Judged:
    """Parts against their wholes; of a listed group, against the total beside the list."""
    for part, whole in WHOLES:
        if is_number(thing.get(part)) and is_number(thing.get(whole)):
            yield (
                "outnumbered",
                f"{part} {thing[part]} of {whole} {thing[whole]}" if thing[part] > thing[whole] else None,
            )
    total = thing.get("total_spent", thing.get("total_amount"))
    for key, items in thing.items():
        amounts = (
            [item["amount"] for item in items if isinstance(item, dict) and is_number(item.get("amount"))]
            if (isinstance(items, list))
            else []
        )
        if is_number(total) and amounts:
            yield "outnumbered", None if sum(amounts) <= total + 0.05 else f"{key} {amounts} of {total}"


def certain(thing: dict[str, Any]) -> Judged:
    """A chance of what is decided, the progress of what is done."""
    states = {
        value for key, value in thing.items() if re.search(r"(?:status|stage|state)$", key) and isinstance(value, str)
    }
    share = 100 if states & {"won", "completed", "done", "finished"} else 0 if "lost" in states else None
    for key, value in thing.items() if share is not None else ():
        if is_number(value) and re.search(r"probability|win_chance|progress_percent|percent_complete", key):
            yield "certain", f"{key} {value}, {sorted(states)}" if value != share else None


def previous(thing: dict[str, Any]) -> Judged:
    """What was before a change."""
    for key, value in thing.items():
        now = key.removeprefix("previous_")
        if now != key and now in thing:
            yield "previous", f"{key} and {now} are {value!r}" if thing[now] == value else None


def spot(thing: dict[str, Any], spots: dict[str, tuple[float, float]]) -> Judged:
    """One address, one spot."""
    address, where = thing.get("address"), (thing.get("latitude"), thing.get("longitude"))
    if isinstance(address, str) and all(is_number(one) for one in where):
        before = spots.setdefault(address, where)
        apart = max(abs(before[0] - where[0]), abs(before[1] - where[1]))
        yield "spot", f"{address} at {before} then {where}" if apart > 0.002 else None


def namesakes(thing: dict[str, Any], names: dict[tuple[str, str], Any], asked: list[Any]) -> Judged:
    """A person, an artist, a team … by one name and with two identifiers; there may be one of that name elsewhere."""
    where = thing.get("city", thing.get("address"))
    for key, value in thing.items():
        stem = key.removesuffix("_id")
        name = thing.get(f"{stem}_name")
        if stem != key and isinstance(name, str) and isinstance(value, str) and name not in asked:
            before, there = names.setdefault((stem, name), (value, where))
            if before == value or where is None or there is None or where == there:
                yield "namesake", None if before == value else f"{name} is {key} {before} and {value}"


def retold(name: str, arguments: dict[str, Any], result: dict[str, Any], lists: dict[tuple[str, ...], Any]) -> Judged:
    """What a thing was told to hold, asked for again under the same identifier, though nothing was said to change."""
    named = [(key, value) for key, value in arguments.items() if key.endswith("_id") and isinstance(value, str)]
    if len(named) != 1 or not re.match(r"(?:get|show|check|track|list|view|read|summarize)_", name):
        for key in [key for key in lists if any(value in key for _, value in named)]:
            del lists[key]
        return
    others = {key: value for key, value in arguments.items() if not key.endswith("_id") and not isinstance(value, bool)}
    for key, items in result.items():
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            place = (name, named[0][1], key, json.dumps(others, sort_keys=True))
            before = lists.setdefault(place, items)
            yield "retold", None if before == items else f"{key} of {named[0][1]} was another list before"


def fares(name: str, arguments: dict[str, Any], result: dict[str, Any], prices: dict[str, float]) -> Judged:
    """What is booked for a price it was listed at: the total is so many times that price."""
    total = result.get("total_price")
    for key, value in arguments.items() if is_number(total) and not re.match("get_|list_|search_", name) else ():
        price = prices.get(str(value)) if key.endswith("_id") else None
        if price:
            times = total / price
            right = round(times) >= 1 and abs(times - round(times)) * price < 0.1
            yield "fare", None if right else f"{total} for {value}, listed at {price}"
    for thing, _ in objects(result):
        own = next((str(value) for key, value in thing.items() if key.endswith("_id")), None)
        if own and is_number(thing.get("price")):
            prices[own] = thing["price"]


def follows(arguments: dict[str, Any], result: dict[str, Any], told: dict[str, dict[str, Any]]) -> Judged:
    """``flight_number`` beside a ``flight_id``: as it was told before of the same one."""
    for thing, _ in objects(result):
        for key, value in thing.items():
            if not key.endswith("_id") or not isinstance(value, str):
                continue
            stem = key.removesuffix("id")
            known = told.setdefault(f"{key} {value}", {})
            for name, now in thing.items():
                ours = name.startswith(stem) and not name.endswith("_id") and isinstance(now, str)
                if ours and not re.search(r"status|state|_at$|_time$|_date$|message", name):
                    yield (
                        "follows",
                        None if known.get(name, now) == now else f"{value} {name}: {known[name]!r} then {now!r}",
                    )
                    known[name] = now


def options(arguments: dict[str, Any], result: dict[str, Any]) -> Judged:
    """A yes or no of the call, and what it is about in the result."""
    for given, value in arguments.items():
        only = re.match(r"^(?:only_)?(.+?)(?:_only)?$", given)
        if value is True and only and only[1] != given:
            for thing, level in objects(result):
                held = thing.get(only[1], thing.get(f"is_{only[1]}"))
                if level and isinstance(held, bool):
                    yield "option", None if held else f"{only[1]} is false for {given}"
        shown = re.match(r"^(?:include|show|with)_(.+)$", given)
        if value is False and shown:
            yield "option", f"{shown[1]} though {given} is false" if result.get(shown[1]) else None
        if isinstance(value, str) and isinstance(result, dict):
            for thing, level in objects(result):
                several = thing.get(f"{given}s") if level else None
                if isinstance(several, list) and several and all(isinstance(one, str) for one in several):
                    yield "option", None if value in several else f"{given} {value} not among {several}"


def references(messages: list[dict[str, Any]], answered: list[Call]) -> Judged:
    """Whether "that order", "the first hotel" is what a reader takes it for."""
    texts = [str(message.get("content") or "") for message in messages if message["role"] == "user"]
    for at, (_, arguments, _, turn, message) in enumerate(answered):
        text = texts[turn - 1] if 0 < turn <= len(texts) else ""
        for key, value in arguments.items():
            if not key.endswith("_id") or not isinstance(value, str) or value in text:
                continue
            noun = re.escape(key.removesuffix("_id").replace("_", " "))
            verdicts = [
                pointed(key, value, found[0], answered[:at], turn, message)
                for found in re.finditer(POINTS % noun, text)
                if not found[1]
            ]
            verdicts += [listed(key, value, found, answered[:at]) for found in re.finditer(LISTED % noun, text)]
            if verdicts and "list" not in text and not re.search(ELSE % noun, text):
                yield "reference", None if None in verdicts else verdicts[0]


def pointed(key: str, value: str, said: str, before: list[Call], turn: int, message: int) -> str | None:
    """What is wrong with "that …", or None: it must be the last one spoken of, and no other call beside make one."""
    spoken = []
    for _, arguments, result, _, by in before:
        if key in arguments:
            spoken.append(str(arguments[key]))
        if isinstance(result, dict) and isinstance(result.get(key), str) and by != message:
            spoken.append(result[key])
    if spoken and spoken[-1] != value:
        return f"{said} is {value}, the last one spoken of {spoken[-1]}"
    stem = key.removesuffix("_id")
    for name, arguments, result, _, by in before:
        if by == message and (stem in name or (isinstance(result, dict) and key in result)) and key not in arguments:
            return f"{said} is {value}, though {name} beside it makes or finds one"
    return None


def listed(key: str, value: str, found: re.Match[str], before: list[Call]) -> str | None:
    """What is wrong with "the first …", or None: it must be of the last list, which stands alone."""
    lists = []
    for _, _, result, _, by in before:
        for thing, _ in objects(result):
            for items in thing.values():
                if isinstance(items, list) and items and all(isinstance(one, dict) and key in one for one in items):
                    lists.append((by, [str(one[key]) for one in items]))
    if not lists:
        return None
    beside = [items for by, items in lists if by == lists[-1][0]]
    place = ORDINALS[found[1]]
    if len(beside) > 1 and value in [items[place] for items in beside if len(items) > place]:
        return f"{found[0]} is of one of {len(beside)} lists"
    items = lists[-1][1]
    return None if len(items) > place and items[place] == value else f"{found[0]} is {value}, not of the last list"
