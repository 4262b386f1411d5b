"""The selfplay user asks as people do: nothing recited, nothing said twice, nothing that could mean two things."""

import asyncio
from datetime import date
from random import Random
from typing import Any

import pytest
from selfplay_talks import TODAY

from toolflow.cast import UserView
from toolflow.ordinary import segmented
from toolflow.schema import Failure, FromOutput, FromUser, Kind, Plan, PlannedCall, Request, Tool
from toolflow.selfplay.acts import Intent, Reference
from toolflow.selfplay.asking import asked_again, framed
from toolflow.selfplay.phrases import deed, sentence, stopped
from toolflow.selfplay.pointing import reference_words, standing
from toolflow.selfplay.remarks import remarks
from toolflow.selfplay.speech import Speech
from toolflow.selfplay.user import SelfplayUser
from toolflow.selfplay.wording import clause

TEXT = {"type": "string"}
DAY = {"type": "string", "format": "date"}
MANY = {"type": "array", "items": TEXT}
NUMBER = {"type": "integer"}


def tool(description: str, name: str = "do_it", **properties: Any) -> Tool:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return Tool(name=name, description=description, parameters=parameters)


def said(made: Tool, values: dict[str, Any], **more: Any) -> str:
    """The clause and its sentences for one call."""
    told = clause(made, Intent(made.name, values, {}), Speech(Random(1), date(2026, 5, 14), 2), **more)
    return " ".join([told.main, *told.more])


def turns(tools: list[Tool], *requests: Request) -> list[str]:
    """What the user says to a plan, whatever is answered."""
    user = SelfplayUser(Random(4), {made.name: made for made in tools})
    view = UserView(Plan(requests=requests), (), len(requests), (), 0, TODAY)
    spoken = (asyncio.run(user.speak(view)).text for _ in range(sum(len(one.calls) for one in requests)))
    return [text for text in spoken if text]


def call(made: Tool, **arguments: Any) -> PlannedCall:
    sources = {
        name: value if isinstance(value, FromOutput) else FromUser(value=value) for name, value in arguments.items()
    }
    return PlannedCall(tool=made.name, arguments=sources)


def single(*calls: PlannedCall, kind: Kind = Kind.SINGLE) -> Request:
    return Request(kind=kind, goal="x", calls=calls)


@pytest.mark.parametrize(
    ("description", "name", "schema", "value", "expected"),
    [
        ("Compare a few products.", "product_ids", MANY, ["P-1", "P-2"], "compare products P-1 and P-2"),
        ("Compare several hotels.", "hotel_ids", MANY, ["H-1", "H-2"], "compare hotels H-1 and H-2"),
        ("Hold seats for a show.", "seat_ids", MANY, ["S-1"], "hold seat S-1 for a show"),
        ("Find people with certain skills.", "skills", MANY, ["baking"], "find people with the skill baking"),
        ("Get the price of a stock.", "ticker", TEXT, "KO", "get the price of KO"),
        ("Track a parcel on its way.", "tracking_number", TEXT, "PX4", "track parcel PX4 on its way"),
        ("Find places of a certain type.", "place_type", TEXT, "park", "find places of the type park"),
        ("Get a report.", "report_period", {**TEXT, "enum": ["last week"]}, "last week", "get a report for last week"),
        ("Set the volume of a speaker.", "volume", NUMBER, 40, "set the volume of a speaker to 40"),
        ("List films.", "max_runtime_minutes", NUMBER, 90, "list films with a maximum runtime of 90 minutes"),
        ("Get an issue.", "issue_number", NUMBER, 4700, "get issue 4700"),
        ("Find airports serving a city.", "city", TEXT, "Oslo", "find airports serving Oslo"),
        ("Answer an event invitation.", "event_id", TEXT, "EV-1", "answer an event invitation for event EV-1"),
        ("List posts.", "id", TEXT, "7", "list posts for ID 7"),
        ("List posts.", "page", TEXT, "2", "list posts on page 2"),
        ("Hold a table for a few minutes.", "hold_minutes", NUMBER, 25, "hold a table for 25 minutes"),
    ],
)
def test_a_value_takes_the_place_of_its_noun(
    description: str, name: str, schema: dict[str, Any], value: Any, expected: str
) -> None:
    """Of what a list names as well, and of the one thing that a lookup goes by."""
    assert said(tool(description, **{name: schema}), {name: value}) == expected


@pytest.mark.parametrize(
    ("description", "name", "phrase"),
    [
        ("Report an error or retrieve the list of errors", "x", "report an error"),
        ("List the courses in which the user is enrolled", "x", "list the courses"),
        ("Fetch the post Args: post_id: the post", "x", "get the post"),
        ("Upload user picture", "x", "upload a user picture"),
        ("Create Customer Bank Account", "x", "create a customer bank account"),
        ("Get list of coins", "x", "get the list of coins"),
        ("Send money", "x", "send money"),
        ("Moving average convergence", "macd_for_some_service", "get the macd"),
        ("", "latest_top_15_news_and_sports_and_weather_for_api", "get latest top news and sports"),
        ("Check in a passenger", "x", "check in a passenger"),
        ("Put off a reminder", "x", "put off a reminder"),
        ("Returns the price", "x", "get the price"),
        ("Link to API reference.", "delete_file", "delete the file"),
        ("", "postaddnewshape", "add the new shape"),
        ("", "getprofilebyuserid_for_some_service_v10", "get the profile"),
    ],
)
def test_the_deed_of_a_foreign_tool(description: str, name: str, phrase: str) -> None:
    """Half sentences, second deeds, services and names written together are no words of a user."""
    assert deed(tool(description, name)).phrase == phrase


def test_a_credential_is_no_thing() -> None:
    """Nobody lists pets for an API key."""
    made = tool("List my pets.", api_key=TEXT)
    assert said(made, {"api_key": "A-10744"}) == "list my pets My API key is A-10744."


def test_an_amount_in_letters_has_its_currency() -> None:
    """A currency is said, whatever the amount is written as."""
    made = tool("Request money.", amount=TEXT, currency=TEXT)
    assert "EUR" in said(made, {"amount": "18", "currency": "EUR"})


def test_one_verb_of_two() -> None:
    """The door is unlocked where that is the state asked for."""
    doing = deed(tool("Lock or unlock a door"))
    assert doing.phrase == "lock a door"
    assert doing.meant(["unlocked"]).phrase == "unlock a door"
    assert doing.meant(["locked", 3]) is doing


@pytest.mark.parametrize(
    ("run", "pieces"),
    [
        ("postaddnewshape", ("post", "add", "new", "shape")),
        ("getuserbyid", ("get", "user", "by", "id")),
        ("screenshot", ("screen", "shot")),
        ("window", ("window",)),
        ("x" * 80, ("x" * 80,)),
    ],
)
def test_segmented(run: str, pieces: tuple[str, ...]) -> None:
    """A run of letters is taken apart into the commonest words; a word and what is too long stay whole."""
    assert segmented(run) == pieces


def test_what_is_still_to_be_asked_for_is_not_announced() -> None:
    """No "near an address" before the address."""
    made = tool("Find pharmacies near an address.", address=TEXT)
    assert said(made, {}, withheld=("address",)) == "find pharmacies"


def test_said_in_one_breath() -> None:
    """What was just heard is not said again, and days of before are the same days."""
    made = tool("Book a room.", check_in_date=DAY, check_out_date=DAY, city=TEXT)
    values = {"check_in_date": "2026-05-20", "check_out_date": "2026-05-22", "city": "Oslo"}
    assert (
        said(made, values, heard=["city"], again=["check_in_date", "check_out_date"]) == "book a room for the same days"
    )


def test_an_entry_of_a_list_without_a_plural() -> None:
    """The first product, not the product of the first comparison."""
    assert reference_words("product_id", Reference(1, "comparison[0].product_id")) == "the first product"


def test_a_number_points_at_its_thing() -> None:
    """That parcel, not that tracking number; where a phrase has two things, nobody guesses."""
    track = tool("Track a parcel on its way.", tracking_number=TEXT)
    pointed = Intent("do_it", {}, {"tracking_number": Reference(1, "tracking_number")})
    assert clause(track, pointed, Speech(Random(1), TODAY, 2)).main == "track that parcel on its way"
    pickup = tool("Send a courier to get a parcel.", tracking_number=TEXT)
    assert "that tracking number" in clause(pickup, pointed, Speech(Random(1), TODAY, 2)).main


def test_which_of_several() -> None:
    """With two bookings made, "that booking" would be either."""
    assert standing(1, [1]) == ""
    assert standing(1, [1, 4]) == "first"
    assert standing(4, [1, 4]) == "last"
    assert reference_words("booking_id", Reference(1, "booking_id", "first")) == "the first booking"
    assert reference_words("booking_id", Reference(4, "booking_id", "last")) == "that last booking"
    assert reference_words("id", Reference(1, "flights[1].id", "first")).endswith("from the first list")


def test_the_user_tells_two_bookings_apart() -> None:
    """The plan's output of the first call is called the first one, once there is a second."""
    book, cancel = tool("Book a room.", "book", room=TEXT), tool("Cancel a booking.", "cancel", booking_id=TEXT)
    first = FromOutput(call=1, path="booking_id")
    spoken = turns(
        [book, cancel],
        single(call(book, room="a")),
        single(call(book, room="b")),
        single(call(cancel, booking_id=first)),
    )
    assert "cancel the first booking" in spoken[2].lower()


def test_one_thing_looked_at_twice_is_one() -> None:
    """The file that was converted twice is "that file"."""
    convert, share = (
        tool("Convert a file.", "convert", file_id=TEXT, format=TEXT),
        tool("Share a file.", "share", file_id=TEXT),
    )
    twice = (single(call(convert, file_id="F-1", format=format_)) for format_ in ("PDF", "PNG"))
    spoken = turns([convert, share], *twice, single(call(share, file_id=FromOutput(call=1, path="file_id"))))
    assert "that file" in spoken[-1]


def test_asked_again_by_what_is_different() -> None:
    """After Oslo, Rome alone."""
    weather = tool("Get the weather in a city.", "weather", city=TEXT, unit=TEXT)
    oslo, rome = (single(call(weather, city=city, unit="metric")) for city in ("Oslo", "Rome"))
    spoken = turns([weather], oslo, rome)
    assert "metric" in spoken[0]
    assert "in Rome" in spoken[1]
    assert "metric" not in spoken[1]


def test_after_a_failure_everything_is_said() -> None:
    """A request that failed is none to point back at."""
    weather = tool("Get the weather in a city.", "weather", city=TEXT, unit=TEXT)
    failed = call(weather, city="Oslo", unit="metric").model_copy(update={"failure": Failure.TIMEOUT})
    recovered = Request(kind=Kind.RECOVERY, goal="x", calls=(failed, failed))
    assert "metric" in turns([weather], recovered, single(call(weather, city="Rome", unit="metric")))[1]


def test_frames() -> None:
    """A question may name the thing wanted; "for me" is said of nothing that is somebody else's."""
    listing = deed(tool("List my invoices"))
    spoken = {framed(listing, "list my invoices", Random(seed)) for seed in range(80)}
    assert "show me my invoices." in spoken
    assert not any("my invoices for me" in text for text in spoken)
    price = deed(tool("Get the price of a stock"))
    assert "what's the price of KO?" in {framed(price, "get the price of KO", Random(seed)) for seed in range(80)}
    assert asked_again(["in Rome"], price, Random(1)).endswith(("?", "."))


def test_one_stop_is_enough() -> None:
    """A quotation that ends with a stop ends the sentence."""
    assert stopped("It should say “See you in Osaka.”. Thanks.") == "It should say “See you in Osaka.” Thanks."
    assert sentence("say “Hello!”") == "Say “Hello!”"


def test_checking_in_finds_nothing_out() -> None:
    """Nor does checking out."""
    assert not deed(tool("Check in a passenger")).seeks
    assert deed(tool("Check the weather")).seeks


def test_what_is_dictated_is_not_yet_there() -> None:
    """Post a message that says so; "this message" would be one that was there before."""
    made = tool("Post a message in a channel.", message_text=TEXT)
    assert said(made, {"message_text": "Bring cake."}).startswith("post a message in a channel")


def test_what_never_repeats_is_said_so() -> None:
    """ "Make that never" says nothing to anybody."""
    schema = {"type": "string", "enum": ["never", "daily"]}
    for seed in range(8):
        speech = Speech(Random(seed), date(2026, 5, 14), 0)
        (said,) = remarks({"repeat": "never"}, {"repeat": schema}, speech, seeks=False)
        assert said in ("It should never repeat.", "Never repeat it, please.")


@pytest.mark.parametrize(("kind", "glad"), [(Kind.UNAVAILABLE, False), (Kind.SINGLE, True)])
def test_nobody_is_glad_of_what_could_not_be_done(kind: Kind, glad: bool) -> None:
    """Small talk after a refusal thanks for nothing; after a success it may."""
    call = PlannedCall(tool="book", arguments={"city": FromUser(value="Rome")})
    first = (
        Request(kind=kind, goal="book", wish=call)
        if kind is Kind.UNAVAILABLE
        else Request(kind=kind, goal="b", calls=(call,))
    )
    plan = Plan(requests=(first, Request(kind=Kind.CHAT, goal="talk")))
    tool = Tool(name="book", description="Book a room.", parameters={"type": "object", "properties": {"city": TEXT}})
    said = set()
    for seed in range(60):
        user = SelfplayUser(Random(seed), {"book": tool})
        asyncio.run(user.speak(UserView(plan, [tool], 2, [], 0, TODAY)))
        said.add(asyncio.run(user.speak(UserView(plan, [tool], 2, [("user", "Hi")], 0, TODAY))).text)
    assert ("Thanks, that helps a lot." in said) is glad
    assert ("I'm making a coffee, then we can go on." in said) is True


@pytest.mark.parametrize(
    ("said", "seeks"), [("Report a lost parcel", False), ("Report the progress of a project", True)]
)
def test_who_reports_a_loss_looks_nothing_up(said: str, seeks: bool) -> None:
    """It is filed; a report of figures is read."""
    tool = Tool(name="report", description=said, parameters={"type": "object", "properties": {}})
    assert deed(tool).seeks is seeks
