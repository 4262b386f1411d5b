"""The selfplay world makes sense: moments in their order, people with their own addresses, what was named answered."""

import asyncio
from datetime import datetime
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY

from toolflow.cast import Answered, ToolView
from toolflow.schema import Tool
from toolflow.selfplay.draft import Draft
from toolflow.selfplay.settle import settle
from toolflow.selfplay.values import Values
from toolflow.selfplay.wanted import bounds_on
from toolflow.selfplay.world import SelfplayTool

TEXT = {"type": "string"}
MOMENT = {**TEXT, "format": "date-time"}


def settled(values: dict[str, Any], around: dict[str, Any] | None = None) -> dict[str, Any]:
    """What becomes of an object of texts and numbers of which nothing is settled."""
    properties = {name: {"type": "integer" if isinstance(value, int) else "string"} for name, value in values.items()}
    return settle(Draft(dict(values), properties, (), around or {}, Random(1)), close=False)


def thing(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


def made(name: str, description: str, returns: Any, **properties: Any) -> Tool:
    return Tool(name=name, description=description, parameters=thing(**properties), returns=returns)


def answers(*calls: tuple[Tool, dict[str, Any]]) -> list[Any]:
    """The results of these calls, one after another in one world."""
    world, history, results = SelfplayTool(7), [], []
    for tool, arguments in calls:
        result = asyncio.run(world.answer(ToolView(tool, arguments, tuple(history), TODAY)))
        history.append(Answered(tool.name, arguments, result))
        results.append(result)
    return results


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("doors_open_at", "start_time"),
        ("created_at", "updated_at"),
        ("issue_date", "due_date"),
        ("cancel_before", "start_time"),
        ("departure_time", "arrival_time"),
    ],
)
def test_moments_stand_in_the_order_of_their_names(first: str, then: str) -> None:
    """What comes first by its name comes first by its date, whatever was drawn."""
    day = first.endswith("_date")
    late, early = ("2026-05-20", "2026-05-11") if day else ("2026-05-20T18:00:00Z", "2026-05-11T09:00:00Z")
    first = first.replace("issue_", "issued_")
    found = settled({first: late, then: early})
    assert found[first] < found[then]
    assert len(found[first]) == len(late)


def test_doors_open_shortly_before_the_start() -> None:
    """Not the day before."""
    show = settled({"doors_open_at": "2026-05-13T09:00:00Z", "start_time": "2026-05-14T19:00:00Z"})
    waited = datetime.fromisoformat(show["start_time"]) - datetime.fromisoformat(show["doors_open_at"])
    assert 0 < waited.total_seconds() <= 3 * 3600


def test_an_arrival_lies_after_the_departure_asked_for() -> None:
    """The call says when it leaves, the result when it arrives."""
    found = settled({"arrival_time": "2026-05-14T08:00:00Z"}, {"departure_time": "2026-05-14T17:30:00"})
    assert found["arrival_time"] > "2026-05-14T17:30"


@pytest.mark.parametrize(
    ("name", "person", "email"),
    [("full_name", "Lucía Fernández", "email"), ("driver_name", "Dr. Henrik Berg", "driver_email")],
)
def test_an_address_is_in_the_name_of_its_owner(name: str, person: str, email: str) -> None:
    """Whoever stands beside an address owns it."""
    found = settled({name: person, email: "kwame.sharma@example.org"})
    assert found[email] in ("lucia.fernandez@example.org", "henrik.berg@example.org")


def test_a_company_keeps_its_address() -> None:
    """A company is nobody's first and last name."""
    invoice = {"company_name": "Casa Verde Hotel", "email": "kwame.sharma@example.org"}
    assert settled(invoice) == invoice


def test_a_ticker_has_its_company() -> None:
    """Disney is not Microsoft."""
    assert settled({"ticker": "DIS", "company_name": "Microsoft"})["company_name"] == "Walt Disney"


def test_what_a_call_names_one_by_one_is_answered_one_by_one() -> None:
    """Two products compared are those two, in the order asked for."""
    items = {"type": "array", "items": thing(product_id=TEXT, price={"type": "number"})}
    compare = made("compare", "Compare products.", thing(comparison=items), product_ids={"type": "array"})
    (result,) = answers((compare, {"product_ids": ["PRD-11", "PRD-22"]}))
    assert [item["product_id"] for item in result["comparison"]] == ["PRD-11", "PRD-22"]


def test_an_extension_ends_as_much_later() -> None:
    """The new end is the old one and what was added."""
    reserve = made("reserve_space", "Reserve a space.", thing(space_id=TEXT, end_time=MOMENT), end_time=MOMENT)
    extend = made(
        "extend_space",
        "Extend a reservation.",
        thing(space_id=TEXT, extended_until=MOMENT),
        space_id=TEXT,
        extra_minutes={"type": "integer"},
    )
    (first,) = answers((reserve, {"end_time": "2026-05-20T15:30:00"}))
    extended = answers(
        (reserve, {"end_time": "2026-05-20T15:30:00"}), (extend, {"space_id": first["space_id"], "extra_minutes": 90})
    )[1]
    assert extended["extended_until"].startswith("2026-05-20T17:00:00")


def test_versions_of_a_file_differ() -> None:
    """Each has an identifier of its own, and a file keeps its name when one is restored."""
    version = thing(file_version_id={**TEXT, "examples": ["VER-9013", "VER-4478"]})
    returns = thing(file_id={**TEXT, "examples": ["FILE-73015"]}, file_name={**TEXT, "examples": ["Budget", "Lease"]})
    restore = made("restore_version", "Restore a version of a file.", returns, file_version_id=TEXT)
    versions = made(
        "list_versions", "List the versions of a file.", thing(versions={"type": "array", "items": version}),
        file_id=TEXT,
    )  # fmt: skip
    file = answers((restore, {"file_version_id": "VER-6131"}))[0]
    again = answers(
        (restore, {"file_version_id": "VER-6131"}),
        (versions, {"file_id": file["file_id"]}),
        (restore, {"file_version_id": "VER-6131"}),
    )
    ids = [item["file_version_id"] for item in again[1]["versions"]]
    assert len(set(ids)) == len(ids) > 1


def test_identifiers_with_a_pattern_differ_too() -> None:
    """A pattern that allows other digits gets other digits; one that does not keeps its example."""
    values = Values(Random(3), TODAY, spoken=False)
    free = {**TEXT, "examples": ["FL-10001"], "pattern": "^FL-[0-9]{5}$"}
    bound = {**TEXT, "examples": ["FL-10001"], "pattern": "^FL-10001$"}
    assert len({values.draw(free, "flight_id") for _ in range(5)}) > 1
    assert values.draw(bound, "flight_id") == "FL-10001"


def test_a_telephone_number_keeps_its_country() -> None:
    """Only what follows the calling code is another."""
    number = Values(Random(3), TODAY, spoken=False).draw({**TEXT, "examples": ["+351 21 555 0147"]}, "phone_number")
    assert number.startswith("+351 ")
    assert number != "+351 21 555 0147"


def test_a_radius_bounds_the_distance() -> None:
    """Nothing farther is found."""
    assert bounds_on("distance_km", {"radius_km": 20}) == (None, 20)


def test_an_address_settled_names_its_owner() -> None:
    """Where the address is given, the name follows."""
    properties = {"full_name": TEXT, "email": TEXT}
    person = {"full_name": "Hannah Fischer", "email": "mateo.tanaka@example.org"}
    assert settle(Draft(person, properties, {"email"}, {}, Random(1)), close=False)["full_name"] == "Mateo Tanaka"


def test_an_address_finds_one_person() -> None:
    """Nobody shares it."""
    people = thing(people={"type": "array", "items": thing(full_name=TEXT, email=TEXT)})
    (result,) = answers((made("find", "Find people.", people, email=TEXT), {"email": "mei.novak@example.org"}))
    assert [person["full_name"] for person in result["people"]] == ["Mei Novak"]
