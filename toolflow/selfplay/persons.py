"""What goes with a name: the address of a person in their own name, the company behind a ticker."""

import re

from toolflow.selfplay import lexicon
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import words
from toolflow.selfplay.texts import address_of

_OWN = frozenset("full first last display".split())
_AT_WORK = frozenset("agent landlord instructor recruiter trainer organizer lender".split())
"""Words for persons beside `lexicon.PEOPLE`."""


def settle_persons(draft: Draft) -> None:
    """Give each e-mail address of an object the name of the person beside it, each ticker its company."""
    for name, value in list(draft.values.items()):
        parts = words(name)
        if parts[-1] == "email" and isinstance(value, str) and "@" in value:
            beside = _person_beside(draft, parts[:-1])
            if beside is not None and name in draft.fixed:
                draft.put(beside, _person_of(value, draft.values[beside]))
            elif beside is not None:
                draft.put(name, address_of(draft.values[beside], value.rpartition("@")[2]))
        elif parts[-2:] == ["company", "name"] or parts == ["company"]:
            company = next((lexicon.LISTED.get(str(draft.values.get(key))) for key in ("ticker", "symbol")), None)
            if company is not None:
                draft.put(name, company)


def is_persons_name(name: str) -> bool:
    """Whether a field holds the full name of a person: ``full_name``, ``guest_name``."""
    parts = words(name)
    return parts[-1] == "name" and len(parts) == 2 and (parts[0] == "full" or parts[0] in lexicon.PEOPLE - {"user"})


def _person_beside(draft: Draft, whose: list[str]) -> str | None:
    """The field with the full name of the person that an address ``whose_email`` belongs to."""
    for name, value in draft.values.items():
        parts = words(name)
        if parts[-1] != "name" or not isinstance(value, str) or len(value.split()) < 2:
            continue
        same = parts[:-1] == whose or (not whose and (set(parts[:-1]) <= _OWN or parts[0] in lexicon.PEOPLE | _AT_WORK))
        if same and parts[:-1] and parts[0] not in ("user", "company"):
            return name
    return None


def _person_of(address: str, before: str) -> str:
    """The name that an address is in: ``mateo.tanaka@…`` → Mateo Tanaka; ``before`` where that is one, or none is."""
    local = address.partition("@")[0]
    if address_of(before, "").rstrip("@") == local or not re.fullmatch(r"[a-z]+\.[a-z]+", local):
        return before
    return " ".join(part.capitalize() for part in local.split("."))
