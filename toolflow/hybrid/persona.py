"""Who speaks in a hybrid dialogue, and in what manner: drawn from the record's own seed. Ours."""

from random import Random

PERSONAS = (
    "a student short of money",
    "a retired teacher",
    "a busy parent",
    "a nurse after a night shift",
    "an office manager",
    "a traveller on a phone",
    "a shop owner",
    "an engineer who likes it exact",
    "a newcomer to the city",
    "a musician between two rehearsals",
    "somebody who plans everything early",
    "an impatient salesperson",
    "a cautious first-time user",
    "a journalist on a deadline",
    "a carpenter with little time for typing",
    "a cheerful grandparent",
    "a researcher",
    "a young professional",
    "a farmer",
    "somebody on a train",
)
MANNERS = (
    "briefly, as on a phone",
    "politely and in whole sentences",
    "warmly and a little chatty",
    "matter-of-factly",
    "in a hurry",
    "casually, as to a friend",
    "rather formally",
    "plainly, in short words",
    "in a relaxed way",
    "with care, one thing after the other",
)
SERVICE = (
    "friendly and to the point",
    "warm",
    "concise",
    "professional and calm",
    "cheerful",
    "plain and helpful",
    "courteous",
    "relaxed",
)


def draw_manners(rng: Random) -> dict[str, str]:
    """How user and assistant of one record speak."""
    persona, manner, service = rng.choice(PERSONAS), rng.choice(MANNERS), rng.choice(SERVICE)
    return {"user": f"The user is {persona} and writes {manner}.", "assistant": f"The assistant is {service}."}
