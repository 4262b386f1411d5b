"""A rewording says what the sentence said, or is told exactly what is wrong with it."""

import json
from datetime import date

import pytest

from toolflow.hybrid.fidelity import check_rewording, is_reworded
from toolflow.hybrid.marks import Known, known_in
from toolflow.hybrid.rewriter import EXAMPLES, read_rewrite_prompt
from toolflow.hybrid.said import Said, Speaker
from toolflow.llm.questions import Misfit

TODAY = date(2027, 10, 20)
ARGUMENTS = {"city": "Lisbon", "check_in_date": "2027-10-29", "guests": 2}
ASK = Said(
    "user",
    "Please cancel booking BK-2231, then search for hotels with free rooms in Lisbon, checking in on 29 October for 2.",
    TODAY,
    list(known_in(ARGUMENTS)),
    list(ARGUMENTS.values()),
    ("cancel", "search"),
)
TELL = Said(
    "assistant",
    "I found 2 hotels: Casa Rosa (rated 6.6); and Hotel Sol (rated 7.1). Which one should I book?",
    TODAY,
    list(known_in([{"name": "Casa Rosa", "rating": 6.6}, {"name": "Hotel Sol", "rating": 7.1}])),
)
RECALL = Said("user", "Before we go on, what's the price of the first room?", TODAY)
REFUSAL = Said("assistant", "I wish I could, but I'm not able to find pharmacies near an address.", TODAY)
DONE = Said("assistant", "Good news: I've moved the delivery to 7 January 2028.", TODAY)
CHAT = Said("user", "Great, I'll tell the others later.", TODAY)
HELD = Said("assistant", "I've held seats, and the total comes to 1,206.89 GBP.", TODAY)
WHICH = Said("assistant", "What is the station the train leaves from?", TODAY)
QUOTE = Said("user", "Put it like this: “Please reinstall the app and tell us.”.", TODAY, deeds=("add",))
HELP = Said("assistant", "Does that help?", TODAY)
TWICE = Said(
    "assistant", "There are 2 orders: shipped, 47 EUR; and delivered, 9.95 EUR.", TODAY, [Known("currency", "EUR")]
)
MIND = Said("assistant", "Tell me what you had in mind.", TODAY)
ELSE = Said("assistant", "Anything else?", TODAY)
MINE = Said("user", "List parcels sent or received by me.", TODAY, deeds=("list",))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            ASK,
            "Can you cancel my booking BK-2231? After that, I need free hotels in Lisbon from October 29th, for two.",
        ),
        (ASK, "Cancel BK-2231 please, that booking is off. And search hotels in Lisbon, 29 October on, 2 people."),
        (TELL, "There are two hotels, Casa Rosa with a 6.6 and Hotel Sol with a 7.1; which of them should I book?"),
        (RECALL, "And how much was the first room, what price?"),
        (REFUSAL, "Sorry, finding pharmacies near an address is not something I can do."),
        (ELSE, "Is there anything else I can do?"),
        (DONE, "The delivery has moved, it's on 7 January 2028 now."),
        (MINE, "Which parcels have I sent or received?"),
    ],
)
def test_a_faithful_rewording_passes(said: Said, text: str) -> None:
    """Other words, other forms of values, the same matter."""
    check_rewording(said, text)


@pytest.mark.parametrize(
    ("said", "text", "problem"),
    [
        (ASK, "", "it was empty"),
        (ASK, "Cancel it!", "it is too short"),
        (MINE, "List parcels sent or received by me. " * 4, "it is too long"),
        (MINE, "List parcels, sent or received, by me!", "that is the sentence as it was"),
        (
            ASK,
            "Cancel booking BK-2231, then search for hotels with free rooms from 29 October, 2 of us.",
            "it leaves out Lisbon",
        ),
        (ASK, "Cancel booking BK-2231, then search hotels with rooms in Lisbon from 29 October.", "it leaves out 2"),
        (
            ASK,
            "Cancel booking BK-2231 and search for hotels in Lisbon or Porto from 29 October for 2.",
            "it makes up Porto",
        ),
        (
            ASK,
            "Cancel booking BK-2231 and search for hotels in Lisbon from 29 October for 2 at 80 euros.",
            "it makes up 80",
        ),
        (
            ASK,
            "Cancel booking BK-2231 and search for hotels in Lisbon tomorrow, 29 October, for 2.",
            "it makes up tomorrow",
        ),
        (
            TELL,
            "2 hotels: Hotel Sol (rated 7.1) and Casa Rosa (rated 6.6). Which one should I book?",
            "must come before",
        ),
        (
            ASK,
            "About BK-2231: look for free rooms in Lisbon from 29 October, hotels for 2.",
            'leaves out "please cancel booking"',
        ),
        (
            ASK,
            "Cancel booking BK-2231. Lisbon is where we will be with our children from 29 October, 2 of us.",
            "it leaves out",
        ),
        (
            ASK,
            "Use cancel_booking for BK-2231, then search hotels in Lisbon, free rooms, 29 October, for 2.",
            "a technical name",
        ),
        (
            ASK,
            "Here are hotels with free rooms in Lisbon, 29 October, for 2; I cancelled booking BK-2231.",
            "what the assistant would say",
        ),
        (MINE, "Parcels sent or received by me have been listed.", "what the assistant would say"),
        (MINE, "List your parcels, sent or received by me.", 'the user speaks of "your"'),
        (MINE, "List the parcels that were sent or received.", 'must still say "me"'),
        (MINE, "assistant: parcels sent or received by me, list them", "it holds markup"),
        (MINE, "Parcels qwzx sent or received by me, list them.", "words that are none: qwzx"),
        (MINE, "Liste les colis envoyés ou reçus par moi.", "words that are none"),
        (MINE, "列出 parcels sent or received by me.", "words that are none"),
        (MINE, "Don't list parcels that were sent or received by me.", 'it must not say "not"'),
        (RECALL, "Tell me the price of the first room.", "it must ask 1 question"),
        (RECALL, "What's the price of the second room, before we go on?", "it leaves out first"),
        (TELL, "I found 2 hotels: Casa Rosa (rated 6.6) and Hotel Sol (rated 7.1).", "it must ask 1 question"),
        (TELL, "2 hotels fit: Casa Rosa (rated 6.6), Hotel Sol (rated 7.1). Do you like dogs?", "it must still ask"),
        (DONE, "Your delivery has moved to 7 January 2028. Anything else?", "no question"),
        (DONE, "The delivery was moved to 7 January 2028, and I'll keep an eye on it.", "offers or promises"),
        (MINE, "There are parcels sent or received by me.", "it no longer asks"),
        (HELD, "You have held seats, for 1,206.89 GBP.", "the assistant did it"),
        (HELD, "Seats are held now, for 1,206.89.", "it leaves out GBP"),
        (HELD, "Seats are held now, for 1,206.89 GBP,.", "it breaks off"),
        (WHICH, "The train leaves from the station called that,?", "it breaks off"),
        (WHICH, "The train leaves from the station called that?", "that is no question"),
        (
            QUOTE,
            "Write please reinstall the app as “Please reinstall the app and tell us.”.",
            "outside the quotation marks",
        ),
        (DONE, "You moved the delivery to 7 January 2028.", "the assistant did it"),
        (DONE, "I'm moving the delivery to 7 January 2028 for you.", "offers or promises"),
        (DONE, "Good news, I have moved the delivery to 7 January 2028.", "that is the sentence as it was"),
        (MINE, "I'm listing parcels sent or received by me, please.", "what the assistant would say"),
        (ELSE, "Yes, and is there anything else?", "it agrees to something"),
        (HELP, "Who is there to see?", "it says something else"),
        (MIND, "I'm sorry, it was a question.", "it says something else"),
        (HELP, "That does help, but I'm not sure about it?", 'it must not say "not"'),
        (DONE, "I've moved the delivery to 7 January 2028, you can sit back.", "the assistant did it"),
        (TWICE, "2 orders: shipped, 47 EUR; and delivered, 9.95.", "it leaves out EUR"),
        (MINE, "Sure, could you list the parcels sent or received by me?", "it agrees to something"),
        (CHAT, "Great, please tell the others later.", "it asks for something"),
        (TELL, "Casa Rosa, 2 hotels: Casa Rosa (rated 6.6), Hotel Sol (7.1). Which one should I book?", "more often"),
        (DONE, "Please help me to move the delivery to 7 January 2028.", "what the user would say"),
        (REFUSAL, "I can find pharmacies near an address.", 'it must still say "not"'),
        (
            DONE,
            "The delivery moved to 7 January 2028, with sunny skies, fresh bread, loud music, green grass.",
            "says more",
        ),
    ],
)
def test_an_unfaithful_one_is_told_why(said: Said, text: str, problem: str) -> None:
    """Dropped, made up, exchanged, turned round: each by its own rule."""
    with pytest.raises(Misfit) as misfit:
        check_rewording(said, text)
    assert problem in str(misfit.value)


def test_signs_alone_are_no_rewording() -> None:
    """Nor are capitals, or a courtesy more or less."""
    assert not is_reworded("List parcels, please.", "list parcels please!")
    assert not is_reworded("List parcels, please.", "List parcels.")
    assert is_reworded("List parcels, please.", "Which parcels are there?")
    assert is_reworded("Outgoing.", "The outgoing ones.")


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("speaker", ["user", "assistant"])
def test_the_examples_of_the_prompt_pass(speaker: Speaker, name: str) -> None:
    """What a model is shown as good is good."""
    prompt = read_rewrite_prompt()
    said = json.loads(prompt.render(f"{speaker}_{name}"))
    answer = json.loads(prompt.render(f"{speaker}_{name}_answer"))
    check_rewording(Said(speaker, said, TODAY, deeds=("get",)), answer["say"])


def test_what_an_example_was_about_is_no_part_of_another_sentence() -> None:
    """A small model fills in from what it has seen."""
    with pytest.raises(Misfit, match='it takes "hotel" from an example'):
        check_rewording(DONE, "The delivery for the hotel has moved, it's on 7 January 2028.", {"hotel"})
