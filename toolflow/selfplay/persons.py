"""What goes with a name: the address of a person in their own name, the company behind a ticker."""

from toolflow.selfplay import lexicon
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.names import words
from toolflow.selfplay.texts import address_of

_OWN = frozenset("full first last display".split())


def settle_persons(draft: Draft) -> None:
    """Give each e-mail address of an object the name of the person beside it, each ticker its company."""
    for name, value in list(draft.values.items()):
        parts = words(name)
        if parts[-1] == "email" and isinstance(value, str) and "@" in value:
            person = _person_beside(draft, parts[:-1])
            if person is not None:
                draft.put(name, address_of(person, value.rpartition("@")[2]))
        elif parts[-2:] == ["company", "name"] or parts == ["company"]:
            company = next((lexicon.LISTED.get(str(draft.values.get(key))) for key in ("ticker", "symbol")), None)
            if company is not None:
                draft.put(name, company)


def _person_beside(draft: Draft, whose: list[str]) -> str | None:
    """The full name of the person that an address ``whose_email`` belongs to."""
    for name, value in draft.values.items():
        parts = words(name)
        if parts[-1] != "name" or not isinstance(value, str) or len(value.split()) < 2:
            continue
        same = parts[:-1] == whose or (not whose and (set(parts[:-1]) <= _OWN or parts[0] in lexicon.PEOPLE))
        if same and parts[:-1] and parts[0] not in ("user", "company"):
            return value
    return None
